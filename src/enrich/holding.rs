//! Which refs hold a credential now, and on the way to which it was removed.
//!
//! Whether a ref has a credential at a path is read from its tree. Whether it ever had it follows from the graph: commits
//! that brought or took it away are marked with bits, 64 at a time, and every commit has the bits of its parents.

use bstr::BString;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use super::provenance::{Credential, Holds, Trail, Trails};
use crate::git::graph::{CommitNumber, Graph};
use crate::git::refs::Tip;
use crate::git::trees::{Child, Shadow, Shadows, Target};

/// What one ref has of a credential at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holding {
    /// The number of the tip.
    pub(crate) tip: usize,
    /// Whether it is in the tree of the tip.
    pub(crate) is_there: bool,
    /// The newest commit on the way there that took it away.
    pub(crate) removed: Option<CommitNumber>,
}

/// Returns the holdings of each trail, in the order of the trails, each in the order of the tips.
pub(crate) fn holdings(graph: &Graph<'_>, shadows: &Shadows, tips: &[Tip], trails: &Trails, holds: &Holds<'_>) -> Vec<Vec<Holding>> {
    let named: Vec<(usize, CommitNumber)> = tips
        .iter()
        .enumerate()
        .filter(|(_, tip)| tip.holder.is_shown())
        .filter_map(|(number, tip)| Some((number, graph.at_tip(tip)?)))
        .collect();
    let reach = Reach::new(graph, &named, trails.values().flat_map(|trail| trail.arrivals.iter().chain(&trail.removals)).copied());
    let find = |(path, credential): &(BString, Credential), trail: &Trail| {
        let there = |tip: CommitNumber| {
            let target = blob_at(shadows, shadows.of_tree(graph.tree(tip)), path);
            target.is_some_and(|target| holds(target, path).contains(credential))
        };
        let mut holdings = Vec::new();
        for (place, &(tip, commit)) in named.iter().enumerate() {
            if !trail.arrivals.iter().any(|&arrival| reach.reaches(place, arrival)) {
                continue;
            }
            let is_there = there(commit);
            let newest = || trail.removals.iter().rev().find(|&&removal| reach.reaches(place, removal)).copied();
            holdings.push(Holding { tip, is_there, removed: if is_there { None } else { newest() } });
        }
        holdings
    };
    trails.into_par_iter().map(|(key, trail)| find(key, trail)).collect()
}

/// Returns the blob of interest at a path.
pub(super) fn blob_at(shadows: &Shadows, root: Shadow, path: &[u8]) -> Option<Target> {
    let mut at = root;
    let mut parts = path.split(|&b| b == b'/').peekable();
    while let Some(part) = parts.next() {
        let named = shadows.children(at).iter().filter(|(name, _)| shadows.name(*name) == part);
        let is_last = parts.peek().is_none();
        at = match named.map(|(_, child)| *child).find(|child| is_last == matches!(child, Child::Blob(_)))? {
            Child::Blob(target) => return Some(target),
            Child::Tree(shadow) => shadow,
        };
    }
    None
}

/// Which of the commits of interest each tip reaches.
pub(super) struct Reach {
    /// The commits of interest, sorted.
    commits: Vec<CommitNumber>,
    /// By tip: one bit for each of them.
    bits: Vec<Vec<u64>>,
}

impl Reach {
    pub(super) fn new(graph: &Graph<'_>, tips: &[(usize, CommitNumber)], commits: impl Iterator<Item = CommitNumber>) -> Self {
        let mut commits: Vec<CommitNumber> = commits.collect();
        commits.sort_unstable();
        commits.dedup();
        let mut bits = vec![Vec::new(); tips.len()];
        let order = if commits.is_empty() { Vec::new() } else { graph.parents_first() };
        let reached = |own: &mut Vec<u64>, batch: &[CommitNumber]| {
            own.clear();
            own.resize(graph.len(), 0);
            for (bit, &commit) in batch.iter().enumerate() {
                own[commit as usize] = 1 << bit;
            }
            for &commit in &order {
                own[commit as usize] |= graph.parents(commit).iter().fold(0, |bits, &parent| bits | own[parent as usize]);
            }
            tips.iter().map(|&(_, tip)| own[tip as usize]).collect::<Vec<u64>>()
        };
        let batches: Vec<Vec<u64>> = commits.par_chunks(64).map_init(Vec::new, reached).collect();
        for batch in batches {
            bits.iter_mut().zip(batch).for_each(|(bits, batch)| bits.push(batch));
        }
        Reach { commits, bits }
    }

    pub(super) fn reaches(&self, tip: usize, commit: CommitNumber) -> bool {
        let Ok(at) = self.commits.binary_search(&commit) else { return false };
        self.bits[tip][at / 64] >> (at % 64) & 1 != 0
    }
}
