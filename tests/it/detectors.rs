//! The detectors that ship keep their own promises; `authoring` has what a user writes.

use std::collections::BTreeSet;

use regex_automata::nfa::thompson::{NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use serde_json::{Value, json};
use staunch::chunk::Content;
use staunch::detect::sample;
use staunch::detector::{Boundary, Check, Find};
use staunch::span::Span;

use crate::support::{Place, catalog, source};

#[test]
fn every_sample_of_every_detector_behaves_as_it_says() {
    let mut failed = Vec::new();
    for detector in catalog().detectors() {
        for failure in sample::failures(catalog(), detector) {
            failed.push(format!("{}: {:?}: {}", detector.id, failure.template, failure.what));
        }
    }
    assert!(failed.is_empty(), "{} samples failed:\n{}", failed.len(), failed.join("\n"));
}

/// Lines around a sample: alone, between lines of code, and on a line that ends as on Windows at the end of a long one.
fn surroundings(seed: u64) -> [(Vec<u8>, &'static [u8]); 3] {
    let code = format!("fn main() {{\n    let answer = {seed};\n");
    let long = format!("{}\r\n", "word ".repeat(40));
    [(Vec::new(), b""), (code.into_bytes(), b"\n}\n"), (long.into_bytes(), b"\r\nnext\r\n")]
}

#[test]
fn two_hundred_instances_of_every_sample_are_found_exactly_in_three_surroundings() {
    let mut failed = Vec::new();
    for detector in catalog().detectors() {
        for template in detector.leaks.iter() {
            for seed in 1_000..1_067 {
                let instance = sample::expand(template, detector, seed);
                let secret = instance.secret.expect("it is marked");
                for (before, after) in surroundings(seed) {
                    let text = [&before, &instance.text[..], after].concat();
                    let expected = Span::new(secret.start + before.len(), secret.end + before.len());
                    let found = catalog().matches(&text, Content::Text);
                    if !found.iter().any(|m| catalog().id_of(m) == detector.id && m.span() == expected) {
                        failed.push(format!("{}: {template:?}, seed {seed}", detector.id));
                    }
                }
            }
        }
    }
    failed.dedup();
    assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_middle_of_a_longer_run_is_no_secret() {
    let mut failed = Vec::new();
    for detector in catalog().detectors() {
        let (Find::Token { boundary, .. } | Find::Value { boundary, .. }) = detector.find else { continue };
        if boundary == Boundary::None {
            continue;
        }
        for (number, template) in (0..).zip(detector.leaks.iter()) {
            let instance = sample::expand(template, detector, number);
            let secret = instance.secret.expect("it is marked");
            let text = [&instance.text[..secret.end], b"a".repeat(600).as_slice(), &instance.text[secret.end..]].concat();
            let found = catalog().matches(&text, Content::Text);
            if found.iter().any(|m| catalog().id_of(m) == detector.id && m.span() == secret) {
                failed.push(format!("{}: {template:?}", detector.id));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_wrong_letter_fails_every_checksum() {
    let mut count = 0;
    for detector in catalog()
        .detectors()
        .filter(|detector| detector.check.is_some_and(|check| !matches!(check, Check::Jwt | Check::Jwe | Check::DerPrivateKey)))
    {
        for template in detector.leaks.iter() {
            for seed in 0..50 {
                let mut instance = sample::expand(template, detector, seed);
                let secret = instance.secret.expect("it is marked");
                if detector.check_of(secret.of(&instance.text)).is_none() {
                    continue;
                }
                let last = &mut instance.text[secret.end - 1];
                *last = if *last == b'0' { b'1' } else { b'0' };
                let found = catalog().matches(&instance.text, Content::Text);
                assert!(!found.iter().any(|m| catalog().id_of(m) == detector.id), "{}: {template:?}, seed {seed}", detector.id);
                count += 1;
            }
        }
    }
    assert!(count > 500, "only {count} were tried");
}

#[test]
fn detector_ids_are_unique() {
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> = catalog().detectors().map(|detector| detector.id.as_ref()).filter(|id| !seen.insert(*id)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn every_detector_shows_two_leaks_and_two_clean_lines() {
    let few: Vec<String> = catalog()
        .detectors()
        .filter(|detector| detector.leaks.len() < 2 || detector.cleans.len() < 2)
        .map(|detector| format!("{}: {} leak, {} clean", detector.id, detector.leaks.len(), detector.cleans.len()))
        .collect();
    assert!(few.is_empty(), "{} detectors:\n{}", few.len(), few.join("\n"));
}

#[test]
fn every_clean_sample_says_why() {
    let mute: Vec<&str> = catalog()
        .detectors()
        .filter(|detector| detector.cleans.iter().any(|clean| clean.why.trim().is_empty()))
        .map(|detector| detector.id.as_ref())
        .collect();
    assert!(mute.is_empty(), "{mute:?}");
}

/// Where the pattern is searched around the keyword, a keyword that holds another one of the same detector is never
/// needed: where it is, the other is too.
#[test]
fn no_keyword_of_a_searched_pattern_holds_another_one() {
    let mut useless = Vec::new();
    for detector in catalog().detectors().filter(|detector| matches!(detector.find, Find::Token { anchored: false, .. })) {
        for keyword in detector.keywords.iter() {
            let shorter = detector.keywords.iter().find(|other| *other != keyword && keyword.contains(other.as_ref()));
            if let Some(shorter) = shorter {
                useless.push(format!("{}: {keyword:?} holds {shorter:?}", detector.id));
            }
        }
    }
    assert!(useless.is_empty(), "{}", useless.join("\n"));
}

#[test]
fn every_keyword_of_a_token_can_occur_in_a_match() {
    let mut useless = Vec::new();
    for detector in catalog().detectors() {
        let Find::Token { pattern, .. } = &detector.find else { continue };
        let config = NFA::config().which_captures(WhichCaptures::None);
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let nfa = NFA::compiler().configure(config).syntax(syntax).build(pattern).expect("patterns that ship compile");
        let keywords = detector.keywords.iter().filter(|keyword| !can_occur(&nfa, keyword.as_bytes()));
        useless.extend(keywords.map(|keyword| format!("{}: {keyword:?}", detector.id)));
    }
    assert!(useless.is_empty(), "no match can hold these keywords:\n{}", useless.join("\n"));
}

/// Returns whether a match can hold the keyword, in any case: every state can be inside of a match.
fn can_occur(nfa: &NFA, keyword: &[u8]) -> bool {
    let mut states = reached(nfa, [nfa.start_anchored()], |_| true);
    for byte in keyword {
        let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        let next: Vec<StateID> = states.iter().flat_map(|&id| cases.iter().filter_map(move |&byte| step(nfa, id, byte))).collect();
        states = reached(nfa, next, |state| state.is_epsilon());
    }
    !states.is_empty()
}

fn step(nfa: &NFA, id: StateID, byte: u8) -> Option<StateID> {
    match nfa.state(id) {
        State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
        State::Sparse(transitions) => transitions.matches_byte(byte),
        State::Dense(transitions) => transitions.matches_byte(byte),
        _ => None,
    }
}

/// Returns the states that are reached, going on from those that may be left.
fn reached(nfa: &NFA, from: impl IntoIterator<Item = StateID>, may_leave: impl Fn(&State) -> bool) -> BTreeSet<StateID> {
    let mut pending: Vec<StateID> = from.into_iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = pending.pop() {
        if !reached.insert(id) || !may_leave(nfa.state(id)) {
            continue;
        }
        match nfa.state(id) {
            State::ByteRange { trans } => pending.push(trans.next),
            State::Sparse(transitions) => pending.extend(transitions.transitions.iter().map(|trans| trans.next)),
            State::Dense(transitions) => pending.extend((0..=255).filter_map(|byte| transitions.matches_byte(byte))),
            State::Look { next, .. } | State::Capture { next, .. } => pending.push(*next),
            State::Union { alternates } => pending.extend(alternates.iter()),
            State::BinaryUnion { alt1, alt2 } => pending.extend([*alt1, *alt2]),
            State::Fail | State::Match { .. } => {}
        }
    }
    reached
}

#[test]
fn every_guidance_has_three_steps_and_says_who_can_revoke() {
    let mut poor = BTreeSet::new();
    for detector in catalog().detectors() {
        if detector.guidance.rotate.len() < 3 {
            poor.insert(format!("{}: {} steps", detector.id, detector.guidance.rotate.len()));
        }
        if detector.guidance.who_can_revoke.trim().is_empty() {
            poor.insert(format!("{}: who can revoke it?", detector.id));
        }
    }
    assert!(poor.is_empty(), "{poor:#?}");
}

fn schema() -> jsonschema::Validator {
    let place = Place::folder();
    let schema = place.staunch(&["detectors", "schema"]).ends(0).json();
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

fn shipped_files() -> Vec<(String, Value)> {
    let folder = std::fs::read_dir(source().join("detectors")).expect("detectors ship");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("it is text");
            // An editor reads YAML 1.2, where `no` is a word.
            let options = serde_saphyr::options! { strict_booleans: true };
            let value = serde_saphyr::from_str_with_options(&text, options).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.display().to_string(), value)
        })
        .collect()
}

#[test]
fn the_schema_for_editors_accepts_every_file_that_ships() {
    let schema = schema();
    let mut wrong = Vec::new();
    for (path, file) in shipped_files() {
        wrong.extend(schema.iter_errors(&file).map(|error| format!("{path}: {}: {error}", error.instance_path())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_schema_for_editors_refuses_a_key_that_is_not_known() {
    let schema = schema();
    let (_, file) = shipped_files().into_iter().next().expect("detectors ship");
    for pointer in ["", "/detectors/0", "/detectors/0/samples"] {
        let mut file = file.clone();
        let at = file.pointer_mut(pointer).expect("every file has it");
        at["colour"] = json!("green");
        assert!(!schema.is_valid(&file), "a key at {pointer:?} was accepted");
    }
}

#[test]
fn the_schema_of_the_configuration_knows_its_keys() {
    let schema = Place::folder().staunch(&["detectors", "schema", "--config"]).ends(0).json();
    let schema = jsonschema::validator_for(&schema).expect("the schema is a schema");
    assert!(schema.is_valid(&json!({ "allow": [{ "detector": "jwt", "reason": "demo" }] })));
    assert!(!schema.is_valid(&json!({ "allow": [{ "detector": "jwt" }] })), "a reason is required");
    assert!(!schema.is_valid(&json!({ "alow": [] })));
}

#[test]
fn one_detector_can_be_shown_and_an_unknown_one_cannot() {
    let place = Place::folder();
    place.staunch(&["detectors", "show", "github-pat-classic"]).ends(0).says("who can revoke").says("step 3");
    place.staunch(&["detectors", "show", "no-such"]).ends(2).says("error: ").says("hint: ");
    let listed = place.staunch(&["detectors", "list"]).ends(0);
    assert_eq!(listed.out.lines().count(), catalog().detectors().len());
}
