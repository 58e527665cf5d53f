//! What a new audit means for the ledger: what is new, what came back, what is gone.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Entry, Ledger, State};
use crate::credential::Credential;
use crate::detector::Severity;
use crate::secret::Fingerprint;
use crate::verdict::Outcome;

/// Something that an audit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which credential.
    pub fingerprint: Fingerprint,
    /// What it is, for people.
    pub title: String,
    /// What happened to it.
    pub moved: Moved,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It was not known.
    New,
    /// It was gone, or accepted until a day that has passed.
    Reopened,
    /// It was revoked, and no branch or tag has it any more.
    Removed,
    /// It was revoked, and no object has it any more.
    Purged,
    /// No object has it any more, but nobody said that it was revoked: whoever had it has it.
    GoneAlive,
}

impl Ledger {
    /// Takes over what an audit found, and returns what that changed.
    ///
    /// `also` is there as well, though it may not be worth an entry. From an audit that did not read everything, nothing is concluded
    /// about what it did not find.
    pub fn sync(&mut self, outcome: &Outcome, also: &BTreeSet<Fingerprint>, today: Date) -> Vec<Change> {
        let mut changes = Vec::new();
        let credentials = outcome.credentials();
        let mut seen: BTreeSet<Fingerprint> = also.clone();
        for credential in &credentials {
            // A pair that was split or joined since is still known by the parts it has.
            let own = credential.fingerprint();
            let parts = credential.places.iter().map(|verdict| verdict.finding.fingerprint);
            let known = parts.clone().find(|part| self.entries.contains_key(part)).unwrap_or(own);
            seen.extend(parts);
            let moved = match self.entries.get_mut(&known) {
                Some(entry) => seen_again(entry, credential, today),
                None => {
                    self.entries.insert(known, new(credential, outcome, today));
                    Some(Moved::New)
                }
            };
            let title = self.entries[&known].title.clone();
            changes.extend(moved.map(|moved| Change { fingerprint: known, title, moved }));
        }
        // What is suppressed is still there.
        seen.extend(outcome.verdicts.iter().map(|verdict| verdict.finding.fingerprint));
        if outcome.coverage.is_complete() {
            for (fingerprint, entry) in self.entries.iter_mut().filter(|(fingerprint, _)| !seen.contains(*fingerprint)) {
                let moved = not_seen(entry, today);
                changes.extend(moved.map(|moved| Change { fingerprint: *fingerprint, title: entry.title.clone(), moved }));
            }
        }
        changes
    }
}

fn new(credential: &Credential<'_>, outcome: &Outcome, today: Date) -> Entry {
    let detector = &credential.lead().finding.detector;
    let owners: Vec<&str> = credential.owners().into_iter().collect();
    Entry {
        title: detector.title.to_string(),
        detector: detector.id.to_string(),
        severity: credential.severity(),
        state: State::Open,
        since: today,
        found: today,
        due: due(credential.severity(), outcome, today),
        revoked: None,
        until: None,
        reopened: 0,
        owner: Some(owners.join(" ")).filter(|owners| !owners.is_empty()),
        ticket: None,
        reason: None,
        evidence: None,
    }
}

fn due(severity: Severity, outcome: &Outcome, today: Date) -> Option<Date> {
    today.checked_add(i64::from(outcome.policy.max_age_days(severity)).days()).ok()
}

fn seen_again(entry: &mut Entry, credential: &Credential<'_>, today: Date) -> Option<Moved> {
    entry.severity = credential.severity();
    let is_there = credential.exposure.is_there();
    match entry.state {
        State::Accepted if entry.is_overdue(today) => reopen(entry, today),
        State::Removed if is_there => reopen(entry, today),
        State::Purged => reopen(entry, today),
        State::Revoked if !is_there => {
            entry.move_to(State::Removed, today);
            Some(Moved::Removed)
        }
        State::Open | State::Acknowledged | State::Rotated | State::Revoked | State::Removed | State::Accepted => None,
    }
}

fn reopen(entry: &mut Entry, today: Date) -> Option<Moved> {
    entry.move_to(State::Open, today);
    entry.reopened += 1;
    // It had its time.
    entry.due = Some(today);
    Some(Moved::Reopened)
}

fn not_seen(entry: &mut Entry, today: Date) -> Option<Moved> {
    match entry.state {
        State::Revoked | State::Removed => {
            entry.move_to(State::Purged, today);
            Some(Moved::Purged)
        }
        State::Open | State::Acknowledged | State::Rotated => Some(Moved::GoneAlive),
        State::Purged | State::Accepted => None,
    }
}
