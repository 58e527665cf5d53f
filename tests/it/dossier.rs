//! What an audit knows of a credential: since when, to whom, whose, where else, how severe and why.

use serde_json::{Value, json};

use crate::support::{Place, assignment, leak, shared_by_two};

/// A commit at a date, by somebody.
fn commit(place: &Place, name: &str, content: &str, date: &str, who: &str) -> String {
    place.write(name, content);
    place.git(&["add", "-f", "--", name]);
    let message = format!("change {name}");
    let author = format!("{who} <{}@example.com>", who.to_lowercase());
    let (by, at) = (format!("user.name={who}"), format!("--date={date}"));
    place.git(&["-c", &by, "commit", "-q", "-m", &message, "--author", &author, &at]);
    place.git(&["rev-parse", "HEAD"])
}

#[track_caller]
fn only(place: &Place) -> Value {
    let (ran, mut found) = place.audited(&[]);
    assert_eq!(found.len(), 1, "{}", ran.out);
    found.remove(0)
}

#[test]
fn the_days_from_the_first_commit_to_the_last_removal_are_counted() {
    let place = Place::repo();
    commit(&place, "a.txt", &leak(1), "2025-03-01T12:00:00Z", "Ann");
    commit(&place, "a.txt", "clean\n", "2025-03-11T13:00:00Z", "Ann");
    let found = only(&place);
    let exposure = &found["exposure"];
    assert_eq!((&exposure["first_seen"], &exposure["last_seen"]), (&json!("2025-03-01T12:00:00Z"), &json!("2025-03-11T13:00:00Z")));
    assert_eq!((&exposure["days"], &exposure["in_head"], &exposure["refs"]), (&json!(10), &json!(false), &json!([])));
}

#[test]
fn what_a_branch_still_has_is_exposed_until_now() {
    let place = Place::repo();
    commit(&place, "a.txt", &leak(1), "2025-03-01T12:00:00Z", "Ann");
    place.git(&["branch", "old"]);
    commit(&place, "a.txt", "clean\n", "2025-03-11T13:00:00Z", "Ann");
    let exposure = only(&place)["exposure"].clone();
    assert_eq!(exposure["refs"], json!(["refs/heads/old"]));
    assert!(exposure["days"].as_u64().is_some_and(|days| days > 200), "{exposure}");
}

#[test]
fn a_remote_has_it_since_the_push_that_the_log_tells_of() {
    let place = Place::repo();
    let bare = place.beside("bare.git");
    let bare = bare.to_str().expect("UTF-8");
    place.git(&["init", "-q", "--bare", bare]);
    place.git(&["remote", "add", "origin", bare]);
    place.commit("readme", "clean\n");
    place.git(&["push", "-q", "origin", "main"]);
    place.commit("a.txt", leak(1));
    assert_eq!(only(&place)["exposure"]["pushed"], json!(false));
    place.git(&["push", "-q", "origin", "main"]);
    let found = only(&place);
    assert_eq!(found["exposure"]["pushed"], json!(true));
    assert_eq!(found["exposure"]["pushed_since"], "2026-01-02T03:04:05Z", "the committer's date of the log");
    assert_eq!(found["exposure"]["held_by"], "remote");
}

#[test]
fn without_a_remote_it_is_not_known_whether_one_has_it() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let found = only(&place);
    assert_eq!((&found["exposure"]["pushed"], &found["exposure"]["pushed_since"]), (&Value::Null, &Value::Null));
}

#[test]
fn owners_are_those_of_head() {
    let place = Place::repo();
    place.commit(".github/CODEOWNERS", "* @acme/all\n/deploy/ @acme/ops ops@acme.io\n");
    place.commit("deploy/a.txt", leak(1));
    let found = only(&place);
    assert_eq!(found["owners"], json!(["@acme/ops", "ops@acme.io"]));
    place.staunch(&["audit"]).ends(1).says("owner: @acme/ops, ops@acme.io");
}

#[test]
fn sections_of_gitlab_are_understood() {
    let place = Place::repo();
    place.commit(".gitlab/CODEOWNERS", "[Deploy] @ops\ndeploy/\n!deploy/free/\n[All]\n* @all\n");
    place.commit("deploy/a.txt", leak(1));
    assert_eq!(only(&place)["owners"], json!(["@all", "@ops"]));
}

