//! A report as it is written down: what `--format json` writes, and what every other format is made of.
//!
//! It stands apart from the outcome of a scan because it holds no secret, only what may be shown of it, and because it
//! can be read back: `staunch report` makes any format of an earlier report. `docs/json.md` describes it, and
//! `docs/report.schema.json` is generated from these types.

mod dossier;
mod of;
mod place;
mod shared;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use dossier::{Exposure, Reuse, Standard, Summand};

pub use place::{Commit, InArchive, OriginKind, Place, Ref};
pub use shared::Shared;

use crate::coverage::Why;
use crate::detector::{Category, Guidance, Severity};
use crate::finding::Confidence;
use crate::verdict::Notice;

/// Grows when a field changes its meaning or goes away.
pub const VERSION: u32 = 1;

/// A whole report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "staunch report")]
pub struct Document {
    /// The version of this format; it grows when a field changes its meaning or goes away.
    pub version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// Whether all that was asked for was read.
    pub complete: bool,
    /// What was scanned, as far as a code host must know it.
    #[serde(default)]
    pub subject: Subject,
    /// What is reported, worst first.
    #[serde(deserialize_with = "shared::credentials")]
    pub credentials: Vec<Credential>,
    /// The detectors that found something, by their ids.
    #[serde(default)]
    pub detectors: BTreeMap<Shared, Kind>,
    /// Places that are not reported, and why.
    #[serde(default)]
    pub suppressed: Vec<Place>,
    /// What was read, and what was not.
    #[serde(default)]
    pub coverage: Coverage,
    /// What else there is to say: entries that expired or match nothing.
    #[serde(default)]
    pub notices: Vec<Notice>,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// What kind of thing.
    #[serde(default)]
    pub kind: SubjectKind,
    /// The commit that was checked out, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The branch that was checked out, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// What kind of thing was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// Files.
    #[default]
    Files,
    /// What is about to be committed.
    Staged,
    /// Commits.
    Range,
    /// A whole history.
    History,
}

/// What a detector is, for those who read the report without the program.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Kind {
    /// What it finds.
    pub title: Shared,
    /// Who issues it.
    pub provider: Shared,
    /// What kind of service that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// What it opens, at worst.
    pub severity: Severity,
    /// Whether the value alone is nearly proof.
    #[serde(default)]
    pub self_identifying: bool,
    /// The weaknesses that a leak of it is an instance of, by their numbers in CWE, the most specific first.
    #[serde(default)]
    pub cwe: Vec<u32>,
    /// How to revoke and replace it.
    #[serde(default)]
    pub guidance: Guidance,
}

/// A credential and its places.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// 20 hex digits: the identity of the value, the same everywhere under the same key. Reports of other programs have
    /// identities of their own.
    pub fingerprint: Shared,
    /// What recognised it.
    pub detector: Shared,
    /// What it is.
    pub title: Shared,
    /// Who issues it.
    pub provider: Shared,
    /// What it opens, how far it got, and for how long.
    pub severity: Severity,
    /// The same as a number from 0.1 to 10, in the bands of CVSS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What that is the sum of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arithmetic: Vec<Summand>,
    /// How sure we are.
    pub confidence: Confidence,
    /// The mask, or all of it where the user asked for that.
    pub secret: Shared,
    /// The length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
    /// What the value says of itself, offline, by kind of fact; several of a kind are separated by commas.
    #[serde(default)]
    pub identity: BTreeMap<String, String>,
    /// Until when it is good, where it says so itself.
    #[serde(default)]
    pub expiry: Option<Expiry>,
    /// Since when, how long and to whom it has been exposed.
    #[serde(default)]
    pub exposure: Exposure,
    /// Who owns its files, by CODEOWNERS in HEAD.
    #[serde(default)]
    pub owners: Vec<Shared>,
    /// Where else the same value is used.
    #[serde(default)]
    pub reuse: Reuse,
    /// What it is evidence for.
    #[serde(default)]
    pub standards: Vec<Standard>,
    /// The reasons, in log-odds.
    #[serde(default)]
    pub evidence: Vec<Clue>,
    /// Why the value may be public, for kinds that may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<Shared>,
    /// Against an earlier report: whether it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// What else belongs to it, such as the id that goes with a secret; then each place names its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Where it is, the most telling place first.
    pub places: Vec<Place>,
}

