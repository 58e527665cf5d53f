//! Secrets in files of every day and their innocent twins: a table of our own, no line of which taught the judge anything.

use std::collections::BTreeMap;

use staunch::chunk::{Content, Origin};
use staunch::detect::sample;
use staunch::finding::{Confidence, Finding};
use staunch::secret::{FingerprintKey, Fingerprints};

use crate::support::{catalog, source};

/// How often each case is expanded.
const ROUNDS: u64 = 12;

/// A text and what is said of it.
struct Case {
    grammar: String,
    path: String,
    kind: char,
    template: String,
}

fn cases(table: &str) -> Vec<Case> {
    let table = std::fs::read_to_string(source().join("testdata/life").join(table)).expect("the table ships with the tests");
    let (mut cases, mut path, mut grammar) = (Vec::<Case>::new(), String::new(), String::new());
    let mut open = false;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some((mark, name)) = line.split_once(' ').filter(|(mark, _)| matches!(*mark, "@" | "=")) {
            *(if mark == "@" { &mut path } else { &mut grammar }) = name.to_owned();
            open = false;
            continue;
        }
        let Some((kind, text)) = line.chars().next().zip(line.get(2..)) else {
            open = false;
            continue;
        };
        assert!("+-~".contains(kind), "no case begins like {line:?}");
        match cases.last_mut().filter(|case| open && case.kind == kind) {
            Some(case) => case.template.extend([text, "\n"]),
            _ => cases.push(Case { grammar: grammar.clone(), path: path.clone(), kind, template: format!("{text}\n") }),
        }
        open = true;
    }
    cases
}

fn findings(text: &[u8], path: &str) -> Vec<Finding> {
    let origin = Origin::File { path: path.into() };
    let matches = catalog().matches(text, Content::of(text));
    catalog().findings(text, &origin, &matches, &Fingerprints::new(FingerprintKey::new(b"test")))
}

/// Returns what is wrong with a case, if anything is.
fn wrong(case: &Case, seed: u64) -> Option<String> {
    let any = catalog().detectors().next().expect("the catalog is not empty");
    let expanded = sample::expand(&case.template, any, seed);
    let least = if case.kind == '~' { Confidence::Low } else { Confidence::Medium };
    let found: Vec<Finding> = findings(&expanded.text, &case.path).into_iter().filter(|finding| finding.confidence >= least).collect();
    let is_right = match expanded.secret {
        Some(secret) => !found.is_empty() && found.iter().all(|finding| finding.span == secret),
        None => found.is_empty(),
    };
    let what: Vec<String> =
        found.iter().map(|finding| format!("{} {:?} {:?}", finding.detector.id, finding.span, finding.confidence)).collect();
    (!is_right).then(|| format!("{} {} {:?}: {what:?}", case.kind, case.path, case.template))
}

/// Holds that what is marked in a table is found, and nothing else.
fn hold(table: &str) {
    let mut failures = Vec::new();
    for case in cases(table) {
        // Random letters may look like words now and then; a case of which that is usual is one that we do not find.
        let wrongs: Vec<String> = (0..ROUNDS).filter_map(|seed| wrong(&case, seed)).collect();
        let allowed = if case.kind == '+' { ROUNDS as usize / 4 } else { 0 };
        if wrongs.len() > allowed {
            failures.push(format!("{} of {ROUNDS}: {}", wrongs.len(), wrongs[0]));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn secrets_of_every_day_are_found_and_their_twins_are_not() {
    hold("pairs.txt");
}

#[test]
fn secrets_are_found_in_every_grammar() {
    hold("grammars.txt");
}

#[test]
fn each_grammar_has_three_secrets_and_three_twins() {
    let mut counts = BTreeMap::<String, [usize; 2]>::new();
    for case in cases("grammars.txt") {
        counts.entry(case.grammar).or_default()[usize::from(case.kind == '-')] += 1;
    }
    assert!(counts.len() >= 26 && !counts.contains_key(""), "{counts:?}");
    assert!(counts.values().all(|[secrets, twins]| *secrets >= 3 && twins >= secrets), "{counts:?}");
}

#[test]
fn there_are_as_many_twins_as_secrets_and_more_than_two_hundred_cases() {
    let cases = cases("pairs.txt");
    let count = |kinds: &str| cases.iter().filter(|case| kinds.contains(case.kind)).count();
    assert!(cases.len() > 200 && count("-") >= count("+~") && count("+") > 80, "{} cases", cases.len());
    assert!(cases.iter().all(|case| (case.kind == '-') != case.template.contains('«')), "a secret is marked, a twin has none");
}
