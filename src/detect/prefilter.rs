//! Finds where a keyword of any detector occurs in a chunk.
//!
//! A chunk is looked at at every second byte: one bit tells whether the four bytes from there on may belong to a
//! keyword, and where it is set another one tells the same of the byte before them. So each keyword is represented by
//! two windows of three bytes, the rarest at an even distance from its start and the rarest at an odd one, of which one
//! is looked at wherever the keyword stands; the bytes around a window are any where the keyword does not hold them. The
//! cost hardly grows with the number of detectors, and the tables take microseconds to build: a hook has no time for an
//! automaton. This stage may only save time, never findings: it says where it is worth looking, `pattern` decides.

/// A keyword that occurs in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where its first byte is.
    pub start: usize,
    /// Which keyword, by its number in the list the prefilter was built from.
    pub keyword: u32,
}

/// The table of three-byte windows and the keywords behind each.
pub struct Prefilter {
    /// By a hash of the window: which bytes may follow it, one bit for each value of a byte's last three bits.
    followers: Box<[u8; HASHES]>,
    /// By the same hash: which bytes may stand before it, one bit for each value of a byte's last six bits.
    leaders: Box<[u64; HASHES]>,
    /// By the same hash: where its keywords end in `entries`.
    ends: Box<[u32; HASHES]>,
    /// Keywords of all windows, in the order of their hashes.
    entries: Vec<Entry>,
    keywords: Vec<Box<[u8]>>,
    /// How far before and after a place a window may lie that belongs to a keyword across that place.
    margin: (usize, usize),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    window: Window,
    keyword: u32,
    /// Where in the keyword the window begins; one byte before it where the keyword has only three.
    offset: i32,
    /// The first eight bytes of the keyword, folded, and which of them there are: most places differ there.
    head: u64,
    mask: u64,
}

/// 1 MiB and one byte: searched in a few milliseconds, after which it is asked whether to go on.
const SLICE_BYTES: usize = (1 << 20) + 1;

/// Makes letters alike in both cases, and some other bytes alike that are not.
const FOLD: u64 = 0x2020_2020_2020_2020;

fn head(keyword: &[u8]) -> (u64, u64) {
    let (mut head, mut mask) = ([0; 8], [0; 8]);
    for (at, &byte) in keyword.iter().take(8).enumerate() {
        (head[at], mask[at]) = (byte, 0xff);
    }
    let mask = u64::from_le_bytes(mask);
    ((u64::from_le_bytes(head) | FOLD) & mask, mask)
}

/// Three folded bytes, the first one lowest.
type Window = u32;

const WINDOW: u32 = 0xff_ffff;

fn window(bytes: [u8; 3]) -> Window {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD as u32 & WINDOW
}

/// So many followers take 32 KiB: they stay in the first cache, and few windows share one.
const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 15;

fn hash(window: Window) -> usize {
    (window.wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS)) as usize
}

