//! `staunch audit`.

use std::path::Path;
use std::time::Instant;

use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::document::SubjectKind;
use staunch::scan::Options;

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
    let shown = progress::watch(setup.scanner.watch(), args.common.quiet);
    let examined = args.state.as_deref().map(|path| setup.scanner.examined(path)).transpose()?;
    let outcome = setup.scanner.audit(&repo, examined.as_ref(), setup.baseline.as_mut())?;
    drop(shown);
    if let (Some(path), Some(examined)) = (&args.state, &examined) {
        let bytes = examined.to_bytes();
        output::write_file(path, |out| out.write_all(&bytes))?;
    }
    let form = Form { here, subject: subject::subject(SubjectKind::History, Some(&repo)), files: subject::at_head(&repo) };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}
