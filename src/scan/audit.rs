//! `staunch audit`: every object of a repository, and how each credential came and went.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use bstr::BString;
use gix::ObjectId;
use gix::objs::Kind;

use super::check::split_message;
use super::{Error, Scanner, Sighting};
use crate::chunk::{Content, Origin};
use crate::coverage::{Coverage, Skip, Why};
use crate::detect::judge::{Form, PathClass};
use crate::detect::{Match, Trace};
use crate::enrich::person::People;
use crate::enrich::provenance::{self, Trail};
use crate::finding::Finding;
use crate::git::graph::Graph;
use crate::git::pack::{Derived, Object, Store};
use crate::git::refs::{self, Holder, Tip};
use crate::git::trees::Shadows;
use crate::git::{Read, Repo};
use crate::source::history;
use crate::suppress::baseline::Baseline;
use crate::verdict::{AtHead, Commit, Context, Expiry, Outcome, Provenance};

/// What is kept of a match until its paths are known: 32 bytes instead of some hundred.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// A hash of the secret, for this run only.
    value: u128,
    odds: f32,
    form: Form,
}

/// A blob, commit or tag that holds candidates.
struct Suspect {
    id: ObjectId,
    kind: Kind,
    candidates: Vec<Candidate>,
}

/// Looks at each object, and only at what is new in it where it is a delta.
struct Search<'s> {
    scanner: &'s Scanner,
    suspects: Mutex<Vec<Suspect>>,
}

impl history::Look for Search<'_> {
    type Kept = Trace;

    fn look(&self, object: Object<'_>, derived: Option<Derived<'_, Trace>>) -> Trace {
        let catalog = &self.scanner.catalog;
        let trace = match derived {
            Some(derived) if !self.scanner.options.in_full => catalog.trace_derived(object.bytes, derived.base, derived.kept, derived.runs),
            Some(_) | None => catalog.trace(object.bytes),
        };
        if !object.is_repeat && !trace.is_bland() {
            let min = Some(self.scanner.options.min_confidence);
            let settled = trace.settled(catalog);
            let likely = settled.iter().filter(|sketch| sketch.form.confidence_at_best(sketch.odds) >= min);
            let candidates: Vec<Candidate> = likely.map(|s| Candidate { value: s.value, odds: s.odds, form: s.form }).collect();
            if !candidates.is_empty() {
                self.scanner.watch.spot(candidates.len());
                let suspect = Suspect { id: object.id.to_owned(), kind: object.kind, candidates };
                self.suspects.lock().unwrap_or_else(PoisonError::into_inner).push(suspect);
            }
        }
        trace
    }
}

impl Scanner {
    /// Scans every object of a repository, and traces what it finds through history.
    ///
    /// # Errors
    /// When the repository's refs or object folders cannot be read; objects that cannot be are in the coverage.
    pub fn audit(&self, repo: &Repo, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let store = Store::open(repo)?;
        let tips = refs::tips(repo)?;
        let shallow = repo.shallow_commits()?;
        let head = repo.head_commit()?;
        self.watch.expect(store.bytes());
        let shared = repo.inner().clone().into_sync();
        let audit = self.on_threads(|| {
            let repo = &Repo::of(shared.to_thread_local());
            let (suspects, seen) = self.suspects(&store, repo);
            let graph = Graph::new(seen.commits, &seen.tags, &shallow, &tips);
            let mut coverage = Coverage {
                commits: graph.len() as u64,
                blobs: seen.blobs,
                bytes: seen.bytes,
                scope: "the whole history".into(),
                skips: seen.skips,
            };
            coverage.skips.extend(gaps(&graph, &store, &tips));
            let blobs: Vec<&Suspect> = suspects.iter().filter(|suspect| suspect.kind == Kind::Blob).collect();
            let ids: Vec<ObjectId> = blobs.iter().map(|suspect| suspect.id).collect();
            let (shadows, skips) = Shadows::read(&store, repo, &ids, &self.watch);
            coverage.skips.extend(skips);
            let history = History::new(&graph, &shadows, &blobs, head);
            let mut sightings = history.sightings(self, repo, &mut coverage.skips);
            sightings.extend(self.texts(repo, &suspects, &graph));
            (sightings, coverage)
        })?;
        let (sightings, coverage) = audit;
        self.conclude(sightings, coverage, baseline, true)
    }

    /// Looks at every blob, commit and tag once.
    fn suspects(&self, store: &Store, repo: &Repo) -> (Vec<Suspect>, history::Seen) {
        let search = Search { scanner: self, suspects: Mutex::default() };
        let seen = history::each(store, repo, &self.watch, &search);
        let mut suspects = search.suspects.into_inner().unwrap_or_else(PoisonError::into_inner);
        suspects.sort_by_key(|suspect| suspect.id);
        (suspects, seen)
    }

