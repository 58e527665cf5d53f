//! JUnit's XML, which every CI service shows as tests that failed.

use std::io::{self, Write};

use super::document::{Credential, Document};
use super::{Page, Render, phrase, text};

pub(super) struct JUnit;

impl Render for JUnit {
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let failures = document.credentials.len();
        let gaps: Vec<_> = document.coverage.skipped.iter().filter(|skip| skip.incomplete).collect();
        let is_clean = failures == 0 && gaps.is_empty();
        let tests = if is_clean { 1 } else { failures + gaps.len() };
        let counts =
            format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{}\" time=\"{:.3}\"", gaps.len(), page.elapsed.as_secs_f64());
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"staunch\" {counts}>")?;
        writeln!(out, "  <testsuite name=\"secrets\" {counts}>")?;
        if is_clean {
            writeln!(out, "    <testcase classname=\"staunch\" name=\"no credentials in {}\"/>", escape(&document.coverage.scope))?;
        }
        for credential in &document.credentials {
            failure(credential, document, out)?;
        }
        for skip in gaps {
            writeln!(out, "    <testcase classname=\"staunch\" name=\"{}\">", escape(&format!("scan of {}", skip.what)))?;
            writeln!(out, "      <error type=\"not scanned\" message=\"{}\"/>", escape(&skip.why.to_string()))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

fn failure(credential: &Credential, document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let Some(lead) = credential.lead() else { return Ok(()) };
    let [line, ..] = lead.region();
    let name = format!("{} {} in {}:{line}", credential.title, credential.secret, lead.path);
    let file = if lead.is_shown() { format!(" file=\"{}\" line=\"{line}\"", escape(lead.top_path())) } else { String::new() };
    writeln!(out, "    <testcase classname=\"{}\" name=\"{}\"{file}>", escape(&credential.detector), escape(&name))?;
    writeln!(out, "      <failure type=\"{}\" message=\"{}\">", credential.severity.word(), escape(&phrase::of(credential)))?;
    for place in credential.places.iter().take(SHOWN_PLACES) {
        writeln!(out, "at {}", escape(&format!("{}:{}:{}", place.path, place.line, place.column)))?;
    }
    if credential.places.len() > SHOWN_PLACES {
        writeln!(out, "and {} more places", credential.places.len() - SHOWN_PLACES)?;
    }
    for step in phrase::steps(document, credential) {
        writeln!(out, "{}", escape(&step))?;
    }
    writeln!(out, "fingerprint {}", escape(&credential.fingerprint))?;
    writeln!(out, "      </failure>\n    </testcase>")
}

/// Places of one credential that are named; CI services show some screens of text.
const SHOWN_PLACES: usize = 20;

/// Text as XML has it; characters that XML cannot have at all are written out by `safe`.
fn escape(said: &str) -> String {
    let mut escaped = String::with_capacity(said.len());
    for c in text::safe(said).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
