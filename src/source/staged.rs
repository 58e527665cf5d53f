//! What `git commit` is about to commit: the index git uses, never files on disk.

use std::collections::HashSet;

use crate::chunk::Origin;
use crate::coverage::{Coverage, Why};
use crate::git::changes::{self, Change, SideKind};
use crate::git::{Error, ObjectId, Repo};

use super::Revision;

/// Lists what is staged: content that is new at its path.
pub(crate) fn revisions(repo: &Repo, coverage: &mut Coverage) -> Result<Vec<Revision>, Error> {
    let staged = changes::staged(repo)?;
    let deleted = deleted(&staged.changes);
    let deleted_ids: HashSet<ObjectId> = deleted.iter().copied().collect();
    let mut revisions = Vec::new();
    for change in staged.changes {
        let Some(new) = change.new else { continue };
        match new.kind {
            SideKind::Submodule => coverage.skip(change.path.to_string(), Why::Submodule),
            SideKind::Announced => coverage.skip(change.path.to_string(), Why::IntentToAdd),
            SideKind::Blob => {
                let old = change.old.filter(|old| old.kind == SideKind::Blob).map(|old| old.id);
                if old == Some(new.id) || (old.is_none() && deleted_ids.contains(&new.id)) {
                    continue;
                }
                let replaced = vec![old.map_or_else(|| deleted.clone(), |old| vec![old])];
                revisions.push(Revision { origin: Origin::Staged { path: change.path }, id: new.id, replaced });
            }
        }
    }
    Ok(revisions)
}

/// Returns the blobs whose path goes away.
pub(super) fn deleted(changes: &[Change]) -> Vec<ObjectId> {
    let gone = changes.iter().filter(|change| change.new.is_none());
    gone.filter_map(|change| change.old).filter(|old| old.kind == SideKind::Blob).map(|old| old.id).collect()
}
