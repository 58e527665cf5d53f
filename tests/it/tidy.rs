//! Holds what `ARCHITECTURE.md` and the style promise: directions, headers, sizes, paths, and no secrets of our own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex_automata::meta::Regex;

use crate::support::{Place, source};

const NOUNS: [&str; 18] = [
    "here",
    "identity",
    "span",
    "secret",
    "bounded",
    "chunk",
    "detector",
    "finding",
    "count",
    "coverage",
    "config",
    "watch",
    "verdict",
    "git",
    "lib",
    "policy",
    "credential",
    "ledger",
];
const STEPS: [&str; 6] = ["source", "detect", "enrich", "suppress", "report", "upload"];
/// Longer files are two files.
const MAX_LINES: usize = 500;

/// Returns the files below a folder of this repository that end in something, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![source().join(folder)];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = ["src", "tests", "benches"].iter().flat_map(|folder| files(folder, ".rs")).collect();
    all.push(source().join("build.rs"));
    all
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(source()).unwrap_or(path).display().to_string()
}

/// Returns every part of a text that a pattern matches.
fn matches<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
    let regex = Regex::new(pattern).expect("the pattern is right");
    regex.find_iter(text).map(|found| &text[found.range()]).collect()
}

/// Returns the module right below the root to which a source file belongs.
fn module(path: &Path) -> String {
    let below = path.strip_prefix(source().join("src")).expect("it is below src");
    let first = below.components().next().expect("it has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Returns the source without comments and without unit tests.
fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Returns the modules right below the root that a source file names, by path or in a list of imports.
fn imports(path: &Path) -> BTreeSet<String> {
    let code = code(path);
    let mut named: BTreeSet<String> =
        matches(r"\b(?:crate|staunch)::[a-z_]+", &code).iter().filter_map(|path| path.split("::").nth(1)).map(str::to_owned).collect();
    for list in matches(r"\buse (?:crate|staunch)::\{[^;]*;", &code) {
        let list = &list[list.find('{').map_or(0, |at| at + 1)..];
        named.extend(list.split(',').filter_map(|part| part.trim().split([':', '}', ' ', ';']).next()).map(str::to_owned));
    }
    named
}

#[test]
fn nouns_import_no_step_and_steps_import_no_other_step() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let own = module(&path);
        let may_import = |other: &str| match own.as_str() {
            own if NOUNS.contains(&own) => NOUNS.contains(&other),
            own if STEPS.contains(&own) => NOUNS.contains(&other) || other == own,
            "scan" => other != "cli",
            _ => true,
        };
        wrong.extend(
            imports(&path).into_iter().filter(|other| is_module(other) && !may_import(other)).map(|o| format!("{}: {o}", shown(&path))),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_module(name: &str) -> bool {
    NOUNS.contains(&name) || STEPS.contains(&name) || ["scan", "cli"].contains(&name)
}

#[test]
fn every_module_is_a_noun_or_a_step_that_is_listed_here() {
    let known: BTreeSet<&str> = NOUNS.into_iter().chain(STEPS).chain(["scan", "cli", "main"]).collect();
    let unknown: BTreeSet<String> =
        files("src", ".rs").iter().map(|path| module(path)).filter(|own| !known.contains(own.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn scan_is_the_only_one_that_imports_all_steps() {
    let named: BTreeSet<String> = files("src/scan", ".rs").iter().flat_map(|path| imports(path)).collect();
    let missing: Vec<&&str> = STEPS.iter().filter(|step| !named.contains(**step) && !["report", "upload"].contains(step)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn only_the_command_line_prints_and_only_main_ends_the_process() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let own = module(&path);
        let code = code(&path);
        if own != "cli" && !matches(r"\be?print(?:ln)?!|\bstd(?:out|err)\(\)|\bdbg!", &code).is_empty() {
            wrong.push(format!("{} prints", shown(&path)));
        }
        if own != "main" && !matches(r"process::(?:exit|abort)", &code).is_empty() {
            wrong.push(format!("{} ends the process", shown(&path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_upload_talks_to_a_network() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let is_upload = module(&path) == "upload";
        if !is_upload && !matches(r"\bureq\b|\bstd::net\b|TcpStream|UdpSocket|ToSocketAddrs", &code(&path)).is_empty() {
            wrong.push(shown(&path));
        }
        let is_command = path.ends_with("src/cli/upload.rs") || path.ends_with("src/cli/exit.rs");
        if !is_upload && !is_command && imports(&path).contains("upload") {
            wrong.push(format!("{} uploads", shown(&path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let mut wrong = Vec::new();
    for path in sources() {
        let text = read(&path);
        if !text.starts_with("//! ") {
            wrong.push(format!("{} has no header", shown(&path)));
        }
        if text.lines().count() > MAX_LINES {
            wrong.push(format!("{} has {} lines", shown(&path), text.lines().count()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_file_is_listed() {
    let main = read(&source().join("tests/it/main.rs"));
    let listed: BTreeSet<&str> = main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let present: BTreeSet<String> = files("tests/it", ".rs")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name != "main")
        .collect();
    assert_eq!(present.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    let binaries = std::fs::read_dir(source().join("tests")).expect("it is there").flatten().count();
    assert_eq!(binaries, 1, "tests/ holds it/ and nothing else");
}

#[test]
fn no_test_is_ignored_and_none_sleeps() {
    let mut wrong = Vec::new();
    let (ignore, sleep) = (["#[", "ignore"].concat(), ["thread::", "sleep"].concat());
    for path in sources() {
        let text = read(&path);
        for what in [&ignore, &sleep] {
            if text.contains(what.as_str()) {
                wrong.push(format!("{}: {what}", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns a Markdown text without its code blocks.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn documents() -> Vec<PathBuf> {
    let top = std::fs::read_dir(source()).expect("it is there").flatten().map(|entry| entry.path());
    let mut all: Vec<PathBuf> = top.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    all.extend(files("docs", ".md"));
    all.sort();
    all
}

/// Returns what a text means by a path of this repository: links, and code that begins with a name at the top.
fn paths(text: &str) -> Vec<String> {
    let top: BTreeSet<String> = std::fs::read_dir(source())
        .expect("it is there")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != ".git") // What is in it differs from clone to clone.
        .collect();
    let mut paths = Vec::new();
    for link in matches(r"\]\([^)\s]+\)", text) {
        let target = link[2..link.len() - 1].split('#').next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
            paths.push(target.to_owned());
        }
    }
    for code in matches(r"`[A-Za-z0-9_.][A-Za-z0-9_./-]*`", text) {
        let path = code.trim_matches('`').trim_end_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        let names_source = [".rs", ".md", ".toml"].iter().any(|end| path.ends_with(end)) && !path.starts_with('.');
        if (path.contains('/') && top.contains(first)) || names_source {
            paths.push(path.to_owned());
        }
    }
    paths
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let folder = document.parent().expect("it is in a folder").to_owned();
        for path in paths(&prose(&read(&document))) {
            let places = [source().join(&path), folder.join(&path), source().join("src").join(&path)];
            if !places.iter().any(|place| place.exists()) {
                missing.push(format!("{}: {path}", shown(&document)));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_documents_of_a_project_are_there() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "deny.toml", ".ci/run"] {
        assert!(source().join(name).exists(), "{name}");
    }
}

#[test]
fn no_file_of_ours_holds_a_whole_marker_of_a_private_key() {
    let marker = Regex::new(&["-----BEGIN [A-Z0-9 ]*PRIVATE", " KEY( BLOCK)?-----"].concat()).expect("the pattern is right");
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "testdata", "detectors", "docs", "hooks", "benches", "fuzz"] {
        for path in files(folder, "") {
            let bytes = std::fs::read(&path).expect("it can be read");
            if marker.is_match(&bytes) {
                wrong.push(shown(&path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn our_own_scan_finds_nothing_in_this_repository() {
    let place = Place::folder();
    let ran = place.staunch_in(source(), &["scan", ".", "--format", "jsonl"]);
    let found: Vec<String> = ran.lines().iter().map(|line| format!("{}:{} {}", line["path"], line["line"], line["detector"])).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.err);
}
