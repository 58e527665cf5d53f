//! What somebody meets who writes detectors: files of one's own are found, listed and tested, and what is wrong says how to mend it.

use crate::support::{Place, credentials, hex, source};

const GOOD: &str = "provider: Acme
category: saas
detectors:
  - id: acme-live-token
    title: Acme live token
    severity: high
    keywords: [acme_live_]
    pattern: 'acme_live_[0-9a-f]{32}'
    samples:
      leak: ['k = «acme_live_{hex:32}»', 'k: «acme_live_{hex:32}»']
";

#[test]
fn a_detector_of_a_user_is_tested_and_finds() {
    let place = Place::folder();
    place.write("own/acme.yaml", GOOD);
    place.staunch(&["detectors", "test", "own/acme.yaml"]).ends(0).says("1 detector tested, 0 samples failed");
    place.write("leak.txt", format!("k = acme_live_{}\n", hex(1)));
    place.staunch(&["scan", "leak.txt", "--detectors", "own"]).ends(1).says("acme-live-token");
    place.staunch(&["scan", "leak.txt", "--detectors", "own/acme.yaml"]).ends(1).says("acme-live-token");
    place.write(".staunch.yaml", "detectors: [own]\n");
    place.staunch(&["scan", "leak.txt"]).ends(1).says("acme-live-token");
}

#[test]
fn no_text_of_a_detector_is_a_command_of_a_terminal_or_log() {
    let place = Place::repo();
    let file = |title: &str, step: &str| {
        format!(
            "provider: Acme\ncategory: saas\nguidance:\n  g:\n    rotate: [\"{step}\"]\ndetectors:\n  - id: acme\n    title: \"{title}\"\n    severity: low\n    \
             keywords: [acme_]\n    pattern: 'acme_[0-9a-f]{{32}}'\n    samples:\n      leak: ['«acme_{{hex:32}}»']\n"
        )
    };
    place.write(".staunch.yaml", "detectors: [own.yaml]\n");
    place.write("own.yaml", file("Acme key", "Ask for another one"));
    place.staunch(&["scan", "."]).ends(0);
    for hostile in ["\\e[2J", "a\\n::add-mask::b", "##vso[task.complete]", "x ##[group]", "a\\u202eb"] {
        for text in [file(hostile, "Ask for another one"), file("Acme key", hostile)] {
            place.write("own.yaml", text);
            let ran = place.staunch(&["scan", "."]).ends(2).says("line 7");
            assert!(!ran.all().contains("##") && !ran.all().contains(['\u{1b}', '\u{202e}']), "{ran:?}");
        }
    }
}

#[test]
fn a_second_reader_tells_what_is_alike_and_what_is_common() {
    let place = Place::folder();
    place.write("acme.yaml", GOOD);
    place.staunch(&["detectors", "check", "acme.yaml"]).ends(0).says("1 detector checked, 0 remarks");
    let twin = GOOD.replace("'k: «acme_live_{hex:32}»'", "'K=«acme_live_{hex:32}»'");
    place.write("twin.yaml", twin);
    place.staunch(&["detectors", "check", "twin.yaml"]).ends(1).says("show the same surrounding");
    place.write("text/code.txt", "acme_live_deadbeef is none\n".repeat(40_000));
    place.staunch(&["detectors", "check", "acme.yaml", "--text", "text"]).ends(1).says("\"acme_live_\" occurs");
    place.staunch(&["detectors", "check", "acme.yaml", "--text", "none"]).ends(2).says("none");
}

#[test]
fn statistics_count_files_and_whole_histories() {
    let place = Place::repo();
    place.commit("a.txt", format!("token = ghp_{}\n", hex(1)));
    place.commit("a.txt", "nothing\n");
    place.staunch(&["detectors", "stats", "--top", "0"]).ends(0).says("\n0.0 MB read, 0 detectors run");
    let ran = place.staunch(&["detectors", "stats", "--history", "--top", "0"]).ends(0);
    let line = ran.out.lines().find(|line| line.starts_with("github-pat-classic ")).unwrap_or_else(|| panic!("{}", ran.out));
    assert_eq!(line.split_whitespace().nth(1), Some("1"), "{line}");
    place.staunch(&["detectors", "stats", "--history", "a", "b"]).ends(2).says("one repository");
}

#[test]
fn a_sample_that_fails_is_told_with_exit_1() {
    let place = Place::folder();
    place.write("acme.yaml", GOOD.replace("{hex:32}»'", "{hex:31}»'"));
    place.staunch(&["detectors", "test", "acme.yaml"]).ends(1).says("acme-live-token").says("2 samples failed");
}

