//! Where in a chunk something is: bytes inside, lines and columns outside.

use std::cell::Cell;

use bstr::ByteSlice as _;

/// A range of bytes in a chunk, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Returns the span from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span does not run backwards");
        Span { start, end }
    }

    /// Returns the number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Returns whether there are no bytes in it.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Returns the bytes of `chunk` that the span covers.
    pub fn of(self, chunk: &[u8]) -> &[u8] {
        &chunk[self.start..self.end]
    }

    /// Returns whether at least one byte is in both.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A line and a column as people count them: both from 1, columns in Unicode code points.
///
/// A maximal run of bytes that is no UTF-8 counts as one code point, as where text is decoded with replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// Finds lines in a chunk; made once for a chunk that has something to show.
pub struct Lines<'c> {
    chunk: &'c [u8],
    starts: Vec<usize>,
    /// The offset and column asked for last: the next one on the same line is counted from there, so that a thousand
    /// findings on one line of 200 MB cost one pass over it.
    last: Cell<(usize, usize)>,
}

impl<'c> Lines<'c> {
    /// Splits a chunk at its line feeds.
    pub fn new(chunk: &'c [u8]) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', chunk).map(|at| at + 1)).collect();
        Lines { chunk, starts, last: Cell::new((0, 1)) }
    }

    /// Returns the number of the line (from 1) that holds the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// Returns line and column of the byte at `offset`.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line_of(offset);
        let start = self.starts[line - 1];
        let (known, columns) = self.last.get();
        // From within a character, half of it would be counted twice.
        let is_between = self.chunk.get(known).is_none_or(|byte| byte & 0xc0 != 0x80);
        let (from, before) = if is_between && start < known && known <= offset { (known, columns) } else { (start, 1) };
        let column = before + self.chunk[from..offset].chars().count();
        self.last.set((offset, column));
        Position { line, column }
    }

    /// Returns the span of a line (from 1) without its line end, if there is such a line.
    pub fn span(&self, line: usize) -> Option<Span> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).map_or(self.chunk.len(), |next| next - 1);
        let end = if end > start && self.chunk[end - 1] == b'\r' { end - 1 } else { end };
        Some(Span::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Position, Span};

    #[test]
    fn positions_count_code_points_from_one() {
        let lines = Lines::new("ab\nκλειδί=x\r\n\nz".as_bytes());
        for (offset, line, column, why) in [
            (0, 1, 1, "first byte"),
            (2, 1, 3, "the line feed belongs to its line"),
            (3, 2, 1, "first of the second line"),
            (16, 2, 8, "six Greek letters are twelve bytes and six columns, the sign one more"),
            (19, 3, 1, "an empty line"),
            (20, 4, 1, "last line without line feed"),
        ] {
            assert_eq!(lines.position(offset), Position { line, column }, "{why}");
        }
        assert_eq!(lines.span(2), Some(Span::new(3, 17)), "without carriage return and line feed");
        assert_eq!(lines.span(5), None);
    }

    #[test]
    fn a_column_is_the_same_whatever_was_asked_before() {
        let text = "αβγ x=1; δ y=2\nz=3";
        let fresh = |offset: usize| Lines::new(text.as_bytes()).position(offset);
        let lines = Lines::new(text.as_bytes());
        for offset in [7, 13, 9, 16, 3, 17, 7] {
            assert_eq!(lines.position(offset), fresh(offset), "{offset}");
        }
    }

    #[test]
    fn a_run_of_bytes_that_is_no_text_is_one_column() {
        let lines = Lines::new(b"\xff\xfe=x");
        assert_eq!(lines.position(2).column, 3, "two lone bytes, two columns");
        let cut = Lines::new(b"\xe2\x82=x");
        assert_eq!(cut.position(2).column, 2, "a cut-off sequence is one column");
    }
}
