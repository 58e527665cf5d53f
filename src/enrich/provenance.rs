//! Which commit brought a credential to a path, and which took it away.
//!
//! Works on shadows (`git::trees`): a commit whose shadow is a parent's brought nothing, so only the few that changed
//! something of interest are looked into.

use std::collections::BTreeMap;

use bstr::BString;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

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
pub(crate) type Holds<'h> = dyn Fn(Target, &BString) -> Vec<Credential> + Sync + 'h;

/// Follows every credential.
///
/// What each commit changed is found on all threads, and told in the order of the commits.
pub(crate) fn follow(graph: &Graph<'_>, shadows: &Shadows, head: Option<CommitNumber>, holds: &Holds<'_>) -> Trails {
    let tracer = Tracer { shadows, holds };
    let count = CommitNumber::try_from(graph.len()).expect("fewer than 2^32 commits");
    let changes: Vec<Change> = (0..count).into_par_iter().flat_map_iter(|commit| tracer.changes(graph, commit)).collect();
    let (mut trails, mut removals) = (Trails::new(), Removals::new());
    for change in changes {
        match change.came_in {
            Some(target) => arrive(graph, &change, target, &mut trails),
            None => {
                for credential in change.credentials {
                    removals.entry((change.path.clone(), credential)).or_default().push(change.commit);
                }
            }
        }
    }
    let shadow = head.map_or(0, |head| shadows.of_tree(graph.tree(head)));
    tracer.compare(shadow, &[], &mut |path, has, _| {
        for credential in holds(has, path) {
            if let Some(trail) = trails.get_mut(&(path.clone(), credential)) {
                trail.at_head = Some(has);
            }
        }
    });
    remove(graph, removals, &mut trails);
    trails
}

/// By path and credential: the commits that took it away, oldest first.
type Removals = BTreeMap<(BString, Credential), Vec<CommitNumber>>;

/// What a commit did to credentials at a path.
struct Change {
    commit: CommitNumber,
    path: BString,
    credentials: Vec<Credential>,
    /// The blob in which they came; nothing where the commit took them away.
    came_in: Option<Target>,
}

/// Notes what came. Commits come oldest first.
fn arrive(graph: &Graph<'_>, change: &Change, has: Target, trails: &mut Trails) {
    let holder = graph.holder(change.commit);
    for &credential in &change.credentials {
        let introduced = (change.commit, has);
        let new = Trail { introduced, removed: None, at_head: None, holder, arrivals: Vec::new(), removals: Vec::new() };
        let trail = trails.entry((change.path.clone(), credential)).or_insert_with(|| new.clone());
        // What a branch holds says more than what only a stash or a lost commit holds, even when that is older.
        if holder < trail.holder && (trail.holder >= Holder::Stash) {
            *trail = Trail { arrivals: std::mem::take(&mut trail.arrivals), ..new };
        }
        trail.arrivals.push(change.commit);
    }
}

/// Notes what went.
fn remove(graph: &Graph<'_>, removals: Removals, trails: &mut Trails) {
    for (key, commits) in removals {
        let Some(trail) = trails.get_mut(&key) else { continue };
        if trail.at_head.is_none() {
            // A commit that nothing holds took nothing away from what branches hold.
            let is_kept = |commit: &&CommitNumber| trail.holder >= Holder::Stash || graph.holder(**commit) < Holder::Stash;
            trail.removed = commits.iter().rev().find(is_kept).copied();
        }
        trail.removals = commits;
    }
}

/// Finds what differs.
struct Tracer<'t> {
    shadows: &'t Shadows,
    holds: &'t Holds<'t>,
}

/// Learns of a path: the target there, and the targets that the others have there.
type OnPath<'p> = dyn FnMut(&BString, Target, &[Target]) + 'p;

impl<'t> Tracer<'t> {
    /// Returns what a commit brought that none of its parents had, and then what it took away from each.
    fn changes(&self, graph: &Graph<'_>, commit: CommitNumber) -> Vec<Change> {
        let mut changes = Vec::new();
        let own = self.shadows.of_tree(graph.tree(commit));
        let parents: Vec<Shadow> = graph.parents(commit).iter().map(|&parent| self.shadows.of_tree(graph.tree(parent))).collect();
        self.compare(own, &parents, &mut |path, has, had| self.note(&mut changes, commit, path, (has, had), Some(has)));
        for &parent in &parents {
            self.compare(parent, &[own], &mut |path, had, has| self.note(&mut changes, commit, path, (had, has), None));
        }
        changes
    }

    /// Notes the credentials that the one blob has at a path and none of the others.
    fn note(&self, changes: &mut Vec<Change>, commit: CommitNumber, path: &BString, blobs: (Target, &[Target]), came_in: Option<Target>) {
        let (own, others) = blobs;
        let mut credentials = (self.holds)(own, path);
        if !credentials.is_empty() {
            let known: Vec<Credential> = others.iter().flat_map(|&other| (self.holds)(other, path)).collect();
            credentials.retain(|credential| !known.contains(credential));
        }
        if !credentials.is_empty() {
            changes.push(Change { commit, path: path.clone(), credentials, came_in });
        }
    }

    /// Calls `differs` for each path of `own` whose target none of the `others` has there.
    fn compare(&self, own: Shadow, others: &[Shadow], differs: &mut OnPath<'_>) {
        // Most commits have the shadow of their parent.
        if own == 0 || others.contains(&own) {
            return;
        }
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
                        differs(&path, target, &had);
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
}
