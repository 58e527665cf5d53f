//! What is wrong with a detector file: its place, and the line it stands on.

use std::fmt;

use serde_saphyr::Location;

/// Why a detector file is not valid.
#[derive(Debug)]
pub struct Error {
    place: String,
    line: u64,
    column: u64,
    what: String,
    frame: String,
}

impl Error {
    /// Returns the line that is wrong, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the column that is wrong, from 1.
    pub fn column(&self) -> u64 {
        self.column
    }

    /// Returns what is wrong, without its place.
    pub fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn new(text: &str, place: &str, location: Location, what: &str) -> Self {
        let (line, column) = (location.line(), location.column());
        let frame = usize::try_from(line)
            .ok()
            .and_then(|line| text.lines().nth(line.checked_sub(1)?))
            .map(|source| {
                let caret = usize::try_from(column).unwrap_or(1).saturating_sub(1);
                let number = line.to_string();
                let gutter = " ".repeat(number.len());
                format!("\n{gutter} |\n{number} | {source}\n{gutter} | {}^", " ".repeat(caret))
            })
            .unwrap_or_default();
        Error { place: place.to_owned(), line, column, what: what.to_owned(), frame }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}: {}{}", self.place, self.line, self.column, self.what, self.frame)
    }
}

impl std::error::Error for Error {}
