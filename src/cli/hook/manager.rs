//! Programs that manage the hooks of a repository, and how ours come to run through each.

use std::fs;
use std::path::{Path, PathBuf};

use staunch::git::Repo;
use staunch::git::hooks::HooksFolder;

use super::super::exit::{Failure, tell};
use super::super::subject;
use super::block::{self, At};
use super::install::read;
use super::{Kind, lefthook};

/// What manages the hooks here.
pub(super) enum Manager {
    /// Husky runs the scripts of a folder that is part of the repository.
    Husky {
        /// That folder.
        folder: PathBuf,
    },
    /// Lefthook writes all hooks and puts aside what it did not write.
    Lefthook,
    /// The pre-commit framework, or prek: it runs a hook that was there before, and ours runs it.
    Framework {
        /// Its configuration.
        config: &'static str,
    },
}

/// Where lefthook's configuration may be.
pub(super) const LEFTHOOK_FILES: [&str; 8] = [
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    "lefthook.toml",
    "lefthook.json",
    ".config/lefthook.yml",
    "lefthook-local.yml",
];
/// Where the configuration of pre-commit or prek may be.
pub(super) const FRAMEWORK_FILES: [&str; 3] = [".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml"];

/// Returns what manages the hooks of a repository.
pub(super) fn of(repo: &Repo, folder: &HooksFolder) -> Option<Manager> {
    if folder.path.ends_with(".husky/_") {
        return folder.path.parent().map(|folder| Manager::Husky { folder: folder.to_owned() });
    }
    let top = repo.work_dir()?;
    if LEFTHOOK_FILES.iter().any(|name| top.join(name).exists()) {
        return Some(Manager::Lefthook);
    }
    FRAMEWORK_FILES.into_iter().find(|name| top.join(name).exists()).map(|config| Manager::Framework { config })
}

impl Manager {
    /// Says how the hooks come to run for everybody who works on the repository.
    pub(super) fn advice(&self, kinds: &[&Kind]) -> String {
        match self {
            Manager::Husky { .. } => "run `npx husky`, or whatever sets it up here".to_owned(),
            Manager::Lefthook => {
                let job = |kind: &&Kind| format!("{}:\n  jobs:\n{}", kind.name, lefthook::job(kind, "    "));
                format!("add this to lefthook.yml, or for you alone to lefthook-local.yml:\n{}", kinds.iter().map(job).collect::<String>())
            }
            Manager::Framework { config } => {
                format!("for everybody who works here, name staunch in {config}; docs/hooks.md shows how. These hooks are for you alone")
            }
        }
    }
}

/// Returns husky's script for a kind of hook, there or not.
pub(super) fn husky_file(repo: &Repo, folder: &HooksFolder, kind: &Kind) -> PathBuf {
    let own = folder.path.parent().filter(|_| folder.path.ends_with(".husky/_")).map(Path::to_owned);
    own.unwrap_or_else(|| repo.work_dir().unwrap_or(repo.git_dir()).join(".husky")).join(kind.name)
}

/// Puts our lines into a script of husky's, before what is there: what comes after may end the script.
pub(super) fn put(script: &Path, kind: &Kind) -> Result<(), Failure> {
    if subject::is_through_link(script, 2) {
        let hint = "make it a file; nothing is written through a link";
        return Err(Failure::with_hint(format!("{} is a link", script.display()), hint));
    }
    let text = read(script)?;
    let with = block::put(text.as_deref(), &lines(kind), At::Top);
    if text.as_ref() == Some(&with) {
        tell("hook", &format!("{} is as it should be already", script.display()));
        return Ok(());
    }
    match text {
        Some(_) => fs::write(script, with)?,
        None => super::script::write_executable(script, &with)?,
    }
    tell("hook", &format!("added to {}, for everybody who works here: it guards {}", script.display(), kind.guards));
    Ok(())
}

/// Takes our lines out of a script; returns whether there were any.
pub(super) fn take(script: &Path) -> Result<bool, Failure> {
    let Some(without) = read(script)?.as_deref().and_then(block::take) else { return Ok(false) };
    match without {
        Some(text) => fs::write(script, text)?,
        None => fs::remove_file(script)?,
    }
    tell("hook", &format!("took our lines out of {}", script.display()));
    Ok(true)
}

/// What husky's script runs; the refs of a push are handed on to what comes after.
fn lines(kind: &Kind) -> String {
    let name = kind.name;
    if !kind.has_input {
        return format!("staunch hook run {name} -- \"$@\" || exit $?\n");
    }
    format!(
        "refs=$(cat)\nprintf '%s\\n' \"$refs\" | staunch hook run {name} -- \"$@\" || exit $?\n\
         exec <<REFS_FROM_GIT\n$refs\nREFS_FROM_GIT\n"
    )
}
