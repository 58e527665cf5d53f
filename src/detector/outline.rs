//! What every match of a pattern has in common, so cheap to look for that most candidates need no regular expression.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

/// How long a match is at least, and which bytes it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The shortest match.
    pub min_bytes: u32,
    /// One bit for each byte that may be in a match.
    pub alphabet: [u64; 4],
}

impl Outline {
    /// Takes the outline of a parsed pattern.
    pub(crate) fn of(hir: &Hir) -> Self {
        let min_bytes = hir.properties().minimum_len().and_then(|bytes| u32::try_from(bytes).ok()).unwrap_or(0);
        let mut outline = Outline { min_bytes, alphabet: [0; 4] };
        outline.add(hir);
        outline
    }

    fn add(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| self.allow(byte)),
            HirKind::Class(Class::Bytes(class)) => {
                class.ranges().iter().flat_map(|range| range.start()..=range.end()).for_each(|byte| self.allow(byte))
            }
            // Does not come out of patterns over bytes; if it did, any byte would do.
            HirKind::Class(Class::Unicode(_)) => self.alphabet = [!0; 4],
            HirKind::Repetition(repetition) => self.add(&repetition.sub),
            HirKind::Capture(capture) => self.add(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| self.add(part)),
        }
    }

    fn allow(&mut self, byte: u8) {
        self.alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn allows(&self, byte: u8) -> bool {
        self.alphabet[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    /// Returns whether a match may begin with the first byte.
    pub fn may_begin(&self, bytes: &[u8]) -> bool {
        // The end of a match is rarer than its beginning, which the keyword was.
        bytes.get(..self.min_bytes as usize).is_some_and(|head| head.iter().rev().all(|&byte| self.allows(byte)))
    }

    /// Returns whether a match may lie around a place.
    pub fn may_hold(&self, bytes: &[u8], at: usize) -> bool {
        let before = bytes[..at].iter().rev().take_while(|&&byte| self.allows(byte)).count();
        let after = bytes[at..].iter().take_while(|&&byte| self.allows(byte)).count();
        before + after >= self.min_bytes as usize
    }

    /// Returns the first place where a match may begin.
    pub fn first_in(&self, bytes: &[u8]) -> Option<usize> {
        let min_bytes = (self.min_bytes as usize).max(1);
        let mut from = 0;
        // The last byte of a window that is none leaves the whole window behind.
        while let Some(window) = bytes.get(from..from + min_bytes) {
            match window.iter().rposition(|&byte| !self.allows(byte)) {
                None => return Some(from),
                Some(stranger) => from += stranger + 1,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Outline;
    use crate::detector::pattern::Parsed;

    fn outline(pattern: &str) -> Outline {
        Parsed::new(pattern).expect("it is a pattern").outline()
    }

    #[test]
    fn a_match_has_a_least_length_and_an_alphabet() {
        let hex = outline("(?i)key-([0-9a-f]{4})");
        assert_eq!(hex.min_bytes, 8);
        assert!(hex.may_begin(b"KEY-00fF "));
        assert!(!hex.may_begin(b"key-00fx"), "x is in no match");
        assert!(!hex.may_begin(b"key-00f"), "too short");
    }

    #[test]
    fn a_place_is_left_out_only_where_nothing_can_match() {
        let hex = outline("[0-9a-f]{4}");
        assert_eq!(hex.first_in(b"xx0 0ff 01xy 0abcd"), Some(13));
        assert_eq!(hex.first_in(b"xx0 0ff 01xy"), None);
        assert_eq!(hex.first_in(b""), None);
        assert!(hex.may_hold(b"x01ab", 3));
        assert!(!hex.may_hold(b"x01axb", 3));
    }
}
