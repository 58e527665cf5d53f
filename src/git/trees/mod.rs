//! All trees of a repository, reduced to what leads to a few blobs.
//!
//! A tree without everything that leads to no blob of interest is its *shadow*. Equal shadows have the same number,
//! so most commits share theirs with their parent, and comparing two of them costs one comparison of numbers.

mod entry;
mod reader;

use std::collections::BTreeMap;

use bstr::BString;
use gix::ObjectId;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSliceMut as _;
use rustc_hash::FxHashMap;

use super::pack::{ObjectNumber, Store};
use super::repo::Repo;
use crate::coverage::Skip;
use crate::watch::Watch;
#[cfg(fuzzing)]
pub(super) use reader::same_as_alone;
use reader::{Forest, Reader, TreeNumber, ends, part};

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
    shadows: Vec<Box<[(u32, Child)]>>,
    by_tree: FxHashMap<ObjectNumber, Shadow>,
}

impl Shadows {
    /// Reads all trees of the store and keeps what leads to the targets; reports objects that trees name and that are
    /// not there.
    pub(crate) fn read(store: &Store, repo: &Repo, targets: &[ObjectId], watch: &Watch) -> (Self, Vec<Skip>) {
        let targets: Vec<Option<ObjectNumber>> = targets.iter().map(|id| store.number(id)).collect();
        let reader = Reader::new(store, &targets);
        store.walk(repo, &reader, watch);
        let (forest, names, skips) = reader.finish();
        (Shadows::build(names, &forest, &targets), skips)
    }

    /// Returns the shadow of a tree.
    pub(crate) fn of_tree(&self, tree: ObjectNumber) -> Shadow {
        self.by_tree.get(&tree).copied().unwrap_or(0)
    }

    /// Returns the targets that these trees lead to, each with a path by which one does.
    pub(crate) fn targets(&self, trees: impl Iterator<Item = ObjectNumber>) -> BTreeMap<Target, BString> {
        let mut pending: Vec<(Shadow, BString)> = trees.map(|tree| (self.of_tree(tree), BString::default())).collect();
        let mut is_seen = vec![false; self.shadows.len()];
        let mut targets = BTreeMap::new();
        while let Some((shadow, folder)) = pending.pop() {
            if std::mem::replace(&mut is_seen[shadow as usize], true) {
                continue;
            }
            // Names have their numbers in the order in which threads came to them.
            let mut children: Vec<_> = self.children(shadow).iter().collect();
            children.sort_unstable_by_key(|(name, _)| self.name(*name));
            for (name, child) in children {
                let path = BString::from([&folder[..], self.name(*name)].concat());
                match child {
                    Child::Blob(target) => {
                        targets.entry(*target).or_insert(path);
                    }
                    Child::Tree(below) => pending.push((*below, BString::from([&path[..], b"/"].concat()))),
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
    fn build(names: Vec<BString>, forest: &Forest, targets: &[Option<ObjectNumber>]) -> Self {
        let mut below = Vec::new();
        let mut is_known = vec![false; forest.len()];
        let targets = (0..).zip(targets).filter_map(|(target, object)| Some(((*object)?, To::Blob(target))));
        // One level of folders after the other, each on all threads.
        let mut level: Vec<(ObjectNumber, To)> = targets.collect();
        while !level.is_empty() {
            let holders = |mut found: Vec<Below>, &(child, to): &(ObjectNumber, To)| {
                forest.each_with(child, |tree, name| found.push(Below { tree, name, to }));
                found
            };
            let found: Vec<Vec<Below>> = level.par_iter().fold(Vec::new, holders).collect();
            level.clear();
            for holder in found.iter().flatten() {
                if !std::mem::replace(&mut is_known[holder.tree as usize], true) {
                    level.push((forest.object(holder.tree), To::Tree(holder.tree)));
                }
            }
            below.extend(found.into_iter().flatten());
        }
        below.par_sort_unstable_by_key(|below| below.tree);
        Numbering::new(&below, forest.len()).finish(names, forest)
    }
}

/// What a tree leads to: a target, or another tree that leads to one.
#[derive(Clone, Copy)]
struct Below {
    tree: TreeNumber,
    name: u32,
    to: To,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    Blob(Target),
    Tree(TreeNumber),
}

/// Gives equal shadows equal numbers, from the leaves up.
struct Numbering<'n> {
    /// By tree.
    below: &'n [Below],
    ends: Vec<u32>,
    numbers: Vec<Shadow>,
    known: FxHashMap<Box<[(u32, Child)]>, Shadow>,
    shadows: Vec<Box<[(u32, Child)]>>,
    /// Trees that are being numbered, and whether all below them are; empty between two.
    pending: Vec<(TreeNumber, bool)>,
    children: Vec<(u32, Child)>,
}

const UNNUMBERED: Shadow = Shadow::MAX;
/// A tree that waits for those below it.
const OPEN: Shadow = Shadow::MAX - 1;

impl<'n> Numbering<'n> {
    fn new(below: &'n [Below], trees: usize) -> Self {
        let ends = ends(trees, below.iter().map(|below| below.tree));
        let (numbers, shadows) = (vec![UNNUMBERED; trees], vec![Box::default()]);
        Numbering { below, ends, numbers, known: FxHashMap::default(), shadows, pending: Vec::new(), children: Vec::new() }
    }

    fn finish(mut self, names: Vec<BString>, forest: &Forest) -> Shadows {
        let mut by_tree = FxHashMap::default();
        for entries in self.below.chunk_by(|a, b| a.tree == b.tree) {
            let tree = entries[0].tree;
            self.number(tree);
            by_tree.insert(forest.object(tree), self.numbers[tree as usize]);
        }
        Shadows { names, shadows: self.shadows, by_tree }
    }

    /// Numbers a tree after all below it; a pile instead of recursion, as folders may nest without end.
    fn number(&mut self, tree: TreeNumber) {
        self.pending.push((tree, false));
        while let Some((tree, is_ready)) = self.pending.pop() {
            match (is_ready, self.numbers[tree as usize]) {
                (false, UNNUMBERED) => self.numbers[tree as usize] = OPEN,
                (true, OPEN) => {}
                // A forged tree may hold itself: it is not gone into again.
                _ => continue,
            }
            let entries = part(self.below, &self.ends, tree);
            if !is_ready {
                let from = self.pending.len();
                self.pending.push((tree, true));
                self.pending.extend(entries.iter().filter_map(|entry| match entry.to {
                    To::Tree(child) if self.numbers[child as usize] == UNNUMBERED => Some((child, false)),
                    To::Tree(_) | To::Blob(_) => None,
                }));
                if self.pending.len() > from + 1 {
                    continue;
                }
                self.pending.pop();
            }
            self.children.clear();
            self.children.extend(entries.iter().filter_map(|entry| match entry.to {
                To::Blob(target) => Some((entry.name, Child::Blob(target))),
                To::Tree(child) => {
                    let shadow = self.numbers[child as usize];
                    (shadow < OPEN).then_some((entry.name, Child::Tree(shadow)))
                }
            }));
            self.children.sort_unstable();
            self.children.dedup();
            self.numbers[tree as usize] = self.shadow_of_children();
        }
    }

    fn shadow_of_children(&mut self) -> Shadow {
        if let Some(&shadow) = self.known.get(self.children.as_slice()) {
            return shadow;
        }
        let next = Shadow::try_from(self.shadows.len()).expect("fewer than 2^32 trees");
        let children: Box<[(u32, Child)]> = self.children.as_slice().into();
        self.known.insert(children.clone(), next);
        self.shadows.push(children);
        next
    }
}
