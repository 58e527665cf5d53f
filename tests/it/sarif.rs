//! SARIF as code hosts read it: valid by the schema, encoded, masked, empty when clean.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::Value;

use crate::support::{DETECTOR, Place, Ran, assignment, leak, source, token};

/// Checks a report against the schema of SARIF 2.1.0 and returns its only run; `.ci/sarif` judges what is kept of it.
#[track_caller]
fn valid(ran: &Ran) -> Value {
    keep(&ran.out);
    let text = std::fs::read_to_string(source().join("testdata/schemas/sarif-2.1.0.json")).expect("the schema is in testdata");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema");
    let report = ran.json();
    let wrong: Vec<String> = validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    report["runs"][0].clone()
}

/// Keeps a report under a name that its content gives it.
fn keep(report: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    std::fs::create_dir_all(&folder).expect("folders can be made");
    let name = hashed(report);
    std::fs::write(folder.join(format!("{name:016x}.sarif")), report).expect("it can be written");
}

fn hashed(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn regions(run: &Value) -> Vec<(String, [u64; 4])> {
    let number = |value: &Value| value.as_u64().expect("a number");
    let results = run["results"].as_array().expect("results");
    results
        .iter()
        .map(|result| {
            let location = &result["locations"][0]["physicalLocation"];
            let region = &location["region"];
            let uri = location["artifactLocation"]["uri"].as_str().expect("a URI").to_owned();
            let at = ["startLine", "startColumn", "endLine", "endColumn"].map(|key| number(&region[key]));
            (uri, at)
        })
        .collect()
}

/// Makes a repository with some findings, one of them with several lines, and stages them.
fn leaky() -> Place {
    let place = Place::repo();
    place.write("src/a.txt", leak(1));
    place.write("src/b c#1.txt", leak(2) + &assignment(3));
    place.git(&["add", "."]);
    place
}

#[test]
fn every_command_writes_valid_sarif() {
    let place = leaky();
    let run = valid(&place.staunch(&["scan", "--format", "sarif"]).ends(1));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(3));
    valid(&place.staunch(&["check", "--format", "sarif"]).ends(1));
    place.git(&["commit", "-q", "-m", "x"]);
    valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    valid(&place.staunch(&["check", "--unpushed", "--format", "sarif"]).ends(1));
}

#[test]
fn every_detector_is_a_valid_rule() {
    let place = Place::folder();
    for detector in crate::support::catalog().detectors() {
        for (number, template) in detector.leaks.iter().enumerate() {
            let text = staunch::detect::sample::expand(template, detector, number as u64).text;
            place.write(format!("{}-{number}.txt", detector.id), text);
        }
    }
    let run = valid(&place.staunch(&["scan", "--format", "sarif", "--min-confidence", "low"]).ends(1));
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert!(rules.len() > 30, "{}", rules.len());
    for rule in rules {
        let id = &rule["id"];
        for key in ["shortDescription", "fullDescription"] {
            let text = rule[key]["text"].as_str().unwrap_or_default();
            assert!(!text.is_empty() && text.chars().count() <= 1024 && text.ends_with('.'), "{id}: {key}: {text:?}");
        }
        assert!(rule["name"].as_str().is_some_and(|name| name.len() <= 255 && Some(name) != id.as_str()), "{id}: {}", rule["name"]);
        assert!(rule["help"]["text"].as_str().is_some_and(|text| text.len() > 50), "{id}");
        let markdown = rule["help"]["markdown"].as_str().unwrap_or_default();
        assert!(markdown.contains("3. "), "{id} has its steps: {markdown}");
        let score = rule["properties"]["security-severity"].as_str().unwrap_or_else(|| panic!("{id}: it must be a string"));
        assert!(score.parse::<f32>().is_ok_and(|score| score > 0.0 && score <= 10.0), "{id}: {score}");
        let tags = rule["properties"]["tags"].as_array().expect("tags");
        assert!(tags.len() <= 10 && tags.contains(&"security".into()), "{id}: {tags:?}");
    }
}

#[test]
fn a_clean_run_has_an_empty_list_of_results() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    for command in ["scan", "check", "audit"] {
        let run = valid(&place.staunch(&[command, "--format", "sarif"]).ends(0));
        assert_eq!(run["results"], serde_json::json!([]), "{command}");
        assert_eq!(run["tool"]["driver"]["name"], "staunch");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }
    valid(&place.staunch(&["scan", "--quiet", "--format", "sarif"]).ends(0));
}

