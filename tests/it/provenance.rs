//! Who brought a secret, when, where, and who took it away, as `staunch audit` tells it.

use serde_json::{Value, json};

use crate::support::{Place, leak, token};

/// Returns the only place of the only credential.
#[track_caller]
fn only(place: &Place) -> Value {
    let (ran, found) = place.audited(&[]);
    let ran = ran.ends(1);
    assert_eq!(found.len(), 1, "{}", ran.out);
    let places = found[0]["places"].as_array().expect("places").clone();
    assert_eq!(places.len(), 1, "{places:?}");
    places.into_iter().next().expect("there is one")
}

#[test]
fn the_commit_that_brought_it_is_named_with_author_date_and_summary() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let brought = place.commit("src/b.txt", leak(1));
    place.commit("c.txt", "clean\n");
    place.commit("src/b.txt", format!("more\n{}", leak(1)));
    let found = only(&place);
    assert_eq!(found["commit"], brought);
    assert_eq!(found["author"], "Ann Author");
    assert_eq!(found["email"], "ann@example.com");
    assert_eq!(found["date"], "2026-01-02T03:04:05Z");
    assert_eq!(found["summary"], "change src/b.txt");
    assert_eq!(found["path"], "src/b.txt");
    assert_eq!(found["held_by"], "branch");
    assert_eq!(found["head_line"], 2, "where it is now");
    assert_eq!(found["removed"], Value::Null);
}

#[test]
fn the_author_is_named_as_the_mailmap_says() {
    let place = Place::repo();
    place.commit(".mailmap", "Ann Married <new@example.com> <ann@example.com>\n");
    place.commit("a.txt", leak(1));
    let found = only(&place);
    assert_eq!((found["author"].as_str(), found["email"].as_str()), (Some("Ann Married"), Some("new@example.com")));
}

#[test]
fn the_mailmap_of_a_bare_repository_is_read_from_head() {
    let place = Place::repo();
    place.commit(".mailmap", "Ann Married <new@example.com> <ann@example.com>\n");
    place.commit("a.txt", leak(1));
    let bare = place.beside("bare.git");
    place.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()]);
    let report = place.staunch_in(&bare, &["audit", "--format", "json"]).ends(1).json();
    assert_eq!(report["credentials"][0]["places"][0]["author"], "Ann Married");
}

#[test]
fn the_commit_that_removed_it_is_named() {
    let place = Place::repo();
    let brought = place.commit("a.txt", leak(1));
    let removed = place.remove("a.txt");
    place.commit("b.txt", "clean\n");
    let found = only(&place);
    assert_eq!(found["commit"], brought);
    assert_eq!(found["removed"]["id"], removed);
    assert_eq!(found["removed"]["author"], "Ann Author");
    assert_eq!(found["head_line"], Value::Null);
}

#[test]
fn the_last_removal_counts_when_it_came_back() {
    let place = Place::repo();
    let brought = place.commit("a.txt", leak(1));
    place.remove("a.txt");
    place.commit("a.txt", leak(1));
    let removed = place.commit("a.txt", "clean\n");
    let found = only(&place);
    assert_eq!(found["commit"], brought);
    assert_eq!(found["removed"]["id"], removed);
}

#[test]
fn a_secret_that_is_in_head_again_is_not_called_removed() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.remove("a.txt");
    place.commit("a.txt", leak(1));
    let found = only(&place);
    assert_eq!(found["removed"], Value::Null);
    assert_eq!(found["head_line"], 1);
}

#[test]
fn each_ref_says_whether_it_still_has_it() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.git(&["tag", "v1"]);
    place.git(&["branch", "old"]);
    let removed = place.remove("a.txt");
    place.git(&["tag", "-a", "-m", "second", "v2"]);
    place.git(&["switch", "-q", "--orphan", "other"]);
    place.commit("b.txt", "clean\n");
    place.git(&["switch", "-q", "main"]);
    let found = only(&place);
    let gone = |name: &str| json!({ "name": name, "present": false, "removed": removed });
    let here = |name: &str| json!({ "name": name, "present": true });
    let expected = json!([here("refs/tags/v1"), gone("refs/tags/v2"), gone("refs/heads/main"), here("refs/heads/old")]);
    assert_eq!((&found["refs"], &found["ref_count"]), (&expected, &json!(4)));
    place.staunch(&["audit"]).ends(1).says("still in v1 and 1 more");
}

