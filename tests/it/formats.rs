//! Formats for code hosts, spreadsheets and people, each read by a real parser; nothing hostile gets through any of them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use crate::support::{DETECTOR, Place, assignment, leak, password, source, token};

/// Every format that ships.
const FORMATS: [&str; 12] =
    ["pretty", "json", "jsonl", "sarif", "markdown", "csv", "junit", "gitlab", "gitlab-codequality", "bitbucket", "sonarqube", "toon"];

/// A repository with a credential in HEAD, one that was removed, one in a message, and a message nobody would write.
fn lived_in() -> Place {
    let place = Place::repo();
    place.commit("src/a b.txt", format!("é = 1\n{}", leak(1)));
    place.commit("gone.env", assignment(2));
    place.remove("gone.env");
    place.git(&["commit", "-q", "--allow-empty", "-m", &format!("=cmd|' /C calc'!A1 @all <b>x</b> {}", token(3))]);
    place
}

#[track_caller]
fn told(place: &Place, format: &str) -> String {
    place.staunch(&["audit", "--format", format]).ends(1).out
}

#[test]
fn gitlab_takes_its_report() {
    let text = std::fs::read_to_string(source().join("testdata/schemas/gitlab-secret-detection-report.json")).expect("it is in testdata");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema");
    let valid = |report: &Value| {
        let wrong: Vec<String> = validator.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    };
    let place = lived_in();
    let head = place.git(&["rev-parse", "HEAD"]);
    let report = place.staunch(&["audit", "--format", "gitlab"]).ends(1).json();
    valid(&report);
    let found = report["vulnerabilities"].as_array().expect("a list");
    assert_eq!(found.len(), 3);
    for vulnerability in found {
        assert_eq!(vulnerability["identifiers"][0]["type"], "staunch_detector", "what GitLab knows a finding by is no secret");
        assert!(vulnerability["raw_source_code_extract"].is_null(), "GitLab keeps it as it is");
        let is_at_head = vulnerability["location"]["file"] == "src/a b.txt";
        assert_eq!(
            vulnerability["location"]["commit"]["sha"] == head.as_str(),
            is_at_head || vulnerability["location"]["file"] == format!(".git/commit/{head}")
        );
    }
    let again = place.staunch(&["audit", "--format", "gitlab"]).json();
    let ids =
        |report: &Value| report["vulnerabilities"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&report), ids(&again));
    let clean = Place::folder();
    valid(&clean.staunch(&["scan", "--format", "gitlab"]).ends(0).json());
    let gap = clean.staunch(&["scan", "nowhere", "--format", "gitlab"]).ends(2).json();
    valid(&gap);
    assert_eq!((&gap["scan"]["status"], &gap["scan"]["messages"][0]["level"]), (&"failure".into(), &"warn".into()));
}

#[test]
fn code_quality_bitbucket_and_sonarqube_have_what_their_readers_ask_for() {
    let place = lived_in();
    let report: Value = serde_json::from_str(&told(&place, "gitlab-codequality")).expect("JSON");
    for issue in report.as_array().expect("a list") {
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(issue["severity"].as_str().is_some_and(|severity| severities.contains(&severity)), "{issue}");
        assert!(["description", "check_name", "fingerprint"].iter().all(|key| issue[*key].is_string()), "{issue}");
        assert!(issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].is_u64(), "{issue}");
    }
    let report: Value = serde_json::from_str(&told(&place, "bitbucket")).expect("JSON");
    assert_eq!((&report["report"]["result"], &report["report"]["report_type"]), (&"FAILED".into(), &"SECURITY".into()));
    let annotations = report["annotations"].as_array().expect("a list");
    assert_eq!(annotations.len(), 3);
    for annotation in annotations {
        assert!(annotation["summary"].as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= 450), "{annotation}");
        assert!(annotation["external_id"].as_str().is_some_and(|id| id.starts_with("staunch-")), "{annotation}");
    }
    assert_eq!(annotations.iter().filter(|annotation| annotation["path"] == "src/a b.txt").count(), 1, "only HEAD has lines to annotate");
    let report: Value = serde_json::from_str(&told(&place, "sonarqube")).expect("JSON");
    let rules: Vec<&Value> = report["rules"].as_array().expect("rules").iter().map(|rule| &rule["id"]).collect();
    let issues = report["issues"].as_array().expect("issues");
    assert!(issues.iter().all(|issue| rules.contains(&&issue["ruleId"])), "{report:#}");
    let range = &issues.iter().find(|issue| issue["primaryLocation"]["filePath"] == "src/a b.txt").expect("it is there")["primaryLocation"]
        ["textRange"];
    assert_eq!(*range, serde_json::json!({ "startLine": 2, "endLine": 2, "startColumn": 4, "endColumn": 44 }), "columns from 0");
}

