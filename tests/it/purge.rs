//! A plan to take a credential out of a history, and the proof that it is gone.

use staunch::secret::{FingerprintKey, Secret};

use crate::support::{Place, Ran, leak, token};

fn leaky() -> (Place, String) {
    let place = Place::repo();
    place.commit("readme", "clean\n");
    place.commit("a.txt", leak(1));
    place.git(&["tag", "v1"]);
    place.remove("a.txt");
    let (_, found) = place.audited(&[]);
    let fingerprint = found[0]["fingerprint"].as_str().expect("a text").to_owned();
    (place, fingerprint)
}

#[test]
fn a_plan_names_refs_and_commands_but_never_the_secret() {
    let (place, fingerprint) = leaky();
    for format in ["text", "markdown"] {
        let ran = place.staunch(&["purge", "plan", &fingerprint, "--format", format]).ends(0);
        assert!(!ran.all().contains(&token(1)), "{}", ran.out);
        ran.says("git filter-repo --replace-text /dev/stdin").says("refs").says("purge verify").says("refs/pull");
    }
}

#[test]
fn the_replacement_that_the_plan_pipes_holds_exactly_the_secret() {
    let (place, fingerprint) = leaky();
    let ran = place.staunch(&["purge", "plan", &fingerprint]).ends(0);
    let line = ran.out.lines().map(str::trim).find(|line| line.starts_with("{ printf")).unwrap_or_else(|| panic!("{}", ran.out));
    let pipe = line.rsplit_once(" | git filter-repo").expect("it goes there").0;
    let shell = place.run("sh".as_ref(), &place.path(""), &["-c", pipe], b"");
    assert_eq!(shell.out, format!("literal:{}==>REMOVED-{fingerprint}\n", token(1)), "{}", shell.err);
}

#[test]
fn what_the_plan_says_done_by_git_filter_repo_leaves_no_object_that_holds_it() {
    let Some(filter) = crate::real::tool("git-filter-repo") else { return };
    let place = Place::repo();
    place.commit("readme", "clean\n");
    place.commit("it's here/a.txt", leak(1));
    place.git(&["tag", "-a", "v1", "-m", "one"]);
    place.commit("b.txt", format!("# other lines\n{}", leak(1)));
    place.git(&["branch", "side"]);
    place.remove("b.txt");
    let (_, found) = place.audited(&[]);
    let fingerprint = found[0]["fingerprint"].as_str().expect("a text");
    let plan = place.staunch(&["purge", "plan", fingerprint]).ends(0);
    let command =
        |starts: &str| plan.out.lines().map(str::trim).find(|line| line.starts_with(starts)).unwrap_or_else(|| panic!("{}", plan.out));
    // The mirror that the plan asks for, at an address of the test's.
    let clone = command("git clone --mirror").replace("URL", &format!("'file://{}'", place.path("").display()));
    let tools = filter.parent().expect("it is in a folder").display().to_string();
    let shell = |folder: &std::path::Path, script: &str| {
        let path = format!("PATH={tools}:{}", std::env::var("PATH").unwrap_or_default());
        place.run("env".as_ref(), folder, &[&path, "sh", "-e", "-c", script], b"")
    };
    let beside = place.path("..");
    shell(&beside, &clone).ends(0);
    let mirror = beside.join("purge.git");
    // The proof that it asks for; the repository is the backup.
    let proof = command("(cd BACKUP").replace("BACKUP", &format!("'{}'", place.path("").display()));
    let ours = crate::support::program().parent().expect("it is in a folder").display().to_string();
    let verify = || shell(&mirror, &format!("PATH={ours}:$PATH; {proof}"));
    verify().ends(1);
    shell(&mirror, command("{ printf")).ends(0);
    verify().ends(0).says("no object of this repository holds it");
    let left = place.git_in(&mirror, &["show", "v1:it's here/a.txt"]);
    assert!(left.contains(&format!("REMOVED-{fingerprint}")) && !left.contains(&token(1)), "{left}");
    assert_eq!(place.git_in(&mirror, &["for-each-ref", "--format=%(refname)"]).lines().count(), 3, "no ref is lost");
}

#[test]
fn what_the_ledger_calls_revoked_is_not_worth_a_rewrite() {
    let (place, fingerprint) = leaky();
    place.staunch(&["purge", "plan", &fingerprint]).ends(0).says("revoke it first");
    place.staunch(&["ledger", "sync"]).ends(0);
    place.staunch(&["ledger", "set", &fingerprint, "revoked", "--evidence", "401"]).ends(0);
    place.staunch(&["purge", "plan", &fingerprint]).ends(0).says("No. The ledger says that it is revoked");
}

