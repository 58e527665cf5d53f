//! Text that is safe to show: names and contents of a repository are hostile.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::finding::{ExcerptLine, Piece};
use crate::secret::Secret;

/// Escapes what could move a terminal, hide text or break a line.
pub(super) fn safe(text: &str) -> String {
    if is_safe(text) {
        return text.to_owned();
    }
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

/// Returns whether nothing of a text needs to be escaped, as far as a quick look tells: most texts are names and words.
pub(super) fn is_safe(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("##")
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

/// Returns the mask of what a report has of a secret, which may be all of it where somebody asked for that.
pub(super) fn masked(said: &str) -> Cow<'_, str> {
    let is_mask = said.split_once('…').is_some_and(|(head, tail)| {
        let digits = tail.strip_prefix('(').and_then(|tail| tail.strip_suffix(')'));
        head.len() <= 4 && (tail.is_empty() || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())))
    });
    if is_mask { Cow::Borrowed(said) } else { Cow::Owned(Secret::new(said.as_bytes()).mask()) }
}

/// Returns a line of an excerpt as one text.
pub(super) fn line(line: &ExcerptLine, show: bool) -> String {
    line.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => safe(text),
            Piece::HiddenEncoded(hidden) if !show => format!("…({})", hidden.expose().len()),
            Piece::Hidden(hidden) | Piece::HiddenEncoded(hidden) => safe(&secret(hidden, show)),
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

    #[test]
    fn a_mask_stays_and_a_secret_becomes_one() {
        for (said, shown) in [
            ("acme…(40)", "acme…(40)"),
            ("…(9)", "…(9)"),
            ("…", "…"),
            ("kept-as-it-was-in-the-report", "kept…(28)"),
            ("hunter…(2)", "…(12)"),
            ("a…(x)", "…(7)"),
        ] {
            assert_eq!(super::masked(said), shown);
        }
    }
}
