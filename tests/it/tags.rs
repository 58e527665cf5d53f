//! What stands in annotated tags and in the names of people: with the name of the tag, who made it and when, in every format.

use serde_json::{Value, json};

use crate::support::{Place, token};

/// The only place of the only credential.
#[track_caller]
fn place_of(place: &Place) -> Value {
    let (ran, found) = place.audited(&[]);
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert!(!ran.all().contains(&token(1)), "{}", ran.out);
    found[0]["places"][0].clone()
}

fn tagged() -> Place {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["tag", "-a", "v1", "-m", &format!("release with {}\n\nmore", token(1))]);
    place
}

/// Writes a tag object as no git of today would.
fn write_tag(place: &Place, text: &str) -> String {
    let ran = place.try_git_in(&place.path(""), &["hash-object", "-t", "tag", "-w", "--literally", "--stdin"], text.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.trim().to_owned()
}

#[test]
fn a_tag_is_told_by_its_name_with_who_made_it_and_when() {
    let place = tagged();
    let at = place_of(&place);
    assert_eq!((&at["tag"], &at["author"], &at["email"]), (&json!("v1"), &json!("Carl Committer"), &json!("carl@example.com")));
    assert_eq!((&at["date"], &at["commit"], &at["unknown_because"]), (&json!("2026-01-02T03:04:05Z"), &Value::Null, &Value::Null));
    assert_eq!((&at["held_by"], &at["refs"]), (&json!("tag"), &json!([{ "name": "refs/tags/v1", "present": true }])));
    let summary = at["summary"].as_str().expect("text");
    assert!(summary.starts_with("release with ghp_") && summary.len() < 40, "{summary}");
    let exposure = place.audited(&[]).1[0]["exposure"].clone();
    assert_eq!((&exposure["first_seen"], &exposure["refs"]), (&json!("2026-01-02T03:04:05Z"), &json!(["refs/tags/v1"])));
}

#[test]
fn every_format_names_the_tag() {
    let place = tagged();
    place.write("report.json", &place.staunch(&["audit", "--format", "json"]).ends(1).out);
    for (format, says) in [
        ("pretty", "in tag v1, since 2026-01-02 by Carl Committer"),
        ("markdown", "brought by <code>tag v1</code> on 2026-01-02"),
        ("sarif", "Brought by tag v1 on 2026-01-02."),
        ("gitlab", "Brought by tag v1 on 2026-01-02."),
        ("csv", "Carl Committer,carl@example.com,2026-01-02T03:04:05Z"),
        ("html", "\"tag\":\"v1\""),
        ("jsonl", "\"tag\":\"v1\""),
    ] {
        let ran = place.staunch(&["audit", "--format", format]).ends(1);
        // Punctuation is escaped in Markdown.
        let told = ran.out.replace("&#45;", "-").replace("&#46;", ".");
        assert!(told.contains(says), "{format}: {told}");
        assert!(!ran.all().contains(&token(1)));
    }
    place.staunch(&["report", "report.json"]).ends(1).says("tag v1 by Carl Committer on 2026-01-02");
}

#[test]
fn tags_of_tags_are_told_by_every_name_that_leads_to_them() {
    let place = tagged();
    place.git(&["tag", "-a", "outer", "-m", "around it", "v1"]);
    let names = |at: &Value| -> Vec<String> {
        at["refs"].as_array().into_iter().flatten().filter_map(|held| held["name"].as_str().map(str::to_owned)).collect()
    };
    let at = place_of(&place);
    assert_eq!((names(&at), &at["tag"]), (vec!["refs/tags/outer".to_owned(), "refs/tags/v1".to_owned()], &json!("v1")));
    place.git(&["tag", "-d", "v1"]);
    let at = place_of(&place);
    assert_eq!((names(&at), &at["held_by"]), (vec!["refs/tags/outer".to_owned()], &json!("tag")));
    place.git(&["tag", "-d", "outer"]);
    let at = place_of(&place);
    assert_eq!((names(&at), &at["held_by"], &at["tag"]), (Vec::new(), &json!("nothing"), &json!("v1")));
}

#[test]
fn a_signed_tag_and_one_of_nobody_are_told_as_well() {
    let place = Place::repo();
    let commit = place.commit("a.txt", "clean\n");
    let head = format!("object {commit}\ntype commit\ntag s1\n");
    let signature = "-----BEGIN PGP SIGNATURE-----\n\niQEz\n=abcd\n-----END PGP SIGNATURE-----\n";
    let text = format!("{head}tagger Tina <tina@example.com> 1700000000 +0100\n\nsigned {}\n{signature}", token(1));
    place.git(&["update-ref", "refs/tags/s1", &write_tag(&place, &text)]);
    let at = place_of(&place);
    assert_eq!((&at["tag"], &at["author"], &at["date"]), (&json!("s1"), &json!("Tina"), &json!("2023-11-14T22:13:20Z")));

    place.git(&["update-ref", "refs/tags/s1", &write_tag(&place, &format!("{head}\nof old {}\n", token(1)))]);
    let (ran, found) = place.audited(&[]);
    let places = found[0]["places"].as_array().expect("places");
    let old = places.iter().find(|at| at["author"].is_null()).unwrap_or_else(|| panic!("{}", ran.out));
    assert_eq!((&old["tag"], &old["date"]), (&json!("s1"), &Value::Null));
    place.staunch(&["audit"]).ends(1).says("in tag s1, which does not say who made it");
}

#[test]
fn a_runbook_reads_what_stands_in_a_message_or_a_name() {
    let tag = tagged();
    let message = Place::repo();
    message.write("a.txt", "clean\n");
    message.git(&["add", "a.txt"]);
    message.git(&["commit", "-q", "-m", &format!("subject\n\nbody with {}", token(1))]);
    let mut name = Place::repo();
    name.set("GIT_AUTHOR_NAME", token(1));
    name.commit("a.txt", "clean\n");
    for place in [tag, message, name] {
        let fingerprint = place.audited(&[]).1[0]["fingerprint"].as_str().expect("text").to_owned();
        for runbook in [&["rotate", &fingerprint][..], &["purge", "plan", &fingerprint]] {
            let told = place.staunch(runbook).ends(0).out;
            let line = told.lines().find(|line| line.contains("git cat-file")).unwrap_or_else(|| panic!("{told}"));
            let from = line.find("git cat-file").expect("it was found");
            let end = line[from..].find([';', ')']).map_or(line.len(), |len| from + len);
            let read = place.run("sh".as_ref(), &place.path(""), &["-c", &line[from..end]], b"").ends(0).out;
            assert_eq!(read, token(1), "{line}");
        }
    }
}

#[test]
fn names_of_people_are_places_of_their_commit_or_tag() {
    let mut place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.set("GIT_COMMITTER_NAME", token(1));
    place.git(&["tag", "-a", "v1", "-m", "by whom"]);
    let at = place_of(&place);
    assert_eq!((&at["origin"], &at["tag"]), (&json!("tag-message"), &json!("v1")));
    assert!(at["author"].as_str().is_some_and(|name| name.contains("ghp_")), "{at}");

    let mut place = Place::repo();
    place.set("GIT_AUTHOR_NAME", token(1));
    let commit = place.commit("a.txt", "clean\n");
    let at = place_of(&place);
    assert_eq!((&at["origin"], &at["commit"]), (&json!("commit-message"), &json!(commit)));
}
