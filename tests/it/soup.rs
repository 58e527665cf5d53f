//! Text to generate histories from: secrets, plain and in base64, much that almost is one, and edits where they matter.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::ByteSlice as _;
use staunch::detect::sample;
use staunch::detector::{Detector, Find, Structure};

use crate::lineage::Part;
use crate::support::catalog;

/// SplitMix64: the same seed gives the same repository for ever.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("it is below the bound")
    }

    pub(crate) fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        &from[self.below(from.len())]
    }
}

/// A sample of a detector, and the keyword from which its reach counts.
pub(crate) struct Leak {
    pub(crate) text: Vec<u8>,
    pub(crate) keyword: usize,
    pub(crate) before: usize,
    pub(crate) after: usize,
}

impl Leak {
    pub(crate) fn of(detector: &Detector, number: usize, seed: u64) -> Self {
        let template = &detector.leaks[number % detector.leaks.len()];
        let text = sample::expand(template, detector, seed).text;
        let lower = text.to_ascii_lowercase();
        let keyword = detector.keywords.iter().find_map(|keyword| lower.find(keyword.as_bytes())).unwrap_or(0);
        Leak { keyword, before: detector.reach.before as usize, after: detector.reach.after as usize, text }
    }

    /// The same within base64, in one line or in several, with bytes before it that begin a group elsewhere.
    pub(crate) fn encoded(self, detector: &Detector, random: &mut Random) -> Self {
        let encoded = STANDARD.encode([&b"\n".repeat(random.below(60))[..], &self.text].concat());
        let width = *random.pick(&[64, 76, encoded.len()]);
        let lines: Vec<&[u8]> = encoded.as_bytes().chunks(width.max(1)).collect();
        let text = lines.join(*random.pick(&["\n", "\r\n    "].map(str::as_bytes)));
        let keyword = detector.encoded.iter().find_map(|form| text.find(form.chars.as_bytes())).unwrap_or(0);
        // Twice as far and a line more; what a reach is exactly does not matter for tests around its end.
        Leak { text, keyword, before: 2 * self.before + 192, after: 2 * self.after + 192 }
    }

    /// A place where the outcome at the keyword may change, or may just no longer; the leak begins at `start`.
    pub(crate) fn edge(&self, random: &mut Random, start: usize) -> usize {
        let (keyword, end) = (start + self.keyword, start + self.text.len());
        let near = match random.below(8) {
            0 => start,
            1 => end + 1,
            2 => keyword + 1 + random.below(4),
            3 | 4 => start + 1 + random.below(self.text.len()),
            5 => keyword.saturating_sub(self.before),
            _ => keyword + self.after,
        };
        (near + random.below(4)).saturating_sub(2)
    }
}

pub(crate) fn is_block(detector: &Detector) -> bool {
    matches!(detector.find, Find::Structure { structure: Structure::PemPrivateKey | Structure::PuttyPrivateKey, .. })
}

/// Text that holds secrets, and much that almost is one.
pub(crate) struct Soup {
    pub(crate) random: Random,
    pub(crate) leaks: Vec<Leak>,
    keywords: Vec<String>,
}

const WORDS: [&str; 16] =
    ["alpha", "lorem", "return", "value", "of the", "name", "\tif x", "12345", "üñí", "--", "config", "é", "{}", "deadbeef", "Some", "env"];
const GLUE: [&str; 20] = [
    " = ",
    ": \"",
    "\"",
    "'",
    "=>",
    "\\\"",
    "(",
    "://",
    ":x",
    "@",
    ";",
    "%3D",
    "\n  value: ",
    ">",
    "</",
    " ",
    "`",
    ",",
    "Server=db;",
    "&quot;",
];

