//! All trees of a repository, reduced to what leads to a few blobs.
//!
//! A tree without everything that leads to no blob of interest is its *shadow*. Equal shadows have the same number,
//! so most commits share theirs with their parent, and comparing two of them costs one comparison of numbers.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::{BString, ByteSlice as _};
use gix::objs::Kind;
use gix::{ObjectId, oid};
use rayon::slice::ParallelSliceMut as _;
use rustc_hash::{FxHashMap, FxHashSet};

use super::pack::{Derived, Object, Store, Visitor};
use super::repo::Repo;
use crate::coverage::{Skip, Why};
use crate::watch::Watch;

/// The number of a shadow; zero is the empty one.
pub(crate) type Shadow = u32;
/// The number of a blob of interest.
pub(crate) type Target = u32;

/// What a name leads to in a shadow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Child {
    Blob(Target),
    Tree(Shadow),
}

/// The shadows of all trees that lead to a target.
pub(crate) struct Shadows {
    names: Vec<BString>,
    /// By number: names and what they lead to, sorted by name number.
    shadows: Vec<Vec<(u32, Child)>>,
    by_tree: FxHashMap<ObjectId, Shadow>,
}

/// The first eight bytes of an object's name: enough to tell millions apart, and a fifth of the memory.
type Short = u64;

fn short(id: &oid) -> Short {
    id.as_bytes().first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

impl Shadows {
    /// Reads all trees of the store and keeps what leads to the targets; reports objects that trees name and that are
    /// not there.
    pub(crate) fn read(store: &Store, repo: &Repo, targets: &[ObjectId], watch: &Watch) -> (Self, Vec<Skip>) {
        let reader = Reader::new(store, targets);
        store.walk(repo, &reader, watch);
        let found = reader.merge();
        (Shadows::build(found.names, &found.trees, found.links, found.leaves), found.skips)
    }

    /// Returns the shadow of a tree.
    pub(crate) fn of_tree(&self, tree: &oid) -> Shadow {
        self.by_tree.get(tree).copied().unwrap_or(0)
    }

    /// Returns the targets that these trees lead to.
    pub(crate) fn targets<'t>(&self, trees: impl Iterator<Item = &'t oid>) -> BTreeSet<Target> {
        let mut pending: Vec<Shadow> = trees.map(|tree| self.of_tree(tree)).collect();
        let mut is_seen = vec![false; self.shadows.len()];
        let mut targets = BTreeSet::new();
        while let Some(shadow) = pending.pop() {
            if std::mem::replace(&mut is_seen[shadow as usize], true) {
                continue;
            }
            for (_, child) in self.children(shadow) {
                match child {
                    Child::Blob(target) => {
                        targets.insert(*target);
                    }
                    Child::Tree(below) => pending.push(*below),
                }
            }
        }
        targets
    }

    /// Returns what a shadow holds, sorted by name number.
    pub(crate) fn children(&self, shadow: Shadow) -> &[(u32, Child)] {
        &self.shadows[shadow as usize]
    }

    pub(crate) fn name(&self, number: u32) -> &[u8] {
        &self.names[number as usize]
    }

    /// Keeps the trees that lead to a target, from the leaves up, and numbers equal ones alike.
    fn build(names: Vec<BString>, trees: &[ObjectId], mut links: Vec<Link>, leaves: Vec<Leaf>) -> Self {
        links.par_sort_unstable_by_key(|link| (link.child, link.parent, link.name));
        let mut below: FxHashMap<TreeNumber, Vec<(u32, To)>> = FxHashMap::default();
        let mut pending = Vec::new();
        for leaf in leaves {
            let entries = below.entry(leaf.parent).or_default();
            if entries.is_empty() {
                pending.push(leaf.parent);
            }
            entries.push((leaf.name, To::Blob(leaf.target)));
        }
        while let Some(tree) = pending.pop() {
            let child = short(&trees[tree as usize]);
            let from = links.partition_point(|link| link.child < child);
            for link in links[from..].iter().take_while(|link| link.child == child) {
                let entries = below.entry(link.parent).or_default();
                if entries.is_empty() {
                    pending.push(link.parent);
                }
                entries.push((link.name, To::Tree(tree)));
            }
        }
        Numbering { below, numbers: FxHashMap::default(), known: HashMap::new(), shadows: vec![Vec::new()] }.finish(names, trees)
    }
}

/// The number of a tree among those that hold folders or targets.
type TreeNumber = u32;

/// A folder in a tree: 16 bytes, as there are millions.
#[derive(Debug, Clone, Copy)]
struct Link {
    child: Short,
    parent: TreeNumber,
    name: u32,
}

/// A target in a tree.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    parent: TreeNumber,
    name: u32,
    target: Target,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Blob(Target),
    Tree(TreeNumber),
}

