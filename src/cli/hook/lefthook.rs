//! Our jobs in `lefthook.yml`: each between two marks, everything else as it was.
//!
//! There is no YAML writer in it. Lines are put where a job seems to belong, and what came out is parsed: unless it says what was
//! said before and our job more, the file is left alone.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::exit::{Failure, shown, tell};
use super::super::subject;
use super::install::read;
use super::manager::{LEFTHOOK_FILES, Manager};
use super::{Kind, block};

/// Puts a job for each kind into the configuration.
pub(super) fn install(top: &Path, hooks: &Path, kinds: &[&Kind]) -> Result<(), Failure> {
    let by_hand = |why: String| Failure::with_hint(why, Manager::Lefthook.advice(kinds));
    let Some(path) = files(top).find(|path| path.exists()) else {
        return Err(by_hand("lefthook's configuration is not written in YAML, and only such is edited".to_owned()));
    };
    if subject::is_through_link(&path, path.strip_prefix(top).map_or(1, |below| below.components().count())) {
        return Err(by_hand(format!("{} is a link, through which nothing is written", shown(&path))));
    }
    let before = read(&path)?.unwrap_or_default();
    let after =
        with_jobs(&before, kinds).ok_or_else(|| by_hand(format!("{} is written in a way that cannot be added to", shown(&path))))?;
    if before == after {
        tell("hook", &format!("{} is as it should be already", shown(&path)));
    } else {
        fs::write(&path, after)?;
        let names = kinds.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
        tell("hook", &format!("added to {}, for everybody who works here: {names}", shown(&path)));
    }
    let is_set_up =
        |kind: &&Kind| read(&hooks.join(kind.name)).is_ok_and(|script| script.is_some_and(|script| script.contains("lefthook")));
    if !kinds.iter().all(is_set_up) {
        tell("hint", "run `lefthook install`, which has git ask it");
    }
    Ok(())
}

/// Takes our jobs out of every configuration of lefthook; returns whether there were any.
pub(super) fn uninstall(top: &Path) -> Result<bool, Failure> {
    let mut removed = false;
    for path in files(top).filter(|path| path.is_file() && !path.is_symlink()) {
        if let Some(without) = read(&path)?.as_deref().and_then(block::take_all) {
            fs::write(&path, without)?;
            tell("hook", &format!("took our lines out of {}", shown(&path)));
            removed = true;
        }
    }
    Ok(removed)
}

fn files(top: &Path) -> impl Iterator<Item = PathBuf> {
    LEFTHOOK_FILES.iter().filter(|name| name.ends_with(".yml") || name.ends_with(".yaml")).map(|name| top.join(name))
}

/// Returns the text with a job for each kind that it does not run already; nothing where it has no place for one.
fn with_jobs(text: &str, kinds: &[&Kind]) -> Option<String> {
    let mut text = block::take_all(text).unwrap_or_else(|| text.to_owned());
    let missing: Vec<&&Kind> = kinds.iter().filter(|kind| !text.contains(&command(kind))).collect();
    for kind in missing {
        let mut expected = parsed(&text)?;
        job_of(&mut expected, kind)?;
        let (at, lines) = place(&text, kind)?;
        let with = block::insert(&text, at, &lines);
        if parsed(&with)? != expected {
            return None;
        }
        text = with;
    }
    Some(text)
}

fn command(kind: &Kind) -> String {
    format!("staunch hook run {}", kind.name)
}

/// What lefthook runs for a kind, with the words that git passes.
pub(super) fn run_of(kind: &Kind) -> String {
    // A shell reads it once lefthook has put in what git passed: a path with spaces is one word.
    let args = if matches!(kind.name, "commit-msg" | "pre-push") { " -- \"{1}\"" } else { "" };
    command(kind) + args
}

fn parsed(text: &str) -> Option<Value> {
    match serde_saphyr::from_str(text) {
        Ok(Value::Null) => Some(json!({})),
        Ok(value) => Some(value),
        Err(_) => text.trim().is_empty().then(|| json!({})),
    }
}

/// Puts our job first in what the configuration says: before slower ones, and the first has the refs of a push in any version.
fn job_of(config: &mut Value, kind: &Kind) -> Option<()> {
    let hook = config.as_object_mut()?.entry(kind.name).or_insert_with(|| json!({}));
    if hook.is_null() {
        *hook = json!({});
    }
    let jobs = hook.as_object_mut()?.entry("jobs").or_insert_with(|| json!([]));
    if jobs.is_null() {
        *jobs = json!([]);
    }
    let mut job = json!({ "name": "staunch", "run": run_of(kind) });
    if kind.has_input {
        job["use_stdin"] = true.into();
    }
    jobs.as_array_mut()?.insert(0, job);
    Some(())
}

