//! The one sentence: bytes from a source, detected, enriched, suppressed where that was asked for, make an outcome.

mod at_head;
mod audit;
mod check;
mod counterpart;
mod files;
mod people;
mod purge;
mod suspects;
mod tally;
mod texts;
mod within;

use crate::count::counted;
use std::sync::Arc;

use jiff::Timestamp;

use crate::chunk::{Content, Origin};
use crate::config::{Config, InlineAllow};
use crate::coverage::{Coverage, Skip, Why};
use crate::detect::Catalog;
use crate::detector::Severity;
use crate::enrich::identity;
use crate::finding::{Confidence, Finding};
use crate::git;
pub use crate::git::revisions::{Push, Range};
use crate::here::Here;
use crate::identity::{About, Identity};
use crate::secret::{FingerprintKey, Fingerprints, Secret};
pub use crate::source::examined::{Error as ExaminedError, Examined};
pub use crate::source::worktree::Options as FileOptions;
use crate::suppress::allow::{self, Allowances};
use crate::suppress::baseline::Baseline;
use crate::suppress::inline;
use crate::verdict::{Commit, Context, Disposition, Expiry, Notice, Outcome, Provenance, Verdict};
use crate::watch::Watch;
pub use within::member;

/// What a scan may be told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Findings of less are left out. Default: medium.
    pub min_confidence: Confidence,
    /// Findings of less are left out. Default: low.
    pub min_severity: Severity,
    /// How many threads. Default: zero, which is one for each core.
    pub threads: usize,
    /// Audits look at all bytes of each object, not only at what is new in it. Default: no. Slower, with the same result: it
    /// is what the other way is measured and tested against.
    pub in_full: bool,
    /// Where the user stands: entries of the configuration name paths from the top. Default: nowhere.
    pub here: Here,
    /// Which marks in comments count. Default: all.
    pub inline_allow: InlineAllow,
    /// What is taken for now: it decides what has expired.
    pub now: Timestamp,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            min_confidence: Confidence::Medium,
            min_severity: Severity::Low,
            threads: 0,
            in_full: false,
            here: Here::default(),
            inline_allow: InlineAllow::All,
            now: Timestamp::now(),
        }
    }
}