    /// Makes findings of what messages of commits and tags hold.
    fn texts(&self, repo: &Repo, suspects: &[Suspect], graph: &Graph) -> Vec<Sighting> {
        let people = People::of(repo);
        let mut sightings = Vec::new();
        for suspect in suspects.iter().filter(|suspect| suspect.kind != Kind::Blob) {
            let Ok(object) = repo.inner().find_object(suspect.id) else { continue };
            let id = suspect.id;
            let (origin, commit) = match suspect.kind {
                Kind::Commit => (Origin::Commit { id }, people.commit(repo, id).map(|commit| self.scrubbed(commit))),
                Kind::Tag | Kind::Tree | Kind::Blob => (Origin::Tag { id }, None),
            };
            let holder = graph.number(&id).map(|number| graph.holder(number));
            let (head, message) = split_message(&object.data);
            for part in [head, message] {
                let mut found = self.chunk(&origin, part);
                for sighting in &mut found {
                    sighting.context.holder = holder;
                    sighting.context.provenance =
                        commit.clone().map_or(Provenance::Unknown { why: "a tag has no author of its own" }, Provenance::Known);
                }
                sightings.extend(found);
            }
        }
        sightings
    }
}

/// Names what refs and commits point to and what is not there.
fn gaps(graph: &Graph, store: &Store, tips: &[Tip]) -> Vec<Skip> {
    let mut skips = Vec::new();
    for (id, is_shallow) in &graph.missing {
        let why = if *is_shallow { Why::Shallow } else { Why::Missing };
        skips.push(Skip { what: format!("commit {id}"), why });
    }
    // What only a reflog names may have been collected; that is no gap.
    for tip in tips.iter().filter(|tip| tip.holder != Holder::Reflog && !store.holds(&tip.id)) {
        skips.push(Skip { what: format!("{} {}", tip.name, tip.id), why: Why::Missing });
    }
    for node in graph.nodes().iter().filter(|node| !store.holds(&node.tree)) {
        skips.push(Skip { what: format!("tree {} of commit {}", node.tree, node.id), why: Why::Missing });
    }
    skips
}

/// The suspects of one repository in the light of its history.
struct History<'h> {
    graph: &'h Graph,
    blobs: &'h [&'h Suspect],
    trails: provenance::Trails,
    /// By number of the credential: its hash.
    values: Vec<u128>,
}

/// What is to be read of one blob: the credentials there and where they are reported.
type Wanted = BTreeMap<ObjectId, Vec<(BString, u128, Option<usize>)>>;

