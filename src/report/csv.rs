//! Comma-separated values, one row for each place, for spreadsheets.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe: names of files are hostile.

use std::io::{self, Write};

use super::document::{Credential, Document, Place, Shared};
use super::{Page, Render, text};

pub(super) struct Csv;

const COLUMNS: [&str; 22] = [
    "severity",
    "confidence",
    "detector",
    "title",
    "provider",
    "secret",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "head_line",
    "commit",
    "author",
    "email",
    "date",
    "removed_by",
    "removed_on",
    "expires",
    "fingerprint",
    "state",
    "tag",
];

impl Render for Csv {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        row(COLUMNS.map(str::to_owned), out)?;
        for credential in &document.credentials {
            for place in &credential.places {
                row(cells(credential, place), out)?;
            }
        }
        // Who reads this far must not take a part for the whole.
        for skip in document.coverage.skipped.iter().filter(|skip| skip.incomplete) {
            let mut cells = [const { String::new() }; COLUMNS.len()];
            cells[3] = format!("not scanned: {}", skip.why);
            cells[6].clone_from(&skip.what);
            row(cells, out)?;
        }
        Ok(())
    }
}

fn cells(credential: &Credential, place: &Place) -> [String; COLUMNS.len()] {
    let said = |text: &Option<Shared>| text.as_deref().unwrap_or_default().to_owned();
    let of_place = |own: &Option<Shared>, all: &Shared| own.as_ref().unwrap_or(all).to_string();
    let removed = place.removed.as_ref();
    [
        place.severity.unwrap_or(credential.severity).word().to_owned(),
        place.confidence.unwrap_or(credential.confidence).word().to_owned(),
        of_place(&place.detector, &credential.detector),
        of_place(&place.title, &credential.title),
        credential.provider.to_string(),
        of_place(&place.secret, &credential.secret),
        place.name(),
        place.line.to_string(),
        place.column.to_string(),
        place.end_line.to_string(),
        place.end_column.to_string(),
        place.head_line.map(|line| line.to_string()).unwrap_or_default(),
        said(&place.commit),
        said(&place.author),
        said(&place.email),
        place.date.map(|date| date.to_string()).unwrap_or_default(),
        removed.map(|commit| commit.id.to_string()).unwrap_or_default(),
        removed.map(|commit| commit.date.to_string()).unwrap_or_default(),
        credential.expiry.and_then(|expiry| expiry.at).map(|at| at.to_string()).unwrap_or_default(),
        of_place(&place.fingerprint, &credential.fingerprint),
        credential.state.map(|state| state.word().to_owned()).unwrap_or_default(),
        said(&place.tag),
    ]
}

fn row(cells: [String; COLUMNS.len()], out: &mut dyn Write) -> io::Result<()> {
    for (number, cell) in cells.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        write!(out, "{comma}{}", quoted(cell))?;
    }
    out.write_all(b"\r\n")
}

fn quoted(cell: &str) -> String {
    let mut cell = text::safe(cell);
    // Also as wide characters, which some spreadsheets take for the narrow ones, and behind blanks, which some cut.
    let first = cell.trim_start().chars().next();
    if first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '|' | '%' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')) {
        cell.insert(0, '\'');
    }
    let must_quote = cell.contains([',', '"', ';', '\'']) || cell != cell.trim();
    if must_quote { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for (cell, written) in [
            ("plain", "plain"),
            ("=1+1", "\"'=1+1\""),
            ("  @SUM(A1)", "\"'  @SUM(A1)\""),
            ("\u{ff1d}x", "\"'\u{ff1d}x\""),
            ("a,b\"c", "\"a,b\"\"c\""),
            ("line\nfeed", "line\\u{a}feed"),
            ("", ""),
        ] {
            assert_eq!(super::quoted(cell), written);
        }
    }
}
