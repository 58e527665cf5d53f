//! A value that stands before its name: `"…" == password`, `"…".equals(password)`, `{"value": "…", "name": "DB_PASSWORD"}`.

use super::{Assignment, Closed, Joint};
use crate::span::Span;

/// The longest value: with its name and what joins them it fits the reach before a keyword.
const VALUE_BYTES: usize = 96;
/// The signs and calls that compare what stands before them with what stands behind.
const COMPARES: [&[u8]; 8] = [b"===", b"!==", b"==", b"!=", b".equals(", b".equalsIgnoreCase(", b".contentEquals(", b".compareTo("];

/// Reads the text before a name that it is compared with, or that is called so.
pub(super) fn value_before(chunk: &[u8], name: Span) -> Option<Assignment> {
    let before = &chunk[name.start.saturating_sub(VALUE_BYTES + 32)..name.start];
    let (joint, closed, text) = match before.last()? {
        b'"' | b'\'' => {
            let (joint, text) = value_of_name(before)?;
            (joint, Closed::Quoted, text)
        }
        b'=' | b'(' | b' ' | b'$' => (Joint::Compares, Closed::Bare, compared(before)?),
        _ => return None,
    };
    let quote = *text.last()?;
    let inside = &text[..text.len() - 1];
    if inside.ends_with(b"\\") {
        // A quote of a text within a text.
        return None;
    }
    let start = memchr::memrchr2(quote, b'\n', inside).filter(|&at| inside[at] == quote)? + 1;
    let is_named = joint == Joint::Compares || is_called_value(&inside[..start - 1]);
    let end = name.start - before.len() + inside.len();
    let value = Span::new(end - (inside.len() - start), end);
    (is_named && !value.is_empty() && value.len() <= VALUE_BYTES).then_some(Assignment {
        name,
        value,
        quote: Some(quote),
        joint,
        wrapper: None,
        closed,
        is_split: false,
    })
}

/// Returns the text in quotes that is compared with what follows, with its last quote as its end.
fn compared(before: &[u8]) -> Option<&[u8]> {
    let before = before.strip_suffix(b"$").unwrap_or(before).trim_ascii_end();
    let text = COMPARES.iter().find_map(|mark| before.strip_suffix(*mark))?.trim_ascii_end();
    matches!(text.last()?, b'"' | b'\'').then_some(text)
}

/// `"value": "…", "name": "`, `value="…" name="`: returns what stands before the name, with the last quote of the value as its end.
fn value_of_name(before: &[u8]) -> Option<(Joint, &[u8])> {
    let before = before[..before.len() - 1].trim_ascii_end();
    let attribute = before.strip_suffix(b"=").map(|before| (Joint::Markup, before));
    let (joint, before) = attribute.or(before.strip_suffix(b":").map(|before| (Joint::NextLine, before.trim_ascii_end())))?;
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    let before = ["name", "key", "Name", "Key"].iter().find_map(|word| before.strip_suffix(word.as_bytes()))?;
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    let is_apart = before.last().is_some_and(u8::is_ascii_whitespace) || before.ends_with(b",");
    let text = before.trim_ascii_end();
    let text = text.strip_suffix(b",").unwrap_or(text).trim_ascii_end();
    (is_apart && matches!(text.last()?, b'"' | b'\'')).then_some((joint, text))
}

/// Returns whether `"value": ` ends there.
fn is_called_value(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let Some(before) = before.strip_suffix(b":").or(before.strip_suffix(b"=")) else { return false };
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    ["value", "Value"].iter().any(|word| before.strip_suffix(word.as_bytes()).is_some_and(|rest| !rest.last().is_some_and(is_part)))
}
