//! `staunch rotate`: what to do about one credential, in order, with everything filled in that is known.

use staunch::report::runbook::{self, Runbook, Stage};

use super::args::{CommonArgs, RotateArgs, StageArg};
use super::exit::{Exit, Failure};
use super::{found, output};

pub(super) type Write = fn(&Runbook, &mut dyn std::io::Write) -> std::io::Result<()>;

pub(super) fn run(mut args: RotateArgs) -> Result<Exit, Failure> {
    let (write, file) = target(&args.common)?;
    let found = found::look(&args.repo, &mut args.common)?;
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
pub(super) fn target(args: &CommonArgs) -> Result<(Write, Option<std::path::PathBuf>), Failure> {
    let [spec] = &args.format[..] else {
        return match args.format.len() {
            0 => Ok((runbook::text, args.output.clone())),
            _ => Err(Failure::with_hint("a runbook has one format", "give one of text and markdown")),
        };
    };
    let (name, file) = spec.split_once('=').map_or((spec.as_str(), None), |(name, file)| (name, Some(file.into())));
    let write: Write = match name {
        "text" | "pretty" => runbook::text,
        "markdown" | "md" => runbook::markdown,
        _ => return Err(Failure::with_hint(format!("there is no format {name:?} for a runbook"), "formats are text and markdown")),
    };
    Ok((write, file.or_else(|| args.output.clone())))
}
