//! All commits of a repository and how they follow each other.

use std::collections::{HashMap, HashSet};
use std::hash::Hasher as _;

use gix::objs::CommitRefIter;
use gix::{ObjectId, oid};
use rustc_hash::FxHasher;

use super::pack::{ObjectNumber, Store};
use super::refs::{Holder, Tip};

/// The number of a commit in its graph.
pub(crate) type CommitNumber = u32;

/// A commit as it was read; what is not in the store has no number there.
pub(crate) struct RawCommit {
    object: ObjectNumber,
    tree: Result<ObjectNumber, ObjectId>,
    parents: Vec<Result<ObjectNumber, ObjectId>>,
    /// Seconds since 1970 of the committer's clock.
    seconds: i64,
    /// The mark of the author's address.
    author: u32,
}

impl RawCommit {
    /// Reads a commit's raw bytes.
    pub(crate) fn parse(store: &Store, object: ObjectNumber, bytes: &[u8]) -> Option<Self> {
        let hash = store.id(object).kind();
        let iter = || CommitRefIter::from_bytes(bytes, hash);
        let number = |id: ObjectId| store.number(&id).ok_or(id);
        let tree = number(iter().tree_id().ok()?);
        let parents = iter().parent_ids().map(number).collect();
        let seconds = iter().committer().ok().and_then(|who| who.time().ok()).map_or(0, |time| time.seconds);
        let author = iter().author().map_or(0, |who| author_mark(who.email));
        Some(RawCommit { object, tree, parents, seconds, author })
    }
}

/// All commits as they were read, in any order: there may be millions, so names are numbers and lists are one.
#[derive(Default)]
pub(crate) struct Commits {
    rows: Vec<Row>,
    parents: Vec<ObjectNumber>,
    /// Commits and those of their parents that are not in the store.
    lost_parents: Vec<(ObjectNumber, ObjectId)>,
    /// Commits and their trees where these are not in the store.
    lost_trees: Vec<(ObjectNumber, ObjectId)>,
}

struct Row {
    object: ObjectNumber,
    tree: ObjectNumber,
    seconds: i64,
    author: u32,
    parents_start: u32,
    parents_end: u32,
}

/// Stands for a tree that is not in the store.
const NO_TREE: ObjectNumber = ObjectNumber::MAX;

impl Commits {
    pub(crate) fn push(&mut self, commit: RawCommit) {
        let RawCommit { object, tree, parents, seconds, author } = commit;
        let len = |parents: &Vec<ObjectNumber>| u32::try_from(parents.len()).expect("fewer than 2^32 parents");
        let parents_start = len(&self.parents);
        for parent in parents {
            match parent {
                Ok(number) => self.parents.push(number),
                Err(id) => self.lost_parents.push((object, id)),
            }
        }
        let tree = tree.unwrap_or_else(|id| {
            self.lost_trees.push((object, id));
            NO_TREE
        });
        self.rows.push(Row { object, tree, seconds, author, parents_start, parents_end: len(&self.parents) });
    }
}

/// Returns a number that stands for an address: a graph has as many authors as commits, and their names are rarely asked for.
pub(crate) fn author_mark(email: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(&email.trim_ascii().to_ascii_lowercase());
    // The upper half is the better mixed one.
    u32::try_from(hasher.finish() >> 32).expect("half of 64 bits")
}

/// The commits, in an order that depends on nothing but themselves.
pub(crate) struct Graph<'s> {
    store: &'s Store,
    /// By commit: its number in the store, and that of its tree.
    objects: Vec<ObjectNumber>,
    trees: Vec<ObjectNumber>,
    /// By commit: the mark of its author's address, and seconds since 1970 of the committer's clock.
    authors: Vec<(u32, i64)>,
    /// The commits by their numbers in the store, sorted.
    by_object: Vec<(ObjectNumber, CommitNumber)>,
    /// The parents of commit `n` are `parents[parent_ends[n - 1]..parent_ends[n]]`.
    parent_ends: Vec<u32>,
    parents: Vec<CommitNumber>,
    /// By commit: what holds it.
    holders: Vec<Holder>,
    /// What each annotated tag points to.
    tags: HashMap<ObjectId, ObjectId>,
    /// Commits whose parents are not here because the clone is shallow.
    borders: HashSet<ObjectId>,
    /// Commits that others name as their parent and that are not here, and whether that is because of a shallow end.
    pub(crate) missing: Vec<(ObjectId, bool)>,
    /// Commits and their trees, where these are not here.
    pub(crate) missing_trees: Vec<(ObjectId, ObjectId)>,
}