#[test]
fn uris_are_encoded_and_seen_from_the_top() {
    let place = leaky();
    let expected = ["src/a.txt", "src/b%20c%231.txt", "src/b%20c%231.txt"];
    for (folder, path) in [("", "."), ("src", "."), ("src", ".."), ("src", "../src")] {
        let run = valid(&place.staunch_in(&place.path(folder), &["scan", path, "--format", "sarif"]).ends(1));
        let mut uris: Vec<String> = regions(&run).into_iter().map(|(uri, _)| uri).collect();
        uris.sort();
        assert_eq!(uris, expected, "scan {path} in {folder:?}");
    }
    for folder in ["", "src"] {
        let run = valid(&place.staunch_in(&place.path(folder), &["check", "--format", "sarif"]).ends(1));
        let mut uris: Vec<String> = regions(&run).into_iter().map(|(uri, _)| uri).collect();
        uris.sort();
        assert_eq!(uris, expected, "check in {folder:?}");
    }
}

#[test]
fn a_path_typed_in_full_becomes_relative_to_the_top() {
    let place = leaky();
    let whole = place.path("src").display().to_string();
    let run = valid(&place.staunch(&["scan", &whole, "--format", "sarif"]).ends(1));
    for (uri, _) in regions(&run) {
        assert!(uri.starts_with("src/"), "{uri}");
    }
}

#[test]
fn hostile_names_make_valid_uris() {
    let place = Place::repo();
    let names: [&[u8]; 6] = [b"100%.txt", b"a:b.txt", b"new\nline.txt", b"bad\xff.txt", b"q?x=1&y.txt", "ünï/日本.txt".as_bytes()];
    for (name, seed) in names.into_iter().zip(0..) {
        place.write(OsStr::from_bytes(name), leak(seed));
    }
    let run = valid(&place.staunch(&["scan", "--format", "sarif"]).ends(1));
    let uris: Vec<String> = regions(&run).into_iter().map(|(uri, _)| uri).collect();
    assert_eq!(uris.len(), 6);
    for uri in &uris {
        assert!(uri.bytes().all(|b| b.is_ascii_graphic() && !b"#?<>\"{}|\\^`:".contains(&b)), "{uri}");
        let mut rest = uri.split('%');
        rest.next();
        assert!(rest.all(|tail| tail.len() >= 2 && tail.bytes().take(2).all(|b| b.is_ascii_hexdigit())), "{uri}");
    }
    for uri in ["100%25.txt", "new%0Aline.txt", "q%3Fx%3D1%26y.txt", "%C3%BCn%C3%AF/%E6%97%A5%E6%9C%AC.txt"] {
        let decoded = uri.replace("%3D", "=");
        assert!(uris.iter().any(|found| found.replace("%3D", "=") == decoded), "{uri} is not in {uris:?}");
    }
}

#[test]
fn columns_count_characters() {
    let place = Place::folder();
    for (before, column) in [("", 1), ("k=", 3), ("é ü ", 5), ("😀=", 3), ("日本=", 4), ("\t\t", 3), ("\u{feff}k=", 4)] {
        place.write("a.txt", format!("one\n{before}{}\n", token(1)));
        let run = valid(&place.staunch(&["scan", "a.txt", "--format", "sarif"]).ends(1));
        assert_eq!(regions(&run), [("a.txt".to_owned(), [2, column, 2, column + 40])], "{before:?}");
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let line = place.staunch(&["scan", "a.txt", "--format", "jsonl"]).ends(1).lines().remove(0);
        assert_eq!((line["column"].as_u64(), line["end_column"].as_u64()), (Some(column), Some(column + 40)), "{before:?}");
    }
}

#[test]
fn a_broken_character_counts_as_one_column() {
    let place = Place::folder();
    place.write("a.txt", [b"\xff\xe2\x82=", token(1).as_bytes(), b"\n"].concat());
    let run = valid(&place.staunch(&["scan", "a.txt", "--format", "sarif"]).ends(1));
    assert_eq!(regions(&run)[0].1, [1, 4, 1, 44]);
}

