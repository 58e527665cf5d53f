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

/// The order of the two bytes of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    LittleEndian,
    BigEndian,
}

/// How many letters tell text in UTF-16 that has no mark of it at its start.
const WIDE_PROBE: usize = 8;

/// Tells text in UTF-16, as PowerShell and the registry of Windows write it: by its mark or by letters of ASCII alone.
///
/// The mark is no proof: it may be two bytes of anything. Of text one letter in eight at least is of ASCII, and none is zero.
fn wide(bytes: &[u8]) -> Option<Wide> {
    let (order, units) = match bytes {
        [0xff, 0xfe, rest @ ..] => (Wide::LittleEndian, rest),
        [0xfe, 0xff, rest @ ..] => (Wide::BigEndian, rest),
        [_, 0, ..] => (Wide::LittleEndian, bytes.get(..2 * WIDE_PROBE)?),
        [0, _, ..] => (Wide::BigEndian, bytes.get(..2 * WIDE_PROBE)?),
        _ => return None,
    };
    let is_marked = bytes[0] >= 0xfe && bytes[1] >= 0xfe;
    let (units, _) = units[..units.len().min(BINARY_PROBE_BYTES)].as_chunks::<2>();
    let is_ascii = |unit: &&[u8; 2]| match (order, **unit) {
        (Wide::LittleEndian, [low, 0]) | (Wide::BigEndian, [0, low]) => is_ascii_text(low),
        _ => false,
    };
    let ascii = units.iter().filter(is_ascii).count();
    let is_text = if is_marked { ascii * 8 >= units.len() && !units.contains(&[0, 0]) } else { ascii == units.len() };
    (is_text && ascii > 0).then_some(order)
}

/// Returns whether bytes are text in UTF-16.
pub fn is_wide(bytes: &[u8]) -> bool {
    wide(bytes).is_some()
}

/// How many pairs of plain bytes in a row are no letters of UTF-16: something was added to the file in another encoding, as `>>` of
/// a shell does.
const PLAIN_RUN: usize = 6;

/// Returns text in UTF-16 as UTF-8 without its mark, and what was added to it in plain bytes as it is; nothing where it is no such text.
pub fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let order = wide(bytes)?;
    let letter = |&unit: &[u8; 2]| match order {
        Wide::LittleEndian => u16::from_le_bytes(unit),
        Wide::BigEndian => u16::from_be_bytes(unit),
    };
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = Vec::with_capacity(bytes.len() / 2);
    let mut is_plain_end = false;
    for run in units.chunk_by(|left, right| is_plain(left) == is_plain(right)) {
        is_plain_end = run.len() >= PLAIN_RUN && is_plain(&run[0]);
        if is_plain_end {
            text.extend_from_slice(run.as_flattened());
            continue;
        }
        for letter in char::decode_utf16(run.iter().map(letter)).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)) {
            if letter != '\u{feff}' {
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    if is_plain_end {
        text.extend_from_slice(rest);
    }
    Some(text)
}

fn is_plain(unit: &[u8; 2]) -> bool {
    unit.iter().all(|byte| is_ascii_text(*byte))
}

fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Returns bytes as they are scanned and shown: text in UTF-16 as UTF-8, all else as it is.
pub fn readable(bytes: Vec<u8>) -> Vec<u8> {
    decoded(&bytes).unwrap_or(bytes)
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
    use super::{BINARY_PROBE_BYTES, Content, decoded};

    fn wide(text: &str, mark: &[u8], bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let letters = text.encode_utf16().flat_map(bytes_of);
        mark.iter().copied().chain(letters).collect()
    }

    #[test]
    fn text_in_utf_16_is_read_in_either_order_with_and_without_its_mark() {
        let text = "KEY=\u{e9}\u{1f600} and more of it\r\n";
        for (bytes, is_told) in [
            (wide(text, b"\xff\xfe", u16::to_le_bytes), true),
            (wide(text, b"\xfe\xff", u16::to_be_bytes), true),
            (wide("plain letters", b"", u16::to_le_bytes), true),
            (wide("plain letters", b"", u16::to_be_bytes), true),
            (wide("short", b"", u16::to_le_bytes), false),
            (b"\xff\xfe\0\0K\0\0\0".to_vec(), false),
            (b"\xff\xfe plain bytes behind two that are none".to_vec(), false),
            (b"\xff\xfe".to_vec(), false),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec(), false),
            (text.as_bytes().to_vec(), false),
        ] {
            let read = decoded(&bytes).map(|read| String::from_utf8(read).expect("it is UTF-8"));
            assert_eq!(read.is_some(), is_told, "{bytes:?}");
            assert!(read.is_none_or(|read| read == text || read == "plain letters"));
        }
        assert_eq!(decoded(b"\xff\xfe\x00\xd8K\0").as_deref(), Some("\u{fffd}K".as_bytes()), "half a pair is shown as such");
        for added in ["added by a shell\n", "added, of an odd length"] {
            let both = [&wide(text, b"\xff\xfe", u16::to_le_bytes), added.as_bytes()].concat();
            assert_eq!(decoded(&both), Some([text, added].concat().into_bytes()), "what is added in another encoding stays readable");
        }
    }

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
