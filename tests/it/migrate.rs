//! `staunch migrate`: what other scanners keep silent is silent here too, and what is not carried over is said.

use crate::support::{Place, leak, token};

/// Checks that what was reported is silent after a migration, and that the second one changes nothing.
#[track_caller]
fn silences(place: &Place) {
    place.staunch(&["scan"]).ends(1);
    let printed = place.staunch(&["migrate"]).ends(0);
    assert!(!place.path(".staunch.yaml").exists(), "nothing is written without being asked for");
    assert!(!printed.all().contains(&token(1)), "{printed:?}");
    place.staunch(&["migrate", "--write"]).ends(0);
    assert_eq!(printed.out, place.read(".staunch.yaml"), "it writes what it shows");
    place.staunch(&["scan"]).ends(0);
    place.staunch(&["migrate", "--write"]).ends(0);
    assert_eq!(printed.out, place.read(".staunch.yaml"));
}

#[test]
fn places_that_gitleaks_ignores_are_allowed_by_what_is_there() {
    let place = Place::repo();
    place.commit("a.txt", format!("one\n{}", leak(1)));
    let commit = place.commit("old.txt", format!("{}{}", leak(2), leak(3)));
    place.remove("old.txt");
    place.write(
        ".gitleaksignore",
        format!(
            "# ours\na.txt:github-pat:2\n{commit}:old.txt:github-pat:1\nb.txt:generic-api-key:1\na.txt:github-pat:1\nnonsense\n\
             {}:old.txt:github-pat:1\n",
            "1".repeat(40)
        ),
    );
    let ran = place.staunch(&["migrate"]).ends(0).says("2 entries").says("4 things");
    for lost in
        ["4: b.txt:1: the file is not there", "5: a.txt:1: staunch finds nothing there", "6: \"nonsense\"", "7: old.txt:1: that version"]
    {
        assert!(ran.err.contains(&format!("not carried over: .gitleaksignore:{lost}")), "{lost}: {ran:?}");
    }
    assert!(ran.out.contains("reason: \"ignored in .gitleaksignore, line 2\""), "{ran:?}");
    silences(&place);
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    assert_eq!(report["credentials"].as_array().map(Vec::len), Some(1), "the third credential was not ignored: {report}");
}

#[test]
fn the_baseline_of_detect_secrets_is_carried_over_but_not_what_is_real() {
    let place = Place::repo();
    place.write("a.txt", format!("{}{}", leak(1), leak(2)));
    let found = |line: usize, audited: &str| {
        let hash = format!("{line}").repeat(40);
        format!(
            "{{\"type\": \"x\", \"filename\": \"a.txt\", \"hashed_secret\": \"{hash}\", \"is_verified\": false, \"line_number\": {line}{audited}}}"
        )
    };
    let write = |one: String, two: String| {
        place.write(".secrets.baseline", format!("{{\"version\": \"1.5.0\", \"results\": {{\"a.txt\": [\n{one},\n{two}\n]}}}}\n"))
    };
    write(found(1, ", \"is_secret\": false"), found(2, ", \"is_secret\": true"));
    place
        .staunch(&["migrate"])
        .ends(0)
        .says("1 entries")
        .says(".secrets.baseline:3: a.txt:2: it was marked as a real secret")
        .says("false alarm");
    write(found(1, ""), found(2, ""));
    silences(&place);
    place.write(".secrets.baseline", "nonsense");
    place.staunch(&["migrate"]).ends(2).says("hint: ");
}

#[test]
fn a_baseline_of_kingfisher_is_carried_over() {
    let place = Place::repo();
    place.write("sub/a.txt", leak(1));
    let exact = "ExactFindings:\n  matches:\n  - filepath: sub/a.txt\n    fingerprint: '123456789'\n    linenum: 1\n    lastupdated: Mon\n";
    place.write("baseline-file.yml", exact);
    silences(&place);
}

#[test]
fn paths_of_gitleaks_are_carried_over_and_the_rest_is_listed() {
    let place = Place::repo();
    place.write("vendor/lib/a.txt", leak(1));
    place.write("x/b_test.txt", leak(2));
    place.write(
        ".gitleaks.toml",
        r#"title = "ours"
[extend]
useDefault = true
[[rules]]
id = "acme"
regex = '''acme_[0-9a-f]{32}'''
[[rules.allowlists]]
paths = ['''docs/''']
[allowlist]
description = "third party"
paths = ['''(^|/)vendor/''', '''[a-z]+\.lock''']
stopwords = ["example"]
commits = ["0123456789"]
[[allowlists]]
regexTarget = "line"
regexes = ['''acme_test''']
paths = ['''_test\.txt$''']
[[allowlists]]
condition = "AND"
paths = ['''b''']
"#,
    );
    let ran = place.staunch(&["migrate"]).ends(0).says("2 entries").says("third party, .gitleaks.toml, line 11");
    for lost in ["5: rule \"acme\"", "8: path \"docs/\"", "11: path \"[a-z]", "12: word", "13: commit", "16: regex", "20: path \"b\""] {
        assert!(ran.err.contains(&format!("not carried over: .gitleaks.toml:{lost}")), "{lost}: {ran:?}");
    }
    silences(&place);
    place.write("other/a.txt", leak(3));
    place.staunch(&["scan"]).ends(1);
    place.write(".gitleaks.toml", "rules = 1\n");
    place.staunch(&["migrate"]).ends(2).says("hint: ");
    std::fs::remove_file(place.path(".gitleaks.toml")).expect("it is ours");
    place.staunch(&["migrate"]).ends(2).says("no file of another scanner");
}