/// Gives equal shadows equal numbers, from the leaves up.
struct Numbering {
    below: FxHashMap<TreeNumber, Vec<(u32, To)>>,
    numbers: FxHashMap<TreeNumber, Shadow>,
    known: HashMap<Vec<(u32, Child)>, Shadow>,
    shadows: Vec<Vec<(u32, Child)>>,
}

impl Numbering {
    fn finish(mut self, names: Vec<BString>, all: &[ObjectId]) -> Shadows {
        let mut trees: Vec<TreeNumber> = self.below.keys().copied().collect();
        trees.sort_unstable_by_key(|&tree| all[tree as usize]);
        for tree in trees {
            self.number(tree);
        }
        let by_tree = self.numbers.iter().map(|(tree, shadow)| (all[*tree as usize], *shadow)).collect();
        Shadows { names, shadows: self.shadows, by_tree }
    }

    /// Numbers a tree after all below it; a pile instead of recursion, as folders may nest without end.
    fn number(&mut self, tree: TreeNumber) {
        let mut pending = vec![(tree, false)];
        let mut is_open: FxHashSet<TreeNumber> = FxHashSet::default();
        while let Some((tree, is_ready)) = pending.pop() {
            // A forged tree may hold itself: it is not gone into again.
            if self.numbers.contains_key(&tree) || (!is_ready && !is_open.insert(tree)) {
                continue;
            }
            let Some(links) = self.below.get(&tree) else { continue };
            if !is_ready {
                pending.push((tree, true));
                let unnumbered = links.iter().filter_map(|link| match link.1 {
                    To::Tree(child) if !self.numbers.contains_key(&child) => Some((child, false)),
                    To::Tree(_) | To::Blob(_) => None,
                });
                pending.extend(unnumbered);
                continue;
            }
            let mut children: Vec<(u32, Child)> = links
                .iter()
                .filter_map(|&(name, to)| match to {
                    To::Blob(target) => Some((name, Child::Blob(target))),
                    To::Tree(child) => self.numbers.get(&child).map(|&shadow| (name, Child::Tree(shadow))),
                })
                .collect();
            children.sort_unstable();
            children.dedup();
            let next = Shadow::try_from(self.shadows.len()).expect("fewer than 2^32 trees");
            let shadow = *self.known.entry(children.clone()).or_insert(next);
            if shadow == next {
                self.shadows.push(children);
            }
            self.numbers.insert(tree, shadow);
        }
    }
}

/// Reads trees on several threads.
struct Reader<'r> {
    store: &'r Store,
    targets: FxHashMap<ObjectId, Target>,
    /// One bit for each value of the first two bytes of a target's name: most blobs are none.
    maybe: Box<[u64; 1024]>,
    /// One for each thread, and one for whoever is none of the pool's.
    found: Vec<Mutex<Found>>,
}

/// What one thread found.
#[derive(Default)]
struct Found {
    names: Vec<BString>,
    numbers: FxHashMap<BString, u32>,
    trees: Vec<ObjectId>,
    links: Vec<Link>,
    leaves: Vec<Leaf>,
    skips: Vec<Skip>,
}

impl Found {
    fn name(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name.as_bstr()) {
            return number;
        }
        let number = u32::try_from(self.names.len()).expect("fewer than 2^32 names");
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// Takes over what another thread found.
    fn absorb(&mut self, other: Found) {
        let names: Vec<u32> = other.names.iter().map(|name| self.name(name)).collect();
        let first = TreeNumber::try_from(self.trees.len()).expect("fewer than 2^32 trees");
        self.trees.extend(other.trees);
        let here = |parent: TreeNumber, name: u32| (parent + first, names[name as usize]);
        self.links.extend(other.links.into_iter().map(|link| {
            let (parent, name) = here(link.parent, link.name);
            Link { parent, name, ..link }
        }));
        self.leaves.extend(other.leaves.into_iter().map(|leaf| {
            let (parent, name) = here(leaf.parent, leaf.name);
            Leaf { parent, name, ..leaf }
        }));
        self.skips.extend(other.skips);
    }
}

