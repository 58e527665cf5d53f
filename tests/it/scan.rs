//! `staunch scan`: which files are read, what of them, and what is said of the rest.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{Duration, Instant};

use crate::support::{DETECTOR, Place, Ran, assignment, leak, token};

/// Returns the paths of a scan in JSON Lines, sorted.
fn paths(ran: &Ran) -> Vec<String> {
    let mut paths: Vec<String> = ran.lines().iter().map(|line| line["path"].as_str().expect("a path").to_owned()).collect();
    paths.sort();
    paths
}

#[test]
fn standard_input_is_scanned_under_its_name() {
    let place = Place::folder();
    let ran = place.staunch_with(leak(1).as_bytes(), &["scan", "-", "--stdin-name", "conf/app.env", "--format", "jsonl"]).ends(1);
    assert_eq!(paths(&ran), ["conf/app.env"]);
    place.staunch_with(b"clean\n", &["scan", "-"]).ends(0);
    place.staunch_with(b"", &["scan", "-"]).ends(0);
    place.staunch_with(b"", &["scan", "-", "a.txt"]).ends(2).says("error: ").says("hint: ");
}

#[test]
fn the_name_of_standard_input_tells_its_grammar() {
    let place = Place::folder();
    let text = format!("{} = load_secret_of_service\n", ["db", "password"].join("_"));
    place.staunch_with(text.as_bytes(), &["scan", "-", "--stdin-name", "a.py"]).ends(0);
}

#[test]
fn what_gitignore_names_is_left_out_unless_asked_for() {
    let place = Place::folder();
    place.write(".gitignore", "out/\n");
    place.write("out/a.txt", leak(1));
    place.write("b.txt", leak(2));
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl"]).ends(1)), ["b.txt"]);
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl", "--no-ignore"]).ends(1)), ["b.txt", "out/a.txt"]);
}

#[test]
fn a_file_that_is_named_is_read_even_when_ignored() {
    let place = Place::folder();
    place.write(".gitignore", "*.env\n");
    place.write("a.env", leak(1));
    place.staunch(&["scan", "."]).ends(0);
    place.staunch(&["scan", "a.env"]).ends(1);
}

#[test]
fn hidden_files_are_read_unless_told_otherwise() {
    let place = Place::folder();
    place.write(".env", leak(1));
    place.write(".config/app.txt", leak(2));
    place.write("b.txt", leak(3));
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl"]).ends(1)), [".config/app.txt", ".env", "b.txt"]);
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl", "--no-hidden"]).ends(1)), ["b.txt"]);
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl", "--no-hidden", "--hidden"]).ends(1)).len(), 3);
}

#[test]
fn the_database_of_git_is_left_to_audit() {
    let place = Place::repo();
    place.write(".git/description", leak(1));
    place.staunch(&["scan"]).ends(0);
}

#[test]
fn paths_are_written_as_they_were_typed() {
    let place = Place::repo();
    place.write("sub/a.txt", leak(1));
    place.write("b.txt", leak(2));
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl", "sub", "b.txt"]).ends(1)), ["b.txt", "sub/a.txt"]);
    let from_sub = |args: &[&str]| place.staunch_in(&place.path("sub"), &[&["scan", "--format", "jsonl"], args].concat()).ends(1);
    assert_eq!(paths(&from_sub(&["."])), ["a.txt"]);
    assert_eq!(paths(&from_sub(&["../b.txt"])), ["../b.txt"]);
    let whole = place.path("b.txt").display().to_string();
    assert_eq!(paths(&from_sub(&[&whole])), [whole.as_str()]);
}

#[test]
fn a_missing_path_is_named_and_not_clean() {
    let place = Place::folder();
    place.write("a.txt", "clean\n");
    place.staunch(&["scan", "nowhere.txt"]).ends(2).says("nowhere.txt");
    place.staunch(&["scan", "a.txt", "nowhere.txt"]).ends(2).says("nowhere.txt");
    place.write("b.txt", leak(1));
    place.staunch(&["scan", "b.txt", "nowhere.txt"]).ends(2).says("b.txt").says("nowhere.txt");
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_not_clean() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::folder();
    place.write("a.txt", "clean\n");
    std::fs::set_permissions(place.path("a.txt"), std::fs::Permissions::from_mode(0o000)).expect("ours");
    if std::fs::read(place.path("a.txt")).is_ok() {
        return; // The superuser reads everything.
    }
    place.staunch(&["scan"]).ends(2).says("a.txt");
}

