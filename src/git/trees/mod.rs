//! All trees of a repository, reduced to what leads to a few blobs.
//!
//! A tree without everything that leads to no blob of interest is its *shadow*. Equal shadows have the same number,
//! so most commits share theirs with their parent, and comparing two of them costs one comparison of numbers.

mod entry;
mod reader;

use std::collections::{BTreeSet, HashMap};

use bstr::BString;
use gix::{ObjectId, oid};
use rustc_hash::{FxHashMap, FxHashSet};

use super::pack::Store;
use super::repo::Repo;
use crate::coverage::Skip;
use crate::watch::Watch;
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
        let (forest, names, skips) = reader.finish();
        (Shadows::build(names, &forest, targets), skips)
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
    fn build(names: Vec<BString>, forest: &Forest, targets: &[ObjectId]) -> Self {
        let mut below: FxHashMap<TreeNumber, Vec<(u32, To)>> = FxHashMap::default();
        let mut pending = Vec::new();
        let mut lead_to = |id: &oid, to: To, pending: &mut Vec<TreeNumber>| {
            forest.each_with(short(id), |tree, name| {
                let entries = below.entry(tree).or_default();
                if entries.is_empty() {
                    pending.push(tree);
                }
                entries.push((name, to));
            });
        };
        for (target, id) in (0..).zip(targets) {
            lead_to(id, To::Blob(target), &mut pending);
        }
        while let Some(tree) = pending.pop() {
            lead_to(forest.id(tree), To::Tree(tree), &mut pending);
        }
        let numbering = Numbering { below, numbers: FxHashMap::default(), known: HashMap::new(), shadows: vec![Vec::new()] };
        numbering.finish(names, forest)
    }
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
    fn finish(mut self, names: Vec<BString>, forest: &Forest) -> Shadows {
        let trees: Vec<TreeNumber> = self.below.keys().copied().collect();
        for tree in trees {
            self.number(tree);
        }
        let by_tree = self.numbers.iter().map(|(&tree, &shadow)| (forest.id(tree).to_owned(), shadow)).collect();
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
