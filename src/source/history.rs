//! Every object of a repository: all blobs, commits and tags, reachable or not.

use std::collections::HashMap;
use std::sync::Mutex;

use gix::objs::{Kind, TagRefIter};
use gix::{ObjectId, oid};

use crate::coverage::{Skip, Why};
use crate::git::Repo;
use crate::git::graph::{Commits, RawCommit};
use crate::git::pack::{Derived, Object, Store, Visitor};
use crate::watch::Watch;

/// What was seen on the way, besides what `each` made of the bytes.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) commits: Commits,
    /// Annotated tags and what they point to.
    pub(crate) tags: HashMap<ObjectId, ObjectId>,
    pub(crate) blobs: u64,
    pub(crate) bytes: u64,
    pub(crate) skips: Vec<Skip>,
}

/// Whoever looks at the objects.
pub(crate) trait Look: Sync {
    /// What is kept of an object for those that are deltas of it.
    type Kept: Send + Sync;

    /// Returns whether there are objects that need not be looked at.
    fn knows_any(&self) -> bool {
        false
    }

    /// Returns whether this is one of them.
    fn knows(&self, _: &oid) -> bool {
        false
    }

    /// Looks at an object, and keeps what its deltas may use.
    fn look(&self, object: Object<'_>, derived: Option<Derived<'_, Self::Kept>>) -> Self::Kept;
}

/// Shows every blob, commit and tag once, on several threads and in no order but that bases come first.
pub(crate) fn each<L: Look>(store: &Store, repo: &Repo, watch: &Watch, look: &L) -> Seen {
    let reader = Reader { store, look, seen: Mutex::default() };
    store.walk(repo, &reader, watch);
    let mut seen = reader.seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.skips.extend(store.skips.iter().cloned());
    seen
}

struct Reader<'r, L> {
    store: &'r Store,
    look: &'r L,
    seen: Mutex<Seen>,
}

impl<L: Look> Reader<'_, L> {
    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl<L: Look> Visitor for Reader<'_, L> {
    type Kept = L::Kept;

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Tree
    }

    fn knows_any(&self) -> bool {
        self.look.knows_any()
    }

    fn knows(&self, id: &oid) -> bool {
        self.look.knows(id)
    }

    fn visit(&self, object: Object<'_>, derived: Option<Derived<'_, L::Kept>>) -> L::Kept {
        let kept = self.look.look(object, derived);
        if object.is_repeat {
            return kept;
        }
        match object.kind {
            Kind::Blob => self.note(|seen| {
                seen.blobs += 1;
                seen.bytes += object.bytes.len() as u64;
            }),
            Kind::Commit => match RawCommit::parse(self.store, object.number, object.bytes) {
                Some(commit) => self.note(|seen| seen.commits.push(commit)),
                None => self.skip(object.id, Why::Corrupt { detail: "it does not parse as a commit".into() }),
            },
            Kind::Tag => match TagRefIter::from_bytes(object.bytes, object.id.kind()).target_id() {
                Ok(target) => self.note(|seen| {
                    seen.tags.insert(object.id.to_owned(), target);
                }),
                Err(cause) => self.skip(object.id, Why::Corrupt { detail: cause.to_string() }),
            },
            Kind::Tree => {}
        }
        kept
    }

    fn skip(&self, id: &oid, why: Why) {
        self.note(|seen| seen.skips.push(Skip { what: format!("object {id}"), why }));
    }
}
