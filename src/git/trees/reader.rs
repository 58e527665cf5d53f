//! Reads every tree of a store, and of each only what is new in it.
//!
//! Most trees are deltas in which one entry of many differs. What was copied from the base is inherited by arithmetic,
//! and of all trees only the differences are kept: what came in each, and what went.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::{BString, ByteSlice as _};
use gix::objs::Kind;
use gix::{ObjectId, oid};
use rayon::slice::ParallelSliceMut as _;
use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::{Entry, EntryKind, entry};
use super::{Short, short};
use crate::coverage::{Skip, Why};
use crate::git::buckets::Buckets;
use crate::git::pack::{Derived, Object, Run, Store, Visitor};

/// The number of a tree.
pub(super) type TreeNumber = u32;

/// A folder or a target in a tree: 16 bytes, as there are millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link {
    child: Short,
    tree: TreeNumber,
    name: u32,
}

/// All trees, each as what differs from the tree it is a delta of.
pub(super) struct Forest {
    ids: Vec<ObjectId>,
    /// The deltas of tree `n` are `derived[derived_ends[n - 1]..derived_ends[n]]`.
    derived_ends: Vec<u32>,
    derived: Vec<TreeNumber>,
    /// What is in a tree and not in its base, by child.
    came: Vec<Link>,
    came_index: Buckets,
    /// What is in a base and not in the tree, by tree.
    went: Vec<Link>,
    went_ends: Vec<u32>,
}

impl Forest {
    fn new(mut trees: Vec<(TreeNumber, ObjectId, Option<TreeNumber>)>, mut came: Vec<Link>, mut went: Vec<Link>) -> Self {
        trees.par_sort_unstable_by_key(|tree| tree.0);
        came.par_sort_unstable_by_key(|link| (link.child, link.tree, link.name));
        went.par_sort_unstable_by_key(|link| link.tree);
        let pairs = trees.iter().filter_map(|tree| Some((tree.2?, tree.0)));
        let derived_ends = ends(trees.len(), pairs.clone().map(|pair| pair.0));
        let mut next = starts(&derived_ends);
        let mut derived = vec![0; derived_ends.last().map_or(0, |&end| end as usize)];
        for (base, tree) in pairs {
            let slot = &mut next[base as usize];
            derived[*slot as usize] = tree;
            *slot += 1;
        }
        let went_ends = ends(trees.len(), went.iter().map(|link| link.tree));
        let came_index = Buckets::new(came.iter().map(|link| link.child));
        let ids = trees.into_iter().map(|tree| tree.1).collect();
        Forest { ids, derived_ends, derived, came, came_index, went, went_ends }
    }

    /// Returns the number of trees.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, tree: TreeNumber) -> &oid {
        &self.ids[tree as usize]
    }

    /// Calls `each` with every tree that holds the child, and the name it has there.
    pub(super) fn each_with(&self, child: Short, mut each: impl FnMut(TreeNumber, u32)) {
        let mut pending = Vec::new();
        for link in self.came[self.came_index.around(child)].iter().filter(|link| link.child == child) {
            pending.push(link.tree);
            while let Some(tree) = pending.pop() {
                each(tree, link.name);
                let keeps = |derived: &&TreeNumber| !self.went(**derived).iter().any(|w| w.child == child && w.name == link.name);
                pending.extend(part(&self.derived, &self.derived_ends, tree).iter().filter(keeps));
            }
        }
    }

    fn went(&self, tree: TreeNumber) -> &[Link] {
        part(&self.went, &self.went_ends, tree)
    }
}

/// Counts how many belong to each number, and returns where each one's part ends when they lie in order.
fn ends(count: usize, owners: impl Iterator<Item = TreeNumber>) -> Vec<u32> {
    let mut ends = vec![0u32; count];
    owners.for_each(|owner| ends[owner as usize] += 1);
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    ends
}

fn starts(ends: &[u32]) -> Vec<u32> {
    std::iter::once(0).chain(ends.iter().copied()).take(ends.len()).collect()
}

fn part<'p, T>(all: &'p [T], ends: &[u32], owner: TreeNumber) -> &'p [T] {
    let owner = owner as usize;
    let start = if owner == 0 { 0 } else { ends[owner - 1] };
    &all[start as usize..ends[owner] as usize]
}

