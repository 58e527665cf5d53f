//! `staunch purge`: how to take a credential out of a history, and whether that worked. It rewrites nothing.

use staunch::count::counted;
use std::io::Read as _;

use staunch::chunk::Readable;
use staunch::config::{self, Config};
use staunch::coverage::{Coverage, Why};
use staunch::git::{Repo, refs};
use staunch::ledger::{FILE_NAME, Ledger};
use staunch::report::runbook::{self, Ground};
use staunch::secret::{Fingerprint, Secret};

use super::args::{CommonArgs, ConfidenceArg, PurgeArgs, PurgeCommand, PurgePlanArgs, PurgeVerifyArgs};
use super::exit::{Exit, Failure, tell};
use super::{found, output, setup};

pub(super) fn run(args: PurgeArgs) -> Result<Exit, Failure> {
    match args.command {
        PurgeCommand::Plan(args) => plan(*args),
        PurgeCommand::Verify(args) => verify(*args),
    }
}

fn plan(args: PurgePlanArgs) -> Result<Exit, Failure> {
    let (write, file) = super::rotate::target(&args.runbook)?;
    let found = found::look(&args.repo, &args.runbook.reading)?;
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

fn verify(args: PurgeVerifyArgs) -> Result<Exit, Failure> {
    let Verified { unread, places, proven } = if args.stdin { by_bytes(&args)? } else { by_fingerprint(&args)? };
    let is_complete = unread.is_empty();
    output::print(|out| {
        for skip in unread.iter().take(SHOWN_UNREAD) {
            writeln!(out, "not read: {}", staunch::report::plain(skip))?;
        }
        if unread.len() > SHOWN_UNREAD {
            writeln!(out, "not read: and {} more", unread.len() - SHOWN_UNREAD)?;
        }
        for place in &places {
            writeln!(out, "{}", staunch::report::plain(place))?;
        }
        match places.len() {
            0 if is_complete => writeln!(out, "{proven}"),
            0 => writeln!(out, "nothing that could be read holds it"),
            count => writeln!(out, "still here: {}", counted(count, "place")),
        }
    })?;
    if !is_complete && !args.reading.allow_incomplete {
        tell("error", "not everything could be read, so this is no proof");
        return Ok(Exit::CouldNotTell);
    }
    Ok(if places.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// What a look found, and what is proven when that is nothing.
struct Verified {
    /// What may hold it and could not be read, be it that nobody could: a proof has no exceptions.
    unread: Vec<String>,
    places: Vec<String>,
    proven: &'static str,
}

fn by_bytes(args: &PurgeVerifyArgs) -> Result<Verified, Failure> {
    let typed = found::digits(&args.finding, found::MIN_DIGITS)?;
    let mut value = Vec::new();
    std::io::stdin().lock().take(MAX_VALUE_BYTES + 1).read_to_end(&mut value)?;
    // PowerShell writes text as UTF-16.
    let mut value = Readable::of(value).into_bytes();
    // What a shell or an editor adds.
    while value.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        value.pop();
    }
    if value.len() < MIN_VALUE_BYTES || value.len() as u64 > MAX_VALUE_BYTES {
        let hint = "pipe the value alone, as the command in `staunch purge plan` does";
        return Err(Failure::with_hint(format!("{} bytes on standard input are no secret", value.len()), hint));
    }
    let value = Secret::new(&value);
    let repo = Repo::around(&args.repo)?;
    let common = CommonArgs::of_reading(&args.reading, ConfidenceArg::Low);
    let scanner = setup::setup(&common, &setup::top_of(&repo), &staunch::here::Here::default())?.scanner;
    let own = setup::key().fingerprint(&value);
    // A key is compared without the line breaks that it has here.
    let normal = scanner.scan_bytes("value", value.expose(), None)?;
    let of_normal = normal.verdicts.iter().map(|verdict| verdict.finding.fingerprint);
    if std::iter::once(own).chain(of_normal).all(|own| !own.to_string().starts_with(&typed)) {
        return Err(Failure::with_hint(
            format!(
                "the value on standard input has the fingerprint {own}, not {typed}: this proves nothing of the credential that was named"
            ),
            format!("pipe that very value and nothing else; another {} makes other fingerprints", setup::KEY_VARIABLE),
        ));
    }
    let (found, coverage) = scanner.holdings(&repo, &value)?;
    let places = found.iter().map(|holding| format!("{} {}", holding.kind, holding.id)).collect();
    let (text, mask) = (String::from_utf8_lossy(value.expose()).into_owned(), value.mask());
    let unread = unread(&coverage).into_iter().map(|said| said.replace(&text, &mask)).collect();
    Ok(Verified { unread, places, proven: "no object of this repository holds it" })
}

fn by_fingerprint(args: &PurgeVerifyArgs) -> Result<Verified, Failure> {
    let typed = found::digits(&args.finding, found::MIN_DIGITS)?;
    let found = found::look(&args.repo, &args.reading)?;
    // What is allowed or in the baseline is still there.
    let there = found.outcome.verdicts.iter().map(|verdict| verdict.finding.fingerprint);
    let mut named: Vec<Fingerprint> = there.chain(written_down(args)?).filter(|known| known.to_string().starts_with(&typed)).collect();
    named.sort_unstable();
    named.dedup();
    let named = match named[..] {
        [named] => named,
        [] => {
            let hint = format!(
                "a typo, or made with another {}? With the value on standard input, --stdin searches every object for its bytes",
                setup::KEY_VARIABLE
            );
            return Err(Failure::with_hint(format!("neither an audit nor ledger nor configuration knows the fingerprint {typed:?}"), hint));
        }
        _ => return Err(found::several(&typed, &named)),
    };
    let held = found.outcome.verdicts.iter().filter(|verdict| verdict.finding.fingerprint == named);
    let places = held.map(|verdict| {
        let start = verdict.context.at_head.as_ref().map_or(verdict.finding.start, |head| head.start);
        format!("{}:{}", found.here.shown(verdict), start.line)
    });
    let proven = "no detector sees it any more; give the value with --stdin to search every object for its bytes";
    Ok(Verified { unread: unread(&found.outcome.coverage), places: places.collect(), proven })
}

/// More lines than a screen holds are counted.
const SHOWN_UNREAD: usize = 20;

/// Names what could not be read and what could not be unpacked.
fn unread(coverage: &Coverage) -> Vec<String> {
    let is_unread = |why: &Why| why.is_incomplete() || why.is_closed();
    coverage.skips.iter().filter(|skip| is_unread(&skip.why)).map(|skip| format!("{}: {}", skip.what, skip.why)).collect()
}

/// Returns the fingerprints that ledger and configuration know; a baseline has none, but marks of its own.
fn written_down(args: &PurgeVerifyArgs) -> Result<Vec<Fingerprint>, Failure> {
    let top = setup::top_of(&Repo::around(&args.repo)?);
    let path = top.join(FILE_NAME);
    let ledger = Ledger::read(&path)?;
    if ledger.key.is_some_and(|key| key != setup::key().mark()) {
        return Err(super::ledger::made_with_another_key(&path));
    }
    let config = Config::read(&args.reading.config.clone().unwrap_or_else(|| top.join(config::FILE_NAME)))?;
    let allowed = config.allow.iter().filter_map(|allow| allow.fingerprint);
    Ok(ledger.entries.keys().copied().chain(allowed).collect())
}
