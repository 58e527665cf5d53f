//! What the commits of a range bring, each compared with its own parents, and what else a push may hold.

use std::collections::HashMap;

use bstr::BString;
use gix::objs::Kind;

use crate::chunk::Origin;
use crate::coverage::{Coverage, Why};
use crate::git::changes::{self, Change, SideKind};
use crate::git::revisions::{self, Range, Ranged};
use crate::git::{Error, ObjectId, Repo};
use crate::watch::Watch;

use super::{Revision, staged};

/// What one commit, or a tag, brings.
pub(crate) struct Brought {
    /// The commit or tag itself; nothing for files that are pushed without one.
    pub(crate) text: Option<Text>,
    pub(crate) revisions: Vec<Revision>,
}

/// A raw commit or tag: its message and its people are scanned as well.
pub(crate) struct Text {
    pub(crate) id: ObjectId,
    pub(crate) origin: Origin,
    pub(crate) bytes: Vec<u8>,
}

/// Calls `each` for every commit of the range, newest first, then for tags and what else is pushed.
pub(crate) fn each(
    repo: &Repo,
    range: &Range,
    watch: &Watch,
    coverage: &mut Coverage,
    mut each: impl FnMut(Brought, &mut Coverage),
) -> Result<(), Error> {
    let contents = revisions::contents(repo, range, watch)?;
    let shallow = repo.shallow_commits()?;
    for id in contents.commits {
        if watch.is_stopped() {
            return Ok(());
        }
        if let Some(whole) = watch.has_budget().then(|| watch.too_late_for(repo.size(id)?)).flatten() {
            coverage.skip(format!("commit {id}"), Why::out_of_time(whole));
            return Ok(());
        }
        let commit = revisions::ranged(repo, id, &shallow)?;
        coverage.commits += 1;
        if commit.is_shallow_end {
            coverage.skip(format!("commit {}", commit.id), Why::Shallow);
        }
        let brought = brought(repo, commit, watch, coverage)?;
        each(brought, coverage);
    }
    for (id, bytes) in contents.tags {
        each(Brought { text: Some(Text { id, origin: Origin::Tag { id }, bytes }), revisions: Vec::new() }, coverage);
    }
    for (id, kind) in contents.loose {
        each(Brought { text: None, revisions: loose(repo, id, kind, watch)? }, coverage);
    }
    Ok(())
}

/// A ref may name a tree or a blob.
fn loose(repo: &Repo, id: ObjectId, kind: Kind, watch: &Watch) -> Result<Vec<Revision>, Error> {
    let whole = |id| Revision { origin: Origin::Blob { id }, id, replaced: Vec::new() };
    if kind == Kind::Blob {
        return Ok(vec![whole(id)]);
    }
    let changes = changes_from(repo, None, id, watch)?;
    let blobs = changes.into_iter().filter_map(|change| change.new).filter(|new| new.kind == SideKind::Blob);
    Ok(blobs.map(|new| whole(new.id)).collect())
}

/// A path counts as changed by a merge only where it differs from every parent.
fn brought(repo: &Repo, commit: Ranged, watch: &Watch, coverage: &mut Coverage) -> Result<Brought, Error> {
    let mut against = Vec::new();
    for parent in &commit.parents {
        against.push(changes_from(repo, Some(parent.tree), commit.tree, watch)?);
    }
    if against.is_empty() {
        against.push(changes_from(repo, None, commit.tree, watch)?);
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
    let id = commit.id;
    Ok(Brought { text: Some(Text { id, origin: Origin::Commit { id }, bytes: commit.bytes }), revisions })
}

fn changes_from(repo: &Repo, old: Option<ObjectId>, new: ObjectId, watch: &Watch) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    changes::between_trees(repo, old, Some(new), &|| watch.is_stopped(), &mut |change| changes.push(change))?;
    Ok(changes)
}
