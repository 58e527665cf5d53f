//! `staunch allow`, and what a hook says of false alarms.

use crate::hook::hooked;
use crate::support::{Place, leak};

/// Returns the fingerprint of the only credential in what is staged.
fn fingerprint(place: &Place) -> String {
    let lines = place.staunch(&["check", "--format", "jsonl"]).ends(1).lines();
    lines[0]["fingerprint"].as_str().expect("it has one").to_owned()
}

#[test]
fn the_line_on_the_screen_allows_what_was_stopped() {
    let place = hooked();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    let line = ran.err.lines().find_map(|line| line.split_once("staunch allow ")).expect("it names the command").1;
    let (shown, rest) = line.split_once(' ').expect("a reason follows");
    assert_eq!((shown, rest), (fingerprint(&place).as_str(), "--reason 'WHY'"));
    place.staunch(&["allow", shown, "--reason", "made up for a test"]).ends(0);
    place.try_git(&["commit", "-q", "-m", "x"]).ends(0);
    let report = place.staunch(&["audit", "--format", "json"]).ends(0).json();
    assert_eq!(report["suppressed"][0]["suppression"]["reason"], "made up for a test");
}

#[test]
fn the_configuration_keeps_its_bytes_around_the_new_entry() {
    let place = Place::repo();
    place.write("sub/a.txt", leak(1));
    place.git(&["add", "."]);
    let own = fingerprint(&place);
    let (head, tail) = ("# ours\nallow:\n    # old\n    - path:   b.txt\n      reason: 'x'   # why not\n", "\n# not ours\nexclude: []\n");
    place.write(".staunch.yaml", format!("{head}{tail}"));
    let args = ["allow", &own, "--reason", "a: test", "--owner", "ann", "--expires", "2999-12-31", "--path", "sub/*.txt"];
    place.staunch_in(&place.path("sub"), &args).ends(0);
    let entry = format!(
        "    - fingerprint: {own}\n      path: \"sub/*.txt\"\n      reason: \"a: test\"\n      owner: ann\n      expires: 2999-12-31\n"
    );
    assert_eq!(place.read(".staunch.yaml").replace(&format!("\"{own}\""), &own), format!("{head}{entry}{tail}"));
    place.staunch(&["check"]).ends(0);
    let before = place.read(".staunch.yaml");
    place.staunch(&args).ends(0).says("there already");
    assert_eq!(place.read(".staunch.yaml"), before);
}

#[test]
fn what_cannot_be_added_changes_nothing_and_shows_the_lines() {
    let place = Place::folder();
    let own = "0a".repeat(10);
    let text = "allow: [{path: a, reason: x}]\n";
    place.write(".staunch.yaml", text);
    place.staunch(&["allow", &own, "--reason", "a test"]).ends(2).says("add it by hand").says(&format!("- fingerprint: {own}"));
    assert_eq!(place.read(".staunch.yaml"), text);
    place.staunch(&["allow", "nonsense", "--reason", "a test"]).ends(2).says("hint: ");
    place.staunch(&["allow", &own, "--reason", " "]).ends(2).says("hint: ");
    place.staunch(&["allow", &own]).ends(2);
    place.staunch(&["allow", &own, "--reason", "x", "--expires", "soon"]).ends(2).says("2027-03-31");
    assert_eq!(place.read(".staunch.yaml"), text);
}

#[test]
fn what_goes_on_is_not_called_stopped() {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let ran = place.staunch(&["hook", "run", "pre-commit", "--exit-zero"]).ends(0).says("which goes on");
    assert!(!ran.all().contains("stopped"), "{ran:?}");
    place.staunch(&["hook", "run", "pre-commit"]).ends(1).says("staunch stopped this commit");
}

#[test]
fn the_first_digits_are_enough_where_they_name_one_credential() {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let own = fingerprint(&place);
    let allowed = |digits: &str| place.staunch(&["allow", digits, "--reason", "a test"]);
    allowed(&own[..7]).ends(2).says("is no fingerprint").says("of which 8 are enough");
    let other = if own.starts_with('0') { "11111111" } else { "00000000" };
    allowed(other).ends(2).says("nothing that is found here").says("all 20 digits");
    assert!(!place.path(".staunch.yaml").exists());
    allowed(&own[..8].to_uppercase()).ends(0);
    assert!(place.read(".staunch.yaml").contains(&own), "it is written whole: {}", place.read(".staunch.yaml"));
    place.staunch(&["check"]).ends(0);
}

#[test]
fn the_first_digits_name_what_is_in_no_repository_and_what_was_removed() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let found =
        |args: &[&str]| place.staunch(args).ends(1).json()["credentials"][0]["fingerprint"].as_str().expect("it has one").to_owned();
    let own = found(&["scan", "--format", "json"]);
    place.staunch(&["allow", &own[..8], "--reason", "a test"]).ends(0);
    place.staunch(&["scan"]).ends(0);
    place.git(&["init", "-q", "-b", "main"]);
    place.write(".staunch.yaml", "");
    place.commit("b.txt", leak(2));
    place.remove("b.txt");
    let old = found(&["audit", "--format", "json"]);
    place.staunch(&["allow", &old[..9], "--reason", "a test"]).ends(0);
    place.staunch(&["audit"]).ends(0);
}

#[test]
fn digits_that_begin_several_fingerprints_list_them() {
    let place = Place::folder();
    // Of so many, two begin with the same four digits; `rotate` takes four.
    place.write("many.txt", (0..700).map(leak).collect::<String>());
    let report = place.staunch(&["scan", "--format", "json"]).ends(1).json();
    let all: Vec<String> =
        crate::support::credentials(&report).iter().map(|one| one["fingerprint"].as_str().expect("it has one").to_owned()).collect();
    let twins = all.iter().find_map(|one| all.iter().find(|other| *other != one && other[..4] == one[..4]).map(|other| (one, other)));
    let (one, other) = twins.expect("it is all but sure");
    place.git(&["init", "-q", "-b", "main"]);
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "many"]);
    place.staunch(&["rotate", &one[..4]]).ends(2).says(one).says(other);
    place.staunch(&["ledger", "sync"]);
    place.staunch(&["ledger", "set", &one[..4], "acknowledged"]).ends(2).says(one).says(other);
    place.staunch(&["purge", "verify", &one[..4]]).ends(2).says(one).says(other);
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.staunch(&["check", "--interactive"]).ends(1).says("no terminal");
    place.staunch(&["hook", "run", "pre-commit", "--interactive"]).ends(1).says("no terminal");
    assert!(!place.path(".staunch.yaml").exists());
}

#[test]
fn an_entry_that_would_end_every_scan_or_hide_nothing_is_not_written() {
    let place = Place::repo();
    let allow = |more: &[&str]| place.staunch(&[&["allow", "0123456789abcdef0123", "--reason", "x"], more].concat());
    allow(&["--path", "a["]).ends(2).says("is not a glob");
    allow(&["--expires", "2020-01-01"]).ends(2).says("is past");
    assert!(!place.path(".staunch.yaml").exists());
    allow(&[]).ends(0).says("commit it");
}
