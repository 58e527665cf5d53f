//! Puts our scripts where git looks for hooks, beside whatever is there, and takes them away again.

use std::fs;
use std::path::{Path, PathBuf};

use staunch::git::Repo;

use super::super::exit::{Exit, Failure, tell};
use super::{Installed, KINDS, Kind, kind};

const ON_ARGUMENTS: &str = include_str!("../../../hooks/on-arguments");
const ON_INPUT: &str = include_str!("../../../hooks/on-input");
/// The line by which our own script is known.
const MARK: &str = "# staunch hook ";
/// What an earlier hook is called while ours is there.
const EARLIER: &str = ".before-staunch";

/// Installs the hooks that were named, or those that belong here.
pub(super) fn install(repo: &Repo, types: &[String]) -> Result<Exit, Failure> {
    let kinds = if types.is_empty() { defaults(repo) } else { types.iter().map(|name| kind(name)).collect::<Result<_, _>>()? };
    let folder = hooks_folder(repo)?;
    for kind in &kinds {
        refuse_two(&folder.join(kind.name))?;
    }
    kinds.iter().try_for_each(|kind| install_one(&folder, kind))?;
    Ok(Exit::Clean)
}

/// Removes every hook of ours, and puts back what was there.
pub(super) fn uninstall(repo: &Repo) -> Result<Exit, Failure> {
    let folder = hooks_folder(repo)?;
    let mut removed = 0;
    for kind in KINDS {
        removed += usize::from(uninstall_one(&folder.join(kind.name))?);
    }
    if removed == 0 {
        tell("hook", &format!("none of ours is in {}", folder.display()));
    }
    Ok(Exit::Clean)
}

/// Says of each hook how it stands; those that belong here must be there.
pub(super) fn status(repo: &Repo) -> Result<Exit, Failure> {
    let folder = hooks_folder(repo)?;
    let expected: Vec<&str> = defaults(repo).iter().map(|kind| kind.name).collect();
    let mut missing = Vec::new();
    for kind in KINDS {
        let hook = folder.join(kind.name);
        match fs::read(&hook) {
            Ok(there) if is_ours(&there) && is_executable(&hook) => {
                let also = if earlier(&hook).exists() { ", after the hook that was there" } else { "" };
                tell("hook", &format!("{} is installed and runs{also}: it guards {}", hook.display(), kind.guards));
            }
            Ok(there) if is_ours(&there) => {
                return Err(Failure::with_hint(
                    format!("{} is not executable, so git ignores it", hook.display()),
                    "run `staunch hook install` again",
                ));
            }
            _ if expected.contains(&kind.name) => missing.push(kind.name),
            _ => {}
        }
    }
    if missing.is_empty() {
        return Ok(Exit::Clean);
    }
    Err(Failure::with_hint(format!("no hook of ours in {} for {}", folder.display(), missing.join(", ")), "run `staunch hook install`"))
}

fn defaults(repo: &Repo) -> Vec<&'static Kind> {
    let here = if repo.work_dir().is_some() { Installed::WithWorkTree } else { Installed::Bare };
    KINDS.iter().filter(|kind| kind.installed == here).collect()
}

/// Returns the folder from which git runs hooks here: `core.hooksPath` of any configuration, or the shared `hooks`.
fn hooks_folder(repo: &Repo) -> Result<PathBuf, Failure> {
    let configured = repo.hooks_path().map_err(Failure::from)?;
    let folder = match configured {
        None => repo.common_dir().join("hooks"),
        // A relative path is relative to where git runs the hook: the top of the working tree.
        Some(folder) => repo.work_dir().unwrap_or(repo.git_dir()).join(folder),
    };
    Ok(std::path::absolute(folder)?)
}

/// Refuses before anything is changed: which of two earlier hooks should run is not ours to say.
fn refuse_two(hook: &Path) -> Result<(), Failure> {
    let earlier = earlier(hook);
    match fs::read(hook) {
        Ok(there) if !is_ours(&there) && earlier.exists() => {
            Err(Failure::with_hint(format!("{} and {} are both there", hook.display(), earlier.display()), "remove one of them"))
        }
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(Failure::new(format!("{}: {cause}", hook.display()))),
    }
}

fn install_one(folder: &Path, kind: &Kind) -> Result<(), Failure> {
    let hook = folder.join(kind.name);
    let script = script(kind)?;
    match fs::read(&hook) {
        Ok(there) if there == script.as_bytes() && is_executable(&hook) => {
            tell("hook", &format!("{} is already installed", hook.display()));
            return Ok(());
        }
        Ok(there) if !is_ours(&there) => fs::rename(&hook, earlier(&hook))?,
        Ok(_) | Err(_) => {}
    }
    fs::create_dir_all(folder)?;
    write_executable(&hook, &script)?;
    tell("hook", &format!("installed {}: it guards {}", hook.display(), kind.guards));
    Ok(())
}

/// Returns whether there was a hook of ours.
fn uninstall_one(hook: &Path) -> Result<bool, Failure> {
    match fs::read(hook) {
        Ok(there) if is_ours(&there) => {
            let earlier = earlier(hook);
            if earlier.exists() {
                fs::rename(&earlier, hook)?;
            } else {
                fs::remove_file(hook)?;
            }
            tell("hook", &format!("removed {}", hook.display()));
            Ok(true)
        }
        Ok(_) | Err(_) => Ok(false),
    }
}

/// The script with this program's path in it, for when it is not on the PATH of a graphical client.
fn script(kind: &Kind) -> Result<String, Failure> {
    let program = std::env::current_exe()?;
    let quoted = program.to_string_lossy().replace(['"', '\\', '$', '`'], "");
    let template = if kind.has_input { ON_INPUT } else { ON_ARGUMENTS };
    Ok(template.replace("@NAME@", kind.name).replace("@STAUNCH@", &quoted))
}

fn earlier(hook: &Path) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(EARLIER);
    PathBuf::from(name)
}

fn is_ours(script: &[u8]) -> bool {
    String::from_utf8_lossy(script).lines().any(|line| line.starts_with(MARK))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.exists()
}

fn write_executable(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
