//! `staunch check`: what a commit, or the commits of a range, add.

use std::collections::HashMap;
use std::time::Duration;

use gix::objs::Kind;

use super::{Error, Range, Scanner, Sighting};
use crate::chunk::Origin;
use crate::coverage::{Coverage, Why};
use crate::enrich::person::People;
use crate::git::{ObjectId, Read, Repo};
use crate::secret::Fingerprint;
use crate::source::range::Text;
use crate::source::{Revision, range, staged};
use crate::suppress::baseline::Baseline;
use crate::verdict::{Outcome, Provenance};

/// How often each credential occurs in a content.
type Counts = HashMap<Fingerprint, usize>;

impl Scanner {
    /// Scans what is staged.
    ///
    /// # Errors
    /// When the index or HEAD cannot be read.
    pub fn check_staged(&self, repo: &Repo, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let mut coverage = Coverage { scope: "the staged changes".into(), ..Coverage::default() };
        let revisions = staged::revisions(repo, &mut coverage)?;
        let mut sightings = Vec::new();
        let mut old = Old::new(self, repo);
        // A stop is told by `conclude`: what was not looked at is no clean result.
        for revision in revisions.iter().take_while(|_| !self.watch.is_stopped()) {
            sightings.extend(self.revision(repo, revision, &mut old, &mut coverage));
        }
        self.conclude(sightings, coverage, baseline, false)
    }

    /// Scans what the commits of a range add, one by one.
    ///
    /// # Errors
    /// When the range cannot be resolved or history is missing.
    pub fn check_range(&self, repo: &Repo, range: &Range, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let mut coverage = Coverage { scope: shown(range), ..Coverage::default() };
        let mut sightings = Vec::new();
        let mut old = Old::new(self, repo);
        let people = People::of(repo);
        range::each(repo, range, &self.watch, &mut coverage, |brought, coverage| {
            let from = sightings.len();
            sightings.extend(brought.text.as_ref().map(|text| self.text(&text.origin, &text.bytes)).unwrap_or_default());
            for revision in brought.revisions.iter().take_while(|_| !self.watch.is_stopped()) {
                sightings.extend(self.revision(repo, revision, &mut old, coverage));
            }
            if sightings.len() > from {
                let provenance = match &brought.text {
                    Some(Text { id, origin: Origin::Tag { .. }, .. }) => self.written_by(repo, &people, *id, Kind::Tag),
                    Some(text) => self.written_by(repo, &people, text.id, Kind::Commit),
                    None => Provenance::Unknown { why: "no commit brings it" },
                };
                sightings[from..].iter_mut().for_each(|sighting| sighting.context.provenance = provenance.clone());
            }
        })?;
        self.place_at_head(repo, &mut sightings);
        self.conclude(sightings, coverage, baseline, false)
    }

    /// Returns the time that was given, where what is left of it does not suffice to read an object.
    fn is_too_late_for(&self, repo: &Repo, id: ObjectId) -> Option<Duration> {
        // How large it is costs a look into the pack, which only those pay who have no time.
        self.watch.has_budget().then(|| self.watch.too_late_for(repo.size(id)?)).flatten()
    }

    /// Scans new content and leaves out what the content it replaces held as often.
    fn revision(&self, repo: &Repo, revision: &Revision, old: &mut Old<'_>, coverage: &mut Coverage) -> Vec<Sighting> {
        if let Some(whole) = self.is_too_late_for(repo, revision.id) {
            coverage.skip(revision.origin.label().to_string(), Why::out_of_time(whole));
            return Vec::new();
        }
        let bytes = match repo.blob(revision.id) {
            Read::Bytes(bytes) => bytes,
            Read::Skip(why) => {
                coverage.skip(revision.origin.label().to_string(), why);
                return Vec::new();
            }
        };
        coverage.blobs += 1;
        coverage.bytes += bytes.len() as u64;
        self.watch.advance(bytes.len() as u64);
        let mut sightings = self.file(&revision.origin, &bytes, &mut coverage.skips);
        if sightings.is_empty() {
            return sightings;
        }
        for ids in &revision.replaced {
            let mut known = old.counts(ids, &revision.origin);
            sightings.retain(|sighting| match known.get_mut(&sighting.finding.fingerprint) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            });
        }
        sightings
    }
}

/// What older contents held; each is read at most once.
struct Old<'o> {
    scanner: &'o Scanner,
    repo: &'o Repo,
    known: HashMap<ObjectId, Counts>,
}

impl<'o> Old<'o> {
    fn new(scanner: &'o Scanner, repo: &'o Repo) -> Self {
        Old { scanner, repo, known: HashMap::new() }
    }

    fn counts(&mut self, ids: &[ObjectId], origin: &Origin) -> Counts {
        let mut total = Counts::new();
        for id in ids {
            let (scanner, repo) = (self.scanner, self.repo);
            let counts = self.known.entry(*id).or_insert_with(|| count(scanner, repo, *id, origin));
            for (fingerprint, count) in counts {
                *total.entry(*fingerprint).or_default() += *count;
            }
        }
        total
    }
}

/// Counts credentials in old content. What cannot be read held nothing: then more is reported, not less.
fn count(scanner: &Scanner, repo: &Repo, id: ObjectId, origin: &Origin) -> Counts {
    let mut counts = Counts::new();
    let is_too_late = scanner.is_too_late_for(repo, id).is_some();
    if is_too_late {
        return counts;
    }
    if let Read::Bytes(bytes) = repo.blob(id) {
        // What of an old archive is not read holds nothing either.
        let sightings = scanner.file_until(origin, &bytes, &mut Vec::new());
        let known = sightings.into_iter().map(|sighting| sighting.finding);
        // What was not worth reporting then must not hide what is now.
        for finding in known.filter(|finding| finding.confidence >= scanner.options.min_confidence) {
            *counts.entry(finding.fingerprint).or_default() += 1;
        }
    }
    counts
}

fn shown(range: &Range) -> String {
    match range {
        Range::Between(spec) => format!("the commits of {spec}"),
        Range::Unpushed(spec) => format!("the commits of {spec} that no remote has"),
        Range::Pushed(push) => push.title.clone(),
    }
}
