//! Which commits some ends have and other ends have not, reading no more of the history than that takes.
//!
//! A push brings two commits to a repository with a thousand old branches: the walk goes from all ends at once, newest
//! first, and is over when nothing is left that only the pushed ends have.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;
use gix::objs::CommitRefIter;

use super::repo::{Error, Repo};

/// What the ends have that the known ones have not.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// Its commits, the newest first.
    pub(crate) commits: Vec<ObjectId>,
    /// Where they begin: commits that the known ends have, and that are an end or a parent of a fresh commit.
    pub(crate) boundary: Vec<ObjectId>,
}

struct Node {
    parents: Vec<ObjectId>,
    seconds: i64,
    is_known: bool,
    is_waiting: bool,
}

struct Walk<'w> {
    repo: &'w Repo,
    shallow: HashSet<ObjectId>,
    nodes: HashMap<ObjectId, Node>,
    /// By date; of one second the first seen comes first.
    waiting: BinaryHeap<(i64, Reverse<usize>, ObjectId)>,
    /// How many of those that wait are not known.
    fresh: usize,
}

/// Returns the commits that `ends` have and `known` have not; ends are commits.
///
/// Known ends that are not there exclude nothing. It ends early, with what it has, when `is_stopped`.
///
/// # Errors
/// When a commit of the ends' history is missing: a gap must not look like the end.
pub(crate) fn fresh(repo: &Repo, ends: &[ObjectId], known: &[ObjectId], is_stopped: &dyn Fn() -> bool) -> Result<Fresh, Error> {
    let shallow = repo.shallow_commits()?.into_iter().collect();
    let mut walk = Walk { repo, shallow, nodes: HashMap::new(), waiting: BinaryHeap::new(), fresh: 0 };
    for &id in known {
        walk.know(id);
    }
    for &id in ends {
        walk.meet(id)?;
    }
    let (mut order, mut oldest) = (Vec::new(), i64::MAX);
    while let Some(&(seconds, _, id)) = walk.waiting.peek() {
        // Known commits that are not older may yet turn out to lead to what was met: clocks differ.
        if is_stopped() || (walk.fresh == 0 && (order.is_empty() || seconds < oldest)) {
            break;
        }
        walk.waiting.pop();
        let Some(node) = walk.nodes.get_mut(&id) else { continue };
        node.is_waiting = false;
        let (is_known, parents) = (node.is_known, node.parents.clone());
        if !is_known {
            walk.fresh -= 1;
            oldest = oldest.min(seconds);
            order.push(id);
        }
        for parent in parents {
            if is_known {
                walk.know(parent);
            } else {
                walk.meet(parent)?;
            }
        }
    }
    Ok(walk.finish(ends, order))
}

impl Walk<'_> {
    /// Meets a commit on the way down from an end.
    fn meet(&mut self, id: ObjectId) -> Result<(), Error> {
        if !self.nodes.contains_key(&id) {
            let bytes = self.repo.commit(id)?;
            self.wait(id, &bytes, false)?;
            self.fresh += 1;
        }
        Ok(())
    }

    /// Marks a commit, and what was met of its ancestors, as known.
    fn know(&mut self, id: ObjectId) {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            match self.nodes.get_mut(&id) {
                Some(node) if node.is_known => {}
                Some(node) => {
                    node.is_known = true;
                    if node.is_waiting {
                        self.fresh -= 1;
                    } else {
                        pending.extend_from_slice(&node.parents);
                    }
                }
                None => {
                    // What is not there cannot lead to what is.
                    let Ok(bytes) = self.repo.commit(id) else { continue };
                    let _ = self.wait(id, &bytes, true);
                }
            }
        }
    }

    fn wait(&mut self, id: ObjectId, bytes: &[u8], is_known: bool) -> Result<(), Error> {
        let fail = |cause: Box<dyn std::error::Error + Send + Sync>| Error::Object { id, cause };
        let hash = self.repo.inner().object_hash();
        let seconds = CommitRefIter::from_bytes(bytes, hash).committer().map_or(0, |committer| committer.seconds());
        let parents = if self.shallow.contains(&id) { Vec::new() } else { CommitRefIter::from_bytes(bytes, hash).parent_ids().collect() };
        CommitRefIter::from_bytes(bytes, hash).tree_id().map_err(|cause| fail(cause.into()))?;
        self.waiting.push((seconds, Reverse(self.nodes.len()), id));
        self.nodes.insert(id, Node { parents, seconds, is_known, is_waiting: true });
        Ok(())
    }

    fn finish(self, ends: &[ObjectId], order: Vec<ObjectId>) -> Fresh {
        let is_known = |id: &ObjectId| self.nodes.get(id).is_some_and(|node| node.is_known);
        let mut commits: Vec<ObjectId> = order.into_iter().filter(|id| !is_known(id)).collect();
        let parents = commits.iter().filter_map(|id| self.nodes.get(id)).flat_map(|node| &node.parents);
        let mut boundary: Vec<ObjectId> = ends.iter().chain(parents).filter(|id| is_known(id)).copied().collect();
        boundary.sort();
        boundary.dedup();
        commits.sort_by_key(|id| Reverse(self.nodes.get(id).map_or(0, |node| node.seconds)));
        Fresh { commits, boundary }
    }
}
