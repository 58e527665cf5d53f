//! Finds where a keyword of any detector occurs in a chunk.
//!
//! A chunk is looked at at every second byte: one bit tells whether the four bytes from there on may belong to a
//! keyword, and where it is set another one tells the same of the byte before them. So each keyword is represented by
//! two windows of three bytes, the rarest at an even distance from its start and the rarest at an odd one, of which one
//! is looked at wherever the keyword stands; the bytes around a window are any where the keyword does not hold them. The
//! cost hardly grows with the number of detectors. The tables of the catalog that ships are compiled in (`build.rs` includes
//! this very file), and others take less than a millisecond to build: a hook has no time for an automaton. This stage may
//! only save time, never findings: it says where it is worth looking, `pattern` decides.

use std::borrow::Cow;

use super::tables::{Table, Texts};
use crate::detector::Outline;

/// A keyword that occurs in a chunk, with what must follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where its first byte is.
    pub start: usize,
    /// Which keyword, by its number in the list the prefilter was built from.
    pub keyword: u32,
}

/// What is searched: a keyword, and what must follow it for a detector to make anything of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword<'k> {
    /// In lower case, of three bytes or more.
    pub text: &'k str,
    /// The bytes behind it.
    pub tail: Tail,
}

/// So many bytes behind a keyword, each of an alphabet: a short keyword is rare only together with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    pub(crate) len: usize,
    pub(crate) alphabet: [u64; 4],
}

impl Tail {
    /// Anything.
    pub const NONE: Tail = Tail { len: 0, alphabet: [0; 4] };

    /// What follows a keyword in every match of an outline that begins with the keyword.
    pub fn behind(keyword_len: usize, outline: &Outline) -> Self {
        let len = (outline.min_bytes as usize).min(GLANCE_BYTES).saturating_sub(keyword_len);
        if len == 0 { Tail::NONE } else { Tail { len, alphabet: outline.alphabet } }
    }

    /// Returns what follows where either does.
    #[must_use]
    pub fn or(self, other: Tail) -> Tail {
        let len = self.len.min(other.len);
        if len == 0 { Tail::NONE } else { Tail { len, alphabet: std::array::from_fn(|word| self.alphabet[word] | other.alphabet[word]) } }
    }

    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let allows = |byte: u8| self.alphabet[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0;
        bytes.get(at..at + self.len).is_some_and(|tail| tail.iter().rev().all(|&byte| allows(byte)))
    }
}

impl Keyword<'_> {
    /// Returns how many bytes it takes together with its tail.
    fn extent(&self) -> usize {
        self.text.len() + self.tail.len
    }
}

impl<'k> From<&'k str> for Keyword<'k> {
    fn from(text: &'k str) -> Self {
        Keyword { text, tail: Tail::NONE }
    }
}

/// A keyword and its tail are at most so long together: not so long that more bytes around a seam would have to be searched.
const GLANCE_BYTES: usize = NEAR_BYTES + 2;

/// The table of three-byte windows and the keywords behind each.
#[derive(Debug)]
pub struct Prefilter {
    /// By a hash of the window: which bytes may follow it, one bit for each value of a byte's last five bits.
    pub(crate) followers: Table<[u32; HASHES]>,
    /// By the same hash: which bytes may stand before it, one bit for each value of a byte's last six bits.
    pub(crate) leaders: Table<[u64; HASHES]>,
    /// By the same hash: where its keywords begin in `entries`; those of the next hash begin where they end.
    pub(crate) starts: Table<[u32; HASHES + 1]>,
    /// Keywords of all windows, in the order of their hashes.
    pub(crate) entries: Cow<'static, [Entry]>,
    pub(crate) keywords: Texts,
    /// What must follow each.
    pub(crate) tails: Cow<'static, [Tail]>,
    /// How far before and after a place a window may lie that belongs to a keyword across that place.
    pub(crate) margin: (usize, usize),
}

/// 16 bytes, so that those of a window mostly lie in one line of the cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The first eight bytes of the keyword, folded: most places differ there.
    pub(crate) head: u64,
    pub(crate) keyword: u32,
    /// Where in the keyword the window begins; one byte before it where the keyword has only three.
    pub(crate) offset: i16,
    /// How many bits of `head` there are.
    pub(crate) head_bits: u8,
}

