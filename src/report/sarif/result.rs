//! A credential as a result: one, whatever the number of its places.
//!
//! The first place is where an alert is shown; the others are related locations, linked from the message as far as
//! somebody would read them.

use crate::count::counted;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::{rule, taxa};
use crate::finding::Confidence;
use crate::report::document::{Commit, Credential, Document, Expiry, Place, State};
use crate::report::{place, text};
use crate::verdict::Disposition;

/// GitHub shows so many locations of a result and refuses ten times as many.
const MAX_RELATED: usize = 99;
/// Other places that the message names.
const NAMED: usize = 5;

/// What results need to know of each other.
pub(super) struct Lookup<'d> {
    /// The numbers of the rules that fired.
    pub(super) rules: BTreeMap<&'d str, usize>,
    /// The hash of a line by path from the top.
    pub(super) hashes: HashMap<&'d str, HashMap<usize, String>>,
    /// Whether results say since when they are there.
    pub(super) has_baseline: bool,
}

impl<'d> Lookup<'d> {
    /// Numbers the rules of a document.
    pub(super) fn new(document: &'d Document, hashes: HashMap<&'d str, HashMap<usize, String>>, with_suppressed: bool) -> Self {
        let is_known = |place: &Place| place.suppression == Some(Disposition::Baselined);
        let has_baseline = document.credentials.iter().any(|credential| credential.state.is_some())
            || (with_suppressed && document.suppressed.iter().any(is_known));
        let own = |credential: &'d Credential| credential.lead().and_then(|lead| lead.detector.as_deref()).unwrap_or(&credential.detector);
        let mut fired: BTreeSet<&str> = document.credentials.iter().map(own).collect();
        if with_suppressed {
            fired.extend(document.suppressed.iter().filter_map(|place| place.detector.as_deref()));
        }
        fired.retain(|id| document.detectors.contains_key(*id));
        Lookup { rules: fired.into_iter().zip(0..).collect(), hashes, has_baseline }
    }
}

/// Returns the result of a credential.
pub(super) fn reported(credential: &Credential, lookup: &Lookup<'_>) -> Value {
    let Some((lead, others)) = credential.places.split_first() else { return Value::Null };
    let related = &others[..others.len().min(MAX_RELATED)];
    let mut result = alone(&credential.at(lead), lookup);
    result["message"] = json!({ "text": message(credential, lead, others) });
    if !related.is_empty() {
        result["relatedLocations"] = (1..).zip(related).map(|(id, place)| located(place, Some(id))).collect();
    }
    if let Some(flow) = flow(lead) {
        result["codeFlows"] = json!([flow]);
    }
    let state = credential.state.unwrap_or(State::New);
    if lookup.has_baseline {
        result["baselineState"] = json!(match state {
            State::New => "new",
            State::Open => "unchanged",
            State::Fixed => "absent",
        });
    }
    result["properties"]["places"] = json!(credential.places.len());
    if let Some(score) = credential.score {
        result["properties"]["score"] = json!(score);
    }
    let taxa: Vec<Value> = credential.standards.iter().filter_map(taxa::reference).collect();
    if !taxa.is_empty() {
        result["taxa"] = json!(taxa);
    }
    result
}

/// Returns the result of a place that somebody chose not to hear of.
pub(super) fn suppressed(place: &Place, lookup: &Lookup<'_>) -> Value {
    let mut result = alone(place, lookup);
    let (kind, reason) = match &place.suppression {
        Some(Disposition::AllowedInline { reason }) => ("inSource", reason.as_str()),
        Some(Disposition::Allowed { reason }) => ("external", reason.as_str()),
        Some(Disposition::Baselined) => ("external", "known when the baseline was made"),
        Some(Disposition::Reported) | None => return result,
    };
    let reason = if reason.is_empty() { "no reason was given" } else { reason };
    result["suppressions"] = json!([{ "kind": kind, "status": "accepted", "justification": text::safe(reason) }]);
    if lookup.has_baseline {
        result["baselineState"] = json!(if place.suppression == Some(Disposition::Baselined) { "unchanged" } else { "new" });
    }
    result
}