/// Checks that a changed file is refused at a line, with the line and a caret below it.
#[track_caller]
fn refused(from: &str, to: &str, line: usize, what: &str) {
    let place = Place::folder();
    assert!(GOOD.contains(from), "{from:?}");
    let file = GOOD.replacen(from, to, 1);
    place.write("acme.yaml", &file);
    for args in [&["scan", "--detectors", "acme.yaml"][..], &["detectors", "test", "acme.yaml"]] {
        let ran = place.staunch(args).ends(2).says("error: ").says("hint: ").says(what);
        let at = ran.err.find(&format!("acme.yaml:{line}:")).unwrap_or_else(|| panic!("line {line} is not named: {}", ran.err));
        let column = ran.err[at..].split(':').nth(2).and_then(|column| column.trim().parse::<usize>().ok());
        let column = column.unwrap_or_else(|| panic!("no column: {}", ran.err));
        let source = file.lines().nth(line - 1).expect("the line is there");
        let lines: Vec<&str> = ran.err.lines().collect();
        let shown = lines.iter().position(|shown| shown.ends_with(source)).unwrap_or_else(|| panic!("no frame: {}", ran.err));
        let start = lines[shown].len() - source.len();
        assert_eq!(lines[shown + 1].find('^'), Some(start + column - 1), "the caret is elsewhere:\n{}", ran.err);
    }
}

#[test]
fn an_unknown_field_is_refused_at_its_place() {
    refused("    severity: high\n", "    severity: high\n    colour: green\n", 7, "colour");
}

#[test]
fn a_pattern_that_does_not_parse_is_refused_at_its_place() {
    refused("[0-9a-f]{32}'", "[0-9a-f{32}'", 8, "pattern");
}

#[test]
fn a_keyword_that_is_not_in_every_match_is_refused_at_its_place() {
    refused("keywords: [acme_live_]", "keywords: [acme_test_]", 8, "acme_test_");
}

#[test]
fn a_pattern_without_longest_match_and_reach_is_refused_at_its_place() {
    refused("[0-9a-f]{32}'", "[0-9a-f]{32,}'", 8, "reach");
}

#[test]
fn a_reach_that_is_said_makes_an_endless_pattern_usable() {
    let place = Place::folder();
    place.write("acme.yaml", GOOD.replace("[0-9a-f]{32}'", "[0-9a-f]{32,}'\n    reach: 200"));
    place.staunch(&["detectors", "test", "acme.yaml"]).ends(0);
}

#[test]
fn a_leak_sample_without_marks_is_refused_at_its_place() {
    refused("['k = «acme_live_{hex:32}»', ", "['k = «acme_live_{hex:32}»',\n        'k = acme_live_{hex:32}',\n        ", 11, "sample");
}

#[test]
fn an_id_that_ships_cannot_be_used_twice() {
    let place = Place::folder();
    place.write("acme.yaml", GOOD.replace("acme-live-token", "github-pat-classic"));
    place.staunch(&["scan", "--detectors", "acme.yaml"]).ends(2).says("error: ").says("github-pat-classic").says("that ships");
}

#[test]
fn a_detector_file_that_is_too_large_is_refused_whole() {
    let place = Place::folder();
    place.write("own.yaml", format!("provider: Acme\ncategory: saas\ndetectors: []\n{}", "# more\n".repeat(200_000)));
    place.staunch(&["scan", "--detectors", "own.yaml"]).ends(2).says("larger than");
}

#[test]
fn a_folder_without_detector_files_and_a_missing_one_are_errors() {
    let place = Place::folder();
    place.write("empty/readme.txt", "nothing");
    place.staunch(&["scan", "--detectors", "empty"]).ends(2).says("error: ").says("hint: ");
    place.staunch(&["scan", "--detectors", "nowhere"]).ends(2).says("error: ").says("nowhere");
}

