//! Reads every tree of a store, and of each only what is new in it.
//!
//! Most trees are deltas in which one entry of many differs. What was copied from the base is inherited by arithmetic,
//! and of all trees only the differences are kept: what came in each, and what went.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::{BString, ByteSlice as _};
use gix::objs::Kind;
use gix::oid;
use rayon::slice::ParallelSliceMut as _;
use rustc_hash::FxHashMap;

use super::entry::{Entry, EntryKind, entry};
use crate::coverage::{Skip, Why};
use crate::git::pack::{Derived, Object, ObjectNumber, Run, Store, Visitor};

/// The number of a tree.
pub(super) type TreeNumber = u32;

/// A folder or a target in a tree: 12 bytes, as there are millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link {
    child: ObjectNumber,
    tree: TreeNumber,
    name: u32,
}

/// A tree, and the one it is a delta of.
struct Tree {
    number: TreeNumber,
    object: ObjectNumber,
    /// `NO_BASE` where it is stored whole.
    base: TreeNumber,
}

const NO_BASE: TreeNumber = TreeNumber::MAX;

/// All trees, each as what differs from the tree it is a delta of.
pub(super) struct Forest {
    /// By tree: its number in the store.
    objects: Vec<ObjectNumber>,
    /// The deltas of tree `n` are `derived[derived_ends[n - 1]..derived_ends[n]]`.
    derived_ends: Vec<u32>,
    derived: Vec<TreeNumber>,
    /// What is in a tree and not in its base, by child.
    came: Vec<Link>,
    came_ends: Vec<u32>,
    /// What is in a base and not in the tree, by tree.
    went: Vec<Link>,
    went_ends: Vec<u32>,
}

impl Forest {
    fn new(objects_count: usize, mut trees: Vec<Tree>, mut came: Vec<Link>, mut went: Vec<Link>) -> Self {
        trees.par_sort_unstable_by_key(|tree| tree.number);
        came.par_sort_unstable_by_key(|link| (link.child, link.tree, link.name));
        went.par_sort_unstable_by_key(|link| link.tree);
        let pairs = trees.iter().filter(|tree| tree.base != NO_BASE).map(|tree| (tree.base, tree.number));
        let derived_ends = ends(trees.len(), pairs.clone().map(|pair| pair.0));
        let mut next = starts(&derived_ends);
        let mut derived = vec![0; derived_ends.last().map_or(0, |&end| end as usize)];
        for (base, tree) in pairs {
            let slot = &mut next[base as usize];
            derived[*slot as usize] = tree;
            *slot += 1;
        }
        let went_ends = ends(trees.len(), went.iter().map(|link| link.tree));
        let came_ends = ends(objects_count, came.iter().map(|link| link.child));
        let objects = trees.into_iter().map(|tree| tree.object).collect();
        Forest { objects, derived_ends, derived, came, came_ends, went, went_ends }
    }

    /// Returns the number of trees.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Returns the number that a tree has in the store.
    pub(super) fn object(&self, tree: TreeNumber) -> ObjectNumber {
        self.objects[tree as usize]
    }

    /// Calls `each` with every tree that holds the child, and the name it has there.
    pub(super) fn each_with(&self, child: ObjectNumber, mut each: impl FnMut(TreeNumber, u32)) {
        let mut pending = Vec::new();
        for link in part(&self.came, &self.came_ends, child) {
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
pub(super) fn ends(count: usize, owners: impl Iterator<Item = u32>) -> Vec<u32> {
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

/// Returns the part of one owner.
pub(super) fn part<'p, T>(all: &'p [T], ends: &[u32], owner: u32) -> &'p [T] {
    let owner = owner as usize;
    let start = if owner == 0 { 0 } else { ends[owner - 1] };
    &all[start as usize..ends[owner] as usize]
}

/// Reads trees on several threads.
pub(super) struct Reader<'r> {
    store: &'r Store,
    /// One bit for each object of the store.
    is_target: Vec<u64>,
    trees: AtomicU32,
    names: Mutex<Names>,
    /// One for each thread, and one for whoever is none of the pool's.
    found: Vec<Mutex<Found>>,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    trees: Vec<Tree>,
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
    child: ObjectNumber,
}

impl<'r> Reader<'r> {
    pub(super) fn new(store: &'r Store, targets: &[Option<ObjectNumber>]) -> Self {
        let mut is_target = vec![0; (store.objects() / 64 + 1) as usize];
        for &target in targets.iter().flatten() {
            let (word, bit) = place(target);
            is_target[word] |= bit;
        }
        let found = (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Reader { store, is_target, trees: AtomicU32::new(0), names: Mutex::default(), found }
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
        (Forest::new(self.store.objects() as usize, all.trees, all.came, all.went), names, all.skips)
    }

    /// Returns what this thread found so far; nobody else asks for it meanwhile.
    fn own(&self) -> MutexGuard<'_, Found> {
        let number = rayon::current_thread_index().unwrap_or(self.found.len() - 1);
        self.found[number.min(self.found.len() - 1)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads an entry that was not copied: where it leads, and whether that is there at all.
    fn way(&self, own: &mut Found, entry: &Entry<'_>) -> Option<Way> {
        if entry.kind == EntryKind::Submodule {
            return None;
        }
        let Some(child) = self.store.number(entry.id) else {
            own.skips.push(Skip { what: format!("{} {}", entry.name.as_bstr(), entry.id), why: Why::Missing });
            return None;
        };
        let (word, bit) = place(child);
        if entry.kind == EntryKind::Blob && self.is_target[word] & bit == 0 {
            return None;
        }
        let name = self.names.lock().unwrap_or_else(PoisonError::into_inner).number(entry.name);
        Some(Way { at: small(entry.start), name, child })
    }
}

fn place(object: ObjectNumber) -> (usize, u64) {
    ((object / 64) as usize, 1 << (object % 64))
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
        // Of objects that are there twice the first is the one that names lead to.
        let object = if tree.is_repeat { self.store.number(tree.id).unwrap_or(tree.number) } else { tree.number };
        own.trees.push(Tree { number, object, base: base.map_or(NO_BASE, |(base, _)| base.number) });
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
pub(in crate::git) fn same_as_alone(base: &[u8], tree: &[u8], runs: &[Run]) {
    let id = gix::ObjectId::from_bytes_or_panic(&[1; 20]);
    let mut ids = vec![id];
    for bytes in [base, tree] {
        let mut at = 0;
        while let Some(entry) = (at < bytes.len()).then(|| entry(bytes, at, 20)).flatten() {
            ids.push(entry.id.to_owned());
            at = entry.end;
        }
    }
    let store = Store::of_names(ids);
    let reader = Reader::new(&store, &[]);
    let object = |bytes| Object { id: &id, number: 0, kind: Kind::Tree, bytes, is_repeat: false, is_base: true };
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
