//! `staunch migrate`: what other scanners keep silent is silent here too, and what is not carried over is said.

use crate::support::{Place, hex, leak, token};

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
        .says("1 entry and")
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
disabledRules = ["slack-bot-token", "acme-default"]
[[rules]]
id = "files"
path = '''\.p12$'''
[[rules.allowlists]]
paths = ['''docs/''']
[allowlist]
description = "third party"
paths = ['''(^|/)vendor/''', '''[a-z]+\.lock''']
stopwords = ["nowhere"]
commits = ["0123456789"]
[[allowlists]]
regexTarget = "line"
regexes = ['''acme_test''']
paths = ['''_test\.txt$''']
[[allowlists]]
condition = "AND"
paths = ['''b''']
stopwords = ["b"]
[composite]
id = 1
"#,
    );
    let ran = place
        .staunch(&["migrate"])
        .ends(0)
        .says("3 entries")
        .says("third party, .gitleaks.toml, line 12")
        .says("detector: slack-bot-token");
    for lost in [
        "4: disabled rule \"acme-default\"",
        "6: rule \"files\"",
        "8: allowlist of rule \"files\": that rule was not",
        "12: path \"[a-z]",
        "13: word \"nowhere\"",
        "14: commit",
        "17: regex",
        "19: allowlist",
        "23: composite",
    ] {
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

/// Rules as people write them; `key` is what each must find.
const RULES: &str = r#"title = "Acme's rules"
[[rules]]
id = "Acme_Live"
description = "Acme live key"
regex = '''\bacme_live_[0-9a-f]{32}\b'''
keywords = ["acme_live_"]
entropy = 3.0
tags = ["key"]
[[rules]]
id = "github-pat-classic"
regex = '''(?i)corp[\w .-]{0,20}[\s'"]{0,3}(?:=|:)[\s'"]{0,5}([a-z0-9]{40})(?:['"\s;]|$)'''
secretGroup = 1
keywords = ["corp"]
path = '''\.tf$'''
[[rules.allowlists]]
paths = ['''(^|/)fixtures/''']
[[rules]]
id = "open"
regex = '''open-[A-Za-z0-9+/]{30,}'''
[[rules]]
id = "aws"
regex = '''AKIA[A-Z2-7]{16}'''
[[rules]]
id = "hopeless"
regex = '''[0-9a-f]{32}'''
keywords = ["acme"]
"#;

#[test]
fn a_rule_of_gitleaks_becomes_a_detector_that_finds_what_it_found() {
    let place = Place::repo();
    let live = format!("acme_live_{}", hex(1));
    let corp = format!("{}{}", hex(2), &hex(3)[..8]);
    let open = format!("open-{}", hex(4));
    place.write("a.txt", format!("x = {live}\nCORP_KEY = \"{corp}\"\nurl?{open}\nnot acme_live_{}\n", "0".repeat(32)));
    place.write("b.tf", format!("corp_key = \"{corp}\"\n"));
    place.write("fixtures/a.tf", format!("corp_key = \"{corp}\"\n"));
    place.write(".gitleaks.toml", RULES);
    let shown = place.staunch(&["migrate"]).ends(0).says("2 entries and 3 detectors").says("nothing was written");
    for said in [
        "not carried over: .gitleaks.toml:25: rule \"hopeless\": no text of three letters",
        "not carried over: .gitleaks.toml:21: rule \"aws\": found already, by aws-access-key-id",
        "not the same: .gitleaks.toml:18: rule \"open\": what it finds ends within 4096 bytes",
    ] {
        assert!(shown.err.contains(said), "{said}: {shown:?}");
    }
    assert!(!place.path(".staunch.yaml").exists() && !place.path(".staunch").exists());
    place.staunch(&["migrate", "--write"]).ends(0);
    let made = place.read(".staunch/detectors/gitleaks.yaml");
    assert!(shown.out.contains(&made) && shown.out.starts_with(&place.read(".staunch.yaml")), "it writes what it shows: {shown:?}");
    assert!(made.contains("provider: 'Acme''s rules'") && made.contains("entropy: 3\n"), "{made}");
    place.staunch(&["detectors", "test", ".staunch/detectors"]).ends(0);
    let found = place.staunch(&["scan", ".", "--format", "jsonl"]).ends(1).lines();
    let own = ["acme-live", "own-github-pat-classic", "open"];
    let found: Vec<(&str, &str, u64)> = found
        .iter()
        .filter_map(|line| Some((line["path"].as_str()?, line["detector"].as_str()?, line["line"].as_u64()?)))
        .filter(|(_, detector, _)| own.contains(detector))
        .collect();
    assert_eq!(found, [("a.txt", own[0], 1), ("a.txt", own[2], 3), ("b.tf", own[1], 1)]);
    let before = (place.read(".staunch.yaml"), made);
    place.staunch(&["migrate", "--write"]).ends(0);
    assert_eq!((place.read(".staunch.yaml"), place.read(".staunch/detectors/gitleaks.yaml")), before);
    place.write(".staunch/detectors/gitleaks.yaml", format!("{}# ours\n", before.1));
    place.staunch(&["migrate", "--write"]).ends(2).says("says something else").says("hint: ");
    assert_eq!(place.read(".staunch/detectors/gitleaks.yaml"), format!("{}# ours\n", before.1));
    place.write(".staunch/detectors/gitleaks.yaml", b"# \xff, no UTF-8\n");
    std::fs::remove_file(place.path(".staunch.yaml")).expect("it is there"); // It names that file as one with detectors.
    place.staunch(&["migrate", "--write"]).ends(2).says("says something else");
    let kept = std::fs::read(place.path(".staunch/detectors/gitleaks.yaml")).expect("it is there");
    assert_eq!(kept, b"# \xff, no UTF-8\n", "what cannot be read as text is not replaced either");
}

#[test]
fn what_gitleaks_silences_by_what_it_is_becomes_entries_of_what_is_there() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.write("b.txt", leak(2));
    let commit = place.commit("c.txt", leak(3));
    place.remove("c.txt");
    place.commit("d.txt", leak(4));
    let (one, word) = (token(1), token(2)[10..20].to_ascii_lowercase());
    let text = format!("[allowlist]\nregexes = ['^{one}$']\nstopwords = ['{word}']\ncommits = ['{}']\n", &commit[..12]);
    place.write("of-gitleaks.toml", text);
    let ran = place.staunch(&["migrate", "of-gitleaks.toml", "--write"]).ends(0).says("3 entries").says("3 not quite the same");
    assert!(ran.err.contains("of-gitleaks.toml:4: commit"), "{ran:?}");
    std::fs::remove_file(place.path("of-gitleaks.toml")).expect("it holds a secret");
    place.staunch(&["scan", "a.txt", "b.txt"]).ends(0);
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    assert_eq!(report["credentials"].as_array().map(Vec::len), Some(1), "only the fourth is left: {report}");
}