impl Soup {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let all: Vec<_> = catalog().detectors().collect();
        let mut leaks: Vec<Leak> = (0..36).map(|at| Leak::of(random.pick::<&Arc<Detector>>(&all), at, at as u64)).collect();
        for (at, detector) in
            (0..12).map(|at| (at, *random.pick::<&Arc<Detector>>(&all))).filter(|(_, one)| !one.encoded.is_empty()).collect::<Vec<_>>()
        {
            leaks.push(Leak::of(detector, at, at as u64).encoded(detector, &mut random));
        }
        let blocks = all.iter().filter(|detector| is_block(detector));
        leaks.extend(blocks.map(|detector| Leak::of(detector, random.below(9), seed)));
        let keywords = all.iter().flat_map(|detector| detector.keywords.iter()).map(|keyword| keyword.to_uppercase()).collect();
        Soup { random, leaks, keywords }
    }

    fn words(&mut self, bytes: usize) -> Vec<u8> {
        let mut words = Vec::new();
        while words.len() < bytes {
            words.extend_from_slice(self.random.pick(&WORDS).as_bytes());
            words.push(if self.random.below(7) == 0 { b'\n' } else { b' ' });
        }
        words
    }

    pub(crate) fn piece(&mut self) -> Vec<u8> {
        match self.random.below(14) {
            0..=3 => [&self.random.pick(&self.leaks).text[..], b"\n"].concat(),
            4 => self.random.pick(&self.keywords).clone().into_bytes(),
            5 | 6 => self.random.pick(&GLUE).as_bytes().to_vec(),
            7 => {
                let most = *self.random.pick(&[70, 70, 1_500]);
                vec![*self.random.pick(b"\\\r \"a0x-=\t."); 1 + self.random.below(most)]
            }
            8 => self.words(1_200).replace("\n", " "),
            _ => self.words(60),
        }
    }

    /// Text beside a secret: apart from it, or such that it might go on.
    pub(crate) fn around(&mut self, bytes: usize) -> Vec<u8> {
        match self.random.below(6) {
            0 => vec![*self.random.pick(b"a7=\\ -"); bytes],
            1 => (0..bytes).map(|_| *self.random.pick(b"aBc7xZ0q")).collect(),
            _ => [b"\n", &self.words(bytes)[..], b"\n"].concat(),
        }
    }

    /// A part of a delta whose base has so many bytes.
    pub(crate) fn part(&mut self, len: usize) -> Part {
        let (from, to) = (self.random.below(len + 1), self.random.below(len + 1));
        match self.random.below(8) {
            0..=2 => Part::Insert(self.piece()),
            3 => Part::Copy(0, to),
            4 => Part::Copy(from, len),
            5 => Part::Copy(from, (from + 9).min(len)),
            _ => Part::Copy(from.min(to), from.max(to)),
        }
    }

    pub(crate) fn text(&mut self, pieces: usize) -> Vec<u8> {
        (0..pieces).flat_map(|_| self.piece()).collect()
    }

    /// Returns where a leak of ours stands in a text, and its number.
    fn leak_in(&mut self, text: &[u8]) -> Option<(usize, usize)> {
        let first = self.random.below(self.leaks.len());
        let order = (first..self.leaks.len()).chain(0..first);
        order.filter_map(|number| text.find(&self.leaks[number].text).map(|at| (number, at))).next()
    }

    /// Changes, adds or takes a byte where that may matter to a secret.
    fn touch(&mut self, text: &mut Vec<u8>) {
        let place = match self.leak_in(text) {
            Some((number, start)) => self.leaks[number].edge(&mut self.random, start),
            None => self.random.below(text.len()),
        };
        let at = place.min(text.len().saturating_sub(1));
        let byte = *self.random.pick(b"aZ7_-=\"' \n\\.;@/+\x00");
        match self.random.below(4) {
            0 => text.insert(at, byte),
            1 => drop(text.remove(at)),
            _ => text[at] = byte,
        }
    }

    /// Returns a next version of a file.
    pub(crate) fn edited(&mut self, old: &[u8], other: &[u8]) -> Vec<u8> {
        let mut text = old.to_vec();
        let cut = |random: &mut Random| (random.below(old.len() + 1), random.below(old.len().min(900) + 1));
        match self.random.below(13) {
            0..=4 => self.touch(&mut text),
            5 => return [self.piece(), text].concat(),
            6 => return [text, self.piece()].concat(),
            7 => {
                let (at, len) = cut(&mut self.random);
                let moved: Vec<u8> = text.drain(at.min(old.len() - len)..).take(len).collect();
                return [moved, text].concat();
            }
            8 => {
                let (at, len) = cut(&mut self.random);
                text.drain(at.min(old.len() - len)..at.min(old.len() - len) + len);
            }
            9 if text.contains(&b'\r') => text = text.replace("\r\n", "\n"),
            9 => text = text.replace("\n", "\r\n"),
            10 => return [text, other.to_vec()].concat(),
            11 => text = text.replace("\0", ""),
            _ => {
                let at = *self.random.pick(&[7_998, 7_999, 8_000, 8_001, 40]);
                text.insert(at.min(old.len()), 0);
            }
        }
        text
    }
}