impl<'h> History<'h> {
    fn new(graph: &'h Graph, shadows: &Shadows, blobs: &'h [&'h Suspect], head: Option<ObjectId>) -> Self {
        let mut values: Vec<u128> = blobs.iter().flat_map(|blob| blob.candidates.iter().map(|c| c.value)).collect();
        values.sort_unstable();
        values.dedup();
        let numbers: HashMap<u128, u32> = values.iter().copied().zip(0..).collect();
        let credentials: Vec<Vec<u32>> = blobs
            .iter()
            .map(|blob| {
                let mut held: Vec<u32> = blob.candidates.iter().map(|candidate| numbers[&candidate.value]).collect();
                held.sort_unstable();
                held.dedup();
                held
            })
            .collect();
        let head = head.and_then(|head| graph.number(&head));
        let trails = provenance::follow(graph, shadows, head, &credentials);
        History { graph, blobs, trails, values }
    }

    /// Reads the blobs in which credentials came, and says of each what history knows.
    fn sightings(&self, scanner: &Scanner, repo: &Repo, skips: &mut Vec<Skip>) -> Vec<Sighting> {
        let trails: Vec<(&BString, u128, &Trail)> =
            self.trails.iter().map(|((path, credential), trail)| (path, self.values[*credential as usize], trail)).collect();
        let mut wanted = Wanted::new();
        for (number, &(path, value, trail)) in trails.iter().enumerate() {
            if self.is_likely(scanner, trail.introduced.1, value, path) {
                let id = self.blobs[trail.introduced.1 as usize].id;
                wanted.entry(id).or_default().push((path.clone(), value, Some(number)));
            }
        }
        let traced: std::collections::HashSet<u128> = trails.iter().map(|trail| trail.1).collect();
        for blob in self.blobs {
            for candidate in blob.candidates.iter().filter(|candidate| !traced.contains(&candidate.value)) {
                wanted.entry(blob.id).or_default().push((BString::default(), candidate.value, None));
            }
        }
        let people = People::of(repo);
        let mut commits = Commits { graph: self.graph, people: &people, repo, scanner, known: HashMap::new() };
        let mut sightings = Vec::new();
        for (id, places) in wanted {
            match repo.blob(id) {
                Read::Bytes(bytes) => {
                    for (path, value, trail) in places {
                        let trail = trail.map(|number| trails[number].2);
                        sightings.extend(self.sighting(scanner, repo, &bytes, id, &path, value, trail, &mut commits));
                    }
                }
                Read::Skip(why) => skips.push(Skip { what: format!("blob {id}"), why }),
            }
        }
        sightings
    }

    /// Returns whether a candidate is worth a finding at a path, by what was kept of it.
    fn is_likely(&self, scanner: &Scanner, blob: u32, value: u128, path: &BString) -> bool {
        let class = PathClass::of(path);
        self.blobs[blob as usize]
            .candidates
            .iter()
            .filter(|candidate| candidate.value == value)
            .any(|candidate| candidate.form.confidence_at(class, candidate.odds) >= Some(scanner.options.min_confidence))
    }

    #[expect(clippy::too_many_arguments, reason = "the blob is read once for all that is reported of it")]
    fn sighting(
        &self,
        scanner: &Scanner,
        repo: &Repo,
        bytes: &[u8],
        id: ObjectId,
        path: &BString,
        value: u128,
        trail: Option<&Trail>,
        commits: &mut Commits<'_>,
    ) -> Vec<Sighting> {
        let origin = match trail {
            Some(trail) => Origin::Committed { path: path.clone(), commit: self.graph.node(trail.introduced.0).id },
            None => Origin::Blob { id },
        };
        let findings = findings_of(scanner, bytes, &origin, value);
        let mut at_head =
            trail.and_then(|trail| trail.at_head).map(|blob| self.in_head(scanner, repo, blob, path, value)).unwrap_or_default();
        let context = match trail {
            None => Context {
                provenance: Provenance::Unknown { why: "no commit holds this blob" },
                removed: None,
                at_head: None,
                holder: Some(Holder::Nothing),
                expiry: Expiry::Unstated,
            },
            Some(trail) => Context {
                provenance: commits
                    .get(trail.introduced.0)
                    .map_or(Provenance::Unknown { why: "the commit cannot be read" }, Provenance::Known),
                removed: trail.removed.and_then(|number| commits.get(number)),
                at_head: None,
                holder: Some(trail.holder),
                expiry: Expiry::Unstated,
            },
        };
        let mut sightings = scanner.sightings(bytes, findings, || context.clone());
        // The first, second, … time that the value stands in the file is the same time in HEAD's version of it.
        at_head.reverse();
        for sighting in &mut sightings {
            sighting.context.at_head = at_head.pop();
        }
        sightings
    }

    /// Returns where a credential is in HEAD's version of the file.
    fn in_head(&self, scanner: &Scanner, repo: &Repo, blob: u32, path: &BString, value: u128) -> Vec<AtHead> {
        let Read::Bytes(bytes) = repo.blob(self.blobs[blob as usize].id) else { return Vec::new() };
        let found = findings_of(scanner, &bytes, &Origin::File { path: path.clone() }, value);
        found.into_iter().map(|finding| AtHead { start: finding.start, end: finding.end, excerpt: finding.excerpt }).collect()
    }
}

/// Finds one credential in a blob.
fn findings_of(scanner: &Scanner, bytes: &[u8], origin: &Origin, value: u128) -> Vec<Finding> {
    let matches = scanner.catalog.matches(bytes, Content::of(bytes));
    let own = |m: &Match| m.value_hash(bytes) == value;
    let numbers: Vec<usize> = matches.iter().enumerate().filter(|(_, m)| own(m)).map(|(number, _)| number).collect();
    scanner.catalog.findings_of(bytes, origin, &matches, &numbers, &scanner.identities)
}

/// Commits that reports name; each is read once.
struct Commits<'c> {
    graph: &'c Graph,
    people: &'c People,
    repo: &'c Repo,
    scanner: &'c Scanner,
    known: HashMap<u32, Option<Commit>>,
}

impl Commits<'_> {
    fn get(&mut self, number: u32) -> Option<Commit> {
        let id = self.graph.node(number).id;
        let read = || self.people.commit(self.repo, id).map(|commit| self.scanner.scrubbed(commit));
        self.known.entry(number).or_insert_with(read).clone()
    }
}
