//! What a report says of a credential beyond what it is: exposure, reuse, the sum of its severity, standards.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::of::MAX_REFS;
use crate::credential;
use crate::git::refs::Holder;
use crate::policy::Environment;
use crate::verdict::Pushed;

/// One part of the sum that a severity is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summand {
    /// Why.
    pub what: String,
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
    /// Days from the one to the other, or to the day of the report.
    pub days: Option<u32>,
    /// Whether HEAD has it.
    pub in_head: bool,
    /// Branches, tags, stashes and notes that have it now, 50 at most.
    pub refs: Vec<String>,
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
    pub files: Vec<String>,
    /// The services, by the folders that repositories keep them in.
    pub services: Vec<String>,
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
    pub id: String,
    /// Its title.
    pub title: String,
    /// What of this credential is evidence for it.
    pub why: String,
}

impl Summand {
    pub(super) fn of(summand: &credential::Summand) -> Self {
        Summand { what: summand.what.clone(), points: f64::from((summand.points * 10.0).round()) / 10.0 }
    }
}

impl Exposure {
    pub(super) fn of(exposure: &credential::Exposure) -> Self {
        let (pushed, pushed_since) = match exposure.pushed {
            Pushed::Unknown => (None, None),
            Pushed::Never => (Some(false), None),
            Pushed::Since(since) => (Some(true), since),
        };
        Exposure {
            first_seen: exposure.first_seen,
            last_seen: exposure.last_seen,
            days: exposure.days,
            in_head: exposure.is_at_head,
            refs: exposure.refs.iter().take(MAX_REFS).cloned().collect(),
            ref_count: exposure.refs.len(),
            held_by: exposure.holder,
            pushed,
            pushed_since,
        }
    }
}

impl Reuse {
    pub(super) fn of(reuse: &credential::Reuse) -> Self {
        Reuse {
            files: reuse.files.iter().map(ToString::to_string).collect(),
            services: reuse.services.iter().map(ToString::to_string).collect(),
            environments: reuse.environments.clone(),
            names: reuse.names.clone(),
            repositories: reuse.repositories.clone(),
        }
    }
}

impl Standard {
    pub(super) fn of(standard: &credential::Standard) -> Self {
        Standard { id: standard.id.into(), title: standard.title.into(), why: standard.why.clone() }
    }
}