#[test]
fn a_pipe_is_named_and_does_not_hang() {
    let place = Place::folder();
    place.run("mkfifo".as_ref(), &place.path(""), &["pipe"], b"").ends(0);
    place.staunch(&["scan"]).ends(0).says("pipe");
}

#[test]
fn a_link_in_a_circle_ends() {
    let place = Place::folder();
    std::os::unix::fs::symlink(".", place.path("loop")).expect("links can be made");
    place.write("a.txt", leak(1));
    assert_eq!(paths(&place.staunch(&["scan", "--format", "jsonl"]).ends(1)), ["a.txt"]);
}

#[test]
fn a_link_that_is_named_is_never_a_false_green() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    std::os::unix::fs::symlink("a.txt", place.path("link.txt")).expect("links can be made");
    std::os::unix::fs::symlink(".", place.path("folder")).expect("links can be made");
    std::os::unix::fs::symlink("nowhere", place.path("broken")).expect("links can be made");
    for (path, code) in [("link.txt", 1), ("folder", 1), ("broken", 2)] {
        let ran = place.staunch(&["scan", path]);
        assert_eq!(ran.code, code, "{path}: {ran:?}");
    }
}

#[test]
fn in_a_binary_file_a_token_is_found_and_a_password_is_not() {
    let place = Place::folder();
    let binary = |text: String| [b"\x00\x01\x02\xff", text.as_bytes(), b"\x00\xfe"].concat();
    place.write("token.bin", binary(leak(1)));
    place.staunch(&["scan", "token.bin"]).ends(1).says(DETECTOR);
    place.write("text.txt", assignment(1));
    place.staunch(&["scan", "text.txt"]).ends(1);
    place.write("password.bin", binary(assignment(1)));
    place.staunch(&["scan", "password.bin"]).ends(0);
}

#[test]
fn lines_that_end_in_carriage_returns_are_counted_right() {
    let place = Place::folder();
    place.write("a.txt", format!("one\r\ntwo\r\nk={}\r\nfour\r\n", token(1)));
    let line = place.staunch(&["scan", "--format", "jsonl"]).ends(1).lines().remove(0);
    assert_eq!((line["line"].as_u64(), line["column"].as_u64(), line["end_column"].as_u64()), (Some(3), Some(3), Some(43)));
}

#[test]
fn invalid_utf8_around_a_secret_is_no_obstacle() {
    let place = Place::folder();
    place.write("a.txt", [b"\xff\xfe\xc3 k=", token(1).as_bytes(), b"\xc3\n\x80\n"].concat());
    place.staunch(&["scan"]).ends(1).says("a.txt:1:");
    place.staunch(&["scan", "--format", "json"]).ends(1).json();
}

#[test]
fn a_single_line_of_twenty_megabytes_is_read_and_shown_short() {
    let place = Place::folder();
    let mut line = "var a=[1,2,3];".repeat(1_500_000);
    line.insert_str(10_000_003, &format!(" {} ", token(1)));
    place.write("a.min.js", &line);
    for format in ["pretty", "json", "jsonl", "sarif"] {
        let start = Instant::now();
        let ran = place.staunch(&["scan", "--format", format]).ends(1);
        assert!(ran.out.len() < 20_000, "{format} writes {} bytes", ran.out.len());
        assert!(start.elapsed() < Duration::from_secs(60), "{format} took {:?}", start.elapsed());
    }
}

#[test]
fn a_file_name_that_is_no_text_is_scanned() {
    let place = Place::folder();
    place.write(OsStr::from_bytes(b"bad\xff.txt"), leak(1));
    let ran = place.staunch(&["scan", "--format", "jsonl"]).ends(1);
    assert_eq!(paths(&ran), ["bad\u{fffd}.txt"]);
}

