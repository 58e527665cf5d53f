//! GitLab's report of secret detection, version 15.2.4 of its schema.
//!
//! The excerpt of the source that GitLab would take is left out: it is kept as it is, secret included.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{Credential, Document, Place};
use super::{Page, Render, json, phrase, text};
use crate::detector::Severity;

pub(super) struct GitLab;

/// GitLab takes reports of its own major and minor version only.
const SCHEMA_VERSION: &str = "15.2.4";
/// GitLab refuses longer names.
const MAX_NAME_CHARS: usize = 255;
/// GitLab refuses longer solutions.
const MAX_SOLUTION_CHARS: usize = 7_000;
/// What GitLab's own scanner writes for a commit where there is none.
const NO_COMMIT: &str = "0000000";

impl Render for GitLab {
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Whole<'d> {
            version: &'static str,
            scan: Value,
            vulnerabilities: Vulnerabilities<'d>,
        }
        let whole = Whole { version: SCHEMA_VERSION, scan: scan(document, page), vulnerabilities: Vulnerabilities(document) };
        json::pretty(&whole, out)
    }
}

struct Vulnerabilities<'d>(&'d Document);

impl Serialize for Vulnerabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.credentials.iter().filter_map(|credential| vulnerability(credential, self.0)))
    }
}

fn scan(document: &Document, page: &Page) -> Value {
    let own = json!({
        "id": "staunch",
        "name": "staunch",
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": { "name": "staunch" },
        "url": env!("CARGO_PKG_REPOSITORY"),
    });
    // Without the letter that says UTC: GitLab's schema has no room for it.
    let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let messages: Vec<Value> = document
        .coverage
        .skipped
        .iter()
        .map(|skip| {
            let said = format!("not scanned: {}: {}", text::safe(&skip.what), text::safe(&skip.why.to_string()));
            json!({ "level": if skip.incomplete { "warn" } else { "info" }, "value": said })
        })
        .collect();
    json!({
        "analyzer": own,
        "scanner": own,
        "type": "secret_detection",
        "start_time": time(page.started),
        "end_time": time(page.started.checked_add(page.elapsed).unwrap_or(page.started)),
        "status": if document.complete { "success" } else { "failure" },
        "messages": messages,
    })
}

fn vulnerability(credential: &Credential, document: &Document) -> Option<Value> {
    let lead = credential.lead()?;
    let mut vulnerability = json!({
        "id": uuid(credential),
        "name": phrase::cut(&text::safe(&credential.title), MAX_NAME_CHARS),
        "description": phrase::of(credential),
        "severity": severity(credential.severity),
        "identifiers": identifiers(credential, document),
        "location": location(lead, document),
    });
    let steps = phrase::steps(document, credential);
    if !steps.is_empty() {
        vulnerability["solution"] = json!(phrase::cut(&steps.join("\n"), MAX_SOLUTION_CHARS));
    }
    Some(vulnerability)
}

/// The first one is what GitLab knows a finding by; nothing in it may depend on the secret.
fn identifiers(credential: &Credential, document: &Document) -> Vec<Value> {
    let own = json!({ "type": "staunch_detector", "name": format!("staunch {}", credential.detector), "value": credential.detector });
    let cwe = document.detectors.get(&credential.detector).map(|kind| kind.cwe.as_slice()).unwrap_or_default();
    let weaknesses = cwe.iter().map(|number| {
        json!({
            "type": "cwe",
            "name": format!("CWE-{number}"),
            "value": number.to_string(),
            "url": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        })
    });
    std::iter::once(own).chain(weaknesses).collect()
}

fn location(place: &Place, document: &Document) -> Value {
    // What has the same file, line and kind is the same to GitLab: two members of an archive are two files.
    let [line, _, end_line, _] = place.shown_region();
    // What is in HEAD is in the commit that was checked out; what is not, in the commit that brought it.
    let is_brought = place.commit.is_some() && !place.is_shown();
    let mut commit =
        json!({ "sha": place.commit.as_deref().filter(|_| is_brought).or(document.subject.commit.as_deref()).unwrap_or(NO_COMMIT) });
    if is_brought {
        for (key, said) in [("author", &place.author), ("message", &place.summary)] {
            if let Some(said) = said {
                commit[key] = json!(text::safe(said));
            }
        }
        if let Some(date) = place.date {
            commit["date"] = json!(date.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }
    let file = if place.has_path() { place.shown(place.top_path()) } else { place.object_path() };
    json!({ "file": file, "start_line": line, "end_line": end_line, "commit": commit })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

/// A UUID of our own making (version 8 of RFC 9562) that is the same for the same credential in every report.
fn uuid(credential: &Credential) -> String {
    let hash = blake3::derive_key("staunch 2026-11 id of a GitLab vulnerability", credential.fingerprint.as_bytes());
    let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-8{}-8{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32])
}