/// Reads trees on several threads.
pub(super) struct Reader<'r> {
    store: &'r Store,
    targets: FxHashSet<ObjectId>,
    /// One bit for each value of the first two bytes of a target's name: most blobs are none.
    maybe: Box<[u64; 1024]>,
    trees: AtomicU32,
    names: Mutex<Names>,
    /// One for each thread, and one for whoever is none of the pool's.
    found: Vec<Mutex<Found>>,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    trees: Vec<(TreeNumber, ObjectId, Option<TreeNumber>)>,
    came: Vec<Link>,
    went: Vec<Link>,
    skips: Vec<Skip>,
}

/// Every name of a folder or target, once.
#[derive(Default)]
struct Names {
    all: Vec<BString>,
    numbers: FxHashMap<BString, u32>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name.as_bstr()) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("fewer than 2^32 names");
        self.all.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }
}

/// What is known of a tree to those that are deltas of it.
pub(super) struct Known {
    number: TreeNumber,
    /// Where each entry begins, and where the last one ends.
    bounds: Vec<u32>,
    ways: Vec<Way>,
}

/// An entry that leads somewhere.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    /// Where the entry begins.
    at: u32,
    name: u32,
    child: Short,
}

impl<'r> Reader<'r> {
    pub(super) fn new(store: &'r Store, targets: &[ObjectId]) -> Self {
        let mut maybe = Box::new([0u64; 1024]);
        for target in targets {
            let (word, bit) = place(target);
            maybe[word] |= bit;
        }
        let targets = targets.iter().copied().collect();
        let found = (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Reader { store, targets, maybe, trees: AtomicU32::new(0), names: Mutex::default(), found }
    }

    /// Returns what was read: the trees, the names in them, and what is not there.
    pub(super) fn finish(self) -> (Forest, Vec<BString>, Vec<Skip>) {
        let mut parts: Vec<Found> = self.found.into_iter().map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        parts.sort_by_key(|part| part.came.len());
        // The largest part takes in the others, so that hardly anything is there twice.
        let mut all = parts.pop().unwrap_or_default();
        for found in parts {
            all.trees.extend(found.trees);
            all.came.extend(found.came);
            all.went.extend(found.went);
            all.skips.extend(found.skips);
        }
        let names = self.names.into_inner().unwrap_or_else(PoisonError::into_inner).all;
        (Forest::new(all.trees, all.came, all.went), names, all.skips)
    }

    /// Returns what this thread found so far; nobody else asks for it meanwhile.
    fn own(&self) -> MutexGuard<'_, Found> {
        let number = rayon::current_thread_index().unwrap_or(self.found.len() - 1);
        self.found[number.min(self.found.len() - 1)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_target(&self, id: &oid) -> bool {
        let (word, bit) = place(id);
        self.maybe[word] & bit != 0 && self.targets.contains(id)
    }

    /// Reads an entry that was not copied: where it leads, and whether that is there at all.
    fn way(&self, own: &mut Found, entry: &Entry<'_>) -> Option<Way> {
        if entry.kind != EntryKind::Submodule && !self.store.holds(entry.id) {
            own.skips.push(Skip { what: format!("{} {}", entry.name.as_bstr(), entry.id), why: Why::Missing });
        }
        let leads_on = match entry.kind {
            EntryKind::Tree => true,
            EntryKind::Blob => self.is_target(entry.id),
            EntryKind::Submodule => false,
        };
        leads_on.then(|| {
            let name = self.names.lock().unwrap_or_else(PoisonError::into_inner).number(entry.name);
            Way { at: small(entry.start), name, child: short(entry.id) }
        })
    }
}

fn place(id: &oid) -> (usize, u64) {
    let head = u16::from_be_bytes(*id.as_bytes().first_chunk().unwrap_or(&[0, 0]));
    (usize::from(head >> 6), 1 << (head & 63))
}

/// Trees are far smaller than 4 GiB: larger objects are not read.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A part of the base's ways that was copied.
type Copied = std::ops::Range<usize>;

/// One tree being read.
struct Step<'s> {
    bounds: Vec<u32>,
    ways: Vec<Way>,
    copied: Vec<Copied>,
    base: Option<(&'s Known, &'s [Run])>,
}

impl Step<'_> {
    /// Inherits all whole entries from `at` on that were copied in one run, and returns where they end.
    fn inherit(&mut self, at: usize) -> Option<usize> {
        let (base, runs) = self.base?;
        let number = runs.partition_point(|run| run.target + run.len <= at);
        let run = runs.get(number).filter(|run| run.target <= at)?;
        let in_base = small(run.base + (at - run.target));
        let first = base.bounds.binary_search(&in_base).ok()?;
        let run_end = small(run.base + run.len);
        let last = first + base.bounds[first..].partition_point(|&bound| bound <= run_end) - 1;
        if last == first {
            return None;
        }
        let here = |bound: u32| (bound - in_base) + small(at);
        self.bounds.extend(base.bounds[first..last].iter().map(|&bound| here(bound)));
        let (from, to) = (in_base, base.bounds[last]);
        let ways = base.ways.partition_point(|way| way.at < from)..base.ways.partition_point(|way| way.at < to);
        self.ways.extend(base.ways[ways.clone()].iter().map(|way| Way { at: here(way.at), ..*way }));
        self.copied.push(ways);
        Some(here(to) as usize)
    }