#[test]
fn a_min_severity_and_a_min_confidence_leave_out_what_is_less() {
    let place = Place::folder();
    place.write("a.txt", assignment(1));
    let line = place.staunch(&["scan", "--format", "jsonl", "--min-confidence", "low"]).ends(1).lines().remove(0);
    assert_ne!(line["severity"], "critical");
    place.staunch(&["scan", "--min-severity", "critical"]).ends(0);
    place.write("a.txt", leak(1));
    let line = place.staunch(&["scan", "--format", "jsonl", "--min-confidence", "high"]).ends(1).lines().remove(0);
    assert_eq!(line["confidence"], "high");
    place.staunch(&["scan", "--min-severity", line["severity"].as_str().expect("a word")]).ends(1);
    place.staunch(&["scan", "--min-severity", "dreadful"]).ends(2);
    place.staunch(&["scan", "--min-confidence", "none"]).ends(2);
}

#[test]
fn exit_zero_still_reports() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    place.staunch(&["scan", "--exit-zero"]).ends(0).says(DETECTOR);
    place.staunch(&["scan", "nowhere", "--exit-zero"]).ends(2);
}

#[test]
fn quiet_prints_nothing_when_clean() {
    let place = Place::folder();
    place.write("a.txt", "clean\n");
    assert_eq!(place.staunch(&["scan", "--quiet"]).ends(0).all(), "");
    place.write("a.txt", leak(1));
    place.staunch(&["scan", "--quiet"]).ends(1).says(DETECTOR);
}

#[test]
fn no_colour_and_no_progress_reach_a_pipe() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let ran = place.staunch(&["scan"]).ends(1);
    assert!(!ran.all().contains('\u{1b}') && ran.err.is_empty(), "{ran:?}");
}

#[test]
fn a_yaml_bomb_in_the_configuration_is_refused_quickly() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let refs = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{refs}]\n"));
    }
    let deep = format!("allow: {}{}\n", "[".repeat(200_000), "]".repeat(200_000));
    let inside = format!("detectors: [&a [{}], {}]\n", ["x"; 100].join(", "), vec!["*a"; 1000].join(", "));
    let known = format!("{bomb}allow: *a29\n");
    for text in [bomb.clone(), known, deep, inside] {
        let place = Place::folder();
        place.write(".staunch.yaml", &text);
        let start = Instant::now();
        place.staunch(&["scan"]).ends(2).says("error: ").says("hint: ");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?} for {}", start.elapsed(), &text[..40]);
    }
}

#[test]
fn a_pattern_of_a_user_that_is_too_large_is_refused_quickly() {
    let letters = "acegikmoqsuwyACEGIKMOQSUWY02468";
    for body in
        [format!("(?:[{letters}]{{1,60}}){{1,1000}}"), format!("[{letters}]{{1,60000}}(?:x|y){{1,900}}"), "(?:a{1,1000}){1,1000}".into()]
    {
        let place = Place::folder();
        let head = "provider: Acme\ncategory: saas\ndetectors:\n  - id: acme-big\n    title: Acme\n    severity: high\n";
        let tail = "    samples: {leak: ['«acme_{hex:9}»']}\n";
        place.write("own.yaml", format!("{head}    keywords: [acme_]\n    pattern: 'acme_{body}'\n{tail}"));
        let start = Instant::now();
        place.staunch(&["scan", "--detectors", "own.yaml"]).ends(2).says("error: ").says("hint: ");
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

#[test]
fn wrong_use_ends_with_2() {
    let place = Place::folder();
    for args in [&["scan", "--no-such-flag"][..], &["no-such-command"], &[], &["scan", "--format", "xml"], &["scan", "--threads", "many"]] {
        place.staunch(args).ends(2);
    }
    place.staunch(&["--help"]).ends(0);
    place.staunch(&["--version"]).ends(0);
    place.staunch(&["scan", "--config", "nowhere.yaml"]).ends(2).says("nowhere.yaml");
}

#[test]
fn a_name_for_standard_input_means_standard_input() {
    let place = Place::folder();
    place.staunch_with(leak(1).as_bytes(), &["scan", "--stdin-name", "x.py"]).ends(1).says("x.py");
    place.staunch_with(b"", &["scan", "--stdin-name", "x.py", "."]).ends(2).says("leave the paths out");
}
