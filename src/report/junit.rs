//! JUnit's XML, which every CI service shows as tests that failed.

use crate::count::counted;
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
            writeln!(out, "    <testcase classname=\"staunch\" name=\"no credentials in {}\"/>", text::markup(&document.coverage.scope))?;
        }
        for credential in &document.credentials {
            failure(credential, document, out)?;
        }
        for skip in gaps {
            writeln!(out, "    <testcase classname=\"staunch\" name=\"{}\">", text::markup(&format!("scan of {}", skip.what)))?;
            writeln!(out, "      <error type=\"not scanned\" message=\"{}\"/>", text::markup(&skip.why.to_string()))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

fn failure(credential: &Credential, document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let Some(lead) = credential.lead() else { return Ok(()) };
    let name = format!("{} {} in {}:{}", credential.title, credential.secret, lead.shown(&lead.path), lead.shown_region()[0]);
    let [line, ..] = lead.region();
    let file = if lead.is_shown() { format!(" file=\"{}\" line=\"{line}\"", text::markup(lead.top_path())) } else { String::new() };
    writeln!(out, "    <testcase classname=\"{}\" name=\"{}\"{file}>", text::markup(&credential.detector), text::markup(&name))?;
    writeln!(out, "      <failure type=\"{}\" message=\"{}\">", credential.severity.word(), text::markup(&phrase::of(credential)))?;
    for place in credential.places.iter().take(SHOWN_PLACES) {
        writeln!(out, "at {}", text::markup(&format!("{}:{}:{}", place.name(), place.line, place.column)))?;
    }
    if credential.places.len() > SHOWN_PLACES {
        writeln!(out, "and {}", counted(credential.places.len() - SHOWN_PLACES, "more place"))?;
    }
    for step in phrase::steps(document, credential) {
        writeln!(out, "{}", text::markup(&step))?;
    }
    writeln!(out, "fingerprint {}", text::markup(&credential.fingerprint))?;
    writeln!(out, "      </failure>\n    </testcase>")
}

/// Places of one credential that are named; CI services show some screens of text.
const SHOWN_PLACES: usize = 20;