/// What every result has: rule, level, message, one location, fingerprints.
fn alone(place: &Place, lookup: &Lookup<'_>) -> Value {
    let id = place.detector.as_deref().unwrap_or_default();
    let severity = place.severity.unwrap_or(crate::detector::Severity::Medium);
    let confidence = place.confidence.unwrap_or(Confidence::Medium);
    let mut fingerprints = json!({ "secretFingerprint/v1": place.fingerprint });
    let hash = lookup.hashes.get(place.top_path()).and_then(|lines| lines.get(&place.region()[0]));
    if place.shown_member().is_some() {
        // An archive has no line that stays the same when it is packed again.
        let digits: String = place.fingerprint.iter().flat_map(|own| own.chars()).take(LINE_HASH_DIGITS).collect();
        fingerprints["primaryLocationLineHash"] = json!(format!("{digits}:1"));
    } else if let Some(hash) = hash.filter(|_| place.is_shown()) {
        fingerprints["primaryLocationLineHash"] = json!(hash);
    }
    let mut result = json!({
        "ruleId": id,
        "level": rule::level(severity),
        "message": { "text": headline(place) },
        "locations": [located(place, None)],
        "partialFingerprints": fingerprints,
        "properties": { "confidence": confidence.word(), "severity": severity.word() },
    });
    if let Some(index) = lookup.rules.get(id) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// GitHub's own hashes of lines have as many.
const LINE_HASH_DIGITS: usize = 16;

fn located(place: &Place, id: Option<usize>) -> Value {
    let [line, column, end_line, end_column] = place.region();
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(place), "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    }});
    if let Some(id) = id {
        location["id"] = json!(id);
        location["message"] = json!({ "text": format!("The same credential{}.", when(place)) });
    }
    location
}

fn uri(place: &Place) -> String {
    // A path of another scanner may begin at the root, which GitHub would refuse.
    if place.has_path() { place::encode(place.top_path().trim_start_matches('/')) } else { place::encode(&place.object_path()) }
}

/// Says since when a place is there.
fn when(place: &Place) -> String {
    match (place.bringer(), place.date) {
        (Some(bringer), Some(date)) => format!(", brought by {} on {}", escape(&bringer), date.strftime("%Y-%m-%d")),
        (Some(bringer), None) => format!(", brought by {}", escape(&bringer)),
        (None, _) => String::new(),
    }
}

/// The first sentence is all that is shown where space is short.
fn headline(place: &Place) -> String {
    let title = place.title.as_deref().unwrap_or("A credential");
    let confidence = place.confidence.unwrap_or(Confidence::Medium).word();
    let secret = place.secret.as_deref().unwrap_or_default();
    format!("{} '{}' ({confidence} confidence).", escape(title), escape(secret))
}

fn message(credential: &Credential, lead: &Place, others: &[Place]) -> String {
    let mut message = headline(&credential.at(lead));
    if let Some(member) = lead.shown_member() {
        message.push_str(&format!(" In the archive it is in {}, line {}.", escape(member), lead.shown_region()[0]));
    }
    if let (Some(bringer), Some(date)) = (lead.bringer(), lead.date) {
        message.push_str(&format!(" Brought by {} on {}.", escape(&bringer), date.strftime("%Y-%m-%d")));
    }
    if let Some(Commit { id, date, .. }) = lead.removed.as_deref() {
        message.push_str(&format!(" Removed by commit {} on {}, but the history still has it.", short(id), date.strftime("%Y-%m-%d")));
    }
    if let Some(Expiry { expired, at: Some(at), .. }) = credential.expiry {
        message.push_str(&format!(" {} on {}.", if expired { "Expired" } else { "Expires" }, at.strftime("%Y-%m-%d")));
    }
    if !others.is_empty() {
        let links = (1..).zip(others.iter().take(NAMED)).map(|(id, place)| {
            let shown = escape(&format!("{}:{}", place.shown(place.top_path()), place.shown_region()[0]));
            format!("[{shown}]({id})")
        });
        message.push_str(&format!(" Also at {}", links.collect::<Vec<_>>().join(", ")));
        let more = others.len().saturating_sub(NAMED);
        message.push_str(&if more == 0 { ".".to_owned() } else { format!(" and {}.", counted(more, "more place")) });
    }
    if credential.confidence == Confidence::High {
        message.push_str(" Revoke it, then remove it.");
    }
    message
}

/// From the commit that brought a credential to the one that took it away again.
fn flow(place: &Place) -> Option<Value> {
    let removed = place.removed.as_ref()?;
    let commit = place.commit.as_ref()?;
    let step = |what: &str, id: &str, date: Option<jiff::Timestamp>| {
        let on = date.map(|date| format!(" on {}", date.strftime("%Y-%m-%d"))).unwrap_or_default();
        let mut location = located(place, None);
        location["message"] = json!({ "text": format!("Commit {} {what} it{on}.", short(id)) });
        json!({ "location": location })
    };
    let steps = [step("brought", commit, place.date), step("removed", &removed.id, Some(removed.date))];
    Some(json!({ "threadFlows": [{ "locations": steps }] }))
}

/// Ten digits tell commits apart; what another program calls a commit may be anything.
fn short(id: &str) -> String {
    escape(&id.chars().take(10).collect::<String>())
}

/// Text in a message: square brackets would make links, and characters that cannot be seen would lie.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text::safe(text).chars() {
        if matches!(c, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_cannot_become_a_link_in_a_message() {
        assert_eq!(super::escape("[x](https://evil.example)\u{1b}"), "\\[x\\](https://evil.example)\\\\u{1b}");
    }
}
