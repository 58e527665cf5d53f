//! When the people of a repository last committed.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::person::People;
use crate::git::graph::{Graph, author_mark};
use crate::verdict::Commit;

/// The newest commit of each author, by the mark of the address they wrote under.
pub(crate) struct Activity(HashMap<u32, i64>);

impl Activity {
    pub(crate) fn of(graph: &Graph<'_>) -> Self {
        let mut newest: HashMap<u32, i64> = HashMap::new();
        for &(author, seconds) in graph.authors() {
            let known = newest.entry(author).or_insert(seconds);
            *known = seconds.max(*known);
        }
        Activity(newest)
    }

    /// Returns since when the author of a commit is silent, where that is longer than some days.
    pub(crate) fn silent_since(&self, commit: &Commit, people: &People, days: u32, now: Timestamp) -> Option<Timestamp> {
        let addresses = people.addresses(&commit.email);
        let last = addresses.iter().filter_map(|address| self.0.get(&author_mark(address))).max()?;
        let last = Timestamp::from_second(*last).ok()?;
        let is_silent = now.duration_since(last) > SignedDuration::from_hours(24 * i64::from(days));
        is_silent.then_some(last)
    }
}
