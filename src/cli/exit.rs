//! How a run ends, and how a failure is told.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use staunch::{config, detect, git, ledger, report, scan, suppress, upload};

/// The exit codes, which scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Everything was read and nothing found.
    Clean,
    /// Something was found.
    Findings,
    /// It could not be told: wrong use, or not everything could be read.
    CouldNotTell,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::CouldNotTell => 2,
        })
    }
}

/// Why a command could not do its work, and what the user can do.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
    is_broken_pipe: bool,
}

impl Failure {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Failure { message: message.to_string(), hint: None, is_broken_pipe: false }
    }

    pub(super) fn with_hint(message: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Failure { hint: Some(hint.to_string()), ..Failure::new(message) }
    }

    /// Tells what happened and returns the exit code; a reader that went away is no failure.
    pub(super) fn report(self) -> Exit {
        if self.is_broken_pipe {
            return Exit::Clean;
        }
        tell("error", &self.message);
        if let Some(hint) = &self.hint {
            tell("hint", hint);
        }
        Exit::CouldNotTell
    }
}

/// Writes a line for people; that nobody reads it is no reason to fail.
pub(super) fn tell(label: &str, message: &str) {
    for (number, line) in visible(message).split('\n').enumerate() {
        match number {
            0 => anstream::eprintln!("{label}: {line}"),
            // A line that a CI service would take for a command does not begin like one.
            _ if line.trim_start().starts_with("::") || line.trim_start().starts_with("##") => anstream::eprintln!("| {line}"),
            _ => anstream::eprintln!("{line}"),
        }
    }
}

/// Returns a path as people write it.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// Replaces what a terminal would not show as it is.
pub(super) fn visible(message: &str) -> String {
    let visible = |c: char| if (c.is_control() && c != '\n') || report::is_invisible(c) { '\u{fffd}' } else { c };
    message.chars().map(visible).collect()
}

/// Joins an error and its causes, as far as they add something.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

impl From<git::Error> for Failure {
    fn from(error: git::Error) -> Self {
        let hint = match &error {
            git::Error::NotARepository { .. } => "run this inside a repository, or name one; `staunch scan` needs none",
            git::Error::Extension { .. } => "this version cannot read such a repository; nothing was scanned",
            git::Error::Revision { .. } => "a shallow or single-branch clone lacks history: fetch it first (in CI: fetch-depth: 0)",
            git::Error::NoRange { .. } => "write BASE..HEAD, or REV^! for one commit; is a variable empty?",
            git::Error::Unborn => "commit first; `staunch check` looks at what is staged",
            git::Error::Index { .. } => "`git status` tells whether git can read it",
            git::Error::Refs(_) | git::Error::Object { .. } => {
                "`git fsck` tells what is broken; in a shallow or partial clone, fetch what is missing"
            }
            git::Error::Folder { .. } => "check the permissions of the folder",
        };
        let message = match &error {
            // What looked for it says the same in more words.
            git::Error::NotARepository { path, cause } if cause.to_string().starts_with("Could not find a git repository") => {
                if path == Path::new(".") { "this folder is not in a git repository".to_owned() } else { error.to_string() }
            }
            error => chain(error),
        };
        Failure::with_hint(message, hint)
    }
}

impl From<scan::Error> for Failure {
    fn from(error: scan::Error) -> Self {
        match error {
            scan::Error::Git(error) => error.into(),
            scan::Error::Allow(_) => Failure::with_hint(chain(&error), "mend the entry in .staunch.yaml"),
            scan::Error::Threads(_) => Failure::with_hint(chain(&error), "use fewer with --threads"),
        }
    }
}

impl From<config::Error> for Failure {
    fn from(error: config::Error) -> Self {
        Failure::with_hint(chain(&error), "nothing was scanned: a configuration that is not understood hides nothing")
    }
}

impl From<detect::Error> for Failure {
    fn from(error: detect::Error) -> Self {
        Failure::with_hint(
            chain(&error),
            "`staunch detectors test FILE` checks a detector file; `staunch detectors schema` prints its schema",
        )
    }
}

impl From<suppress::baseline::Error> for Failure {
    fn from(error: suppress::baseline::Error) -> Self {
        Failure::with_hint(chain(&error), "`staunch baseline create` makes a new one")
    }
}

impl From<ledger::Error> for Failure {
    fn from(error: ledger::Error) -> Self {
        Failure::with_hint(chain(&error), "mend it by hand, or take an older version from git; nothing was changed")
    }
}

impl From<report::read::Error> for Failure {
    fn from(error: report::read::Error) -> Self {
        let hint = match &error {
            report::read::Error::Json { .. } => "was it written whole?",
            report::read::Error::Empty { .. } => {
                "JSON Lines of a clean scan are empty, and so is what a crash leaves: give what `--format json` writes"
            }
            report::read::Error::Version { .. } => "a newer staunch wrote it: use that one",
            report::read::Error::Unknown { .. } => "give what a scanner writes as JSON, or SARIF",
        };
        Failure::with_hint(chain(&error), hint)
    }
}

impl From<upload::Error> for Failure {
    fn from(error: upload::Error) -> Self {
        Failure::with_hint(chain(&error), error.hint())
    }
}

impl From<report::TemplateError> for Failure {
    fn from(error: report::TemplateError) -> Self {
        Failure::with_hint(error, "templates are written in the language of Jinja; `docs/reports.md` has one")
    }
}

impl From<scan::ExaminedError> for Failure {
    fn from(error: scan::ExaminedError) -> Self {
        let hint = match &error {
            scan::ExaminedError::Unreadable { .. } => "check the permissions of the file",
            scan::ExaminedError::Foreign { .. } => "name another file with --state; it is made if it does not exist",
            scan::ExaminedError::Damaged { .. } => "delete it: the next audit looks at everything and writes a new one",
        };
        Failure::with_hint(chain(&error), hint)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure { is_broken_pipe: error.kind() == io::ErrorKind::BrokenPipe, ..Failure::new(chain(&error)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Failure};

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let pipe = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(Failure::from(pipe).report(), Exit::Clean);
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(Failure::from(full).report(), Exit::CouldNotTell);
    }
}