/// Returns the bit of a byte behind a window.
fn follower(byte: u8) -> u8 {
    1 << (byte & 7)
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
    /// Builds the table for keywords in lower case, each of three bytes or more.
    pub fn new<'k>(keywords: impl IntoIterator<Item = &'k str>) -> Self {
        let keywords: Vec<Box<[u8]>> = keywords.into_iter().map(|keyword| keyword.as_bytes().into()).collect();
        let mut entries: Vec<Entry> = (0u32..)
            .zip(&keywords)
            .flat_map(|(keyword, bytes)| {
                let (head, mask) = head(bytes);
                windows(bytes).into_iter().map(move |(offset, window)| Entry { window, keyword, offset, head, mask })
            })
            .collect();
        entries.sort_unstable_by_key(|entry| (hash(entry.window), entry.window, entry.keyword, entry.offset));

        let (mut followers, mut leaders) = (Box::new([0u8; HASHES]), Box::new([0u64; HASHES]));
        let mut ends = Box::new([0u32; HASHES]);
        for entry in &entries {
            let bytes_at = |offset: i32| keywords[entry.keyword as usize].get(usize::try_from(offset).ok()?);
            followers[hash(entry.window)] |= bytes_at(entry.offset + 3).map_or(!0, |&byte| follower(byte));
            leaders[hash(entry.window)] |= bytes_at(entry.offset - 1).map_or(!0, |&byte| leader(byte));
            ends[hash(entry.window)] += 1;
        }
        let mut total = 0;
        for end in ends.iter_mut() {
            total += *end;
            *end = total;
        }
        let before = entries.iter().map(|entry| keywords[entry.keyword as usize].len().saturating_add_signed(-1 - entry.offset as isize));
        let after = entries.iter().map(|entry| 2usize.saturating_add_signed(entry.offset as isize));
        let (before, after) = (before.max().unwrap_or(0), after.max().unwrap_or(0));
        Prefilter { followers, leaders, ends, entries, keywords, margin: (before, after) }
    }

    /// Returns the length of a keyword in bytes.
    pub fn keyword_len(&self, keyword: u32) -> usize {
        self.keywords[keyword as usize].len()
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
        let mut confirm = |at: usize, window: Window| {
            let leader = at.checked_sub(1).map_or(!0, |before| leader(chunk[before]));
            if self.leaders[hash(window)] & leader != 0 {
                self.confirm(chunk, at, window, &mut |start, keyword| found(Hit { start, keyword }));
            }
        };
        let mut at = from;
        for four in chunk[from..to].windows(4).step_by(2) {
            let folded = u32::from_le_bytes([four[0], four[1], four[2], four[3]]) | FOLD as u32;
            if self.followers[hash(folded & WINDOW)] >> (folded >> 24 & 7) & 1 != 0 {
                confirm(at, folded & WINDOW);
            }
            at += 2;
        }
        // Behind these there may be three bytes more, and with them one window.
        if let Some(&[a, b, c]) = chunk[at..to].first_chunk() {
            let last = window([a, b, c]);
            let follower = chunk.get(at + 3).map_or(!0, |&byte| follower(byte));
            if self.followers[hash(last)] & follower != 0 {
                confirm(at, last);
            }
        }
    }

    /// Compares the keywords of a window with the bytes around it.
    #[inline(never)]
    fn confirm(&self, bytes: &[u8], at: usize, window: Window, found: &mut dyn FnMut(usize, u32)) {
        let hash = hash(window);
        let first = if hash == 0 { 0 } else { self.ends[hash - 1] as usize };
        for entry in &self.entries[first..self.ends[hash] as usize] {
            if entry.window != window {
                continue;
            }
            let Some(start) = at.checked_add_signed(-entry.offset as isize) else { continue };
            if let Some(head) = bytes.get(start..).and_then(<[u8]>::first_chunk)
                && (u64::from_le_bytes(*head) | FOLD) & entry.mask != entry.head
            {
                continue;
            }
            let keyword = &self.keywords[entry.keyword as usize];
            let is_there = bytes.get(start..start + keyword.len()).is_some_and(|there| there.eq_ignore_ascii_case(keyword));
            if is_there {
                found(start, entry.keyword);
            }
        }
    }
}

/// Returns the windows by which a keyword is found, each with its offset: one at an even offset, some at odd ones.
fn windows(keyword: &[u8]) -> Vec<(i32, Window)> {
    if let &[a, b, c] = keyword {
        // The odd window begins before the keyword, with whatever stands there.
        let folded = (0..=u8::MAX).filter(|byte| byte | FOLD as u8 == *byte);
        return folded.map(|any| (-1, window([any, a, b]))).chain([(0, window([a, b, c]))]).collect();
    }
    let rarest = |parity: usize| {
        (0..)
            .zip(keyword.windows(3))
            .filter(|(offset, _)| offset % 2 == parity)
            // Of a long keyword a window near the middle: what must be searched around a seam is half as much.
            .filter(|(offset, _)| *offset.max(&(keyword.len() - 3 - offset)) <= NEAR_BYTES.max(keyword.len() / 2))
            .map(|(offset, bytes)| {
                let bytes = [bytes[0], bytes[1], bytes[2]];
                let classes = bytes.map(|byte| usize::from(CLASSES[usize::from(byte)]));
                (COMMONNESS[classes.iter().fold(0, |all, class| all << CLASS_BITS | class)], offset, window(bytes))
            })
            .min()
            .map(|(_, offset, window)| (i32::try_from(offset).unwrap_or(0), window))
    };
    [0, 1].into_iter().filter_map(rarest).collect()
}

/// How common each window is in source code, in steps of a factor of two; zero is rare.
///
/// Counted in the trees of four projects of different languages; each line of the file is half as common as the one
/// before it.
static COMMONNESS: [u8; 1 << (3 * CLASS_BITS)] = {
    let text = include_bytes!("windows.txt");
    let mut commonness = [0; 1 << (3 * CLASS_BITS)];
    let mut level = 8;
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
    use super::{Hit, Prefilter};

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
    fn looks_only_where_it_is_told() {
        let mut found = Vec::new();
        Prefilter::new(["token"]).search(b"token token token", 5, 13, |hit| found.push(hit.start));
        assert_eq!(found, [6], "the others lie outside");
        Prefilter::new(["token"]).search(b"to", 0, 2, |_| panic!("two bytes hold no keyword"));
    }
}
