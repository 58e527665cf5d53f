//! A finding with all we know about it and what became of it, and the outcome of a whole run.

use bstr::BString;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chunk::Stored;
use crate::coverage::Coverage;
use crate::finding::{ExcerptLine, Finding};
use crate::git::ObjectId;
use crate::git::refs::Holder;
use crate::identity::{Identity, Life};
use crate::policy::Policy;
use crate::span::Position;

/// A finding, what is known about it, and what became of it.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What was found.
    pub finding: Finding,
    /// What is known about it.
    pub context: Context,
    /// Whether it is reported.
    pub disposition: Disposition,
}

/// What is known about a finding beyond its bytes.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who brought it, and when.
    pub provenance: Provenance,
    /// Who took it out again, where that is known.
    pub removed: Option<Commit>,
    /// Where it is in what is stored, where that is more than was read at once, or in another encoding.
    pub stored: Option<Stored>,
    /// When it was in the tip of something; empty where no more is known than what brought it and took it out.
    pub periods: Vec<Period>,
    /// Where it is in HEAD, if it is there.
    pub at_head: Option<AtHead>,
    /// What keeps it in the repository; nothing for what is not committed.
    pub holder: Option<Holder>,
    /// Branches, tags, stashes and notes whose history has it at this path.
    pub refs: Vec<Ref>,
    /// What it says of itself.
    pub identity: Identity,
    /// Until when it is good, by its own words.
    pub expiry: Expiry,
    /// Whether a remote has it.
    pub pushed: Pushed,
    /// Who owns the file, by CODEOWNERS.
    pub owners: Vec<String>,
    /// Who last changed the line it is on, where it is in HEAD.
    pub touched: Option<Commit>,
    /// Since when whoever brought it has not committed, where that is longer than the policy says.
    pub silent_since: Option<Timestamp>,
    /// The repository, where several were audited.
    pub repository: Option<String>,
}

impl Context {
    /// Returns the context of what is known only by where it comes from.
    pub fn of(provenance: Provenance) -> Self {
        Context {
            provenance,
            removed: None,
            stored: None,
            periods: Vec::new(),
            at_head: None,
            holder: None,
            refs: Vec::new(),
            identity: Identity::default(),
            expiry: Expiry::Unstated,
            pushed: Pushed::Unknown,
            owners: Vec::new(),
            touched: None,
            silent_since: None,
            repository: None,
        }
    }
}

/// A time in which a credential could be read in the tip of a branch, a tag or another ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// When it came.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub from: Timestamp,
    /// When it was taken out; null where it was not.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
}

/// What is told in days has no gap of less than one: who amends or reverts within the day hides nothing.
const LEAST_GAP: SignedDuration = SignedDuration::from_hours(24);

impl Period {
    /// Returns periods in their order, and as one those that overlap, touch or are less than a day apart.
    pub(crate) fn united(mut periods: Vec<Period>) -> Vec<Period> {
        periods.sort_unstable();
        let mut united: Vec<Period> = Vec::new();
        for period in periods {
            // Clocks that run backwards make it short, not negative.
            let until = period.until.map(|until| until.max(period.from));
            match united.last_mut() {
                Some(last) if last.until.is_none_or(|end| period.from.duration_since(end) < LEAST_GAP) => {
                    last.until = last.until.zip(until).map(|(one, other)| one.max(other));
                }
                _ => united.push(Period { until, ..period }),
            }
        }
        united
    }

    /// Returns the whole days of several that do not overlap; what is not over goes on until now.
    pub(crate) fn days(periods: &[Period], now: Timestamp) -> u32 {
        let length = |period: &Period| period.until.unwrap_or(now).duration_since(period.from).max(SignedDuration::ZERO);
        let whole = periods.iter().map(length).fold(SignedDuration::ZERO, SignedDuration::saturating_add);
        u32::try_from(whole.as_hours() / 24).unwrap_or(0)
    }
}

/// Whether a remote has a credential; the most public is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pushed {
    /// It cannot be told: no remote is known.
    Unknown,
    /// No remote that is known has it.
    Never,
    /// A remote has it, since then at the latest where a log says so.
    Since(Option<Timestamp>),
}

/// Where a secret is in HEAD's version of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtHead {
    /// The member of the archive that the file is.
    pub member: Option<BString>,
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
    /// The lines around it.
    pub excerpt: Vec<ExcerptLine>,
}

impl From<Finding> for AtHead {
    fn from(finding: Finding) -> Self {
        let Finding { member, start, end, excerpt, .. } = finding;
        AtHead { member, start, end, excerpt }
    }
}

/// A ref whose history has a secret at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Its full name.
    pub name: String,
    /// Whether it is there now, or else what took it away, where that is known.
    pub state: RefState,
}

/// What a ref has of a secret now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefState {
    /// It is there.
    Present,
    /// This commit took it away.
    Removed(ObjectId),
    /// It is no longer there; no commit of its own took it away, as when the file was moved.
    Absent,
}

