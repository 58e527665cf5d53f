//! All commits of a repository and how they follow each other.

use std::collections::{HashMap, HashSet};
use std::hash::Hasher as _;

use gix::ObjectId;
use gix::objs::CommitRefIter;
use rustc_hash::{FxHashMap, FxHasher};

use super::refs::{Holder, Tip};

/// The number of a commit in its graph.
pub(crate) type CommitNumber = u32;

/// A commit, as far as the graph needs it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: ObjectId,
    pub(crate) tree: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
    /// Seconds since 1970 of the committer's clock.
    pub(crate) seconds: i64,
    /// The mark of the author's address.
    pub(crate) author: u32,
}

impl Node {
    /// Reads a commit's raw bytes.
    pub(crate) fn parse(id: ObjectId, bytes: &[u8]) -> Option<Self> {
        let hash = id.kind();
        let iter = || CommitRefIter::from_bytes(bytes, hash);
        let tree = iter().tree_id().ok()?;
        let parents = iter().parent_ids().collect();
        let seconds = iter().committer().ok().and_then(|who| who.time().ok()).map_or(0, |time| time.seconds);
        let author = iter().author().map_or(0, |who| author_mark(who.email));
        Some(Node { id, tree, parents, seconds, author })
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
pub(crate) struct Graph {
    nodes: Vec<Node>,
    numbers: FxHashMap<ObjectId, CommitNumber>,
    /// By commit: what holds it.
    holders: Vec<Holder>,
    /// What each annotated tag points to.
    tags: HashMap<ObjectId, ObjectId>,
    /// Commits whose parents are not here because the clone is shallow.
    borders: HashSet<ObjectId>,
    /// Commits that others name as their parent and that are not here, and whether that is because of a shallow end.
    pub(crate) missing: Vec<(ObjectId, bool)>,
}

impl Graph {
    /// Links the commits, forgets the parents of shallow ends, and marks what each tip reaches.
    ///
    /// `tags` tells what each annotated tag points to.
    pub(crate) fn new(mut nodes: Vec<Node>, tags: HashMap<ObjectId, ObjectId>, shallow: &[ObjectId], tips: &[Tip]) -> Self {
        nodes.sort_unstable_by_key(|node| (node.seconds, node.id));
        nodes.dedup_by_key(|node| node.id);
        let numbers: FxHashMap<_, _> = nodes.iter().zip(0..).map(|(node, number)| (node.id, number)).collect();
        let mut missing = Vec::new();
        let shallow: HashSet<ObjectId> = shallow.iter().copied().collect();
        for node in &mut nodes {
            if shallow.contains(&node.id) {
                missing.extend(node.parents.drain(..).map(|parent| (parent, true)));
            }
            node.parents.retain(|parent| {
                let is_here = numbers.contains_key(parent);
                if !is_here {
                    missing.push((*parent, false));
                }
                is_here
            });
        }
        missing.sort_unstable();
        missing.dedup();
        let holders = vec![Holder::Nothing; nodes.len()];
        let mut graph = Graph { nodes, numbers, holders, tags, borders: shallow, missing };
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
                    pending.extend(self.parents(number));
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
        self.borders.contains(&self.node(commit).id)
    }

    /// Returns the parents of each commit.
    pub(crate) fn parent_lists(&self) -> Vec<Vec<CommitNumber>> {
        (0..).take(self.nodes.len()).map(|commit| self.parents(commit).collect()).collect()
    }

    /// Returns all commits, each after its parents; clocks are wrong too often to go by them.
    pub(crate) fn parents_first(&self) -> Vec<CommitNumber> {
        let lists = self.parent_lists();
        let mut order = Vec::with_capacity(lists.len());
        let mut is_placed = vec![false; lists.len()];
        let mut pending: Vec<(CommitNumber, usize)> = Vec::new();
        for start in (0..).take(lists.len()) {
            pending.push((start, 0));
            while let Some((commit, next)) = pending.pop() {
                if is_placed[commit as usize] {
                    continue;
                }
                match lists[commit as usize].get(next) {
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
        self.nodes.len()
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn node(&self, number: CommitNumber) -> &Node {
        &self.nodes[number as usize]
    }

    pub(crate) fn number(&self, id: &gix::oid) -> Option<CommitNumber> {
        self.numbers.get(id).copied()
    }

    pub(crate) fn parents(&self, number: CommitNumber) -> impl Iterator<Item = CommitNumber> + '_ {
        self.nodes[number as usize].parents.iter().filter_map(|parent| self.number(parent))
    }

    pub(crate) fn holder(&self, number: CommitNumber) -> Holder {
        self.holders[number as usize]
    }
}
