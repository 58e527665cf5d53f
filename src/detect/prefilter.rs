//! Finds where a keyword of any detector occurs in a chunk.
//!
//! A chunk is looked at at every second byte: one bit tells whether the four bytes from there on may belong to a
//! keyword. So each keyword is represented by two windows of three bytes, the rarest at an even distance from its start
//! and the rarest at an odd one, of which one is looked at wherever the keyword stands; the fourth byte is any where the
//! keyword ends before it. The cost hardly grows with the number of detectors, and the tables take microseconds to build:
//! a hook has no time for an automaton. This stage may only save time, never findings: it says where it is worth
//! looking, `pattern` decides.

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
    /// By a hash of the window: which classes may follow it, one bit each.
    followers: Box<[u64; HASHES]>,
    /// One bit for each possible window of three classes.
    is_known: Box<[u64; WINDOWS / 64]>,
    /// Number of set bits before each word of `is_known`, to find a window's keywords.
    rank: Box<[u32; WINDOWS / 64]>,
    /// By rank of the window: where its keywords end in `entries`.
    ends: Vec<u32>,
    /// Keywords of all windows, one window after the other.
    entries: Vec<Entry>,
    keywords: Vec<Box<[u8]>>,
    /// How far before and after a place a window may lie that belongs to a keyword across that place.
    margin: (usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    window: u32,
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

/// Bytes fall into 64 classes: letters (of either case) and digits have their own, other bytes share.
const CLASS_BITS: u32 = 6;
const WINDOWS: usize = 1 << (3 * CLASS_BITS);

/// So many words of followers take 256 KiB: they stay in the second cache, and few windows share one.
const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 15;

fn hash(window: u32) -> usize {
    (window.wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS)) as usize
}

/// A window lies at most so far from either end of its keyword, or half the keyword's length.
const NEAR_BYTES: usize = 12;

const CLASSES: [u8; 256] = classes();

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
        entries.sort_unstable();

        let mut followers = Box::new([0u64; HASHES]);
        for entry in &entries {
            let follower = keywords[entry.keyword as usize].get((entry.offset + 3) as usize);
            followers[hash(entry.window)] |= follower.map_or(!0, |&byte| 1 << CLASSES[usize::from(byte)]);
        }
        let mut is_known = Box::new([0u64; WINDOWS / 64]);
        let mut ends: Vec<u32> = Vec::new();
        for (at, entry) in (1u32..).zip(&entries) {
            let (word, bit) = place(entry.window);
            if is_known[word] & bit == 0 {
                is_known[word] |= bit;
                ends.push(at);
            } else if let Some(end) = ends.last_mut() {
                *end = at;
            }
        }
        let mut rank = Box::new([0u32; WINDOWS / 64]);
        let mut before = 0;
        for (rank, word) in rank.iter_mut().zip(is_known.iter()) {
            *rank = before;
            before += word.count_ones();
        }
        let before = entries.iter().map(|entry| keywords[entry.keyword as usize].len().saturating_add_signed(-1 - entry.offset as isize));
        let after = entries.iter().map(|entry| 2usize.saturating_add_signed(entry.offset as isize));
        let (before, after) = (before.max().unwrap_or(0), after.max().unwrap_or(0));
        Prefilter { followers, is_known, rank, ends, entries, keywords, margin: (before, after) }
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
        let class = |byte: u8| u32::from(CLASSES[usize::from(byte)]);
        let mut confirm = |at, window| self.confirm(chunk, at, window, &mut |start, keyword| found(Hit { start, keyword }));
        let Some((&first, others)) = chunk[from..to].split_first() else { return };
        let mut pairs = others.chunks_exact(2);
        let Some(pair) = pairs.next() else { return };
        let mut window = class(first) << (2 * CLASS_BITS) | class(pair[0]) << CLASS_BITS | class(pair[1]);
        let mut at = from;
        for pair in pairs {
            let follower = class(pair[0]);
            if self.followers[hash(window)] >> follower & 1 != 0 {
                confirm(at, window);
            }
            window = (window << (2 * CLASS_BITS) | follower << CLASS_BITS | class(pair[1])) & (WINDOWS as u32 - 1);
            at += 2;
        }
        let follower = chunk.get(at + 3).map_or(!0, |&byte| 1 << class(byte));
        if self.followers[hash(window)] & follower != 0 {
            confirm(at, window);
        }
    }

    /// Compares the keywords of a window with the bytes around it.
    #[inline(never)]
    fn confirm(&self, bytes: &[u8], at: usize, window: u32, found: &mut dyn FnMut(usize, u32)) {
        let (word, bit) = place(window);
        if self.is_known[word] & bit == 0 {
            return;
        }
        let rank = (self.rank[word] + (self.is_known[word] & (bit - 1)).count_ones()) as usize;
        let first = if rank == 0 { 0 } else { self.ends[rank - 1] as usize };
        for entry in &self.entries[first..self.ends[rank] as usize] {
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

fn place(window: u32) -> (usize, u64) {
    ((window >> 6) as usize, 1 << (window & 63))
}

/// Returns the windows by which a keyword is found, each with its offset: one at an even offset, some at odd ones.
fn windows(keyword: &[u8]) -> Vec<(i32, u32)> {
    let of = |classes: [u8; 3]| classes.iter().fold(0, |window, &class| window << CLASS_BITS | u32::from(class));
    let class = |byte: u8| CLASSES[usize::from(byte)];
    if let &[a, b, _] = keyword {
        // The odd window begins before the keyword, with whatever stands there.
        let before = (0..1 << CLASS_BITS).map(|any| (-1, of([any, class(a), class(b)])));
        return before.chain([(0, of([a, b, keyword[2]].map(class)))]).collect();
    }
    let rarest = |parity: usize| {
        (0..)
            .zip(keyword.windows(3))
            .filter(|(offset, _)| offset % 2 == parity)
            // Of a long keyword a window near the middle: what must be searched around a seam is half as much.
            .filter(|(offset, _)| *offset.max(&(keyword.len() - 3 - offset)) <= NEAR_BYTES.max(keyword.len() / 2))
            .map(|(offset, bytes)| {
                let window = of([bytes[0], bytes[1], bytes[2]].map(class));
                (COMMONNESS[window as usize], offset, window)
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
static COMMONNESS: [u8; WINDOWS] = {
    let text = include_bytes!("windows.txt");
    let mut commonness = [0; WINDOWS];
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
