//! SonarQube's generic issues, in the form with rules of version 10.3 and later.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::document::{Credential, Document, Kind, Place};
use super::{Page, Render, json, phrase, text};
use crate::detector::Severity;

pub(super) struct SonarQube;

/// Other places of a credential that an issue names.
const MAX_SECONDARY: usize = 20;

impl Render for SonarQube {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Whole<'d> {
            rules: Vec<Value>,
            issues: Issues<'d>,
        }
        let rules = document.detectors.iter().map(|(id, kind)| rule(id, kind)).collect();
        json::pretty(&Whole { rules, issues: Issues(document) }, out)
    }
}

struct Issues<'d>(&'d Document);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.credentials.iter().filter_map(issue))
    }
}

fn rule(id: &str, kind: &Kind) -> Value {
    let severity = match kind.severity {
        Severity::Critical | Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
    };
    json!({
        "id": id,
        "name": text::safe(&kind.title),
        "description": format!("A credential of {} does not belong into a repository. Revoke it first, then remove it.", text::safe(&kind.provider)),
        "engineId": "staunch",
        "cleanCodeAttribute": "TRUSTWORTHY",
        "impacts": [{ "softwareQuality": "SECURITY", "severity": severity }],
    })
}

fn issue(credential: &Credential) -> Option<Value> {
    let (lead, others) = credential.places.split_first()?;
    let mut issue = json!({ "ruleId": credential.detector, "primaryLocation": location(lead, &phrase::of(credential)) });
    // SonarQube knows files as they are now, and nothing of a history.
    let others: Vec<Value> =
        others.iter().filter(|place| place.is_shown()).take(MAX_SECONDARY).map(|place| location(place, "The same credential.")).collect();
    if !others.is_empty() {
        issue["secondaryLocations"] = json!(others);
    }
    Some(issue)
}

fn location(place: &Place, message: &str) -> Value {
    let path = if place.has_path() { place.top_path().to_owned() } else { place.object_path() };
    let mut location = json!({ "message": message, "filePath": path });
    // A line that the file does not have makes SonarQube refuse the whole report.
    if place.is_shown() && place.shown_member().is_none() {
        let [line, column, end_line, end_column] = place.region();
        let mut range = json!({ "startLine": line, "endLine": end_line });
        // Columns count from 0 here; an empty range is refused.
        if column >= 1 && (line, column) < (end_line, end_column) {
            range["startColumn"] = json!(column - 1);
            range["endColumn"] = json!(end_column.saturating_sub(1));
        }
        location["textRange"] = range;
    }
    location
}
