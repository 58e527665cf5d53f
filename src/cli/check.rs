//! `staunch check`.

use std::path::Path;
use std::time::Instant;

use bstr::BString;
use staunch::git::Repo;
use staunch::scan::Range;

use super::args::CheckArgs;
use super::exit::{Exit, Failure};
use super::output::{self, Form};
use super::{progress, setup};

pub(super) fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::from_environment(Path::new("."))?;
    let mut setup = setup::setup(&args.common, &setup::top_of(&repo))?;
    let shown = progress::watch(setup.scanner.watch(), args.common.quiet);
    let range = args.range.map(Range::Between).or(args.unpushed.map(Range::Unpushed));
    let outcome = match range {
        None => setup.scanner.check_staged(&repo, setup.baseline.as_mut())?,
        Some(range) => setup.scanner.check_range(&repo, &range, setup.baseline.as_mut())?,
    };
    drop(shown);
    let form = Form { prefix: prefix(&repo), is_from_top: true, by_credential: false };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

/// Returns the current folder as seen from the top of the working tree, such as `src/`.
pub(super) fn prefix(repo: &Repo) -> BString {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let top = repo.work_dir().and_then(|top| top.canonicalize().ok());
    let below = here.zip(top).and_then(|(here, top)| here.strip_prefix(top).ok().map(Path::to_owned)).unwrap_or_default();
    if below.as_os_str().is_empty() {
        return BString::default();
    }
    let mut prefix = BString::from(below.as_os_str().as_encoded_bytes());
    prefix.push(b'/');
    prefix
}
