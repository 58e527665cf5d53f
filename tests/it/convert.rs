//! `staunch report`: earlier reports in other formats, those of other scanners, several as one, and what changed.

use serde_json::{Value, json};

use crate::support::{DETECTOR, Place, credentials, hex, leak, shared_by_two, token};

/// Audits a repository into a file and returns what it wrote.
fn audited(place: &Place, file: &str) -> Value {
    place.staunch(&["audit", "--format", &format!("json={file}")]).ends(1);
    serde_json::from_str(&place.read(file)).expect("JSON")
}

#[test]
fn an_earlier_report_makes_the_same_bytes_in_every_format() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", format!("{}{}", leak(2), leak(1)));
    place.remove("b.txt");
    audited(&place, "report.json");
    for format in
        ["json", "jsonl", "sarif", "markdown", "csv", "gitlab-codequality", "bitbucket", "sonarqube", "toon", "github", "github-summary"]
    {
        let direct = place.staunch(&["audit", "--format", format]).ends(1).out;
        let converted = place.staunch(&["report", "report.json", "--format", format]).ends(1).out;
        assert_eq!(converted, direct, "{format}");
    }
    place.staunch(&["report", "report.json"]).ends(1).says("2 credentials in 3 places").says("a.txt:1:5");
    place.staunch(&["report", "report.json", "--exit-zero"]).ends(0);
    place.staunch(&["report", "report.json", "-o", "out.md"]).ends(1);
    assert!(place.read("out.md").starts_with("## 2 credentials found"));
}

#[test]
fn reports_of_shards_are_one_report_with_each_credential_once() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let first = audited(&place, "first.json");
    place.commit("b.txt", leak(1));
    place.commit("c.txt", leak(2));
    audited(&place, "second.json");
    let merged = place.staunch(&["report", "first.json", "second.json", "--format", "json"]).ends(1).json();
    let found = credentials(&merged);
    assert_eq!(found.len(), 2);
    let places = |of: &Value| of["places"].as_array().map(Vec::len);
    assert_eq!(found.iter().map(places).collect::<Vec<_>>(), [Some(2), Some(1)], "each place once");
    assert_eq!(merged["coverage"]["commits"], 4, "what was read is added up");
    assert_eq!(found[0]["fingerprint"], first["credentials"][0]["fingerprint"]);
    let named = place.staunch(&["report", "one=first.json", "two=first.json", "--format", "json"]).ends(1).json();
    let mut paths: Vec<String> =
        credentials(&named)[0]["places"].as_array().expect("places").iter().map(|at| at["path"].to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["\"one/a.txt\"", "\"two/a.txt\""], "repositories are told apart");
}

#[test]
fn an_incomplete_report_stays_incomplete() {
    let place = Place::folder();
    place.staunch(&["scan", "nowhere", "--format", "json=report.json"]).ends(2);
    place.write("clean.json", place.staunch(&["scan", "clean", "--format", "json"]).out);
    place.staunch(&["report", "report.json"]).ends(2).says("nowhere");
    place.staunch(&["report", "report.json", "--allow-incomplete"]).ends(0);
    place.staunch(&["report", "report.json", "clean.json", "--format", "sarif"]).ends(2).says("nowhere");
}

