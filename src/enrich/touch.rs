//! Who last changed the line on which a credential stands in HEAD.
//!
//! The way back through history that `git blame` goes, for one line and without reading trees: shadows tell in which commits the
//! file changed at all, and only those versions are read.

use std::collections::HashMap;

use bstr::BString;

use super::holding::blob_at;
use crate::git::graph::{CommitNumber, Graph};
use crate::git::trees::{Shadow, Shadows, Target};

/// History as this walk needs it, made once for all lines.
pub(crate) struct Past<'p> {
    graph: &'p Graph<'p>,
    shadows: &'p Shadows,
    /// By commit.
    roots: Vec<Shadow>,
}

impl<'p> Past<'p> {
    pub(crate) fn new(graph: &'p Graph<'p>, shadows: &'p Shadows) -> Self {
        let roots = graph.trees().iter().map(|&tree| shadows.of_tree(tree)).collect();
        Past { graph, shadows, roots }
    }

    /// Returns the commit after which a line was as it is at `head`; `has` tells whether a version of the file has that line.
    pub(crate) fn last_touch(&self, head: CommitNumber, path: &BString, mut has: impl FnMut(Target) -> bool) -> CommitNumber {
        let mut known: HashMap<Target, bool> = HashMap::new();
        let mut at = head;
        let mut own = self.at(at, path);
        'back: loop {
            for &parent in self.graph.parents(at) {
                if self.roots[parent as usize] == self.roots[at as usize] {
                    at = parent;
                    continue 'back;
                }
                let there = self.at(parent, path);
                if there.is_some_and(|target| own == Some(target) || *known.entry(target).or_insert_with(|| has(target))) {
                    (at, own) = (parent, there);
                    continue 'back;
                }
            }
            return at;
        }
    }

    /// Returns the version of a file in a commit.
    pub(crate) fn at(&self, commit: CommitNumber, path: &BString) -> Option<Target> {
        blob_at(self.shadows, self.roots[commit as usize], path)
    }
}
