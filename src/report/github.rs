//! What GitHub shows beside a change: annotations, which are commands on standard output, and the summary of a job.
//!
//! Whoever writes a file's name into a command writes commands, unless it is escaped: names and texts are hostile. Logs and pages of
//! jobs are read by everybody who may read the repository, so no secret is in them, whatever was asked for.

use crate::count::counted;
use std::io::{self, Write};

use super::document::{Credential, Document, Place};
use super::{Page, Render, phrase, text};
use crate::detector::Severity;

/// Annotations: `::error file=…::…`.
pub(super) struct GitHub;

/// The summary of a job, in Markdown.
pub(super) struct Summary;

/// GitHub keeps ten of each kind from a step.
const KEPT: usize = 10;
/// A megabyte is what a summary may have; a row of ours has half a kilobyte at most.
const SUMMARY_ROWS: usize = 1_000;

impl Render for GitHub {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        annotations(document, out)
    }
}

impl Render for Summary {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        summary(document, out)
    }
}

fn annotations(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let (errors, warnings): (Vec<_>, Vec<_>) = document.credentials.iter().partition(|credential| credential.severity >= Severity::High);
    for (kind, credentials) in [("error", errors), ("warning", warnings)] {
        for credential in credentials.iter().take(KEPT) {
            annotation(kind, credential, out)?;
        }
        if credentials.len() > KEPT {
            let more = credentials.len() - KEPT;
            writeln!(out, "::notice title=staunch::{more} more are in the log, since GitHub shows {KEPT} of each kind")?;
        }
    }
    if !document.complete {
        writeln!(out, "::warning title=staunch::Not everything could be checked; the log says what is missing")?;
    }
    Ok(())
}

fn annotation(kind: &str, credential: &Credential, out: &mut dyn Write) -> io::Result<()> {
    let lead = credential.lead();
    let mut properties = Vec::new();
    if let Some(lead) = lead.filter(|lead| lead.has_path()) {
        let [line, column, end_line, end_column] = lead.region();
        properties.push(format!("file={},line={line},endLine={end_line}", property(lead.top_path())));
        if line == end_line {
            properties.push(format!("col={column},endColumn={end_column}"));
        }
    }
    properties.push(format!("title={}", property(&credential.title)));
    // An earlier report of ours may have been cut down to credentials without places.
    let mut message = text::masked(&credential.secret).into_owned();
    if let Some(lead) = lead {
        message.push_str(&format!(" in {}", place(lead)));
    }
    if credential.places.len() > 1 {
        message.push_str(&format!(" and {}", counted(credential.places.len() - 1, "more place")));
    }
    message.push_str(&format!(". How to revoke it: staunch detectors show {}", credential.detector));
    writeln!(out, "::{kind} {}::{}", properties.join(","), escaped(&message))
}

fn summary(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let count = document.credentials.len();
    let headline = match count {
        0 => "no credential found".to_owned(),
        _ => format!("{} to revoke", counted(count, "credential")),
    };
    writeln!(out, "### staunch: {headline}\n\nChecked: {}.\n", markdown(&document.coverage.scope))?;
    if !document.complete {
        writeln!(out, "**Not everything could be checked**, so this is no clean result:\n")?;
        for skip in document.coverage.skipped.iter().filter(|skip| skip.incomplete).take(KEPT) {
            writeln!(out, "- {}: {}", markdown(&skip.what), markdown(&skip.why.to_string()))?;
        }
        writeln!(out)?;
    }
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "| Severity | Credential | Where | Revoke |\n|---|---|---|---|")?;
    for credential in document.credentials.iter().take(SUMMARY_ROWS) {
        let console = document.detectors.get(&credential.detector).map_or("", |kind| &kind.guidance.revoke.console);
        let revoke = if console.is_empty() { format!("staunch detectors show {}", credential.detector) } else { console.to_owned() };
        writeln!(
            out,
            "| {} | {} {} | {} | {} |",
            credential.severity.word(),
            markdown(&credential.title),
            markdown(&text::masked(&credential.secret)),
            markdown(&credential.lead().map(place).unwrap_or_default()),
            markdown(&revoke),
        )?;
    }
    if count > SUMMARY_ROWS {
        writeln!(out, "\nand {} more", count - SUMMARY_ROWS)?;
    }
    Ok(())
}

fn place(place: &Place) -> String {
    if !place.has_path() {
        return place.path.to_string();
    }
    let commit = place.commit.as_ref().map(|commit| format!(" in {}", phrase::short(commit))).unwrap_or_default();
    format!("{}:{}{commit}", place.shown(place.top_path()), place.shown_region()[0])
}

/// Escapes a message of a command.
fn escaped(said: &str) -> String {
    text::safe(&said.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Escapes a property of a command.
fn property(said: &str) -> String {
    escaped(said).replace(':', "%3A").replace(',', "%2C")
}

/// Escapes what Markdown, a table or HTML would take for its own.
fn markdown(said: &str) -> String {
    let mut escaped = String::with_capacity(said.len());
    for c in text::safe(said).chars().take(400) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '#' | '~' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_no_commands() {
        assert_eq!(super::property("a,b:c%\r\n::error::x"), "a%2Cb%3Ac%25%0D%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(super::escaped("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(super::markdown("a|b`<i>\n[x](y)"), "a&#124;b\\`&lt;i&gt;\\\\u{a}\\[x\\](y)");
    }
}
