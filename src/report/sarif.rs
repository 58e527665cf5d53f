//! SARIF 2.1.0, in the part of it that code hosts read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Page, Report, place, text};
use crate::detector::{Detector, Severity};
use crate::finding::Confidence;
use crate::verdict::{Expiry, Outcome, Provenance, Verdict};

pub(super) struct Sarif;

/// More results than this make GitHub refuse the file.
const MAX_RESULTS: usize = 25_000;

impl Report for Sarif {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let mut verdicts: Vec<&Verdict> = outcome.reported().collect();
        verdicts.sort_by_key(|verdict| std::cmp::Reverse((verdict.severity(), verdict.finding.confidence)));
        let cut = verdicts.len().saturating_sub(MAX_RESULTS);
        verdicts.truncate(MAX_RESULTS);
        let rules: BTreeMap<&str, &Detector> =
            verdicts.iter().map(|verdict| (verdict.finding.detector.id.as_ref(), &*verdict.finding.detector)).collect();
        let indices: BTreeMap<&str, usize> = rules.keys().copied().zip(0..).collect();
        let results: Vec<Value> = verdicts.iter().map(|verdict| result(verdict, &indices, page)).collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "staunch",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.values().map(|detector| rule(detector)).collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "The top of the repository." } } },
                "redactionTokens": ["…"],
                "automationDetails": { "id": if page.by_credential { "staunch/history/" } else { "staunch/tree/" } },
                "invocations": [invocation(outcome, cut)],
                "results": results,
            }],
        });
        serde_json::to_writer_pretty(&mut *out, &log)?;
        writeln!(out)
    }
}

fn rule(detector: &Detector) -> Value {
    json!({
        "id": detector.id,
        "name": pascal(&detector.id),
        "shortDescription": { "text": format!("{} in the repository.", cut(&detector.title, 900)) },
        "fullDescription": { "text": cut(&format!("A value that looks like a {} credential: {}.", detector.provider, detector.title), 1000) },
        "help": { "text": help(detector), "markdown": help(detector) },
        "defaultConfiguration": { "level": level(detector.severity) },
        "properties": {
            "tags": ["security", "secret", "external/cwe/cwe-798"],
            "precision": if detector.is_self_identifying() { "very-high" } else { "medium" },
            "security-severity": score(detector.severity),
        },
    })
}

/// The steps to take, as Markdown that also reads as plain text.
fn help(detector: &Detector) -> String {
    let guidance = &detector.guidance;
    let mut help = format!("{} was found in the repository. Revoke it first, then clean up.\n", detector.title);
    if !guidance.revoke.console.is_empty() {
        help.push_str(&format!("\nRevoke: {}\n", guidance.revoke.console));
    }
    for command in guidance.revoke.cli.iter() {
        help.push_str(&format!("\n    {command}\n"));
    }
    help.push_str("\nReplace it:\n\n");
    for (number, step) in (1..).zip(guidance.rotate.iter()) {
        help.push_str(&format!("{number}. {step}\n"));
    }
    for (what, said) in [
        ("Who can revoke", &guidance.who_can_revoke),
        ("Its use is recorded in", &guidance.investigate.logs),
        ("It reaches", &guidance.reaches),
        ("Instead", &guidance.prevent),
    ] {
        if !said.is_empty() {
            help.push_str(&format!("\n{what}: {said}.\n"));
        }
    }
    for reference in guidance.references.iter() {
        help.push_str(&format!("\n- {reference}"));
    }
    help
}

fn result(verdict: &Verdict, indices: &BTreeMap<&str, usize>, page: &Page) -> Value {
    let finding = &verdict.finding;
    let id = finding.detector.id.as_ref();
    json!({
        "ruleId": id,
        "ruleIndex": indices.get(id),
        "level": level(verdict.severity()),
        "message": { "text": message(verdict, page) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": place::uri(&finding.origin, page), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": finding.start.line,
                "startColumn": finding.start.column,
                "endLine": finding.end.line,
                "endColumn": finding.end.column,
            },
        }}],
        "partialFingerprints": { "secretFingerprint/v1": finding.fingerprint },
        "properties": { "confidence": finding.confidence.word(), "severity": verdict.severity().word() },
    })
}

fn message(verdict: &Verdict, page: &Page) -> String {
    let finding = &verdict.finding;
    let shown = text::safe(&text::secret(&finding.secret, page.show_secrets));
    let mut message = format!("{} '{shown}' ({} confidence).", finding.detector.title, finding.confidence.word());
    if let Provenance::Known(commit) = &verdict.context.provenance {
        message.push_str(&format!(" Brought by commit {} on {}.", commit.id.to_hex_with_len(10), commit.date.strftime("%Y-%m-%d")));
    }
    match verdict.context.expiry {
        Expiry::Expired(at) => message.push_str(&format!(" Expired on {}.", at.strftime("%Y-%m-%d"))),
        Expiry::Expires(at) => message.push_str(&format!(" Expires on {}.", at.strftime("%Y-%m-%d"))),
        Expiry::Unstated | Expiry::Never => {}
    }
    if finding.confidence == Confidence::High {
        message.push_str(" Revoke it, then remove it.");
    }
    message
}

fn invocation(outcome: &Outcome, cut: usize) -> Value {
    let mut notes: Vec<Value> = outcome
        .coverage
        .skips
        .iter()
        .map(|skip| {
            let level = if skip.why.is_incomplete() { "error" } else { "note" };
            json!({ "level": level, "message": { "text": format!("Not scanned: {}: {}.", text::safe(&skip.what), skip.why) } })
        })
        .collect();
    if cut > 0 {
        notes.push(json!({ "level": "error", "message": { "text": format!("{cut} results of lower severity were left out: the file would be refused.") } }));
    }
    json!({ "executionSuccessful": outcome.coverage.is_complete(), "toolExecutionNotifications": notes })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub's bands: critical from 9.0, high from 7.0, medium from 4.0; it must be a string.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn pascal(id: &str) -> String {
    id.split('-').flat_map(|word| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1))).collect()
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}
