//! Entries of `.staunch.yaml` that allow a credential, a path or a detector.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use globset::{GlobBuilder, GlobMatcher};

use crate::chunk::below;
use crate::config::{Allow, Config, Exclude};
use crate::finding::Finding;
use crate::here::Here;
use crate::verdict::{Disposition, Notice};

/// The entries of a configuration, ready to be asked, and which of them were of use.
pub struct Allowances {
    entries: Vec<Entry>,
    excluded: Vec<(GlobMatcher, String)>,
    used: BTreeSet<usize>,
}

struct Entry {
    allow: Allow,
    path: Option<GlobMatcher>,
    except: Option<GlobMatcher>,
    is_expired: bool,
}

/// Why an entry cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {path:?} is not a glob")]
pub struct Error {
    place: String,
    path: String,
    #[source]
    cause: globset::Error,
}

impl Allowances {
    /// Prepares the entries; `today` decides which have expired.
    ///
    /// # Errors
    /// When a path is not a glob.
    pub fn new(config: &Config, today: jiff::civil::Date) -> Result<Self, Error> {
        let entries = config.allow.iter().map(|allow| {
            let glob = |path: &Option<String>| path.as_ref().map(|path| matcher(path, &allow.place)).transpose();
            let (path, except) = (glob(&allow.path)?, glob(&allow.except)?);
            let is_expired = allow.expires.is_some_and(|last| last < today);
            Ok(Entry { allow: allow.clone(), path, except, is_expired })
        });
        let excluded = config.exclude.iter().map(|Exclude { path, reason }| Ok((matcher(path, crate::config::FILE_NAME)?, reason.clone())));
        Ok(Allowances { entries: entries.collect::<Result<_, _>>()?, excluded: excluded.collect::<Result<_, _>>()?, used: BTreeSet::new() })
    }

    /// Returns what an entry says of a finding, if one speaks of it; an expired one does not.
    pub fn disposition(&mut self, finding: &Finding, here: &Here) -> Option<Disposition> {
        let path = finding.origin.path().map(|_| here.from_top(&finding.origin));
        let packed = path.as_ref().zip(finding.member.as_ref()).map(|(path, member)| below(path.as_ref(), member.as_ref()));
        let is_at = |glob: &GlobMatcher| [&path, &packed].into_iter().flatten().any(|path| glob.is_match(path.to_path_lossy()));
        let mut found = None;
        for (number, entry) in self.entries.iter().enumerate() {
            let speaks = entry.allow.fingerprint.is_none_or(|fingerprint| fingerprint == finding.fingerprint)
                && entry.allow.detector.as_ref().is_none_or(|id| *id == finding.detector.id)
                && entry.path.as_ref().is_none_or(&is_at)
                && !entry.except.as_ref().is_some_and(&is_at);
            if speaks {
                self.used.insert(number);
                if !entry.is_expired && found.is_none() {
                    found = Some(Disposition::Allowed { reason: entry.allow.reason.clone() });
                }
            }
        }
        found.or_else(|| {
            let (_, reason) = self.excluded.iter().find(|(glob, _)| is_at(glob))?;
            Some(Disposition::Allowed { reason: reason.clone() })
        })
    }

    /// Returns what to say of entries that expired, or that spoke of nothing in a scan of everything.
    pub fn notices(&self, was_everything_read: bool) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let place = entry.allow.place.clone();
            let owner = entry.allow.owner.as_ref().map(|owner| format!(" (owner: {owner})")).unwrap_or_default();
            if let Some(last) = entry.allow.expires.filter(|_| entry.is_expired) {
                notices.push(Notice { place, what: format!("this allow entry expired on {last} and hides nothing any more{owner}") });
            } else if was_everything_read && !self.used.contains(&number) {
                notices.push(Notice { place, what: format!("this allow entry matches nothing any more{owner}") });
            }
        }
        notices
    }
}

fn matcher(path: &str, place: &str) -> Result<GlobMatcher, Error> {
    // `vendor/` and `vendor` mean all below it, as in .gitignore.
    let folder = path.trim_end_matches('/');
    // The parser of globs recurses into braces.
    let is_sane = path.len() <= 4_096 && path.matches('{').count() <= 16;
    let folder = if is_sane { folder } else { "[" };
    let pattern = format!("{{{folder},{folder}/**}}");
    GlobBuilder::new(&pattern).literal_separator(true).build().map(|glob| glob.compile_matcher()).map_err(|cause| Error {
        place: place.to_owned(),
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_means_itself_and_all_below_it() {
        let is_match = |glob: &str, path: &str| super::matcher(glob, "x").expect("a glob").is_match(path);
        assert!(is_match("vendor/", "vendor/a/b.txt") && is_match("vendor", "vendor/a.txt"));
        assert!(is_match("docs/*.md", "docs/a.md") && !is_match("docs/*.md", "docs/a/b.md"));
        assert!(is_match("**/*.snap", "a/b/c.snap") && !is_match("vendor", "vendored"));
        assert!(super::matcher("a[", "x").is_err());
    }
}
