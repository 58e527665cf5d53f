//! Files and folders on disk, and standard input.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bstr::BString;
use ignore::{WalkBuilder, WalkState};

use crate::chunk::{Origin, Readable};
use crate::coverage::{Coverage, Why};
use crate::git::MAX_OBJECT_BYTES;
use crate::watch::Watch;

/// Which files are left out.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Read what `.gitignore` and its kin leave out. Default: no; costs time in build folders.
    pub no_ignore: bool,
    /// Leave out names that begin with a dot. Default: no, because `.env` and `.npmrc` are where secrets are.
    pub no_hidden: bool,
    /// How many threads. Default: zero, which is one for each core.
    pub threads: usize,
}

/// Calls `each` for every file below the paths, on several threads and in no order.
pub(crate) fn each(paths: &[PathBuf], options: &Options, watch: &Watch, each: impl Fn(Origin, Readable) + Sync) -> Coverage {
    let coverage = Mutex::new(Coverage::default());
    let note = |what: String, why: Why| lock(&coverage).skip(what, why);
    let mut present = Vec::new();
    for path in paths {
        match std::fs::symlink_metadata(path) {
            Ok(_) => present.push(path),
            Err(cause) => note(shown(path), Why::Unreadable { detail: cause.to_string() }),
        }
    }
    let Some((first, rest)) = present.split_first() else { return unlocked(coverage) };
    let mut builder = WalkBuilder::new(first);
    rest.iter().for_each(|path| {
        builder.add(path);
    });
    // `.ignore` is ripgrep's: what a search leaves out for convenience is no reason to call it clean.
    builder.hidden(options.no_hidden).threads(options.threads).require_git(false).ignore(false);
    if options.no_ignore {
        builder.ignore(false).git_ignore(false).git_exclude(false).git_global(false).parents(false);
    }
    builder.filter_entry(|entry| entry.file_name() != ".git");
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            if watch.is_stopped() {
                return WalkState::Quit;
            }
            match entry {
                Err(cause) => note(String::from("a folder"), Why::Unreadable { detail: cause.to_string() }),
                Ok(entry) => match file(&entry) {
                    None => {}
                    Some(Err(why)) => note(shown(entry.path()), why),
                    Some(Ok(bytes)) => {
                        watch.advance(bytes.len() as u64);
                        each(Origin::File { path: name(entry.path()) }, bytes);
                    }
                },
            }
            WalkState::Continue
        })
    });
    unlocked(coverage)
}

fn lock(coverage: &Mutex<Coverage>) -> std::sync::MutexGuard<'_, Coverage> {
    coverage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn unlocked(coverage: Mutex<Coverage>) -> Coverage {
    let mut coverage = coverage.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    coverage.skips.sort();
    coverage
}

fn shown(path: &Path) -> String {
    name(path).to_string()
}

/// The path as the user would type it: without the `./` that walking `.` puts before it.
fn name(path: &Path) -> BString {
    let path = path.strip_prefix("./").unwrap_or(path);
    BString::from(path.as_os_str().as_encoded_bytes())
}

/// Reads a file; nothing for a folder or a link, which leads to a file that is read itself or is not part of this.
fn file(entry: &ignore::DirEntry) -> Option<Result<Readable, Why>> {
    let kind = entry.file_type()?;
    if kind.is_dir() || kind.is_symlink() {
        return None;
    }
    if !kind.is_file() {
        return Some(Err(Why::SpecialFile));
    }
    let unreadable = |cause: std::io::Error| Why::Unreadable { detail: cause.to_string() };
    let opened = std::fs::File::open(entry.path()).map_err(unreadable);
    Some(opened.and_then(|mut file| {
        let bytes = file.metadata().map_err(unreadable)?.len();
        read_at_most(&mut file, bytes)
    }))
}

/// Reads to the end, unless that is past the limit, text in UTF-16 as UTF-8; `expected` is only a hint.
pub(crate) fn read_at_most(reader: &mut dyn Read, expected: u64) -> Result<Readable, Why> {
    let too_large = |bytes| Why::TooLarge { bytes, limit_bytes: MAX_OBJECT_BYTES };
    if expected > MAX_OBJECT_BYTES {
        return Err(too_large(expected));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    reader.take(MAX_OBJECT_BYTES + 1).read_to_end(&mut bytes).map_err(|cause| Why::Unreadable { detail: cause.to_string() })?;
    if bytes.len() as u64 > MAX_OBJECT_BYTES { Err(too_large(bytes.len() as u64)) } else { Ok(Readable::of(bytes)) }
}

#[cfg(test)]
mod tests {
    use super::{Readable, read_at_most};
    use crate::coverage::Why;

    #[test]
    fn a_size_past_the_limit_is_refused_before_it_is_read() {
        let mut endless = std::io::repeat(7);
        assert!(matches!(read_at_most(&mut endless, 3 << 30), Err(Why::TooLarge { .. })));
        assert_eq!(read_at_most(&mut &b"abc"[..], 0), Ok(Readable::of(b"abc".to_vec())));
    }
}
