//! What another scanner found, one value at a time, becoming credentials of ours.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Taking, rivals};
use crate::coverage::Why;
use crate::detector::{Guidance, Severity};
use crate::finding::Confidence;
use crate::report::document::{Coverage, Credential, Document, Kind, OriginKind, Place, Shared, Skipped};
use crate::secret::Secret;

/// One finding of another scanner.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The scanner's name.
    pub(super) tool: &'static str,
    /// What recognised it there.
    pub(super) rule: String,
    /// What that is.
    pub(super) title: String,
    /// The value, where the report has it in plain.
    pub(super) secret: Option<String>,
    /// Whether the issuer was asked, and said that it is live.
    pub(super) is_verified: bool,
    /// The path.
    pub(super) path: String,
    /// First and last line, from 1; zero where it is not known.
    pub(super) lines: [usize; 2],
    /// First column and one past the last, from 1; zero where it is not known.
    pub(super) columns: [usize; 2],
    /// The commit that brought it.
    pub(super) commit: Option<String>,
    /// Its author.
    pub(super) author: Option<String>,
    /// The author's address.
    pub(super) email: Option<String>,
    /// When it was written.
    pub(super) date: Option<Timestamp>,
    /// The first line of its message.
    pub(super) summary: Option<String>,
    /// What the scanner itself says of the severity.
    pub(super) severity: Option<Severity>,
    /// An identity that the report gives.
    pub(super) identity: Option<String>,
    /// Why it is not reported.
    pub(super) suppression: Option<crate::verdict::Disposition>,
}

/// Credentials as they come together.
pub(super) struct Collected {
    document: Document,
    known: HashMap<Shared, usize>,
}

impl Collected {
    pub(super) fn new(name: &str) -> Self {
        let coverage = Coverage { scope: format!("the report {name}"), ..Coverage::default() };
        Collected { document: Document { coverage, ..Document::empty() }, known: HashMap::new() }
    }

    /// Notes that a scan did not read everything, by its own words.
    pub(super) fn is_incomplete(&mut self, tool: &str) {
        let why = Why::Unreadable { detail: "the report says that its scan did not succeed".to_owned() };
        self.document.complete = false;
        self.document.coverage.skipped.push(Skipped { what: format!("a scan by {tool}"), incomplete: true, why });
    }

