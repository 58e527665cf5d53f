//! What the commits of a range bring, each compared with its own parents.

use std::collections::HashMap;

use bstr::BString;

use crate::chunk::Origin;
use crate::coverage::{Coverage, Why};
use crate::git::changes::{self, Change, SideKind};
use crate::git::revisions::{self, Range, Ranged};
use crate::git::{Error, ObjectId, Repo};

use super::{Revision, staged};

/// What one commit brings.
pub(crate) struct Brought {
    pub(crate) commit: ObjectId,
    /// The raw commit: its message and its people are scanned as well.
    pub(crate) bytes: Vec<u8>,
    pub(crate) revisions: Vec<Revision>,
}

/// Calls `each` for every commit of the range, newest first.
pub(crate) fn each(repo: &Repo, range: &Range, coverage: &mut Coverage, mut each: impl FnMut(Brought, &mut Coverage)) -> Result<(), Error> {
    for commit in revisions::commits(repo, range)? {
        coverage.commits += 1;
        if commit.is_shallow_end {
            coverage.skip(format!("commit {}", commit.id), Why::Shallow);
        }
        let brought = brought(repo, commit, coverage)?;
        each(brought, coverage);
    }
    Ok(())
}

/// A path counts as changed by a merge only where it differs from every parent.
fn brought(repo: &Repo, commit: Ranged, coverage: &mut Coverage) -> Result<Brought, Error> {
    let mut against = Vec::new();
    for parent in &commit.parents {
        against.push(changes_from(repo, Some(parent.tree), commit.tree)?);
    }
    if against.is_empty() {
        against.push(changes_from(repo, None, commit.tree)?);
    }
    let first = against.remove(0);
    let others: Vec<HashMap<BString, Change>> =
        against.into_iter().map(|changes| changes.into_iter().map(|change| (change.path.clone(), change)).collect()).collect();
    let deleted = staged::deleted(&first);
    let mut revisions = Vec::new();
    for change in first {
        let Some(new) = change.new else { continue };
        let elsewhere: Option<Vec<&Change>> = others.iter().map(|changes| changes.get(&change.path)).collect();
        let Some(elsewhere) = elsewhere else { continue };
        match new.kind {
            SideKind::Submodule => coverage.skip(format!("{} in {}", change.path, commit.id), Why::Submodule),
            SideKind::Announced => {}
            SideKind::Blob => {
                if change.old.is_none() && deleted.contains(&new.id) {
                    continue;
                }
                let sides = std::iter::once(&change).chain(elsewhere);
                let replaced = sides.map(|side| side.old.map_or_else(|| deleted.clone(), |old| vec![old.id])).collect();
                let origin = Origin::Committed { path: change.path.clone(), commit: commit.id };
                revisions.push(Revision { origin, id: new.id, replaced });
            }
        }
    }
    Ok(Brought { commit: commit.id, bytes: commit.bytes, revisions })
}

fn changes_from(repo: &Repo, old: Option<ObjectId>, new: ObjectId) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    changes::between_trees(repo, old, Some(new), &mut |change| changes.push(change))?;
    Ok(changes)
}
