//! The baseline: credentials that were known when it was made, so that only new ones are reported.
//!
//! A text file with one sorted line for each credential, so that branches merge; without line numbers or dates, which
//! would churn. Each line holds a mark: the secret's hash, keyed with the file's random salt and slow for what could be
//! guessed, so that a report that leaves the repository cannot be tested against guesses with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::bounded::{self, Unreadable};
use crate::finding::Finding;
use crate::secret::{Fingerprint, FingerprintKey, Secret};

/// The file's usual name, at the top of the repository.
pub const FILE_NAME: &str = ".staunch-baseline";

/// 64 MiB: a line is some 60 bytes, so this is a million credentials.
const MAX_BYTES: u64 = 64 << 20;

const HEADER: &str = "# staunch baseline 1: credentials known when it was made. `staunch baseline update` rewrites it.";

/// The credentials that are known, and which of them were seen again.
pub struct Baseline {
    salt: String,
    key: FingerprintKey,
    lines: BTreeMap<Fingerprint, String>,
    seen: BTreeSet<Fingerprint>,
    marks: BTreeMap<Fingerprint, Fingerprint>,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// There is none.
    #[error("there is no baseline {path:?}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A line is not as it should be.
    #[error("baseline {path:?}, line {line}: {what}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

impl Baseline {
    /// Starts an empty baseline with a new salt.
    pub fn create(salt: [u8; 16]) -> Self {
        Baseline::with_salt(salt.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    fn with_salt(salt: String) -> Self {
        let key = FingerprintKey::new(format!("baseline {salt}").as_bytes());
        Baseline { salt, key, lines: BTreeMap::new(), seen: BTreeSet::new(), marks: BTreeMap::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or a line makes no sense.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = bounded::read_text(path, MAX_BYTES)?.ok_or_else(|| Error::Missing { path: path.to_owned() })?;
        Baseline::parse(&text).map_err(|(line, what)| Error::Invalid { path: path.to_owned(), line, what })
    }

    fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut baseline = None;
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(salt) = line.strip_prefix("salt: ") {
                if baseline.is_some() {
                    return Err((number, "a second salt; was this merged by hand? run `staunch baseline create` again"));
                }
                baseline = Some(Baseline::with_salt(salt.trim().to_owned()));
                continue;
            }
            let known = baseline.as_mut().ok_or((number, "the salt is missing before it"))?;
            let (mark, _) = line.split_once(' ').unwrap_or((line, ""));
            let mark = Fingerprint::parse(mark).ok_or((number, "it does not begin with 20 hexadecimal digits"))?;
            known.lines.insert(mark, line.to_owned());
        }
        baseline.ok_or((1, "it holds no salt"))
    }

    /// Returns whether a finding's credential is known, and remembers that it was seen.
    pub fn knows(&mut self, finding: &Finding) -> bool {
        let mark = self.mark(finding.fingerprint, &finding.secret);
        let is_known = self.lines.contains_key(&mark);
        if is_known {
            self.seen.insert(mark);
        }
        is_known
    }

    /// Adds a finding's credential; returns whether it was new.
    pub fn add(&mut self, finding: &Finding) -> bool {
        let mark = self.mark(finding.fingerprint, &finding.secret);
        self.seen.insert(mark);
        let path: String = finding.origin.label().to_string().chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        self.lines.insert(mark, format!("{mark} {} {path}", finding.detector.id)).is_none()
    }

    /// Forgets what was not seen; returns how many that were.
    pub fn prune(&mut self) -> usize {
        let before = self.lines.len();
        self.lines.retain(|mark, _| self.seen.contains(mark));
        before - self.lines.len()
    }

    /// Returns how many credentials were not seen again.
    pub fn unseen(&self) -> usize {
        self.lines.len() - self.seen.len()
    }

    /// Returns how many credentials are known.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the file's text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}\nsalt: {}\n", self.salt);
        for line in self.lines.values() {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The hash is slow, so each credential is hashed once.
    fn mark(&mut self, fingerprint: Fingerprint, secret: &Secret) -> Fingerprint {
        *self.marks.entry(fingerprint).or_insert_with(|| self.key.fingerprint(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    #[test]
    fn a_file_reads_back_and_a_broken_one_is_refused() {
        let mut baseline = Baseline::create([7; 16]);
        assert!(baseline.is_empty());
        let line = format!("{} generic-password a b.txt", "0f".repeat(10));
        let text = format!("{}{line}\n", baseline.text());
        baseline = Baseline::parse(&text).expect("it is valid");
        assert_eq!((baseline.len(), baseline.unseen()), (1, 1));
        assert_eq!(baseline.text(), text);
        assert_eq!(baseline.prune(), 1);
        assert_eq!(Baseline::parse("salt: a\nsalt: b\n").err().map(|e| e.0), Some(2));
        assert_eq!(Baseline::parse("salt: a\nnonsense\n").err().map(|e| e.0), Some(2));
        assert_eq!(Baseline::parse("").err().map(|e| e.0), Some(1));
    }
}