#[test]
fn junit_is_xml_with_a_failure_for_each_credential() {
    let place = lived_in();
    let text = told(&place, "junit");
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let of = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!((of("testsuite"), of("testcase"), of("failure")), (1, 3, 3));
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("it is there");
    assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("3"), Some("3")));
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("it is there");
    assert!(failure.text().is_some_and(|text| text.contains("1. ")), "the steps are there: {text}");
    let clean = Place::folder().staunch(&["scan", "--format", "junit"]).ends(0).out;
    let document = roxmltree::Document::parse(&clean).expect("XML");
    assert_eq!(
        document.descendants().filter(|node| node.has_tag_name("testcase")).count(),
        1,
        "a suite without tests looks as if it had not run"
    );
    let gap = Place::folder().staunch(&["scan", "nowhere", "--format", "junit"]).ends(2).out;
    assert!(gap.contains("<error "), "{gap}");
}

#[test]
fn csv_has_a_row_for_each_place_and_no_formula() {
    let place = lived_in();
    for (name, seed) in [("=1+1.txt", 4), ("@SUM(A1).txt", 5), ("a,\"b\";c.txt", 6), ("-x.txt", 7), ("+y.txt", 8)] {
        place.commit(name, leak(seed));
    }
    let text = told(&place, "csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("a head").clone();
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name} is no column"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row as long as the head")).collect();
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().flatten().all(|cell| !cell.trim_start().starts_with(['=', '+', '-', '@'])), "{text}");
    let paths: Vec<&str> = rows.iter().map(|row| &row[at("path")]).collect();
    for path in ["src/a b.txt", "'=1+1.txt", "'@SUM(A1).txt", "a,\"b\";c.txt", "'-x.txt", "'+y.txt"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
}

#[test]
fn markdown_shows_hostile_names_as_they_are_and_makes_nothing_of_them() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let names =
        ["[x](https:evil.example).txt", "`a` *b* _c_ ~d~.txt", "<img src=x onerror=y>.txt", "a|b|c.txt", "@everyone #1.txt", "![i](x).txt"];
    let place = Place::repo();
    for (name, seed) in names.into_iter().zip(10..) {
        place.commit(name, leak(seed));
    }
    let text = told(&place, "markdown");
    let events: Vec<Event<'_>> = Parser::new_ext(&text, Options::all()).collect();
    let mut shown = String::new();
    for event in &events {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::CodeBlock(_)) => {
                panic!("{event:?} in\n{text}")
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let is_ours = html.trim().split_inclusive('>').all(|tag| {
                    ["<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"].iter().any(|own| tag.ends_with(own))
                });
                assert!(is_ours, "{html}");
                // Inside of a block of HTML there is text as well.
                shown.push_str(&unescaped(html));
            }
            Event::Text(text) => shown.push_str(text),
            Event::SoftBreak | Event::HardBreak | Event::End(_) => shown.push('\n'),
            _ => {}
        }
    }
    for name in names {
        assert!(shown.contains(name), "{name} is not in\n{shown}");
    }
    assert!(!text.contains("@everyone") && !text.contains("](h"), "{text}");
}

/// Decodes the entities that we write.
fn unescaped(html: &str) -> String {
    let mut parts = html.split("&#");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(';').expect("an entity ends");
        text.push(char::from_u32(number.parse().expect("a number")).expect("a character"));
        text.push_str(rest);
    }
    text
}