/// Returns the job as an element of a list.
pub(super) fn job(kind: &Kind, indent: &str) -> String {
    let input = if kind.has_input { format!("{indent}  use_stdin: true\n") } else { String::new() };
    format!("{indent}- name: staunch\n{indent}  run: {}\n{input}", run_of(kind))
}

/// Returns where our job seems to belong, and the lines for it.
fn place(text: &str, kind: &Kind) -> Option<(usize, String)> {
    let mut end = 0;
    let ends = text.split_inclusive('\n').map(|line| {
        end += line.len();
        (line, end)
    });
    let lines: Vec<(&str, usize)> = ends.collect();
    let key = format!("{}:", kind.name);
    let Some(at) = lines.iter().position(|(line, _)| line.starts_with(&key)) else {
        return Some((text.len(), format!("{key}\n  jobs:\n{}", job(kind, "    "))));
    };
    if !is_open(lines[at].0, &key) {
        return None;
    }
    let is_within = |line: &&(&str, usize)| line.0.trim().is_empty() || line.0.starts_with([' ', '\t', '#']);
    let within: Vec<&(&str, usize)> = lines[at + 1..].iter().take_while(is_within).filter(|(line, _)| is_said(line)).collect();
    let indent = within.first().map_or("  ", |(line, _)| indent(line));
    let list = format!("{indent}jobs:");
    let Some(jobs) = within.iter().position(|(line, _)| line.starts_with(&list)) else {
        return Some((lines[at].1, format!("{list}\n{}", job(kind, &format!("{indent}  ")))));
    };
    let first = within.get(jobs + 1).filter(|(line, _)| line.trim_start().starts_with('-'));
    let indent = first.map_or_else(|| format!("{indent}  "), |(line, _)| self::indent(line).to_owned());
    is_open(within[jobs].0, &list).then(|| (within[jobs].1, job(kind, &indent)))
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

fn is_said(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// Returns whether what a key holds stands on the lines below it.
fn is_open(line: &str, key: &str) -> bool {
    line.ends_with('\n') && !is_said(&line[key.len()..])
}

#[cfg(test)]
mod tests {
    use super::super::{block, kind};
    use super::{parsed, with_jobs};

    #[test]
    fn jobs_are_added_once_and_taken_out_without_a_trace() {
        let kinds = ["pre-commit", "pre-push"].map(|name| kind(name).unwrap_or_else(|_| panic!("{name} is ours")));
        for text in [
            "",
            "# ours\nskip_lfs: true",
            "pre-commit:\n  jobs:\n    # lint\n    - run: lint # all\n\ncolors: false\n",
            "pre-commit:\n  jobs:\n  - run: lint\npre-push:\n  commands:\n    test:\n      run: test\n",
            "pre-push:\n    parallel: true\n    jobs:\n        - {run: test}\n# pre-commit:\n",
            "pre-commit:\npre-push: # nothing yet\n",
            "pre-commit:\r\n  jobs:\r\n    - run: lint\r\n",
        ] {
            let with = with_jobs(text, &kinds).unwrap_or_else(|| panic!("{text:?} has a place"));
            let said = parsed(&with).expect("it is YAML");
            assert_eq!(said["pre-commit"]["jobs"][0]["run"], "staunch hook run pre-commit", "{with}");
            assert_eq!(said["pre-push"]["jobs"][0]["use_stdin"], true, "{with}");
            assert_eq!(with_jobs(&with, &kinds).as_ref(), Some(&with), "{text:?}");
            assert_eq!(block::take_all(&with).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_cannot_be_added_to_is_left_alone_and_what_runs_us_is_not_asked_twice() {
        let kinds = [kind("pre-commit").unwrap_or_else(|_| panic!("it is ours"))];
        for text in ["pre-commit: {jobs: []}\n", "pre-commit:\n  jobs: []\n", "\"pre-commit\":\n  jobs: []\n", "[]\n", "a: [\n"] {
            assert_eq!(with_jobs(text, &kinds), None, "{text:?}");
        }
        let own = "pre-commit:\n  commands:\n    staunch:\n      run: staunch hook run pre-commit\n";
        assert_eq!(with_jobs(own, &kinds).as_deref(), Some(own));
    }
}