impl<'s> Graph<'s> {
    /// Links the commits, forgets the parents of shallow ends, and marks what each tip reaches.
    ///
    /// `tags` tells what each annotated tag points to.
    pub(crate) fn new(store: &'s Store, commits: Commits, tags: HashMap<ObjectId, ObjectId>, shallow: &[ObjectId], tips: &[Tip]) -> Self {
        let Commits { mut rows, parents: all_parents, lost_parents, lost_trees } = commits;
        rows.sort_unstable_by(|a, b| {
            let ids = || store.id(a.object).cmp(store.id(b.object));
            a.seconds.cmp(&b.seconds).then_with(ids).then(a.object.cmp(&b.object))
        });
        // A name leads to the first object that has it.
        rows.dedup_by(|later, earlier| store.id(later.object) == store.id(earlier.object));
        let mut by_object: Vec<(ObjectNumber, CommitNumber)> = rows.iter().map(|row| row.object).zip(0..).collect();
        by_object.sort_unstable();
        let borders: HashSet<ObjectId> = shallow.iter().copied().collect();
        let is_border = |object| borders.contains(store.id(object));
        let mut missing: Vec<(ObjectId, bool)> = lost_parents.into_iter().map(|(commit, parent)| (parent, is_border(commit))).collect();
        let (mut parent_ends, mut parents) = (Vec::with_capacity(rows.len()), Vec::with_capacity(all_parents.len()));
        for row in &rows {
            for &parent in &all_parents[row.parents_start as usize..row.parents_end as usize] {
                match find(&by_object, parent).filter(|_| !is_border(row.object)) {
                    Some(number) => parents.push(number),
                    None => missing.push((store.id(parent).to_owned(), is_border(row.object))),
                }
            }
            parent_ends.push(u32::try_from(parents.len()).expect("fewer than 2^32 parents"));
        }
        missing.sort_unstable();
        missing.dedup();
        let missing_trees = lost_trees.into_iter().map(|(commit, tree)| (store.id(commit).to_owned(), tree)).collect();
        let authors = rows.iter().map(|row| (row.author, row.seconds)).collect();
        let (objects, trees) = rows.into_iter().map(|row| (row.object, row.tree)).unzip();
        let holders = vec![Holder::Nothing; parent_ends.len()];
        let mut graph =
            Graph { store, objects, trees, authors, by_object, parent_ends, parents, holders, tags, borders, missing, missing_trees };
        graph.mark(tips);
        graph
    }

    /// Tips come sorted by holder, so the first to reach a commit is the most public one.
    fn mark(&mut self, tips: &[Tip]) {
        for tip in tips {
            let mut pending: Vec<CommitNumber> = self.at_tip(tip).into_iter().collect();
            while let Some(number) = pending.pop() {
                if self.holders[number as usize] == Holder::Nothing {
                    self.holders[number as usize] = tip.holder;
                    pending.extend_from_slice(self.parents(number));
                }
            }
        }
    }

    /// Returns the commit that a tip names, by way of its tag if it names one.
    pub(crate) fn at_tip(&self, tip: &Tip) -> Option<CommitNumber> {
        let mut id = tip.id;
        // As many steps as there are tags: tags of tags end somewhere.
        for _ in 0..self.tags.len() {
            let Some(&target) = self.tags.get(&id) else { break };
            id = target;
        }
        self.number(&id)
    }

    /// Returns what each annotated tag points to.
    pub(crate) fn tags(&self) -> &HashMap<ObjectId, ObjectId> {
        &self.tags
    }

    /// Returns whether the parents of a commit are not here because the clone is shallow.
    pub(crate) fn is_border(&self, commit: CommitNumber) -> bool {
        self.borders.contains(self.id(commit))
    }

    /// Returns all commits, each after its parents; clocks are wrong too often to go by them.
    pub(crate) fn parents_first(&self) -> Vec<CommitNumber> {
        let mut order = Vec::with_capacity(self.len());
        let mut is_placed = vec![false; self.len()];
        let mut pending: Vec<(CommitNumber, usize)> = Vec::new();
        for start in (0..).take(self.len()) {
            pending.push((start, 0));
            while let Some((commit, next)) = pending.pop() {
                if is_placed[commit as usize] {
                    continue;
                }
                match self.parents(commit).get(next) {
                    Some(&parent) => pending.extend([(commit, next + 1), (parent, 0)]),
                    None => {
                        is_placed[commit as usize] = true;
                        order.push(commit);
                    }
                }
            }
        }
        order
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Returns the trees of all commits.
    pub(crate) fn trees(&self) -> &[ObjectNumber] {
        &self.trees
    }

    /// Returns the mark of each commit's author and when it was committed, in seconds since 1970.
    pub(crate) fn authors(&self) -> &[(u32, i64)] {
        &self.authors
    }

    /// Returns the name of a commit.
    pub(crate) fn id(&self, number: CommitNumber) -> &'s oid {
        self.store.id(self.objects[number as usize])
    }

    /// Returns the tree of a commit.
    pub(crate) fn tree(&self, number: CommitNumber) -> ObjectNumber {
        self.trees[number as usize]
    }

    pub(crate) fn number(&self, id: &oid) -> Option<CommitNumber> {
        find(&self.by_object, self.store.number(id)?)
    }

    pub(crate) fn parents(&self, number: CommitNumber) -> &[CommitNumber] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.parent_ends[number - 1] };
        &self.parents[start as usize..self.parent_ends[number] as usize]
    }

    pub(crate) fn holder(&self, number: CommitNumber) -> Holder {
        self.holders[number as usize]
    }
}

fn find(by_object: &[(ObjectNumber, CommitNumber)], object: ObjectNumber) -> Option<CommitNumber> {
    by_object.binary_search_by_key(&object, |pair| pair.0).ok().map(|at| by_object[at].1)
}
