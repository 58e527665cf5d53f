//! `staunch explain`: for any line, what was seen, what it weighs, and which step said no.

use crate::support::{Place, assignment, leak, password, token};

/// Returns `db_password` and what follows it, in pieces, so that no such line stands in our source.
fn named(rest: &str) -> String {
    format!("{}{rest}", ["db", "password"].join("_"))
}

#[test]
fn a_line_that_is_reported_shows_the_sum_of_its_reasons() {
    let place = Place::folder();
    place.write("config/app.py", format!("import os\n{}", assignment(1)));
    let ran = place.staunch(&["explain", "config/app.py:2"]).ends(1);
    assert!(ran.out.starts_with("config/app.py:2\nreported by every command: generic-password with high confidence\n"), "{}", ran.out);
    let weights: Vec<f32> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("  +") || line.starts_with("  -"))
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    let (sum, parts) = weights.split_last().expect("there are reasons");
    assert!(parts.len() > 5 && (parts.iter().sum::<f32>() - sum).abs() < 0.2, "{}", ran.out);
    assert!(!ran.all().contains(&password(1)), "the secret is masked");
    assert!(place.staunch(&["explain", "config/app.py", "2", "--show-secrets"]).ends(1).out.contains(&password(1)));
}

#[test]
fn each_step_that_says_no_is_named() {
    let place = Place::folder();
    let broken = format!("{}0", &token(3)[..token(3).len() - 1]);
    for (text, why) in [
        (named(" = os.environ[\"X\"]\n"), "a lookup"),
        (named(" = \"${SECRET}\"\n"), "a template, a lookup or a reference"),
        (named("_hint = \"something long here\"\n"), "the name says something about a secret"),
        (named(" and nothing else\n"), "nothing is assigned"),
        (format!("see {broken}\n"), "fails its check"),
        (format!("api_token = \"{}\"\n", "0".repeat(32)), "a placeholder"),
    ] {
        place.write("a.py", &text);
        place.staunch(&["explain", "a.py:1"]).ends(0).says(why);
    }
    place.write("a.py", "nothing to see\n");
    place.staunch(&["explain", "a.py:1"]).ends(0).says("nothing is reported here");
}

#[test]
fn the_path_the_level_and_an_allowance_are_told() {
    let place = Place::folder();
    place.write("package-lock.json", assignment(4));
    place.staunch(&["explain", "package-lock.json:1"]).ends(0).says("written by a package manager").says("nothing in such a file");
    place.write("a.py", named(" = \"orange\"\n"));
    place
        .staunch(&["explain", "a.py:1"])
        .ends(0)
        .says("people choose such passwords")
        .says("reported with --min-confidence low only: generic");
    place.staunch(&["explain", "a.py:1", "--min-confidence", "low"]).ends(1).says("with low confidence");
    place.write("a.py", format!("{}# staunch:allow for a test\n", assignment(5).replace('\n', "  ")));
    place.staunch(&["explain", "a.py:1"]).ends(0).says("allowed by a comment (for a test)");
}

#[test]
fn standard_input_has_a_name_and_a_line_must_be_there() {
    let place = Place::folder();
    place.staunch_with(leak(6).as_bytes(), &["explain", "-", "1", "--stdin-name", "x.env"]).ends(1).says("x.env:1");
    place.write("a.txt", "one\n");
    place.staunch(&["explain", "a.txt:9"]).ends(2).says("has no line 9").says("hint: ");
    place.staunch(&["explain", "a.txt:x"]).ends(2).says("no number of a line");
    place.staunch(&["explain", "none.txt:1"]).ends(2).says("none.txt");
}

#[test]
fn who_reports_a_thing_is_named_and_agrees_with_what_they_do() {
    let place = Place::repo();
    for (text, level, said) in [
        (leak(1), "high", "reported by every command: "),
        (named(" = \"RedisPass1!\"\n"), "medium", "reported by scan, audit and ci, and not by check and hooks of git: "),
        (named(" = \"orange\"\n"), "low", "reported with --min-confidence low only: "),
    ] {
        place.write("app.conf", &text);
        place.git(&["add", "."]);
        let ran = place.staunch(&["explain", "app.conf:1"]);
        assert!(ran.out.lines().nth(1).expect("two lines").starts_with(said), "{ran:?}");
        assert!(ran.out.contains(&format!("with {level} confidence")), "{ran:?}");
        place.staunch(&["check"]).ends(i32::from(level == "high"));
        place.staunch(&["scan"]).ends(i32::from(level != "low"));
        place.staunch(&["scan", "--min-confidence", "low"]).ends(1);
    }
}

#[test]
fn a_file_without_a_line_is_told_line_by_line() {
    let place = Place::folder();
    let lines = [leak(1), "nothing\n".into(), named(" = os.environ[\"X\"]\n"), named(" = \"orange\"\n"), leak(2)];
    place.write(".env", lines.concat());
    let ran = place
        .staunch(&["explain", ".env"])
        .ends(1)
        .says("line 1: reported by every")
        .says("line 4: reported with")
        .says("line 5: reported by every");
    assert!(ran.out.contains("1 line with a keyword that came to nothing: 3\n"), "{}", ran.out);
    assert!(ran.out.ends_with("`staunch explain .env:1` says why\n"), "{}", ran.out);
    assert!(!ran.all().contains(&token(1)), "the secret is masked");
    let piped = place.staunch_with(leak(1).as_bytes(), &["explain", "-", "--stdin-name", "x.env"]).ends(1).says("x.env\n");
    assert!(piped.out.ends_with("`staunch explain - 1` says why\n"), "{}", piped.out);
    place.write("shy.txt", leak(1).replace('\n', " # staunch:allow \u{1b}[2J\n"));
    let shy = place.staunch(&["explain", "shy.txt"]).ends(0).says("allowed by a comment");
    assert!(!shy.out.contains('\u{1b}'), "{shy:?}");
    place.write("clean.txt", "nothing\n");
    place.staunch(&["explain", "clean.txt"]).ends(0).says("nothing is reported here");
    place.write("a:7", leak(3));
    place.staunch(&["explain", "a:7"]).ends(1).says("line 1: reported");
    place.write("large.txt", "x\n".repeat(600_000));
    place.staunch(&["explain", "large.txt"]).ends(2).says("`staunch explain large.txt:12`");
    place.staunch(&["explain", "large.txt:9"]).ends(0);
}

#[test]
fn a_configuration_elsewhere_counts() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    place.write("other.yaml", "allow:\n  - {path: a.txt, reason: a test}\n");
    place.staunch(&["explain", "a.txt:1"]).ends(1);
    place.staunch(&["explain", "a.txt:1", "--config", "other.yaml"]).ends(0).says("allowed by the configuration (a test)");
    place.staunch(&["explain", "a.txt:1", "--config", "none.yaml"]).ends(2).says("none.yaml");
}