/// What became of a credential since an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was not there.
    New,
    /// It is still there.
    Open,
    /// It is no longer there.
    Fixed,
}

/// Until when a credential is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expiry {
    /// Whether that is over.
    pub expired: bool,
    /// When it ends; absent where it never does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Whether it is good until somebody ends it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
}

/// One reason for or against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clue {
    /// What was seen.
    pub what: Shared,
    /// How much it counts, in log-odds; above zero speaks for a secret.
    pub weight: f32,
}

/// What belongs to a credential that has several parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its identity.
    pub fingerprint: Shared,
    /// What recognised it.
    pub detector: Shared,
    /// What it is.
    pub title: Shared,
    /// The mask, or all of it where the user asked for that.
    pub secret: Shared,
}

/// What a scan looked at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Coverage {
    /// What was looked at, in words.
    pub scope: String,
    /// Commits whose changes or messages were read.
    pub commits: u64,
    /// Files or blobs that were read.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs that were not read because an earlier audit had found them clean.
    pub known: u64,
    /// What was not read.
    pub skipped: Vec<Skipped>,
}

/// Something that was not scanned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The path, object or ref.
    pub what: String,
    /// Whether a scan without it cannot be called clean.
    pub incomplete: bool,
    /// Why.
    #[serde(flatten)]
    pub why: Why,
}

impl Document {
    /// Returns a report of nothing.
    pub fn empty() -> Self {
        Document {
            version: VERSION,
            tool: Tool::own(),
            complete: true,
            subject: Subject::default(),
            credentials: Vec::new(),
            detectors: BTreeMap::new(),
            suppressed: Vec::new(),
            coverage: Coverage::default(),
            notices: Vec::new(),
        }
    }
}

impl Tool {
    /// Returns this very program.
    pub fn own() -> Self {
        Tool { name: "staunch".into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

impl Credential {
    /// Returns a credential of which nothing is known but its identity and what recognised it.
    pub(super) fn bare(fingerprint: impl Into<Shared>, detector: impl Into<Shared>) -> Self {
        Credential {
            fingerprint: fingerprint.into(),
            detector: detector.into(),
            title: "".into(),
            provider: "".into(),
            severity: Severity::Medium,
            score: None,
            arithmetic: Vec::new(),
            confidence: Confidence::Medium,
            secret: "".into(),
            length: None,
            identity: BTreeMap::new(),
            expiry: None,
            exposure: Exposure::default(),
            owners: Vec::new(),
            reuse: Reuse::default(),
            standards: Vec::new(),
            evidence: Vec::new(),
            public: None,
            state: None,
            parts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Returns the place that speaks for the others.
    pub fn lead(&self) -> Option<&Place> {
        self.places.first()
    }

    /// Returns one of its places with all that identifies the credential, to stand alone.
    pub fn at(&self, place: &Place) -> Place {
        let own = |said: &Option<Shared>, of_all: &Shared| said.clone().or_else(|| Some(Shared::clone(of_all)));
        Place {
            detector: own(&place.detector, &self.detector),
            title: own(&place.title, &self.title),
            severity: place.severity.or(Some(self.severity)),
            confidence: place.confidence.or(Some(self.confidence)),
            fingerprint: own(&place.fingerprint, &self.fingerprint),
            secret: own(&place.secret, &self.secret),
            ..place.clone()
        }
    }
}

impl State {
    /// Returns the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            State::New => "new",
            State::Open => "open",
            State::Fixed => "fixed",
        }
    }
}

/// Returns the JSON Schema of a report, for editors and for those who read reports with programs.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
