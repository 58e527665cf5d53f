//! Values whose shape means something only beside a name on their left: where such a value may stand, and what must stand between.
//!
//! No grammar is asked for, since people write a key behind its service's name in prose, tables and command lines as well. What is
//! needed instead is a word for a secret, wherever the name or the value alone could be something else.

use regex_automata::Input;

use super::below::Below;
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
        let beside = |secret: Span| self.told_beside(secret, needs_secret_word);
        self.first_of_shape(Span::new(self.keyword.end, line_end), last_start, boundary, outline, &beside).or_else(|| {
            self.lines_below(line_end, reach_end).find_map(|line| {
                let below = |secret: Span| self.told_below(line, secret);
                self.first_of_shape(Span::new(line.start, line.end), line.last_start, boundary, outline, &below)
            })
        })
    }

    /// Finds the first value of the right shape that its place speaks for.
    fn first_of_shape(
        &self,
        place: Span,
        last_start: usize,
        boundary: Boundary,
        outline: &Outline,
        told: &dyn Fn(Span) -> Option<(&'static str, f32)>,
    ) -> Option<Match> {
        let mut from = place.start;
        loop {
            from += outline.first_in(&self.chunk[from..place.end])?;
            if from > last_start {
                return None;
            }
            let found = self.catalog.pattern(self.number)?.search(&Input::new(self.chunk).span(from..place.end))?;
            if found.start() > last_start {
                return None;
            }
            let secret = Span::new(found.start(), found.end());
            if (self.is_free(secret, boundary) || self.is_joined(secret, boundary))
                && !self.is_inside_base64(secret)
                && let Some(told) = told(secret)
                && let Some(made) = self.found(secret, told)
            {
                return Some(made);
            }
            from = found.end().max(found.start() + 1);
        }
    }

    /// Returns whether a keyword that begins with a short word is only the middle of something longer, such as base64 or `inbox_key`.
    fn is_inside_word(&self) -> bool {
        let Some(before) = self.keyword.start.checked_sub(1).map(|at| self.chunk[at]) else { return false };
        let turns = before.is_ascii_lowercase() && self.chunk[self.keyword.start].is_ascii_uppercase();
        // The letter of `\nACME_KEY=` within a string belongs to the escape.
        let is_escape = self.keyword.start >= 2 && self.chunk[self.keyword.start - 2] == b'\\' && matches!(before, b'n' | b'r' | b't');
        before.is_ascii_alphanumeric() && !turns && !is_escape && self.first_word().len() <= SHORT_BYTES
    }

    /// Returns the first word of the keyword: `box` of `box_key`, and of `boxkey`, which is a spelling of it.
    fn first_word(&self) -> &str {
        let letters = |text: &'_ str| text.bytes().filter(|b| !matches!(b, b'_' | b'-' | b'.')).collect::<Vec<u8>>();
        let is_spelling = |keyword: &&str| keyword.contains('_') && letters(keyword) == letters(self.word);
        let spelled = self.detector.keywords.iter().map(AsRef::as_ref).find(is_spelling).unwrap_or(self.word);
        spelled.split('_').find(|word| !word.is_empty()).unwrap_or(spelled)
    }

    /// Returns whether a value hangs on its name, as in `acme-secret-123e4567-…`.
    fn is_joined(&self, secret: Span, boundary: Boundary) -> bool {
        let between = &self.chunk[self.keyword.start..secret.start];
        let is_joint = matches!(between, [.., letter, b'-' | b'_'] if letter.is_ascii_alphabetic());
        is_joint && self.is_free_after(secret.end, boundary) && judge::names_a_secret(between)
    }

    /// Returns what a value's place says, and the log-odds that it gives; nothing where it is written text, a digest or a place.
    fn told_beside(&self, secret: Span, needs_secret_word: bool) -> Option<(&'static str, f32)> {
        let between = &self.chunk[self.keyword.start..secret.start];
        let is_plain = self.is_plain(secret);
        if self.is_something_else(secret, is_plain, between) {
            return None;
        }
        let is_told = !(is_plain || needs_secret_word) || judge::names_a_secret(between) || judge::names_a_secret_itself(self.word);
        match is_told {
            true => Some(("shape of its issuer, beside its name", 1.6)),
            false if !needs_secret_word && is_set_to(&self.chunk[self.keyword.end..secret.start], secret.of(self.chunk)) => {
                Some(("shape of its issuer, set to its name", 0.6))
            }
            false if self.is_said_before() => Some(("shape of its issuer, and a word for a secret before its name", 0.6)),
            false => None,
        }
    }

    /// Returns whether what stands before the name on its line says what it has, as in `API key of Acme: …`.
    fn is_said_before(&self) -> bool {
        let head = &self.chunk[self.keyword.start.saturating_sub(SAID_BYTES)..self.keyword.start];
        judge::names_a_secret(memchr::memrchr(b'\n', head).map_or(head, |at| &head[at + 1..]))
    }

    /// Returns the same of a value on a line below its name.
    fn told_below(&self, line: Below, secret: Span) -> Option<(&'static str, f32)> {
        let before = &self.chunk[line.start..secret.start];
        // A section says less than a name on the line, so a row of letters is not worth telling.
        let is_other = || self.is_something_else(secret, self.is_plain(secret), before) || judge::is_filler(secret.of(self.chunk));
        let is_told = line.tells(before) && !is_other();
        is_told.then_some(("shape of its issuer, in what its name stands over", 1.6))
    }

    /// Returns whether a value that its check cannot prove has the shape of a digest or a UUID.
    fn is_plain(&self, secret: Span) -> bool {
        let value = secret.of(self.chunk);
        self.detector.check_of(value).is_none() && judge::could_be_a_hash(value)
    }

    /// Returns whether a value is written text, a digest, or a place in a history: `…/commit/<hash>`, `action@<hash>`.
    fn is_something_else(&self, secret: Span, is_plain: bool, before: &[u8]) -> bool {
        let is_place = is_plain && secret.start > 0 && matches!(self.chunk[secret.start - 1], b'/' | b'.' | b'@');
        is_place || judge::is_wordy(secret.of(self.chunk)) || is_digest(before)
    }

    /// Returns whether keyword and value are parts of one run of base64, so that neither means anything.
    fn is_inside_base64(&self, secret: Span) -> bool {
        let is_digit = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
        if !self.chunk[self.keyword.end..secret.start].iter().all(|b| is_digit(&b)) {
            return false;
        }
        let far = self.keyword.start.saturating_sub(NAME_TAIL_BYTES);
        let before = self.chunk[far..self.keyword.start].iter().rev().take_while(is_digit).count();
        let reach_end = self.chunk.len().min(self.keyword.start + self.detector.reach.after as usize);
        let after = self.chunk.get(secret.end..reach_end).unwrap_or_default().iter().take_while(is_digit).count();
        before + after >= BASE64_BYTES
    }
}