#[test]
fn a_template_of_the_users_own_sees_what_json_has() {
    let place = lived_in();
    place.write(
        "list.txt.j2",
        "{% for c in credentials %}{{ c.severity }} {{ c.detector }} {{ c.places[0].path }}\n{% endfor %}{{ complete }}\n",
    );
    let out = told(&place, "template:list.txt.j2");
    assert!(out.contains(&format!("{DETECTOR} src/a b.txt\n")) && out.ends_with("True\n"), "{out}");
    place.write("page.html", "{% for c in credentials %}<p>{{ c.places[0].summary }}</p>{% endfor %}");
    let page = told(&place, "template:page.html");
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"), "{page}");
    place.write("wrong.txt", "one\n{% for %}\n");
    let ran = place.staunch(&["audit", "--format", "template:wrong.txt"]).ends(2);
    assert!(ran.err.contains("wrong.txt:2"), "{}", ran.err);
    place.staunch(&["audit", "--format", "template:nowhere"]).ends(2).says("nowhere");
}

#[test]
fn no_format_holds_a_secret_or_a_path_of_the_machine() {
    let place = lived_in();
    let temp = place.path("").display().to_string();
    for format in FORMATS {
        let report = told(&place, format);
        for secret in [token(1), password(2), token(3)] {
            assert!(!report.contains(&secret) && !report.contains(&secret[8..]), "{format}: {report}");
        }
        assert!(!report.contains(&temp), "{format}: {report}");
    }
}

#[test]
fn hostile_names_contents_and_people_get_through_no_format() {
    let names: [&[u8]; 8] = [
        b"a\x1b[2J.txt",
        b"x\n::error file=y::z.txt",
        b"##vso[task.complete result=Failed;].txt",
        b"\xe2\x80\xaetxt.exe",
        b"\xc2\x9b2J.txt",
        b"bad\xff\xfe.txt",
        b"]]><x>&y.txt",
        b"\r\n##[error]z.txt",
    ];
    let place = Place::repo();
    for (name, seed) in names.iter().zip(20..) {
        place.write(OsStr::from_bytes(name), format!("\x1b[2J\u{202e} {}", leak(seed)));
    }
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "::warning::\u{9b}x", "--author", "\u{1b}[1m##[error]Ann\u{202e} <a\u{1b}@example.com>"]);
    for format in FORMATS {
        let report = told(&place, format);
        let is_moving =
            |c: char| (c.is_control() && c != '\n' && !(c == '\r' && format == "csv")) || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!report.chars().any(is_moving), "{format}: {report:?}");
        let commands = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
        assert_eq!(report.lines().find(commands), None, "{format}");
        match format {
            "json" | "sarif" | "gitlab" | "gitlab-codequality" | "bitbucket" | "sonarqube" => {
                drop(serde_json::from_str::<Value>(&report).expect("JSON"))
            }
            "junit" => drop(roxmltree::Document::parse(&report).unwrap_or_else(|error| panic!("{error}\n{report}"))),
            "csv" => assert!(csv::Reader::from_reader(report.as_bytes()).records().all(|row| row.is_ok()), "{report}"),
            _ => {}
        }
    }
}

#[test]
fn what_was_not_read_is_in_every_format_that_says_what_was_found() {
    let place = Place::folder();
    for format in FORMATS.into_iter().filter(|format| !["jsonl", "gitlab-codequality", "sonarqube"].contains(format)) {
        let out = place.staunch(&["scan", "nowhere", "--format", format]).ends(2).out;
        let says = if format == "bitbucket" { "could not be read" } else { "nowhere" };
        assert!(out.contains(says), "{format}: {out}");
    }
}

#[test]
fn every_format_says_the_same_at_any_number_of_threads() {
    let place = lived_in();
    let folder = place.path("");
    for format in FORMATS.into_iter().filter(|format| !["pretty", "junit", "gitlab"].contains(format)) {
        let of = |threads| place.staunch_in(&folder, &["audit", "--format", format, "--threads", threads]).out;
        assert_eq!(of("1"), of("3"), "{format}");
    }
}