    /// Adds a value of a report: a finding, or a list of findings; nothing where it is neither.
    pub(super) fn add(&mut self, value: Value, taking: &Taking<'_>) -> Option<()> {
        let values = match value {
            Value::Array(values) => values,
            Value::Object(mut object) => match object.remove("findings") {
                Some(Value::Array(findings)) => findings,
                Some(_) => return None,
                None => vec![Value::Object(object)],
            },
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
        for value in &values {
            match rivals::found(value)? {
                rivals::Line::Found(found) => found.into_iter().for_each(|found| self.take(found, taking)),
                rivals::Line::Own(place) => self.take_own(*place),
                rivals::Line::Other => {}
            }
        }
        Some(())
    }

    /// Takes over what another scanner found.
    pub(super) fn take(&mut self, found: Found, taking: &Taking<'_>) {
        let secret = found.secret.as_deref().filter(|secret| !is_redacted(secret)).map(|secret| Secret::new(secret.as_bytes()));
        let known = secret.as_ref().and_then(|secret| (taking.recognise)(secret.expose()));
        let (detector, kind) = match known {
            Some(detector) => (detector.id.to_string(), Kind::of(&detector)),
            None => (format!("{}/{}", found.tool, found.rule), kind(&found)),
        };
        let fingerprint = match (&secret, &found.identity) {
            (Some(secret), _) => taking.identities.of(secret).to_string(),
            (None, Some(identity)) if is_own(identity) => identity.clone(),
            (None, identity) => identity_of(&found, identity.as_deref()),
        };
        let credential = Credential {
            title: kind.title.clone(),
            provider: kind.provider.clone(),
            severity: found.severity.unwrap_or(kind.severity),
            confidence: if found.is_verified { Confidence::High } else { Confidence::Medium },
            secret: secret.as_ref().map_or_else(|| "…".into(), |secret| secret.mask().into()),
            length: secret.as_ref().map(|secret| secret.expose().len()),
            ..Credential::bare(fingerprint, detector)
        };
        self.document.detectors.entry(credential.detector.clone()).or_insert(kind);
        let suppression = found.suppression.clone();
        self.keep(credential, Place { suppression, ..place(found) });
    }

    /// Takes over a line of JSON Lines of our own.
    fn take_own(&mut self, place: Place) {
        let said = |text: &Option<Shared>| text.clone().unwrap_or_else(|| "".into());
        let credential = Credential {
            title: said(&place.title),
            severity: place.severity.unwrap_or(Severity::Medium),
            confidence: place.confidence.unwrap_or(Confidence::Medium),
            secret: said(&place.secret),
            ..Credential::bare(said(&place.fingerprint), said(&place.detector))
        };
        let kind = Kind { title: credential.title.clone(), severity: credential.severity, ..unknown_kind() };
        self.document.detectors.entry(credential.detector.clone()).or_insert(kind);
        self.keep(credential, place);
    }

    fn keep(&mut self, credential: Credential, place: Place) {
        if place.suppression.is_some() {
            self.document.suppressed.push(credential.at(&place));
            return;
        }
        let credentials = &mut self.document.credentials;
        let number = *self.known.entry(credential.fingerprint.clone()).or_insert(credentials.len());
        if number == credentials.len() {
            credentials.push(credential);
        }
        let kept = &mut credentials[number];
        kept.confidence = kept.confidence.max(place.confidence.unwrap_or(kept.confidence));
        let place = kept.below(place);
        kept.places.push(place);
    }

    pub(super) fn into_document(self) -> Document {
        super::merge(vec![self.document])
    }
}

fn place(found: Found) -> Place {
    let [line, end_line] = found.lines;
    let [column, end_column] = found.columns;
    let line = line.max(1);
    let origin = match (&found.commit, found.path.is_empty()) {
        (_, true) => OriginKind::Blob,
        (Some(_), false) => OriginKind::Committed,
        (None, false) => OriginKind::File,
    };
    Place {
        path: if found.path.is_empty() { "unknown place".into() } else { found.path.into() },
        line,
        end_line: end_line.max(line),
        column: column.max(1),
        end_column: end_column.max(column.max(1)),
        origin,
        commit: found.commit.map(Into::into),
        author: found.author.map(Into::into),
        email: found.email.map(Into::into),
        date: found.date,
        summary: found.summary.map(Into::into),
        ..Place::nowhere()
    }
}

fn kind(found: &Found) -> Kind {
    let severity = if found.is_verified { Severity::High } else { Severity::Medium };
    let title = if found.title.is_empty() { found.rule.clone() } else { found.title.clone() };
    Kind { title: title.into(), severity: found.severity.unwrap_or(severity), self_identifying: found.is_verified, ..unknown_kind() }
}

fn unknown_kind() -> Kind {
    Kind {
        title: "".into(),
        provider: "unknown".into(),
        category: None,
        severity: Severity::Medium,
        self_identifying: false,
        cwe: vec![798],
        guidance: Guidance::default(),
    }
}

/// Scanners can be told to leave the value out; what they then write is no value.
fn is_redacted(secret: &str) -> bool {
    secret.is_empty()
        || secret.ends_with("...")
        || secret.contains('…')
        || secret.contains("***")
        || secret.contains("[...]")
        || secret.to_ascii_uppercase().contains("REDACT")
}

/// Whether an identity is one of ours.
fn is_own(identity: &str) -> bool {
    crate::secret::Fingerprint::parse(identity).is_some()
}

/// Where the value is not there in plain, rule and place tell findings apart.
fn identity_of(found: &Found, identity: Option<&str>) -> String {
    let what = identity.map_or_else(|| format!("{}:{}", found.path, found.lines[0]), str::to_owned);
    let text = format!("{}\0{}\0{what}", found.tool, found.rule);
    let hash = blake3::derive_key("staunch 2026-11 identity of a finding of another scanner", text.as_bytes());
    hash[..10].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::is_redacted;

    #[test]
    fn what_a_scanner_writes_instead_of_a_value_is_no_value() {
        for (secret, is) in
            [("REDACTED", true), ("ghp_12...", true), ("4HK[...]yz7", true), ("", true), ("ab****", true), ("zK4v9Qw7tRb2", false)]
        {
            assert_eq!(is_redacted(secret), is, "{secret:?}");
        }
    }
}
