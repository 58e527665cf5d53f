//! Finds where a keyword of any detector occurs in a chunk.
//!
//! A chunk is looked at at every second byte: one bit tells whether the four bytes from there on may belong to a
//! keyword, and where it is set others tell the same of the byte before them and of all together. So each keyword is represented by
//! two windows of three bytes (`windows.rs`), the rarest at an even distance from its start and the rarest at an odd one,
//! of which one is looked at wherever the keyword stands; the bytes around a window are any where the keyword does not
//! hold them. The cost hardly grows with the number of detectors. The tables of the catalog that ships are compiled in
//! (`build.rs` includes this very file), and others take some milliseconds to build: a hook has no time for an automaton. This
//! stage may only save time, never findings: it says where it is worth looking, `pattern` decides.

use std::borrow::Cow;

use super::tables::{Table, Texts};
use super::windows::{FOLD, NEAR_BYTES, WINDOW, Window, window, windows};
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
    /// Of three bytes or more, in any case.
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

    /// One of these bytes; anything where there are none.
    pub(crate) fn one_of(bytes: &[u8]) -> Self {
        let mut alphabet = [0; 4];
        bytes.iter().for_each(|byte| alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63));
        if bytes.is_empty() { Tail::NONE } else { Tail { len: 1, alphabet } }
    }

    fn allows(&self, byte: u8) -> bool {
        self.alphabet[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at..at + self.len).is_some_and(|tail| tail.iter().rev().all(|&byte| self.allows(byte)))
    }
}

impl Keyword<'_> {
    /// Returns how many bytes it takes together with its tail.
    fn extent(&self) -> usize {
        self.text.len() + self.tail.len
    }

    /// Returns which kinds of bytes may stand at an offset from its start, one bit for each.
    fn kinds_at(&self, offset: i32) -> u32 {
        let Ok(offset) = usize::try_from(offset) else { return !0 };
        match self.text.as_bytes().get(offset) {
            Some(&byte) => 1 << kind(byte),
            None if offset < self.extent() => {
                (0..=u8::MAX).filter(|&byte| self.tail.allows(byte)).fold(0, |kinds, byte| kinds | 1 << kind(byte))
            }
            None => !0,
        }
    }
}

impl<'k> From<&'k str> for Keyword<'k> {
    fn from(text: &'k str) -> Self {
        Keyword { text, tail: Tail::NONE }
    }
}

/// A keyword and its tail are at most so long together: not so long that more bytes around a seam would have to be searched.
const GLANCE_BYTES: usize = NEAR_BYTES + 2;

/// The tables of windows and the keywords behind each.
#[derive(Debug)]
pub struct Prefilter {
    /// By a hash of the window: which bytes may follow it, one bit for each value of a byte's last five bits.
    pub(crate) followers: Table<[u32; HASHES]>,
    /// By a hash of the window and what follows it.
    pub(crate) slots: Table<[Slot; HASHES + 1]>,
    /// Keywords of all windows, in the order of their slots.
    pub(crate) entries: Cow<'static, [Entry]>,
    pub(crate) keywords: Texts,
    /// What must follow each.
    pub(crate) tails: Cow<'static, [Tail]>,
    /// How far before and after a place a window may lie that belongs to a keyword across that place.
    pub(crate) margin: (usize, usize),
}

/// What is known of a window and what follows it; the two are needed together, and so lie together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Slot {
    /// Which bytes may stand before it, one bit for each value of a byte's last five bits.
    pub(crate) leaders: u32,
    /// More of its hash, one bit for each value: most of what shares the slot has another.
    pub(crate) marks: u32,
    /// Where its keywords begin in `entries`; those of the next slot begin where they end.
    pub(crate) start: u32,
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

/// How many places are looked at together: their numbers fit a byte.
const BLOCK: usize = 256;

/// 1 MiB and one byte: searched in a few milliseconds, after which it is asked whether to go on.
const SLICE_BYTES: usize = (1 << 20) + 1;

/// Windows share few hashes: 128 KiB of followers, most of which is never looked at, and three times that for the places that are left.
pub(crate) const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 15;
/// The bits of a hash behind those that say which slot.
const MARK_SHIFT: u32 = u32::BITS - HASH_BITS - KINDS.ilog2();

fn mixed(bytes: u32) -> u32 {
    bytes.wrapping_mul(0x9e37_79b1)
}

fn hash(bytes: u32) -> usize {
    (mixed(bytes) >> (u32::BITS - HASH_BITS)) as usize
}

/// How many kinds of bytes are told apart before and behind a window.
const KINDS: u32 = 32;

fn kind(byte: u8) -> u32 {
    u32::from(byte) % KINDS
}

/// What is known of a place by its window and the kind of what follows.
#[derive(Clone, Copy)]
struct Place {
    slot: usize,
    mark: u32,
}

impl Place {
    fn of(window: Window, follower: u32) -> Self {
        let hash = mixed(window | follower << 24);
        Place { slot: (hash >> (u32::BITS - HASH_BITS)) as usize, mark: 1 << (hash >> MARK_SHIFT & (KINDS - 1)) }
    }

    /// Returns that of a place with four bytes.
    fn at(chunk: &[u8], at: usize) -> Self {
        let folded = chunk[at..].first_chunk().map_or(0, |four| u32::from_le_bytes(*four)) | FOLD as u32;
        Place::of(folded & WINDOW, folded >> 24 & (KINDS - 1))
    }
}