#[test]
fn every_command_that_tells_of_detectors_knows_those_of_ones_own() {
    let place = Place::repo();
    place.write("own/acme.yaml", GOOD);
    for args in [&["detectors", "list"][..], &["detectors", "show", "acme-live-token"]] {
        let named = [args, &["--detectors", "own"]].concat();
        place.staunch(&named).ends(0).says("Acme live token");
    }
    place.staunch(&["detectors", "show", "acme-live-token"]).ends(2).says("no detector");
    place.write(".staunch.yaml", "detectors: [own]\n");
    place.write("leak.txt", format!("k = acme_live_{}\n", hex(1)));
    place.staunch(&["detectors", "list"]).ends(0).says("acme-live-token");
    place.staunch(&["detectors", "show", "acme-live-token"]).ends(0).says("Acme live token");
    place.staunch(&["detectors", "stats", "leak.txt"]).ends(0).says("acme-live-token");
    place.staunch(&["explain", "leak.txt:1"]).ends(1).says("acme-live-token");
}

#[test]
fn an_id_is_used_once_and_both_files_are_named() {
    let place = Place::folder();
    place.write("a.yaml", GOOD);
    place.write("b.yaml", GOOD);
    let what = "b.yaml: the id \"acme-live-token\" is that of a detector in a.yaml already";
    place.staunch(&["scan", ".", "--detectors", "a.yaml", "--detectors", "b.yaml"]).ends(2).says(what);
    for verb in ["test", "check"] {
        place.staunch(&["detectors", verb, "a.yaml", "b.yaml"]).ends(2).says(what);
    }
    let detector = &GOOD[GOOD.find("  - id").expect("it has one")..];
    place.write("a.yaml", format!("{GOOD}{detector}"));
    place.staunch(&["detectors", "test", "a.yaml"]).ends(2).says("used twice in this file");
}

#[test]
fn an_id_that_ships_belongs_to_its_provider() {
    let place = Place::folder();
    place.write("a.yaml", GOOD.replace("acme-live-token", "github-pat-classic"));
    place.staunch(&["detectors", "test", "a.yaml"]).ends(2).says("a detector that ships; choose another");
    let shipped = source().join("detectors/github.yaml");
    place.staunch(&["detectors", "test", &shipped.display().to_string()]).ends(0).says("0 samples failed");
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let place = Place::repo();
    place.write("own/acme.yaml", GOOD);
    place.write(".staunch.yaml", "detectors: [own]\n");
    place.staunch(&["scan", ".", "--detectors", "own/acme.yaml", "--detectors", "own"]).ends(0);
}

#[test]
fn folders_below_a_folder_are_read_and_links_to_folders_are_not_followed() {
    let place = Place::repo();
    place.write("own/acme/live.yaml", GOOD);
    place.write("leak.txt", format!("k = acme_live_{}\n", hex(1)));
    place.staunch(&["scan", "leak.txt", "--detectors", "own"]).ends(1).says("acme-live-token");
    place.write(".staunch.yaml", "detectors: [own]\n");
    place.staunch(&["scan", "leak.txt"]).ends(1).says("acme-live-token");
    place.write("other/broken.yaml", "no detectors");
    #[cfg(unix)]
    for to in ["../other", "."] {
        std::os::unix::fs::symlink(to, place.path(format!("own/{}", to.replace(['.', '/'], "_")))).expect("a link can be made");
        place.staunch(&["scan", "leak.txt"]).ends(1).says("acme-live-token");
    }
}

#[test]
fn a_configured_file_that_is_not_valid_names_the_command_that_tells_more() {
    let place = Place::repo();
    place.write("own/acme.yaml", GOOD.replace("severity: high", "severity: hgih"));
    place.write(".staunch.yaml", "detectors: [own]\n");
    let ran = place.staunch(&["scan", "."]).ends(2).says("own/acme.yaml").says("line 6").says("`staunch detectors test own/acme.yaml`");
    assert!(!ran.all().contains("hgih"), "the file may be any: {ran:?}");
    place.staunch(&["detectors", "test", "own/acme.yaml"]).ends(2).says("`high` is known");
}

/// Two detectors, the parts of one credential, of which one names the other.
fn pair(named_by_first: bool) -> String {
    let part = |id: &str, other: Option<&str>| {
        let partner = other.map(|other| format!("    paired_with: [{other}]\n")).unwrap_or_default();
        format!(
            "  - id: acme-{id}\n    title: Acme {id}\n    severity: high\n    keywords: [acme_{id}_]\n    pattern: 'acme_{id}_[0-9a-f]{{32}}'\n\
             {partner}    samples:\n      leak: ['«acme_{id}_{{hex:32}}»']\n"
        )
    };
    let (first, second) = if named_by_first { (Some("acme-secret"), None) } else { (None, Some("acme-id")) };
    format!("provider: Acme\ncategory: saas\ndetectors:\n{}{}", part("id", first), part("secret", second))
}

