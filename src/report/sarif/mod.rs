//! SARIF 2.1.0, in the part of it that code hosts read, within the limits that GitHub sets.
//!
//! Every property that is written is one that a consumer reads, or that a validator asks for. The bytes depend on the
//! report alone: no times, no paths of the machine.

mod fit;
mod line_hash;
mod result;
mod rule;
mod taxa;

use crate::count::counted;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{Document, Kind, Place, SubjectKind};
use super::{LeftOut, Page, Render, json, text};
use result::Lookup;

pub(super) struct Sarif;

impl Render for Sarif {
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let sarif = Log::new(document, page);
        json::pretty(&sarif, out)
    }

    fn left_out(&self, document: &Document, page: &Page) -> Option<LeftOut> {
        if fit::is_sure(document) {
            return None;
        }
        let (kept, limit) = fit::fit(document, &Log::lookup(document, page));
        let credentials = document.credentials.len() - kept;
        (credentials > 0).then_some(LeftOut { credentials, limit })
    }
}

/// A log that is written result by result: all of them as values would take ten times the memory.
struct Log<'d> {
    document: &'d Document,
    lookup: Lookup<'d>,
    kept: usize,
    with_suppressed: bool,
}

impl<'d> Log<'d> {
    fn new(document: &'d Document, page: &Page) -> Self {
        let lookup = Self::lookup(document, page);
        let (kept, _) = fit::fit(document, &lookup);
        Log { document, lookup, kept, with_suppressed: page.with_suppressed }
    }

    fn lookup(document: &'d Document, page: &Page) -> Lookup<'d> {
        Lookup::new(document, line_hashes(document, page), page.with_suppressed)
    }

    fn results(&self) -> impl Iterator<Item = Value> {
        let reported = self.document.credentials[..self.kept].iter().map(|credential| result::reported(credential, &self.lookup));
        let room = fit::MAX_RESULTS - self.kept;
        let suppressed = self.document.suppressed.iter().take(if self.with_suppressed { room } else { 0 });
        reported.chain(suppressed.map(|place| result::suppressed(place, &self.lookup)))
    }
}

impl Serialize for Log<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'l, 'd> {
            #[serde(rename = "$schema")]
            schema: &'static str,
            version: &'static str,
            runs: [Run<'l, 'd>; 1],
        }
        Whole { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [Run(self)] }.serialize(serializer)
    }
}

struct Run<'l, 'd>(&'l Log<'d>);

impl Serialize for Run<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields<'l, 'd> {
            tool: Value,
            column_kind: &'static str,
            original_uri_base_ids: Value,
            redaction_tokens: [&'static str; 1],
            automation_details: Value,
            invocations: [Value; 1],
            taxonomies: [Value; 3],
            results: Results<'l, 'd>,
        }
        let document = self.0.document;
        // Only rules that fired: a catalog of hundreds would be half of a small file.
        let fired: Vec<(&str, &Kind)> = self.0.lookup.rules.keys().filter_map(|&id| Some((id, document.detectors.get(id)?))).collect();
        let rules: Vec<Value> = fired.iter().map(|(id, kind)| rule::rule(id, kind)).collect();
        Fields {
            tool: json!({ "driver": {
                "name": "staunch",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
                "supportedTaxonomies": [{ "name": "CWE", "index": 0 }, { "name": "OWASP-NHI", "index": 1 }, { "name": "NIST-CSF", "index": 2 }],
            }}),
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: json!({ "%SRCROOT%": { "description": { "text": "The top of the repository." } } }),
            redaction_tokens: ["…"],
            automation_details: json!({ "id": category(document.subject.kind) }),
            invocations: [invocation(document, document.credentials.len() - self.0.kept)],
            taxonomies: taxonomies(rule::taxonomy(fired.iter().map(|(_, kind)| *kind))),
            results: Results(self.0),
        }
        .serialize(serializer)
    }
}

struct Results<'l, 'd>(&'l Log<'d>);

impl Serialize for Results<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.results())
    }
}

fn taxonomies(cwe: Value) -> [Value; 3] {
    let [owasp, nist] = taxa::taxonomies();
    [cwe, owasp, nist]
}

/// What GitHub takes for the category is all before the last slash: what history holds does not close what files hold.
fn category(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Files | SubjectKind::Staged => "staunch/tree/",
        SubjectKind::Range => "staunch/range/",
        SubjectKind::History => "staunch/history/",
    }
}

/// Hashes the lines at which alerts are shown, each file read once.
fn line_hashes<'d>(document: &'d Document, page: &Page) -> HashMap<&'d str, HashMap<usize, String>> {
    let leads = document.credentials.iter().filter_map(|credential| credential.places.first());
    let shown: Vec<&Place> = leads.chain(document.suppressed.iter().filter(|_| page.with_suppressed)).filter(|p| p.is_shown()).collect();
    let mut lines: HashMap<&str, HashSet<usize>> = HashMap::new();
    for place in shown {
        lines.entry(place.top_path()).or_default().insert(place.region()[0]);
    }
    lines.into_iter().filter_map(|(path, lines)| Some((path, line_hash::of_lines(&page.files.read(path)?, &lines)))).collect()
}

fn invocation(document: &Document, cut: usize) -> Value {
    let skips = document.coverage.skipped.iter().map(|skip| {
        let level = if skip.incomplete { "error" } else { "note" };
        notification(level, &format!("Not scanned: '{}': {}.", text::safe(&skip.what), text::safe(&skip.why.to_string())))
    });
    let notices = document.notices.iter().map(|notice| {
        notification("note", &format!("'{}': {}.", text::safe(&notice.place), text::safe(notice.what.trim_end_matches('.'))))
    });
    let mut notes: Vec<Value> = skips.chain(notices).collect();
    if cut > 0 {
        notes.push(notification("error", &format!("{} of lower severity left out: the file would be refused.", counted(cut, "result"))));
    }
    json!({ "executionSuccessful": document.complete, "toolExecutionNotifications": notes })
}

fn notification(level: &str, text: &str) -> Value {
    json!({ "level": level, "message": { "text": text } })
}
