//! Every object of a repository: all blobs, commits and tags, reachable or not.

use std::sync::Mutex;

use gix::objs::Kind;
use gix::{ObjectId, oid};

use crate::coverage::{Skip, Why};
use crate::git::graph::Node;
use crate::git::pack::{Derived, Object, Store, Visitor};
use crate::git::Repo;
use crate::watch::Watch;

/// What was seen on the way, besides what `each` made of the bytes.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) commits: Vec<Node>,
    pub(crate) blobs: u64,
    pub(crate) bytes: u64,
    pub(crate) skips: Vec<Skip>,
}

/// Calls `each` once for every blob, commit and tag, on several threads and in no order.
pub(crate) fn each(store: &Store, repo: &Repo, watch: &Watch, each: impl Fn(&oid, Kind, &[u8]) + Sync) -> Seen {
    let reader = Reader { each, seen: Mutex::default() };
    store.walk(repo, &reader, watch);
    let mut seen = reader.seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.skips.extend(store.skips.iter().cloned());
    seen
}

struct Reader<F> {
    each: F,
    seen: Mutex<Seen>,
}

impl<F: Fn(&oid, Kind, &[u8]) + Sync> Reader<F> {
    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl<F: Fn(&oid, Kind, &[u8]) + Sync> Visitor for Reader<F> {
    type Kept = ();

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Tree
    }

    fn visit(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        if object.is_repeat {
            return;
        }
        (self.each)(object.id, object.kind, object.bytes);
        let id = ObjectId::from(object.id);
        match object.kind {
            Kind::Blob => self.note(|seen| {
                seen.blobs += 1;
                seen.bytes += object.bytes.len() as u64;
            }),
            Kind::Commit => match Node::parse(id, object.bytes) {
                Some(node) => self.note(|seen| seen.commits.push(node)),
                None => self.skip(object.id, Why::Corrupt { detail: "it does not parse as a commit".into() }),
            },
            Kind::Tag | Kind::Tree => {}
        }
    }

    fn skip(&self, id: &oid, why: Why) {
        self.note(|seen| seen.skips.push(Skip { what: format!("object {id}"), why }));
    }
}
