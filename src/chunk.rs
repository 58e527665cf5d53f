//! Bytes to scan and the place they were read from.

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;

/// Whether a chunk is read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// All detectors look at it.
    Text,
    /// Only self-identifying detectors look at it.
    Binary,
}

/// How far into a chunk a zero byte makes it binary; git looks as far.
pub const BINARY_PROBE_BYTES: usize = 8_000;

impl Content {
    /// Decides by the first bytes, as git does, so that the answer does not depend on how a blob was reached.
    pub fn of(bytes: &[u8]) -> Self {
        let probe = &bytes[..bytes.len().min(BINARY_PROBE_BYTES)];
        if memchr::memchr(0, probe).is_some() { Content::Binary } else { Content::Text }
    }
}

/// The place a chunk was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file on disk, or what the user calls standard input.
    File {
        /// The path as the user would type it.
        path: BString,
    },
    /// The version of a file that the index holds.
    Staged {
        /// The path from the top of the working tree.
        path: BString,
    },
    /// A version of a file in a commit.
    Committed {
        /// The path from the root of the tree.
        path: BString,
        /// The commit in which the path got this content.
        commit: ObjectId,
    },
    /// A blob that no commit we know of holds under a path.
    Blob {
        /// The blob.
        id: ObjectId,
    },
    /// The message, author or committer of a commit.
    Commit {
        /// The commit.
        id: ObjectId,
    },
    /// The message or tagger of an annotated tag.
    Tag {
        /// The tag object.
        id: ObjectId,
    },
}

impl Origin {
    /// Returns the path, where the chunk is a file's.
    pub fn path(&self) -> Option<&BStr> {
        match self {
            Origin::File { path } | Origin::Staged { path } | Origin::Committed { path, .. } => Some(path.as_bstr()),
            Origin::Blob { .. } | Origin::Commit { .. } | Origin::Tag { .. } => None,
        }
    }

    /// Returns what the judge and reports take for a path: one is made up where there is none.
    pub fn label(&self) -> BString {
        match self {
            Origin::File { path } | Origin::Staged { path } | Origin::Committed { path, .. } => path.clone(),
            Origin::Blob { id } => format!("blob {id}").into(),
            Origin::Commit { id } => format!("commit {id}").into(),
            Origin::Tag { id } => format!("tag {id}").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BINARY_PROBE_BYTES, Content};

    #[test]
    fn a_zero_byte_counts_only_near_the_start() {
        let mut bytes = vec![b'a'; BINARY_PROBE_BYTES + 10];
        assert_eq!(Content::of(&bytes), Content::Text);
        bytes[BINARY_PROBE_BYTES] = 0;
        assert_eq!(Content::of(&bytes), Content::Text);
        bytes[BINARY_PROBE_BYTES - 1] = 0;
        assert_eq!(Content::of(&bytes), Content::Binary);
    }
}
