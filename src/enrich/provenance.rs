//! Which commit brought a credential to a path, and which took it away.
//!
//! Works on shadows (`git::trees`): a commit whose shadow is a parent's brought nothing, so only the few that changed
//! something of interest are looked into.

use std::collections::BTreeMap;

use bstr::BString;

use crate::git::graph::{CommitNumber, Graph};
use crate::git::refs::Holder;
use crate::git::trees::{Child, Shadow, Shadows, Target};

/// The number of a credential.
pub(crate) type Credential = u32;

/// One credential at one path, through history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trail {
    /// The first commit that brought it, and the blob in which it came.
    pub(crate) introduced: (CommitNumber, Target),
    /// The newest commit that took it away, unless it is in HEAD.
    pub(crate) removed: Option<CommitNumber>,
    /// The blob that has it at this path in HEAD.
    pub(crate) at_head: Option<Target>,
    /// What keeps it in the repository.
    pub(crate) holder: Holder,
    /// Every commit that brought it, and every one that took it away, oldest first.
    pub(crate) arrivals: Vec<CommitNumber>,
    pub(crate) removals: Vec<CommitNumber>,
}

/// All trails, by path and credential.
pub(crate) type Trails = BTreeMap<(BString, Credential), Trail>;

/// Tells which credentials a target holds at a path, where that is worth reporting.
pub(crate) type Holds<'h> = dyn Fn(Target, &BString) -> Vec<Credential> + 'h;

/// Follows every credential.
pub(crate) fn follow(graph: &Graph<'_>, shadows: &Shadows, head: Option<CommitNumber>, holds: &Holds<'_>) -> Trails {
    let mut tracer = Tracer { shadows, holds, trails: BTreeMap::new(), removals: BTreeMap::new() };
    let count = CommitNumber::try_from(graph.len()).expect("fewer than 2^32 commits");
    for commit in 0..count {
        let own = shadows.of_tree(graph.tree(commit));
        let parents: Vec<Shadow> = graph.parents(commit).iter().map(|&parent| shadows.of_tree(graph.tree(parent))).collect();
        tracer.compare(own, &parents, &mut |tracer, path, has, had| tracer.arrive(graph, commit, path, has, had));
        for &parent in &parents {
            tracer.compare(parent, &[own], &mut |tracer, path, had, has| tracer.leave(commit, path, had, has));
        }
    }
    tracer.finish(graph, head)
}

struct Tracer<'t> {
    shadows: &'t Shadows,
    holds: &'t Holds<'t>,
    trails: Trails,
    /// By path and credential: the commits that took it away, oldest first.
    removals: BTreeMap<(BString, Credential), Vec<CommitNumber>>,
}

/// Learns of a path: the target there, and the targets that the others have there.
type OnPath<'p, 't> = dyn FnMut(&mut Tracer<'t>, &BString, Target, &[Target]) + 'p;

impl<'t> Tracer<'t> {
    /// Calls `differs` for each path of `own` whose target none of the `others` has there.
    fn compare(&mut self, own: Shadow, others: &[Shadow], differs: &mut OnPath<'_, 't>) {
        let mut pending = vec![(BString::default(), own, others.to_vec())];
        while let Some((prefix, own, others)) = pending.pop() {
            if own == 0 || others.contains(&own) {
                continue;
            }
            for &(name, child) in self.shadows.children(own) {
                let there: Vec<Child> = others.iter().flat_map(|&other| self.named(other, name)).collect();
                if there.contains(&child) {
                    continue;
                }
                let mut path = prefix.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(self.shadows.name(name));
                match child {
                    Child::Blob(target) => {
                        let had: Vec<Target> =
                            there.iter().filter_map(|child| if let Child::Blob(t) = child { Some(*t) } else { None }).collect();
                        differs(self, &path, target, &had);
                    }
                    Child::Tree(shadow) => {
                        let had = there.iter().filter_map(|child| if let Child::Tree(s) = child { Some(*s) } else { None }).collect();
                        pending.push((path, shadow, had));
                    }
                }
            }
        }
    }

    fn named(&self, shadow: Shadow, name: u32) -> impl Iterator<Item = Child> + 't {
        let children: &'t [(u32, Child)] = self.shadows.children(shadow);
        let from = children.partition_point(|child| child.0 < name);
        children[from..].iter().take_while(move |child| child.0 == name).map(|child| child.1)
    }

    /// Notes what the target brings that none of the others had. Commits come oldest first.
    fn arrive(&mut self, graph: &Graph<'_>, commit: CommitNumber, path: &BString, has: Target, had: &[Target]) {
        let holder = graph.holder(commit);
        let before: Vec<Credential> = had.iter().flat_map(|&other| (self.holds)(other, path)).collect();
        for credential in (self.holds)(has, path) {
            if before.contains(&credential) {
                continue;
            }
            let new = Trail { introduced: (commit, has), removed: None, at_head: None, holder, arrivals: Vec::new(), removals: Vec::new() };
            let trail = self.trails.entry((path.clone(), credential)).or_insert_with(|| new.clone());
            // What a branch holds says more than what only a stash or a lost commit holds, even when that is older.
            if holder < trail.holder && (trail.holder >= Holder::Stash) {
                *trail = Trail { arrivals: std::mem::take(&mut trail.arrivals), ..new };
            }
            trail.arrivals.push(commit);
        }
    }

    fn leave(&mut self, commit: CommitNumber, path: &BString, had: Target, has: &[Target]) {
        let after: Vec<Credential> = has.iter().flat_map(|&other| (self.holds)(other, path)).collect();
        for credential in (self.holds)(had, path) {
            if !after.contains(&credential) {
                self.removals.entry((path.clone(), credential)).or_default().push(commit);
            }
        }
    }

    fn finish(mut self, graph: &Graph<'_>, head: Option<CommitNumber>) -> Trails {
        let shadow = head.map_or(0, |head| self.shadows.of_tree(graph.tree(head)));
        self.compare(shadow, &[], &mut |tracer, path, has, _| {
            for credential in (tracer.holds)(has, path) {
                if let Some(trail) = tracer.trails.get_mut(&(path.clone(), credential)) {
                    trail.at_head = Some(has);
                }
            }
        });
        for (key, commits) in self.removals {
            let Some(trail) = self.trails.get_mut(&key) else { continue };
            if trail.at_head.is_none() {
                // A commit that nothing holds took nothing away from what branches hold.
                let is_kept = |commit: &&CommitNumber| trail.holder >= Holder::Stash || graph.holder(**commit) < Holder::Stash;
                trail.removed = commits.iter().rev().find(is_kept).copied();
            }
            trail.removals = commits;
        }
        self.trails
    }
}
