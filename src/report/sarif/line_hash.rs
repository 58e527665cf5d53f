//! The hash by which GitHub follows an alert from upload to upload.
//!
//! It is computed as GitHub's own upload action does, bit for bit: another value makes the action warn of each result,
//! and none at all, over the REST API, makes duplicates. It says something of the text around a secret, the secret
//! included, so it is written only for files that whoever reads the alert can see.

use std::collections::{BTreeMap, HashMap, HashSet};

/// The hash of a line covers so many UTF-16 units from its start on, blanks not counted.
const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// What GitHub appends to a file.
const END: u16 = u16::MAX;

/// Returns the hashes of some lines (from 1) of a file.
pub(super) fn of_lines(file: &[u8], wanted: &HashSet<usize>) -> HashMap<usize, String> {
    let mut hashes = HashMap::new();
    let mut rolling = Rolling::new();
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let mut took = |line: usize, hash: u64| {
        let count = counts.entry(hash).or_insert(0);
        *count += 1;
        if wanted.contains(&line) {
            hashes.insert(line, format!("{hash:x}:{count}"));
        }
    };
    let last = wanted.iter().copied().max().unwrap_or(0);
    let (mut line, mut is_start, mut was_return) = (0, true, false);
    let text = String::from_utf8_lossy(file);
    for unit in text.encode_utf16().chain([END]) {
        let is_blank = unit == u16::from(b' ') || unit == u16::from(b'\t');
        if is_blank || (was_return && unit == u16::from(b'\n')) {
            was_return = false;
            continue;
        }
        was_return = unit == u16::from(b'\r');
        let unit = if was_return { u16::from(b'\n') } else { unit };
        rolling.tell(&mut took);
        if is_start {
            line += 1;
            rolling.begin(line);
        }
        is_start = unit == u16::from(b'\n');
        rolling.push(unit);
        // Behind the window of the last line that is asked for there is nothing to learn.
        if line > last + WINDOW {
            return hashes;
        }
    }
    for _ in 0..WINDOW {
        rolling.tell(&mut took);
        rolling.push(0);
    }
    hashes
}

/// A hash over the last units, and which of them begin a line.
struct Rolling {
    units: [u16; WINDOW],
    /// The line that begins with a unit; zero where none does.
    lines: [usize; WINDOW],
    at: usize,
    hash: u64,
    /// What a unit counts for once it leaves the window.
    leaving: u64,
}

impl Rolling {
    fn new() -> Self {
        let leaving = (0..WINDOW).fold(1u64, |product, _| product.wrapping_mul(FACTOR));
        Rolling { units: [0; WINDOW], lines: [0; WINDOW], at: 0, hash: 0, leaving }
    }

    /// Tells the hash of the line whose first unit is about to leave.
    fn tell(&mut self, took: &mut impl FnMut(usize, u64)) {
        let line = std::mem::take(&mut self.lines[self.at]);
        if line != 0 {
            took(line, self.hash);
        }
    }

    fn begin(&mut self, line: usize) {
        self.lines[self.at] = line;
    }

    fn push(&mut self, unit: u16) {
        let left = u64::from(std::mem::replace(&mut self.units[self.at], unit));
        self.hash = FACTOR.wrapping_mul(self.hash).wrapping_add(u64::from(unit)).wrapping_sub(self.leaving.wrapping_mul(left));
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::of_lines;

    #[test]
    fn hashes_are_those_that_github_computes() {
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let cases: [(&str, &[&str]); 5] = [
            ("", &["c129715d7a2bc9a3:1"]),
            (" a\nb\n  \t\tc\n d", &["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
            (
                " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
                &[
                    "e9496ae3ebfced30:1",
                    "fb7c023a8b9ccb3f:1",
                    "ce8ba1a563dcdaca:1",
                    "e20e36e16fcb0cc8:1",
                    "b3edc88f2938467e:1",
                    "c8e28b0b4002a3a0:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
            (
                &lorem,
                &[
                    "a7f2ff13bc495cf2:1",
                    "a7f2ff13bc495cf2:2",
                    "a7f2ff13bc495cf2:3",
                    "a7f2ff13bc495cf2:4",
                    "a7f2ff13bc495cf2:5",
                    "a7f2ff13bc495cf2:6",
                    "a7f2ff1481e87703:1",
                ],
            ),
            ("k = \"😀é\"\n", &["bda0c8e1adc25803:1"]),
        ];
        for (text, expected) in cases {
            for (line, hash) in (1..).zip(expected) {
                let found = of_lines(text.as_bytes(), &[line].into());
                assert_eq!(found.get(&line).map(String::as_str), Some(*hash), "line {line} of {text:?}");
            }
        }
    }

    #[test]
    fn a_line_that_is_not_there_has_no_hash() {
        assert!(of_lines(b"a\n", &[9].into()).is_empty());
        assert!(of_lines(b"a\n", &[].into()).is_empty());
    }

    #[test]
    fn what_follows_far_below_does_not_change_a_hash() {
        let text = "x = 1\n".repeat(1_000);
        let (whole, part) = (of_lines(text.as_bytes(), &[7].into()), of_lines(&text.as_bytes()[..6 * 120], &[7].into()));
        assert_eq!(whole, part);
        assert_eq!(whole[&7].split_once(':').map(|(_, count)| count), Some("7"));
    }
}
