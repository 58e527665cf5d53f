//! `staunch audit`.

use std::time::Instant;

use bstr::BString;
use staunch::git::Repo;

use super::args::AuditArgs;
use super::exit::{Exit, Failure};
use super::output::{self, Form};
use super::{progress, setup};

pub(super) fn run(args: AuditArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::around(&args.repo)?;
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), args.in_full)?;
    let shown = progress::watch(setup.scanner.watch(), args.common.quiet);
    let outcome = setup.scanner.audit(&repo, setup.baseline.as_mut())?;
    drop(shown);
    let form = Form { prefix: BString::default(), is_from_top: true, by_credential: true };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}
