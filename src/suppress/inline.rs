//! `staunch:allow` in a comment, on the line of the secret or the line above it.
//!
//! After the mark may stand the id of a detector, then a reason: `staunch:allow jwt demo token of the tutorial`.

use bstr::ByteSlice as _;

use crate::detector::Detector;
use crate::span::Lines;

const MARK: &[u8] = b"staunch:allow";

/// A mark in a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    line: usize,
    /// Whether nothing but the comment is on its line: only then it speaks for the next one.
    is_alone: bool,
    words: String,
}

/// Reads all marks of a chunk.
pub fn marks(chunk: &[u8]) -> Vec<Mark> {
    let mut found = memchr::memmem::find_iter(chunk, MARK).peekable();
    if found.peek().is_none() {
        return Vec::new();
    }
    let lines = Lines::new(chunk);
    let goes_on = |at: usize| chunk.get(at + MARK.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-');
    found.filter(|&at| !goes_on(at)).map(|at| mark(chunk, &lines, at)).collect()
}

fn mark(chunk: &[u8], lines: &Lines<'_>, at: usize) -> Mark {
    let line = lines.line_of(at);
    let span = lines.span(line).unwrap_or(crate::span::Span::new(at, chunk.len()));
    let before = &chunk[span.start..at];
    let is_alone = !before.iter().any(|b| b.is_ascii_alphanumeric());
    let after = chunk[(at + MARK.len()).min(span.end)..span.end].to_str_lossy();
    let mut words = after.trim_start_matches([':', ' ', '\t']).trim_end();
    for end in ["*/", "-->", "#}", "%>"] {
        // What follows the comment is code, and no reason.
        words = words.split(end).next().unwrap_or(words).trim_end();
    }
    Mark { line, is_alone, words: words.chars().filter(|c| !c.is_control()).take(200).collect() }
}

/// Returns the reason of a mark that allows a finding on these lines, if there is one.
///
/// `is_id` tells whether a word is the id of some detector: then the mark is for that one only.
pub fn reason(marks: &[Mark], detector: &Detector, is_id: &dyn Fn(&str) -> bool, first_line: usize, last_line: usize) -> Option<String> {
    marks.iter().find_map(|mark| {
        let is_beside = (first_line..=last_line).contains(&mark.line);
        let is_above = mark.is_alone && mark.line + 1 == first_line;
        if !is_beside && !is_above {
            return None;
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
    use crate::detect::Catalog;

    #[test]
    fn a_mark_allows_its_line_and_alone_the_next() {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().find(|d| d.id == "generic-password").expect("it ships");
        for (chunk, line, reason) in [
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
            let marks = super::marks(chunk.as_bytes());
            assert_eq!(super::reason(&marks, detector, &|id| catalog.knows(id), line, line).as_deref(), reason, "{chunk:?}");
        }
        assert_eq!(super::marks(b"nothing"), []);
    }
}
