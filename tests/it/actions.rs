//! `action.yml` and the template for GitLab, run step by step as their hosts run them, with the variables that these document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::hook::script;
use crate::real::tool;
use crate::support::{Place, Ran, leak, program, source, token};

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(source().join(name)).expect("it is there");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// Makes an origin, and a clone of it with a branch, on which a job for a pull request runs.
fn pulled(leaked: Option<&str>) -> Place {
    let mut place = Place::repo();
    place.commit("a.txt", "clean\n");
    let origin = place.beside("origin.git").display().to_string();
    place.git(&["init", "-q", "--bare", &origin]);
    place.git(&["remote", "add", "origin", &origin]);
    place.git(&["push", "-q", "origin", "main"]);
    let base = place.git(&["rev-parse", "HEAD"]);
    place.git(&["switch", "-q", "-c", "change"]);
    place.commit(leaked.unwrap_or("b.txt"), if leaked.is_some() { leak(1) } else { "clean\n".to_owned() });
    let head = place.git(&["rev-parse", "HEAD"]);
    let event = json!({"pull_request": {"number": 7, "base": {"sha": base, "ref": "main"}, "head": {"sha": head}}});
    std::fs::write(place.beside("event.json"), event.to_string()).expect("it is ours");
    std::fs::create_dir(place.beside("temp")).expect("it is new");
    for (name, file) in [
        ("GITHUB_EVENT_PATH", "event.json"),
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_ENV", "env"),
        ("GITHUB_OUTPUT", "output"),
        ("GITHUB_PATH", "path"),
        ("RUNNER_TEMP", "temp"),
    ] {
        let path = place.beside(file);
        if !path.exists() {
            std::fs::write(&path, "").expect("it is ours");
        }
        place.set(name, path.display().to_string());
    }
    for (name, value) in [("GITHUB_ACTIONS", "true"), ("CI", "true"), ("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_BASE_REF", "main")] {
        place.set(name, value);
    }
    place.set("GITHUB_ACTION_PATH", source().display().to_string());
    place.set("GITHUB_WORKSPACE", place.path("").display().to_string());
    place
}

/// Replaces `${{ inputs.NAME }}`, the one expression that the action may hold, and only in `env`.
fn filled(value: &str, inputs: &BTreeMap<String, String>) -> String {
    match value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")) {
        Some(name) => inputs.get(name).unwrap_or_else(|| panic!("there is no input {name:?}")).clone(),
        None => value.to_owned(),
    }
}

/// Runs the steps of the action; the first that fails ends it.
fn act(place: &mut Place, given: &[(&str, &str)]) -> Ran {
    let action = read("action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    let declared = action["inputs"].as_object().expect("it has inputs");
    let mut inputs: BTreeMap<String, String> =
        declared.iter().map(|(name, input)| (name.clone(), text(input, "default").to_owned())).collect();
    for (name, value) in given {
        assert!(inputs.insert((*name).to_owned(), (*value).to_owned()).is_some(), "{name} is an input");
    }
    let mut last = Ran { code: 0, out: String::new(), err: String::new() };
    for step in action["runs"]["steps"].as_array().expect("it has steps") {
        assert_eq!(text(step, "shell"), "bash");
        let is_run = match text(step, "if") {
            "" => true,
            "inputs.program == ''" => inputs["program"].is_empty(),
            other => panic!("{other:?} is not understood by this test"),
        };
        assert!(!text(step, "run").contains("${{"), "what is written into a script is run by it: {step}");
        if !is_run {
            continue;
        }
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            place.set(Box::leak(name.clone().into_boxed_str()), filled(value.as_str().expect("it is text"), &inputs));
        }
        last = bash(place, &["-eo", "pipefail"], text(step, "run"));
        if last.code != 0 {
            break;
        }
    }
    last
}

fn bash(place: &Place, options: &[&str], text: &str) -> Ran {
    let file = place.beside("script.sh");
    std::fs::write(&file, text).expect("it is ours");
    let file = file.display().to_string();
    place.run("bash".as_ref(), &place.path(""), &[&["--noprofile", "--norc"], options, &[&file]].concat(), b"")
}

