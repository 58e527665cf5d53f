//! What differs between two trees, or between a tree and the index, without reading what is equal.

use std::cmp::Ordering;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use gix::index::entry::{Flags, Mode, Stage};
use gix::objs::tree::{EntryKind, EntryRef};

use super::repo::{Error, Repo};

/// A path whose content is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: BString,
    pub(crate) old: Option<Side>,
    pub(crate) new: Option<Side>,
}

/// What a path holds on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) id: ObjectId,
    pub(crate) kind: SideKind,
}

/// What kind of thing that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SideKind {
    /// A file, or the target of a symbolic link as text.
    Blob,
    /// A commit of another repository.
    Submodule,
    /// A file that `git add --intent-to-add` only announces.
    Announced,
}

/// So many entries of trees are compared at once: ten times the largest repository that we know of, and a few hundred megabytes. A tree that
/// names one tree ten times, and so on, has no end otherwise.
const MAX_ENTRIES: usize = 4 << 20;

/// Four times what operating systems allow: deeper folders are made to exhaust whoever follows them.
const MAX_PATH_BYTES: usize = 16 << 10;

/// Calls `changed` for each path that differs between two trees; `None` stands for the empty tree.
///
/// It ends early, with what it has, when `is_stopped`.
///
/// # Errors
/// When a tree cannot be read, or there is more to compare than any repository has.
pub(crate) fn between_trees(
    repo: &Repo,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
    is_stopped: &dyn Fn() -> bool,
    changed: &mut dyn FnMut(Change),
) -> Result<(), Error> {
    let mut seen = 0;
    let mut pending = vec![(BString::default(), old, new)];
    while let Some((prefix, old, new)) = pending.pop() {
        if old == new {
            continue;
        }
        if let Some(id) = old.or(new).filter(|_| prefix.len() > MAX_PATH_BYTES) {
            return Err(Error::Object { id, cause: "folders nest without end".into() });
        }
        let (old_bytes, new_bytes) = (read(repo, old)?, read(repo, new)?);
        let (olds, news) = (entries(&old_bytes, old, repo)?, entries(&new_bytes, new, repo)?);
        seen += olds.len() + news.len();
        if is_stopped() {
            return Ok(());
        }
        if let Some(id) = new.or(old).filter(|_| seen > MAX_ENTRIES) {
            return Err(Error::Object { id, cause: format!("more than {MAX_ENTRIES} files and folders to compare").into() });
        }
        let (mut olds, mut news) = (olds.into_iter().peekable(), news.into_iter().peekable());
        loop {
            let order = match (olds.peek(), news.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.filename.cmp(new.filename),
            };
            let old = if order == Ordering::Greater { None } else { olds.next() };
            let new = if order == Ordering::Less { None } else { news.next() };
            compare(BStr::new(&prefix), old, new, &mut pending, changed);
        }
    }
    Ok(())
}

/// Compares two entries of one name; folders are put off.
fn compare(
    prefix: &BStr,
    old: Option<EntryRef<'_>>,
    new: Option<EntryRef<'_>>,
    pending: &mut Vec<(BString, Option<ObjectId>, Option<ObjectId>)>,
    changed: &mut dyn FnMut(Change),
) {
    if old.map(|e| (e.oid, e.mode.kind())) == new.map(|e| (e.oid, e.mode.kind())) {
        return;
    }
    let Some(name) = old.or(new).map(|e| e.filename) else { return };
    let path = join(prefix, name);
    let folder = |e: Option<EntryRef<'_>>| e.filter(|e| e.mode.is_tree()).map(|e| e.oid.to_owned());
    let (old_tree, new_tree) = (folder(old), folder(new));
    if old_tree.is_some() || new_tree.is_some() {
        pending.push((path.clone(), old_tree, new_tree));
    }
    let (old, new) = (old.and_then(side), new.and_then(side));
    if (old.is_some() || new.is_some()) && old != new {
        changed(Change { path, old, new });
    }
}

