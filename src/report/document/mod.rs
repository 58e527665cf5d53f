//! A report as it is written down: what `--format json` writes, and what every other format is made of.
//!
//! It stands apart from the outcome of a scan because it holds no secret, only what may be shown of it, and because it
//! can be read back: `staunch report` makes any format of an earlier report. `docs/json.md` describes it, and
//! `docs/report.schema.json` is generated from these types.

mod dossier;
mod of;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use dossier::{Exposure, Reuse, Standard, Summand};

use crate::coverage::Why;
use crate::detector::{Category, Guidance, Severity};
use crate::finding::Confidence;
use crate::git::refs::Holder;
use crate::verdict::{Disposition, Notice};

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
    pub credentials: Vec<Credential>,
    /// The detectors that found something, by their ids.
    #[serde(default)]
    pub detectors: BTreeMap<String, Kind>,
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
    pub title: String,
    /// Who issues it.
    pub provider: String,
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
    pub fingerprint: String,
    /// What recognised it.
    pub detector: String,
    /// What it is.
    pub title: String,
    /// Who issues it.
    pub provider: String,
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
    pub secret: String,
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
    pub owners: Vec<String>,
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
    pub public: Option<String>,
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
    pub what: String,
    /// How much it counts, in log-odds; above zero speaks for a secret.
    pub weight: f32,
}

/// What belongs to a credential that has several parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its identity.
    pub fingerprint: String,
    /// What recognised it.
    pub detector: String,
    /// What it is.
    pub title: String,
    /// The mask, or all of it where the user asked for that.
    pub secret: String,
}

/// A place of a credential; a line of JSON Lines.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// As one would type it from the current folder; `commit ID`, `tag ID` or `blob ID` where there is no path.
    pub path: String,
    /// The path from the top of the repository, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_top: Option<String>,
    /// Its first line, from 1, in the version of `commit`.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// Its first column, from 1, in Unicode code points.
    pub column: usize,
    /// One past its last column.
    pub end_column: usize,
    /// What it was read from.
    pub origin: OriginKind,
    /// The commit that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The author of that commit after `.mailmap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The author's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub date: Option<Timestamp>,
    /// The first line of its message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Why there is no commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_because: Option<String>,
    /// The last commit that took it out of the path, on the way to HEAD where HEAD had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Commit>,
    /// Its first line in HEAD's version; absent when it is not in HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_line: Option<usize>,
    /// Its last line there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_end_line: Option<usize>,
    /// Its first column there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_column: Option<usize>,
    /// One past its last column there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_end_column: Option<usize>,
    /// The commit that last changed the line it is on, where it is in HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<Commit>,
    /// When whoever brought it last committed, where that is long ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub author_silent_since: Option<Timestamp>,
    /// Who owns the file, by CODEOWNERS in HEAD.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// The repository, where several were audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The most public name that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Holder>,
    /// Branches, tags, stashes and notes whose history has it at this path, 50 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Ref>,
    /// How many such refs there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_count: Option<usize>,
    /// What recognised it; like the fields below, only where its credential does not say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How sure we are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The identity of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The mask, or all of it where the user asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Why it is not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Disposition>,
}

/// What a place was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OriginKind {
    /// A file.
    File,
    /// The version of a file that is about to be committed.
    Staged,
    /// A version of a file in a commit.
    Committed,
    /// An object that no commit holds under a path.
    Blob,
    /// The message or the people of a commit.
    CommitMessage,
    /// The message of a tag.
    TagMessage,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The author's name after `.mailmap`.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When it was written.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub date: Timestamp,
    /// The first line of its message.
    pub summary: String,
}

/// A ref whose history has a secret at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ref {
    /// Its full name.
    pub name: String,
    /// Whether it is there now.
    pub present: bool,
    /// The last commit on the way there that took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
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
    /// Returns the place that speaks for the others.
    pub fn lead(&self) -> Option<&Place> {
        self.places.first()
    }

    /// Returns one of its places with all that identifies the credential, to stand alone.
    pub fn at(&self, place: &Place) -> Place {
        let own = |said: &Option<String>, of_all: &str| said.clone().or_else(|| Some(of_all.to_owned()));
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

impl Place {
    /// Returns a place of which nothing is known.
    pub(super) fn nowhere() -> Self {
        Place {
            path: String::new(),
            from_top: None,
            line: 1,
            end_line: 1,
            column: 1,
            end_column: 1,
            origin: OriginKind::File,
            commit: None,
            author: None,
            email: None,
            date: None,
            summary: None,
            unknown_because: None,
            removed: None,
            head_line: None,
            head_end_line: None,
            head_column: None,
            head_end_column: None,
            held_by: None,
            refs: Vec::new(),
            ref_count: None,
            detector: None,
            title: None,
            severity: None,
            confidence: None,
            fingerprint: None,
            secret: None,
            suppression: None,
        }
    }

    /// Returns whether it is in a file, and not in a message or a lost object.
    pub fn has_path(&self) -> bool {
        match self.origin {
            OriginKind::File | OriginKind::Staged | OriginKind::Committed => true,
            OriginKind::Blob | OriginKind::CommitMessage | OriginKind::TagMessage => false,
        }
    }

    /// Returns the path from the top of the repository, or what stands for one.
    pub fn top_path(&self) -> &str {
        self.from_top.as_deref().unwrap_or(&self.path)
    }

    /// Returns the path of an object that has none, in the folder where git keeps its own.
    pub fn object_path(&self) -> String {
        format!(".git/{}", self.path.replacen(' ', "/", 1))
    }

    /// Returns where it is in the version that code hosts show: first line and column, last line and column.
    pub fn region(&self) -> [usize; 4] {
        match (self.head_line, self.head_column, self.head_end_line, self.head_end_column) {
            (Some(line), Some(column), Some(end_line), Some(end_column)) => [line, column, end_line, end_column],
            (Some(line), ..) => [line, 1, line, 1],
            (None, ..) => [self.line, self.column, self.end_line, self.end_column],
        }
    }

    /// Returns whether a code host that shows HEAD, or the files that were scanned, shows this place.
    pub fn is_shown(&self) -> bool {
        match self.origin {
            OriginKind::File | OriginKind::Staged => true,
            OriginKind::Committed => self.head_line.is_some(),
            OriginKind::Blob | OriginKind::CommitMessage | OriginKind::TagMessage => false,
        }
    }
}

/// Returns the JSON Schema of a report, for editors and for those who read reports with programs.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}