    /// Returns the base's ways that were not copied.
    fn went(&mut self) -> Vec<Way> {
        let Some((base, _)) = self.base else { return Vec::new() };
        self.copied.sort_unstable_by_key(|copied| copied.start);
        let mut went = Vec::new();
        let mut at = 0;
        for copied in &self.copied {
            went.extend_from_slice(&base.ways[at.min(copied.start)..copied.start]);
            at = at.max(copied.end);
        }
        went.extend_from_slice(&base.ways[at..]);
        // A forged tree may have the same entry twice, and lose one of them.
        went.retain(|way| {
            !self.copied.iter().any(|copied| base.ways[copied.clone()].iter().any(|w| (w.child, w.name) == (way.child, way.name)))
        });
        went
    }
}

impl Visitor for Reader<'_> {
    type Kept = Known;

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn visit(&self, tree: Object<'_>, derived: Option<Derived<'_, Known>>) -> Known {
        let number = self.trees.fetch_add(1, Ordering::Relaxed);
        let mut own = self.own();
        let base = derived.as_ref().map(|derived| (derived.kept, derived.runs));
        let room = base.map_or(tree.bytes.len() / 40, |(base, _)| base.bounds.len()) + 4;
        let mut step = Step { bounds: Vec::with_capacity(room), ways: Vec::new(), copied: Vec::new(), base };
        let mut at = 0;
        while at < tree.bytes.len() {
            if let Some(end) = step.inherit(at) {
                at = end;
                continue;
            }
            let Some(entry) = entry(tree.bytes, at, tree.id.as_bytes().len()) else {
                own.skips.push(Skip { what: format!("tree {}", tree.id), why: Why::Corrupt { detail: "an entry is cut off".into() } });
                break;
            };
            step.bounds.push(small(at));
            at = entry.end;
            if let Some(way) = self.way(&mut own, &entry) {
                step.ways.push(way);
                own.came.push(Link { child: way.child, tree: number, name: way.name });
            }
        }
        step.bounds.push(small(at));
        own.went.extend(step.went().into_iter().map(|way| Link { child: way.child, tree: number, name: way.name }));
        own.trees.push((number, tree.id.to_owned(), base.map(|(base, _)| base.number)));
        Known { number, bounds: step.bounds, ways: step.ways }
    }

    fn skip(&self, id: &oid, why: Why) {
        self.own().skips.push(Skip { what: format!("tree {id}"), why });
    }
}

/// Reads a tree alone and as a delta, for the fuzz targets.
///
/// # Panics
/// When the two differ.
#[cfg(fuzzing)]
pub(in crate::git) fn same_as_alone(store: &Store, base: &[u8], tree: &[u8], runs: &[Run]) {
    let reader = Reader::new(store, &[]);
    let id = ObjectId::from_bytes_or_panic(&[1; 20]);
    let object = |bytes| Object { id: &id, kind: Kind::Tree, bytes, is_repeat: false, is_base: true };
    let known = reader.visit(object(base), None);
    let derived = reader.visit(object(tree), Some(Derived { base, kept: &known, runs }));
    let alone = reader.visit(object(tree), None);
    assert_eq!(derived.bounds, alone.bounds);
    assert_eq!(derived.ways, alone.ways);
    let (forest, ..) = reader.finish();
    for way in &alone.ways {
        let mut holders = Vec::new();
        forest.each_with(way.child, |tree, name| holders.push((tree, name)));
        assert!(holders.contains(&(derived.number, way.name)) && holders.contains(&(alone.number, way.name)));
    }
}
