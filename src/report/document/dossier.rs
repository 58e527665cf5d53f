//! What a report says of a credential beyond what it is: exposure, reuse, the sum of its severity, standards.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::of::MAX_REFS;
use crate::credential;
use crate::git::refs::Holder;
use crate::policy::Environment;
use crate::verdict::{Period, Pushed};

/// One part of the sum that a severity is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summand {
    /// Why.
    pub what: Shared,
    /// How many points.
    pub points: f64,
}

/// Since when, how long and to whom a credential has been exposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Exposure {
    /// When it first came, as far as is known.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub first_seen: Option<Timestamp>,
    /// When it was taken out; null while a branch or tag has it.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub last_seen: Option<Timestamp>,
    /// Days in which it was in the tip of something, to the day of the report while it is.
    pub days: Option<u32>,
    /// The periods that make up those days, oldest first; gaps of less than a day are none.
    pub periods: Vec<Period>,
    /// Whether HEAD has it.
    pub in_head: bool,
    /// Branches, tags, stashes and notes that have it now, 50 at most.
    pub refs: Vec<Shared>,
    /// How many such refs there are.
    pub ref_count: usize,
    /// The most public name that keeps it.
    pub held_by: Option<Holder>,
    /// Whether a remote has it; null where no remote is known.
    pub pushed: Option<bool>,
    /// Since when a remote has it, at the latest.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub pushed_since: Option<Timestamp>,
}

/// Where else the same value is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reuse {
    /// The files.
    pub files: Vec<Shared>,
    /// The services, by the folders that repositories keep them in.
    pub services: Vec<Shared>,
    /// The environments, by path and by the name of the variable.
    pub environments: BTreeSet<Environment>,
    /// The names of the variables it is assigned to.
    pub names: BTreeSet<String>,
    /// The repositories, where several were audited.
    pub repositories: BTreeSet<String>,
}

/// A risk, weakness or outcome of a standard, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standard {
    /// Its id, in OWASP NHI Top 10 (2025), CWE or NIST CSF 2.0.
    pub id: Shared,
    /// Its title.
    pub title: Shared,
    /// What of this credential is evidence for it.
    pub why: Shared,
}

impl Summand {
    pub(super) fn of(summand: &credential::Summand) -> Self {
        Summand { what: summand.what.as_str().into(), points: f64::from((summand.points * 10.0).round()) / 10.0 }
    }
}

impl Exposure {
    pub(in crate::report) fn of(exposure: &credential::Exposure) -> Self {
        let (pushed, pushed_since) = match exposure.pushed {
            Pushed::Unknown => (None, None),
            Pushed::Never => (Some(false), None),
            Pushed::Since(since) => (Some(true), since),
        };
        Exposure {
            first_seen: exposure.first_seen,
            last_seen: exposure.last_seen,
            days: exposure.days,
            periods: exposure.periods.clone(),
            in_head: exposure.is_at_head,
            refs: exposure.refs.iter().take(MAX_REFS).map(|name| name.as_str().into()).collect(),
            ref_count: exposure.refs.len(),
            held_by: exposure.holder,
            pushed,
            pushed_since,
        }
    }

    /// Says it in words, a phrase for each thing there is to say.
    pub(in crate::report) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.how_long().into_iter().collect();
        match (self.pushed, self.pushed_since) {
            (Some(true), Some(at)) => words.push(format!("on a remote since {} at the latest", day(&at))),
            (Some(true), None) => words.push("on a remote".into()),
            (Some(false), _) => words.push("on no remote that is known here".into()),
            (None, _) => {}
        }
        words
    }

    /// Says how long it was in files, and when.
    pub(in crate::report) fn how_long(&self) -> Option<String> {
        let (first, days) = self.first_seen.zip(self.days)?;
        let many = match days {
            0 => "less than a day".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        let is_there = self.in_head || self.ref_count > 0;
        let state = if is_there { "still there" } else { "still stored" };
        if let Some(gaps) = self.with_gaps() {
            return Some(match self.last_seen {
                Some(_) => format!("{many} in files, {gaps}; the history still has it"),
                None => format!("{many}, {gaps} and {state}"),
            });
        }
        Some(match self.last_seen {
            // Out of the files is not out of the repository.
            Some(last) if day(&last) == day(&first) => format!("{many} in files, on {}; the history still has it", day(&first)),
            Some(last) => format!("{many} in files, from {} to {}; the history still has it", day(&first), day(&last)),
            None => format!("{many}, since {} and {state}", day(&first)),
        })
    }

    /// Tells the periods where there are several, and of many the first and the last.
    fn with_gaps(&self) -> Option<String> {
        let period = |period: &Period| match &period.until {
            Some(until) if day(until) == day(&period.from) => format!("on {}", day(until)),
            Some(until) => format!("{} to {}", day(&period.from), day(until)),
            None => format!("since {}", day(&period.from)),
        };
        let count = self.periods.len();
        let (last, before) = self.periods.split_last().filter(|(_, before)| !before.is_empty())?;
        if count > MAX_PERIODS {
            return Some(format!("in {count} periods, the first {} and the last {}", period(&before[0]), period(last)));
        }
        let before: Vec<String> = before.iter().map(period).collect();
        Some(format!("in {count} periods, {} and {}", before.join(", "), period(last)))
    }
}

/// Periods that are told one by one.
const MAX_PERIODS: usize = 4;

fn day(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

impl Reuse {
    pub(super) fn of(reuse: &credential::Reuse) -> Self {
        Reuse {
            files: reuse.files.iter().map(|path| path.to_string().into()).collect(),
            services: reuse.services.iter().map(|path| path.to_string().into()).collect(),
            environments: reuse.environments.clone(),
            names: reuse.names.clone(),
            repositories: reuse.repositories.clone(),
        }
    }
}

impl Standard {
    pub(super) fn of(standard: &credential::Standard) -> Self {
        Standard { id: standard.id.into(), title: standard.title.into(), why: standard.why.as_str().into() }
    }
}
