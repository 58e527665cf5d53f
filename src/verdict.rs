//! A finding with all we know about it and what became of it, and the outcome of a whole run.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chunk::Origin;
use crate::coverage::Coverage;
use crate::finding::{ExcerptLine, Finding};
use crate::git::ObjectId;
use crate::git::refs::Holder;
use crate::identity::{Identity, Life};
use crate::secret::Fingerprint;
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
}

/// Where a secret is in HEAD's version of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtHead {
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
    /// The lines around it.
    pub excerpt: Vec<ExcerptLine>,
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
}

/// All places of one credential, the most telling first.
#[derive(Debug, Clone)]
pub struct Credential<'o> {
    /// Its places.
    pub places: Vec<&'o Verdict>,
    /// Where it has several parts, such as an id and a secret that were found together: the others, one place of each.
    pub parts: Vec<&'o Verdict>,
    /// What it says of itself, in all its places and parts.
    pub identity: Identity,
    /// Until when it is good.
    pub expiry: Expiry,
}

impl Credential<'_> {
    /// Returns the place that speaks for the others.
    pub fn lead(&self) -> &Verdict {
        self.places[0]
    }
}

impl Outcome {
    /// Returns the verdicts that are reported.
    pub fn reported(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| verdict.disposition == Disposition::Reported)
    }

    /// Groups what is reported by credential, worst first.
    pub fn credentials(&self) -> Vec<Credential<'_>> {
        let wholes = self.wholes();
        let mut groups: BTreeMap<Fingerprint, Vec<&Verdict>> = BTreeMap::new();
        for verdict in self.reported() {
            let own = verdict.finding.fingerprint;
            groups.entry(*wholes.get(&own).unwrap_or(&own)).or_default().push(verdict);
        }
        let mut credentials: Vec<Credential<'_>> = groups
            .into_values()
            .map(|mut places| {
                places.sort_by_key(|verdict| rank(verdict));
                let mut seen = BTreeSet::from([places[0].finding.fingerprint]);
                let parts = places.iter().filter(|verdict| seen.insert(verdict.finding.fingerprint)).copied().collect();
                let mut identity = Identity::default();
                places.iter().for_each(|verdict| identity.absorb(&verdict.context.identity));
                Credential { expiry: Expiry::of(identity.life, self.now), places, parts, identity }
            })
            .collect();
        credentials.sort_by_key(|credential| rank(credential.lead()));
        credentials
    }

    /// Returns, for the parts of a credential that were found together, the part that stands for the whole.
    fn wholes(&self) -> BTreeMap<Fingerprint, Fingerprint> {
        let mut together: BTreeMap<&Origin, Vec<&Verdict>> = BTreeMap::new();
        for verdict in self.reported().filter(|verdict| !verdict.finding.detector.paired_with.is_empty()) {
            together.entry(&verdict.finding.origin).or_default().push(verdict);
        }
        let mut wholes: BTreeMap<Fingerprint, Fingerprint> = BTreeMap::new();
        for verdicts in together.values_mut() {
            verdicts.sort_by_key(|verdict| verdict.finding.start);
            for (one, other) in pairs(verdicts) {
                let (one, other) = (root(&wholes, one.finding.fingerprint), root(&wholes, other.finding.fingerprint));
                wholes.insert(one.max(other), one.min(other));
            }
        }
        let parts: Vec<Fingerprint> = wholes.keys().copied().collect();
        parts.into_iter().map(|part| (part, root(&wholes, part))).collect()
    }
}

/// Pairs what belongs together in one file, the nearest first; each stands in one pair at most.
fn pairs<'o>(verdicts: &[&'o Verdict]) -> Vec<(&'o Verdict, &'o Verdict)> {
    let line = |at: usize| verdicts[at].finding.start.line;
    let detector = |at: usize| &verdicts[at].finding.detector;
    let mut near: Vec<(usize, usize, usize)> = Vec::new();
    for one in 0..verdicts.len() {
        let others = (one + 1..verdicts.len()).take_while(|&other| line(other) - line(one) <= PAIR_LINES);
        near.extend(
            others.filter(|&o| detector(one).paired_with.contains(&detector(o).id)).map(|other| (line(other) - line(one), one, other)),
        );
    }
    near.sort_unstable();
    let mut is_paired = vec![false; verdicts.len()];
    near.retain(|&(_, one, other)| {
        let is_free = !is_paired[one] && !is_paired[other];
        if is_free {
            (is_paired[one], is_paired[other]) = (true, true);
        }
        is_free
    });
    near.into_iter().map(|(_, one, other)| (verdicts[one], verdicts[other])).collect()
}

/// Follows a part to the one that stands for the whole.
fn root(wholes: &BTreeMap<Fingerprint, Fingerprint>, part: Fingerprint) -> Fingerprint {
    let mut part = part;
    while let Some(&whole) = wholes.get(&part).filter(|&&whole| whole != part) {
        part = whole;
    }
    part
}

/// The parts of a credential stand at most so many lines apart.
const PAIR_LINES: usize = 10;

/// Worst and surest first, then what is in HEAD, then by place.
fn rank(verdict: &Verdict) -> impl Ord + use<> {
    let finding = &verdict.finding;
    (
        std::cmp::Reverse(verdict.severity()),
        std::cmp::Reverse(finding.confidence),
        verdict.context.at_head.is_none(),
        finding.origin.path().map_or_else(|| BString::from("~"), Into::into),
        finding.start,
        finding.fingerprint,
    )
}

impl Verdict {
    /// Returns what it opens: nothing much when it has expired.
    pub fn severity(&self) -> crate::detector::Severity {
        match self.context.expiry {
            Expiry::Expired(_) => crate::detector::Severity::Low,
            Expiry::Unstated | Expiry::Expires(_) | Expiry::Never => self.finding.detector.severity,
        }
    }
}