#[test]
fn what_came_before_the_end_of_a_shallow_clone_names_no_commit() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", "clean\n");
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git_in(place.path("..").as_path(), &["clone", "-q", "--depth", "1", &url, clone.to_str().expect("UTF-8")]);
    let report = place.staunch_in(&clone, &["audit", "-f", "json"]).ends(2).json();
    let found = &report["credentials"][0]["places"][0];
    assert_eq!(found["commit"], Value::Null);
    assert!(found["unknown_because"].as_str().is_some_and(|why| why.contains("shallow")), "{found}");
}

#[test]
fn a_rename_makes_a_second_place() {
    let place = Place::repo();
    let brought = place.commit("old.txt", leak(1));
    place.git(&["mv", "old.txt", "new.txt"]);
    place.git(&["commit", "-q", "-m", "move"]);
    let moved = place.git(&["rev-parse", "HEAD"]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(found.len(), 1, "one credential");
    let places = found[0]["places"].as_array().expect("places");
    let at = |path: &str| places.iter().find(|place| place["path"] == path).expect("the path is named");
    assert_eq!(places.len(), 2);
    assert_eq!(places[0]["path"], "new.txt", "what is in HEAD comes first");
    assert_eq!(at("old.txt")["commit"], brought);
    assert_eq!(at("old.txt")["removed"]["id"], moved);
    assert_eq!(at("new.txt")["commit"], moved);
}

#[test]
fn the_same_blob_under_two_paths_is_judged_at_each() {
    let place = Place::repo();
    place.commit("deep/er/a.txt", leak(1));
    place.commit("b.txt", leak(1));
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    let paths: Vec<&str> = found[0]["places"].as_array().expect("places").iter().filter_map(|place| place["path"].as_str()).collect();
    assert_eq!(paths, ["b.txt", "deep/er/a.txt"]);
}

#[test]
fn two_secrets_of_one_file_have_their_own_commits() {
    let place = Place::repo();
    let first = place.commit("a.txt", leak(1));
    let second = place.commit("a.txt", leak(1) + &leak(2));
    place.git(&["gc", "-q"]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    let mut seen: Vec<(u64, String)> = found
        .iter()
        .map(|found| {
            (found["places"][0]["line"].as_u64().expect("a line"), found["places"][0]["commit"].as_str().expect("a commit").into())
        })
        .collect();
    seen.sort();
    assert_eq!(seen, [(1, first), (2, second)]);
}

#[test]
fn a_secret_that_two_branches_brought_names_the_older_commit() {
    let place = Place::repo();
    let first = place.commit("a.txt", leak(1));
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("a.txt", "clean\n");
    place.commit("a.txt", leak(1));
    assert_eq!(only(&place)["commit"], first);
}

#[test]
fn a_commit_with_an_impossible_date_is_no_reason_to_panic() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let raw = place.git(&["cat-file", "commit", "HEAD"]);
    for date in ["99999999999999999999 +0000", "-1 +9999", "x", ""] {
        let text = raw.replace("1767323045 +0000", date) + "\n";
        place.write("raw", text);
        let id = place.git(&["hash-object", "-t", "commit", "-w", "--literally", "raw"]);
        place.git(&["update-ref", "refs/heads/odd", &id]);
        let ran = place.staunch(&["audit"]);
        assert!(!ran.err.contains("panicked") && (ran.code == 1 || ran.code == 2), "{date:?}: {ran:?}");
        assert!(ran.out.contains("a.txt"), "{date:?}: {ran:?}");
    }
}

#[test]
fn a_message_names_the_commit_it_is_of() {
    let place = Place::repo();
    place.git(&["commit", "-q", "--allow-empty", "-m", &format!("first line\n\nthen {}", token(1))]);
    let found = only(&place);
    assert_eq!(found["line"], 3);
    assert_eq!(found["summary"], "first line");
}

#[test]
fn a_summary_with_a_secret_is_masked_everywhere() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", &format!("add {}", token(1))]);
    for format in ["pretty", "json", "jsonl", "sarif"] {
        let ran = place.staunch(&["audit", "--format", format]).ends(1);
        assert!(!ran.all().contains(&token(1)), "{format}: {}", ran.all());
    }
    for format in ["pretty", "json", "jsonl", "sarif"] {
        let ran = place.staunch(&["check", "--unpushed", "--format", format]).ends(1);
        assert!(!ran.all().contains(&token(1)), "{format}: {}", ran.all());
    }
}

#[test]
fn an_author_with_a_secret_for_a_name_is_masked_everywhere() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "x", "--author", &format!("{} <{}@example.com>", token(2), token(3))]);
    for format in ["pretty", "json", "jsonl", "sarif"] {
        let ran = place.staunch(&["audit", "--format", format]).ends(1);
        assert!(!ran.all().contains(&token(2)) && !ran.all().contains(&token(3)), "{format}: {}", ran.all());
    }
}