#[test]
fn results_name_rule_level_message_and_a_stable_fingerprint() {
    let place = leaky();
    let run = valid(&place.staunch(&["check", "--format", "sarif"]).ends(1));
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap_or_default()), "{result}");
        assert!(result["message"]["text"].as_str().is_some_and(|text| text.ends_with('.')), "{result}");
        assert!(result["partialFingerprints"]["secretFingerprint/v1"].as_str().is_some_and(|text| text.len() == 20));
        assert_eq!(result["locations"].as_array().map(Vec::len), Some(1));
    }
    let fingerprint = |run: &Value| run["results"][0]["partialFingerprints"].clone();
    place.write("src/a.txt", format!("\n\n\n{}", leak(1)));
    place.git(&["add", "."]);
    assert_eq!(fingerprint(&run), fingerprint(&valid(&place.staunch(&["check", "--format", "sarif"]).ends(1))));
    assert!(rules.iter().any(|rule| rule["id"] == DETECTOR));
}

#[test]
fn what_is_allowed_is_left_out() {
    let place = Place::folder();
    place.write("a.txt", format!("{} # staunch:allow a test\n", leak(1).trim_end()));
    let run = valid(&place.staunch(&["scan", "--format", "sarif"]).ends(0));
    assert_eq!(run["results"], serde_json::json!([]));
}

#[test]
fn what_was_not_scanned_is_in_the_notifications() {
    let place = Place::folder();
    let run = valid(&place.staunch(&["scan", "nowhere\u{202e}.txt", "--format", "sarif"]).ends(2));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let text = invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().expect("it is told");
    assert!(text.contains("nowhere") && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn findings_of_history_have_a_category_of_their_own() {
    let place = leaky();
    let id = |args: &[&str]| valid(&place.staunch(&[args, &["--format", "sarif"]].concat()))["automationDetails"]["id"].clone();
    let (tree, staged) = (id(&["scan"]), id(&["check"]));
    place.git(&["commit", "-q", "-m", "x"]);
    let history = id(&["audit"]);
    assert_ne!(tree, history);
    assert_ne!(staged, history);
    for id in [tree, history] {
        assert!(id.as_str().is_some_and(|id| id.ends_with('/')), "{id}: all before the last slash is the category");
    }
}

#[test]
fn uris_of_findings_without_a_path_are_relative_and_valid() {
    let place = Place::repo();
    place.git(&["commit", "-q", "--allow-empty", "-m", &token(1)]);
    place.git(&["tag", "-a", "v1", "-m", &token(2)]);
    place.write("lost.txt", leak(3));
    place.git(&["hash-object", "-w", "lost.txt"]);
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(3));
    for (uri, _) in regions(&run) {
        assert!(!uri.starts_with('/') && !uri.contains(':') && !uri.contains(' '), "{uri}");
    }
}

/// Returns the fingerprints that GitHub and we follow a result by.
fn fingerprints(result: &Value) -> (Option<&str>, Option<&str>) {
    let of = |key: &str| result["partialFingerprints"][key].as_str();
    (of("primaryLocationLineHash"), of("secretFingerprint/v1"))
}

#[test]
fn what_a_code_host_shows_has_the_hash_that_it_computes_itself() {
    let place = Place::repo();
    place.write("a.txt", format!("one\n{}", leak(1)));
    let run = valid(&place.staunch(&["scan", "--format", "sarif"]).ends(1));
    let (hash, own) = fingerprints(&run["results"][0]);
    let (hash, own) = (hash.expect("the file is there").to_owned(), own.expect("always").to_owned());
    assert!(hash.ends_with(":1") && hash.len() > 10, "{hash}");
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "x"]);
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(fingerprints(&run["results"][0]), (Some(hash.as_str()), Some(own.as_str())), "HEAD has the same line");
    place.commit("a.txt", format!("zero\none\n{}", leak(1)));
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(fingerprints(&run["results"][0]), (Some(hash.as_str()), Some(own.as_str())), "lines above do not change it");
    assert_eq!(regions(&run)[0].1[0], 3, "it is shown where HEAD has it");
    place.git(&["mv", "a.txt", "b.txt"]);
    place.git(&["commit", "-q", "-m", "move"]);
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(fingerprints(&run["results"][0]).1, Some(own.as_str()), "our own survives a move");
    place.remove("b.txt");
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(fingerprints(&run["results"][0]), (None, Some(own.as_str())), "what is only in the history has no line");
}