impl Entry {
    fn new(keyword: u32, bytes: &[u8], offset: i32) -> Self {
        let mut head = [0; 8];
        let len = bytes.len().min(head.len());
        head[..len].copy_from_slice(&bytes[..len]);
        let offset = i16::try_from(offset).expect("a keyword has 64 bytes at most");
        Entry { head: u64::from_le_bytes(head) | FOLD, keyword, offset, head_bits: 8 * len as u8 }
    }

    /// Returns where its keyword begins when its window is at a place.
    fn start(&self, at: usize) -> Option<usize> {
        at.checked_add_signed(-isize::from(self.offset))
    }

    /// Returns whether bytes may be the first of the keyword.
    fn may_begin(&self, bytes: [u8; 8]) -> bool {
        ((u64::from_le_bytes(bytes) | FOLD) ^ self.head) << (u64::BITS - u32::from(self.head_bits)) == 0
    }
}

/// 1 MiB and one byte: searched in a few milliseconds, after which it is asked whether to go on.
const SLICE_BYTES: usize = (1 << 20) + 1;

/// Makes letters alike in both cases, and some other bytes alike that are not.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// Three folded bytes, the first one lowest.
type Window = u32;

const WINDOW: u32 = 0xff_ffff;

fn window(bytes: [u8; 3]) -> Window {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD as u32 & WINDOW
}

/// Windows share few hashes: 128 KiB of followers, most of which is never looked at, and twice that of leaders for the places that are left.
pub(crate) const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 15;

fn hash(window: Window) -> usize {
    (window.wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS)) as usize
}

/// Returns the bit of a byte behind a window.
fn follower(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// Returns the bit of a byte before a window.
fn leader(byte: u8) -> u64 {
    1 << ((byte | FOLD as u8) & 63)
}

/// A window lies at most so far from either end of its keyword, or half the keyword's length.
const NEAR_BYTES: usize = 12;

/// Bytes fall into 64 classes where it is counted what is common: letters (of either case) and digits have their own.
const CLASSES: [u8; 256] = classes();
const CLASS_BITS: u32 = 6;

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        classes[byte] = match b {
            b'a'..=b'z' => b - b'a',
            b'A'..=b'Z' => b - b'A',
            b'0'..=b'9' => 26 + (b - b'0'),
            b'_' => 36,
            b'-' => 37,
            b'.' => 38,
            b'/' => 39,
            b':' => 40,
            b'=' => 41,
            b'"' => 42,
            b'+' => 43,
            b'<' => 44,
            b'>' => 45,
            b'@' => 46,
            b'$' => 47,
            b'{' => 48,
            b'%' => 49,
            b'&' => 50,
            b'?' => 51,
            b';' => 52,
            b'~' => 53,
            b'#' => 54,
            b'\\' => 55,
            b' ' => 56,
            b'\n' => 57,
            0x80..=0xff => 58,
            // Apart from punctuation, so that the magic numbers of binary files are rare in text.
            0 => 60,
            0x01..=0x08 | 0x0e..=0x1f => 61,
            _ => 59,
        };
        byte += 1;
    }
    classes
}

