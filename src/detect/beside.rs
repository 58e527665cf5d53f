//! Values whose shape means something only beside a name on their left: where such a value may stand, and what must stand between.
//!
//! No grammar is asked for, since people write a key behind its service's name in prose, tables and command lines as well. What is
//! needed instead is a word for a secret, wherever the name or the value alone could be something else.

use regex_automata::Input;

use super::{Match, Run, judge};
use crate::detector::{Boundary, Outline};
use crate::span::Span;

impl Run<'_> {
    /// Looks for a value of the right shape on the rest of the line.
    pub(super) fn beside(&self, within: usize, boundary: Boundary, outline: &Outline, needs_secret_word: bool) -> Option<Match> {
        if self.is_inside_word() {
            return None;
        }
        let reach_end = self.chunk.len().min(self.keyword.start + self.detector.reach.after as usize);
        let line_end = memchr::memchr(b'\n', &self.chunk[self.keyword.end..reach_end]).map_or(reach_end, |at| self.keyword.end + at);
        let last_start = self.keyword.end + within + NAME_TAIL_BYTES;
        let mut from = self.keyword.end;
        loop {
            from += outline.first_in(&self.chunk[from..line_end])?;
            if from > last_start {
                return None;
            }
            let found = self.catalog.pattern(self.number)?.search(&Input::new(self.chunk).span(from..line_end))?;
            if found.start() > last_start {
                return None;
            }
            let secret = Span::new(found.start(), found.end());
            if (self.is_free(secret, boundary) || self.is_joined(secret, boundary))
                && let Some(told) = self.told_beside(secret, needs_secret_word)
                && let Some(made) = self.found(secret, told)
            {
                return Some(made);
            }
            from = found.end().max(found.start() + 1);
        }
    }

    /// Returns whether a short keyword is only the middle of something longer, such as a word or base64.
    fn is_inside_word(&self) -> bool {
        let Some(before) = self.keyword.start.checked_sub(1).map(|at| self.chunk[at]) else { return false };
        let turns = before.is_ascii_lowercase() && self.chunk[self.keyword.start].is_ascii_uppercase();
        // The letter of `\nACME_KEY=` within a string belongs to the escape.
        let is_escape = self.keyword.start >= 2 && self.chunk[self.keyword.start - 2] == b'\\' && matches!(before, b'n' | b'r' | b't');
        self.keyword.len() <= SHORT_BYTES && before.is_ascii_alphanumeric() && !turns && !is_escape
    }

    /// Returns whether a value hangs on its name, as in `acme-secret-123e4567-…`.
    fn is_joined(&self, secret: Span, boundary: Boundary) -> bool {
        let between = &self.chunk[self.keyword.start..secret.start];
        let is_joint = matches!(between, [.., letter, b'-' | b'_'] if letter.is_ascii_alphabetic());
        is_joint && self.is_free_after(secret.end, boundary) && judge::names_a_secret(between)
    }

    /// Returns what a value's place says, and the log-odds that it gives; nothing where it is written text, a digest or a place.
    fn told_beside(&self, secret: Span, needs_secret_word: bool) -> Option<(&'static str, f32)> {
        let value = secret.of(self.chunk);
        let between = &self.chunk[self.keyword.start..secret.start];
        let is_provable = self.detector.check_of(value).is_some();
        let is_plain = !is_provable && judge::could_be_a_hash(value);
        // `…/commit/<hash>`, `<hash>...<hash>` and `action@<hash>` are places in a history.
        let is_place = is_plain && matches!(self.chunk[secret.start - 1], b'/' | b'.' | b'@');
        if is_place || judge::is_wordy(value) || is_digest(between) {
            return None;
        }
        let is_told = !(is_plain || needs_secret_word) || judge::names_a_secret(between) || judge::names_a_secret_itself(self.word);
        match is_told {
            true => Some(("shape of its issuer, beside its name", 1.6)),
            false if !needs_secret_word && is_set_to(&self.chunk[self.keyword.end..secret.start]) => {
                Some(("shape of its issuer, set to its name", 0.6))
            }
            false => None,
        }
    }
}

/// Returns whether a value is what the name alone is set to, `acme = "…"`: `acme_id = …` is something else, and `acme: …` stands in
/// lists of packages and their hashes.
fn is_set_to(between: &[u8]) -> bool {
    let is_around = |b: &u8| matches!(b, b' ' | b'"' | b'\'' | b':' | b'=');
    between.contains(&b'=') && between.len() <= 6 && between.iter().all(is_around)
}

/// Returns whether a text before a value says that it is a digest, as in lists of files and their hashes.
fn is_digest(before: &[u8]) -> bool {
    let folded = before.to_ascii_lowercase();
    [&b"sha1="[..], b"sha256", b"sha384", b"sha512"].iter().any(|name| memchr::memmem::find(&folded, name).is_some())
}

/// A name of so many bytes is found inside of other words.
const SHORT_BYTES: usize = 5;

/// What a name may go on for after its keyword: `HEROKU` in `HEROKU_PRODUCTION_API_KEY`.
const NAME_TAIL_BYTES: usize = 64;
