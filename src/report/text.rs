//! Text that is safe to show: names and contents of a repository are hostile.

use std::fmt::Write as _;

use crate::finding::{ExcerptLine, Piece};
use crate::secret::Secret;

/// Escapes what could move a terminal, hide text or break a line.
pub(super) fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Some CI services take commands anywhere in a line.
    let text = text.replace("##[", "# #[").replace("##vso[", "# #vso[");
    for c in text.chars() {
        match c {
            '\t' => safe.push(' '),
            c if c.is_control() || is_direction(c) => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// Writes a text so that it stays one in HTML and XML, and so that nothing in it is invisible.
pub(super) fn markup(said: &str) -> String {
    let mut markup = String::with_capacity(said.len());
    for c in safe(said).chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            // XML cannot have these at all.
            '\u{fffe}' | '\u{ffff}' => markup.push('\u{fffd}'),
            c => markup.push(c),
        }
    }
    markup
}

/// Marks that change the direction or joining of text, and invisible characters.
pub(super) fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns a secret as the user asked to see it.
pub(super) fn secret(secret: &Secret, show: bool) -> String {
    if show { String::from_utf8_lossy(secret.expose()).into_owned() } else { secret.mask() }
}

/// Returns a line of an excerpt as one text.
pub(super) fn line(line: &ExcerptLine, show: bool) -> String {
    line.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => safe(text),
            Piece::Hidden(hidden) => safe(&secret(hidden, show)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_moves_a_terminal_is_escaped() {
        assert_eq!(super::safe("a\x1b[2J\tb\u{202e}c\u{9b}é"), "a\\u{1b}[2J b\\u{202e}c\\u{9b}é");
        assert_eq!(super::safe("::error\r\nx"), "::error\\u{d}\\u{a}x");
    }
}