impl Prefilter {
    /// Builds the table.
    pub fn new<'k, K: Into<Keyword<'k>>>(keywords: impl IntoIterator<Item = K>) -> Self {
        let keywords: Vec<Keyword<'_>> = keywords.into_iter().map(Into::into).collect();
        let mut unordered: Vec<(usize, Entry)> = Vec::with_capacity(4 * keywords.len());
        let (mut followers, mut leaders) = (Box::new([0u32; HASHES]), Box::new([0u64; HASHES]));
        let mut starts = Box::new([0u32; HASHES + 1]);
        for (keyword, bytes) in (0u32..).zip(keywords.iter().map(|keyword| keyword.text.as_bytes())) {
            let byte_at = |offset: i32| bytes.get(usize::try_from(offset).ok()?);
            windows(bytes, &mut |offset, window| {
                let hash = hash(window);
                followers[hash] |= byte_at(offset + 3).map_or(!0, |&byte| follower(byte));
                leaders[hash] |= byte_at(offset - 1).map_or(!0, |&byte| leader(byte));
                starts[hash] += 1;
                unordered.push((hash, Entry::new(keyword, bytes, offset)));
            });
        }
        let mut total = 0;
        for start in starts.iter_mut() {
            total += *start;
            *start = total;
        }
        // Each to its place, from the last one on and from the end of its hash: nothing is compared, as a hook may wait for this.
        let mut entries: Vec<Entry> = unordered.iter().map(|(_, entry)| *entry).collect();
        for (hash, entry) in unordered.into_iter().rev() {
            starts[hash] -= 1;
            entries[starts[hash] as usize] = entry;
        }
        let extent = |entry: &Entry| keywords[entry.keyword as usize].extent();
        let before = entries.iter().map(|entry| extent(entry).saturating_add_signed(-1 - isize::from(entry.offset)));
        let after = entries.iter().map(|entry| 2usize.saturating_add_signed(isize::from(entry.offset)));
        let margin = (before.max().unwrap_or(0), after.max().unwrap_or(0));
        Prefilter {
            followers: Table::Made(followers),
            leaders: Table::Made(leaders),
            starts: Table::Made(starts),
            entries: Cow::Owned(entries),
            tails: keywords.iter().map(|keyword| keyword.tail).collect(),
            keywords: keywords.iter().map(|keyword| keyword.text).collect(),
            margin,
        }
    }

    /// Returns all keywords and what must follow each.
    pub fn keywords(&self) -> impl ExactSizeIterator<Item = Keyword<'_>> {
        self.keywords.iter().zip(self.tails.iter()).map(|(text, &tail)| Keyword { text, tail })
    }

    /// Returns a keyword.
    pub fn keyword(&self, keyword: u32) -> &str {
        self.keywords.get(keyword)
    }

    /// Returns the length of a keyword in bytes.
    pub fn keyword_len(&self, keyword: u32) -> usize {
        self.keywords.bytes(keyword).len()
    }

    /// Returns the length of a keyword together with what must follow it.
    pub fn extent(&self, keyword: u32) -> usize {
        self.keyword_len(keyword) + self.tails[keyword as usize].len
    }

    /// Returns how many bytes before and after a place must be searched to find every keyword across it.
    pub fn margin(&self) -> (usize, usize) {
        self.margin
    }

    /// Calls `found` for each keyword of a chunk as long as `goes_on`, which is asked at each and every so many bytes.
    pub fn search_while(&self, chunk: &[u8], goes_on: &dyn Fn() -> bool, found: impl FnMut(Hit)) {
        self.search_slices(chunk, SLICE_BYTES, goes_on, found);
    }

    fn search_slices(&self, chunk: &[u8], slice_bytes: usize, goes_on: &dyn Fn() -> bool, mut found: impl FnMut(Hit)) {
        let mut from = 0;
        while goes_on() {
            let to = chunk.len().min(from + slice_bytes);
            self.search(chunk, from, to, |hit| {
                if goes_on() {
                    found(hit);
                }
            });
            if to == chunk.len() {
                return;
            }
            // A slice has an odd length and the next begins with its last byte: so both look at every second byte, and at none twice.
            from = to - 1;
        }
    }

    /// Calls `found` for each keyword that lies in `chunk[from..to]`, in order of the windows.
    ///
    /// Some that reach beyond are found as well; outside of the chunk there is nothing.
    pub fn search(&self, chunk: &[u8], from: usize, to: usize, mut found: impl FnMut(Hit)) {
        let (followers, leaders): (&[u32; HASHES], &[u64; HASHES]) = (&self.followers, &self.leaders);
        let mut confirm = |at: usize, window: Window| {
            let leader = at.checked_sub(1).map_or(!0, |before| leader(chunk[before]));
            if leaders[hash(window)] & leader != 0 {
                self.confirm(chunk, at, window, &mut |start, keyword| found(Hit { start, keyword }));
            }
        };
        let mut at = from;
        for four in chunk[from..to].windows(4).step_by(2) {
            let folded = u32::from_le_bytes([four[0], four[1], four[2], four[3]]) | FOLD as u32;
            if followers[hash(folded & WINDOW)] >> (folded >> 24 & 31) & 1 != 0 {
                confirm(at, folded & WINDOW);
            }
            at += 2;
        }
        // Behind these there may be three bytes more, and with them one window.
        if let Some(&[a, b, c]) = chunk[at..to].first_chunk() {
            let last = window([a, b, c]);
            let follower = chunk.get(at + 3).map_or(!0, |&byte| follower(byte));
            if followers[hash(last)] & follower != 0 {
                confirm(at, last);
            }
        }
    }

    /// Compares the keywords of a window with the bytes around it.
    #[inline(never)]
    fn confirm(&self, bytes: &[u8], at: usize, window: Window, found: &mut dyn FnMut(usize, u32)) {
        let hash = hash(window);
        for entry in &self.entries[self.starts[hash] as usize..self.starts[hash + 1] as usize] {
            let Some(start) = entry.start(at) else { continue };
            if bytes.get(start..).and_then(<[u8]>::first_chunk).is_some_and(|head| !entry.may_begin(*head)) {
                continue;
            }
            let keyword = self.keywords.bytes(entry.keyword);
            // Then it is at its own window, and not at one of the same hash.
            let is_there = bytes.get(start..start + keyword.len()).is_some_and(|there| there.eq_ignore_ascii_case(keyword));
            if is_there && self.tails[entry.keyword as usize].is_at(bytes, start + keyword.len()) {
                found(start, entry.keyword);
            }
        }
    }
}

