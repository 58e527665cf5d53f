//! `staunch rotate`: what to do about one credential, in order, with everything filled in that is known.

use staunch::report::runbook::{self, Runbook, Stage};

use super::args::{RotateArgs, RunbookArgs, StageArg};
use super::exit::{Exit, Failure};
use super::{found, output};

pub(super) type Write = fn(&Runbook, &mut dyn std::io::Write) -> std::io::Result<()>;

pub(super) fn run(args: RotateArgs) -> Result<Exit, Failure> {
    let (write, file) = target(&args.runbook)?;
    let found = found::look(&args.repo, &args.runbook.reading)?;
    let credential = found.named(&args.finding)?;
    let stage = args.stage.map(|stage| match stage {
        StageArg::Staged => Stage::Staged,
        StageArg::Committed => Stage::Committed,
        StageArg::Private => Stage::Private,
        StageArg::Public => Stage::Public,
    });
    let runbook = runbook::of(&credential, found.outcome.now, stage, &found.here);
    match file {
        Some(file) => output::write_file(&file, |out| write(&runbook, out))?,
        None => output::print(|out| write(&runbook, out))?,
    }
    Ok(Exit::Clean)
}

/// Reads which format a runbook is wanted in, and where.
pub(super) fn target(args: &RunbookArgs) -> Result<(Write, Option<std::path::PathBuf>), Failure> {
    let spec = args.format.as_str();
    let (name, file) = spec.split_once('=').map_or((spec, None), |(name, file)| (name, Some(file.into())));
    let write: Write = match name {
        "text" | "pretty" => runbook::text,
        "markdown" | "md" => runbook::markdown,
        _ => return Err(Failure::with_hint(format!("there is no format {name:?} for a runbook"), "formats are text and markdown")),
    };
    Ok((write, file.or_else(|| args.output.clone())))
}
