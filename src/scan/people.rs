//! Whom to ask: who owns the file, who last changed the line, and whether who brought it still works here.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice as _};
use gix::{ObjectId, ThreadSafeRepository};
use rayon::prelude::*;

use super::{Scanner, Sighting};
use crate::chunk::Origin;
use crate::enrich::activity::Activity;
use crate::enrich::owners::{self, Owners};
use crate::enrich::person::People;
use crate::enrich::touch::Past;
use crate::git::graph::{CommitNumber, Graph};
use crate::git::trees::Shadows;
use crate::git::{Read, Repo};
use crate::verdict::Provenance;

/// What is known of a repository's past, for those who ask who did what.
pub(super) struct History<'h> {
    pub(super) repo: &'h Repo,
    pub(super) shared: &'h ThreadSafeRepository,
    pub(super) graph: &'h Graph<'h>,
    pub(super) shadows: &'h Shadows,
    /// The blob of each target of the shadows.
    pub(super) blobs: &'h [ObjectId],
    pub(super) head: Option<ObjectId>,
}

/// A line of a file in HEAD: the path, and the line's number from 1.
type Place = (BString, usize);

impl Scanner {
    /// Adds owners, who last changed the line, and whether who brought it is silent.
    pub(super) fn find_people(&self, history: &History<'_>, sightings: &mut [Sighting]) {
        let people = People::of(history.repo);
        let activity = Activity::of(history.graph);
        let owners = code_owners(history.repo, history.head);
        let touches = touches(history, sightings);
        for sighting in sightings {
            let context = &mut sighting.context;
            if let Provenance::Known(commit) = &context.provenance {
                context.silent_since = activity.silent_since(commit, &people, self.config.policy.orphan_after_days, self.options.now);
            }
            let Some(path) = sighting.finding.origin.path() else { continue };
            context.owners = owners.of(path).into_iter().map(|owner| self.scrub(owner)).collect();
            let line = context.at_head.as_ref().filter(|head| head.member.is_none()).map(|head| (BString::from(path), head.start.line));
            let touched = line.and_then(|line| touches.get(&line)).map(|&number| history.graph.id(number).to_owned());
            context.touched = touched.and_then(|id| people.commit(history.repo, id)).map(|commit| self.scrubbed(commit));
        }
    }
}

/// Reads the rules in HEAD, from the first place that has any.
fn code_owners(repo: &Repo, head: Option<ObjectId>) -> Owners {
    let read = |path: &str| {
        let tree = repo.inner().find_tree(repo.tree_of(head?).ok()?).ok()?;
        let entry = tree.lookup_entry_by_path(path).ok()??;
        let Read::Bytes(bytes) = repo.blob(entry.object_id()) else { return None };
        (bytes.len() <= owners::MAX_BYTES).then(|| Owners::parse(&bytes.to_str_lossy(), path.starts_with(".gitlab/")))
    };
    owners::PLACES.iter().find_map(|path| read(path)).unwrap_or_default()
}

/// Finds the commit that last changed each line of HEAD on which something stands.
fn touches(history: &History<'_>, sightings: &[Sighting]) -> BTreeMap<Place, CommitNumber> {
    let Some(head) = history.head.and_then(|head| history.graph.number(&head)) else { return BTreeMap::new() };
    let place = |sighting: &Sighting| match (&sighting.finding.origin, &sighting.context.at_head) {
        // Lines of what is packed are no lines of the file.
        (Origin::Committed { path, .. }, Some(head)) if head.member.is_none() => Some((path.clone(), head.start.line)),
        _ => None,
    };
    let mut places: Vec<Place> = sightings.iter().filter_map(place).collect();
    places.sort_unstable();
    places.dedup();
    if places.is_empty() {
        return BTreeMap::new();
    }
    let past = Past::new(history.graph, history.shadows);
    let find = |repo: &mut Repo, (path, line): &Place| {
        let read = |target: u32| match repo.blob(history.blobs[target as usize]) {
            Read::Bytes(text) => text.into_bytes(),
            Read::Skip(_) => Vec::new(),
        };
        let own = read(past.at(head, path)?);
        let text = line_of(&own, *line)?;
        Some(((path.clone(), *line), past.last_touch(head, path, |target| has_line(&read(target), text))))
    };
    let new = || {
        let mut inner = history.shared.to_thread_local();
        // Versions of one file are deltas of each other.
        inner.object_cache_size(OBJECT_CACHE_BYTES);
        Repo::of(inner)
    };
    places.par_iter().map_init(new, find).flatten().collect()
}

/// What decoded versions of files may take for each thread.
const OBJECT_CACHE_BYTES: usize = 16 << 20;

/// Returns a line; of a key its second, since the first is the same for all keys.
fn line_of(bytes: &[u8], number: usize) -> Option<&[u8]> {
    let mut lines = bytes.split(|&b| b == b'\n').skip(number.checked_sub(1)?);
    let first = lines.next()?;
    if first.contains_str("-----BEGIN ") && first.len() < 80 { lines.next() } else { Some(first) }
}

fn has_line(bytes: &[u8], line: &[u8]) -> bool {
    let is_whole = |at: usize| (at == 0 || bytes[at - 1] == b'\n') && bytes.get(at + line.len()).is_none_or(|&next| next == b'\n');
    memchr::memmem::find_iter(bytes, line).any(is_whole)
}

#[cfg(test)]
mod tests {
    use super::{has_line, line_of};

    #[test]
    fn lines_are_found_whole() {
        let text = b"a\nbc\nd";
        for (line, found) in [(&b"bc"[..], true), (b"b", false), (b"c", false), (b"d", true), (b"a", true)] {
            assert_eq!(has_line(text, line), found);
        }
        assert_eq!((line_of(text, 2), line_of(text, 4), line_of(text, 0)), (Some(&b"bc"[..]), None, None));
    }
}