fn join(prefix: &BStr, name: &BStr) -> BString {
    if prefix.is_empty() {
        return name.to_owned();
    }
    let mut path = prefix.to_owned();
    path.push(b'/');
    path.extend_from_slice(name);
    path
}

fn side(entry: EntryRef<'_>) -> Option<Side> {
    let kind = match entry.mode.kind() {
        EntryKind::Tree => return None,
        EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Link => SideKind::Blob,
        EntryKind::Commit => SideKind::Submodule,
    };
    Some(Side { id: entry.oid.to_owned(), kind })
}

fn read(repo: &Repo, tree: Option<ObjectId>) -> Result<Vec<u8>, Error> {
    tree.map_or(Ok(Vec::new()), |id| repo.tree(id))
}

fn entries<'t>(bytes: &'t [u8], tree: Option<ObjectId>, repo: &Repo) -> Result<Vec<EntryRef<'t>>, Error> {
    let Some(id) = tree else { return Ok(Vec::new()) };
    let hash = repo.inner().object_hash();
    let mut entries = gix::objs::TreeRefIter::from_bytes(bytes, hash)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|cause| Error::Object { id, cause: cause.into() })?;
    // Git sorts a folder as if its name ended in a slash; sorted plainly, names of either kind line up.
    entries.sort_by(|a, b| a.filename.cmp(b.filename));
    Ok(entries)
}

/// What the index of a commit that is about to be made holds, against HEAD.
pub(crate) struct Staged {
    /// The paths that differ.
    pub(crate) changes: Vec<Change>,
    /// Paths with a conflict that is not resolved: git will not commit them as they are.
    pub(crate) unmerged: Vec<BString>,
}

/// Compares the index git is about to commit with the tree of HEAD.
///
/// # Errors
/// When the index or a tree cannot be read.
pub(crate) fn staged(repo: &Repo) -> Result<Staged, Error> {
    let index = open_index(repo)?;
    let head = repo.head_tree()?;
    let mut staged = Staged { changes: Vec::new(), unmerged: Vec::new() };
    let Some(index) = index else {
        between_trees(repo, head, None, &|| false, &mut |change| staged.changes.push(change))?;
        return Ok(staged);
    };
    Comparison { repo, index: &index, staged: &mut staged }.folder(head, BStr::new(b""), 0..index.entries().len(), index.tree())?;
    staged.unmerged.dedup();
    Ok(staged)
}

/// Returns all files of the index and their blobs.
///
/// # Errors
/// When the index cannot be read.
pub(crate) fn indexed(repo: &Repo) -> Result<Vec<(BString, ObjectId)>, Error> {
    let Some(index) = open_index(repo)? else { return Ok(Vec::new()) };
    let is_file =
        |entry: &&gix::index::Entry| entry.mode != Mode::COMMIT && entry.mode != Mode::DIR && !entry.flags.contains(Flags::INTENT_TO_ADD);
    Ok(index.entries().iter().filter(is_file).map(|entry| (entry.path(&index).to_owned(), entry.id)).collect())
}

fn open_index(repo: &Repo) -> Result<Option<gix::index::File>, Error> {
    let path = repo.inner().index_path();
    if !Path::exists(&path) {
        return Ok(None);
    }
    let options = gix::index::decode::Options { thread_limit: Some(1), ..Default::default() };
    gix::index::File::at(&path, repo.inner().object_hash(), true, options)
        .map(Some)
        .map_err(|cause| Error::Index { path, cause: cause.into() })
}

/// Folders of the index are compared by recursion; a thousand levels fit any stack.
const MAX_DEPTH: usize = 1_000;

struct Comparison<'s> {
    repo: &'s Repo,
    index: &'s gix::index::File,
    staged: &'s mut Staged,
}

