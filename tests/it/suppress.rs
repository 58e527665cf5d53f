//! What keeps a finding silent on purpose, and what is said when it no longer does.

use crate::support::{DETECTOR, Place, Ran, assignment, leak, token};

fn scan(place: &Place) -> Ran {
    place.staunch(&["scan", "a.txt"])
}

/// Returns the fingerprint of the only credential in `a.txt`.
fn fingerprint(place: &Place) -> String {
    let lines = place.staunch(&["scan", "a.txt", "--format", "jsonl", "--no-baseline"]).ends(1).lines();
    lines[0]["fingerprint"].as_str().expect("it has one").to_owned()
}

#[test]
fn a_mark_beside_a_secret_allows_it() {
    let (secret, id) = (leak(1), DETECTOR);
    let secret = secret.trim_end();
    for (text, code) in [
        (format!("{secret} # staunch:allow a test\n"), 0),
        (format!("# staunch:allow a test\n{secret}\n"), 0),
        (format!("// staunch:allow\n{secret}\n"), 0),
        (format!("{secret} # staunch:allow {id} a test\n"), 0),
        (format!("# staunch:allow {id}\n{secret}\n"), 0),
        (format!("{secret} # staunch:allow generic-password a test\n"), 1),
        (format!("# staunch:allow json-web-token demo\n{secret}\n"), 1),
        (format!("# staunch:allow\n\n{secret}\n"), 1),
        (format!("{secret}\n# staunch:allow\n"), 1),
        (format!("y = 1 # staunch:allow\n{secret}\n"), 1),
    ] {
        let place = Place::folder();
        place.write("a.txt", &text);
        assert_eq!(scan(&place).code, code, "{text:?}");
    }
}

#[test]
fn a_mark_that_names_another_detector_is_not_for_this_one() {
    let place = Place::folder();
    place.write("a.txt", format!("{} # staunch:allow json-web-token demo\n", leak(1).trim_end()));
    scan(&place).ends(1);
}

#[test]
fn a_longer_word_is_no_mark() {
    let place = Place::folder();
    place.write("a.txt", format!("{} # staunch:allowance\n", leak(1).trim_end()));
    scan(&place).ends(1);
}

#[test]
fn what_is_allowed_is_still_counted_with_its_reason() {
    let place = Place::folder();
    place.write("a.txt", format!("{} # staunch:allow shown in the tutorial\n", leak(1).trim_end()));
    scan(&place).ends(0).says("1 suppressed");
    let report = place.staunch(&["scan", "a.txt", "--format", "json"]).ends(0).json();
    let suppression = &report["suppressed"][0]["suppression"];
    assert_eq!(suppression["disposition"], "allowed-inline");
    assert_eq!(suppression["reason"], "shown in the tutorial");
}

#[test]
fn a_mark_works_in_check_and_audit_too() {
    let place = Place::repo();
    place.write("a.txt", format!("{} # staunch:allow a test\n", leak(1).trim_end()));
    place.git(&["add", "."]);
    place.staunch(&["check"]).ends(0);
    place.git(&["commit", "-q", "-m", "x"]);
    place.staunch(&["audit"]).ends(0);
    place.staunch(&["check", "--unpushed"]).ends(0);
}

#[test]
fn entries_allow_by_fingerprint_by_path_and_by_detector() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let own = fingerprint(&place);
    let other = "0f".repeat(10);
    for (entry, code) in [
        (format!("fingerprint: {own}"), 0),
        (format!("fingerprint: {other}"), 1),
        ("path: a.txt".into(), 0),
        ("path: '*.txt'".into(), 0),
        ("path: b.txt".into(), 1),
        ("path: fixtures/".into(), 1),
        (format!("detector: {DETECTOR}"), 0),
        ("detector: generic-password".into(), 1),
        (format!("path: a.txt\n    detector: {DETECTOR}"), 0),
        (format!("path: b.txt\n    detector: {DETECTOR}"), 1),
        (format!("path: a.txt\n    fingerprint: {other}"), 1),
    ] {
        place.write(".staunch.yaml", format!("allow:\n  - {entry}\n    reason: a test\n"));
        assert_eq!(scan(&place).code, code, "{entry:?}");
    }
}

#[test]
fn a_path_of_an_entry_is_seen_from_the_top_wherever_the_user_is() {
    let place = Place::repo();
    place.write("sub/a.txt", leak(1));
    place.write(".staunch.yaml", "allow:\n  - path: sub/a.txt\n    reason: a test\n");
    place.git(&["add", "."]);
    place.staunch(&["check"]).ends(0);
    place.staunch_in(&place.path("sub"), &["check"]).ends(0);
    place.staunch(&["scan"]).ends(0);
    place.staunch_in(&place.path("sub"), &["scan", "a.txt"]).ends(0);
    let whole = place.path("sub/a.txt").display().to_string();
    place.staunch(&["scan", &whole]).ends(0);
    place.staunch(&["scan", "./sub/../sub/a.txt"]).ends(0);
}

