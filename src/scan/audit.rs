//! `staunch audit`: every object of a repository, and how each credential came and went.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use bstr::BString;
use gix::objs::Kind;
use gix::{ObjectId, ThreadSafeRepository};
use rayon::iter::{IntoParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

use super::at_head::Places;
use super::suspects::{Looked, Suspect};
use super::{Error, Scanner, Sighting, people};
use crate::chunk::{Origin, Readable};
use crate::coverage::{Coverage, Skip, Why};
use crate::detect::value_hash;
use crate::enrich::holding::{self, Holding};
use crate::enrich::person::People;
use crate::enrich::presence::{self, Stay};
use crate::enrich::provenance::{self, Trail};
use crate::enrich::pushed;
use crate::git::changes;
use crate::git::graph::Graph;
use crate::git::pack::Store;
use crate::git::refs::{self, Holder, Logged, Tip};
use crate::git::trees::{Shadows, Target};
use crate::git::{Read, Repo};
use crate::source::examined::{self, Examined};
use crate::suppress::baseline::Baseline;
use crate::verdict::{Commit, Context, Outcome, Period, Provenance, Pushed, Ref, RefState};

/// Is part of what makes a blob clean: goes up when more is read of the same bytes.
const WHAT_IS_READ: &[u8] = b"archives";

impl Scanner {
    /// Reads what earlier audits found clean with this scanner's detectors; nothing is where there is no file yet.
    ///
    /// # Errors
    /// When the file is there and is not a whole state of an audit.
    pub fn examined(&self, path: &Path) -> Result<Examined, examined::Error> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(WHAT_IS_READ);
        hasher.update(format!("{:?}", self.options.min_confidence).as_bytes());
        for detector in self.catalog.detectors() {
            hasher.update(format!("{detector:?}").as_bytes());
        }
        Examined::read(path, *hasher.finalize().as_bytes())
    }

    /// Scans every object of a repository but those that are known to be clean, and traces what it finds through history.
    ///
    /// # Errors
    /// When the repository's refs or object folders cannot be read; objects that cannot be are in the coverage.
    pub fn audit(&self, repo: &Repo, examined: Option<&Examined>, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let store = Store::open(repo)?;
        let tips = refs::tips(repo)?;
        let shallow = repo.shallow_commits()?;
        let head = repo.head_commit()?;
        let staged = changes::indexed(repo)?;
        let remote_log = refs::remote_log(repo)?;
        self.watch.expect(store.bytes());
        let shared = repo.inner().clone().into_sync();
        let audit = self.on_threads(|| {
            let repo = &Repo::of(shared.to_thread_local());
            let Looked { suspects, seen, unread } = self.suspects(&store, repo, examined);
            let blobs: Vec<&Suspect> = suspects.iter().filter(|suspect| suspect.kind == Kind::Blob).collect();
            let ids: Vec<ObjectId> = blobs.iter().map(|suspect| suspect.id).chain(unread.ids()).collect();
            let (graph, (shadows, missing)) = rayon::join(
                || Graph::new(&store, seen.commits, seen.tags, &shallow, &tips),
                || Shadows::read(&store, &Repo::of(shared.to_thread_local()), &ids, &self.watch),
            );
            let mut coverage = Coverage {
                commits: graph.len() as u64,
                blobs: seen.blobs,
                bytes: seen.bytes,
                known: examined.map_or(0, Examined::count),
                scope: "the whole history".into(),
                skips: seen.skips,
            };
            coverage.skips.extend(gaps(&graph, &store, &tips));
            coverage.skips.extend(index_gaps(&store, &staged));
            coverage.skips.extend(missing);
            let history = History::new(self, &graph, &shadows, &blobs, head, Refs { tips: &tips, remote_log: &remote_log });
            coverage.skips.extend(unread.skips(&history.paths_of_others()));
            let mut sightings = history.sightings(self, repo, &mut coverage.skips);
            self.find_counterparts(repo, head, &mut sightings);
            let past = people::History { repo, shared: &shared, graph: &graph, shadows: &shadows, blobs: &ids, head };
            self.find_people(&past, &mut sightings);
            let texts: Vec<(ObjectId, Kind)> =
                suspects.iter().filter(|suspect| suspect.kind != Kind::Blob).map(|suspect| (suspect.id, suspect.kind)).collect();
            sightings.extend(self.texts(repo, &texts, &graph, &tips, &mut coverage.skips));
            (sightings, coverage)
        })?;
        let (sightings, coverage) = audit;
        self.conclude(sightings, coverage, baseline, true)
    }
}

