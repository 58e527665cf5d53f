//! `staunch hook`: installs the pre-commit hook beside whatever is there.

use std::fs;
use std::path::{Path, PathBuf};

use staunch::git::Repo;

use super::args::{HookArgs, HookCommand};
use super::exit::{Exit, Failure, tell};

const SCRIPT: &str = include_str!("../../hooks/pre-commit");
const NAME: &str = "pre-commit";
/// The line by which our own script is known.
const MARK: &str = "# staunch hook ";
/// What an earlier hook is called while ours is there.
const EARLIER: &str = ".before-staunch";

pub(super) fn run(args: HookArgs) -> Result<Exit, Failure> {
    let repo = Repo::from_environment(Path::new("."))?;
    let folder = hooks_folder(&repo)?;
    match args.command {
        HookCommand::Install => install(&folder),
        HookCommand::Uninstall => uninstall(&folder),
        HookCommand::Status => status(&folder),
    }
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

fn install(folder: &Path) -> Result<Exit, Failure> {
    let hook = folder.join(NAME);
    let script = script()?;
    match fs::read(&hook) {
        Ok(there) if there == script.as_bytes() && is_executable(&hook) => {
            tell("hook", &format!("{} is already installed", hook.display()));
            return Ok(Exit::Clean);
        }
        Ok(there) if !is_ours(&there) => {
            let earlier = earlier(&hook);
            if earlier.exists() {
                return Err(Failure::with_hint(
                    format!("{} and {} are both there", hook.display(), earlier.display()),
                    "remove one of them",
                ));
            }
            fs::rename(&hook, &earlier)?;
        }
        Ok(_) => {}
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => return Err(Failure::new(format!("{}: {cause}", hook.display()))),
    }
    fs::create_dir_all(folder)?;
    write_executable(&hook, &script)?;
    tell("hook", &format!("installed {}", hook.display()));
    Ok(Exit::Clean)
}

fn uninstall(folder: &Path) -> Result<Exit, Failure> {
    let hook = folder.join(NAME);
    match fs::read(&hook) {
        Ok(there) if is_ours(&there) => {
            let earlier = earlier(&hook);
            if earlier.exists() {
                fs::rename(&earlier, &hook)?;
            } else {
                fs::remove_file(&hook)?;
            }
            tell("hook", &format!("removed {}", hook.display()));
        }
        Ok(_) => tell("hook", &format!("{} is not ours and stays", hook.display())),
        Err(_) => tell("hook", "none is installed"),
    }
    Ok(Exit::Clean)
}

fn status(folder: &Path) -> Result<Exit, Failure> {
    let hook = folder.join(NAME);
    match fs::read(&hook) {
        Ok(there) if is_ours(&there) && is_executable(&hook) => {
            let also = if earlier(&hook).exists() { ", after the hook that was there" } else { "" };
            tell("hook", &format!("{} is installed and runs{also}", hook.display()));
            Ok(Exit::Clean)
        }
        Ok(there) if is_ours(&there) => {
            Err(Failure::with_hint(format!("{} is not executable, so git ignores it", hook.display()), "run `staunch hook install` again"))
        }
        _ => Err(Failure::with_hint(format!("no hook of ours at {}", hook.display()), "run `staunch hook install`")),
    }
}

/// The script with this program's path in it, for when it is not on the PATH of a graphical client.
fn script() -> Result<String, Failure> {
    let program = std::env::current_exe()?;
    let quoted = program.to_string_lossy().replace(['"', '\\', '$', '`'], "");
    Ok(SCRIPT.replace("@STAUNCH@", &quoted))
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
