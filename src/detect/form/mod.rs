//! The forms in which people write a value next to its name: `name = value` in every common grammar.
//!
//! One scanner by hand instead of a regular expression for each grammar: it starts at a keyword, so it is linear in
//! the few bytes it reads, and every detector shares it. It says what stands where; the judge says what it means.
//! `joint` reads what stands between the two, `markup` does so for elements and attributes, `value` reads the value; `block` steps to one that
//! has a place of its own, `reversed` reads one that stands before its name.

mod block;
mod joint;
mod markup;
mod reversed;
#[cfg(test)]
mod tests;
mod value;

use crate::span::Span;

/// A name and the value that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The whole name, such as `spring.datasource.password`.
    pub(crate) name: Span,
    /// The value without its quotes.
    pub(crate) value: Span,
    /// The quote around the value.
    pub(crate) quote: Option<u8>,
    /// What joins the two.
    pub(crate) joint: Joint,
    /// A function or type around the value, such as the `getenv` of `getenv("X")`.
    pub(crate) wrapper: Option<Span>,
    /// How the name stands.
    pub(crate) closed: Closed,
    /// The value is written in parts that are joined, `"ab" + "cd"`: see [`without_seams`].
    pub(crate) is_split: bool,
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Joint {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `==`, `!=`, `should eq` and the like.
    Compares,
    /// `:`.
    Colon,
    /// `${NAME:-value}`: what is taken where nothing is set.
    Default,
    /// `name("value")`.
    Call,
    /// `("name", "value")`.
    Comma,
    /// `--name value`, `name value`.
    Space,
    /// `<name>value</name>`, `name="x" value="…"`.
    Markup,
    /// `name` and then `value: …`, on the same line or the next, as in Kubernetes.
    NextLine,
    /// `| name | value |`.
    Cell,
    /// `name is value`.
    Says,
}

/// How a name ended: bare, in quotes, or in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Closed {
    /// `name`.
    Bare,
    /// `"name"`.
    Quoted,
    /// `x["name"]`.
    Bracketed,
}

/// Names longer than this are not names.
const NAME_BYTES: usize = 64;
/// White space between the parts.
const GAP_BYTES: usize = 64;
/// The longest value: with name, gaps and the rest of the line it fits a reach of 1,280 bytes.
const VALUE_BYTES: usize = 640;
/// How a quote is written where it is escaped for a page or an address.
const ENTITIES: [&[u8]; 8] = [b"&quot;", b"&#34;", b"&#x22;", b"%22", b"&apos;", b"&#39;", b"&#x27;", b"&#039;"];

/// Reads the assignment whose name holds the bytes of `keyword`.
pub(crate) fn assignment_at(chunk: &[u8], keyword: Span) -> Option<Assignment> {
    // A keyword of two letters has what joins it to a value with it, as `pw=`.
    let joined = keyword.of(chunk).iter().rev().take_while(|b| matches!(b, b'=' | b':' | b'"' | b'\'' | b' ')).count();
    let name = name_around(chunk, Span::new(keyword.start, keyword.end - joined))?;
    value_behind(chunk, name).or_else(|| reversed::value_before(chunk, name))
}

fn value_behind(chunk: &[u8], name: Span) -> Option<Assignment> {
    let mut scan = Scan { chunk, at: name.end };
    let closed = scan.close_name();
    let joint = scan.joint(closed, name)?;
    let joint = if joint == Joint::Colon && scan.type_annotation() { Joint::Equals } else { joint };
    scan.value(name, closed, joint)
}

/// Returns the value of an assignment without what stands between its parts.
pub(crate) fn without_seams(chunk: &[u8], assignment: &Assignment) -> Option<Box<[u8]>> {
    let quote = assignment.quote.filter(|_| assignment.is_split)?;
    let mut joined = Vec::with_capacity(assignment.value.len());
    let mut is_inside = true;
    for &byte in assignment.value.of(chunk) {
        if byte == quote {
            is_inside = !is_inside;
        } else if is_inside {
            joined.push(byte);
        }
    }
    Some(joined.into())
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

fn name_around(chunk: &[u8], keyword: Span) -> Option<Span> {
    let before = chunk[keyword.start.saturating_sub(NAME_BYTES)..keyword.start].iter();
    let mut start = keyword.start - before.rev().take_while(|&&b| is_name_byte(b)).count();
    let after = &chunk[keyword.end..chunk.len().min(keyword.end + NAME_BYTES)];
    let mut end = keyword.end + after.iter().take_while(|&&b| is_name_byte(b)).count();
    while start < keyword.start && !chunk[start].is_ascii_alphanumeric() && chunk[start] != b'_' {
        start += 1;
    }
    // `\nPASSWORD=x` inside a string literal: the `n` belongs to the escape.
    if start > 0 && chunk[start - 1] == b'\\' && start < keyword.start && matches!(chunk[start], b'n' | b'r' | b't') {
        start += 1;
    }
    while end > keyword.end && matches!(chunk[end - 1], b'.' | b'-') {
        end -= 1;
    }
    (end - start <= NAME_BYTES).then_some(Span::new(start, end))
}

/// A reader that goes from the end of a name to the end of its value.
struct Scan<'c> {
    chunk: &'c [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.chunk.get(self.at).copied().unwrap_or(b'\n')
    }

    fn rest(&self) -> &[u8] {
        &self.chunk[self.at.min(self.chunk.len())..]
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.rest().starts_with(text)
    }

    /// Steps over a text that may be in either case; returns whether it was there.
    fn step_over(&mut self, text: &[u8]) -> bool {
        let is_here = self.rest().get(..text.len()).is_some_and(|here| here.eq_ignore_ascii_case(text));
        if is_here {
            self.at += text.len();
        }
        is_here
    }

    fn blanks(&mut self) -> usize {
        self.steps(|b| matches!(b, b' ' | b'\t'))
    }

    /// Steps over blanks and line ends.
    fn space(&mut self) -> usize {
        self.steps(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
    }

    fn steps(&mut self, is_gap: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest();
        let gap = rest[..rest.len().min(GAP_BYTES)].iter().take_while(|&&b| is_gap(b)).count();
        self.at += gap;
        gap
    }

    /// Steps over the backslashes of a quote inside a string literal and returns how many there were.
    fn escapes(&mut self) -> usize {
        let rest = self.rest();
        let count = rest[..rest.len().min(8)].iter().take_while(|&&b| b == b'\\').count();
        self.at += count;
        count
    }
}
