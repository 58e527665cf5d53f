//! GitLab's code quality report, which every tier shows beside the lines of a merge request.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{Credential, Document};
use super::{Page, Render, json, phrase};
use crate::detector::Severity;

pub(super) struct CodeQuality;

impl Render for CodeQuality {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(&Issues(document), out)
    }
}

struct Issues<'d>(&'d Document);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.credentials.iter().filter_map(issue))
    }
}

fn issue(credential: &Credential) -> Option<Value> {
    let lead = credential.lead()?;
    let path = if lead.has_path() { lead.top_path().to_owned() } else { lead.object_path() };
    Some(json!({
        "description": phrase::of(credential),
        "check_name": credential.detector,
        "fingerprint": credential.fingerprint,
        "severity": severity(credential.severity),
        "location": { "path": path, "lines": { "begin": lead.region()[0] } },
    }))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}
