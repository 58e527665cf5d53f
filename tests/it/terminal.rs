//! `--interactive` at a real terminal: a pseudo terminal, on which Python's `pty` types what a person would.

use crate::support::{Place, Ran, leak, program, source, token};

/// Runs our program on a terminal and answers what it asks: after each text that it shows, a line is typed.
#[track_caller]
fn at_terminal(place: &Place, args: &[&str], answers: &[(&str, &str)]) -> Ran {
    let script = source().join("testdata/terminal.py").display().to_string();
    let folder = place.path("").display().to_string();
    let program = program().display().to_string();
    let answers = answers.iter().flat_map(|(shown, typed)| [*shown, *typed]);
    let words: Vec<&str> =
        [script.as_str(), &folder].into_iter().chain(answers).chain(["--", &program]).chain(args.iter().copied()).collect();
    let ran = place.run("python3".as_ref(), &place.path(""), &words, b"");
    assert_ne!(ran.code, 99, "what was waited for did not come: {ran:?}");
    assert!(!ran.all().contains(&token(1)) && !ran.all().contains(&token(2)), "it shows the secret: {ran:?}");
    ran
}

/// Makes a repository in which two secrets are staged.
fn staged() -> Place {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    place.write("a.txt", leak(1));
    place.write("b.txt", leak(2));
    place.git(&["add", "."]);
    place
}

const ASKED: &str = "ask no more?";

#[test]
fn what_somebody_allows_at_a_terminal_is_allowed_and_the_rest_stays() {
    for args in [&["check", "--interactive"][..], &["hook", "run", "--interactive", "pre-commit"]] {
        let place = staged();
        let ran = at_terminal(&place, args, &[("1 of 2", ""), ("2 of 2", "a"), ("why?", "it is a test")]).ends(1);
        assert!(ran.out.contains("added to") && ran.out.contains(".staunch.yaml"), "{ran:?}");
        assert_eq!(place.read(".staunch.yaml").matches("reason: it is a test").count(), 1, "{}", place.read(".staunch.yaml"));
        at_terminal(&place, args, &[("1 of 1", "a"), ("why?", "this too")]).ends(0);
        at_terminal(&place, args, &[]).ends(0);
    }
}

#[test]
fn who_quits_or_gives_no_reason_has_allowed_nothing() {
    let place = staged();
    at_terminal(&place, &["check", "--interactive"], &[(ASKED, "q")]).ends(1);
    at_terminal(&place, &["check", "--interactive"], &[(ASKED, "a"), ("why?", ""), ("2 of 2", "\u{4}")]).ends(1);
    assert!(!place.path(".staunch.yaml").exists());
}

#[test]
fn nobody_is_asked_who_did_not_ask_for_it() {
    let place = staged();
    let ran = at_terminal(&place, &["check"], &[]).ends(1);
    assert!(!ran.out.contains(ASKED), "{ran:?}");
    let ran = at_terminal(&place, &["hook", "run", "pre-commit"], &[]).ends(1);
    assert!(!ran.out.contains(ASKED), "{ran:?}");
    place.staunch(&["check", "--interactive"]).ends(1).says("nobody was asked");
}

#[test]
fn git_commit_at_a_terminal_asks_where_the_hook_was_told_to() {
    let place = staged();
    crate::hook::script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\nexec staunch hook run --interactive pre-commit\n");
    let script = source().join("testdata/terminal.py").display().to_string();
    let folder = place.path("").display().to_string();
    let commit = |answers: &[&str]| {
        let words = [&[script.as_str(), &folder], answers, &["--", "git", "commit", "-m", "x"]].concat();
        place.run("python3".as_ref(), &place.path(""), &words, b"")
    };
    let ran = commit(&["1 of 2", "a", "why?", "one", "2 of 2", ""]).ends(1);
    assert!(ran.out.contains("staunch stopped this commit"), "{ran:?}");
    commit(&["1 of 1", "a", "why?", "two"]).ends(0);
    assert_eq!(place.git(&["log", "--format=%s", "-1"]), "x");
}