#[test]
fn partners_are_found_together_whichever_names_the_other_and_stands_first() {
    let place = Place::folder();
    for named_by_first in [true, false] {
        place.write("own.yaml", pair(named_by_first));
        for (first, second) in [("id", "secret"), ("secret", "id")] {
            place.write("leak.txt", format!("a = acme_{first}_{}\nb = acme_{second}_{}\n", hex(1), hex(2)));
            let report = place.staunch(&["scan", "leak.txt", "--detectors", "own.yaml", "--format", "json"]).ends(1).json();
            assert_eq!(credentials(&report).len(), 1, "{first} before {second}, named by the first: {named_by_first}\n{report:#}");
        }
    }
}

#[test]
fn a_detector_is_no_partner_of_itself() {
    refused("    severity: high\n", "    severity: high\n    paired_with: [acme-live-token]\n", 7, "partner of itself");
}

#[test]
fn what_is_mistyped_is_told_with_what_is_meant() {
    refused("    severity: high\n", "    severty: high\n", 6, "`severity` is known");
    refused("keywords: [acme_live_]", "keywords: acme_live_", 7, "a list is needed here");
    refused("    severity: high\n", "    severity: high\n    structure: assignment\n", 4, "given are pattern and structure");
}

#[test]
fn a_key_that_would_do_nothing_is_refused_at_its_place() {
    let pattern = "    pattern: 'acme_live_[0-9a-f]{32}'\n";
    for (kind, key, only) in [
        (pattern, "within: 20", "value"),
        (pattern, "needs_secret_word: true", "value"),
        (pattern, "profile: token", "slot, structure"),
        ("    value: '[0-9a-f]{32}'\n", "profile: token", "slot, structure"),
        ("    value: '[0-9a-f]{32}'\n", "confidence: low", "pattern"),
        ("    slot: 'acme_live_(?<secret>.{8})'\n    profile: token\n", "confidence: low", "pattern"),
        ("    structure: assignment\n    profile: token\n", "boundary: base64", "pattern, slot, value"),
        ("    structure: assignment\n    profile: token\n", "reach: 80", "pattern, slot, value"),
        ("    structure: assignment\n    profile: token\n", "check: jwt", "pattern, slot, value"),
    ] {
        let line = 8 + kind.lines().count();
        let key_alone = key.split(':').next().expect("there is a first part");
        let what = format!("`{key_alone}` does nothing beside");
        refused(pattern, &format!("{kind}    {key}\n"), line, &what);
        refused(pattern, &format!("{kind}    {key}\n"), line, &format!("only beside {only}; leave it out"));
    }
}

#[test]
fn a_group_of_another_name_is_refused_at_its_place() {
    refused("acme_live_[0-9a-f]{32}", "acme_live_(?<token>[0-9a-f]{32})", 8, "\"token\"");
    refused("pattern: 'acme_live_[0-9a-f]{32}'", "value: '(?<secret>[0-9a-f]{32})'", 8, "name no group");
    let slot = |group: &str| format!("profile: token\n    slot: 'acme_live_{group}'");
    refused("pattern: 'acme_live_[0-9a-f]{32}'", &slot("(?P<login>[a-z]{4}) (?P<secret>[a-z]{4})"), 9, "\"login\"");
    refused("pattern: 'acme_live_[0-9a-f]{32}'", &slot("([a-z]{4})"), 9, "a slot names its secret");
    let place = Place::folder();
    place.write("acme.yaml", GOOD.replace("acme_live_[0-9a-f]{32}", "(?P<secret>acme_live_[0-9a-f]{32})"));
    place.staunch(&["detectors", "test", "acme.yaml"]).ends(0);
}

#[test]
fn a_keyword_that_a_structure_does_not_know_is_no_crash() {
    let place = Place::folder();
    let structures = ["url-password", "connection-string", "pem-private-key", "putty-private-key", "mnemonic", "authorization-header"];
    let structures = structures.iter().chain(&["private-jwk", "secret-manifest", "sql-password", "command-password", "call-password"]);
    for structure in structures {
        let file = GOOD.replace("keywords: [acme_live_]", "keywords: [api]");
        place.write("acme.yaml", file.replace("pattern: 'acme_live_[0-9a-f]{32}'", &format!("structure: {structure}\n    profile: token")));
        for text in ["api", "\napi:", "api {", "{api}", "api = 'a', 'b'", "(api \"x\", \"y\")", "xapi"] {
            place.write("text.txt", text);
            place.staunch(&["scan", "text.txt", "--detectors", "acme.yaml"]).ends(0);
        }
    }
}

