//! Bitbucket Cloud's Code Insights: a report and its annotations, as `staunch upload bitbucket` sends them.

use crate::count::counted;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{Credential, Document};
use super::{LeftOut, Page, Render, json, phrase};
use crate::detector::Severity;

pub(super) struct Bitbucket;

/// Bitbucket takes so many annotations of a report.
const MAX_ANNOTATIONS: usize = 1_000;
/// Bitbucket refuses longer summaries.
const MAX_SUMMARY_CHARS: usize = 450;
/// Bitbucket refuses longer details; there is no documented limit, so they are kept to what a page shows.
const MAX_DETAILS_CHARS: usize = 2_000;

impl Render for Bitbucket {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Whole<'d> {
            report: Value,
            annotations: Annotations<'d>,
        }
        json::pretty(&Whole { report: report(document), annotations: Annotations(document) }, out)
    }

    fn left_out(&self, document: &Document, _page: &Page) -> Option<LeftOut> {
        let credentials = document.credentials.len().saturating_sub(MAX_ANNOTATIONS);
        (credentials > 0).then_some(LeftOut { credentials, limit: "Bitbucket takes 1,000 annotations" })
    }
}

struct Annotations<'d>(&'d Document);

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let credentials = self.0.credentials.iter().take(MAX_ANNOTATIONS);
        serializer.collect_seq(credentials.filter_map(|credential| annotation(credential, self.0)))
    }
}

fn report(document: &Document) -> Value {
    let count = document.credentials.len();
    let of = |severity| document.credentials.iter().filter(|credential| credential.severity == severity).count();
    let gaps = document.coverage.skipped.iter().filter(|skip| skip.incomplete).count();
    let mut details = match count {
        0 => "No credentials were found".to_owned(),
        1 => "One credential was found. Revoke it first, then remove it".to_owned(),
        _ => format!("{count} credentials were found. Revoke them first, then remove them"),
    };
    if gaps > 0 {
        details.push_str(&format!(". {} could not be read, so this is not all", counted(gaps, "thing")));
    }
    let numbers =
        [("Critical", of(Severity::Critical)), ("High", of(Severity::High)), ("Medium", of(Severity::Medium)), ("Low", of(Severity::Low))];
    json!({
        "title": "Secrets",
        "details": format!("{details}."),
        "reporter": "staunch",
        "report_type": "SECURITY",
        "result": if count == 0 && document.complete { "PASSED" } else { "FAILED" },
        "data": numbers.map(|(title, value)| json!({ "title": title, "type": "NUMBER", "value": value })),
    })
}

fn annotation(credential: &Credential, document: &Document) -> Option<Value> {
    let lead = credential.lead()?;
    let mut annotation = json!({
        "external_id": format!("staunch-{}", credential.fingerprint),
        "annotation_type": "VULNERABILITY",
        "summary": phrase::cut(&phrase::of(credential), MAX_SUMMARY_CHARS),
        "severity": severity(credential.severity),
        "result": "FAILED",
    });
    let steps = phrase::steps(document, credential).join("\n");
    if !steps.is_empty() {
        annotation["details"] = json!(phrase::cut(&steps, MAX_DETAILS_CHARS));
    }
    // An annotation without a path stands at the report itself.
    if lead.is_shown() {
        annotation["path"] = json!(lead.top_path());
        annotation["line"] = json!(lead.region()[0]);
    }
    Some(annotation)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
    }
}