#[test]
fn the_action_passes_what_is_clean_and_stops_a_secret() {
    let staunch = program().display().to_string();
    let mut place = pulled(None);
    act(&mut place, &[("program", &staunch)]).ends(0).says("pull request 7");
    let mut place = pulled(Some("b.txt"));
    let ran = act(&mut place, &[("program", &staunch), ("sarif", "out dir/x.sarif"), ("args", "--min-confidence high")]);
    assert_eq!(ran.code, 2, "the folder is not there, which is no clean result: {ran:?}");
    let ran = act(&mut place, &[("program", &staunch), ("sarif", "x y.sarif")]).ends(1).says("::error file=b.txt,line=1");
    assert!(!ran.all().contains(&token(1)), "{ran:?}");
    let sarif: Value = serde_json::from_str(&place.read("x y.sarif")).expect("it is JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    let summary = std::fs::read_to_string(place.beside("summary.md")).expect("it is there");
    assert!(summary.contains("1 credential to revoke"), "{summary}");
    act(&mut place, &[("program", &staunch), ("args", "--exit-zero")]).ends(0);
    // Arguments on several lines are arguments as well.
    act(&mut place, &[("program", &staunch), ("args", "--quiet\n  --exit-zero\n")]).ends(0);
}

#[test]
fn the_action_builds_what_is_not_there() {
    let mut place = pulled(Some("b.txt"));
    let bin = place.beside("bin");
    std::fs::create_dir(&bin).expect("it is new");
    let build = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\nmkdir -p \"$RUNNER_TEMP/staunch/bin\"\ncp '{}' \"$RUNNER_TEMP/staunch/bin/staunch\"\n",
        place.beside("cargo.args").display(),
        program().display()
    );
    script(&bin.join("cargo"), &build);
    place.set("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default()));
    act(&mut place, &[]).ends(1).says("::error file=b.txt");
    let args = std::fs::read_to_string(place.beside("cargo.args")).expect("cargo was called");
    let args: Vec<&str> = args.lines().collect();
    assert_eq!(args[0], "install");
    assert!(args.contains(&"--locked") && args.contains(&source().to_str().expect("it is text")), "{args:?}");
}

#[test]
fn nothing_that_is_given_to_the_action_is_run() {
    let staunch = program().display().to_string();
    let attack = "$(touch pwned) `touch pwned` ; touch pwned # ' \" && touch pwned\n::error::x";
    for (name, code) in [("args", 2), ("sarif", 1), ("program", 127)] {
        let mut place = pulled(Some("b.txt"));
        let given = if name == "program" { vec![("program", attack)] } else { vec![("program", staunch.as_str()), (name, attack)] };
        let ran = act(&mut place, &given);
        assert!(!place.path("pwned").exists(), "{name}: {ran:?}");
        assert_eq!(ran.code, code, "{name}: {ran:?}");
    }
    let file = "$(touch pwned)`touch pwned`; touch pwned\n::error::x\n.txt";
    let mut place = pulled(Some(file));
    let ran = act(&mut place, &[("program", &staunch)]).ends(1);
    assert!(!place.path("pwned").exists(), "{ran:?}");
    assert!(ran.all().lines().filter(|line| line.starts_with("::")).all(|line| line.starts_with("::error file=")), "{ran:?}");
    for name in ["env", "output", "path"] {
        assert_eq!(std::fs::read_to_string(place.beside(name)).expect("it is there"), "", "{name}");
    }
}

/// Runs the job of the template, as the runner's shell does: all lines of `before_script` and `script`, until one fails.
fn run_template(place: &mut Place, args: &str) -> Ran {
    let template = read("templates/gitlab.yml");
    let job = &template["staunch"];
    for (name, value) in job["variables"].as_object().expect("it has variables") {
        place.set(Box::leak(name.clone().into_boxed_str()), value.as_str().expect("it is text"));
    }
    if !args.is_empty() {
        place.set("STAUNCH_ARGS", args);
    }
    let lines = ["before_script", "script"].into_iter().flat_map(|part| job[part].as_array().expect("it is a list"));
    let lines: Vec<&str> = lines.map(|line| line.as_str().expect("it is text")).collect();
    assert_eq!(job["artifacts"]["when"], "always", "a report of what was found is kept");
    bash(place, &["-eo", "pipefail"], &lines.join("\n"))
}

#[test]
fn the_template_for_gitlab_passes_what_is_clean_and_stops_a_secret() {
    for leaked in [None, Some("b.txt"), Some("$(touch pwned);`touch pwned`\n.txt")] {
        let mut place = pulled(leaked);
        place.set("GITHUB_ACTIONS", "");
        place.set("GITLAB_CI", "true");
        place.set("CI_COMMIT_SHA", place.git(&["rev-parse", "HEAD"]));
        place.set("CI_MERGE_REQUEST_IID", "7");
        place.set("CI_MERGE_REQUEST_DIFF_BASE_SHA", place.git(&["rev-parse", "main"]));
        place.set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
        let ran = run_template(&mut place, "").ends(i32::from(leaked.is_some())).says("merge request 7");
        assert!(!ran.all().contains(&token(1)) && !place.path("pwned").exists(), "{ran:?}");
        let template = read("templates/gitlab.yml");
        let reports = template["staunch"]["artifacts"]["paths"].as_array().expect("they are listed").iter();
        let reports = reports.chain(template["staunch"]["artifacts"]["reports"].as_object().into_iter().flat_map(|all| all.values()));
        for report in reports.map(|path| path.as_str().expect("it is text")) {
            let report: Value = serde_json::from_str(&place.read(report)).unwrap_or_else(|error| panic!("{report}: {error}"));
            assert!(report.is_object());
        }
        run_template(&mut place, "--exit-zero").ends(0);
        run_template(&mut place, "$(touch pwned)").ends(2);
        assert!(!place.path("pwned").exists());
    }
}

#[test]
fn the_schemas_of_the_hosts_and_a_linter_of_actions_have_nothing_to_say() {
    let (Some(check), Some(zizmor)) = (tool("check-jsonschema"), tool("zizmor")) else { return };
    let place = Place::folder();
    let valid = |schema: &str, file: &str| {
        place.run(check.as_os_str(), &place.path(""), &["--builtin-schema", schema, file], b"").ends(0);
    };
    let ours = |name: &str| source().join(name).display().to_string();
    valid("vendor.github-actions", &ours("action.yml"));
    valid("vendor.gitlab-ci", &ours("templates/gitlab.yml"));
    place.run(zizmor.as_os_str(), &place.path(""), &["--offline", "--no-progress", &ours("action.yml")], b"").ends(0);
    // Examples are what people copy.
    let page = std::fs::read_to_string(source().join("docs/ci.md")).expect("it is there");
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    for (begin, schema) in [
        ("on: [pull_request", "vendor.github-workflows"),
        ("# bitbucket-pipelines.yml", "vendor.bitbucket-pipelines"),
        ("# azure-pipelines.yml", "vendor.azure-pipelines"),
        ("# Buildkite", "vendor.buildkite"),
        ("include:", "vendor.gitlab-ci"),
    ] {
        let block = blocks.iter().find(|block| block.starts_with(begin)).unwrap_or_else(|| panic!("{begin} is not in docs/ci.md"));
        place.write("example.yml", block);
        valid(schema, &place.path("example.yml").display().to_string());
    }
}