#[test]
fn the_commit_that_last_changed_the_line_is_told() {
    let place = Place::repo();
    let brought = commit(&place, "a.txt", &leak(1), "2025-03-01T12:00:00Z", "Ann");
    commit(&place, "a.txt", &format!("more\n{}", leak(1)), "2025-03-02T12:00:00Z", "Bob");
    let touched = |place: &Place| only(place)["places"][0]["touched"].clone();
    assert_eq!(touched(&place)["id"], brought, "another line changed");
    let changed = commit(&place, "a.txt", &format!("more\nexport {}", leak(1)), "2025-03-03T12:00:00Z", "Cid");
    commit(&place, "a.txt", &format!("more\nexport {}end\n", leak(1)), "2025-03-04T12:00:00Z", "Dan");
    assert_eq!(touched(&place)["id"], changed);
    assert_eq!(touched(&place)["author"], "Cid");
    assert_eq!(only(&place)["places"][0]["author"], "Ann");
}

#[test]
fn a_line_that_came_by_a_merge_is_told_of_the_commit_on_the_branch() {
    let place = Place::repo();
    place.commit("readme", "clean\n");
    place.git(&["switch", "-q", "-c", "side"]);
    let brought = commit(&place, "a.txt", &leak(1), "2025-03-01T12:00:00Z", "Ann");
    place.git(&["switch", "-q", "main"]);
    place.commit("b.txt", "clean\n");
    place.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    assert_eq!(only(&place)["places"][0]["touched"]["id"], brought);
}

#[test]
fn who_has_not_committed_for_long_leaves_an_orphan() {
    let place = Place::repo();
    // A quarter of a century, so that the test outlives its authors.
    place.write(".staunch.yaml", "policy:\n  orphan_after_days: 9000\n");
    let old = "2000-01-02T03:04:05Z";
    place.write("a.txt", leak(1));
    place.git(&["add", "."]);
    let committer = format!("GIT_COMMITTER_DATE={old}");
    let args = [&committer, "git", "commit", "-q", "-m", "x", "--author", "Old Timer <old@example.com>", "--date", old];
    assert_eq!(place.run("env".as_ref(), &place.path(""), &args, b"").code, 0);
    place.commit("b.txt", "clean\n");
    let found = only(&place);
    assert_eq!(found["places"][0]["author_silent_since"], old);
    let ids: Vec<&Value> = found["standards"].as_array().expect("standards").iter().map(|standard| &standard["id"]).collect();
    assert!(ids.contains(&&json!("NHI1:2025")), "{ids:?}");
    // Under another address the same person is still here.
    place.commit(".mailmap", "Old Timer <old@example.com> <ann@example.com>\n");
    assert_eq!(only(&place)["places"][0]["author_silent_since"], Value::Null);
}

#[test]
fn one_value_in_two_environments_and_services_is_told_and_counts() {
    let place = Place::repo();
    place.commit("services/pay/prod.env", assignment(1));
    place.commit("services/web/staging.env", assignment(1));
    let found = only(&place);
    assert_eq!(found["reuse"]["environments"], json!(["production", "staging"]));
    assert_eq!(found["reuse"]["services"], json!(["pay", "web"]));
    assert_eq!(found["reuse"]["names"], json!(["db_password"]));
    let ids: Vec<String> = found["standards"].as_array().expect("standards").iter().map(|standard| standard["id"].to_string()).collect();
    assert!(["NHI8", "NHI9", "NHI2", "CWE-798", "PR.AA-01"].iter().all(|id| ids.iter().any(|own| own.contains(id))), "{ids:?}");
    let why: Vec<&Value> = found["arithmetic"].as_array().expect("a sum").iter().map(|summand| &summand["what"]).collect();
    assert!(why.contains(&&json!("used by 2 services")), "{why:?}");
}

#[test]
fn only_what_is_nowhere_but_in_tests_is_held_to_be_less_severe() {
    let reasons = |files: &[&str]| {
        let place = Place::repo();
        files.iter().for_each(|file| drop(place.commit(file, leak(1))));
        let found = only(&place);
        let sum = found["arithmetic"].as_array().expect("a sum").clone();
        sum.iter().any(|summand| summand["what"] == "only among tests and examples")
    };
    assert!(reasons(&["tests/a.txt", "docs/b.txt"]));
    assert!(!reasons(&["tests/a.txt", "src/b.txt"]), "it is used in earnest as well");
    assert!(!reasons(&[".gitlab-ci.yml"]), "a pipeline is no test");
    assert!(!reasons(&["src/b.txt"]));
}