#[test]
fn a_second_reader_tells_what_no_sample_shows_and_whose_values_are_the_same() {
    let place = Place::folder();
    let checked = |file: &str| {
        place.write("acme.yaml", file);
        place.staunch(&["detectors", "check", "acme.yaml"]).ends(1)
    };
    let pattern = "pattern: 'acme_live_[0-9a-f]{32}'";
    let one = GOOD.replace(", 'k: «acme_live_{hex:32}»'", "");
    checked(&one).says("one leak sample").says("1 remark");
    let prefixes = GOOD.replace(pattern, "check: jwt\n    check_if: [acme_live_, acme_test_]\n    pattern: 'acme_live_[0-9a-f]{32}'");
    let said = checked(&prefixes).says("check_if has \"acme_test_\"").says("1 remark");
    assert!(!said.out.contains("\"acme_live_\""), "{said:?}");
    let beside = GOOD.replace(pattern, "value: '[0-9a-f]{32}'");
    let beside = beside.replace(
        "['k = «acme_live_{hex:32}»', 'k: «acme_live_{hex:32}»']",
        "['acme_live_key = «{hex:32}»', 'acme_live_token: «{hex:32}»']",
    );
    place.write("acme.yaml", &beside);
    place.staunch(&["detectors", "check", "acme.yaml"]).ends(0);
    let second = &beside[beside.find("  - id").expect("it has one")..];
    checked(&format!("{beside}{}", second.replace("acme-live-token", "acme-other")))
        .says("acme-live-token: acme-other finds its values as well")
        .says("acme-other: acme-live-token finds its values as well");
}

#[test]
fn keywords_are_counted_in_a_megabyte_and_not_in_less() {
    let place = Place::folder();
    place.write("acme.yaml", GOOD);
    place.write("text/code.txt", "acme_live_deadbeef is none\n".repeat(1_000));
    place.staunch(&["detectors", "check", "acme.yaml", "--text", "text"]).ends(0).says("keywords were not counted");
}

#[test]
fn a_sample_that_fails_says_which_it_is_and_why() {
    let place = Place::folder();
    let value = "    pattern: 'acme_live_[0-9a-f]{32}'";
    let many = "samples:\n      leak: ['k = «acme_live_{hex:32}»', 'k: «acme_live_{hex:32}»']";
    for (from, to, why) in [
        ("k: «acme_live_{hex:32}»", "k: «acme_live_{hex:31}»", "leak sample 2: its pattern matches nothing here"),
        ("k: «acme_live_{hex:32}»", "k: «acme_live_{hex:32}»f", "leak sample 2: the value is the middle of something longer"),
        ("k: «acme_live_{hex:32}»", "k: acme_«live_{hex:32}»", "leak sample 2: found `acme_live_"),
        ("k: «acme_live_{hex:32}»", "k: «acme_test_{hex:32}»", "leak sample 2: no keyword of it is in the sample"),
        ("k: «acme_live_{hex:32}»", "k: «acme_live_{hexx:32}»", "leak sample 2: unknown template {hexx:32}"),
        ("k: «acme_live_{hex:32}»", "k: «acme_live_{hex}»", "leak sample 2: {hex}: say how many"),
        (value, &format!("{value}\n    entropy: 6.0"), "leak sample 1: too uneven"),
        (value, &format!("{value}\n    check: crc32-hex-all"), "leak sample 1: the value fails its check (crc32-hex-all)"),
        (value, &format!("{value}\n    reach: 20"), "leak sample 1: the value goes on beyond its reach of 20 bytes"),
        (value, "    value: '[0-9a-f]{32}'", "leak sample 1: a value of its shape follows, but nothing says that it is one"),
    ] {
        let file = GOOD.replace(from, to);
        let file =
            if to.contains("value:") { file.replace(many, "samples:\n      leak: ['see acme_live_ for «{hex:32}»']") } else { file };
        place.write("acme.yaml", file);
        let ran = place.staunch(&["detectors", "test", "acme.yaml"]).ends(1).says(why);
        assert!(!ran.all().contains("Some("), "{ran:?}");
    }
    place.write("acme.yaml", GOOD.replace("'k = «acme_live_{hex:32}»'", "'{user:%s} {0} {\"a\": 1} ${K} «acme_live_{hex:32}»'"));
    place.staunch(&["detectors", "test", "acme.yaml"]).ends(0);
}