#[test]
fn an_entry_that_is_wrong_is_refused_at_its_line() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    for (entry, what) in [
        ("path: a.txt", "reason"),
        ("path: a.txt\n    reason: ''", "reason"),
        ("reason: x", "fingerprint"),
        ("path: a.txt\n    reason: x\n    expires: tomorrow", "tomorrow"),
        ("path: 'a['\n    reason: x", "a["),
        ("path: a.txt\n    reason: x\n    until: 2027-01-01", "until"),
    ] {
        place.write(".staunch.yaml", format!("# comment\nallow:\n  - {entry}\n"));
        scan(&place).ends(2).says("error: ").says("hint: ").says(".staunch.yaml:").says(what);
    }
}

#[test]
fn an_expired_entry_hides_nothing_and_is_reported() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.write(".staunch.yaml", "allow:\n  - path: a.txt\n    reason: a test\n    owner: ann\n    expires: 2026-01-01\n");
    scan(&place).ends(1).says(DETECTOR).says(".staunch.yaml:2").says("expired on 2026-01-01").says("ann");
    place.git(&["add", "a.txt"]);
    place.staunch(&["check", "--quiet"]).ends(1).says("expired");
    place.write(".staunch.yaml", "allow:\n  - path: a.txt\n    reason: a test\n    expires: 2999-12-31\n");
    scan(&place).ends(0);
}

#[test]
fn an_entry_that_allows_nothing_is_reported_by_audit_only() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write(".staunch.yaml", "allow:\n  - path: gone.txt\n    reason: a test\n");
    place.staunch(&["audit"]).ends(0).says(".staunch.yaml:2");
    let ran = scan(&place).ends(0);
    assert!(!ran.all().contains(".staunch.yaml:2"), "{ran:?}");
    let report = place.staunch(&["audit", "--format", "json"]).ends(0).json();
    assert_eq!(report["notices"][0]["place"], ".staunch.yaml:2");
}

#[test]
fn excluded_paths_are_not_reported() {
    let place = Place::folder();
    place.write("vendor/a.txt", leak(1));
    place.write("a.txt", "clean\n");
    place.write(".staunch.yaml", "exclude:\n  - path: vendor/**\n    reason: not ours\n");
    place.staunch(&["scan"]).ends(0);
    place.write(".staunch.yaml", "exclude:\n  - path: vendor/**\n");
    place.staunch(&["scan"]).ends(2).says("reason");
}

const BASELINE: &str = ".staunch-baseline";

/// Makes a repository with one known credential.
fn baselined() -> Place {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["baseline", "create"]).ends(0);
    place
}

#[test]
fn what_the_baseline_knows_is_silent_and_what_is_new_is_not() {
    let place = baselined();
    place.staunch(&["audit"]).ends(0).says("1 suppressed");
    place.staunch(&["audit", "--no-baseline"]).ends(1);
    place.staunch(&["scan"]).ends(0);
    place.write("b.txt", leak(1));
    place.staunch(&["scan"]).ends(0);
    place.write("b.txt", leak(2));
    let lines = place.staunch(&["scan", "--format", "jsonl"]).ends(1).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["path"], "b.txt");
    place.git(&["add", "b.txt"]);
    place.staunch(&["check"]).ends(1).says("b.txt");
}

#[test]
fn the_baseline_goes_through_create_update_and_prune() {
    let place = baselined();
    let created = place.read(BASELINE);
    place.staunch(&["baseline", "update"]).ends(0).says("0 added");
    assert_eq!(place.read(BASELINE), created, "an update without news changes nothing");
    place.commit("b.txt", leak(2));
    place.staunch(&["audit"]).ends(1);
    place.staunch(&["baseline", "update"]).ends(0).says("1 added");
    place.staunch(&["audit"]).ends(0);
    place.staunch(&["baseline", "prune"]).ends(0).says("0 removed");
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    let _ = std::fs::remove_file(place.path(".git/ORIG_HEAD"));
    place.git(&["prune", "--expire=now"]);
    place.staunch(&["audit"]).ends(0).says("baseline prune");
    place.staunch(&["baseline", "prune"]).ends(0).says("1 removed");
    assert_eq!(place.read(BASELINE), created);
}

#[test]
fn the_baseline_is_no_secret_itself_and_holds_none() {
    let place = Place::repo();
    for seed in 0..20 {
        place.commit(&format!("{seed}.txt"), leak(seed) + &assignment(seed));
    }
    place.staunch(&["baseline", "create"]).ends(0);
    let text = place.read(BASELINE);
    for seed in 0..20 {
        assert!(!text.contains(&token(seed)) && !text.contains(&crate::support::password(seed)), "{text}");
        assert!(!text.contains(&token(seed)[..12]), "{text}");
    }
    place.staunch(&["scan", BASELINE, "--no-baseline", "--min-confidence", "low"]).ends(0);
    place.git(&["add", BASELINE]);
    place.git(&["commit", "-q", "-m", "baseline"]);
    place.staunch(&["audit"]).ends(0);
}

