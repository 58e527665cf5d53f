//! What a ledger amounts to: how many, how late, how long it takes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::{Ledger, State};
use crate::detector::Severity;

/// The figures of a ledger on a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// How many entries there are in each state.
    pub by_state: BTreeMap<State, usize>,
    /// How many there are that may still open something, by severity.
    pub alive: BTreeMap<Severity, usize>,
    /// Fingerprints of those that should be dead by now.
    pub overdue: Vec<String>,
    /// How many came back at least once.
    pub reopened: usize,
    /// Days from the finding to the revocation, on average, of those that were revoked.
    pub mean_days_to_revoke: Option<f64>,
    /// The same by severity.
    pub mean_days_by_severity: BTreeMap<Severity, f64>,
    /// Days for which the oldest that may still open something is known.
    pub oldest_alive_days: Option<i32>,
}

impl Ledger {
    /// Reckons the figures.
    pub fn figures(&self, today: Date) -> Figures {
        let entries = || self.entries.values();
        let mut by_state = BTreeMap::new();
        let mut alive = BTreeMap::new();
        let mut days: BTreeMap<Severity, Vec<f64>> = BTreeMap::new();
        for entry in entries() {
            *by_state.entry(entry.state).or_default() += 1;
            if entry.state.is_alive() {
                *alive.entry(entry.severity).or_default() += 1;
            }
            if let Some(revoked) = entry.revoked {
                days.entry(entry.severity).or_default().push(f64::from(between(entry.found, revoked)));
            }
        }
        let mean = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
        let all: Vec<f64> = days.values().flatten().copied().collect();
        let overdue = self.entries.iter().filter(|(_, entry)| entry.is_overdue(today)).map(|(fingerprint, _)| fingerprint.to_string());
        Figures {
            by_state,
            alive,
            overdue: overdue.collect(),
            reopened: entries().filter(|entry| entry.reopened > 0).count(),
            mean_days_to_revoke: (!all.is_empty()).then(|| mean(&all)),
            mean_days_by_severity: days.iter().map(|(severity, days)| (*severity, mean(days))).collect(),
            oldest_alive_days: entries().filter(|entry| entry.state.is_alive()).map(|entry| between(entry.found, today)).max(),
        }
    }
}

/// Returns the days between two dates; dates that run backwards count as none.
fn between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days()).max(0)
}
