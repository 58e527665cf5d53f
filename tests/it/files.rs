//! Where reports go: standard output, files, full disks, closed pipes; and that no secret goes along.

use crate::support::{Place, assignment, leak, password, program, token};

const FORMATS: [&str; 4] = ["pretty", "json", "jsonl", "sarif"];

#[test]
fn a_reader_that_goes_away_does_not_hide_that_there_are_findings() {
    let place = Place::folder();
    let text: String = (0..3000).map(leak).collect();
    place.write("a.txt", text);
    for format in FORMATS {
        let line = format!("'{}' scan . --format {format} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}", program().display());
        let ran = place.run("bash".as_ref(), &place.path(""), &["-c", &line], b"").ends(0);
        assert_eq!(ran.err, "", "{format}");
        assert_eq!(ran.out.trim(), "1", "{format}");
    }
}

#[test]
fn a_reader_that_goes_away_does_not_cost_the_report_in_a_file() {
    let place = Place::folder();
    place.write("a.txt", (0..3000).map(leak).collect::<String>());
    let line = format!("'{}' scan . --format pretty --format json=out.json | head -c 1 >/dev/null", program().display());
    place.run("bash".as_ref(), &place.path(""), &["-c", &line], b"").ends(0);
    assert!(place.read("out.json").contains("\"credentials\""));
}

#[test]
fn a_full_disk_is_an_error() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    for format in FORMATS {
        place.staunch(&["scan", "--format", format, "-o", "/dev/full"]).ends(2).says("error: ").says("/dev/full");
        let line = format!("'{}' scan . --format {format} >/dev/full", program().display());
        place.run("bash".as_ref(), &place.path(""), &["-c", &line], b"").ends(2).says("error: ");
    }
}

#[test]
fn a_report_in_a_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let mode = || std::fs::metadata(place.path("out.json")).expect("it was written").permissions().mode() & 0o777;
    let ran = place.staunch(&["scan", "a.txt", "-o", "out.json"]).ends(1);
    assert_eq!((mode(), ran.out.as_str()), (0o600, ""));
    std::fs::set_permissions(place.path("out.json"), std::fs::Permissions::from_mode(0o644)).expect("ours");
    place.staunch(&["scan", "a.txt", "-o", "out.json"]).ends(1);
    assert_eq!(mode(), 0o600, "also when it was there");
    let report: serde_json::Value = serde_json::from_str(&place.read("out.json")).expect("the ending tells the format");
    assert_eq!(report["credentials"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_and_leaves_nothing() {
    let place = Place::folder();
    place.write("a.txt", "clean\n");
    place.staunch(&["scan", "a.txt", "-o", "no/such/folder/out.json"]).ends(2).says("error: ").says("hint: ");
    std::fs::create_dir(place.path("folder")).expect("ours");
    place.staunch(&["scan", "a.txt", "-o", "folder"]).ends(2).says("error: ");
    let names: Vec<_> = std::fs::read_dir(place.path("")).expect("ours").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_read_only_folder_is_an_error_and_the_old_report_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::folder();
    place.write("a.txt", "clean\n");
    place.write("locked/out.json", "old");
    let lock = |mode| std::fs::set_permissions(place.path("locked"), std::fs::Permissions::from_mode(mode)).expect("ours");
    lock(0o555);
    if std::fs::write(place.path("locked/probe"), "").is_ok() {
        lock(0o755);
        return; // The superuser writes everywhere.
    }
    place.staunch(&["scan", "a.txt", "-o", "locked/out.json"]).ends(2).says("error: ");
    lock(0o755);
    assert_eq!(place.read("locked/out.json"), "old");
}

#[test]
fn several_formats_go_to_several_files_in_one_run() {
    let place = Place::folder();
    place.write("src/a.txt", leak(1));
    let ran = place
        .staunch(&[
            "scan",
            "src",
            "--format",
            "json=out.json",
            "--format",
            "sarif=out.sarif",
            "--format",
            "jsonl=out.jsonl",
            "--format",
            "pretty",
        ])
        .ends(1)
        .says("src/a.txt:1:");
    assert!(!ran.out.contains("\"runs\""));
    let json: serde_json::Value = serde_json::from_str(&place.read("out.json")).expect("JSON");
    let sarif: serde_json::Value = serde_json::from_str(&place.read("out.sarif")).expect("SARIF");
    assert_eq!(json["credentials"][0]["places"][0]["path"], "src/a.txt");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(place.read("out.jsonl").lines().count(), 1);
}

#[test]
fn two_formats_on_standard_output_are_an_error() {
    let place = Place::folder();
    place.staunch(&["scan", "--format", "json", "--format", "sarif"]).ends(2).says("error: ").says("hint: ");
}

#[test]
fn standard_output_may_be_named_as_a_file() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let ran = place.staunch(&["scan", "a.txt", "--format", "jsonl", "-o", "/dev/stdout"]).ends(1);
    assert_eq!(ran.lines().len(), 1);
}

/// Writes two tokens and two passwords close together, so that each stands in the excerpt of the others.
fn crowded() -> Place {
    let place = Place::repo();
    place.write("a.env", format!("{}{}{}b = {}; c = {}\n", leak(1), assignment(2), leak(3), token(4), token(5)));
    place.write("url.txt", format!("https://user:{}@db.internal.corp/x\n", password(6)));
    place.git(&["add", "."]);
    place
}

fn secrets() -> Vec<String> {
    vec![token(1), password(2), token(3), token(4), token(5), password(6)]
}

#[test]
fn no_command_and_no_format_shows_a_secret() {
    let place = crowded();
    let runs = |format: &str| {
        let mut runs = Vec::new();
        for args in
            [&["scan"][..], &["check"], &["audit"], &["check", "--unpushed"], &["scan", "--min-confidence", "low", "--threads", "1"]]
        {
            let ran = place.staunch(&[args, &["--format", format]].concat());
            assert!(ran.code != 2 || args.contains(&"--unpushed"), "{args:?}: {ran:?}");
            runs.push(ran.all());
        }
        runs
    };
    for format in FORMATS {
        for secret in secrets() {
            for text in runs(format) {
                assert!(!text.contains(&secret), "{format} shows {secret}:\n{text}");
            }
        }
    }
    place.git(&["commit", "-q", "-m", "leaks"]);
    for format in FORMATS {
        for text in runs(format) {
            assert!(!secrets().iter().any(|secret| text.contains(secret)), "{format}:\n{text}");
        }
    }
}

#[test]
fn every_secret_of_the_crowd_is_found() {
    let place = crowded();
    let found = place.staunch(&["scan", "--format", "jsonl", "--show-secrets"]).ends(1).lines();
    let shown: Vec<&str> = found.iter().filter_map(|line| line["secret"].as_str()).collect();
    for secret in secrets() {
        assert!(shown.contains(&secret.as_str()), "{secret} is not among {shown:?}");
    }
}

#[test]
fn show_secrets_shows_them_in_every_format() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    for format in FORMATS {
        let ran = place.staunch(&["scan", "--show-secrets", "--format", format]).ends(1);
        assert!(ran.out.contains(&token(1)), "{format}: {}", ran.out);
    }
}

