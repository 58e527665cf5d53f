//! `staunch doctor`: says in plain words whether what should guard a repository really does.

use staunch::count::counted;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use staunch::config::{self, Config};
use staunch::git::Repo;
use staunch::suppress::baseline::{self, Baseline};

use super::exit::{Exit, Failure, shown, visible};
use super::{hook, setup};

/// One thing that was looked at.
pub(super) enum Remark {
    /// It is as it should be.
    Fine(String),
    /// Worth knowing.
    Note(String),
    /// It is not as it should be, and what helps.
    Wrong(String, String),
}

pub(super) fn run() -> Result<Exit, Failure> {
    let repo = Repo::from_environment(Path::new("."))?;
    let top = setup::top_of(&repo);
    let mut remarks = vec![on_the_path()];
    remarks.extend(hook::examine(&repo)?);
    remarks.extend(variables());
    remarks.extend(files(&top));
    if top.join(".gitmodules").exists() {
        remarks
            .push(Remark::Note("submodules have hooks of their own: install in each, or once with `staunch hook install --global`".into()));
    }
    let wrong = remarks.iter().filter(|remark| matches!(remark, Remark::Wrong(..))).count();
    write(&remarks, wrong)?;
    Ok(if wrong == 0 { Exit::Clean } else { Exit::CouldNotTell })
}

fn write(remarks: &[Remark], wrong: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (number, remark) in remarks.iter().enumerate() {
        match remark {
            Remark::Fine(what) => writeln!(out, "ok     {}", visible(what))?,
            Remark::Note(what) => writeln!(out, "note   {}", visible(what))?,
            Remark::Wrong(what, advice) => {
                writeln!(out, "wrong  {}", visible(what))?;
                // What helps with several is said once, below the last.
                let is_more = matches!(remarks.get(number + 1), Some(Remark::Wrong(_, next)) if next == advice);
                if !is_more {
                    writeln!(out, "       do: {}", visible(advice))?;
                }
            }
        }
    }
    match wrong {
        0 => writeln!(out, "Everything that should guard this repository does."),
        1 => writeln!(out, "One thing is not as it should be."),
        count => writeln!(out, "{count} things are not as they should be."),
    }
}

/// Returns whether the hooks find this very program.
fn on_the_path() -> Remark {
    let own = std::env::current_exe().and_then(|own| own.canonicalize());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("staunch{}", std::env::consts::EXE_SUFFIX);
    let found = std::env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file());
    let version = env!("CARGO_PKG_VERSION");
    match (found, own) {
        (Some(found), Ok(own)) if found.canonicalize().is_ok_and(|found| found == own) => {
            Remark::Fine(format!("staunch {version} is on the PATH: {}", found.display()))
        }
        (Some(found), _) => Remark::Note(format!("hooks run another staunch than this one: {} comes first on the PATH", found.display())),
        (None, _) => Remark::Wrong(
            "staunch is not on the PATH".to_owned(),
            "put its folder there; hooks that were installed by it find it all the same, those of managers do not".to_owned(),
        ),
    }
}

/// Variables with which managers are told to run nothing.
fn variables() -> Vec<Remark> {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|there| there == value);
    let mut remarks = Vec::new();
    for (name, who) in [("HUSKY", "husky"), ("LEFTHOOK", "lefthook")] {
        if is(name, "0") {
            remarks.push(Remark::Wrong(format!("{name}=0 keeps {who} from running any hook"), format!("unset {name}")));
        }
    }
    let skipped = std::env::var("SKIP").unwrap_or_default();
    if skipped.split(',').any(|id| id.trim().starts_with("staunch")) {
        remarks.push(Remark::Wrong("SKIP keeps pre-commit from running ours".to_owned(), "unset SKIP".to_owned()));
    }
    remarks
}

/// The files that a check reads must be valid, or each check ends with an error.
fn files(top: &Path) -> Vec<Remark> {
    let path = top.join(config::FILE_NAME);
    let mut remarks = Vec::new();
    let config = match Config::read(&path) {
        Ok(config) => config,
        Err(error) => return vec![Remark::Wrong(error.to_string(), format!("mend {}", shown(&path)))],
    };
    if path.exists() {
        let allowed = counted(config.allow.len(), "thing");
        remarks.push(Remark::Fine(format!("{} is valid and allows {allowed}", shown(&path))));
    }
    let known: PathBuf = top.join(config.baseline.unwrap_or_else(|| baseline::FILE_NAME.into()));
    if known.exists() {
        remarks.push(match Baseline::read(&known) {
            Ok(baseline) => Remark::Note(format!("{} keeps {} silent", shown(&known), counted(baseline.len(), "known credential"))),
            Err(error) => Remark::Wrong(error.to_string(), "run `staunch baseline create` again".to_owned()),
        });
    }
    remarks
}
