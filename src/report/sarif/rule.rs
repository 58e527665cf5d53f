//! A detector as a rule: what it finds, how much that matters, and the steps to take.

use serde_json::{Value, json};

use crate::detector::Severity;
use crate::report::document::Kind;

/// GitHub refuses longer descriptions.
const MAX_DESCRIPTION_CHARS: usize = 1_024;
/// GitHub refuses longer names.
const MAX_NAME_CHARS: usize = 255;
/// Weaknesses that detectors name, as CWE calls them.
const WEAKNESSES: [(u32, &str); 3] =
    [(259, "Use of Hard-coded Password"), (321, "Use of Hard-coded Cryptographic Key"), (798, "Use of Hard-coded Credentials")];

/// Returns a rule.
pub(super) fn rule(id: &str, kind: &Kind) -> Value {
    let mut tags = vec!["security".to_owned(), "secret".to_owned()];
    tags.extend(kind.cwe.iter().map(|number| format!("external/cwe/cwe-{number}")));
    tags.truncate(10);
    let mut rule = json!({
        "id": id,
        "shortDescription": { "text": sentence(&format!("{} in the repository", kind.title)) },
        "fullDescription": { "text": sentence(&full(kind)) },
        "help": { "text": help(kind, Markup::Plain), "markdown": help(kind, Markup::Markdown) },
        "defaultConfiguration": { "level": level(kind.severity) },
        "relationships": kind.cwe.iter().filter_map(|&number| relationship(number)).collect::<Vec<_>>(),
        "properties": {
            "tags": tags,
            "precision": if kind.self_identifying { "very-high" } else { "medium" },
            "security-severity": score(kind.severity),
        },
    });
    let name = pascal(id);
    // A name that is the id but for its case says nothing, and validators say so.
    let name = if name.eq_ignore_ascii_case(id) { format!("{name}Secret") } else { name };
    rule["name"] = json!(cut(&name, MAX_NAME_CHARS));
    let pages = kind.guidance.references.iter().chain([&kind.guidance.revoke.console]);
    if let Some(page) = pages.filter_map(|said| address(said)).next() {
        rule["helpUri"] = json!(page);
    }
    rule
}

/// Returns the weaknesses of some rules as a taxonomy, so that consumers need not know CWE by heart.
pub(super) fn taxonomy<'k>(kinds: impl Iterator<Item = &'k Kind>) -> Value {
    let mut named: Vec<u32> = kinds.flat_map(|kind| kind.cwe.iter().copied()).collect();
    named.push(798);
    named.sort_unstable();
    named.dedup();
    let taxa: Vec<Value> = named.into_iter().filter_map(taxon).collect();
    json!({
        "name": "CWE",
        "version": "4.18",
        "organization": "MITRE",
        "informationUri": "https://cwe.mitre.org/",
        "shortDescription": { "text": "The MITRE Common Weakness Enumeration." },
        "isComprehensive": false,
        "taxa": taxa,
    })
}

fn taxon(number: u32) -> Option<Value> {
    let (_, name) = WEAKNESSES.iter().find(|(known, _)| *known == number)?;
    Some(json!({
        "id": format!("CWE-{number}"),
        "shortDescription": { "text": format!("{name}.") },
        "helpUri": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
    }))
}

fn relationship(number: u32) -> Option<Value> {
    taxon(number)?;
    let target = json!({ "id": format!("CWE-{number}"), "toolComponent": { "name": "CWE", "index": 0 } });
    Some(json!({ "target": target, "kinds": ["superset"] }))
}

fn full(kind: &Kind) -> String {
    let reaches = &kind.guidance.reaches;
    let issued = format!("A credential that {} issues ({}) is in the repository or its history", kind.provider, kind.title);
    if reaches.is_empty() { issued } else { format!("{issued}. It reaches: {}", reaches.trim_end_matches('.')) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Markup {
    Plain,
    Markdown,
}

impl Markup {
    fn strong(self, text: &str) -> String {
        if self == Markup::Markdown { format!("**{text}**") } else { text.to_owned() }
    }

    fn command(self, text: &str) -> String {
        if self == Markup::Markdown { format!("```sh\n{text}\n```\n") } else { format!("    {text}\n") }
    }
}

/// The steps to take.
fn help(kind: &Kind, markup: Markup) -> String {
    let guidance = &kind.guidance;
    let mut help = format!("{} Revoke it first, then clean up.\n", markup.strong(&sentence(&format!("{} was found", kind.title))));
    if !guidance.revoke.console.is_empty() {
        help.push_str(&format!("\n{}: {}\n", markup.strong("Revoke"), guidance.revoke.console));
    }
    if !guidance.revoke.cli.is_empty() {
        help.push('\n');
    }
    for command in guidance.revoke.cli.iter() {
        help.push_str(&markup.command(command));
    }
    if !guidance.rotate.is_empty() {
        help.push_str(&format!("\n{}:\n\n", markup.strong("Replace it")));
    }
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
            help.push_str(&format!("\n{}: {}\n", markup.strong(what), sentence(said)));
        }
    }
    if !guidance.references.is_empty() {
        help.push('\n');
    }
    for reference in guidance.references.iter() {
        help.push_str(&format!("- {reference}\n"));
    }
    help
}

/// Ends a text as a sentence ends, within what GitHub takes.
fn sentence(text: &str) -> String {
    format!("{}.", cut(text.trim_end_matches('.'), MAX_DESCRIPTION_CHARS - 1))
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// Returns a text that is one absolute address.
fn address(text: &str) -> Option<&str> {
    let is_address = text.starts_with("https://") && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte));
    is_address.then_some(text)
}

/// Returns the level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
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
    let words = id.split(|c: char| !c.is_ascii_alphanumeric());
    words.flat_map(|word| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sentence_ends_once_and_fits() {
        assert_eq!(super::sentence("It reaches all."), "It reaches all.");
        assert_eq!(super::sentence(&"é".repeat(2_000)).chars().count(), 1_024);
    }

    #[test]
    fn an_address_is_one_only_if_it_is_whole() {
        assert_eq!(super::address("https://acme.example/a?b=c"), Some("https://acme.example/a?b=c"));
        assert_eq!(super::address("https://acme.example, then Settings"), None);
        assert_eq!(super::address("https://acme.example/{org}"), None);
    }
}