/// Names what refs and commits point to and what is not there.
pub(super) fn gaps(graph: &Graph<'_>, store: &Store, tips: &[Tip]) -> Vec<Skip> {
    let mut skips = Vec::new();
    for (id, is_shallow) in &graph.missing {
        let why = if *is_shallow { Why::Shallow } else { Why::Missing };
        skips.push(Skip { what: format!("commit {id}"), why });
    }
    // What only a reflog names may have been collected; that is no gap.
    for tip in tips.iter().filter(|tip| tip.holder != Holder::Reflog && !store.holds(&tip.id)) {
        skips.push(Skip { what: format!("{} {}", tip.name, tip.id), why: Why::Missing });
    }
    for (tag, target) in graph.tags().iter().filter(|(_, target)| !store.holds(target)) {
        skips.push(Skip { what: format!("{target}, which tag {tag} names"), why: Why::Missing });
    }
    for (commit, tree) in &graph.missing_trees {
        skips.push(Skip { what: format!("tree {tree} of commit {commit}"), why: Why::Missing });
    }
    skips
}

/// Names what the index is about to commit and what is not there.
fn index_gaps(store: &Store, staged: &[(BString, ObjectId)]) -> Vec<Skip> {
    let missing = staged.iter().filter(|(_, id)| !store.holds(id));
    missing.map(|(path, id)| Skip { what: format!("{path} {id} of the index"), why: Why::Missing }).collect()
}

/// The suspects of one repository in the light of its history.
struct History<'h> {
    graph: &'h Graph<'h>,
    /// Blobs that some commit leads to, and one of their paths: suspects by their number, then others of which that is asked.
    named: BTreeMap<u32, BString>,
    blobs: &'h [&'h Suspect],
    trails: provenance::Trails,
    /// By number of the tip: its name, where it is one that holdings name.
    names: Vec<String>,
    /// By number of the trail.
    fates: Vec<Fate>,
    /// By number of the credential: its hash.
    values: Vec<u128>,
}

/// Where a credential got to from its path.
struct Fate {
    /// The refs whose history has it.
    holdings: Vec<Holding>,
    /// When it was in the tip of something.
    stays: Vec<Stay>,
    /// Whether a remote has it.
    pushed: Pushed,
}

/// The names of a repository, and what its remote-tracking refs named before.
struct Refs<'r> {
    tips: &'r [Tip],
    remote_log: &'r [Logged],
}

/// What is to be reported of one blob: by path, the hashes of secrets and their trails.
type Wanted<'w> = BTreeMap<ObjectId, WantedPaths<'w>>;
type WantedPaths<'w> = BTreeMap<BString, Vec<(u128, Option<Followed<'w>>)>>;

/// A trail, and where it led.
type Followed<'w> = (&'w Trail, &'w Fate);

