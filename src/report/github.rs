//! What GitHub shows beside a change: annotations, which are commands on standard output, and the summary of a job.
//!
//! Whoever writes a file's name into a command writes commands, unless it is escaped: names and texts are hostile.

use std::io::{self, Write};

use super::{Page, Report, pretty, text};
use crate::credential::Credential;
use crate::detector::Severity;
use crate::verdict::{Outcome, Provenance, Verdict};

/// Annotations: `::error file=…::…`.
pub(super) struct GitHub;

/// GitHub keeps ten of each kind from a step.
const KEPT: usize = 10;
/// A megabyte is what a summary may have; a row of ours has half a kilobyte at most.
const SUMMARY_ROWS: usize = 1_000;

impl Report for GitHub {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let credentials = outcome.credentials();
        let (errors, warnings): (Vec<_>, Vec<_>) = credentials.iter().partition(|credential| credential.severity() >= Severity::High);
        for (kind, credentials) in [("error", errors), ("warning", warnings)] {
            for credential in credentials.iter().take(KEPT) {
                annotation(kind, credential, page, out)?;
            }
            if credentials.len() > KEPT {
                let more = credentials.len() - KEPT;
                writeln!(out, "::notice title=staunch::{more} more are in the log, since GitHub shows {KEPT} of each kind")?;
            }
        }
        if !outcome.coverage.is_complete() {
            writeln!(out, "::warning title=staunch::Not everything could be checked; the log says what is missing")?;
        }
        Ok(())
    }
}

fn annotation(kind: &str, credential: &Credential<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let lead = credential.lead();
    let finding = &lead.finding;
    let mut properties = Vec::new();
    if finding.origin.path().is_some() {
        properties.push(format!("file={}", property(&page.here.from_top(&finding.origin).to_string())));
        let (start, end) = (finding.start, finding.end);
        properties.push(format!("line={},endLine={}", start.line, end.line));
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title={}", property(&finding.detector.title)));
    let mut message = format!("{} in {}", finding.secret.mask(), place(lead, page));
    if credential.places.len() > 1 {
        message.push_str(&format!(" and {} more places", credential.places.len() - 1));
    }
    message.push_str(&format!(". How to revoke it: staunch detectors show {}", finding.detector.id));
    writeln!(out, "::{kind} {}::{}", properties.join(","), escaped(&message))
}

/// Writes the summary of a job, in Markdown.
///
/// # Errors
/// When it cannot be written.
pub fn summary(outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let credentials = outcome.credentials();
    let count = credentials.len();
    let headline = match count {
        0 => "no credential found".to_owned(),
        _ => format!("{count} {} to revoke", pretty::plural(count, "credential")),
    };
    writeln!(out, "### staunch: {headline}\n\nChecked: {}.\n", markdown(&outcome.coverage.scope))?;
    if !outcome.coverage.is_complete() {
        let gaps: Vec<_> = outcome.coverage.skips.iter().filter(|skip| skip.why.is_incomplete()).collect();
        writeln!(out, "**Not everything could be checked**, so this is no clean result:\n")?;
        for skip in gaps.iter().take(KEPT) {
            writeln!(out, "- {}: {}", markdown(&skip.what), markdown(&skip.why.to_string()))?;
        }
        writeln!(out)?;
    }
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "| Severity | Credential | Where | Revoke |\n|---|---|---|---|")?;
    for credential in credentials.iter().take(SUMMARY_ROWS) {
        let lead = credential.lead();
        let finding = &lead.finding;
        let console = &finding.detector.guidance.revoke.console;
        let revoke = if console.is_empty() { format!("staunch detectors show {}", finding.detector.id) } else { console.to_string() };
        writeln!(
            out,
            "| {} | {} {} | {} | {} |",
            credential.severity().word(),
            markdown(&finding.detector.title),
            markdown(&finding.secret.mask()),
            markdown(&place(lead, page)),
            markdown(&revoke),
        )?;
    }
    if count > SUMMARY_ROWS {
        writeln!(out, "\nand {} more", count - SUMMARY_ROWS)?;
    }
    Ok(())
}

fn place(verdict: &Verdict, page: &Page) -> String {
    let origin = &verdict.finding.origin;
    let mut place = match origin.path() {
        Some(_) => format!("{}:{}", page.here.from_top(origin), verdict.finding.start.line),
        None => origin.label().to_string(),
    };
    if let (Some(_), Provenance::Known(commit)) = (origin.path(), &verdict.context.provenance) {
        place.push_str(&format!(" in {}", commit.id.to_hex_with_len(10)));
    }
    place
}

/// Escapes a message of a command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

/// Escapes what Markdown, a table or HTML would take for its own.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text::safe(text).chars().take(400) {
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