impl<'r> Reader<'r> {
    fn new(store: &'r Store, targets: &[ObjectId]) -> Self {
        let mut maybe = Box::new([0u64; 1024]);
        for target in targets {
            let (word, bit) = place(target);
            maybe[word] |= bit;
        }
        let targets = targets.iter().copied().zip(0..).collect();
        let found = (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Reader { store, targets, maybe, found }
    }

    /// Returns what this thread found so far; nobody else asks for it meanwhile.
    fn own(&self) -> MutexGuard<'_, Found> {
        let number = rayon::current_thread_index().unwrap_or(self.found.len() - 1);
        self.found[number.min(self.found.len() - 1)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn merge(self) -> Found {
        let mut parts = self.found.into_iter().map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut all = parts.next().unwrap_or_default();
        parts.for_each(|part| all.absorb(part));
        all
    }

    fn target(&self, id: &oid) -> Option<Target> {
        let (word, bit) = place(id);
        if self.maybe[word] & bit == 0 {
            return None;
        }
        self.targets.get(id).copied()
    }

    /// Notes an entry: where it leads, and whether that is there at all.
    fn entry(&self, own: &mut Found, parent: TreeNumber, entry: &Entry<'_>, was_seen: bool, is_repeat: bool) {
        if !was_seen && entry.kind != EntryKind::Submodule && !self.store.holds(entry.id) {
            own.skips.push(Skip { what: format!("{} {}", entry.name.as_bstr(), entry.id), why: Why::Missing });
        }
        if is_repeat {
            return;
        }
        match entry.kind {
            EntryKind::Tree => {
                let name = own.name(entry.name);
                own.links.push(Link { child: short(entry.id), parent, name });
            }
            EntryKind::Blob => {
                if let Some(target) = self.target(entry.id) {
                    let name = own.name(entry.name);
                    own.leaves.push(Leaf { parent, name, target });
                }
            }
            EntryKind::Submodule => {}
        }
    }
}

fn place(id: &oid) -> (usize, u64) {
    let head = u16::from_be_bytes(*id.as_bytes().first_chunk().unwrap_or(&[0, 0]));
    (usize::from(head >> 6), 1 << (head & 63))
}

/// An entry of a tree.
struct Entry<'t> {
    /// Where it begins in the tree.
    start: usize,
    end: usize,
    kind: EntryKind,
    name: &'t [u8],
    id: &'t oid,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Tree,
    Blob,
    Submodule,
}

/// Reads the entries of a tree, as far as they can be read.
fn entries(bytes: &[u8], id_bytes: usize) -> impl Iterator<Item = Option<Entry<'_>>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= bytes.len() {
            return None;
        }
        let entry = entry(bytes, at, id_bytes);
        at = entry.as_ref().map_or(bytes.len(), |entry| entry.end);
        Some(entry)
    })
}

fn entry(bytes: &[u8], start: usize, id_bytes: usize) -> Option<Entry<'_>> {
    let rest = &bytes[start..];
    let space = memchr::memchr(b' ', &rest[..rest.len().min(8)])?;
    let kind = match &rest[..space] {
        b"40000" | b"040000" => EntryKind::Tree,
        b"160000" => EntryKind::Submodule,
        _ => EntryKind::Blob,
    };
    let zero = space + 1 + memchr::memchr(0, &rest[space + 1..])?;
    let id = oid::try_from_bytes(rest.get(zero + 1..zero + 1 + id_bytes)?).ok()?;
    Some(Entry { start, end: start + zero + 1 + id_bytes, kind, name: &rest[space + 1..zero], id })
}

impl Visitor for Reader<'_> {
    /// Where the entries of a tree begin: what was copied from there was looked at there.
    type Kept = Vec<u32>;

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn visit(&self, tree: Object<'_>, derived: Option<Derived<'_, Vec<u32>>>) -> Vec<u32> {
        let mut starts = Vec::with_capacity(derived.as_ref().map_or(tree.bytes.len() / 40, |derived| derived.kept.len() + 4));
        let mut own = self.own();
        let parent = TreeNumber::try_from(own.trees.len()).expect("fewer than 2^32 trees");
        let (links, leaves) = (own.links.len(), own.leaves.len());
        let mut runs = derived.iter().flat_map(|derived| derived.runs).peekable();
        for entry in entries(tree.bytes, tree.id.as_bytes().len()) {
            let Some(entry) = entry else {
                own.skips.push(Skip { what: format!("tree {}", tree.id), why: Why::Corrupt { detail: "an entry is cut off".into() } });
                break;
            };
            starts.push(u32::try_from(entry.start).unwrap_or(u32::MAX));
            while runs.next_if(|run| run.target + run.len < entry.end).is_some() {}
            // What was copied from an entry of the base was looked at there.
            let was_seen = derived.as_ref().is_some_and(|derived| {
                runs.peek().is_some_and(|run| {
                    let in_base = (run.base + entry.start).checked_sub(run.target).and_then(|at| u32::try_from(at).ok());
                    run.target <= entry.start && in_base.is_some_and(|at| derived.kept.binary_search(&at).is_ok())
                })
            });
            self.entry(&mut own, parent, &entry, was_seen, tree.is_repeat);
        }
        if own.links.len() > links || own.leaves.len() > leaves {
            own.trees.push(tree.id.to_owned());
        }
        starts
    }

    fn skip(&self, id: &oid, why: Why) {
        self.own().skips.push(Skip { what: format!("tree {id}"), why });
    }
}