/// How a secret got to where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A commit brought it.
    Known(Commit),
    /// It stands in an annotated tag.
    Tagged(Tag),
    /// It is not committed.
    Uncommitted,
    /// It cannot be told.
    Unknown {
        /// Why.
        why: &'static str,
    },
}

/// A commit, as far as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub id: ObjectId,
    /// The author's name after `.mailmap`.
    pub author: String,
    /// The author's address after `.mailmap`.
    pub email: String,
    /// When it was written.
    pub date: Timestamp,
    /// The first line of its message.
    pub summary: String,
}

/// An annotated tag, as far as a report names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its id.
    pub id: ObjectId,
    /// What it calls itself.
    pub name: String,
    /// Who made it; the oldest ones do not say.
    pub tagger: Option<Tagger>,
    /// The first line of its message.
    pub summary: String,
}

/// Who made a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagger {
    /// The name after `.mailmap`.
    pub name: String,
    /// The address after `.mailmap`.
    pub email: String,
    /// When that was.
    pub date: Timestamp,
}

fn as_text<S: serde::Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// Until when a secret is good, by what it says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It does not say.
    Unstated,
    /// It was good until then.
    Expired(Timestamp),
    /// It is good until then.
    Expires(Timestamp),
    /// It is good until somebody ends it.
    Never,
}

impl Expiry {
    /// Compares an end with a moment.
    pub fn of(life: Life, now: Timestamp) -> Self {
        match life {
            Life::Unstated => Expiry::Unstated,
            Life::Endless => Expiry::Never,
            Life::Until(end) if end <= now => Expiry::Expired(end),
            Life::Until(end) => Expiry::Expires(end),
        }
    }
}

/// Whether a finding is reported, and if not, who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "disposition", rename_all = "kebab-case")]
pub enum Disposition {
    /// It is reported.
    Reported,
    /// A comment beside it allows it.
    AllowedInline {
        /// The reason given there.
        reason: String,
    },
    /// An entry of the configuration allows it.
    Allowed {
        /// The reason given there.
        reason: String,
    },
    /// It was known when the baseline was made.
    Baselined,
}

/// Something a user should know that is no finding: an entry that allows nothing any more, for example.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Where: a file and line.
    pub place: String,
    /// What.
    pub what: String,
}

/// All that a run found and read.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was found, in the order of places.
    pub verdicts: Vec<Verdict>,
    /// What was read.
    pub coverage: Coverage,
    /// What else there is to say.
    pub notices: Vec<Notice>,
    /// What was taken for now.
    pub now: Timestamp,
    /// How severities are reckoned.
    pub policy: Policy,
}

impl Outcome {
    /// Returns the verdicts that are reported.
    pub fn reported(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| verdict.disposition == Disposition::Reported)
    }
}

impl Outcome {
    /// Says of everything in it which repository it is from.
    #[must_use]
    pub fn of_repository(mut self, name: &str) -> Self {
        for verdict in &mut self.verdicts {
            verdict.context.repository = Some(name.to_owned());
        }
        for skip in &mut self.coverage.skips {
            skip.what = format!("{name}: {}", skip.what);
        }
        self
    }

    /// Adds the outcome of another repository.
    pub fn join(&mut self, other: Outcome) {
        self.verdicts.extend(other.verdicts);
        self.coverage.absorb(other.coverage);
        self.notices.extend(other.notices);
    }
}

impl Verdict {
    /// Returns the member of the archive in which it is shown: HEAD's where it is in HEAD.
    pub fn shown_member(&self) -> Option<&BString> {
        self.context.at_head.as_ref().map_or(self.finding.member.as_ref(), |head| head.member.as_ref())
    }

    /// Returns the commit that brought it, where that is known.
    pub fn brought_by(&self) -> Option<&Commit> {
        match &self.context.provenance {
            Provenance::Known(commit) => Some(commit),
            Provenance::Tagged(_) | Provenance::Uncommitted | Provenance::Unknown { .. } => None,
        }
    }

    /// Returns when it came, where that is known.
    pub fn brought_at(&self) -> Option<Timestamp> {
        match &self.context.provenance {
            Provenance::Known(commit) => Some(commit.date),
            Provenance::Tagged(tag) => tag.tagger.as_ref().map(|who| who.date),
            Provenance::Uncommitted | Provenance::Unknown { .. } => None,
        }
    }

    /// Returns when it was in the tip of something, as far as is known.
    pub(crate) fn periods(&self) -> Vec<Period> {
        let known = || self.brought_at().map(|from| Period { from, until: self.context.removed.as_ref().map(|by| by.date) });
        if self.context.periods.is_empty() { known().into_iter().collect() } else { self.context.periods.clone() }
    }

    /// Returns what it opens: nothing much when it has expired. How severe its credential is, `credential` reckons.
    pub fn severity(&self) -> crate::detector::Severity {
        match self.context.expiry {
            Expiry::Expired(_) => crate::detector::Severity::Low,
            Expiry::Unstated | Expiry::Expires(_) | Expiry::Never => self.finding.detector.severity,
        }
    }
}
