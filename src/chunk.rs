//! Bytes to scan and the place they were read from.

use std::borrow::Cow;
use std::ops::Deref;

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::span::Span;

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

/// The order of the two bytes of a letter in UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Wide {
    /// The lower byte first, as Windows writes it.
    #[serde(rename = "utf-16le")]
    LittleEndian,
    /// The higher byte first.
    #[serde(rename = "utf-16be")]
    BigEndian,
}

impl Wide {
    /// Returns a text in UTF-16 of this order, without a mark.
    pub fn encoded(self, text: &str) -> Vec<u8> {
        match self {
            Wide::LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Wide::BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// Returns its name, as `iconv` knows it.
    pub fn word(self) -> &'static str {
        match self {
            Wide::LittleEndian => "UTF-16LE",
            Wide::BigEndian => "UTF-16BE",
        }
    }
}

/// Where bytes of a text are in the file or object that holds it, be it as a part or in another encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its bytes there; nothing where they do not stand in a row.
    pub span: Option<Span>,
    /// How they are encoded; nothing for plain bytes.
    pub order: Option<Wide>,
}

/// Bytes as they are scanned and shown: text in UTF-16 as UTF-8, all else as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readable {
    bytes: Vec<u8>,
    /// Where each run of a text that was UTF-16 came from.
    runs: Vec<Run>,
    order: Option<Wide>,
}

/// Where a run of text begins here and in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    text: usize,
    stored: usize,
    is_wide: bool,
}

/// A run that is longer is told in pieces, so that a place in it is found without reading all of it.
const RUN_BYTES: usize = 4 << 10;

impl Deref for Readable {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Readable {
    /// Returns the bytes without where they came from.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Reads bytes as what they are.
    pub fn of(bytes: Vec<u8>) -> Self {
        Readable::decoded(&bytes).unwrap_or(Readable { bytes, runs: Vec::new(), order: None })
    }

    /// Returns text in UTF-16 as UTF-8 without its marks, and what was added to it in plain bytes as it is; nothing where it is no such text.
    pub fn decoded(bytes: &[u8]) -> Option<Self> {
        let order = wide(bytes)?;
        let letter = |&unit: &[u8; 2]| match order {
            Wide::LittleEndian => u16::from_le_bytes(unit),
            Wide::BigEndian => u16::from_be_bytes(unit),
        };
        let (units, rest) = bytes.as_chunks::<2>();
        let (mut text, mut runs, mut stored) = (Vec::with_capacity(bytes.len() / 2), Vec::new(), 0);
        let mut is_plain_end = false;
        for run in units.chunk_by(|left, right| is_plain(left) == is_plain(right)) {
            is_plain_end = run.len() >= PLAIN_RUN && is_plain(&run[0]);
            // Letters of any bytes follow each other: that is one run.
            if is_plain_end || runs.last().is_none_or(|last: &Run| !last.is_wide) {
                runs.push(Run { text: text.len(), stored, is_wide: !is_plain_end });
            }
            if is_plain_end {
                text.extend_from_slice(run.as_flattened());
                stored += run.as_flattened().len();
                continue;
            }
            for letter in char::decode_utf16(run.iter().map(letter)).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)) {
                stored += 2 * letter.len_utf16();
                if letter != '\u{feff}' {
                    text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
                if letter == '\u{feff}' || runs.last().is_some_and(|run| text.len() - run.text >= RUN_BYTES) {
                    runs.push(Run { text: text.len(), stored, is_wide: true });
                }
            }
        }
        if is_plain_end {
            text.extend_from_slice(rest);
        }
        Some(Readable { bytes: text, runs, order: Some(order) })
    }

    /// Returns where a part of it is in the file; nothing where the file holds the same bytes.
    pub fn stored(&self, span: Span) -> Option<Stored> {
        let order = self.order?;
        let (start, is_wide) = self.place(span.start, span.start)?;
        // What ends where a run begins is of the run before.
        let (end, ends_wide) = self.place(span.end, span.end.saturating_sub(1))?;
        let letters = String::from_utf8_lossy(span.of(&self.bytes));
        let len = if is_wide { 2 * letters.chars().map(char::len_utf16).sum::<usize>() } else { span.len() };
        let is_whole = is_wide == ends_wide && end.checked_sub(start) == Some(len);
        Some(Stored { span: is_whole.then_some(Span { start, end }), order: is_wide.then_some(order) })
    }