#[test]
fn a_diff_says_what_is_new_open_and_fixed() {
    let place = Place::repo();
    place.write("one.txt", leak(1));
    place.write("two.txt", leak(2));
    place.staunch(&["scan", "one.txt", "two.txt", "--format", "json=old.json"]).ends(1);
    place.write("elsewhere.txt", format!("\n\n{}", leak(2)));
    place.write("three.txt", leak(3));
    place.staunch(&["scan", "elsewhere.txt", "three.txt", "--format", "json=new.json"]).ends(1);
    let ran = place.staunch(&["report", "diff", "old.json", "new.json"]).ends(1);
    assert!(ran.out.contains("1 new, 1 still open, 1 fixed"), "{}", ran.out);
    let diff = place.staunch(&["report", "diff", "old.json", "new.json", "--format", "json"]).ends(1).json();
    let states: Vec<(String, String)> =
        credentials(&diff).iter().map(|of| (of["state"].to_string(), of["places"][0]["path"].to_string())).collect();
    let expected = [("new", "three.txt"), ("open", "elsewhere.txt"), ("fixed", "one.txt")];
    assert_eq!(states, expected.map(|(state, path)| (format!("{state:?}"), format!("{path:?}"))), "a move is no change");
    let sarif = place.staunch(&["report", "diff", "old.json", "new.json", "--format", "sarif"]).ends(1).json();
    let said: Vec<&Value> =
        sarif["runs"][0]["results"].as_array().expect("results").iter().map(|result| &result["baselineState"]).collect();
    assert_eq!(said, ["new", "unchanged", "absent"]);
    place.staunch(&["report", "diff", "new.json", "new.json"]).ends(0).says("0 new, 2 still open, 0 fixed");
    place.staunch(&["scan", "nowhere", "--format", "json=broken.json"]).ends(2);
    place.staunch(&["report", "diff", "old.json", "broken.json"]).ends(2).says("need not be fixed");
}

/// A finding of the token of a seed, as another scanner writes it.
fn foreign(tool: &str, seed: u64) -> Value {
    let secret = token(seed);
    match tool {
        "gitleaks" => json!({
            "RuleID": "github-pat", "Description": "Uncovered a GitHub Personal Access Token", "StartLine": 1, "EndLine": 1, "StartColumn": 5,
            "EndColumn": 44, "Match": secret, "Secret": secret, "File": "a.txt", "SymlinkFile": "", "Commit": "", "Entropy": 4.5,
            "Author": "Ann", "Email": "ann@example.com", "Date": "2026-01-02T03:04:05Z", "Message": "x", "Tags": [], "Fingerprint": "a.txt:github-pat:1",
        }),
        "betterleaks" => json!({
            "rule_id": "github-pat", "rule_hash": "00", "description": "GitHub token", "confidence": "high",
            "match": { "full": secret, "value": secret, "fingerprint": "00" }, "attributes": { "resource": "fs.content" },
            "location": { "path": "a.txt", "start_line": 1, "end_line": 1, "start_column": 5, "end_column": 44 },
        }),
        "betterleaks 1" => json!({
            "ruleID": "github-pat", "description": "GitHub token", "confidence": "high", "match": secret, "secret": secret,
            "attributes": { "path": "a.txt" }, "location": { "startLine": 1, "endLine": 1, "startColumn": 5, "endColumn": 44 }, "tags": [],
        }),
        "kingfisher" => json!({
            "rule": { "name": "GitHub PAT", "id": "kingfisher.github.1" },
            "finding": { "snippet": secret, "fingerprint": "123", "confidence": "medium", "entropy": "4.5",
                "validation": { "outcome": "not_attempted", "status": "Not Attempted", "response": "" }, "language": "Text", "line": 1,
                "column_start": 4, "column_end": 43, "path": "a.txt", "validate_command": format!("kingfisher validate '{secret}'") },
        }),
        "trufflehog" => json!({
            "SourceMetadata": { "Data": { "Filesystem": { "file": "a.txt", "line": 1 } } }, "SourceID": 1, "SourceType": 15, "SourceName": "x",
            "DetectorType": 8, "DetectorName": "Github", "DecoderName": "PLAIN", "Verified": true, "Raw": secret, "RawV2": "", "Redacted": "",
            "ExtraData": null, "StructuredData": null,
        }),
        other => panic!("{other}"),
    }
}