/// Returns whether a value is what the name alone is set to, `acme = "…"` or `ACME_API=…`: `acme_id = …` is something else, and
/// `acme: …` stands in lists of packages and their hashes, which are no UUIDs.
fn is_set_to(between: &[u8], value: &[u8]) -> bool {
    let joint = usize::from(matches!(between.first(), Some(b'_' | b'-' | b'.')));
    let says_api = between[joint..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"api"));
    let between = if says_api { &between[joint + 3..] } else { between };
    let is_around = |b: &u8| matches!(b, b' ' | b'"' | b'\'' | b':' | b'=');
    let is_set = between.contains(&b'=') || (between.contains(&b':') && value.contains(&b'-'));
    is_set && between.len() <= 6 && between.iter().all(is_around)
}

/// Returns whether a text before a value says that it is a digest, as in lists of files and their hashes.
fn is_digest(before: &[u8]) -> bool {
    let folded = before.to_ascii_lowercase();
    [&b"sha1="[..], b"sha256", b"sha384", b"sha512"].iter().any(|name| memchr::memmem::find(&folded, name).is_some())
}

/// A word of so many bytes is found inside of other words.
const SHORT_BYTES: usize = 5;

/// What a name may go on for after its keyword: `HEROKU` in `HEROKU_PRODUCTION_API_KEY`.
const NAME_TAIL_BYTES: usize = 64;

/// So much more than a name and a value is no name: the run they stand in is data.
const BASE64_BYTES: usize = 24;

/// How far before a name a word for a secret may stand; less than the reach.
const SAID_BYTES: usize = 32;
