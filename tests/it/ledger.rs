//! The ledger: what became of each credential, over audits, commits and merges.

use serde_json::json;

use crate::support::{Place, leak, token};

const FILE: &str = ".staunch/ledger.yaml";

/// A repository with one leak, and its fingerprint.
fn leaky() -> (Place, String) {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let (_, found) = place.audited(&[]);
    let fingerprint = found[0]["fingerprint"].as_str().expect("a text").to_owned();
    (place, fingerprint)
}

#[test]
fn a_new_credential_gets_an_entry_that_holds_no_secret() {
    let (place, fingerprint) = leaky();
    place.staunch(&["ledger", "sync", "--check"]).ends(1).says("new ");
    assert!(!place.path(FILE).exists(), "a check writes nothing");
    place.staunch(&["ledger", "sync"]).ends(0).says(&fingerprint);
    let text = place.read(FILE);
    assert!(text.contains(&fingerprint) && text.contains("state: open") && !text.contains(&token(1)), "{text}");
    place.staunch(&["ledger", "sync", "--check"]).ends(0).says("1 known, 0 changed, 0 overdue");
    assert_eq!(place.read(FILE), text, "nothing changed, so nothing is written");
}

#[test]
fn it_goes_from_open_to_purged_step_by_step() {
    let (place, fingerprint) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    let set = |args: &[&str]| place.staunch(&[&["ledger", "set", &fingerprint[..8]], args].concat());
    set(&["acknowledged", "--owner", "@ops", "--ticket", "OPS-1"]).ends(0);
    set(&["revoked"]).ends(2).says("needs evidence");
    set(&["revoked", "--evidence", "GET /user answers 401"]).ends(0);
    place.staunch(&["ledger", "sync"]).ends(0).says("0 changed");
    place.remove("a.txt");
    place.staunch(&["ledger", "sync"]).ends(0).says("removed ");
    // Nothing holds it any more.
    place.git(&["switch", "-q", "--orphan", "fresh"]);
    place.commit("b.txt", "clean\n");
    place.git(&["branch", "-q", "-D", "main"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    place.git(&["gc", "-q", "--prune=now"]);
    place.staunch(&["ledger", "sync"]).ends(0).says("purged ");
    let text = place.read(FILE);
    assert!(
        ["state: purged", "ticket: \"OPS-1\"", "owner: \"@ops\"", "evidence:", "revoked:"].iter().all(|part| text.contains(part)),
        "{text}"
    );
    place.commit("c.txt", leak(1));
    place.staunch(&["ledger", "sync"]).says("reopened ");
    assert!(place.read(FILE).contains("reopened: 1"));
}

#[test]
fn what_is_overdue_fails_and_what_is_accepted_does_not_until_its_day() {
    let (place, fingerprint) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    let set = |args: &[&str]| place.staunch(&[&["ledger", "set", &fingerprint], args].concat());
    set(&["open", "--due", "2020-01-01"]).ends(0);
    place.staunch(&["ledger", "status"]).ends(1).says("OVERDUE");
    place.staunch(&["ledger", "sync", "--check"]).ends(1).says("1 overdue");
    set(&["accepted", "--reason", "a test account"]).ends(2).says("a reason and an end");
    set(&["accepted", "--reason", "a test account", "--until", "2999-01-01"]).ends(0);
    place.staunch(&["ledger", "status"]).ends(0).says("until 2999-01-01");
    place.staunch(&["ledger", "sync", "--check"]).ends(0);
    set(&["accepted", "--until", "2020-01-01"]).ends(2).says("is past");
    place.write(FILE, place.read(FILE).replace("until: \"2999-01-01\"", "until: \"2020-01-01\""));
    place.staunch(&["ledger", "status"]).ends(1);
    place.staunch(&["ledger", "sync"]).ends(0).says("reopened ");
}

#[test]
fn what_vanished_without_being_revoked_is_said() {
    let (place, _) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    place.git(&["switch", "-q", "--orphan", "fresh"]);
    place.commit("b.txt", "clean\n");
    place.git(&["branch", "-q", "-D", "main"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    place.git(&["gc", "-q", "--prune=now"]);
    place.staunch(&["ledger", "sync"]).ends(0).says("gone? ");
    assert!(place.read(FILE).contains("state: open"));
}

#[test]
fn two_branches_that_add_entries_merge() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", leak(2));
    place.commit("c.txt", leak(3));
    place.staunch(&["ledger", "sync"]).ends(0);
    place.git(&["add", "-f", FILE]);
    place.git(&["commit", "-q", "-m", "ledger"]);
    let fingerprints: Vec<String> = place
        .read(FILE)
        .lines()
        .filter_map(|line| line.strip_prefix("  - fingerprint: \"")?.strip_suffix('"').map(str::to_owned))
        .collect();
    for (branch, entry) in [("one", &fingerprints[0]), ("two", &fingerprints[2])] {
        place.git(&["switch", "-q", "-c", branch, "main"]);
        place.staunch(&["ledger", "set", entry, "acknowledged", "--owner", branch]).ends(0);
        place.git(&["commit", "-q", "-a", "-m", branch]);
    }
    place.git(&["merge", "-q", "-m", "both", "one"]);
    let report = place.staunch(&["ledger", "report", "--format", "json"]).ends(0).json();
    assert_eq!(report["by_state"], json!({ "open": 1, "acknowledged": 2 }));
}

#[test]
fn figures_tell_how_long_it_takes_to_revoke() {
    let (place, _) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    let text = place.read(FILE);
    let found = text.lines().find(|line| line.contains("found:")).expect("it is there");
    let mended = text.replace(found, "    found: \"2026-01-01\"").replace("state: open", "state: revoked\n    revoked: \"2026-01-05\"");
    place.write(FILE, mended);
    let report = place.staunch(&["ledger", "report", "--format", "json"]).ends(0).json();
    assert_eq!(report["mean_days_to_revoke"], json!(4.0));
    place.staunch(&["ledger", "report"]).ends(0).says("4.0 days to revoke on average");
    place.staunch(&["ledger", "report", "--format", "markdown"]).ends(0).says("| critical |");
}

#[test]
fn a_broken_ledger_is_refused_and_left_as_it_is() {
    let (place, _) = leaky();
    place.write(FILE, "version: 1\ncredentials:\n  - what: x\n");
    place.staunch(&["ledger", "sync"]).ends(2).says("ledger.yaml");
    assert!(place.read(FILE).contains("what: x"));
}

#[test]
fn another_key_or_a_filter_makes_nothing_gone() {
    let (mut place, fingerprint) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    place.staunch(&["ledger", "set", &fingerprint, "revoked", "--evidence", "401"]).ends(0);
    let text = place.read(FILE);
    place.staunch(&["ledger", "sync", "--min-severity", "critical"]).ends(2).says("--min-severity");
    place.staunch(&["ledger", "sync", "--min-confidence", "high"]).ends(2).says("--min-confidence");
    place.staunch(&["ledger", "sync", "--format", "sarif"]).ends(2).says("--format");
    place.set("STAUNCH_KEY", "another");
    for check in [&["ledger", "sync"][..], &["ledger", "sync", "--check"]] {
        place.staunch(check).ends(2).says("was made with another STAUNCH_KEY");
    }
    assert_eq!(place.read(FILE), text, "nothing is changed");
}

#[test]
fn an_old_file_gets_the_mark_of_its_key_once_it_knows_something_that_is_here() {
    let (mut place, _) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    let whole = place.read(FILE);
    let old: String = whole.lines().filter(|line| !line.starts_with("key: ")).map(|line| format!("{line}\n")).collect();
    assert_ne!(old, whole);
    place.write(FILE, &old);
    place.staunch(&["ledger", "sync"]).ends(0);
    assert_eq!(place.read(FILE), whole);
    place.write(FILE, &old);
    place.set("STAUNCH_KEY", "another");
    place.staunch(&["ledger", "sync"]).ends(2).says("key: \"");
    assert_eq!(place.read(FILE), old);
}

#[test]
fn what_a_baseline_keeps_silent_is_in_the_ledger_as_well() {
    let (place, fingerprint) = leaky();
    place.staunch(&["baseline", "create"]).ends(0);
    place.staunch(&["ledger", "sync", "--check"]).ends(1).says("new ").says(&fingerprint);
}
