//! Since when, how long and to whom a credential has been exposed.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::git::refs::Holder;
use crate::verdict::{Provenance, Pushed, RefState, Verdict};

/// The time in which a credential could be read, and where it still can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// When it first came, as far as is known.
    pub first_seen: Option<Timestamp>,
    /// When it was taken out, where no branch or tag has it any more and that is known.
    pub last_seen: Option<Timestamp>,
    /// Days from the one to the other, or to now.
    pub days: Option<u32>,
    /// Whether HEAD has it.
    pub is_at_head: bool,
    /// Branches, tags, stashes and notes that have it now.
    pub refs: BTreeSet<String>,
    /// What keeps it in the repository, the most public of all.
    pub holder: Option<Holder>,
    /// Whether a remote has it.
    pub pushed: Pushed,
}

impl Exposure {
    pub(super) fn of(places: &[&Verdict], now: Timestamp) -> Self {
        let came = places.iter().filter_map(|verdict| match &verdict.context.provenance {
            Provenance::Known(commit) => Some(commit.date),
            Provenance::Uncommitted | Provenance::Unknown { .. } => None,
        });
        let first_seen = came.min();
        let refs: BTreeSet<String> = places
            .iter()
            .flat_map(|verdict| &verdict.context.refs)
            .filter(|held| held.state == RefState::Present)
            .map(|held| held.name.clone())
            .collect();
        let is_at_head = places.iter().any(|verdict| verdict.context.at_head.is_some());
        let is_there = is_at_head || !refs.is_empty();
        let removals = places.iter().map(|verdict| verdict.context.removed.as_ref().map(|commit| commit.date));
        // One place that nobody is known to have removed it from leaves the end open.
        let last_seen = removals.collect::<Option<Vec<Timestamp>>>().and_then(|dates| dates.into_iter().max()).filter(|_| !is_there);
        let days = first_seen.map(|first| days_between(first, last_seen.unwrap_or(now)));
        let holder = places.iter().filter_map(|verdict| verdict.context.holder).min();
        let pushed = places.iter().map(|verdict| verdict.context.pushed).max().unwrap_or(Pushed::Unknown);
        Exposure { first_seen, last_seen, days, is_at_head, refs, holder, pushed }
    }

    /// Returns whether a branch or tag still has it.
    pub fn is_there(&self) -> bool {
        self.is_at_head || !self.refs.is_empty()
    }
}

/// Returns the whole days between two moments; clocks that run backwards count as none.
pub(super) fn days_between(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(0)
}
