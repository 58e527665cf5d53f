//! Whether a hook of ours really runs in a repository, through whatever it runs, and what keeps it from it.

use std::fs;
use std::path::Path;

use bstr::ByteSlice as _;
use staunch::git::Repo;
use staunch::git::hooks::HooksFolder;

use super::super::exit::Failure;
use super::super::subject;
use super::manager::{self, Manager};
use super::{Kind, block, git_version, script};

/// How a kind of hook stands.
pub(super) enum State {
    /// Git asks us.
    Runs {
        /// Through what.
        how: String,
    },
    /// Git asks us if it is new enough.
    RunsFromVersion {
        /// Through what.
        how: String,
    },
    /// It is there, and git does not ask it.
    Dead {
        /// What keeps git from it.
        why: String,
        /// What helps.
        advice: String,
    },
    /// It is not there.
    Absent,
}

/// Finds out how a kind of hook stands.
pub(super) fn of(repo: &Repo, folder: &HooksFolder, kind: &Kind) -> Result<State, Failure> {
    let ways = [in_folder(folder, kind), through_husky(repo, folder, kind), through_manager(repo, folder, kind), configured(repo, kind)?];
    let mut best = State::Absent;
    for way in ways.into_iter().chain([elsewhere(repo, folder, kind)]) {
        best = match (best, way) {
            (best @ State::Runs { .. }, _) | (best, State::Absent) => best,
            (_, way @ State::Runs { .. }) | (State::Absent, way) => way,
            (_, way @ State::RunsFromVersion { .. }) => way,
            (best, State::Dead { .. }) => best,
        };
    }
    Ok(best)
}

/// Our script in the folder from which git runs hooks, or one that calls us by itself.
fn in_folder(folder: &HooksFolder, kind: &Kind) -> State {
    let hook = folder.path.join(kind.name);
    let Ok(there) = fs::read(&hook) else { return State::Absent };
    let is_ours = script::is_ours(&there);
    if !is_ours && !there.contains_str(format!("staunch hook run {}", kind.name)) {
        return put_aside(&hook, &there);
    }
    if !script::is_executable(&hook) {
        let why = format!("{} is not executable, so git ignores it", hook.display());
        return State::Dead { why, advice: "run `staunch hook install` again".to_owned() };
    }
    let also = if is_ours && script::earlier(&hook).exists() { ", after the hook that was there" } else { "" };
    State::Runs { how: format!("{} is installed and runs{also}", hook.display()) }
}

/// Our script under another name: the pre-commit framework goes on running it, others do not.
fn put_aside(hook: &Path, there: &[u8]) -> State {
    let is_ours = |ending: &str| fs::read(script::with_ending(hook, ending)).is_ok_and(|script| script::is_ours(&script));
    if is_ours(".legacy") && there.contains_str("pre-commit") {
        return State::Runs { how: format!("{} is pre-commit's, and runs ours as .legacy", hook.display()) };
    }
    if is_ours(".old") || is_ours(".legacy") || script::earlier(hook).exists() {
        let why = format!("{} was replaced by a script that does not run ours", hook.display());
        return State::Dead { why, advice: "run `staunch hook install`".to_owned() };
    }
    State::Absent
}

fn through_husky(repo: &Repo, folder: &HooksFolder, kind: &Kind) -> State {
    let file = manager::husky_file(repo, folder, kind);
    let calls = |text: String| block::is_in(&text) || text.contains(&format!("staunch hook run {}", kind.name));
    if !fs::read_to_string(&file).is_ok_and(calls) {
        return State::Absent;
    }
    if folder.path.ends_with(".husky/_") && folder.path.join(kind.name).exists() {
        return State::Runs { how: format!("husky runs {}, which runs ours", file.display()) };
    }
    let why = format!("{} would run ours, but husky is not set up here: git runs hooks from {}", file.display(), folder.path.display());
    State::Dead { why, advice: "run `npm install`, or `npx husky`".to_owned() }
}

/// What a manager's configuration names runs if the manager's own script is there.
fn through_manager(repo: &Repo, folder: &HooksFolder, kind: &Kind) -> State {
    let Some(top) = repo.work_dir() else { return State::Absent };
    let (files, programs): (&[&str], &[&str]) = match manager::of(repo, folder) {
        Some(Manager::Lefthook) => (&manager::LEFTHOOK_FILES, &["lefthook"]),
        Some(Manager::Framework { .. }) => (&manager::FRAMEWORK_FILES, &["pre-commit", "prek"]),
        Some(Manager::Husky { .. }) | None => return State::Absent,
    };
    let is_named = |name: &&&str| {
        let text = subject::regular(&top.join(name)).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        names_us(&text, kind)
    };
    let Some(config) = files.iter().find(is_named) else { return State::Absent };
    let hook = folder.path.join(kind.name);
    let script = fs::read(&hook).unwrap_or_default();
    match programs.iter().find(|program| script.contains_str(program) && script::is_executable(&hook)) {
        Some(program) => State::Runs { how: format!("{program} runs what {config} names, ours among it") },
        None => {
            let install = match programs[0] {
                "lefthook" => "run `lefthook install`".to_owned(),
                program => format!("run `{program} install --hook-type {}`", kind.name),
            };
            State::Dead {
                why: format!("{config} names {}, but {} is not of {}", kind.name, hook.display(), programs.join(" or ")),
                advice: install,
            }
        }
    }
}

/// Whether a manager's configuration names us for a kind: by our command, or by the id of `.pre-commit-hooks.yaml`.
fn names_us(text: &str, kind: &Kind) -> bool {
    let id = match kind.name {
        "pre-commit" | "pre-merge-commit" => "staunch".to_owned(),
        name => format!("staunch-{name}"),
    };
    let is_id = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '{']);
        let value = line.strip_prefix("id:").or_else(|| line.strip_prefix("id ="));
        let value = value.map(|value| value.trim_matches([' ', '"', '\'', '}', ',', '\r']));
        value.is_some_and(|value| value.strip_suffix("-system").unwrap_or(value) == id)
    };
    text.contains(&format!("staunch hook run {}", kind.name)) || text.lines().any(is_id)
}

fn configured(repo: &Repo, kind: &Kind) -> Result<State, Failure> {
    let hooks = repo.configured_hooks()?;
    let own = hooks.iter().find(|hook| hook.command.contains_str("staunch") && hook.events.iter().any(|event| event == kind.name));
    let Some(hook) = own else { return Ok(State::Absent) };
    let named = format!("{} names {}", hook.set_by, kind.name);
    Ok(match git_version::runs_configured_hooks() {
        Some((version, true)) => State::Runs { how: format!("{named}, which {version} runs") },
        Some((version, false)) => State::Dead {
            why: format!("{named}, which {version} passes by in silence: git runs such hooks from 2.54 on"),
            advice: "update git, or run `staunch hook install` without --configured".to_owned(),
        },
        None => State::RunsFromVersion { how: format!("{named} for git 2.54 or newer") },
    })
}

/// Our script in a folder where git does not look.
fn elsewhere(repo: &Repo, folder: &HooksFolder, kind: &Kind) -> State {
    let usual = repo.common_dir().join("hooks").join(kind.name);
    let (Some(set_by), true) = (&folder.set_by, fs::read(&usual).is_ok_and(|script| script::is_ours(&script))) else {
        return State::Absent;
    };
    let why = format!(
        "{} is there, but git does not look at it: core.hooksPath in {set_by} sends it to {}",
        usual.display(),
        folder.path.display()
    );
    State::Dead { why, advice: "run `staunch hook install`, which puts it where git looks, or remove core.hooksPath".to_owned() }
}
