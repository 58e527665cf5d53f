//! `staunch purge`: how to take a credential out of a history, and whether that worked. It rewrites nothing.

use std::io::Read as _;

use staunch::git::{Repo, refs};
use staunch::ledger::{FILE_NAME, Ledger};
use staunch::report::runbook::{self, Ground};
use staunch::secret::Secret;

use super::args::{PurgeArgs, PurgeCommand, PurgePlanArgs, PurgeVerifyArgs};
use super::exit::{Exit, Failure, tell};
use super::{found, output, setup};

pub(super) fn run(args: PurgeArgs) -> Result<Exit, Failure> {
    match args.command {
        PurgeCommand::Plan(args) => plan(*args),
        PurgeCommand::Verify(args) => verify(*args),
    }
}

fn plan(mut args: PurgePlanArgs) -> Result<Exit, Failure> {
    let (write, file) = super::rotate::target(&args.common)?;
    let found = found::look(&args.repo, &mut args.common)?;
    let credential = found.named(&args.finding)?;
    let repo = Repo::around(&args.repo)?;
    let ledger = Ledger::read(&setup::top_of(&repo).join(FILE_NAME))?;
    let state = credential.places.iter().find_map(|verdict| ledger.entries.get(&verdict.finding.fingerprint)).map(|entry| entry.state);
    let ground = Ground { signed_tags: refs::signed_tags(&repo)?, state };
    let runbook = runbook::plan(&credential, &ground, &found.here);
    match file {
        Some(file) => output::write_file(&file, |out| write(&runbook, out))?,
        None => output::print(|out| write(&runbook, out))?,
    }
    Ok(Exit::Clean)
}

/// A value from standard input that is longer is none: keys are shorter, and who pipes a disk wants to know.
const MAX_VALUE_BYTES: u64 = 1 << 20;
/// Shorter ones are in every repository.
const MIN_VALUE_BYTES: usize = 4;

fn verify(mut args: PurgeVerifyArgs) -> Result<Exit, Failure> {
    let (is_complete, places) = if args.stdin { by_bytes(&args)? } else { by_fingerprint(&mut args)? };
    output::print(|out| {
        for place in &places {
            writeln!(out, "{}", staunch::report::plain(place))?;
        }
        match places.len() {
            0 if is_complete => writeln!(out, "no object of this repository holds it"),
            0 => writeln!(out, "nothing that could be read holds it"),
            count => writeln!(out, "still here: {count} {}", if count == 1 { "place" } else { "places" }),
        }
    })?;
    if !is_complete && !args.common.allow_incomplete {
        tell("error", "not everything could be read, so this is no proof");
        return Ok(Exit::CouldNotTell);
    }
    Ok(if places.is_empty() { Exit::Clean } else { Exit::Findings })
}

fn by_bytes(args: &PurgeVerifyArgs) -> Result<(bool, Vec<String>), Failure> {
    let mut value = Vec::new();
    std::io::stdin().lock().take(MAX_VALUE_BYTES + 1).read_to_end(&mut value)?;
    // What a shell or an editor adds.
    while value.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        value.pop();
    }
    if value.len() < MIN_VALUE_BYTES || value.len() as u64 > MAX_VALUE_BYTES {
        let hint = "pipe the value alone, as the command in `staunch purge plan` does";
        return Err(Failure::with_hint(format!("{} bytes on standard input are no secret", value.len()), hint));
    }
    let repo = Repo::around(&args.repo)?;
    let scanner = setup::setup(&args.common, &setup::top_of(&repo), &staunch::here::Here::default())?.scanner;
    let (found, coverage) = scanner.holdings(&repo, &Secret::new(&value))?;
    Ok((coverage.is_complete(), found.iter().map(|holding| format!("{} {}", holding.kind, holding.id)).collect()))
}

fn by_fingerprint(args: &mut PurgeVerifyArgs) -> Result<(bool, Vec<String>), Failure> {
    let found = found::look(&args.repo, &mut args.common)?;
    let typed = args.finding.to_ascii_lowercase();
    if typed.len() < 4 || !typed.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Failure::with_hint(format!("{typed:?} is no fingerprint"), "reports show it: 20 hexadecimal digits"));
    }
    let is_named = |verdict: &&staunch::verdict::Verdict| verdict.finding.fingerprint.to_string().starts_with(&typed);
    // What is allowed or in the baseline is still there.
    let named = found.outcome.verdicts.iter().filter(is_named);
    let places = named.map(|verdict| format!("{}:{}", found.here.from_here(&verdict.finding.origin), verdict.finding.start.line));
    Ok((found.outcome.coverage.is_complete(), places.collect()))
}