#[test]
fn nothing_is_proven_while_an_object_is_left_even_an_unreachable_one() {
    let (place, fingerprint) = leaky();
    let by_name = |place: &Place| place.staunch(&["purge", "verify", &fingerprint]);
    let by_bytes = |place: &Place| place.staunch_with(token(1).as_bytes(), &["purge", "verify", &fingerprint, ".", "--stdin"]);
    by_name(&place).ends(1).says("a.txt");
    by_bytes(&place).ends(1).says("blob ");
    place.git(&["switch", "-q", "--orphan", "fresh"]);
    place.commit("b.txt", "clean\n");
    place.git(&["branch", "-q", "-D", "main"]);
    place.git(&["tag", "-d", "v1"]);
    by_name(&place).ends(1);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    place.git(&["gc", "-q", "--prune=now"]);
    by_name(&place).ends(2).says("neither an audit nor ledger");
    by_bytes(&place).ends(0).says("no object of this repository holds it");
}

/// Looks for a value by its own fingerprint.
fn verify(place: &Place, value: &str) -> Ran {
    let fingerprint = FingerprintKey::default().fingerprint(&Secret::new(value.as_bytes())).to_string();
    place.staunch_with(format!("{value}\n").as_bytes(), &["purge", "verify", &fingerprint, ".", "--stdin"])
}

#[test]
fn bytes_are_found_where_no_detector_looks() {
    let place = Place::repo();
    place.commit("notes.txt", "the word is xyzzy-plugh\n");
    verify(&place, "xyzzy-plugh").ends(1).says("blob ");
    place.git(&["commit", "-q", "--allow-empty", "-m", "say xyzzy-frobozz"]);
    verify(&place, "xyzzy-frobozz").ends(1).says("commit ");
    verify(&place, "xy").ends(2).says("no secret");
}

#[test]
fn a_name_of_a_file_is_looked_at_and_a_missing_object_is_no_proof() {
    let place = Place::repo();
    place.commit("xyzzy-plugh.txt", "clean\n");
    verify(&place, "xyzzy-plugh").ends(1).says("tree ");
    verify(&place, "xyzzy-frobozz").ends(0);
    let blob = place.git(&["rev-parse", "HEAD:xyzzy-plugh.txt"]).trim().to_owned();
    std::fs::remove_file(place.path(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("a loose object");
    verify(&place, "xyzzy-frobozz").ends(2).says("no proof");
}

#[test]
fn a_mistake_proves_nothing() {
    let (mut place, fingerprint) = leaky();
    place.staunch(&["purge", "verify", "0123456789abcdef0123"]).ends(2).says("STAUNCH_KEY");
    place.staunch(&["purge", "verify", "no"]).ends(2).says("no fingerprint");
    for hidden in [["--min-severity", "critical"], ["--min-confidence", "high"], ["--format", "bogus"], ["--output", "x"]] {
        place.staunch(&[&["purge", "verify", &fingerprint][..], &hidden].concat()).ends(2).says(hidden[0]);
    }
    let other = place.staunch_with(token(2).as_bytes(), &["purge", "verify", &fingerprint, ".", "--stdin"]);
    other.ends(2).says("proves nothing");
    place.staunch(&["purge", "verify", &fingerprint[..6]]).ends(1).says("still here");
    place.set("STAUNCH_KEY", "another");
    place.staunch(&["purge", "verify", &fingerprint]).ends(2).says("STAUNCH_KEY");
    place.staunch_with(token(1).as_bytes(), &["purge", "verify", &fingerprint, ".", "--stdin"]).ends(2).says("STAUNCH_KEY");
}

#[test]
fn a_fingerprint_without_a_value_proves_only_that_no_detector_sees_it() {
    let (mut place, fingerprint) = leaky();
    place.staunch(&["ledger", "sync"]).ends(0);
    place.git(&["switch", "-q", "--orphan", "fresh"]);
    place.commit("b.txt", token(1).replace('_', "-"));
    place.git(&["branch", "-q", "-D", "main"]);
    place.git(&["tag", "-d", "v1"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    place.git(&["gc", "-q", "--prune=now"]);
    let ran = place.staunch(&["purge", "verify", &fingerprint]).ends(0).says("no detector sees it any more").says("--stdin");
    assert!(!ran.all().contains("no object"), "{}", ran.out);
    place.set("STAUNCH_KEY", "another");
    place.staunch(&["purge", "verify", &fingerprint]).ends(2).says("was made with another STAUNCH_KEY");
}
