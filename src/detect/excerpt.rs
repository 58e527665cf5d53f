//! The lines around a secret, with every secret on them taken out.

use bstr::ByteSlice as _;

use crate::finding::{ExcerptLine, Piece};
use crate::secret::Secret;
use crate::span::{Lines, Span};

/// How much of a long line is shown on each side of a secret, in bytes.
const SIDE_BYTES: usize = 80;
/// A secret over more lines than this is shown by its first ones.
const MAX_LINES: usize = 4;

/// Cuts out the lines of `secret` and one on each side, hiding all spans of `hidden`.
pub(super) fn around(chunk: &[u8], lines: &Lines<'_>, secret: Span, hidden: &[Span]) -> Vec<ExcerptLine> {
    let first = lines.line_of(secret.start);
    let last = lines.line_of(secret.end.saturating_sub(1).max(secret.start)).min(first + MAX_LINES - 1);
    (first.saturating_sub(1).max(1)..=last + 1)
        .filter_map(|number| {
            let line = lines.span(number)?;
            let is_own = secret.start <= line.end && line.start < secret.end;
            let shown = if is_own { near(line, secret) } else { Span::new(line.start, line.end.min(line.start + 2 * SIDE_BYTES)) };
            Some(ExcerptLine { number, pieces: pieces(chunk, line, shown, hidden) })
        })
        .collect()
}

fn near(line: Span, secret: Span) -> Span {
    let start = line.start.max(secret.start.saturating_sub(SIDE_BYTES));
    let end = line.end.min(secret.end.saturating_add(SIDE_BYTES));
    Span::new(start.min(end), end)
}

fn pieces(chunk: &[u8], line: Span, shown: Span, hidden: &[Span]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if shown.start > line.start {
        pieces.push(Piece::Text("…".to_owned()));
    }
    let mut at = shown.start;
    for span in hidden.iter().filter(|span| span.start < shown.end && shown.start < span.end) {
        if span.start > at {
            pieces.push(text(&chunk[at..span.start]));
        }
        let end = span.end.min(line.end);
        // A secret over several lines shows its mask once, on its first line.
        let is_first = span.start >= line.start;
        if is_first {
            pieces.push(Piece::Hidden(Secret::new(span.of(chunk))));
        } else {
            pieces.push(Piece::Text("…".to_owned()));
        }
        at = at.max(end);
    }
    if at < shown.end {
        pieces.push(text(&chunk[at..shown.end]));
    }
    if shown.end < line.end && at < line.end {
        pieces.push(Piece::Text("…".to_owned()));
    }
    pieces
}

fn text(bytes: &[u8]) -> Piece {
    Piece::Text(bytes.to_str_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::around;
    use crate::finding::Piece;
    use crate::span::{Lines, Span};

    #[test]
    fn every_secret_on_the_lines_is_hidden() {
        let chunk = b"a = alpha-secret\nb = beta-secret\nc = gamma";
        let (alpha, beta) = (Span::new(4, 16), Span::new(21, 32));
        let shown = around(chunk, &Lines::new(chunk), beta, &[alpha, beta]);
        let text = format!("{shown:?}");
        assert_eq!(shown.len(), 3);
        assert!(!text.contains("alpha") && !text.contains("beta") && text.contains("gamma"), "{text}");
        assert!(matches!(shown[1].pieces[1], Piece::Hidden(_)));
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret() {
        let mut chunk = vec![b'x'; 10_000];
        chunk.extend_from_slice(b" k=secret ");
        chunk.resize(20_000, b'y');
        let secret = Span::new(10_003, 10_009);
        let shown = around(&chunk, &Lines::new(&chunk), secret, &[secret]);
        let bytes: usize = shown[0].pieces.iter().map(|p| if let Piece::Text(t) = p { t.len() } else { 0 }).sum();
        assert!(bytes < 200, "{bytes}");
    }
}
