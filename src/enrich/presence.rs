//! When a credential was in the tip of something: from each commit that brought it to the last that took that away again.
//!
//! Presence follows from the graph alone: a commit has what it brought, and what a parent has and it did not take away. So each arrival
//! is a bit that every commit has of its parents, until a commit takes it away. Which ref stood where at what time nobody wrote
//! down; that a commit is read until somebody builds on it, on whatever branch, is taken for true.

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;

use super::provenance::{Trail, Trails};
use crate::git::graph::{CommitNumber, Graph};
use crate::git::refs::{Holder, Tip};

/// A time in which a credential was in the tip of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    /// The commit that brought it.
    pub(crate) from: CommitNumber,
    /// The last commit that took it away; nothing where a tip has it, or where nothing took it away.
    pub(crate) until: Option<CommitNumber>,
}

/// How a stay ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// This commit was the last to take it away.
    At(CommitNumber),
    /// A tip has it.
    Open,
    /// Neither: only the ref of a pull request leads on from there.
    Unknown,
}

/// Returns the stays of each trail, in the order of the trails; those of one trail may overlap.
///
/// Refs of pull requests are no tips here: they keep for ever what branches had once. Where nothing else has it, it stays.
pub(crate) fn stays(graph: &Graph<'_>, tips: &[Tip], trails: &Trails) -> Vec<Vec<Stay>> {
    let trails: Vec<&Trail> = trails.values().collect();
    let mut stays: Vec<Vec<Stay>> = trails.iter().map(|trail| vec![Stay { from: trail.introduced.0, until: None }]).collect();
    // What nothing took away stays, and most trails are such.
    let over = |trail: &Trail| trail.removals.iter().any(|&removal| is_kept(graph, trail, removal));
    let brought: Vec<(usize, CommitNumber)> = trails
        .iter()
        .enumerate()
        .filter(|(_, trail)| over(trail))
        .flat_map(|(number, trail)| trail.arrivals.iter().map(move |&arrival| (number, arrival)))
        .filter(|&(number, arrival)| is_kept(graph, trails[number], arrival))
        .collect();
    if brought.is_empty() {
        return stays;
    }
    let tips: Vec<CommitNumber> = tips.iter().filter(|tip| tip.holder.is_shown()).filter_map(|tip| graph.at_tip(tip)).collect();
    let walk = Walk::new(graph, tips);
    let ends: Vec<End> = brought.par_chunks(64).flat_map_iter(|batch| walk.ends(&trails, batch)).collect();
    let ended: Vec<(usize, CommitNumber, End)> = brought.into_iter().zip(ends).map(|((number, from), end)| (number, from, end)).collect();
    for of_trail in ended.chunk_by(|one, other| one.0 == other.0) {
        let told = told(of_trail);
        if !told.is_empty() {
            stays[of_trail[0].0] = told;
        }
    }
    stays
}

/// Returns the stays that arrivals at one path began, given oldest first with the number of the trail.
fn told(arrivals: &[(usize, CommitNumber, End)]) -> Vec<Stay> {
    let mut later = None;
    let mut told = Vec::new();
    for &(_, from, end) in arrivals.iter().rev() {
        let until = match (end, later) {
            (End::At(commit), _) => Some(commit),
            (End::Open, _) => None,
            // What only a pull request had counts until a branch got it.
            (End::Unknown, Some(_)) => later,
            (End::Unknown, None) => continue,
        };
        if end != End::Unknown {
            later = Some(from);
        }
        told.push(Stay { from, until });
    }
    told
}

/// Returns whether a commit counts for a trail: one that nothing holds says nothing of what branches hold.
fn is_kept(graph: &Graph<'_>, trail: &Trail, commit: CommitNumber) -> bool {
    trail.holder >= Holder::Stash || graph.holder(commit) < Holder::Stash
}

/// The way through history, the same for all arrivals.
struct Walk<'w> {
    graph: &'w Graph<'w>,
    /// Each commit after its parents.
    order: Vec<CommitNumber>,
    /// By commit: its place in that order, which tells of commits of the same second which came later.
    places: Vec<u32>,
    tips: Vec<CommitNumber>,
}

impl<'w> Walk<'w> {
    fn new(graph: &'w Graph<'w>, tips: Vec<CommitNumber>) -> Self {
        let order = graph.parents_first();
        let mut places = vec![0; order.len()];
        for (place, &commit) in (0..).zip(&order) {
            places[commit as usize] = place;
        }
        Walk { graph, order, places, tips }
    }

    /// Returns how the stay ends that each of up to 64 arrivals began, given with the number of its trail.
    fn ends(&self, trails: &[&Trail], batch: &[(usize, CommitNumber)]) -> Vec<End> {
        let graph = self.graph;
        let mut own = vec![0u64; graph.len()];
        let mut gone = vec![0u64; graph.len()];
        let mut public = 0u64;
        for (bit, &(number, arrival)) in batch.iter().enumerate() {
            let trail = trails[number];
            own[arrival as usize] |= 1 << bit;
            trail.removals.iter().for_each(|&removal| gone[removal as usize] |= 1 << bit);
            public |= u64::from(trail.holder < Holder::Stash) << bit;
        }
        let mut ends = vec![End::Unknown; batch.len()];
        for &commit in &self.order {
            let had = graph.parents(commit).iter().fold(0, |bits, &parent| bits | own[parent as usize]);
            let at = commit as usize;
            let taken = had & gone[at];
            own[at] |= had & !gone[at];
            if taken != 0 {
                // What nothing holds took nothing away from what branches hold.
                let counts = if graph.holder(commit) < Holder::Stash { !0 } else { !public };
                self.end(&mut ends, taken & counts, commit);
            }
        }
        let open = self.tips.iter().fold(0, |bits, &tip| bits | own[tip as usize]);
        (0..).zip(ends).map(|(bit, end)| if open >> bit & 1 == 1 { End::Open } else { end }).collect()
    }

    /// Notes that a commit ends the stays of some bits, unless a later one did.
    fn end(&self, ends: &mut [End], bits: u64, commit: CommitNumber) {
        let when = |commit: CommitNumber| (self.graph.authors()[commit as usize].1, self.places[commit as usize]);
        for (_, end) in ends.iter_mut().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1) {
            if !matches!(end, End::At(known) if when(*known) >= when(commit)) {
                *end = End::At(commit);
            }
        }
    }
}
