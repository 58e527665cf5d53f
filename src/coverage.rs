//! What was read, and what was not and why: a scan that cannot say this cannot say that it is clean.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a scan looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Commits whose changes or messages were read.
    pub commits: u64,
    /// Files or blobs that were read.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs that were not read because an earlier audit had found them clean.
    pub known: u64,
    /// What was looked at, in words: a range, a repository, paths.
    pub scope: String,
    /// What was not read.
    pub skips: Vec<Skip>,
}

/// Something that was not scanned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// The path, object or ref.
    pub what: String,
    /// Why it was not scanned.
    pub why: Why,
}

/// Why something was not scanned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Why {
    /// It is larger than the limit.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// The repository does not have the object, as in a partial clone.
    Missing,
    /// The object or pack cannot be decoded.
    Corrupt {
        /// What is wrong.
        detail: String,
    },
    /// The operating system does not let us read it.
    Unreadable {
        /// What it says.
        detail: String,
    },
    /// The history ends here because the clone is shallow.
    Shallow,
    /// The user ended the scan.
    Interrupted,
    /// The time that was given is over.
    OutOfTime {
        /// How long that was.
        budget_ms: u64,
    },
    /// Another repository: it has to be scanned there.
    Submodule,
    /// Marked with `git add --intent-to-add`: a commit would not hold its content.
    IntentToAdd,
    /// Neither file nor folder nor link.
    SpecialFile,
    /// It is packed in a way that cannot be undone here: encrypted, damaged, of a format that is not read, or kept elsewhere. What lies open of it was searched.
    Packed {
        /// In what way.
        detail: String,
    },
    /// It unpacks to more than is read.
    TooMuch {
        /// More than what.
        limit: String,
    },
}

impl Why {
    /// Says that the time that was given is over.
    pub fn out_of_time(whole: Duration) -> Self {
        Why::OutOfTime { budget_ms: u64::try_from(whole.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Returns whether it was there and could not be looked into.
    pub fn is_closed(&self) -> bool {
        matches!(self, Why::Packed { .. })
    }

    /// Returns whether a scan with such a skip cannot be called clean.
    pub fn is_incomplete(&self) -> bool {
        match self {
            Why::TooLarge { .. }
            | Why::Missing
            | Why::Corrupt { .. }
            | Why::Unreadable { .. }
            | Why::Shallow
            | Why::Interrupted
            | Why::OutOfTime { .. }
            | Why::TooMuch { .. } => true,
            Why::Submodule | Why::IntentToAdd | Why::SpecialFile | Why::Packed { .. } => false,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::TooLarge { bytes, limit_bytes } => write!(out, "too large ({bytes} bytes, limit {limit_bytes})"),
            Why::Missing => out.write_str("not in this repository (a partial clone?)"),
            Why::Corrupt { detail } => write!(out, "corrupt: {detail}"),
            Why::Unreadable { detail } => write!(out, "unreadable: {detail}"),
            Why::Shallow => out.write_str("history ends here: the clone is shallow"),
            Why::Interrupted => out.write_str("interrupted"),
            Why::OutOfTime { budget_ms } => write!(out, "not looked at within {budget_ms} ms"),
            Why::Submodule => out.write_str("submodule: scan it in its own repository"),
            Why::IntentToAdd => out.write_str("only marked to be added: a commit would not hold it"),
            Why::SpecialFile => out.write_str("not a regular file"),
            Why::Packed { detail } => write!(out, "not unpacked: {detail}"),
            Why::TooMuch { limit } => write!(out, "not unpacked to its end: {limit}"),
        }
    }
}

impl Coverage {
    /// Notes something that was not scanned.
    pub fn skip(&mut self, what: impl Into<String>, why: Why) {
        self.skips.push(Skip { what: what.into(), why });
    }

    /// Returns whether all that was asked for was read.
    pub fn is_complete(&self) -> bool {
        !self.skips.iter().any(|skip| skip.why.is_incomplete())
    }

    /// Adds what another part of the same scan looked at.
    pub fn absorb(&mut self, other: Coverage) {
        self.commits += other.commits;
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.skips.extend(other.skips);
    }
}