#[test]
fn what_other_scanners_found_is_the_same_credential_and_is_masked() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    let own = place.staunch(&["scan", "a.txt", "--format", "json"]).ends(1);
    place.write("own.json", &own.out);
    let own = &credentials(&own.json())[0];
    for (tool, text) in [
        ("gitleaks", json!([foreign("gitleaks", 1)]).to_string()),
        ("betterleaks", json!({ "schema_version": "1", "findings": [foreign("betterleaks", 1)], "scan": {} }).to_string()),
        (
            "betterleaks",
            format!(
                "{}\n{}\n",
                json!({ "schema_version": "1", "finding": foreign("betterleaks", 1) }),
                json!({ "schema_version": "1", "scan": {} })
            ),
        ),
        ("betterleaks 1", json!([foreign("betterleaks 1", 1)]).to_string()),
        ("kingfisher", json!({ "findings": [foreign("kingfisher", 1)], "audit": {}, "metadata": {} }).to_string()),
        ("kingfisher", format!("{}\n{}\n", foreign("kingfisher", 1), json!({ "access_map": [] }))),
        ("trufflehog", format!("{}\n", foreign("trufflehog", 1))),
    ] {
        place.write("theirs.json", &text);
        let ran = place.staunch(&["report", "theirs.json", "--format", "json"]).ends(1);
        assert!(!ran.out.contains(&token(1)) && !ran.out.contains(&token(1)[8..]), "{tool}: {}", ran.out);
        let found = credentials(&ran.json());
        assert_eq!(found.len(), 1, "{tool}");
        for key in ["fingerprint", "detector", "secret", "length", "severity"] {
            assert_eq!(found[0][key], own[key], "{tool}: {key}");
        }
        let at = &found[0]["places"][0];
        assert_eq!((&at["path"], &at["line"]), (&"a.txt".into(), &1.into()), "{tool}");
        if tool != "trufflehog" {
            assert_eq!((&at["column"], &at["end_column"]), (&own["places"][0]["column"], &own["places"][0]["end_column"]), "{tool}");
        }
        let merged = place.staunch(&["report", "own.json", "theirs.json", "--format", "json"]).ends(1).json();
        assert_eq!(credentials(&merged).len(), 1, "{tool}");
        assert_eq!(credentials(&merged)[0]["places"].as_array().map(Vec::len), Some(1), "{tool}: the place is the same");
    }
}

/// Kingfisher's result in SARIF, and gitleaks's, as the versions 2.14 and 8.30 write them.
fn foreign_sarif(tool: &str, secret: &str, line: usize) -> Value {
    let commit = "0123456789012345678901234567890123456789";
    let region = |start: usize| json!({ "startLine": line, "endLine": line, "startColumn": start, "endColumn": start + 39, "snippet": { "text": secret } });
    let place = |start: usize| json!({ "artifactLocation": { "uri": "a.txt" }, "region": region(start) });
    let result = match tool {
        "kingfisher" => json!({
            "kind": "review", "level": "error", "ruleId": "betterleaks.github-pat", "message": { "text": "matched a.txt" },
            "partialFingerprints": { "fingerprint": "1424542713167094778" },
            "locations": [{ "physicalLocation": place(4), "properties": { "validate_command": format!("kingfisher validate '{secret}'"),
                "git_metadata": { "commit": { "id": commit, "date": "2026-01-02", "author": { "name": "Ann", "email": "ann@example.com" },
                    "committer": { "name": "Bot", "email": "bot@example.com" } } } } }],
        }),
        _ => json!({
            "ruleId": "github-pat", "message": { "text": "found" }, "locations": [{ "physicalLocation": place(if line == 1 { 5 } else { 6 }) }],
            "partialFingerprints": { "commitSha": commit, "email": "ann@example.com", "author": "Ann", "date": "2026-01-02T03:04:05Z",
                "commitMessage": "add it\n\nand more" },
        }),
    };
    let driver = json!({ "name": tool, "rules": [{ "id": result["ruleId"], "shortDescription": { "text": "A token." } }] });
    json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": driver }, "results": [result] }] })
}