#[test]
fn a_fingerprint_survives_rebase_squash_clone_and_threads() {
    let place = Place::repo();
    place.commit("base.txt", "base\n");
    place.git(&["switch", "-q", "-c", "topic"]);
    place.commit("a.txt", "one\n");
    place.commit("a.txt", format!("one\n{}", leak(1)));
    place.git(&["switch", "-q", "main"]);
    place.commit("other.txt", "other\n");
    let own = |folder: &std::path::Path, args: &[&str]| {
        let run = valid(&place.staunch_in(folder, &[&["audit", "--format", "sarif"], args].concat()).ends(1));
        assert_eq!(run["results"].as_array().map(Vec::len), Some(1), "one credential, one result");
        fingerprints(&run["results"][0]).1.map(str::to_owned)
    };
    let work = place.path("");
    let first = own(&work, &[]);
    assert!(first.is_some());
    place.git(&["merge", "-q", "--squash", "topic"]);
    place.git(&["commit", "-q", "-m", "squashed"]);
    assert_eq!(own(&work, &[]), first, "squash");
    place.git(&["rebase", "-q", "--onto", "main~1", "main~2", "topic"]);
    assert_eq!(own(&work, &["--threads", "1"]), first, "rebase, one thread");
    let clone = place.beside("clone");
    place.git(&["clone", "-q", "--no-local", &work.display().to_string(), &clone.display().to_string()]);
    assert_eq!(own(&clone, &["--threads", "3"]), first, "clone, three threads");
}

#[test]
fn one_credential_is_one_result_whatever_the_number_of_its_places() {
    let place = Place::folder();
    let names: Vec<String> = (0..150).map(|number| format!("[{number}](https:x).txt")).collect();
    names.iter().for_each(|name| place.write(name, leak(1)));
    let run = valid(&place.staunch(&["scan", "--format", "sarif"]).ends(1));
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    let related = results[0]["relatedLocations"].as_array().expect("related locations");
    assert_eq!(related.len(), 99, "GitHub shows a hundred locations");
    assert_eq!(results[0]["properties"]["places"], 150);
    let message = results[0]["message"]["text"].as_str().expect("a message");
    assert!(message.contains("](1)") && message.contains("](5)") && message.contains("and 144 more places"), "{message}");
    let links: Vec<&str> = message.split("](").skip(1).collect();
    for link in links.iter().filter(|link| link.starts_with("https")) {
        let before = message.find(link).and_then(|at| message[..at - 2].chars().last());
        assert_eq!(before, Some('\\'), "a name cannot make a link: {message}");
    }
}

#[test]
fn the_way_from_the_commit_that_brought_it_to_the_one_that_took_it_is_a_code_flow() {
    let place = Place::repo();
    let brought = place.commit("a.txt", leak(1));
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(run["results"][0]["codeFlows"], Value::Null, "it is still there");
    let removed = place.remove("a.txt");
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    let steps = &run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    for (step, commit) in [(0, brought), (1, removed)] {
        let said = steps[step]["location"]["message"]["text"].as_str().unwrap_or_default();
        assert!(said.contains(&commit[..10]), "{said}");
    }
    let message = run["results"][0]["message"]["text"].as_str().unwrap_or_default();
    assert!(message.contains("the history still has it"), "{message}");
}

#[test]
fn rules_are_related_to_weaknesses() {
    let place = leaky();
    let run = valid(&place.staunch(&["check", "--format", "sarif"]).ends(1));
    let taxa: Vec<&Value> = run["taxonomies"][0]["taxa"].as_array().expect("taxa").iter().map(|taxon| &taxon["id"]).collect();
    for rule in run["tool"]["driver"]["rules"].as_array().expect("rules") {
        let related = rule["relationships"].as_array().expect("relationships");
        assert!(related.iter().any(|relation| relation["target"]["id"] == "CWE-798"), "{rule:#}");
        for relation in related {
            assert!(taxa.contains(&&relation["target"]["id"]), "{relation}");
            assert_eq!(relation["target"]["toolComponent"]["name"], "CWE");
        }
    }
}

#[test]
fn what_is_suppressed_is_written_only_when_asked_for() {
    let place = Place::repo();
    place.commit("a.txt", format!("{} # staunch:allow a test\n", leak(1).trim_end()));
    place.commit("known.txt", leak(2));
    place.staunch(&["baseline", "create"]).ends(0);
    place.commit("new.txt", leak(3));
    let run = valid(&place.staunch(&["audit", "--format", "sarif"]).ends(1));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(1));
    let run = valid(&place.staunch(&["audit", "--with-suppressed", "--format", "sarif"]).ends(1));
    let mut said: Vec<(String, String)> = run["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| (result["suppressions"][0]["kind"].to_string(), result["baselineState"].to_string()))
        .collect();
    said.sort();
    let expected = [("\"external\"", "\"unchanged\""), ("\"inSource\"", "\"new\""), ("null", "\"new\"")];
    assert_eq!(said, expected.map(|(kind, state)| (kind.to_owned(), state.to_owned())));
}

