//! The lines around a secret, with every secret on them taken out.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use bstr::ByteSlice as _;

use super::Match;
use crate::detector::base64;
use crate::finding::{ExcerptLine, Piece};
use crate::secret::Secret;
use crate::span::{Lines, Span};

/// How much of a long line is shown on each side of a secret, in bytes.
const SIDE_BYTES: usize = 80;
/// A secret over more lines than this is shown by its first ones.
const MAX_LINES: usize = 4;

/// Where secrets are in a chunk, and where their values stand once more without being recognised.
pub(super) struct Hidden {
    /// Disjoint, in the order of their places, and whether what is there is encoded.
    spans: Vec<(Span, bool)>,
}

/// Shorter values are words of prose as well; hiding these would hide the line.
const MIN_REPEATED_BYTES: usize = 5;
/// Longer values, such as keys, are not repeated within a line.
const MAX_REPEATED_BYTES: usize = 4_096;

/// Longer values are keys and the like, which do not stand twice in what an excerpt shows; three forms of each would be looked for.
const MAX_FORM_BYTES: usize = 256;
/// What is shorter in base64 says little, and is met anywhere.
const MIN_FORM_CHARS: usize = 9;

impl Hidden {
    /// Hides what matches found, whose places are disjoint and sorted, and every repetition of it.
    pub(super) fn new(chunk: &[u8], matches: &[Match]) -> Self {
        let mut spans: Vec<(Span, bool)> = matches.iter().map(|m| (m.secret, m.layer.is_some())).collect();
        let lens = MIN_REPEATED_BYTES..=MAX_REPEATED_BYTES;
        let mut values: BTreeMap<&[u8], bool> = spans.iter().map(|(span, is_encoded)| (span.of(chunk), *is_encoded)).collect();
        values.extend(matches.iter().map(|m| (m.value(chunk), false)));
        values.retain(|value, _| lens.contains(&value.len()));
        // A value that stands there once more in base64 begins elsewhere in a group, and looks otherwise.
        let encoded = matches.iter().filter(|m| m.layer.is_some() && m.value(chunk).len() <= MAX_FORM_BYTES);
        let forms: Vec<String> = encoded.flat_map(|m| base64::forms_of(m.value(chunk))).collect();
        values.extend(forms.iter().filter(|form| form.len() >= MIN_FORM_CHARS).map(|form| (form.as_bytes(), true)));
        // It is used once, so what is cheap to build beats what is fast to search.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        if let Ok(finder) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).kind(kind).build(values.keys()) {
            let is_encoded: Vec<bool> = values.into_values().collect();
            let repeated = finder.find_iter(chunk).map(|found| (Span::new(found.start(), found.end()), is_encoded[found.pattern()]));
            // What is a part of a secret is hidden with it.
            let is_new = |(found, _): &(Span, bool)| {
                let before = matches.partition_point(|m| m.secret.end <= found.start);
                matches.get(before).is_none_or(|m| !m.secret.overlaps(*found))
            };
            spans.extend(repeated.filter(is_new));
            spans.sort_unstable();
        }
        Hidden { spans }
    }

    /// Returns the hidden spans that touch a part of the chunk.
    fn within(&self, part: Span) -> &[(Span, bool)] {
        let from = self.spans.partition_point(|(span, _)| span.end <= part.start);
        let to = self.spans.partition_point(|(span, _)| span.start < part.end);
        &self.spans[from.min(to)..to]
    }
}

/// Cuts out the lines of `secret` and one on each side, without what is hidden.
pub(super) fn around(chunk: &[u8], lines: &Lines<'_>, secret: Span, hidden: &Hidden) -> Vec<ExcerptLine> {
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

fn pieces(chunk: &[u8], line: Span, shown: Span, hidden: &Hidden) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if shown.start > line.start {
        pieces.push(Piece::Text("…".to_owned()));
    }
    let mut at = shown.start;
    for (span, is_encoded) in hidden.within(shown) {
        if span.start > at {
            pieces.push(text(&chunk[at..span.start]));
        }
        let end = span.end.min(line.end);
        // A secret over several lines shows its mask once, on its first line.
        let is_first = span.start >= line.start;
        if is_first {
            let secret = Secret::new(span.of(chunk));
            pieces.push(if *is_encoded { Piece::HiddenEncoded(secret) } else { Piece::Hidden(secret) });
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
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{Hidden, around};
    use crate::detect::Match;
    use crate::detect::judge::Form;
    use crate::finding::{Evidence, Layer, Piece};
    use crate::span::{Lines, Span};

    fn found(secret: Span) -> Match {
        Match { detector: 0, secret, normal: None, evidence: Evidence::default(), form: Form::shaped(true), seen: None, layer: None }
    }

    #[test]
    fn every_secret_on_the_lines_is_hidden() {
        let chunk = b"a = alpha-secret\nb = beta-secret\nc = gamma";
        let (alpha, beta) = (Span::new(4, 16), Span::new(21, 32));
        let shown = around(chunk, &Lines::new(chunk), beta, &Hidden::new(chunk, &[found(alpha), found(beta)]));
        let text = format!("{shown:?}");
        assert_eq!(shown.len(), 3);
        assert!(!text.contains("alpha") && !text.contains("beta") && text.contains("gamma"), "{text}");
        assert!(matches!(shown[1].pieces[1], Piece::Hidden(_)));
    }

    #[test]
    fn a_value_is_hidden_wherever_it_stands() {
        let chunk = b"a = alpha-secret # was alpha-secret\nlogin(\"alpha-secret\")";
        let alpha = Span::new(4, 16);
        let shown = around(chunk, &Lines::new(chunk), alpha, &Hidden::new(chunk, &[found(alpha)]));
        assert!(!format!("{shown:?}").contains("alpha"), "{shown:?}");
    }

    #[test]
    fn nothing_is_shown_of_what_is_encoded_nor_of_its_value_elsewhere() {
        let encoded = STANDARD.encode("alpha-secret-17");
        let chunk = format!("{{{encoded}}}  alpha-secret-17 {encoded}");
        let chunk = chunk.as_bytes();
        let encoded = Match { normal: Some((*b"alpha-secret-17").into()), layer: Some(Layer::Base64), ..found(Span::new(1, 21)) };
        let shown = around(chunk, &Lines::new(chunk), encoded.secret, &Hidden::new(chunk, std::slice::from_ref(&encoded)));
        let is_hidden = |piece: &Piece| matches!(piece, Piece::HiddenEncoded(_));
        assert!(!format!("{shown:?}").contains("alpha"), "{shown:?}");
        assert_eq!(shown[0].pieces.iter().map(is_hidden).collect::<Vec<_>>(), [false, true, false, false, false, true], "{shown:?}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret() {
        let mut chunk = vec![b'x'; 10_000];
        chunk.extend_from_slice(b" k=secret ");
        chunk.resize(20_000, b'y');
        let secret = Span::new(10_003, 10_009);
        let shown = around(&chunk, &Lines::new(&chunk), secret, &Hidden::new(&chunk, &[found(secret)]));
        let bytes: usize = shown[0].pieces.iter().map(|p| if let Piece::Text(t) = p { t.len() } else { 0 }).sum();
        assert!(bytes < 200, "{bytes}");
    }
}