#[test]
fn sarif_of_kingfisher_and_gitleaks_says_who_brought_it_and_where() {
    let place = Place::folder();
    for (tool, line) in [("kingfisher", 1), ("gitleaks", 1), ("gitleaks", 3)] {
        place.write("theirs.sarif", foreign_sarif(tool, &token(1), line).to_string());
        let ran = place.staunch(&["report", "theirs.sarif", "--format", "json"]).ends(1);
        assert!(!ran.out.contains(&token(1)[8..]), "{tool}: {}", ran.out);
        let report = ran.json();
        let found = &credentials(&report)[0];
        assert_eq!(found["detector"], DETECTOR, "{tool}");
        let at = &found["places"][0];
        assert_eq!((&at["line"], &at["column"], &at["end_column"]), (&line.into(), &5.into(), &45.into()), "{tool}, line {line}");
        assert_eq!((&at["author"], &at["commit"]), (&"Ann".into(), &"0123456789012345678901234567890123456789".into()), "{tool}");
        assert!(at["date"].as_str().is_some_and(|date| date.starts_with("2026-01-02T")), "{tool}: {at}");
    }
    let mut hidden = foreign_sarif("gitleaks", "REDACTED", 1);
    let mut other = hidden["runs"][0]["results"][0].clone();
    other["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!("b.txt");
    hidden["runs"][0]["results"].as_array_mut().expect("a list").push(other);
    place.write("theirs.sarif", hidden.to_string());
    let report = place.staunch(&["report", "theirs.sarif", "--format", "json"]).ends(1).json();
    assert_eq!(credentials(&report).len(), 2, "one author is not one credential");
}

#[test]
fn parts_that_another_scanner_found_together_are_taken_over_each() {
    let place = Place::folder();
    let mut finding = foreign("betterleaks", 1);
    finding["attributes"] = json!({ "git.sha": "0123456789012345678901234567890123456789", "git.author_name": "Ann" });
    finding["component_sets"] = json!([{ "components": [{ "rule_id": "acme-secret", "match": { "value": hex(7) },
        "location": { "path": "a.txt", "start_line": 2, "end_line": 2, "start_column": 1, "end_column": 32 } }] }]);
    place.write("theirs.json", json!({ "schema_version": "1", "findings": [finding], "scan": {} }).to_string());
    let ran = place.staunch(&["report", "theirs.json", "--format", "json"]).ends(1);
    assert!(!ran.out.contains(&hex(7)), "{}", ran.out);
    let found = credentials(&ran.json());
    let part = found.iter().find(|of| of["detector"] == "betterleaks/acme-secret").expect("the part is there");
    assert_eq!((&part["places"][0]["line"], &part["places"][0]["author"]), (&2.into(), &"Ann".into()));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_credential_of_two_repositories_is_told_with_all_that_both_know() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    audited(&place, "first.json");
    place.remove("a.txt");
    audited(&place, "second.json");
    let merged = place.staunch(&["report", "shop=first.json", "web=second.json", "--format", "json"]).ends(1).json();
    let found = &credentials(&merged)[0];
    assert_eq!(found["reuse"]["repositories"], json!(["shop", "web"]));
    assert_eq!(found["reuse"]["files"], json!(["shop/a.txt", "web/a.txt"]));
    assert_eq!((&found["exposure"]["in_head"], &found["exposure"]["last_seen"]), (&true.into(), &Value::Null), "it is still there in one");
    let reuse = found["standards"].as_array().expect("a list").iter().find(|standard| standard["id"] == "NHI9:2025").expect("it is reuse");
    assert_eq!(reuse["why"], "the same value in 2 repositories");
    let page = place.staunch(&["report", "shop=first.json", "web=second.json", "--format", "html"]).ends(1).out;
    assert!(page.contains("web/a.txt") && !page.contains(&token(1)), "{page}");
    assert!(page.contains("git cat-file blob"), "the runbook reads the secret from where it lies");
}

#[test]
fn reports_of_several_repositories_keep_them_apart_when_they_are_named() {
    let (place, _other, with) = shared_by_two();
    place.staunch(&["audit", "--with", &with, "--format", "json=both.json"]).ends(1);
    let named = place.staunch(&["report", "team=both.json", "--format", "json"]).ends(1).json();
    let found = &credentials(&named)[0];
    assert_eq!(found["reuse"]["repositories"], json!(["team/second", "team/site"]));
    let paths: Vec<&Value> = found["places"].as_array().expect("places").iter().map(|at| &at["path"]).collect();
    assert_eq!(paths, ["team/site/a.txt", "team/second/b.txt"]);
    let page = place.staunch(&["report", "team=both.json", "--format", "html"]).ends(1).out;
    assert!(page.contains("git cat-file blob") && !page.contains(&token(1)), "{page}");
}

#[test]
fn what_github_shows_of_an_earlier_report_is_what_it_shows_of_a_scan() {
    let place = Place::repo();
    place.write("a.txt", leak(1));
    place.staunch(&["scan", "a.txt", "--show-secrets", "--format", "json=shown.json"]).ends(1);
    for format in ["github", "github-summary"] {
        let direct = place.staunch(&["scan", "a.txt", "--show-secrets", "--format", format]).ends(1).out;
        let converted = place.staunch(&["report", "shown.json", "--format", format]).ends(1).out;
        assert_eq!(converted, direct, "{format}");
        assert!(direct.contains("a.txt:1") && !direct.contains(&token(1)), "{format}: {direct}");
    }
    let page = place.staunch(&["report", "shown.json", "--format", "html"]).ends(1).out;
    assert!(page.contains("a.txt") && !page.contains(&token(1)), "no secret is on the page, whatever the report has");
}

#[test]
fn what_we_do_not_know_keeps_the_rule_of_who_found_it() {
    let place = Place::folder();
    let secret = hex(1);
    let mut finding = foreign("gitleaks", 1);
    finding["Secret"] = json!(secret);
    finding["RuleID"] = json!("acme-key");
    let mut hidden = finding.clone();
    hidden["Secret"] = json!("REDACTED");
    hidden["File"] = json!("b.txt");
    hidden["Commit"] = json!("0123456789012345678901234567890123456789");
    place.write("theirs.json", json!([finding, hidden]).to_string());
    let found = credentials(&place.staunch(&["report", "theirs.json", "--format", "json"]).ends(1).json());
    assert_eq!(found.iter().map(|of| of["detector"].clone()).collect::<Vec<_>>(), ["gitleaks/acme-key", "gitleaks/acme-key"]);
    assert_ne!(found[0]["fingerprint"], found[1]["fingerprint"], "without the value, rule and place are the identity");
    let place_of = |path: &str| found.iter().flat_map(|of| of["places"].as_array().expect("places")).find(|at| at["path"] == path).cloned();
    let at = place_of("b.txt").expect("it is there");
    assert_eq!((&at["author"], &at["date"], &at["origin"]), (&"Ann".into(), &"2026-01-02T03:04:05Z".into(), &"committed".into()));
}

#[test]
fn sarif_of_ours_comes_back_as_it_was_and_that_of_others_without_their_words() {
    let place = Place::folder();
    place.write("a b.txt", leak(1));
    place.write("c.txt", leak(1));
    place.staunch(&["scan", "--format", "sarif=own.sarif", "--format", "json=own.json"]).ends(1);
    let own: Value = serde_json::from_str(&place.read("own.json")).expect("JSON");
    let back = place.staunch(&["report", "own.sarif", "--format", "json"]).ends(1).json();
    assert_eq!(credentials(&back)[0]["fingerprint"], credentials(&own)[0]["fingerprint"]);
    assert_eq!(credentials(&back)[0]["places"].as_array().map(Vec::len), Some(2));
    let location = json!({ "physicalLocation": { "artifactLocation": { "uri": "src/x%20y.txt" }, "region": { "startLine": 3, "startColumn": 2,
        "snippet": { "text": token(1) } } } });
    let result = json!({ "ruleId": "r1", "message": { "text": format!("secret {}", token(1)) }, "locations": [location] });
    let quiet = json!({ "ruleId": "r1", "message": { "text": "x" }, "locations": [location], "suppressions": [{ "kind": "external" }] });
    let rules = json!([{ "id": "r1", "shortDescription": { "text": "A key." }, "properties": { "security-severity": "9.1" } }]);
    let run = json!({ "tool": { "driver": { "name": "Other", "rules": rules } }, "results": [result, quiet] });
    place.write("theirs.sarif", json!({ "version": "2.1.0", "runs": [run] }).to_string());
    let ran = place.staunch(&["report", "theirs.sarif", "--format", "json"]).ends(1);
    assert!(!ran.out.contains(&token(1)), "{}", ran.out);
    let report = ran.json();
    let found = &credentials(&report)[0];
    assert_eq!((&found["detector"], &found["title"], &found["severity"]), (&"sarif/other/r1".into(), &"A key".into(), &"critical".into()));
    assert_eq!((&found["places"][0]["path"], &found["places"][0]["line"]), (&"src/x y.txt".into(), &3.into()));
    assert_eq!(report["suppressed"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_finding_of_another_scanner_without_a_place_is_annotated_as_well() {
    let place = Place::folder();
    let run = json!({ "tool": { "driver": { "name": "Other" } }, "results": [{ "ruleId": "r1", "message": { "text": "x" } }] });
    place.write("theirs.sarif", json!({ "version": "2.1.0", "runs": [run] }).to_string());
    let ran = place.staunch(&["report", "theirs.sarif", "--format", "github"]).ends(1);
    let annotations: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("::error ") || line.starts_with("::warning ")).collect();
    assert!(matches!(annotations[..], [one] if one.contains(" in unknown place") && !one.contains("file=")), "{}", ran.out);
    let gitlab = place.staunch(&["report", "theirs.sarif", "--format", "gitlab"]).ends(1).json();
    assert_eq!(gitlab["vulnerabilities"][0]["location"]["file"], ".git/unknown/place");
}

#[test]
fn what_is_no_report_is_refused_with_a_hint() {
    let place = Place::folder();
    for (text, says) in [
        ("{\"a\": 1}", "no report of"),
        ("{\"version\": 99, \"credentials\": []}", "version 99"),
        ("{\"version\": 1, \"credentials\": 7}", "no JSON at line"),
        ("[1, 2]", "no report of"),
        ("{\"runs\"", "no JSON at line 1"),
        ("not JSON", "no JSON at line 1"),
        ("", "is no report"),
        ("\n", "is no report"),
        ("{\"runs\": [{\"invocations\": [{\"executionSuccessful\": false}], \"results\": []}]}", "did not succeed"),
    ] {
        place.write("x.json", text);
        place.staunch(&["report", "x.json"]).ends(2).says(says);
    }
    place.staunch(&["report", "nowhere.json"]).ends(2).says("nowhere.json");
    for empty in ["[]", "null"] {
        place.write("x.json", empty);
        place.staunch(&["report", "x.json"]).ends(0).says("no secrets found");
    }
    let line = place.staunch_with(b"[]", &["report", "-"]).ends(0);
    assert!(line.out.contains("no secrets found"), "{}", line.out);
}

#[test]
fn numbers_that_no_file_can_have_are_no_reason_to_stop() {
    let place = Place::folder();
    let mut finding = foreign("kingfisher", 1);
    for key in ["line", "column_start", "column_end"] {
        finding["finding"][key] = json!(u64::MAX);
    }
    let mut other = foreign("gitleaks", 2);
    other["EndColumn"] = json!(u64::MAX);
    place.write("a.json", json!({ "findings": [finding] }).to_string());
    place.write("b.json", json!([other]).to_string());
    let mut own = place.staunch(&["report", "a.json", "--format", "json"]).ends(1).json();
    for key in ["offset", "byte_count", "line", "end_line"] {
        own["credentials"][0]["places"][0][key] = json!(u64::MAX);
    }
    place.write("own.json", own.to_string());
    let at = &mut own["credentials"][0]["places"][0];
    for (key, number) in [("line", 1), ("end_line", 2), ("column", 1), ("end_column", 0)] {
        at[key] = json!(number);
    }
    place.write("zero.json", own.to_string());
    for file in ["a.json", "b.json", "own.json", "zero.json"] {
        for format in ["html", "sarif", "github", "csv", "gitlab", "sonarqube", "junit"] {
            place.staunch(&["report", file, "--format", format]).ends(1);
        }
    }
}

#[test]
fn json_lines_come_back_as_credentials() {
    let place = Place::folder();
    place.write("a.txt", leak(1));
    place.write("b.txt", leak(1));
    place.write("lines.jsonl", place.staunch(&["scan", ".", "--format", "jsonl"]).ends(1).out);
    let found = credentials(&place.staunch(&["report", "lines.jsonl", "--format", "json"]).ends(1).json());
    assert_eq!((found.len(), found[0]["places"].as_array().map(Vec::len)), (1, Some(2)));
    assert_eq!(found[0]["detector"], DETECTOR);
}
