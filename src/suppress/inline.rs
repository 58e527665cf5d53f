//! Marks in comments that allow a secret beside them: our own, and those of other scanners.
//!
//! After our own may stand the id of a detector, then a reason: `staunch:allow jwt demo token of the tutorial`. It speaks for
//! its line, and for the next one where nothing but the comment is on its own. Those of others speak for the lines for which
//! they speak there.

use bstr::ByteSlice as _;

use crate::config::InlineAllow;
use crate::detector::Detector;
use crate::span::{Lines, Span};

/// A word that is a mark.
struct Word {
    text: &'static str,
    reach: Reach,
    is_ours: bool,
}

/// Which lines a mark speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those of the secret that it stands in.
    Beside,
    /// The same, and the next one where it stands alone on its own.
    BesideOrAbove,
    /// The next one.
    Above,
    /// All up to the mark that ends it, or the end.
    Onward,
}

const fn theirs(text: &'static str, reach: Reach) -> Word {
    Word { text, reach, is_ours: false }
}

/// All marks.
const WORDS: &[Word] = &[
    Word { text: "staunch:allow", reach: Reach::BesideOrAbove, is_ours: true },
    theirs("gitleaks:allow", Reach::Beside),
    theirs("betterleaks:allow", Reach::Beside),
    theirs("trufflehog:ignore", Reach::Beside),
    theirs("kingfisher:ignore", Reach::BesideOrAbove),
    theirs("kingfisher:allow", Reach::BesideOrAbove),
    theirs("ggignore", Reach::Beside),
    theirs("pragma: allowlist secret", Reach::Beside),
    theirs("pragma:allowlist secret", Reach::Beside),
    theirs("pragma: whitelist secret", Reach::Beside),
    theirs("pragma:whitelist secret", Reach::Beside),
    theirs("pragma: allowlist nextline secret", Reach::Above),
    theirs("secretlint-disable-line", Reach::Beside),
    theirs("secretlint-disable-next-line", Reach::Above),
    theirs("secretlint-disable", Reach::Onward),
];

/// What ends the reach of a mark that goes on.
const ENDS_ONWARD: &str = "secretlint-enable";

/// A mark in a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    line: usize,
    /// The last line that it speaks for, where it goes on.
    last: usize,
    reach: Reach,
    /// The other scanner's word; nothing where it is our own.
    rival: Option<&'static str>,
    words: String,
}

/// Reads all marks of a chunk that are to count.
pub fn marks(chunk: &[u8], wanted: InlineAllow) -> Vec<Mark> {
    let words = WORDS.iter().filter(|word| match wanted {
        InlineAllow::None => false,
        InlineAllow::Own => word.is_ours,
        InlineAllow::All => true,
    });
    let mut lines = None;
    let mut found = Vec::new();
    for word in words {
        for at in places(chunk, word.text) {
            let lines = lines.get_or_insert_with(|| Lines::new(chunk));
            found.extend(mark(chunk, lines, at, word));
        }
    }
    found
}

/// Returns where a word stands that is no part of a longer one.
fn places<'c>(chunk: &'c [u8], word: &'c str) -> impl Iterator<Item = usize> + 'c {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-');
    memchr::memmem::find_iter(chunk, word)
        .filter(move |&at| !is_part(chunk.get(at + word.len())) && !is_part(at.checked_sub(1).and_then(|before| chunk.get(before))))
}

fn mark(chunk: &[u8], lines: &Lines<'_>, at: usize, word: &Word) -> Option<Mark> {
    let line = lines.line_of(at);
    let span = lines.span(line).unwrap_or(Span::new(at, chunk.len()));
    let after = &chunk[(at + word.text.len()).min(span.end)..span.end];
    let words = spoken(after);
    let is_alone = !chunk[span.start..at].iter().any(u8::is_ascii_alphanumeric);
    let reach = match word.reach {
        Reach::BesideOrAbove if !is_alone => Reach::Beside,
        // It is for one rule of theirs, and up to the end of the file that would hide what it does not speak of.
        Reach::Onward if words.starts_with('@') => return None,
        reach => reach,
    };
    let last = match reach {
        Reach::Onward => places(&chunk[span.end..], ENDS_ONWARD).next().map_or(usize::MAX, |end| lines.line_of(span.end + end)),
        Reach::Beside | Reach::BesideOrAbove | Reach::Above => line,
    };
    Some(Mark { line, last, reach, rival: (!word.is_ours).then_some(word.text), words })
}

