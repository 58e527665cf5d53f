//! Which objects of a repository hold what may be a secret: the first pass of an audit, before anything is known of paths.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bstr::{BStr, BString};
use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::Scanner;
use crate::chunk::{self, Readable, below};
use crate::coverage::Skip;
use crate::detect::judge::{Form, PathClass};
use crate::detect::{Catalog, Trace};
use crate::finding::Confidence;
use crate::git::Repo;
use crate::git::pack::{Derived, Object, Store};
use crate::source::archive::{self, Unread};
use crate::source::examined::Examined;
use crate::source::history;

/// What is kept of a match until its paths are known: 32 bytes instead of some hundred.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// A hash of the secret, for this run only.
    pub(super) value: u128,
    odds: f32,
    form: Form,
}

/// A blob, commit or tag that holds candidates.
pub(super) struct Suspect {
    pub(super) id: ObjectId,
    pub(super) kind: Kind,
    candidates: Vec<Candidate>,
    /// What members of the archive hold that it is.
    members: Vec<(BString, Vec<Candidate>)>,
}

impl Suspect {
    /// Returns the hashes of all secrets that it may hold.
    pub(super) fn values(&self) -> impl Iterator<Item = u128> {
        let packed = self.members.iter().flat_map(|(_, candidates)| candidates);
        self.candidates.iter().chain(packed).map(|candidate| candidate.value)
    }

    /// Returns the hashes of those that are worth reporting at a path.
    pub(super) fn values_at(&self, catalog: &Catalog, path: &BStr, min: Confidence) -> Vec<u128> {
        let likely = |candidates: &[Candidate], class: PathClass| -> Vec<u128> {
            let is_likely = |c: &&Candidate| c.form.confidence_at(catalog.model(), class, c.odds) >= Some(min);
            candidates.iter().filter(is_likely).map(|candidate| candidate.value).collect()
        };
        let mut values = likely(&self.candidates, PathClass::of(path));
        for (member, candidates) in &self.members {
            let path = below(path, archive::named(member.as_ref(), Some(path)).as_ref());
            values.extend(likely(candidates, PathClass::of(&path)));
        }
        values
    }
}

/// Looks at each object, and only at what is new in it where it is a delta.
struct Search<'s> {
    scanner: &'s Scanner,
    examined: Option<&'s Examined>,
    suspects: Mutex<Vec<Suspect>>,
    unread: Mutex<Vec<(ObjectId, Vec<Unread>)>>,
}

impl Search<'_> {
    /// Returns what may be worth reporting at some path.
    fn candidates(&self, trace: &Trace) -> Vec<Candidate> {
        let (catalog, min) = (&self.scanner.catalog, Some(self.scanner.options.min_confidence));
        let settled = trace.settled(catalog);
        let likely = settled.iter().filter(|sketch| sketch.form.confidence_at_best(catalog.model(), sketch.odds) >= min);
        likely.map(|sketch| Candidate { value: sketch.value, odds: sketch.odds, form: sketch.form }).collect()
    }

    /// Looks into the members of an archive; returns whether all of them could be read.
    fn members(&self, object: &Object<'_>, members: &mut Vec<(BString, Vec<Candidate>)>) -> bool {
        let watch = &self.scanner.watch;
        let unread = archive::each(object.bytes, &|| watch.is_stopped(), &mut |member, text| {
            let trace = self.scanner.catalog.trace(&text);
            let candidates = if trace.is_bland() { Vec::new() } else { self.candidates(&trace) };
            if !candidates.is_empty() {
                members.push((member.to_owned(), candidates));
            }
        });
        let is_whole = unread.is_empty() && !watch.is_stopped();
        if !unread.is_empty() {
            self.unread.lock().unwrap_or_else(PoisonError::into_inner).push((object.id.to_owned(), unread));
        }
        is_whole
    }
}

impl history::Look for Search<'_> {
    type Kept = Trace;

    fn knows_any(&self) -> bool {
        self.examined.is_some_and(|examined| !examined.is_empty())
    }

    fn knows(&self, id: &oid) -> bool {
        self.examined.is_some_and(|examined| examined.knows(id))
    }

    fn look(&self, object: Object<'_>, derived: Option<Derived<'_, Trace>>) -> Trace {
        let catalog = &self.scanner.catalog;
        let in_full = self.scanner.options.in_full;
        // What is known of text in UTF-16 is of other bytes, from which nothing is inherited.
        let trace = match (Readable::decoded(object.bytes), derived.filter(|derived| !in_full && !chunk::is_wide(derived.base))) {
            (Some(text), _) => catalog.trace(&text),
            (None, Some(derived)) => catalog.trace_derived(object.bytes, derived.base, derived.kept, derived.runs, object.is_base),
            (None, None) => catalog.trace(object.bytes),
        };
        if object.is_repeat {
            return trace;
        }
        let mut members = Vec::new();
        let is_blob = object.kind == Kind::Blob;
        let is_whole = !is_blob || self.members(&object, &mut members);
        let candidates = if trace.is_bland() { Vec::new() } else { self.candidates(&trace) };
        if !candidates.is_empty() || !members.is_empty() {
            self.scanner.watch.spot(candidates.len() + members.iter().map(|(_, packed)| packed.len()).sum::<usize>());
            let suspect = Suspect { id: object.id.to_owned(), kind: object.kind, candidates, members };
            self.suspects.lock().unwrap_or_else(PoisonError::into_inner).push(suspect);
        } else if let Some(examined) = self.examined.filter(|_| is_blob && is_whole) {
            examined.note(object.id);
        }
        trace
    }
}

impl Scanner {
    /// Looks at every blob, commit and tag once.
    pub(super) fn suspects(&self, store: &Store, repo: &Repo, examined: Option<&Examined>) -> Looked {
        let search = Search { scanner: self, examined, suspects: Mutex::default(), unread: Mutex::default() };
        let seen = history::each(store, repo, &self.watch, &search);
        let mut suspects = search.suspects.into_inner().unwrap_or_else(PoisonError::into_inner);
        suspects.sort_by_key(|suspect| suspect.id);
        let mut unread = search.unread.into_inner().unwrap_or_else(PoisonError::into_inner);
        unread.sort_by_key(|(id, _)| *id);
        Looked { suspects, seen, unread: Unpacked(unread) }
    }
}

/// What the first pass of an audit made of a repository.
pub(super) struct Looked {
    pub(super) suspects: Vec<Suspect>,
    pub(super) seen: history::Seen,
    pub(super) unread: Unpacked,
}

/// Archives of which not all was read, in the order of their ids.
pub(super) struct Unpacked(Vec<(ObjectId, Vec<Unread>)>);

/// Of so many it is found out where they lie; each is looked for in all trees.
const MAX_LOCATED: usize = 1_000;

impl Unpacked {
    /// Returns the archives whose paths are asked for.
    pub(super) fn ids(&self) -> impl Iterator<Item = ObjectId> {
        self.0.iter().take(MAX_LOCATED).map(|(id, _)| *id)
    }

    /// Says what was not read, under the paths that are known; `paths` are in the order of the ids.
    pub(super) fn skips(self, paths: &BTreeMap<usize, &BString>) -> Vec<Skip> {
        let told = self.0.into_iter().enumerate().map(|(number, (id, unread))| {
            let name = match paths.get(&number) {
                Some(path) => BString::from(format!("{path} (blob {})", id.to_hex_with_len(10))),
                None => BString::from(format!("blob {id}")),
            };
            unread.into_iter().map(move |unread| super::within::skip(name.as_ref(), unread)).collect::<Vec<_>>()
        });
        told.flatten().collect()
    }
}
