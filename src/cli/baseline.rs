//! `staunch baseline`.

use staunch::count::counted;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::Options;
use staunch::suppress::baseline::Baseline;

use super::args::{BaselineArgs, BaselineCommand, BaselineWhere, CommonArgs, ConfidenceArg, FilterArgs, LevelArgs};
use super::exit::{Exit, Failure, tell};
use super::{output, progress, setup};

pub(super) fn run(args: BaselineArgs) -> Result<Exit, Failure> {
    match args.command {
        BaselineCommand::Create(what) => rewrite(what.at, what.level, Change::Create),
        BaselineCommand::Update(what) => rewrite(what.at, what.level, Change::Update),
        // What a level hides is still there.
        BaselineCommand::Prune(at) => {
            rewrite(at, LevelArgs { min_confidence: Some(ConfidenceArg::Low), ..LevelArgs::default() }, Change::Prune)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Create,
    Update,
    Prune,
}

fn rewrite(args: BaselineWhere, level: LevelArgs, change: Change) -> Result<Exit, Failure> {
    let repo = Repo::around(&args.repo)?;
    let filter = FilterArgs { level, baseline: args.baseline, no_baseline: change == Change::Create, marks: args.marks };
    let common = CommonArgs { filter, reading: args.reading, ..CommonArgs::default() };
    let setup =
        setup::setup_with(&common, &setup::top_of(&repo), &Here::default(), Options { in_full: args.in_full, ..Options::default() })?;
    let path = setup.baseline_path;
    let mut baseline = match (change, setup.baseline) {
        (Change::Create, _) => Baseline::create(salt()),
        (Change::Update | Change::Prune, Some(baseline)) => baseline,
        (Change::Update | Change::Prune, None) => {
            return Err(Failure::with_hint(format!("{} does not exist", path.display()), "`staunch baseline create` makes it"));
        }
    };
    let shown = progress::watch(setup.scanner.watch(), common.reading.quiet);
    let outcome = setup.scanner.audit(&repo, None, None)?;
    drop(shown);
    if !outcome.coverage.is_complete() && !common.reading.allow_incomplete {
        return Err(Failure::with_hint(
            "not everything could be read, so the baseline was left as it was",
            "`staunch audit` names what is missing; --allow-incomplete accepts it",
        ));
    }
    let mut added = 0;
    for verdict in outcome.reported() {
        match change {
            Change::Create | Change::Update => added += usize::from(baseline.add(&verdict.finding)),
            Change::Prune => {
                baseline.knows(&verdict.finding);
            }
        }
    }
    let removed = if change == Change::Prune { baseline.prune() } else { 0 };
    output::write_file(&path, |out| out.write_all(baseline.text().as_bytes()))?;
    if !common.reading.quiet {
        tell("baseline", &format!("{} known, {added} added, {removed} removed", counted(baseline.len(), "credential")));
    }
    Ok(Exit::Clean)
}

/// Sixteen bytes that nobody can guess: std's hash keys are random for each process, and hashed with the time.
fn salt() -> [u8; 16] {
    use std::hash::{BuildHasher as _, Hasher as _};
    let mut salt = [0; 16];
    for half in salt.chunks_exact_mut(8) {
        let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
        hasher.write_u128(std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos()));
        half.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    salt
}