impl Prefilter {
    /// Builds the table.
    pub fn new<'k, K: Into<Keyword<'k>>>(keywords: impl IntoIterator<Item = K>) -> Self {
        let keywords: Vec<Keyword<'_>> = keywords.into_iter().map(Into::into).collect();
        let mut unordered: Vec<(usize, Entry)> = Vec::with_capacity(8 * keywords.len());
        let (mut followers, mut slots) = (Box::new([0u32; HASHES]), Box::new([Slot::default(); HASHES + 1]));
        for (number, keyword) in (0u32..).zip(&keywords) {
            let bytes = keyword.text.as_bytes();
            windows(bytes, &mut |offset, window| {
                let (leaders, behind) = (keyword.kinds_at(offset - 1), keyword.kinds_at(offset + 3));
                followers[hash(window)] |= behind;
                for follower in (0..KINDS).filter(|follower| behind >> follower & 1 != 0) {
                    let place = Place::of(window, follower);
                    let slot = &mut slots[place.slot];
                    slot.leaders |= leaders;
                    slot.marks |= place.mark;
                    slot.start += 1;
                    unordered.push((place.slot, Entry::new(number, bytes, offset)));
                }
            });
        }
        let mut total = 0;
        for slot in slots.iter_mut() {
            total += slot.start;
            slot.start = total;
        }
        // Each to its place, from the last one on and from the end of its slot: nothing is compared, as a hook may wait for this.
        let mut entries: Vec<Entry> = unordered.iter().map(|(_, entry)| *entry).collect();
        for (number, entry) in unordered.into_iter().rev() {
            slots[number].start -= 1;
            entries[slots[number].start as usize] = entry;
        }
        let extent = |entry: &Entry| keywords[entry.keyword as usize].extent();
        let before = entries.iter().map(|entry| extent(entry).saturating_add_signed(-1 - isize::from(entry.offset)));
        let after = entries.iter().map(|entry| 2usize.saturating_add_signed(isize::from(entry.offset)));
        let margin = (before.max().unwrap_or(0), after.max().unwrap_or(0));
        Prefilter {
            followers: Table::Made(followers),
            slots: Table::Made(slots),
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
        let mut confirm = |at: usize, slot: usize| self.confirm(chunk, at, slot, &mut |start, keyword| found(Hit { start, keyword }));
        let (mut likely, mut sure) = ([0; BLOCK], [0; BLOCK]);
        let mut at = from;
        loop {
            // So many places there are with four bytes at each.
            let count = ((to - at) / 2).saturating_sub(1).min(BLOCK);
            if count == 0 {
                break;
            }
            let likely = self.likely(&chunk[at..at + 2 * count + 2], &mut likely);
            for &number in self.sure(chunk, at, likely, &mut sure) {
                let at = at + 2 * usize::from(number);
                confirm(at, Place::at(chunk, at).slot);
            }
            at += 2 * count;
        }
        // Behind these there may be three bytes more, and with them one window.
        if let Some(&[a, b, c]) = chunk[at..to].first_chunk() {
            let place = Place::of(window([a, b, c]), chunk.get(at + 3).map_or(0, |&byte| kind(byte)));
            if self.may_be_at(chunk, at, place) {
                confirm(at, place.slot);
            }
        }
    }

    /// Lists the places of a block, by their numbers, where a window of a keyword may be.
    ///
    /// Nothing depends on what is found: a number is always written, and counts or not. It costs a quarter less than to jump.
    fn likely<'n>(&self, block: &[u8], numbers: &'n mut [u8; BLOCK]) -> &'n [u8] {
        let followers: &[u32; HASHES] = &self.followers;
        let mut count = 0;
        for (number, four) in block.windows(4).step_by(2).enumerate() {
            let Some(folded) = four.first_chunk().map(|four| u32::from_le_bytes(*four) | FOLD as u32) else { break };
            numbers[count % BLOCK] = number as u8;
            count += (followers[hash(folded & WINDOW)] >> (folded >> 24 & (KINDS - 1)) & 1) as usize;
        }
        &numbers[..count]
    }

    /// Lists those of them where the bytes around are like those of a keyword, too.
    fn sure<'n>(&self, chunk: &[u8], from: usize, likely: &[u8], numbers: &'n mut [u8; BLOCK]) -> &'n [u8] {
        let mut count = 0;
        for &number in likely {
            let at = from + 2 * usize::from(number);
            numbers[count % BLOCK] = number;
            count += usize::from(self.may_be_at(chunk, at, Place::at(chunk, at)));
        }
        &numbers[..count]
    }

    fn may_be_at(&self, chunk: &[u8], at: usize, place: Place) -> bool {
        let slot = &self.slots[place.slot];
        let leaders = at.checked_sub(1).map_or(!0, |before| 1 << kind(chunk[before]));
        (slot.leaders & leaders != 0) & (slot.marks & place.mark != 0)
    }

    /// Compares the keywords of a slot with the bytes around a window.
    #[inline(never)]
    fn confirm(&self, bytes: &[u8], at: usize, slot: usize, found: &mut dyn FnMut(usize, u32)) {
        for entry in &self.entries[self.slots[slot].start as usize..self.slots[slot + 1].start as usize] {
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
