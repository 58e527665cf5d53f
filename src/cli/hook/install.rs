//! `staunch hook install`, `uninstall`, `status`: in one repository, through whatever manages its hooks.

use std::path::{Path, PathBuf};

use staunch::bounded;
use staunch::git::Repo;
use staunch::git::hooks::HooksFolder;

use super::super::args::HookInstallArgs;
use super::super::exit::{Exit, Failure, chain, tell};
use super::super::setup;
use super::manager::{self, Manager};
use super::script::{self, First};
use super::state::{self, State};
use super::{Installed, KINDS, Kind, configured, kind, lefthook};

/// Installs the hooks that were named, or those that belong here.
pub(super) fn install(repo: &Repo, args: &HookInstallArgs) -> Result<Exit, Failure> {
    let kinds = wanted(repo, &args.types)?;
    if args.configured {
        return configured::install(&repo_config(repo), &kinds);
    }
    let folder = repo.hooks_folder()?;
    match manager::of(repo, &folder) {
        Some(Manager::Husky { folder }) => kinds.iter().try_for_each(|kind| manager::put(&folder.join(kind.name), kind))?,
        Some(Manager::Lefthook) => lefthook::install(&setup::top_of(repo), &folder.path, &kinds)?,
        Some(manager @ Manager::Framework { .. }) => {
            in_folder(&folder, &kinds)?;
            tell("hint", &manager.advice(&kinds));
        }
        None => in_folder(&folder, &kinds)?,
    }
    Ok(Exit::Clean)
}

fn in_folder(folder: &HooksFolder, kinds: &[&Kind]) -> Result<(), Failure> {
    for kind in kinds {
        script::refuse_two(&folder.path.join(kind.name))?;
    }
    kinds.iter().try_for_each(|kind| script::install(&folder.path, kind, First::Beside))
}

/// Removes every hook of ours, and puts back what was there.
pub(super) fn uninstall(repo: &Repo) -> Result<Exit, Failure> {
    let folder = repo.hooks_folder()?;
    let mut removed = configured::uninstall(&repo_config(repo))?;
    for kind in KINDS {
        removed |= script::uninstall(&folder.path.join(kind.name))?;
        removed |= manager::take(&manager::husky_file(repo, &folder, kind))?;
    }
    removed |= lefthook::uninstall(&setup::top_of(repo))?;
    if !removed {
        tell("hook", &format!("none of ours is in {}", folder.path.display()));
    }
    Ok(Exit::Clean)
}

/// Says of each hook how it stands; those that belong here must be there.
pub(super) fn status(repo: &Repo) -> Result<Exit, Failure> {
    let folder = repo.hooks_folder()?;
    let expected = wanted(repo, &[])?;
    let mut missing = Vec::new();
    for kind in KINDS {
        match state::of(repo, &folder, kind)? {
            State::Runs { how } | State::RunsFromVersion { how } => {
                tell("hook", &format!("{how}: it guards {}", kind.guards));
            }
            State::Dead { why, advice } => return Err(Failure::with_hint(why, advice)),
            State::Absent if expected.iter().any(|wanted| wanted.name == kind.name) => missing.push(kind.name),
            State::Absent => {}
        }
    }
    if missing.is_empty() {
        return Ok(Exit::Clean);
    }
    Err(Failure::with_hint(
        format!("no hook of ours in {} for {}", folder.path.display(), missing.join(", ")),
        "run `staunch hook install`",
    ))
}

/// Returns the kinds that were named, or those that belong here.
pub(super) fn wanted(repo: &Repo, types: &[String]) -> Result<Vec<&'static Kind>, Failure> {
    let here = if repo.work_dir().is_some() { Installed::WithWorkTree } else { Installed::Bare };
    named(types, here)
}

/// Returns the kinds that were named, or those of a sort of repository.
pub(super) fn named(types: &[String], here: Installed) -> Result<Vec<&'static Kind>, Failure> {
    if types.is_empty() {
        return Ok(KINDS.iter().filter(|kind| kind.installed == here).collect());
    }
    types.iter().map(|name| kind(name)).collect()
}

fn repo_config(repo: &Repo) -> PathBuf {
    repo.common_dir().join("config")
}

/// Reads a file that may not be there.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    bounded::read_text(path, MAX_BYTES).map_err(|error| Failure::new(chain(&error)))
}

/// 8 MiB: scripts of hooks and configurations are a thousandth of it.
const MAX_BYTES: u64 = 8 << 20;