/// Calls `each` with the windows by which a keyword is found, and their offsets: one at an even offset, some at odd ones.
fn windows(keyword: &[u8], each: &mut dyn FnMut(i32, Window)) {
    if let &[a, b, c] = keyword {
        // The odd window begins before the keyword, with whatever stands there.
        let folded = (0..=u8::MAX).filter(|byte| byte | FOLD as u8 == *byte);
        folded.for_each(|any| each(-1, window([any, a, b])));
        each(0, window([a, b, c]));
        return;
    }
    let commonness = |at: usize| {
        let classes = keyword[at..at + 3].iter().map(|&byte| usize::from(CLASSES[usize::from(byte)]));
        u32::from(COMMONNESS[classes.fold(0, |all, class| all << CLASS_BITS | class)])
    };
    let last = keyword.len() - 3;
    // By the last bit of the offset: the rarest one so far.
    let mut rarest = [None, None];
    let (mut before, mut own) = (COMMONEST, commonness(0));
    for offset in 0..=last {
        // The bytes before and behind it are looked at as well.
        let after = if offset < last { commonness(offset + 1) } else { COMMONEST };
        // Of a long keyword a window near the middle: what must be searched around a seam is half as much.
        if offset.max(last - offset) <= NEAR_BYTES.max(keyword.len() / 2) {
            let known = &mut rarest[offset % 2];
            let this = (2 * own + before + after, offset);
            *known = Some(known.map_or(this, |known| this.min(known)));
        }
        (before, own) = (own, after);
    }
    for (_, offset) in rarest.into_iter().flatten() {
        each(i32::try_from(offset).unwrap_or(0), window([keyword[offset], keyword[offset + 1], keyword[offset + 2]]));
    }
}

/// The first line of `windows.txt`.
const COMMONEST: u32 = 8;

/// How common each window is in source code, in steps of a factor of two; zero is rare.
///
/// Counted in the trees of four projects of different languages; each line of the file is half as common as the one
/// before it.
static COMMONNESS: [u8; 1 << (3 * CLASS_BITS)] = {
    let text = include_bytes!("windows.txt");
    let mut commonness = [0; 1 << (3 * CLASS_BITS)];
    let mut level = COMMONEST as u8;
    let mut at = 0;
    while at + 3 < text.len() {
        let window = (CLASSES[text[at] as usize] as usize) << (2 * CLASS_BITS)
            | (CLASSES[text[at + 1] as usize] as usize) << CLASS_BITS
            | CLASSES[text[at + 2] as usize] as usize;
        commonness[window] = level;
        if text[at + 3] == b'\n' {
            level -= 1;
        }
        at += 4;
    }
    commonness
};

#[cfg(test)]
mod tests {
    use super::{Hit, Keyword, Prefilter, Tail};
    use crate::detector::Outline;