#[test]
fn errors_show_no_secret() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    for args in [["scan", "--config"], ["check", "--range"], ["check", "--unpushed"], ["scan", "--format"]] {
        let ran = place.staunch(&[&args[..], &["nowhere"]].concat()).ends(2);
        assert!(ran.err.contains("error: "), "{ran:?}");
    }
    place.write(".staunch.yaml", format!("allow:\n  - detector: x\n    reasn: {}\n", token(1)));
    let ran = place.staunch(&["scan"]).ends(2);
    assert!(!ran.all().contains(&token(1)), "{ran:?}");
}

#[test]
fn the_fingerprint_is_keyed_by_the_team() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let with = |key: &str| {
        let line = format!("STAUNCH_KEY='{key}' '{}' scan a.txt --format jsonl", program().display());
        place.run("sh".as_ref(), &place.path(""), &["-c", &line], b"").ends(1).lines()[0]["fingerprint"].clone()
    };
    assert_eq!(with(""), place.staunch(&["scan", "a.txt", "--format", "jsonl"]).lines()[0]["fingerprint"]);
    assert_ne!(with(""), with("one"));
    assert_ne!(with("one"), with("two"));
}

/// Files of holes: nothing is written to the disk, and the program that reads one whole takes all of it into memory.
#[test]
fn what_is_read_whole_is_refused_beyond_its_bound_and_named() {
    let place = Place::repo();
    for (name, mebibytes, args) in [
        ("big.txt", 512, &["explain", "big.txt:1"][..]),
        (".staunch.yaml", 1, &["allow", "0123456789abcdef0123", "--reason", "a test"]),
        (".staunch.yaml", 1, &["scan", "."]),
        ("rules.toml", 64, &["migrate", "rules.toml"]),
        ("labels.csv", 256, &["judge", "eval", "--labels", "labels.csv", "--files", "."]),
        (".claude/settings.json", 8, &["hook", "install", "--agent", "claude-code"]),
        ("old.json", 64, &["scan", ".", "--baseline", "old.json"]),
        ("page.j2", 1, &["scan", ".", "--format", "template:page.j2"]),
    ] {
        place.write(name, "");
        let file = std::fs::OpenOptions::new().write(true).open(place.path(name)).expect("it was written");
        file.set_len((mebibytes << 20) + 1).expect("a hole costs nothing");
        place.staunch(args).ends(2).says(&format!("larger than {mebibytes} MiB")).says(name);
        assert_eq!(file.metadata().expect("it is there").len(), (mebibytes << 20) + 1, "{name} is left as it was");
        std::fs::remove_file(place.path(name)).expect("it can be removed");
    }
}
