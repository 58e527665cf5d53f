//! `staunch detectors stats`: what each detector costs and brings, on files or on a whole history.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::{Error, FileOptions, Scanner};
use crate::coverage::Coverage;
use crate::detect::Tally;
use crate::git::Repo;
use crate::git::pack::{Derived, Object, Store};
use crate::source::{history, worktree};

/// Tallies each object by itself: what a delta inherits costs nothing and would count for nothing.
struct Each<'e> {
    scanner: &'e Scanner,
    tally: Mutex<Tally>,
}

impl Each<'_> {
    fn add(&self, bytes: &[u8]) {
        // One at a time: detectors that share a core would each seem slower than it is.
        self.scanner.catalog.tally(bytes, &mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl history::Look for Each<'_> {
    type Kept = ();

    fn look(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        if !object.is_repeat {
            self.add(object.bytes);
        }
    }
}

impl Scanner {
    /// Tallies the files below the paths.
    pub fn tally(&self, paths: &[PathBuf], options: &FileOptions) -> (Tally, Coverage) {
        let each = Each { scanner: self, tally: Mutex::default() };
        let coverage = worktree::each(paths, options, &self.watch, |_, bytes| each.add(&bytes));
        (each.tally.into_inner().unwrap_or_else(PoisonError::into_inner), coverage)
    }

    /// Tallies every object of a repository.
    ///
    /// # Errors
    /// When the repository's object folders cannot be read; objects that cannot be are in the coverage.
    pub fn tally_history(&self, repo: &Repo) -> Result<(Tally, Coverage), Error> {
        let store = Store::open(repo)?;
        self.watch.expect(store.bytes());
        let each = Each { scanner: self, tally: Mutex::default() };
        let seen = history::each(&store, repo, &self.watch, &each);
        let coverage = Coverage { blobs: seen.blobs, bytes: seen.bytes, skips: seen.skips, ..Coverage::default() };
        Ok((each.tally.into_inner().unwrap_or_else(PoisonError::into_inner), coverage))
    }
}