    fn hits(keywords: &[&str], chunk: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        Prefilter::new(keywords.iter().copied()).search(chunk, 0, chunk.len(), |hit| hits.push(hit));
        hits.sort_unstable();
        hits
    }

    #[test]
    fn finds_what_a_naive_search_finds() {
        let keywords = ["key", "ghp_", "password", "sword", "aaa", "aaaa", "+ast", "xox", "-----begin"];
        let mut chunk = Vec::new();
        let pieces: [&[u8]; 12] =
            [b"PassWord", b"ghp_", b"aaaaa", b"ke", b"y", b"\xff\xfekey", b"+ASt", b"\n", b"----", b"--BEGIN ", b"xoxox", b"gh"];
        let mut state = 7u32;
        for _ in 0..4_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            chunk.extend_from_slice(pieces[(state >> 24) as usize % pieces.len()]);
        }
        let mut expected = Vec::new();
        for start in 0..chunk.len() {
            for (keyword, bytes) in (0u32..).zip(keywords) {
                let there = chunk.get(start..start + bytes.len());
                if there.is_some_and(|there| there.eq_ignore_ascii_case(bytes.as_bytes())) {
                    expected.push(Hit { start, keyword });
                }
            }
        }
        assert!(expected.len() > 2_000, "the text holds many");
        assert_eq!(hits(&keywords, &chunk), expected);
        for slice_bytes in [3, 7, 101] {
            let mut found = Vec::new();
            Prefilter::new(keywords).search_slices(&chunk, slice_bytes, &|| true, |hit| found.push(hit));
            found.sort_unstable();
            assert_eq!(found, expected, "slices of {slice_bytes} bytes");
        }
        Prefilter::new(keywords).search_while(&chunk, &|| false, |_| panic!("nobody asked for more"));
    }

    #[test]
    fn a_short_keyword_counts_only_with_what_must_follow_it() {
        // Of letters and digits, five bytes at least.
        let outline = Outline { min_bytes: 5, alphabet: [0x03ff << 48, 0x07ff_fffe_07ff_fffe, 0, 0] };
        let prefilter = Prefilter::new([Keyword { text: "pat", tail: Tail::behind(3, &outline) }]);
        let text = b"pat pat_ab path/ patA1 pats9 pat1";
        let mut found = Vec::new();
        prefilter.search(text, 0, text.len(), |hit| found.push(hit.start));
        found.sort_unstable();
        assert_eq!(found, [17, 23], "the last one ends too early");
        assert_eq!((prefilter.keyword_len(0), prefilter.extent(0)), (3, 5));
        let (before, after) = prefilter.margin();
        for seam in 18..22 {
            let mut found = Vec::new();
            prefilter.search(text, seam - before, seam + after, |hit| found.push(hit.start));
            assert!(found.contains(&17), "found from a seam at {seam}");
        }
        let one = Outline { min_bytes: 3, ..outline };
        assert_eq!(
            Tail::behind(3, &outline).or(Tail::behind(3, &one)),
            Tail::NONE,
            "what one of the patterns does not ask for is not asked"
        );
        assert_eq!(Tail::behind(20, &Outline { min_bytes: 60, ..outline }), Tail::NONE, "a long keyword is rare by itself");
    }

    #[test]
    fn windows_that_differ_in_their_first_byte_share_no_hash() {
        // Or a keyword of three bytes, which has a window for each byte before it, would be found twice.
        for first in 1..=u8::MAX {
            assert_ne!(super::hash(u32::from_le_bytes([first, b'k', b'e', 0])), super::hash(u32::from_le_bytes([0, b'k', b'e', 0])));
            let apart = u32::from(first).wrapping_mul(0x9e37_79b1);
            assert!(apart.min(apart.wrapping_neg()) >> (u32::BITS - super::HASH_BITS) > 0, "whatever the other bytes are");
        }
    }

    #[test]
    fn looks_only_where_it_is_told() {
        let mut found = Vec::new();
        Prefilter::new(["token"]).search(b"token token token", 5, 13, |hit| found.push(hit.start));
        assert_eq!(found, [6], "the others lie outside");
        Prefilter::new(["token"]).search(b"to", 0, 2, |_| panic!("two bytes hold no keyword"));
    }
}