impl<'h> History<'h> {
    fn new(
        scanner: &Scanner,
        graph: &'h Graph<'h>,
        shadows: &Shadows,
        blobs: &'h [&'h Suspect],
        head: Option<ObjectId>,
        refs: Refs<'_>,
    ) -> Self {
        let Refs { tips, remote_log } = refs;
        let mut values: Vec<u128> = blobs.iter().flat_map(|blob| blob.values()).collect();
        values.sort_unstable();
        values.dedup();
        let holds = |target: u32, path: &BString| {
            let Some(blob) = blobs.get(target as usize) else { return Vec::new() };
            let likely = blob.values_at(&scanner.catalog, path.as_ref(), scanner.options.min_confidence);
            let number = |value| values.binary_search(&value).ok().and_then(|number| u32::try_from(number).ok());
            let mut held: Vec<u32> = likely.into_iter().filter_map(number).collect();
            held.sort_unstable();
            held.dedup();
            held
        };
        let head = head.and_then(|head| graph.number(&head));
        let named = shadows.targets(graph.trees().iter().copied());
        let trails = provenance::follow(graph, shadows, head, &holds);
        let holdings = holding::holdings(graph, shadows, tips, &trails, &holds);
        let mut names = vec![String::new(); tips.len()];
        for tip in holdings.iter().flatten().map(|holding| holding.tip).collect::<BTreeSet<_>>() {
            names[tip] = scanner.scrub(tips[tip].name.clone());
        }
        let pushed = pushed::pushed(graph, &trails, remote_log, tips.iter().any(|tip| tip.holder == Holder::Remote));
        let stays = presence::stays(graph, tips, &trails);
        let fates = holdings.into_iter().zip(stays).zip(pushed).map(|((holdings, stays), pushed)| Fate { holdings, stays, pushed });
        History { graph, named, blobs, trails, names, fates: fates.collect(), values }
    }

    /// Returns paths of the blobs behind the suspects, by their number among those.
    fn paths_of_others(&self) -> BTreeMap<usize, &BString> {
        self.named.iter().filter_map(|(&target, path)| Some(((target as usize).checked_sub(self.blobs.len())?, path))).collect()
    }

    /// Reads the blobs in which credentials came, and says of each what history knows.
    fn sightings(&self, scanner: &Scanner, repo: &Repo, skips: &mut Vec<Skip>) -> Vec<Sighting> {
        let mut wanted = Wanted::new();
        for (((path, credential), trail), fate) in self.trails.iter().zip(&self.fates) {
            let id = self.blobs[trail.introduced.1 as usize].id;
            let value = self.values[*credential as usize];
            wanted.entry(id).or_default().entry(path.clone()).or_default().push((value, Some((trail, fate))));
        }
        // What no commit leads to has no path to be judged by, unless its value has a trail elsewhere.
        let traced: BTreeSet<u128> = self.trails.keys().map(|(_, credential)| self.values[*credential as usize]).collect();
        for (_, blob) in (0u32..).zip(self.blobs).filter(|(target, _)| !self.named.contains_key(target)) {
            let values: BTreeSet<u128> = blob.values().collect();
            let lost = values.difference(&traced).map(|&value| (value, None));
            wanted.entry(blob.id).or_default().entry(BString::default()).or_default().extend(lost);
        }
        let people = People::of(repo);
        let mut commits = Commits { graph: self.graph, people: &people, repo, scanner, known: HashMap::new() };
        // What commits say is read once for all of them, blobs are looked at on all threads.
        let told: Vec<ToldOfBlob<'_>> = wanted.into_iter().map(|(id, paths)| (id, self.told(paths, &mut commits))).collect();
        let shared = repo.inner().clone().into_sync();
        let heads = Heads::read(self, scanner, &shared);
        let look = |repo: &mut Repo, (id, paths): &ToldOfBlob<'_>| match repo.blob(*id) {
            Read::Bytes(bytes) => {
                let at_path = |(path, told): &(BString, Vec<Told<'_>>)| {
                    let blob = Located { id: *id, bytes: &bytes, path };
                    self.at_path(scanner, blob, told, &heads)
                };
                Ok(paths.iter().flat_map(at_path).collect::<Vec<Sighting>>())
            }
            Read::Skip(why) => Err(Skip { what: format!("blob {id}"), why }),
        };
        let looked: Vec<Result<Vec<Sighting>, Skip>> = told.par_iter().map_init(|| Repo::of(shared.to_thread_local()), look).collect();
        let mut sightings = Vec::new();
        for seen in looked {
            match seen {
                Ok(own) => sightings.extend(own),
                Err(skip) => skips.push(skip),
            }
        }
        sightings
    }

    /// Completes what is wanted of a blob by what commits say.
    fn told<'s>(&'s self, paths: WantedPaths<'s>, commits: &mut Commits<'_>) -> Vec<(BString, Vec<Told<'s>>)> {
        let mut tell = |(value, followed): (u128, Option<Followed<'s>>)| Told {
            value,
            trail: followed.map(|(trail, _)| trail),
            context: self.context(followed, commits),
        };
        paths.into_iter().map(|(path, places)| (path, places.into_iter().map(&mut tell).collect())).collect()
    }

    /// Makes sightings of the wanted credentials of a blob at a path; its bytes are looked at once for all.
    fn at_path(&self, scanner: &Scanner, blob: Located<'_>, told: &[Told<'_>], heads: &Heads) -> Vec<Sighting> {
        let path = blob.path;
        let origin = if path.is_empty() { Origin::Blob { id: blob.id } } else { Origin::File { path: path.clone() } };
        let mut found = by_value(scanner, blob.bytes, &origin);
        let mut sightings = Vec::new();
        for Told { value, trail, context } in told {
            let mut own = found.remove(value).unwrap_or_default();
            for Sighting { finding, context: known, .. } in &mut own {
                if let Some(trail) = trail {
                    finding.origin = Origin::Committed { path: path.clone(), commit: self.graph.id(trail.introduced.0).to_owned() };
                }
                let said = std::mem::take(&mut known.identity);
                *known = Context { identity: said, expiry: known.expiry, stored: known.stored, ..context.clone() };
            }
            if let Some(head) = trail.and_then(|trail| trail.at_head) {
                let places = heads.places(head, path, *value);
                places.give(&mut own.iter_mut().collect::<Vec<_>>());
            }
            sightings.extend(own);
        }
        sightings
    }

    fn context(&self, trail: Option<Followed<'_>>, commits: &mut Commits<'_>) -> Context {
        let Some((trail, fate)) = trail else {
            let lost = Provenance::Unknown { why: "no commit holds this blob" };
            return Context { holder: Some(Holder::Nothing), ..Context::of(lost) };
        };
        let introduced = commits.get(trail.introduced.0);
        let provenance = if self.graph.is_border(trail.introduced.0) {
            Provenance::Unknown { why: "the clone is shallow: the commit that brought it is not here" }
        } else {
            introduced.map_or(Provenance::Unknown { why: "the commit cannot be read" }, Provenance::Known)
        };
        let is_head = |holding: &&Holding| self.names[holding.tip] == "HEAD";
        // What took it away on the way to HEAD says more than what did so in some branch.
        let removed = fate.holdings.iter().find(is_head).map_or(trail.removed, |head| head.removed.or(trail.removed));
        let refs = fate.holdings.iter().filter(|holding| !is_head(holding)).map(|holding| Ref {
            name: self.names[holding.tip].clone(),
            state: match holding.removed {
                _ if holding.is_there => RefState::Present,
                Some(commit) => RefState::Removed(self.graph.id(commit).to_owned()),
                None => RefState::Absent,
            },
        });
        Context {
            refs: refs.collect(),
            removed: removed.filter(|_| trail.at_head.is_none()).and_then(|number| commits.get(number)),
            periods: periods(&fate.stays, commits),
            holder: Some(trail.holder),
            pushed: fate.pushed,
            ..Context::of(provenance)
        }
    }
}

