//! All trees of a repository, reduced to what leads to a few blobs.
//!
//! A tree without everything that leads to no blob of interest is its *shadow*. Equal shadows have the same number,
//! so most commits share theirs with their parent, and comparing two of them costs one comparison of numbers.

mod entry;
mod reader;

use std::collections::BTreeSet;

use bstr::BString;
use gix::ObjectId;
use rayon::slice::ParallelSliceMut as _;
use rustc_hash::{FxHashMap, FxHashSet};

use super::pack::{ObjectNumber, Store};
use super::repo::Repo;
use crate::coverage::Skip;
use crate::watch::Watch;
#[cfg(fuzzing)]
pub(super) use reader::same_as_alone;
use reader::{Forest, Reader, TreeNumber};

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

    /// Returns the targets that these trees lead to.
    pub(crate) fn targets(&self, trees: impl Iterator<Item = ObjectNumber>) -> BTreeSet<Target> {
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
    fn build(names: Vec<BString>, forest: &Forest, targets: &[Option<ObjectNumber>]) -> Self {
        let mut below = Vec::new();
        let mut is_known = vec![false; forest.len()];
        let mut pending = Vec::new();
        let mut lead_to = |child: ObjectNumber, to: To, pending: &mut Vec<TreeNumber>| {
            forest.each_with(child, |tree, name| {
                below.push(Below { tree, name, to });
                if !std::mem::replace(&mut is_known[tree as usize], true) {
                    pending.push(tree);
                }
            });
        };
        for (target, object) in (0..).zip(targets).filter_map(|(target, object)| Some((target, (*object)?))) {
            lead_to(object, To::Blob(target), &mut pending);
        }
        while let Some(tree) = pending.pop() {
            lead_to(forest.object(tree), To::Tree(tree), &mut pending);
        }
        below.par_sort_unstable_by_key(|below| below.tree);
        let numbers = vec![UNNUMBERED; forest.len()];
        Numbering { below, numbers, known: FxHashMap::default(), shadows: vec![Box::default()] }.finish(names, forest)
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
struct Numbering {
    /// By tree.
    below: Vec<Below>,
    numbers: Vec<Shadow>,
    known: FxHashMap<Box<[(u32, Child)]>, Shadow>,
    shadows: Vec<Box<[(u32, Child)]>>,
}

const UNNUMBERED: Shadow = Shadow::MAX;

impl Numbering {
    fn finish(mut self, names: Vec<BString>, forest: &Forest) -> Shadows {
        let mut by_tree = FxHashMap::default();
        let below = std::mem::take(&mut self.below);
        for entries in below.chunk_by(|a, b| a.tree == b.tree) {
            let tree = entries[0].tree;
            self.number(tree, &below);
            by_tree.insert(forest.object(tree), self.numbers[tree as usize]);
        }
        Shadows { names, shadows: self.shadows, by_tree }
    }

    /// Numbers a tree after all below it; a pile instead of recursion, as folders may nest without end.
    fn number(&mut self, tree: TreeNumber, below: &[Below]) {
        let mut pending = vec![(tree, false)];
        let mut is_open: FxHashSet<TreeNumber> = FxHashSet::default();
        while let Some((tree, is_ready)) = pending.pop() {
            // A forged tree may hold itself: it is not gone into again.
            if self.numbers[tree as usize] != UNNUMBERED || (!is_ready && !is_open.insert(tree)) {
                continue;
            }
            let from = below.partition_point(|below| below.tree < tree);
            let entries = below[from..].iter().take_while(|below| below.tree == tree);
            if !is_ready {
                let from = pending.len();
                pending.push((tree, true));
                pending.extend(entries.clone().filter_map(|entry| match entry.to {
                    To::Tree(child) if self.numbers[child as usize] == UNNUMBERED => Some((child, false)),
                    To::Tree(_) | To::Blob(_) => None,
                }));
                if pending.len() > from + 1 {
                    continue;
                }
                pending.pop();
            }
            let mut children: Vec<(u32, Child)> = entries
                .filter_map(|entry| match entry.to {
                    To::Blob(target) => Some((entry.name, Child::Blob(target))),
                    To::Tree(child) => {
                        let shadow = self.numbers[child as usize];
                        (shadow != UNNUMBERED).then_some((entry.name, Child::Tree(shadow)))
                    }
                })
                .collect();
            children.sort_unstable();
            children.dedup();
            let next = Shadow::try_from(self.shadows.len()).expect("fewer than 2^32 trees");
            let shadow = match self.known.get(children.as_slice()) {
                Some(&shadow) => shadow,
                None => {
                    let children: Box<[(u32, Child)]> = children.into();
                    self.known.insert(children.clone(), next);
                    self.shadows.push(children);
                    next
                }
            };
            self.numbers[tree as usize] = shadow;
        }
    }
}
