//! `staunch audit`.

use std::path::Path;
use std::time::Instant;

use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::document::SubjectKind;
use staunch::scan::Options;
use staunch::verdict::Outcome;

use super::args::AuditArgs;
use super::exit::{Exit, Failure};
use super::output::{self, Form};
use super::{check, progress, setup, subject};

pub(super) fn run(args: AuditArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::around(&args.repo)?;
    // Paths of a repository elsewhere are told from its top: nobody types them from here.
    let here = if args.repo == Path::new(".") { check::here(&repo) } else { Here::default() };
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &here, Options { in_full: args.in_full, ..Options::default() })?;
    let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
    let examined = args.state.as_deref().map(|path| setup.scanner.examined(path)).transpose()?;
    let outcome = setup.scanner.audit(&repo, examined.as_ref(), setup.baseline.as_mut())?;
    drop(shown);
    let outcome = if args.with.is_empty() { outcome } else { together(outcome, &args)? };
    if let (Some(path), Some(examined)) = (&args.state, &examined) {
        let bytes = examined.to_bytes();
        output::write_file(path, |out| out.write_all(&bytes))?;
    }
    let form = Form { here, subject: subject::subject(SubjectKind::History, Some(&repo)), files: subject::at_head(&repo) };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

/// Audits the other repositories, each by its own configuration, and puts all into one outcome.
fn together(first: Outcome, args: &AuditArgs) -> Result<Outcome, Failure> {
    let mut all = first.of_repository(&label(&args.repo));
    for path in &args.with {
        let repo = Repo::around(path)?;
        let options = Options { in_full: args.in_full, ..Options::default() };
        let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &Here::default(), options)?;
        let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
        let outcome = setup.scanner.audit(&repo, None, setup.baseline.as_mut())?;
        drop(shown);
        all.join(outcome.of_repository(&label(path)));
    }
    Ok(all)
}

/// Returns what a repository is called: its folder, or the folder of its work where it is `.git`.
fn label(path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let named = real.file_name().filter(|name| *name != ".git").or_else(|| real.parent()?.file_name());
    named.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