#[test]
fn the_baseline_is_sorted_and_has_no_line_numbers_and_no_dates() {
    let place = Place::repo();
    for seed in 0..20 {
        place.commit("a.txt", format!("{}{}", "\n".repeat(100), (0..=seed).map(leak).collect::<String>()));
    }
    place.staunch(&["baseline", "create"]).ends(0);
    let text = place.read(BASELINE);
    let entries: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("salt: ")).collect();
    assert_eq!(entries.len(), 20, "{text}");
    assert!(entries.is_sorted(), "{text}");
    for entry in entries {
        let words: Vec<&str> = entry.split(' ').collect();
        assert_eq!(&words[1..], [DETECTOR, "a.txt"], "{entry}");
    }
    let is_date = |word: &str| word.as_bytes().get(4) == Some(&b'-') && word.starts_with("20");
    assert!(!text.split_whitespace().any(is_date), "no date: {text}");
}

#[test]
fn the_fingerprint_of_a_report_is_not_in_the_baseline() {
    let place = baselined();
    assert!(!place.read(BASELINE).contains(&fingerprint(&place)), "a report could be tested against it");
}

/// Starts a baseline with a known salt, so that its order is the same in each run.
fn salted() -> Place {
    let place = Place::repo();
    for seed in 0..30 {
        place.commit(&format!("{seed}.txt"), leak(seed));
    }
    place.write(BASELINE, format!("salt: {}\n", "07".repeat(16)));
    place.staunch(&["baseline", "update"]).ends(0).says("30 added");
    place
}

fn grow(place: &Place, seed: u64) {
    place.commit(&format!("new{seed}.txt"), leak(seed));
    place.staunch(&["baseline", "update", "--quiet"]).ends(0);
    place.git(&["commit", "-q", "-a", "-m", "update the baseline"]);
}

#[test]
fn baselines_of_two_branches_merge() {
    let place = salted();
    place.git(&["add", BASELINE]);
    place.git(&["commit", "-q", "-m", "baseline"]);
    place.git(&["switch", "-q", "-c", "side"]);
    grow(&place, 100);
    place.git(&["switch", "-q", "main"]);
    grow(&place, 101);
    place.git(&["merge", "-q", "-m", "merge", "side"]);
    place.staunch(&["audit"]).ends(0);
    let merged = place.read(BASELINE);
    place.staunch(&["baseline", "update"]).ends(0).says("32 credentials known, 0 added");
    assert_eq!(place.read(BASELINE), merged);
}

#[test]
fn baselines_of_two_branches_merge_by_union_even_side_by_side() {
    let place = baselined();
    place.write(".gitattributes", format!("{BASELINE} merge=union\n"));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "baseline"]);
    place.git(&["switch", "-q", "-c", "side"]);
    grow(&place, 100);
    grow(&place, 102);
    place.git(&["switch", "-q", "main"]);
    grow(&place, 101);
    place.git(&["merge", "-q", "-m", "merge", "side"]);
    place.staunch(&["audit"]).ends(0).says("4 suppressed");
}

#[test]
fn a_baseline_is_made_with_what_it_heeds_and_nothing_else() {
    let place = baselined();
    for (args, option) in [
        (&["baseline", "create", "--no-baseline"][..], "--no-baseline"),
        (&["baseline", "prune", "--min-confidence", "high"], "--min-confidence"),
        (&["baseline", "prune", "--min-severity", "high"], "--min-severity"),
        (&["migrate", "--no-baseline"], "--no-baseline"),
        (&["migrate", "--baseline", "x"], "--baseline"),
        (&["migrate", "--min-severity", "high"], "--min-severity"),
        (&["migrate", "--no-inline-allow"], "--no-inline-allow"),
        (&["migrate", "--allow-incomplete"], "--allow-incomplete"),
        (&["migrate", "--quiet"], "--quiet"),
    ] {
        place.staunch(args).ends(2).says("unexpected argument").says(option);
    }
    place.staunch(&["baseline", "create", "--min-confidence", "high", "--baseline", "other"]).ends(0);
    place.staunch(&["baseline", "update", "--min-severity", "high", "--no-inline-allow", "--baseline", "other"]).ends(0);
    place.staunch(&["baseline", "prune", "--own-markers-only", "--baseline", "other"]).ends(0);
}