/// Returns what is said after a mark, up to the end of the comment: what follows it is code, and no reason.
fn spoken(after: &[u8]) -> String {
    let after = after.to_str_lossy();
    let mut words = after.trim_start_matches([':', ' ', '\t']).trim_end();
    for end in ["*/", "-->", "#}", "%>"] {
        words = words.split(end).next().unwrap_or(words).trim_end();
    }
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Returns the reason of a mark that allows a finding on these lines, if there is one.
///
/// `is_id` tells whether a word is the id of some detector: then the mark is for that one only.
pub fn reason(marks: &[Mark], detector: &Detector, is_id: &dyn Fn(&str) -> bool, first_line: usize, last_line: usize) -> Option<String> {
    marks.iter().find_map(|mark| {
        let is_beside = (first_line..=last_line).contains(&mark.line);
        let is_above = mark.line + 1 == first_line;
        let speaks = match mark.reach {
            Reach::Beside => is_beside,
            Reach::BesideOrAbove => is_beside || is_above,
            Reach::Above => is_above,
            Reach::Onward => mark.line <= first_line && last_line <= mark.last,
        };
        if !speaks {
            return None;
        }
        if let Some(rival) = mark.rival {
            return Some(format!("{rival} {}", mark.words).trim_end().to_owned());
        }
        let (first, rest) = mark.words.split_once(char::is_whitespace).unwrap_or((&mark.words, ""));
        if first == detector.id {
            return Some(rest.trim().to_owned());
        }
        (!is_id(first)).then(|| mark.words.clone())
    })
}

#[cfg(test)]
mod tests {
    use crate::config::InlineAllow;
    use crate::detect::Catalog;

    fn reason(chunk: &str, line: usize, wanted: InlineAllow) -> Option<String> {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().find(|d| d.id == "generic-password").expect("it ships");
        super::reason(&super::marks(chunk.as_bytes(), wanted), detector, &|id| catalog.knows(id), line, line)
    }

    #[test]
    fn a_mark_allows_its_line_and_alone_the_next() {
        for (chunk, line, expected) in [
            ("x = 1 # staunch:allow a test", 1, Some("a test")),
            ("# staunch:allow\nx = 1", 2, Some("")),
            ("y = 1 # staunch:allow\nx = 1", 2, None),
            ("# staunch:allow generic-password demo\nx", 2, Some("demo")),
            ("# staunch:allow github-pat-classic demo\nx", 2, None),
            ("<!-- staunch:allow: demo -->\nx", 2, Some("demo")),
            ("# staunch:allow\n\nx = 1", 3, None),
            ("x = 1 # staunch:allowance", 1, None),
            ("x = 1 # staunch:allow false-alarm", 1, Some("false-alarm")),
        ] {
            assert_eq!(reason(chunk, line, InlineAllow::All).as_deref(), expected, "{chunk:?}");
        }
        assert_eq!(super::marks(b"nothing", InlineAllow::All), []);
    }

    #[test]
    fn marks_of_others_speak_for_the_lines_for_which_they_speak_there() {
        for (chunk, line, expected) in [
            ("x = 1 # gitleaks:allow", 1, Some("gitleaks:allow")),
            ("# gitleaks:allow\nx = 1", 2, None),
            ("x = 1 # betterleaks:allow a test", 1, Some("betterleaks:allow a test")),
            ("x = 1 // trufflehog:ignore", 1, Some("trufflehog:ignore")),
            ("# trufflehog:ignore\nx = 1", 2, None),
            ("x = 1 # kingfisher:ignore", 1, Some("kingfisher:ignore")),
            ("# kingfisher:ignore\nx = 1", 2, Some("kingfisher:ignore")),
            ("y = 1 # kingfisher:ignore\nx = 1", 2, None),
            ("x = 1 # ggignore", 1, Some("ggignore")),
            ("x = 1 # loggignore ggignored", 1, None),
            ("x = 1  # pragma: allowlist secret", 1, Some("pragma: allowlist secret")),
            ("x = 1  # pragma: whitelist secret", 1, Some("pragma: whitelist secret")),
            ("# pragma: allowlist secret\nx = 1", 2, None),
            ("# pragma: allowlist nextline secret\nx = 1", 2, Some("pragma: allowlist nextline secret")),
            ("x = 1 # pragma: allowlist nextline secret", 1, None),
            ("x = 1 // secretlint-disable-line", 1, Some("secretlint-disable-line")),
            ("// secretlint-disable-next-line @a/b -- demo\nx", 2, Some("secretlint-disable-next-line @a/b -- demo")),
            ("/* secretlint-disable */\n\nx", 3, Some("secretlint-disable")),
            ("x\n/* secretlint-disable */", 1, None),
            ("/* secretlint-disable */\n/* secretlint-enable */\nx", 3, None),
            ("/* secretlint-disable @a/b */\nx", 2, None),
        ] {
            assert_eq!(reason(chunk, line, InlineAllow::All).as_deref(), expected, "{chunk:?}");
            assert_eq!(reason(chunk, line, InlineAllow::Own), None, "{chunk:?}");
        }
        assert_eq!(reason("x = 1 # staunch:allow", 1, InlineAllow::Own).as_deref(), Some(""));
        assert_eq!(reason("x = 1 # staunch:allow", 1, InlineAllow::None), None);
    }
}