#[test]
fn one_value_in_two_repositories_is_one_credential() {
    let (place, _other, with) = shared_by_two();
    let with = with.as_str();
    let (ran, found) = place.audited(&["--with", with]);
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert_eq!(found[0]["reuse"]["repositories"], json!(["second", "site"]));
    let places: Vec<(&Value, &Value)> =
        found[0]["places"].as_array().expect("places").iter().map(|place| (&place["repository"], &place["path"])).collect();
    assert_eq!(places, [(&json!("site"), &json!("a.txt")), (&json!("second"), &json!("b.txt"))]);
    place.staunch(&["audit", "--with", with]).ends(1).says("second: b.txt:1").says("used by 2 repositories");
}

#[test]
fn the_same_repository_by_another_path_is_read_once() {
    let (place, _other, with) = shared_by_two();
    let tree = place.beside("tree").display().to_string();
    place.git(&["worktree", "add", "-q", &tree]);
    place.write("sub/x.txt", "clean\n");
    let alone = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    for same in [".", "sub", ".git", &tree] {
        let ran =
            place.staunch(&["audit", "--with", same, "--format", "json"]).ends(1).says(&format!("{same} is the same repository as ."));
        assert_eq!(ran.json()["credentials"], alone["credentials"], "{same}");
        let quiet = place.staunch(&["audit", "-q", "--with", same]).ends(1);
        assert_eq!(quiet.err, "", "{same}");
    }
    let twice = place.staunch(&["audit", "--with", &with, "--with", &format!("{with}/.git"), "--format", "json"]).ends(1);
    assert!(twice.err.contains("is read once"), "{twice:?}");
    assert_eq!(twice.json()["credentials"][0]["reuse"]["repositories"], json!(["second", "site"]));
}

#[test]
fn repositories_of_one_name_are_told_apart() {
    let (place, _other, with) = shared_by_two();
    let site = place.beside("below/site");
    std::fs::create_dir_all(site.parent().expect("it has one")).expect("folders can be made");
    std::fs::rename(&with, &site).expect("it can be moved");
    let (_, found) = place.audited(&["--with", &site.display().to_string()]);
    let names = found[0]["reuse"]["repositories"].as_array().expect("both").clone();
    assert!(names.len() == 2 && names.contains(&json!("below/site")), "{names:?}");
}

#[test]
fn the_sum_is_what_its_parts_add_up_to_and_the_policy_changes_it() {
    let place = Place::repo();
    place.commit("prod/a.txt", leak(1));
    let sum = |found: &Value| {
        let parts: f64 = found["arithmetic"].as_array().expect("a sum").iter().filter_map(|part| part["points"].as_f64()).sum();
        (parts.clamp(0.1, 10.0) * 10.0).round() / 10.0
    };
    let found = only(&place);
    assert_eq!(found["score"].as_f64(), Some(sum(&found)));
    place.write(".staunch.yaml", "policy:\n  weights: {production: -5.0}\n  max_age_days: {critical: 100000, high: 100000}\n");
    let changed = only(&place);
    assert_eq!(changed["score"].as_f64(), Some(sum(&changed)));
    assert!(changed["score"].as_f64() < found["score"].as_f64());
    assert_eq!(changed["severity"], "medium");
    let high = place.staunch(&["audit", "--min-severity", "high", "-f", "json"]).ends(0).json();
    assert_eq!(high["credentials"], json!([]));
    place.write(".staunch.yaml", "policy:\n  weights: {production: 50}\n");
    place.staunch(&["audit"]).ends(2).says("may be from -10 to 10");
}

#[test]
fn sarif_names_what_a_credential_is_evidence_for() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let run = place.staunch(&["audit", "-f", "sarif"]).ends(1).json()["runs"][0].clone();
    for (id, name) in [("NHI2:2025", "OWASP-NHI"), ("PR.AA-01", "NIST-CSF")] {
        let taxa = run["results"][0]["taxa"].as_array().expect("taxa");
        let taxon = taxa.iter().find(|taxon| taxon["id"] == id).unwrap_or_else(|| panic!("{id} is in {taxa:?}"));
        let taxonomy = &run["taxonomies"][usize::try_from(taxon["toolComponent"]["index"].as_u64().expect("a number")).expect("small")];
        assert_eq!((&taxon["toolComponent"]["name"], &taxonomy["name"]), (&json!(name), &json!(name)));
        assert!(taxonomy["taxa"].as_array().expect("taxa").iter().any(|known| known["id"] == id));
    }
}
