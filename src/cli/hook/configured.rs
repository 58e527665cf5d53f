//! Hooks that git's configuration names: from version 2.54 on git runs them beside those of any folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure, tell};
use super::block::{self, At};
use super::install::read;
use super::script::{self, First};
use super::{Installed, KINDS, Kind, git_version, install};

/// Names the kinds in a file of git's configuration.
pub(super) fn install(config: &Path, kinds: &[&Kind]) -> Result<Exit, Failure> {
    let mut lines = String::new();
    for kind in kinds {
        lines.push_str(&section(kind)?);
    }
    if put(config, &lines)? {
        tell("hook", &format!("{} names {}", config.display(), names(kinds)));
    }
    if let Some((version, false)) = git_version::runs_configured_hooks() {
        tell("warning", &format!("{version} is here, and asks none of them: update git, or install without --configured"));
    }
    tell("note", "git runs them from version 2.54 on; `git hook list pre-commit` names them then");
    Ok(Exit::Clean)
}

fn names(kinds: &[&Kind]) -> String {
    kinds.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
}

/// A shell runs the command and adds the arguments to it. The program's own folder is the last where it is looked for.
fn section(kind: &Kind) -> Result<String, Failure> {
    let program = script::program()?;
    let folder = Path::new(&program).parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let command = format!(r#"PATH=\"$PATH:{folder}\" staunch hook run {} --"#, kind.name);
    Ok(format!("[hook \"staunch-{0}\"]\n\tevent = {0}\n\tcommand = \"{command}\"\n", kind.name))
}

/// Puts lines of ours in a file of git's configuration; returns whether that changed it.
fn put(config: &Path, lines: &str) -> Result<bool, Failure> {
    let text = read(config)?;
    let with = block::put(text.as_deref(), lines, At::End);
    if text.as_ref() == Some(&with) {
        tell("hook", &format!("{} is as it should be already", config.display()));
        return Ok(false);
    }
    if let Some(folder) = config.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(config, with)?;
    Ok(true)
}

/// Takes our lines out of a file of git's configuration; returns whether there were any.
pub(super) fn uninstall(config: &Path) -> Result<bool, Failure> {
    match read(config)?.as_deref().and_then(block::take) {
        None => Ok(false),
        Some(without) => {
            match without {
                Some(text) => fs::write(config, text)?,
                None => fs::remove_file(config)?,
            }
            tell("hook", &format!("took our lines out of {}", config.display()));
            Ok(true)
        }
    }
}

/// Installs for all repositories of this user.
pub(super) fn install_global(types: &[String], is_configured: bool) -> Result<Exit, Failure> {
    let kinds = install::named(types, Installed::WithWorkTree)?;
    let (config, own) = (global_config()?, own_folder()?);
    if is_configured {
        return install(&config, &kinds);
    }
    // Where there is such a folder already, what is in it goes on running; ours stand beside it.
    let theirs = staunch::git::hooks::global_hooks_folder().filter(|folder| *folder != own);
    let (folder, first) = theirs.map_or((own, First::InRepository), |folder| (folder, First::Beside));
    for kind in &kinds {
        script::refuse_two(&folder.join(kind.name))?;
    }
    kinds.iter().try_for_each(|kind| script::install(&folder, kind, first))?;
    if first == First::InRepository {
        let path = folder.display().to_string().replace('\\', "/").replace('"', "\\\"");
        put(&config, &format!("[core]\n\thooksPath = \"{path}\"\n"))?;
        tell(
            "note",
            "hooks in .git/hooks run as before, from ours; a repository with a core.hooksPath of its own, as husky sets it, does not ask ours",
        );
    }
    Ok(Exit::Clean)
}

/// Takes away what was installed for all repositories of this user.
pub(super) fn uninstall_global() -> Result<Exit, Failure> {
    let own = own_folder()?;
    let theirs = staunch::git::hooks::global_hooks_folder();
    let mut removed = uninstall(&global_config()?)?;
    for folder in theirs.iter().chain([&own]) {
        for kind in KINDS {
            removed |= script::uninstall(&folder.join(kind.name))?;
        }
    }
    // It is ours, and goes when nothing is left in it; so do the folders above it.
    let _ = fs::remove_dir(&own).and_then(|()| own.parent().map_or(Ok(()), fs::remove_dir));
    if !removed {
        tell("hook", "none of ours is installed for all repositories");
    }
    Ok(Exit::Clean)
}

/// Returns the file in which git would write what it is told with `--global`.
fn global_config() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("GIT_CONFIG_GLOBAL").filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let usual = home()?.join(".gitconfig");
    let other = config_home()?.join("git/config");
    Ok(if !usual.exists() && other.exists() { other } else { usual })
}

/// Returns the folder for hooks of all repositories.
fn own_folder() -> Result<PathBuf, Failure> {
    Ok(config_home()?.join("staunch").join("hooks"))
}

fn config_home() -> Result<PathBuf, Failure> {
    let named = std::env::var_os("XDG_CONFIG_HOME").filter(|named| !named.is_empty());
    named.map_or_else(|| Ok(home()?.join(".config")), |named| Ok(PathBuf::from(named)))
}

fn home() -> Result<PathBuf, Failure> {
    std::env::home_dir().ok_or_else(|| Failure::with_hint("there is no home folder", "set HOME, or install in each repository"))
}
