//! Since when, how long and to whom a credential has been exposed.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::git::refs::Holder;
use crate::verdict::{Period, Pushed, RefState, Verdict};

/// The time in which a credential could be read, and where it still can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// When it first came, as far as is known.
    pub first_seen: Option<Timestamp>,
    /// When it was taken out, where no branch or tag has it any more and that is known.
    pub last_seen: Option<Timestamp>,
    /// Days in which it was in the tip of something, until now where it still is.
    pub days: Option<u32>,
    /// The periods that make up those days, oldest first.
    pub periods: Vec<Period>,
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
        let first_seen = places.iter().filter_map(|verdict| verdict.brought_at()).min();
        let refs: BTreeSet<String> = places
            .iter()
            .flat_map(|verdict| &verdict.context.refs)
            .filter(|held| held.state == RefState::Present)
            .map(|held| held.name.clone())
            .collect();
        let is_at_head = places.iter().any(|verdict| verdict.context.at_head.is_some());
        let is_there = is_at_head || !refs.is_empty();
        let periods = periods(places, first_seen);
        let last_seen = periods.last().and_then(|last| last.until).filter(|_| !is_there);
        let days = first_seen.map(|_| Period::days(&periods, now));
        let holder = places.iter().filter_map(|verdict| verdict.context.holder).min();
        let pushed = places.iter().map(|verdict| verdict.context.pushed).max().unwrap_or(Pushed::Unknown);
        Exposure { first_seen, last_seen, days, periods, is_at_head, refs, holder, pushed }
    }

    /// Returns whether a branch or tag still has it.
    pub fn is_there(&self) -> bool {
        self.is_at_head || !self.refs.is_empty()
    }
}

/// Returns when any of the places, of whichever part of it, was in the tip of something.
fn periods(places: &[&Verdict], first_seen: Option<Timestamp>) -> Vec<Period> {
    let Some(first) = first_seen else { return Vec::new() };
    let of_place = |verdict: &&Verdict| match verdict.periods() {
        // One place of which nothing is known leaves the end open.
        known if known.is_empty() => vec![Period { from: first, until: None }],
        known => known,
    };
    let since = |period: Period| Period { from: period.from.max(first), ..period };
    Period::united(places.iter().flat_map(of_place).map(since).collect())
}

/// Returns the whole days between two moments; clocks that run backwards count as none.
pub(super) fn days_between(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(0)
}
