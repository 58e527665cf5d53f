//! `staunch scan`: files, folders and standard input.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bstr::BString;

use super::{Error, FileOptions, Scanner};
use crate::chunk::{Origin, Readable};
use crate::coverage::Coverage;
use crate::source::worktree;
use crate::suppress::baseline::Baseline;
use crate::verdict::Outcome;

impl Scanner {
    /// Scans files and folders on disk.
    ///
    /// # Errors
    /// When the configuration cannot be used; what cannot be read is in the coverage.
    pub fn scan(&self, paths: &[PathBuf], options: &FileOptions, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let found = Mutex::new(Vec::new());
        let read = Mutex::new(Coverage::default());
        let coverage = worktree::each(paths, options, &self.watch, |origin, bytes| {
            let mut skips = Vec::new();
            let sightings = self.file(&origin, &bytes, &mut skips);
            let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
            read.skips.extend(skips);
            read.blobs += 1;
            read.bytes += bytes.len() as u64;
            found.lock().unwrap_or_else(PoisonError::into_inner).extend(sightings);
        });
        let mut total = read.into_inner().unwrap_or_else(PoisonError::into_inner);
        total.absorb(coverage);
        total.scope = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        self.conclude(found.into_inner().unwrap_or_else(PoisonError::into_inner), total, baseline, false)
    }

    /// Scans bytes that the user piped in under a name.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn scan_bytes(&self, name: &str, bytes: impl Into<Vec<u8>>, baseline: Option<&mut Baseline>) -> Result<Outcome, Error> {
        let origin = Origin::File { path: BString::from(name) };
        let bytes = bytes.into();
        let mut coverage = Coverage { blobs: 1, bytes: bytes.len() as u64, scope: name.to_owned(), ..Coverage::default() };
        let sightings = self.file(&origin, &Readable::of(bytes), &mut coverage.skips);
        self.conclude(sightings, coverage, baseline, false)
    }
}