impl Comparison<'_> {
    /// Compares a folder of the tree with the run of index entries below it.
    fn folder(
        &mut self,
        tree: Option<ObjectId>,
        prefix: &BStr,
        run: std::ops::Range<usize>,
        cache: Option<&gix::index::extension::Tree>,
    ) -> Result<(), Error> {
        if prefix.find_iter("/").count() > MAX_DEPTH {
            return Err(Error::Index { path: self.repo.inner().index_path(), cause: "folders nest too deep".into() });
        }
        let is_known =
            cache.is_some_and(|cache| cache.num_entries.is_some_and(|count| count as usize == run.len()) && Some(cache.id) == tree);
        if is_known {
            return Ok(());
        }
        let bytes = read(self.repo, tree)?;
        let tree_entries = entries(&bytes, tree, self.repo)?;
        let mut at = run.start;
        let mut seen = vec![false; tree_entries.len()];
        while at < run.end {
            let entry = &self.index.entries()[at];
            let path = entry.path(self.index);
            let name = &path[prefix.len()..];
            let slash = name.find_byte(b'/').filter(|&slash| slash + 1 < name.len());
            let part = slash.map_or(name, |slash| &name[..slash]).trim_end_with(|c| c == '/');
            let found = tree_entries.binary_search_by(|e| e.filename.as_bytes().cmp(part)).ok();
            let same_name = found.map(|number| tree_entries[number]);
            if let Some(slash) = slash {
                let below = &path[..prefix.len() + slash + 1];
                let len = self.index.entries()[at..run.end].partition_point(|e| e.path(self.index).starts_with(below));
                let subtree = same_name.filter(|e| e.mode.is_tree()).map(|e| e.oid.to_owned());
                let child = cache.and_then(|cache| cache.children.iter().find(|child| child.name.as_slice() == part));
                self.folder(subtree, BStr::new(below), at..at + len, child)?;
                if let (Some(number), Some(_)) = (found, subtree) {
                    seen[number] = true;
                }
                at += len;
            } else {
                if let Some(number) = found.filter(|&n| !tree_entries[n].mode.is_tree() || entry.mode == Mode::DIR) {
                    seen[number] = true;
                }
                self.entry(entry, path, same_name)?;
                at += 1;
            }
        }
        self.removed(prefix, tree_entries.iter().zip(seen).filter(|(_, is_seen)| !is_seen).map(|(e, _)| *e))
    }

    /// Compares one index entry with the tree's entry of the same name.
    fn entry(&mut self, entry: &gix::index::Entry, path: &BStr, in_tree: Option<EntryRef<'_>>) -> Result<(), Error> {
        if entry.stage() != Stage::Unconflicted {
            self.staged.unmerged.push(path.to_owned());
            if entry.stage() == Stage::Base {
                return Ok(());
            }
        }
        if entry.mode == Mode::DIR {
            let old = in_tree.filter(|e| e.mode.is_tree()).map(|e| e.oid.to_owned());
            let prefix = path.trim_end_with(|c| c == '/').to_owned();
            return between_trees(self.repo, old, Some(entry.id), &|| false, &mut |mut change| {
                change.path = join(BStr::new(&prefix), BStr::new(&change.path));
                self.staged.changes.push(change);
            });
        }
        let kind = if entry.flags.contains(Flags::INTENT_TO_ADD) {
            SideKind::Announced
        } else if entry.mode == Mode::COMMIT {
            SideKind::Submodule
        } else {
            SideKind::Blob
        };
        let new = Side { id: entry.id, kind };
        let old = in_tree.and_then(side);
        if old != Some(new) {
            self.staged.changes.push(Change { path: path.to_owned(), old, new: Some(new) });
        }
        Ok(())
    }

    /// Reports what the tree has and the index has not.
    fn removed<'t>(&mut self, prefix: &BStr, entries: impl Iterator<Item = EntryRef<'t>>) -> Result<(), Error> {
        for entry in entries {
            let path = BString::from([prefix.as_bytes(), entry.filename.as_bytes()].concat());
            match side(entry) {
                Some(old) => self.staged.changes.push(Change { path, old: Some(old), new: None }),
                None => between_trees(self.repo, Some(entry.oid.to_owned()), None, &|| false, &mut |mut change| {
                    change.path = join(BStr::new(&path), BStr::new(&change.path));
                    self.staged.changes.push(change);
                })?,
            }
        }
        Ok(())
    }
}