/// Why a scan could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The configuration cannot be used.
    #[error(transparent)]
    Allow(#[from] allow::Error),
    /// The system gives us no threads.
    #[error("no threads can be started")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// What is told of when the time is over, while whoever gave it waits: a thousand secrets say enough.
const KEPT_WHEN_LATE: usize = 1_000;

/// Everything a scan needs besides its source.
pub struct Scanner {
    catalog: Catalog,
    config: Config,
    options: Options,
    identities: Fingerprints,
    watch: Arc<Watch>,
}

/// A finding on its way to a verdict.
struct Sighting {
    finding: Finding,
    context: Context,
    /// The reason of a mark beside it.
    allowed_inline: Option<String>,
}

impl Scanner {
    /// Puts a scanner together.
    pub fn new(catalog: Catalog, config: Config, options: Options, key: FingerprintKey) -> Self {
        Scanner { catalog, config, options, identities: Fingerprints::new(key), watch: Arc::default() }
    }

    /// Returns the counters of this scanner's work.
    pub fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Returns the detectors in use.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Adds to findings of one chunk what its own bytes say of them.
    fn sightings(&self, bytes: &[u8], findings: Vec<Finding>, context: impl Fn() -> Context) -> Vec<Sighting> {
        if findings.is_empty() {
            return Vec::new();
        }
        let marks = inline::marks(bytes, self.options.inline_allow);
        (0..)
            .zip(findings)
            .take_while(|(number, _)| *number < KEPT_WHEN_LATE || self.watch.overrun().is_none())
            .map(|(_, finding)| Sighting {
                allowed_inline: inline::reason(
                    &marks,
                    &finding.detector,
                    &|id| self.catalog.knows(id),
                    finding.start.line,
                    finding.end.line,
                ),
                context: {
                    let identity = self.identity(&finding, bytes);
                    Context { expiry: Expiry::of(identity.life, self.options.now), identity, ..context() }
                },
                finding,
            })
            .collect()
    }

    /// Reads what a finding says of itself, without the secrets that may stand in that.
    fn identity(&self, finding: &Finding, bytes: &[u8]) -> Identity {
        // The id of a key of AWS is a detector's match as well; without it nobody can revoke the key.
        let is_key_id = |about, value: &str| about == About::KeyId && value.len() == 20 && value.bytes().all(|b| b.is_ascii_alphanumeric());
        identity::read(finding, bytes).map(|about, value| if is_key_id(about, &value) { value } else { self.scrub(value) })
    }

    /// Decides what becomes of each sighting, and orders them.
    fn conclude(
        &self,
        mut sightings: Vec<Sighting>,
        mut coverage: Coverage,
        baseline: Option<&mut Baseline>,
        was_everything_read: bool,
    ) -> Result<Outcome, Error> {
        let today = self.options.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut allowances = Allowances::new(&self.config, today)?;
        let mut baseline = baseline;
        if self.watch.overrun().is_some() {
            sightings.truncate(KEPT_WHEN_LATE);
        }
        let mut verdicts: Vec<Verdict> = sightings
            .into_iter()
            .filter(|sighting| sighting.finding.confidence >= self.options.min_confidence)
            .map(|Sighting { finding, context, allowed_inline }| {
                let disposition = allowed_inline
                    .map(|reason| Disposition::AllowedInline { reason })
                    .or_else(|| allowances.disposition(&finding, &self.options.here))
                    .or_else(|| baseline.as_mut().is_some_and(|known| known.knows(&finding)).then_some(Disposition::Baselined))
                    .unwrap_or(Disposition::Reported);
                Verdict { finding, context, disposition }
            })
            .collect();
        verdicts.iter_mut().for_each(|verdict| self.scrub_verdict(verdict));
        self.scrub_skips(&mut coverage.skips);
        verdicts.sort_by(|a, b| {
            let key = |v: &Verdict| (v.finding.start, v.finding.end, v.finding.fingerprint);
            let by_place = a.finding.origin.label().cmp(&b.finding.origin.label()).then_with(|| a.finding.member.cmp(&b.finding.member));
            by_place.then_with(|| key(a).cmp(&key(b))).then_with(|| a.finding.detector.id.cmp(&b.finding.detector.id))
        });
        let mut notices = allowances.notices(was_everything_read);
        if let Some(count) = baseline.as_ref().map(|known| known.unseen()).filter(|&count| count > 0 && was_everything_read) {
            let what = format!("{} found no more; `staunch baseline prune` takes out what is gone", counted(count, "entry"));
            notices.push(Notice { place: crate::suppress::baseline::FILE_NAME.into(), what });
        }
        if let Some(whole) = self.watch.overrun() {
            coverage.skip("the rest", Why::out_of_time(whole));
        } else if self.watch.is_stopped() {
            coverage.skip("the rest", Why::Interrupted);
        }
        // What leaves a gap is told first.
        coverage.skips.sort_by(|one, other| other.why.is_incomplete().cmp(&one.why.is_incomplete()).then_with(|| one.cmp(other)));
        coverage.skips.dedup();
        let mut outcome = Outcome { verdicts, coverage, notices, now: self.options.now, policy: self.config.policy.clone() };
        if self.options.min_severity > Severity::Low {
            let severities = outcome.severities();
            let severity = |verdict: &Verdict| severities.get(&verdict.finding.fingerprint).copied().unwrap_or_else(|| verdict.severity());
            outcome.verdicts.retain(|verdict| severity(verdict) >= self.options.min_severity);
        }
        Ok(outcome)
    }

    /// Takes secrets out of what a commit says of itself: its subject may be where the secret is.
    fn scrubbed(&self, commit: Commit) -> Commit {
        Commit { author: self.scrub(commit.author), email: self.scrub(commit.email), summary: self.scrub(commit.summary), ..commit }
    }

    /// Takes secrets out of what stands beside a finding: its path, the reason somebody gave, what its commits say.
    fn scrub_verdict(&self, verdict: &mut Verdict) {
        if let Origin::File { path } | Origin::Staged { path } | Origin::Committed { path, .. } = &mut verdict.finding.origin
            && std::str::from_utf8(path).is_ok()
        {
            *path = self.scrub(path.to_string()).into();
        }
        let at_head = verdict.context.at_head.as_mut().and_then(|head| head.member.as_mut());
        for member in verdict.finding.member.as_mut().into_iter().chain(at_head) {
            *member = self.scrub(member.to_string()).into();
        }
        let secret = String::from_utf8_lossy(verdict.finding.secret.expose()).into_owned();
        let mask = verdict.finding.secret.mask();
        if let Disposition::AllowedInline { reason } | Disposition::Allowed { reason } = &mut verdict.disposition {
            *reason = self.scrub(reason.replace(&secret, &mask));
        }
        let removed = verdict.context.removed.as_mut();
        let first = match &mut verdict.context.provenance {
            Provenance::Known(commit) => Some(commit),
            Provenance::Tagged(tag) => {
                let tagger = tag.tagger.as_mut().into_iter().flat_map(|who| [&mut who.name, &mut who.email]);
                for said in [&mut tag.name, &mut tag.summary].into_iter().chain(tagger) {
                    *said = said.replace(&secret, &mask);
                }
                None
            }
            Provenance::Uncommitted | Provenance::Unknown { .. } => None,
        };
        for commit in removed.into_iter().chain(first) {
            commit.summary = commit.summary.replace(&secret, &mask);
            commit.author = commit.author.replace(&secret, &mask);
            commit.email = commit.email.replace(&secret, &mask);
        }
    }

    /// Takes secrets out of the names of what was not read: members of archives are called as somebody liked.
    fn scrub_skips(&self, skips: &mut [Skip]) {
        for skip in skips {
            skip.what = self.scrub(std::mem::take(&mut skip.what));
        }
    }

    fn scrub(&self, text: String) -> String {
        let matches = self.catalog.matches(text.as_bytes(), Content::Text);
        if matches.is_empty() {
            return text;
        }
        let (mut scrubbed, mut at) = (Vec::new(), 0);
        for m in &matches {
            scrubbed.extend_from_slice(&text.as_bytes()[at..m.secret.start]);
            // The first characters of what is encoded are more than those of the secret.
            let mask =
                if m.layer.is_some() { format!("…({})", m.secret.len()) } else { Secret::new(m.secret.of(text.as_bytes())).mask() };
            scrubbed.extend_from_slice(mask.as_bytes());
            at = m.secret.end;
        }
        scrubbed.extend_from_slice(&text.as_bytes()[at..]);
        String::from_utf8_lossy(&scrubbed).into_owned()
    }

    /// Runs work on as many threads as the options say.
    fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        Ok(rayon::ThreadPoolBuilder::new().num_threads(self.options.threads).build()?.install(work))
    }
}