/// Returns the dates of stays; who cannot be read tells none.
fn periods(stays: &[Stay], commits: &mut Commits<'_>) -> Vec<Period> {
    let mut date = |commit| commits.get(commit).map(|commit| commit.date);
    let dated = stays.iter().filter_map(|stay| Some(Period { from: date(stay.from)?, until: stay.until.and_then(&mut date) }));
    Period::united(dated.collect())
}

/// A blob under one of its paths; the path is empty where no tree names the blob.
#[derive(Clone, Copy)]
struct Located<'b> {
    id: ObjectId,
    bytes: &'b Readable,
    path: &'b BString,
}

/// What is told of a credential of a blob at a path.
struct Told<'t> {
    value: u128,
    trail: Option<&'t Trail>,
    context: Context,
}

/// A blob, and what is told of it by path.
type ToldOfBlob<'t> = (ObjectId, Vec<(BString, Vec<Told<'t>>)>);

/// Where credentials are in HEAD's versions of files, by the hash of their value; each file is looked at once.
struct Heads(HashMap<(Target, BString), HashMap<u128, Places>>);

impl Heads {
    fn read(history: &History<'_>, scanner: &Scanner, shared: &ThreadSafeRepository) -> Self {
        let at_head = history.trails.iter().filter_map(|((path, _), trail)| Some((trail.at_head?, path)));
        let files: BTreeSet<(Target, &BString)> = at_head.collect();
        let read = |repo: &mut Repo, (blob, path): (Target, &BString)| {
            let Read::Bytes(bytes) = repo.blob(history.blobs[blob as usize].id) else { return ((blob, path.clone()), HashMap::new()) };
            let found = by_value(scanner, &bytes, &Origin::File { path: path.clone() });
            let places = |sightings: Vec<Sighting>| sightings.into_iter().map(|sighting| sighting.finding).collect();
            ((blob, path.clone()), found.into_iter().map(|(value, sightings)| (value, places(sightings))).collect())
        };
        Heads(files.into_par_iter().map_init(|| Repo::of(shared.to_thread_local()), read).collect())
    }

    fn places(&self, blob: Target, path: &BString, value: u128) -> Places {
        self.0.get(&(blob, path.clone())).and_then(|places| places.get(&value)).cloned().unwrap_or_default()
    }
}

/// Finds all credentials of a file, by the hash of their value.
fn by_value(scanner: &Scanner, text: &Readable, origin: &Origin) -> HashMap<u128, Vec<Sighting>> {
    let mut found: HashMap<u128, Vec<Sighting>> = HashMap::new();
    for sighting in scanner.file_again(origin, text) {
        found.entry(value_hash(sighting.finding.secret.expose())).or_default().push(sighting);
    }
    found
}

/// Commits that reports name; each is read once.
struct Commits<'c> {
    graph: &'c Graph<'c>,
    people: &'c People,
    repo: &'c Repo,
    scanner: &'c Scanner,
    known: HashMap<u32, Option<Commit>>,
}

impl Commits<'_> {
    fn get(&mut self, number: u32) -> Option<Commit> {
        let id = self.graph.id(number).to_owned();
        let read = || self.people.commit(self.repo, id).map(|commit| self.scanner.scrubbed(commit));
        self.known.entry(number).or_insert_with(read).clone()
    }
}
