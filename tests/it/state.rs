//! `staunch audit --state` reads what is new, and reports what an audit without it reports.

use std::fs;

use serde_json::Value;

use crate::support::{Place, leak};

/// A repository with a leak in a branch, one that was removed, and much that is clean.
fn place() -> Place {
    let place = Place::repo();
    for number in 0..20 {
        place.commit("code.rs", (0..number * 10).map(|line| format!("line {line}\n")).collect::<String>());
    }
    place.commit("gone.txt", leak(1));
    place.remove("gone.txt");
    place.commit("kept.txt", leak(2));
    place
}

/// Audits with and without the state: coverage apart, both reports are the same; returns the coverage of the first.
#[track_caller]
fn same(place: &Place, args: &[&str]) -> Value {
    let state = place.beside("state");
    let all = |more: &[&str]| {
        let args = [&["audit", ".", "-f", "json"], args, more].concat();
        let mut report = place.staunch(&args).ends(1).json();
        let coverage = report["coverage"].take();
        (report, coverage)
    };
    let (with, coverage) = all(&["--state", state.to_str().expect("UTF-8")]);
    let (without, in_full) = all(&[]);
    assert_eq!(with, without);
    let sum = |coverage: &Value| coverage["blobs"].as_u64().unwrap_or(0) + coverage["known"].as_u64().unwrap_or(0);
    assert_eq!(sum(&coverage), sum(&in_full), "every blob was read or is known");
    coverage
}

#[test]
fn the_second_audit_reads_only_what_is_not_known_to_be_clean() {
    let place = place();
    assert_eq!(same(&place, &[])["known"], 0);
    let second = same(&place, &[]);
    assert_eq!((second["blobs"].as_u64(), second["known"].as_u64()), (Some(2), Some(20)));
    place.commit("new.txt", leak(3));
    place.commit("clean.txt", "clean\n");
    let third = same(&place, &[]);
    assert_eq!((third["blobs"].as_u64(), third["known"].as_u64()), (Some(4), Some(20)));
}

#[test]
fn a_state_outlives_gc_and_force_pushes() {
    let place = place();
    same(&place, &[]);
    place.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    assert_eq!(same(&place, &[])["known"], 20);
    place.commit("code.rs", "other\n");
    place.git(&["checkout", "-q", "--orphan", "fresh"]);
    place.commit("kept.txt", leak(4));
    place.git(&["branch", "-q", "-D", "main"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    place.git(&["gc", "-q", "--prune=now"]);
    let coverage = same(&place, &[]);
    assert_eq!(coverage["known"], 0, "of the old history nothing but the tree of the index was kept: {coverage}");
}

#[test]
fn a_new_leak_in_a_delta_of_a_known_blob_is_found() {
    let place = Place::repo();
    let text: String = (0..4_000).map(|line| format!("line {line} of a long file\n")).collect();
    place.commit("long.txt", &text);
    place.commit("kept.txt", leak(2));
    same(&place, &[]);
    place.commit("long.txt", format!("{text}{}", leak(3)));
    place.git(&["repack", "-q", "-adf"]);
    let coverage = same(&place, &[]);
    assert_eq!(coverage["known"], 1, "the long file without the leak: {coverage}");
}

#[test]
fn another_catalog_or_another_level_looks_at_everything_again() {
    let place = place();
    same(&place, &[]);
    assert_eq!(same(&place, &["--min-confidence", "low"])["known"], 0);
    assert_eq!(same(&place, &[])["known"], 0, "the state is now that of the other level");
    place.write(
        "more/acme.yaml",
        "provider: Acme\ncategory: saas\ndetectors:\n  - id: acme-line\n    title: A line\n    severity: high\n    keywords: [line]\n    \
         pattern: 'line 57'\n    samples:\n      leak: ['«line 57»']\n",
    );
    let with_more = same(&place, &["--detectors", "more"]);
    assert_eq!(with_more["known"], 0);
}

#[test]
fn a_damaged_or_foreign_state_is_refused_and_left_as_it_is() {
    let place = place();
    same(&place, &[]);
    let path = place.beside("state");
    let mut bytes = fs::read(&path).expect("it was written");
    *bytes.last_mut().expect("not empty") ^= 1;
    fs::write(&path, &bytes).expect("ours");
    let state = path.to_str().expect("UTF-8");
    place.staunch(&["audit", ".", "--state", state]).ends(2).says("damaged").says("delete it");
    assert_eq!(fs::read(&path).expect("still there"), bytes);
    fs::write(&path, "notes\n").expect("ours");
    place.staunch(&["audit", ".", "--state", state]).ends(2).says("no state of an audit");
    assert_eq!(fs::read(&path).expect("still there"), b"notes\n");
    place.staunch(&["audit", ".", "--state", "."]).ends(2).says("no state of an audit");
}

#[test]
fn what_could_not_be_read_is_not_known() {
    let place = place();
    let blob = place.git(&["rev-parse", "HEAD~4:code.rs"]);
    let path = place.path(format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()));
    let aside = place.beside("aside");
    fs::rename(&path, &aside).expect("it is loose");
    let state = place.beside("state");
    let audit = || place.staunch(&["audit", ".", "-f", "json", "--state", state.to_str().expect("UTF-8")]);
    audit().ends(2);
    fs::rename(&aside, &path).expect("ours");
    let coverage = audit().ends(1).json()["coverage"].take();
    assert_eq!((coverage["blobs"].as_u64(), coverage["known"].as_u64()), (Some(3), Some(19)));
}