#[test]
fn no_path_leads_out_of_the_repository() {
    let place = Place::repo();
    std::fs::write(place.beside("outside.txt"), leak(1)).expect("it is ours");
    std::fs::create_dir(place.beside("folder")).expect("it is new");
    std::fs::write(place.beside("folder/b.txt"), leak(2)).expect("it is ours");
    let outside = place.beside("outside.txt").display().to_string();
    let ignored = format!("../outside.txt:x:1\n{outside}:x:1\nlink/b.txt:x:1\nlink.txt:x:1\n");
    place.write(".gitleaksignore", ignored);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.beside("folder"), place.path("link")).expect("it is new");
        std::os::unix::fs::symlink(place.beside("outside.txt"), place.path("link.txt")).expect("it is new");
    }
    let ran = place.staunch(&["migrate"]).ends(0).says("0 entries").says("4 things");
    assert_eq!(ran.err.matches("it lies outside of the repository").count(), 4, "{ran:?}");
}

#[cfg(unix)]
#[test]
fn nothing_is_read_or_written_through_a_link_that_a_repository_holds() {
    use std::os::unix::fs::symlink;
    let place = Place::repo();
    std::fs::write(place.beside("victim"), "exclude: []\n").expect("it is ours");
    symlink(place.beside("victim"), place.path(".staunch.yaml")).expect("it is new");
    let fingerprint = "0a".repeat(10);
    place.staunch(&["allow", &fingerprint, "--reason", "x"]).ends(2).says("is a link");
    std::fs::remove_file(place.path(".staunch.yaml")).expect("it is ours");
    place.write("rules.toml", RULES);
    std::fs::create_dir(place.beside("elsewhere")).expect("it is new");
    symlink(place.beside("elsewhere"), place.path(".staunch")).expect("it is new");
    place.staunch(&["migrate", "rules.toml", "--write"]).ends(2).says("is a link");
    symlink(place.path("rules.toml"), place.path(".gitleaks.toml")).expect("it is new");
    place.staunch(&["migrate"]).ends(2).says("no file of another scanner");
    assert_eq!(std::fs::read_to_string(place.beside("victim")).expect("it is there"), "exclude: []\n");
    assert_eq!(std::fs::read_dir(place.beside("elsewhere")).expect("it is there").count(), 0);
}
