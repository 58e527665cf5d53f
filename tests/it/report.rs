//! JSON, JSON Lines and what people see: documented fields, and nothing hostile reaches the terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use crate::support::{DETECTOR, Place, leak, source, token};

#[track_caller]
fn has(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let missing: Vec<&&str> = keys.iter().filter(|key| !object.contains_key(**key)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in {value:#}");
}

const PLACE: [&str; 6] = ["path", "line", "end_line", "column", "end_column", "origin"];
const COMMIT: [&str; 5] = ["commit", "author", "email", "date", "summary"];

#[test]
fn json_has_its_fields() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.write(".staunch.yaml", "allow:\n  - path: gone.txt\n    reason: x\n");
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    has(&report, &["version", "tool", "complete", "subject", "detectors", "credentials", "suppressed", "coverage", "notices"]);
    assert_eq!(report["version"], 1);
    has(&report["tool"], &["name", "version"]);
    has(&report["coverage"], &["scope", "commits", "blobs", "bytes", "skipped"]);
    has(&report["notices"][0], &["place", "what"]);
    let credential = &report["credentials"][0];
    let keys = ["fingerprint", "detector", "title", "provider", "severity", "confidence", "secret", "length", "expiry", "evidence"];
    has(credential, &keys);
    let kind = &report["detectors"][DETECTOR];
    has(kind, &["title", "provider", "category", "severity", "self_identifying", "cwe", "guidance"]);
    has(&kind["guidance"], &["who_can_revoke", "revoke", "rotate", "investigate", "reaches", "prevent", "references"]);
    has(&credential["places"][0], &PLACE);
    has(&credential["places"][0], &COMMIT);
    assert_eq!(credential["length"], 40);
    assert_eq!(credential["secret"], "ghp_…(40)");
}

#[test]
fn the_fields_of_json_are_documented() {
    let path = source().join("docs/json.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.remove("a.txt");
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    let mut undocumented = Vec::new();
    let kind = &report["detectors"][DETECTOR];
    for object in [&report, &report["coverage"], kind, &report["credentials"][0], &report["credentials"][0]["places"][0]] {
        undocumented.extend(object.as_object().expect("an object").keys().filter(|key| !text.contains(&format!("`{key}`"))).cloned());
    }
    assert!(undocumented.is_empty(), "{undocumented:?}");
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_program_and_reports_follow_it() {
    let place = Place::repo();
    let schema = place.staunch(&["report", "schema"]).ends(0);
    let kept = std::fs::read_to_string(source().join("docs/report.schema.json")).expect("it is in the repository");
    assert!(kept == schema.out, "run `staunch report schema >docs/report.schema.json`");
    let validator = jsonschema::validator_for(&schema.json()).expect("the schema is a schema");
    place.commit("a.txt", leak(1));
    place.commit("b.txt", format!("{} # staunch:allow a test\n", leak(2).trim_end()));
    place.remove("a.txt");
    place.git(&["commit", "-q", "--allow-empty", "-m", &token(3)]);
    for args in [&["audit"][..], &["scan", ".", "nowhere"], &["check", "--unpushed"]] {
        let report = place.staunch(&[args, &["--format", "json"]].concat()).json();
        let wrong: Vec<String> = validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{args:?}: {wrong:?}");
    }
    let wrong = serde_json::json!({ "version": 1, "credentials": "none" });
    assert!(!validator.is_valid(&wrong), "it refuses what is no report");
}

#[test]
fn json_lines_have_their_fields() {
    let place = Place::repo();
    place.write("src/a.txt", leak(1));
    place.git(&["add", "."]);
    let own = ["detector", "title", "severity", "confidence", "fingerprint", "secret"];
    for args in [&["scan"][..], &["check"]] {
        let line = place.staunch(&[args, &["--format", "jsonl"]].concat()).ends(1).lines().remove(0);
        has(&line, &PLACE);
        has(&line, &own);
        assert_eq!(line["commit"], Value::Null, "nothing is committed");
        assert_eq!(line["path"], "src/a.txt");
        let numbers = ["line", "column", "end_line", "end_column"].map(|key| line[key].as_u64());
        assert_eq!(numbers, [Some(1), Some(5), Some(1), Some(45)]);
        assert_eq!((line["detector"].as_str(), line["severity"].is_string()), (Some(DETECTOR), true));
    }
    place.git(&["commit", "-q", "-m", "x"]);
    for args in [&["audit"][..], &["check", "--unpushed"]] {
        let line = place.staunch(&[args, &["--format", "jsonl"]].concat()).ends(1).lines().remove(0);
        has(&line, &PLACE);
        has(&line, &own);
        has(&line, &COMMIT);
        assert_eq!(line["commit"], place.git(&["rev-parse", "HEAD"]));
    }
}

#[test]
fn json_lines_of_a_clean_run_are_none() {
    let place = Place::folder();
    assert_eq!(place.staunch(&["scan", "--format", "jsonl"]).ends(0).out, "");
}

#[test]
fn the_path_is_as_the_user_would_type_it_from_the_current_folder() {
    let place = Place::repo();
    place.write("src/deep/a.txt", leak(1));
    place.git(&["add", "."]);
    for (folder, path) in [("", "src/deep/a.txt"), ("src", "deep/a.txt"), ("src/deep", "a.txt")] {
        let line = place.staunch_in(&place.path(folder), &["check", "--format", "jsonl"]).ends(1).lines().remove(0);
        assert_eq!(line["path"], path, "in {folder:?}");
        assert!(place.path(folder).join(path).exists());
    }
    place.git(&["commit", "-q", "-m", "x"]);
    place.write("other/b.txt", "clean\n");
    let unpushed = place.staunch_in(&place.path("other"), &["check", "--unpushed", "--format", "jsonl"]).ends(1);
    assert_eq!(unpushed.lines()[0]["path"], "../src/deep/a.txt");
    let audit = place.staunch_in(&place.path("src"), &["audit", "--format", "jsonl"]).ends(1);
    assert_eq!(audit.lines()[0]["path"], "deep/a.txt", "also in an audit of the repository around");
}

#[test]
fn a_multi_line_secret_has_both_of_its_ends() {
    let place = Place::folder();
    let detector =
        crate::support::catalog().detectors().find(|d| d.leaks.iter().any(|leak| leak.contains("«{pem:"))).expect("keys ship").clone();
    let template = detector.leaks.iter().find(|leak| leak.contains("«{pem:")).expect("it was just found");
    let sample = staunch::detect::sample::expand(template, &detector, 1);
    let secret = sample.secret.expect("it is marked");
    place.write("key.txt", &sample.text);
    let line = place.staunch(&["scan", "--format", "jsonl"]).ends(1).lines().remove(0);
    let count = |bytes: &[u8]| bytes.iter().filter(|&&b| b == b'\n').count() as u64;
    assert_eq!(line["line"].as_u64(), Some(1 + count(&sample.text[..secret.start])));
    assert_eq!(line["end_line"].as_u64(), Some(1 + count(&sample.text[..secret.end])));
    assert!(line["end_line"].as_u64() > line["line"].as_u64());
}

const HOSTILE: [&[u8]; 6] =
    [b"a\x1b[2Jb.txt", b"::error::x.txt", b"x\n::error file=y::z", b"\xe2\x80\xaetxt.exe", b"cr\rback.txt", b"\xc2\x9b2J.txt"];

/// Checks that nothing can move the terminal, and that no line begins with a command of a CI log.
#[track_caller]
fn harmless(text: &str, what: &str) {
    let is_moving =
        |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    assert!(!text.chars().any(is_moving), "{what}: {text:?}");
    let commands: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect();
    assert!(commands.is_empty(), "{what}: {commands:?}");
}

#[test]
fn hostile_names_of_files_cannot_move_the_terminal() {
    for name in HOSTILE {
        let place = Place::repo();
        place.write(OsStr::from_bytes(name), leak(1));
        place.git(&["add", "."]);
        harmless(&place.staunch(&["scan"]).ends(1).all(), "scan");
        harmless(&place.staunch(&["check"]).ends(1).all(), "check");
        place.git(&["commit", "-q", "-m", "x"]);
        harmless(&place.staunch(&["audit"]).ends(1).all(), "audit");
        harmless(&place.staunch(&["check", "--unpushed"]).ends(1).all(), "unpushed");
        for format in ["json", "jsonl", "sarif"] {
            let out = place.staunch(&["audit", "--format", format]).ends(1).out;
            assert!(!out.contains('\u{1b}') && !out.contains('\r'), "{format}: {out:?}");
        }
    }
}

#[test]
fn hostile_names_of_what_is_missing_cannot_move_the_terminal() {
    let place = Place::folder();
    for name in ["a\u{1b}[2J", "x\n::error::y", "\u{202e}x"] {
        harmless(&place.staunch(&["scan", name]).ends(2).all(), name);
        harmless(&place.staunch(&["audit", name]).ends(2).all(), name);
        harmless(&place.staunch(&["scan", "--config", name]).ends(2).all(), name);
        harmless(&place.staunch(&["scan", "--detectors", name]).ends(2).all(), name);
    }
}

#[test]
fn hostile_contents_cannot_move_the_terminal() {
    let place = Place::repo();
    place.write("a.txt", format!("\u{1b}]0;title\u{7}\u{202e}\u{9b}2J\n\u{1b}[2J {} \r::error::x\n::error::y\n", token(1)));
    harmless(&place.staunch(&["scan"]).ends(1).all(), "scan");
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "\u{1b}[2J", "--author", "\u{1b}[1mAnn\u{202e} <a\u{1b}@example.com>"]);
    harmless(&place.staunch(&["audit"]).ends(1).all(), "audit");
    harmless(&place.staunch(&["check", "--unpushed"]).ends(1).all(), "unpushed");
}

#[test]
fn a_hostile_branch_and_a_hostile_reason_cannot_move_the_terminal() {
    let place = Place::repo();
    place.commit("a.txt", format!("{} # staunch:allow \u{1b}[2J\n", leak(1).trim_end()));
    place.git(&["update-ref", "refs/heads/x\u{202e}y", "HEAD"]);
    place.write(".staunch.yaml", "allow:\n  - path: gone\n    reason: x\n    owner: \"\\e[2J\\n::error::x\"\n    expires: 2020-01-01\n");
    harmless(&place.staunch(&["audit"]).ends(0).all(), "audit");
}

#[test]
fn pretty_shows_where_who_when_and_the_way_out() {
    let place = Place::repo();
    let commit = place.commit("src/a.txt", format!("one\n{}three\n", leak(1)));
    let ran = place.staunch(&["audit"]).ends(1);
    for text in
        ["src/a.txt:2:5", "ghp_…(40)", DETECTOR, "Ann Author", "2026-01-02", &commit[..7], "revoke:", "1. ", "2. ", "staunch rotate"]
    {
        assert!(ran.out.contains(text), "{text:?} is not in\n{}", ran.out);
    }
    assert!(ran.out.contains("three"), "the lines around are shown:\n{}", ran.out);
    assert!(ran.out.contains("1 credential in 1 place"), "{}", ran.out);
}

#[test]
fn pretty_groups_by_credential_and_puts_the_worst_first() {
    let place = Place::repo();
    place.commit("a.env", crate::support::assignment(1));
    for name in ["b.txt", "c.txt", "d.txt", "e.txt", "f.txt", "g.txt"] {
        place.commit(name, leak(1));
    }
    let ran = place.staunch(&["audit"]).ends(1).says("2 credentials in 7 places").says("and 2 more places");
    let at = |text: &str| ran.out.find(text).unwrap_or_else(|| panic!("{text:?} is not in\n{}", ran.out));
    assert!(at(DETECTOR) < at("generic-password"), "{}", ran.out);
}

#[test]
fn a_secret_is_masked_in_the_excerpt_of_its_neighbour() {
    let place = Place::folder();
    place.write("a.txt", leak(1) + &leak(2) + &leak(3));
    let ran = place.staunch(&["scan"]).ends(1);
    for seed in 1..4 {
        assert!(!ran.out.contains(&token(seed)[8..]), "{}", ran.out);
    }
    assert!(ran.out.contains("ghp_…(40)"), "{}", ran.out);
}

#[test]
fn a_secret_suppressed_or_below_the_bar_is_masked_in_an_excerpt_too() {
    let place = Place::folder();
    place.write("a.txt", format!("{} # staunch:allow\n{}{}", leak(1).trim_end(), leak(2), crate::support::assignment(3)));
    let ran = place.staunch(&["scan", "--min-severity", "high"]).ends(1);
    assert!(!ran.out.contains(&token(1)) && !ran.out.contains(&crate::support::password(3)), "{}", ran.out);
}
