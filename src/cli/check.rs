//! `staunch check`.

use std::path::Path;
use std::time::Instant;

use bstr::BString;
use staunch::finding::Confidence;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::document::SubjectKind;
use staunch::scan::{Options, Range};
use staunch::verdict::Outcome;

use super::args::CheckArgs;
use super::exit::{Exit, Failure, tell};
use super::output::{self, Form};
use super::{interactive, progress, setup, subject};

pub(super) fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::from_environment(Path::new("."))?;
    let range = args.range.map(Range::Between).or(args.unpushed.map(Range::Unpushed));
    if range.is_none() && repo.work_dir().is_none() {
        let hint = "name commits with --range BASE..HEAD; `staunch audit` looks at all of them";
        return Err(Failure::with_hint("a bare repository has nothing staged", hint));
    }
    let here = here(&repo);
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &here, strict())?;
    let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
    let kind = if range.is_some() { SubjectKind::Range } else { SubjectKind::Staged };
    let mut outcome = match range {
        None => setup.scanner.check_staged(&repo, setup.baseline.as_mut())?,
        Some(range) => setup.scanner.check_range(&repo, &range, setup.baseline.as_mut())?,
    };
    drop(shown);
    if !args.common.reading.quiet {
        say_if_empty(&outcome, kind);
    }
    if args.interactive {
        interactive::walk(&mut outcome, &here, &setup.config_path)?;
    }
    let form = Form { here, subject: subject::subject(kind, Some(&repo)), files: subject::at_head(&repo) };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

/// That nothing was found where nothing was read is worth a word.
fn say_if_empty(outcome: &Outcome, kind: SubjectKind) {
    let read = &outcome.coverage;
    if read.commits + read.blobs > 0 || !read.skips.is_empty() {
        return;
    }
    match kind {
        SubjectKind::Staged => tell("note", "nothing is staged that brings anything, so nothing was read"),
        _ => tell("note", &format!("no commit is among {}, so nothing was read", read.scope)),
    }
    if kind == SubjectKind::Staged && std::env::var_os("CI").is_some() {
        tell("hint", "did you mean `staunch ci`? It finds the commits that a job is about");
    }
}

/// Returns what holds for whatever may stop somebody: it must be worth it.
pub(super) fn strict() -> Options {
    Options { min_confidence: Confidence::High, ..Options::default() }
}

/// Returns where the current folder is in the repository.
pub(super) fn here(repo: &Repo) -> Here {
    let bytes = |path: &Path| BString::from(path.as_os_str().as_encoded_bytes());
    let Some(top) = repo.work_dir().and_then(|top| top.canonicalize().ok()) else { return Here::default() };
    let current = std::env::current_dir().and_then(|current| current.canonicalize()).unwrap_or_else(|_| top.clone());
    let below = current.strip_prefix(&top).unwrap_or(Path::new(""));
    let mut prefix = bytes(below);
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    Here { top: bytes(&top), prefix }
}
