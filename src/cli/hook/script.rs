//! Our scripts in a folder of hooks: written beside whatever is there, which runs first, and taken away again.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::exit::{Failure, tell};
use super::Kind;

const ON_ARGUMENTS: &str = include_str!("../../../hooks/on-arguments");
const ON_INPUT: &str = include_str!("../../../hooks/on-input");
const EARLIER_BESIDE: &str = include_str!("../../../hooks/earlier-beside");
const EARLIER_IN_REPOSITORY: &str = include_str!("../../../hooks/earlier-in-repository");
/// The line by which our own script is known.
const MARK: &str = "# staunch hook ";
/// What an earlier hook is called while ours is there.
const EARLIER: &str = ".before-staunch";

/// Which hook runs before ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The one that was in the folder.
    Beside,
    /// The one in the repository's own folder, for which ours stands in.
    InRepository,
}

/// Refuses before anything is changed: which of two earlier hooks should run is not ours to say.
pub(super) fn refuse_two(hook: &Path) -> Result<(), Failure> {
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

/// Writes a hook, unless it is there.
pub(super) fn install(folder: &Path, kind: &Kind, first: First) -> Result<(), Failure> {
    let hook = folder.join(kind.name);
    let script = text(kind, first)?;
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

/// Removes a hook of ours and puts back what was there; returns whether there was one.
pub(super) fn uninstall(hook: &Path) -> Result<bool, Failure> {
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
fn text(kind: &Kind, first: First) -> Result<String, Failure> {
    let template = if kind.has_input { ON_INPUT } else { ON_ARGUMENTS };
    let earlier = match first {
        First::Beside => EARLIER_BESIDE,
        First::InRepository => EARLIER_IN_REPOSITORY,
    };
    let text = template.replace("@EARLIER@", earlier.trim_end());
    Ok(text.replace("@NAME@", kind.name).replace("@STAUNCH@", &program()?))
}

/// Returns this program's path, as it can stand between double quotes of a shell.
pub(super) fn program() -> Result<String, Failure> {
    let program = std::env::current_exe()?;
    Ok(program.to_string_lossy().replace(['"', '\\', '$', '`'], ""))
}

/// Returns where a hook is while ours is there.
pub(super) fn earlier(hook: &Path) -> PathBuf {
    with_ending(hook, EARLIER)
}

pub(super) fn with_ending(hook: &Path, ending: &str) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

pub(super) fn is_ours(script: &[u8]) -> bool {
    String::from_utf8_lossy(script).lines().any(|line| line.starts_with(MARK) && !line.starts_with("# staunch hook: "))
}

#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(path: &Path) -> bool {
    path.exists()
}

pub(super) fn write_executable(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
