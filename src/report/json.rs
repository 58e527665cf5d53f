//! One JSON document, grouped by credential; `docs/json.md` describes it.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Page, Report, text};
use crate::coverage::Coverage;
use crate::identity::Identity;
use crate::verdict::{Credential, Disposition, Expiry, Outcome, Provenance, Ref, RefState, Verdict};

/// Grows when a field changes its meaning or goes away.
const VERSION: u32 = 1;

pub(super) struct Json;

impl Report for Json {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let credentials: Vec<Value> = outcome.credentials().iter().map(|found| credential(found, page)).collect();
        let suppressed: Vec<Value> = outcome
            .verdicts
            .iter()
            .filter(|verdict| verdict.disposition != Disposition::Reported)
            .map(|verdict| {
                let mut value = occurrence(verdict, page);
                value["suppression"] = json!(verdict.disposition);
                value
            })
            .collect();
        let document = json!({
            "version": VERSION,
            "tool": { "name": "staunch", "version": env!("CARGO_PKG_VERSION") },
            "complete": outcome.coverage.is_complete(),
            "credentials": credentials,
            "suppressed": suppressed,
            "coverage": coverage(&outcome.coverage),
            "notices": outcome.notices,
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

fn credential(credential: &Credential<'_>, page: &Page) -> Value {
    let lead = credential.lead();
    let finding = &lead.finding;
    let mut value = json!({
        "fingerprint": finding.fingerprint,
        "detector": finding.detector.id,
        "title": finding.detector.title,
        "provider": finding.detector.provider,
        "severity": lead.severity(),
        "confidence": finding.confidence,
        "secret": text::secret(&finding.secret, page.show_secrets),
        "length": finding.secret.expose().len(),
        "identity": identity(&credential.identity),
        "expiry": expiry(credential.expiry),
        "evidence": finding.evidence,
        "guidance": *finding.detector.guidance,
    });
    if let Some(why) = &finding.detector.public {
        value["public"] = json!(why);
    }
    if credential.parts.is_empty() {
        value["places"] = credential.places.iter().map(|verdict| at(verdict, page)).collect();
    } else {
        value["places"] = credential.places.iter().map(|verdict| occurrence(verdict, page)).collect();
        value["parts"] = credential.parts.iter().map(|verdict| part(verdict, page)).collect();
    }
    value
}

/// What else belongs to a credential, such as the id that goes with a secret.
fn part(verdict: &Verdict, page: &Page) -> Value {
    let finding = &verdict.finding;
    json!({
        "fingerprint": finding.fingerprint,
        "detector": finding.detector.id,
        "title": finding.detector.title,
        "secret": text::secret(&finding.secret, page.show_secrets),
    })
}

/// Writes one occurrence with all that identifies it, as JSON Lines and the list of suppressed ones do.
pub(super) fn occurrence(verdict: &Verdict, page: &Page) -> Value {
    let finding = &verdict.finding;
    let mut value = at(verdict, page);
    for (key, field) in [
        ("detector", json!(finding.detector.id)),
        ("title", json!(finding.detector.title)),
        ("severity", json!(verdict.severity())),
        ("confidence", json!(finding.confidence)),
        ("fingerprint", json!(finding.fingerprint)),
        ("secret", json!(text::secret(&finding.secret, page.show_secrets))),
    ] {
        value[key] = field;
    }
    value
}

fn at(verdict: &Verdict, page: &Page) -> Value {
    let finding = &verdict.finding;
    let context = &verdict.context;
    let mut value = json!({
        "path": page.here.from_here(&finding.origin).to_string(),
        "line": finding.start.line,
        "end_line": finding.end.line,
        "column": finding.start.column,
        "end_column": finding.end.column,
        "origin": origin(verdict),
    });
    if let Provenance::Known(commit) = &context.provenance {
        value["commit"] = json!(commit.id.to_string());
        value["author"] = json!(commit.author);
        value["email"] = json!(commit.email);
        value["date"] = json!(commit.date);
        value["summary"] = json!(commit.summary);
    }
    if let Provenance::Unknown { why } = &context.provenance {
        value["unknown_because"] = json!(why);
    }
    if let Some(removed) = &context.removed {
        value["removed"] = json!(removed);
    }
    if let Some(head) = &context.at_head {
        value["head_line"] = json!(head.start.line);
    }
    if let Some(holder) = context.holder {
        value["held_by"] = json!(holder);
    }
    if !context.refs.is_empty() {
        value["refs"] = context.refs.iter().take(MAX_REFS).map(held_by_ref).collect();
        value["ref_count"] = json!(context.refs.len());
    }
    value
}

/// Repositories with a thousand tags are common; which of them hold a secret is told by the first and their number.
const MAX_REFS: usize = 50;

fn held_by_ref(held: &Ref) -> Value {
    match held.state {
        RefState::Present => json!({ "name": held.name, "present": true }),
        RefState::Removed(commit) => json!({ "name": held.name, "present": false, "removed": commit.to_string() }),
        RefState::Absent => json!({ "name": held.name, "present": false }),
    }
}

fn origin(verdict: &Verdict) -> &'static str {
    use crate::chunk::Origin;
    match verdict.finding.origin {
        Origin::File { .. } => "file",
        Origin::Staged { .. } => "staged",
        Origin::Committed { .. } => "committed",
        Origin::Blob { .. } => "blob",
        Origin::Commit { .. } => "commit-message",
        Origin::Tag { .. } => "tag-message",
    }
}

/// One text for each kind of fact; several are separated by commas.
fn identity(identity: &Identity) -> Value {
    let mut told = serde_json::Map::new();
    for fact in identity.facts() {
        match told.get_mut(fact.about.word()) {
            Some(Value::String(text)) => text.push_str(&format!(", {}", fact.value)),
            _ => drop(told.insert(fact.about.word().to_owned(), json!(fact.value))),
        }
    }
    Value::Object(told)
}

fn expiry(expiry: Expiry) -> Value {
    match expiry {
        Expiry::Unstated => Value::Null,
        Expiry::Expired(at) => json!({ "expired": true, "at": at }),
        Expiry::Expires(at) => json!({ "expired": false, "at": at }),
        Expiry::Never => json!({ "expired": false, "never": true }),
    }
}

fn coverage(coverage: &Coverage) -> Value {
    let skips: Vec<Value> = coverage
        .skips
        .iter()
        .map(|skip| {
            let mut value = json!(skip.why);
            value["what"] = json!(skip.what);
            value["incomplete"] = json!(skip.why.is_incomplete());
            value
        })
        .collect();
    json!({
        "scope": coverage.scope,
        "commits": coverage.commits,
        "blobs": coverage.blobs,
        "bytes": coverage.bytes,
        "known": coverage.known,
        "skipped": skips,
    })
}
