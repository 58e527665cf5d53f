//! Values on the lines below a name: a section, an entry or a comment names the service, and a line under it has the key.
//!
//! People write `[acme]`, `acme:`, `provider "acme" {`, `<id>acme</id>`, `"name": "ACME_KEY",` or `# Acme`, and the value on one of
//! the next lines. So the line of the name must hold hardly anything else, and the line of the value must say that it is a secret.

use super::{Run, judge};
use crate::detector::BELOW_BYTES;

impl Run<'_> {
    /// Returns the lines in which a name may have its value: none if its line says more than the name.
    pub(super) fn lines_below(&self, line_end: usize, reach_end: usize) -> impl Iterator<Item = Below> + use<'_> {
        let opened = self.opened(line_end);
        let names_secret = || judge::names_a_secret(&self.chunk[self.keyword.start..line_end]) || judge::names_a_secret_itself(self.word);
        let names_secret = opened && names_secret();
        let last_start = self.keyword.start + usize::from(BELOW_BYTES);
        let mut start = line_end + 1;
        let next = move || {
            if start > last_start {
                return None;
            }
            let line = self.chunk.get(start..reach_end)?;
            let end = memchr::memchr(b'\n', line).map_or(reach_end, |at| start + at);
            let below = Below { start, end, last_start: last_start.min(end), names_secret };
            let text = self.chunk[start..end].trim_ascii();
            start = end + 1;
            let is_over = matches!(text, [] | [b'[' | b'#' | b'}', ..]);
            (!is_over).then_some(below)
        };
        std::iter::from_fn(next).take(if opened { MOST_LINES } else { 0 })
    }

    /// Returns whether a line is there for the name in it: a heading, the name of a section or an entry, a short comment.
    fn opened(&self, line_end: usize) -> bool {
        let far = self.keyword.start.saturating_sub(AROUND_BYTES);
        let head = &self.chunk[far..self.keyword.start];
        let head = match memchr::memrchr(b'\n', head) {
            Some(at) => head[at + 1..].trim_ascii_start(),
            None if far == 0 => head.trim_ascii_start(),
            None => return false,
        };
        let tail = self.chunk[self.keyword.end..line_end].trim_ascii_end();
        if tail.len() > AROUND_BYTES || !opens(head) {
            return false;
        }
        let name = tail.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
        let is_comment = head.starts_with(b"#") || head.starts_with(b"//");
        match closed(&tail[name..]) {
            Some(Closed::Nothing) => is_comment || is_entry(head),
            Some(Closed::Mark) => true,
            None => is_comment && words(&tail[name..]) <= 2,
        }
    }
}

/// A line below a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Below {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends, or the reach.
    pub(super) end: usize,
    /// The last place at which a value may begin.
    pub(super) last_start: usize,
    /// Whether the name is one of a secret, so that the line needs only be a value.
    names_secret: bool,
}

impl Below {
    /// Returns whether what stands before a value on this line says that it is the secret.
    pub(super) fn tells(self, before: &[u8]) -> bool {
        let is_value = || {
            let folded = before.to_ascii_lowercase();
            [&b"value"[..], b"default"].iter().any(|word| memchr::memmem::find(&folded, word).is_some())
        };
        words(before) <= MOST_WORDS && (judge::names_a_secret(before) || (self.names_secret && is_value()))
    }
}

/// What stands behind a name on its line.
#[derive(PartialEq)]
enum Closed {
    Nothing,
    /// What ends a name or opens a block.
    Mark,
}

/// Returns what closes a name; nothing where more than that stands behind it.
fn closed(tail: &[u8]) -> Option<Closed> {
    let tail = match memchr::memmem::find(tail, b"</") {
        // `</id>` and the like.
        Some(at) if tail.ends_with(b">") => &tail[..=at],
        _ => tail,
    };
    let is_mark = |b: &u8| matches!(b, b'"' | b'\'' | b'`' | b']' | b'}' | b')' | b':' | b'{' | b',' | b'<' | b'>' | b'=' | b'(' | b' ');
    match tail {
        [] => Some(Closed::Nothing),
        _ if tail.iter().all(is_mark) => Some(Closed::Mark),
        _ => None,
    }
}

/// Returns whether what stands before a name on its line leaves it the one thing that is said: at most two words, and no code.
fn opens(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"//").unwrap_or(head);
    words(head) <= 2 && !head.iter().any(|b| matches!(b, b';' | b'(' | b'?' | b'/'))
}

/// Returns whether a name is that of an entry whose value follows: `- name: ACME_KEY`.
fn is_entry(head: &[u8]) -> bool {
    let word = head.trim_ascii_end().strip_suffix(b":").unwrap_or_default().to_ascii_lowercase();
    [&b"name"[..], b"key", b"id"].iter().any(|end| word.ends_with(end))
}

fn words(text: &[u8]) -> usize {
    text.split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'-' | b'.'))
        .filter(|word| word.iter().any(u8::is_ascii_alphabetic))
        .count()
}

/// How many lines below a name its value may stand: with a type, a user and a comment between.
const MOST_LINES: usize = 4;

/// How much may stand before a name on its line, and how much behind it; less than the reach.
const AROUND_BYTES: usize = 56;

/// How many words may stand before a value: `export const acmeKey: string = "…"`.
const MOST_WORDS: usize = 4;
