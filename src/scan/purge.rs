//! Looks for bytes in every object: whether a purge left any.

use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::{Error, Scanner};
use crate::coverage::Coverage;
use crate::git::Repo;
use crate::git::pack::{Derived, Object, Store};
use crate::secret::Secret;
use crate::source::history;

/// An object that holds the bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Its name.
    pub id: ObjectId,
    /// `blob`, `commit` or `tag`.
    pub kind: &'static str,
}

struct Search<'s> {
    finder: memchr::memmem::Finder<'s>,
    found: Mutex<Vec<Holding>>,
}

impl history::Look for Search<'_> {
    type Kept = ();

    fn knows_any(&self) -> bool {
        false
    }

    fn knows(&self, _: &oid) -> bool {
        false
    }

    fn look(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        if !object.is_repeat && self.finder.find(object.bytes).is_some() {
            let kind = match object.kind {
                Kind::Blob => "blob",
                Kind::Commit => "commit",
                Kind::Tag => "tag",
                Kind::Tree => "tree",
            };
            self.found.lock().unwrap_or_else(PoisonError::into_inner).push(Holding { id: object.id.to_owned(), kind });
        }
    }
}

impl Scanner {
    /// Returns the blobs, commits and tags, reachable or not, in which a secret stands byte for byte, and what was read.
    ///
    /// # Errors
    /// When the repository's object folders cannot be read.
    pub fn holdings(&self, repo: &Repo, secret: &Secret) -> Result<(Vec<Holding>, Coverage), Error> {
        let store = Store::open(repo)?;
        self.watch.expect(store.bytes());
        let shared = repo.inner().clone().into_sync();
        self.on_threads(|| {
            let repo = &Repo::of(shared.to_thread_local());
            let search = Search { finder: memchr::memmem::Finder::new(secret.expose()), found: Mutex::default() };
            let seen = history::each(&store, repo, &self.watch, &search);
            let mut found = search.found.into_inner().unwrap_or_else(PoisonError::into_inner);
            found.sort();
            let coverage = Coverage {
                commits: seen.commits.len() as u64,
                blobs: seen.blobs,
                bytes: seen.bytes,
                scope: "every object".into(),
                skips: seen.skips,
                ..Coverage::default()
            };
            (found, coverage)
        })
    }
}