#[test]
fn a_baseline_that_is_broken_or_missing_is_an_error() {
    let place = baselined();
    place.staunch(&["scan", "--baseline", "nowhere"]).ends(2).says("error: ").says("hint: ").says("nowhere");
    let good = place.read(BASELINE);
    for text in ["nonsense\n".to_owned(), String::new(), format!("<<<<<<< HEAD\n{good}"), format!("{good}>>>>>>> side\n")] {
        place.write(BASELINE, &text);
        place.staunch(&["scan"]).ends(2).says("error: ").says("hint: ").says("baseline");
    }
    std::fs::remove_file(place.path(BASELINE)).expect("ours");
    place.staunch(&["baseline", "update"]).ends(2).says("baseline create");
}

#[test]
fn a_baseline_of_half_a_repository_is_not_made() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", "clean\n");
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git(&["clone", "-q", "--depth", "1", url.trim_end_matches('/'), &clone.display().to_string()]);
    place.staunch_in(&clone, &["baseline", "create"]).ends(2).says("error: ").says("hint: ");
    assert!(!clone.join(BASELINE).exists());
    place.staunch_in(&clone, &["baseline", "create", "--allow-incomplete"]).ends(0);
}

#[test]
fn a_baseline_may_lie_elsewhere() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["baseline", "create", "--baseline", "known.txt"]).ends(0);
    assert!(!place.path(BASELINE).exists());
    place.staunch(&["audit"]).ends(1);
    place.staunch(&["audit", "--baseline", "known.txt"]).ends(0);
    place.write(".staunch.yaml", "baseline: known.txt\n");
    place.staunch(&["audit"]).ends(0);
    place.staunch(&["scan", "a.txt"]).ends(0);
}

#[test]
fn marks_of_other_scanners_count_unless_only_ours_do() {
    let secret = leak(1);
    let secret = secret.trim_end();
    for text in [
        format!("{secret} # gitleaks:allow\n"),
        format!("{secret} # betterleaks:allow\n"),
        format!("{secret} # kingfisher:ignore\n"),
        format!("{secret} # trufflehog:ignore\n"),
        format!("{secret}  # pragma: allowlist secret\n"),
        format!("# pragma: allowlist nextline secret\n{secret}\n"),
        format!("{secret} # ggignore\n"),
        format!("{secret} # secretlint-disable-line\n"),
        format!("# secretlint-disable-next-line\n{secret}\n"),
        format!("# secretlint-disable\n\n{secret}\n# secretlint-enable\n"),
    ] {
        let place = Place::repo();
        place.write("a.txt", &text);
        assert_eq!(scan(&place).code, 0, "{text:?}");
        place.git(&["add", "."]);
        for args in [&["check"][..], &["scan"], &["audit"]] {
            place.staunch(args).ends(0);
            place.staunch(&[args, &["--own-markers-only"]].concat()).ends(1);
            place.staunch(&[args, &["--no-inline-allow"]].concat()).ends(1);
        }
    }
}

#[test]
fn the_configuration_says_which_marks_count_and_a_flag_says_it_louder() {
    let place = Place::folder();
    let secret = leak(1);
    for (configured, ours, theirs) in [("all", 0, 0), ("own", 0, 1), ("none", 1, 1)] {
        place.write(".staunch.yaml", format!("inline_allow: {configured}\n"));
        place.write("a.txt", format!("{} # staunch:allow\n", secret.trim_end()));
        assert_eq!(scan(&place).code, ours, "{configured}");
        place.staunch(&["scan", "a.txt", "--no-inline-allow"]).ends(1);
        place.write("a.txt", format!("{} # gitleaks:allow\n", secret.trim_end()));
        assert_eq!(scan(&place).code, theirs, "{configured}");
        place.staunch(&["scan", "a.txt", "--own-markers-only"]).ends(1);
    }
    place.write(".staunch.yaml", "inline_allow: some\n");
    scan(&place).ends(2).says(".staunch.yaml:1");
}

#[test]
fn no_configuration_has_a_baseline_written_outside_of_its_repository() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let victim = place.beside("victim");
    std::fs::write(&victim, "theirs\n").expect("it is ours");
    for path in ["../victim".to_owned(), victim.display().to_string(), "sub/../../victim".to_owned()] {
        place.write(".staunch.yaml", format!("baseline: {path}\n"));
        place.staunch(&["baseline", "create"]).ends(2).says("outside of the repository");
        place.staunch(&["check"]).ends(2).says("hint: ");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.beside(""), place.path("link")).expect("it is new");
        place.write(".staunch.yaml", "baseline: link/victim\n");
        place.staunch(&["baseline", "create"]).ends(2).says("is a link");
    }
    assert_eq!(std::fs::read_to_string(&victim).expect("it is there"), "theirs\n");
    place.write("sub/b.txt", "clean\n");
    place.write(".staunch.yaml", "baseline: ./sub/known\n");
    place.staunch(&["baseline", "create"]).ends(0);
    assert!(place.path("sub/known").exists());
}