    /// Returns where a byte is in the file, by the run of another, and whether that is UTF-16.
    fn place(&self, at: usize, in_run_of: usize) -> Option<(usize, bool)> {
        let after = self.runs.partition_point(|run| run.text <= in_run_of);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let before = self.bytes.get(run.text..at)?;
        let len = if run.is_wide { 2 * String::from_utf8_lossy(before).chars().map(char::len_utf16).sum::<usize>() } else { before.len() };
        Some((run.stored + len, run.is_wide))
    }
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

fn is_plain(unit: &[u8; 2]) -> bool {
    unit.iter().all(|byte| is_ascii_text(*byte))
}

fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
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

/// Where a text stands: all of an origin, or a member of the archive that it is.
#[derive(Debug, Clone, Copy)]
pub struct Site<'s> {
    /// What was read.
    pub origin: &'s Origin,
    /// The path of the member in the archive.
    pub member: Option<&'s BStr>,
}

impl<'s> From<&'s Origin> for Site<'s> {
    fn from(origin: &'s Origin) -> Self {
        Site { origin, member: None }
    }
}

impl<'s> Site<'s> {
    /// Returns the path that the judge goes by, as if the archive were a folder; nothing where there is none.
    pub fn path(self) -> Option<Cow<'s, BStr>> {
        match (self.origin.path(), self.member) {
            (Some(path), Some(member)) => Some(Cow::Owned(below(path, member))),
            (Some(path), None) | (None, Some(path)) => Some(Cow::Borrowed(path)),
            (None, None) => None,
        }
    }
}

/// Returns the path of a member as if the archive were a folder.
pub fn below(archive: &BStr, member: &BStr) -> BString {
    bstr::concat([archive.as_bytes(), b"/", member.as_bytes()]).into()
}

/// Returns how a member is shown: as Java writes it.
pub fn within(archive: impl std::fmt::Display, member: impl std::fmt::Display) -> String {
    format!("{archive}!/{member}")
}

#[cfg(test)]
mod tests {
    use super::{BINARY_PROBE_BYTES, Content, Readable, Stored, Wide};
    use crate::span::Span;

    fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
        Readable::decoded(bytes).map(|text| text.to_vec())
    }

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
    fn every_part_of_a_text_is_found_where_it_is_stored() {
        let text = "k\u{e9}y=\u{1f600}value\u{6162}\r\nnext".repeat(2_000);
        for order in [Wide::LittleEndian, Wide::BigEndian] {
            for marked in [format!("\u{feff}{text}"), text.clone()] {
                let added = b"PLAIN=what a shell added\n";
                let raw = [&order.encoded(&format!("some letters of ascii{marked}")), &added[..]].concat();
                let read = Readable::of(raw.clone());
                for part in ["k\u{e9}y", "\u{1f600}", "value", "\u{6162}\r\n", "next"] {
                    for start in memchr::memmem::find_iter(&read, part.as_bytes()) {
                        let stored = read.stored(Span { start, end: start + part.len() }).expect("it is UTF-16");
                        let span = stored.span.expect("it stands in a row");
                        assert_eq!(
                            (stored.order, &raw[span.start..span.end]),
                            (Some(order), &order.encoded(part)[..]),
                            "{part} at {start}"
                        );
                    }
                }
                let start = memchr::memmem::find(&read, b"PLAIN").expect("it was added");
                let plain = read.stored(Span { start, end: start + 10 });
                let at = raw.len() - added.len();
                assert_eq!(plain, Some(Stored { span: Some(Span { start: at, end: at + 10 }), order: None }));
                assert_eq!(read.stored(Span { start: start - 4, end: start + 4 }).map(|stored| stored.span), Some(None), "of both");
            }
        }
        let broken = Readable::of(Wide::LittleEndian.encoded("\u{feff}one\u{feff}two and more"));
        assert_eq!(&*broken, b"onetwo and more");
        assert_eq!(broken.stored(Span { start: 0, end: 6 }).map(|stored| stored.span), Some(None), "a mark stands in between");
        assert_eq!(broken.stored(Span { start: 3, end: 6 }).and_then(|stored| stored.span), Some(Span { start: 10, end: 16 }));
        assert_eq!(Readable::of(b"plain".to_vec()).stored(Span { start: 0, end: 5 }), None);
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