#[test]
fn what_a_range_brings_is_shown_where_head_has_it() {
    let place = Place::repo();
    place.commit("base.txt", "x\n");
    place.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    place.commit("a.txt", format!("one\n{}", leak(1)));
    place.commit("a.txt", format!("zero\nmore\none\n{}", leak(1)));
    place.commit("b.txt", leak(2));
    place.remove("b.txt");
    let run = valid(&place.staunch(&["check", "--unpushed", "--format", "sarif"]).ends(1));
    let mut shown = regions(&run);
    shown.sort();
    let lines: Vec<(&str, u64)> = shown.iter().map(|(uri, at)| (uri.as_str(), at[0])).collect();
    assert_eq!(lines, [("a.txt", 4), ("b.txt", 1)], "an annotation stands at the line that is there now");
    let hashes: Vec<bool> = run["results"].as_array().expect("results").iter().map(|result| fingerprints(result).0.is_some()).collect();
    assert_eq!(hashes, [true, false], "what HEAD has comes first, and has GitHub's hash");
    let rules = run["tool"]["driver"]["rules"].as_array().map(Vec::len);
    assert_eq!(rules, Some(1), "only the rule that fired");
}

#[test]
fn results_that_github_would_refuse_are_left_out_and_told() {
    let place = Place::folder();
    let credential = |number: usize| {
        let severity = if number == 29_999 { "critical" } else { "low" };
        serde_json::json!({
            "fingerprint": format!("{number:020x}"), "detector": "acme", "title": "Acme token", "provider": "Acme", "severity": severity,
            "confidence": "high", "secret": "…(7)", "places": [{ "path": "a.txt", "line": number + 1, "end_line": number + 1, "column": 1,
            "end_column": 8, "origin": "file" }],
        })
    };
    let mut all: Vec<Value> = (0..30_000).map(credential).collect();
    all.sort_by_key(|one| one["severity"] != "critical");
    let report = |credentials: &[Value]| {
        serde_json::json!({ "version": 1, "tool": { "name": "staunch", "version": "0" }, "complete": true, "credentials": credentials })
            .to_string()
    };
    place.write("many.json", report(&all));
    let ran = place.staunch(&["report", "many.json", "--format", "sarif"]).ends(1).says("5000 credentials of lower severity left out");
    let run = &ran.json()["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!((results.len(), &results[0]["level"]), (25_000, &"error".into()));
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("5000 results of lower severity"), "{notes}");
}

#[test]
fn a_file_stays_below_the_size_that_github_takes_when_compressed() {
    // Names of a counter's hash: nothing of them can be compressed, and each result takes a kilobyte.
    let name = |number: u32| {
        let hashes = (0..20u32).map(|part| blake3::hash(&[number.to_le_bytes(), part.to_le_bytes()].concat()).to_hex().to_string());
        hashes.collect::<String>()
    };
    let places = |number: u32| {
        let place = |at: u32| serde_json::json!({ "path": name(4 * number + at), "line": 1, "end_line": 1, "column": 1, "end_column": 8, "origin": "file" });
        (0..4).map(place).collect::<Vec<_>>()
    };
    let credentials: Vec<Value> = (0..5_100)
        .map(|number| {
            serde_json::json!({ "fingerprint": format!("{number:020x}"), "detector": "acme", "title": "Acme token", "provider": "Acme",
                "severity": "low", "confidence": "high", "secret": "…(7)", "places": places(number) })
        })
        .collect();
    let report =
        serde_json::json!({ "version": 1, "tool": { "name": "staunch", "version": "0" }, "complete": true, "credentials": credentials });
    let place = Place::folder();
    place.write("large.json", report.to_string());
    let ran = place.staunch(&["report", "large.json", "--format", "sarif"]).ends(1).says("GitHub takes 10 MB compressed");
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(ran.out.len())];
    let size = compressor.gzip_compress(ran.out.as_bytes(), &mut packed).expect("there is room");
    assert!((8_000_000..10_000_000).contains(&size), "it is {size} bytes: all that fits, and no more");
    let kept = ran.json()["runs"][0]["results"].as_array().map_or(0, Vec::len);
    assert!(ran.err.contains(&format!("{} credentials of lower severity left out", 5_100 - kept)), "{}", ran.err);
}
