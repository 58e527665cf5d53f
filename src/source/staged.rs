//! What `git commit` is about to commit: the index git uses, never files on disk.

use std::collections::{HashMap, HashSet};

use bstr::BString;

use crate::chunk::Origin;
use crate::coverage::{Coverage, Why};
use crate::git::changes::{self, Change, SideKind};
use crate::git::{Error, ObjectId, Repo, revisions, walk};

use super::Revision;

/// Lists what is staged: content that is new at its path.
pub(crate) fn revisions(repo: &Repo, coverage: &mut Coverage) -> Result<Vec<Revision>, Error> {
    let staged = changes::staged(repo)?;
    let deleted = deleted(&staged.changes);
    let deleted_ids: HashSet<ObjectId> = deleted.iter().copied().collect();
    let unmerged: HashSet<&BString> = staged.unmerged.iter().collect();
    let joined = joined(repo)?;
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
                let mut replaced = vec![old.map_or_else(|| deleted.clone(), |old| vec![old])];
                if !unmerged.contains(&change.path) {
                    replaced.extend(joined.iter().filter_map(|side| side.at(&change.path, old)).map(|id| vec![id]));
                }
                revisions.push(Revision { origin: Origin::Staged { path: change.path }, id: new.id, replaced });
            }
        }
    }
    Ok(revisions)
}

/// A commit that is merged into HEAD and that a remote has already.
struct Joined {
    /// What it has of paths that differ from HEAD.
    differing: HashMap<BString, Option<ObjectId>>,
}

impl Joined {
    fn at(&self, path: &BString, at_head: Option<ObjectId>) -> Option<ObjectId> {
        self.differing.get(path).copied().unwrap_or(at_head)
    }
}

/// Returns what a merge in progress joins to HEAD, as far as a remote has it.
///
/// What others have pushed is no news, and whoever merges it could do nothing about it. What only a branch of this very
/// repository has is news.
fn joined(repo: &Repo) -> Result<Vec<Joined>, Error> {
    let heads = repo.merge_heads();
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let on_remotes = revisions::on_remotes(repo)?;
    if on_remotes.is_empty() {
        return Ok(Vec::new());
    }
    let head = repo.head_tree()?;
    let mut joined = Vec::new();
    for commit in walk::fresh(repo, &heads, &on_remotes, &|| false)?.boundary {
        let mut differing = HashMap::new();
        changes::between_trees(repo, head, Some(repo.tree_of(commit)?), &|| false, &mut |change| {
            let id = change.new.filter(|new| new.kind == SideKind::Blob).map(|new| new.id);
            differing.insert(change.path, id);
        })?;
        joined.push(Joined { differing });
    }
    Ok(joined)
}

/// Returns the blobs whose path goes away.
pub(super) fn deleted(changes: &[Change]) -> Vec<ObjectId> {
    let gone = changes.iter().filter(|change| change.new.is_none());
    gone.filter_map(|change| change.old).filter(|old| old.kind == SideKind::Blob).map(|old| old.id).collect()
}
