//! Looks for bytes in every object: whether a purge left any.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use bstr::BString;
use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::audit::gaps;
use super::within::skip;
use super::{Error, Scanner};
use crate::chunk::Wide;
use crate::coverage::{Coverage, Skip, Why};
use crate::detector::base64;
use crate::git::graph::Graph;
use crate::git::pack::{Derived, Object, Store, Visitor};
use crate::git::trees::Shadows;
use crate::git::{Repo, refs};
use crate::secret::Secret;
use crate::source::archive;
use crate::source::history::{self, Look as _};
use crate::watch::Watch;

/// An object that holds the bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Its name.
    pub id: ObjectId,
    /// `blob`, `tree`, `commit` or `tag`.
    pub kind: &'static str,
}

struct Search<'s> {
    /// One for each way to write the bytes down.
    finders: Vec<memchr::memmem::Finder<'s>>,
    found: Mutex<Vec<Holding>>,
    skips: Mutex<Vec<Skip>>,
    watch: &'s Watch,
}

impl Search<'_> {
    fn is_in(&self, bytes: &[u8]) -> bool {
        self.finders.iter().any(|finder| finder.find(bytes).is_some())
    }

    /// Returns whether an archive holds the bytes in a member.
    fn is_packed_in(&self, object: &Object<'_>) -> bool {
        let is_found = Cell::new(false);
        let unread = archive::each(object.bytes, &|| is_found.get() || self.watch.is_stopped(), &mut |member, text| {
            is_found.set(is_found.get() || self.is_in(member) || self.is_in(&text));
        });
        // Where it is found no more need be read.
        if !is_found.get() && !unread.is_empty() {
            let name = BString::from(format!("blob {}", object.id));
            let skips = unread.into_iter().map(|unread| skip(name.as_ref(), unread));
            self.skips.lock().unwrap_or_else(PoisonError::into_inner).extend(skips);
        }
        is_found.get()
    }
}

impl history::Look for Search<'_> {
    type Kept = ();

    fn look(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        if !object.is_repeat && (self.is_in(object.bytes) || (object.kind == Kind::Blob && self.is_packed_in(&object))) {
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

/// Names of files are in trees, which nothing else of a scan looks at as bytes.
struct Trees<'t>(&'t Search<'t>);

impl Visitor for Trees<'_> {
    type Kept = ();

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn visit(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        self.0.look(object, None);
    }

    // The walk that follows references reports what cannot be read.
    fn skip(&self, _: &oid, _: Why) {}
}

impl Scanner {
    /// Returns the blobs, trees, commits and tags, reachable or not, in which a secret stands byte for byte, as UTF-16, in base64 or in an
    /// archive, and what was read.
    ///
    /// # Errors
    /// When the repository's object folders cannot be read.
    pub fn holdings(&self, repo: &Repo, secret: &Secret) -> Result<(Vec<Holding>, Coverage), Error> {
        let store = Store::open(repo)?;
        let tips = refs::tips(repo)?;
        let shallow = repo.shallow_commits()?;
        self.watch.expect(store.bytes());
        let shared = repo.inner().clone().into_sync();
        let forms = forms(secret);
        self.on_threads(|| {
            let repo = &Repo::of(shared.to_thread_local());
            let finders = forms.iter().map(|form| memchr::memmem::Finder::new(form.expose())).collect();
            let search = Search { finders, found: Mutex::default(), skips: Mutex::default(), watch: &self.watch };
            let seen = history::each(&store, repo, &self.watch, &search);
            store.walk(repo, &Trees(&search), &self.watch);
            let graph = Graph::new(&store, seen.commits, seen.tags, &shallow, &tips);
            let (_, missing) = Shadows::read(&store, repo, &[], &self.watch);
            let mut skips = seen.skips;
            skips.extend(missing);
            skips.extend(search.skips.into_inner().unwrap_or_else(PoisonError::into_inner));
            skips.extend(gaps(&graph, &store, &tips));
            self.scrub_skips(&mut skips);
            let mut found = search.found.into_inner().unwrap_or_else(PoisonError::into_inner);
            found.sort();
            let coverage = Coverage {
                commits: graph.len() as u64,
                blobs: seen.blobs,
                bytes: seen.bytes,
                scope: "every object".into(),
                skips,
                ..Coverage::default()
            };
            (found, coverage)
        })
    }
}

/// Returns the ways in which files hold a secret: its bytes, those of the same text in UTF-16, and how it looks in base64.
fn forms(secret: &Secret) -> Vec<Secret> {
    let text = std::str::from_utf8(secret.expose()).ok();
    let wide = text.into_iter().flat_map(|text| [Wide::LittleEndian, Wide::BigEndian].map(|order| Secret::new(&order.encoded(text))));
    let encoded: Vec<String> = base64::forms_of(secret.expose()).collect();
    let encoded = encoded.iter().flat_map(|form| pieces(form.as_bytes())).map(Secret::new);
    std::iter::once(Secret::new(secret.expose())).chain(wide).chain(encoded).collect()
}

/// Returns pieces of a form, of which one at least is whole wherever lines of base64 break, 40 characters or more apart.
///
/// Of a long one they are from its middle: keys of one kind begin alike.
fn pieces(form: &[u8]) -> Vec<&[u8]> {
    let middle = form.len() / 2;
    match form.len() {
        0..LEAST_CHARS => Vec::new(),
        LEAST_CHARS..LONG_CHARS => vec![form],
        LONG_CHARS..THREE_CHARS => vec![&form[..middle], &form[middle..]],
        _ => form[middle - THREE_CHARS / 2..middle + THREE_CHARS / 2].chunks(THREE_CHARS / 3).collect(),
    }
}

/// What is shorter is met anywhere in base64.
const LEAST_CHARS: usize = 6;
/// Half of it, 72 bits, is in no two secrets that a machine made.
const LONG_CHARS: usize = 24;
/// Three pieces of 20 characters.
const THREE_CHARS: usize = 60;
