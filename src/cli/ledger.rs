//! `staunch ledger`: what became of each credential, kept in the repository and reviewed like code.

use staunch::count::counted;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use staunch::finding::Confidence;
use staunch::git::Repo;
use staunch::ledger::{Entry, FILE_NAME, Figures, Ledger, Moved, State};
use staunch::report::runbook::markdown_text;
use staunch::secret::Fingerprint;

use super::args::{LedgerArgs, LedgerCommand, LedgerReportArgs, LedgerSetArgs, LedgerSyncArgs, LedgerWhere};
use super::exit::{Exit, Failure, tell};
use super::{found, output, setup};

pub(super) fn run(args: LedgerArgs) -> Result<Exit, Failure> {
    match args.command {
        LedgerCommand::Sync(args) => sync(*args),
        LedgerCommand::Set(args) => set(args),
        LedgerCommand::Status(args) => status(&args),
        LedgerCommand::Report(args) => report(&args),
    }
}

fn today() -> Date {
    Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns where the ledger is: at the top of the repository, or where the user says.
fn path(args: &LedgerWhere) -> Result<PathBuf, Failure> {
    match &args.ledger {
        Some(path) => Ok(path.clone()),
        None => Ok(setup::top_of(&Repo::around(&args.repo)?).join(FILE_NAME)),
    }
}

fn write(ledger: &Ledger, path: &Path) -> Result<(), Failure> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|cause| Failure::new(format!("{}: {cause}", folder.display())))?;
    }
    output::write_file(path, |out| out.write_all(ledger.to_yaml().as_bytes()))
}

fn sync(args: LedgerSyncArgs) -> Result<Exit, Failure> {
    let path = path(&args.place)?;
    let mut ledger = Ledger::read(&path)?;
    let before = ledger.clone();
    let mut outcome = found::audit(&args.place.repo, &args.reading)?.outcome;
    let today = today();
    let seen: BTreeSet<Fingerprint> = outcome.verdicts.iter().map(|verdict| verdict.finding.fingerprint).collect();
    own(&mut ledger, &path, &seen)?;
    // What is hardly worth a report makes no entry, and is no reason to call one gone.
    outcome.verdicts.retain(|verdict| verdict.finding.confidence >= Confidence::Medium);
    let changes = ledger.sync(&outcome, &seen, today);
    let written = if args.check || ledger == before { Ok(()) } else { write(&ledger, &path) };
    output::print(|out| {
        for change in &changes {
            writeln!(out, "{:<9} {}  {}", word(change.moved), change.fingerprint, change.title)?;
        }
        let overdue = ledger.entries.values().filter(|entry| entry.is_overdue(today)).count();
        writeln!(out, "{} known, {} changed, {overdue} overdue", ledger.entries.len(), changes.len())
    })?;
    written?;
    if !outcome.coverage.is_complete() && !args.reading.allow_incomplete {
        tell("error", "not everything could be read: what was not found is not called gone");
        return Ok(Exit::CouldNotTell);
    }
    let is_late = ledger.entries.values().any(|entry| entry.is_overdue(today));
    let is_new = changes.iter().any(|change| matches!(change.moved, Moved::New | Moved::Reopened));
    Ok(if is_late || (args.check && is_new) { Exit::Findings } else { Exit::Clean })
}

/// Makes sure that the ledger was made with this key: with another, each credential has another fingerprint and all seem gone.
fn own(ledger: &mut Ledger, path: &Path, seen: &BTreeSet<Fingerprint>) -> Result<(), Failure> {
    let mark = setup::key().mark();
    let is_known =
        ledger.key.map_or_else(|| ledger.entries.is_empty() || ledger.entries.keys().any(|known| seen.contains(known)), |key| key == mark);
    if is_known {
        ledger.key = Some(mark);
        return Ok(());
    }
    Err(match ledger.key {
        Some(_) => made_with_another_key(path),
        None => Failure::with_hint(
            format!(
                "nothing that {} knows is found here, and it does not say with which {} it was made",
                path.display(),
                setup::KEY_VARIABLE
            ),
            format!("if it was this one, put this line above `credentials:` and sync again: key: \"{mark}\""),
        ),
    })
}

/// Says that a ledger's fingerprints are not those of this key.
pub(super) fn made_with_another_key(path: &Path) -> Failure {
    Failure::with_hint(
        format!("{} was made with another {}", path.display(), setup::KEY_VARIABLE),
        "set the variable as it was when the ledger was made; nothing was changed",
    )
}

fn word(moved: Moved) -> &'static str {
    match moved {
        Moved::New => "new",
        Moved::Reopened => "reopened",
        Moved::Removed => "removed",
        Moved::Purged => "purged",
        Moved::GoneAlive => "gone?",
    }
}

fn set(args: LedgerSetArgs) -> Result<Exit, Failure> {
    let path = path(&args.place)?;
    let mut ledger = Ledger::read(&path)?;
    let (fingerprint, entry) = named(&mut ledger, &args.finding)?;
    let state = State::ALL.into_iter().find(|state| state.word() == args.state).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.iter().map(|state| state.word()).collect();
        Failure::with_hint(format!("there is no state {:?}", args.state), format!("states are {}", words.join(", ")))
    })?;
    let day = |name: &str, text: &Option<String>| {
        let parse = |text: &String| {
            text.parse::<Date>().map_err(|_| Failure::with_hint(format!("--{name} {text:?} is no date"), "write it as 2027-03-31"))
        };
        text.as_ref().map(parse).transpose()
    };
    for (own, new) in [
        (&mut entry.reason, &args.reason),
        (&mut entry.owner, &args.owner),
        (&mut entry.ticket, &args.ticket),
        (&mut entry.evidence, &args.evidence),
    ] {
        if let Some(new) = new {
            *own = Some(new.clone()).filter(|text| !text.trim().is_empty());
        }
    }
    entry.move_to(state, today());
    if let Some(due) = day("due", &args.due)? {
        entry.due = Some(due);
    }
    if state == State::Accepted {
        entry.until = day("until", &args.until)?.or(entry.until);
        if let Some(past) = entry.until.filter(|until| *until < today()) {
            return Err(Failure::with_hint(format!("--until {past} is past: it is accepted no longer"), "name a day to come"));
        }
        if entry.until.is_none() || entry.reason.is_none() {
            return Err(Failure::with_hint(
                "accepted needs a reason and an end",
                "say why with --reason, and until when with --until 2027-03-31",
            ));
        }
    }
    if state == State::Revoked && entry.evidence.is_none() {
        return Err(Failure::with_hint(
            "revoked needs evidence",
            format!("see that it is dead, as `staunch rotate {fingerprint}` says, and tell how you saw it with --evidence"),
        ));
    }
    write(&ledger, &path)?;
    tell("ledger", &format!("{fingerprint} is {}", state.word()));
    Ok(Exit::Clean)
}

fn named<'l>(ledger: &'l mut Ledger, typed: &str) -> Result<(Fingerprint, &'l mut Entry), Failure> {
    let typed = typed.to_ascii_lowercase();
    let matching: Vec<Fingerprint> = ledger.entries.keys().filter(|known| known.to_string().starts_with(&typed)).copied().collect();
    match matching[..] {
        [one] if typed.len() >= 4 => Ok((one, ledger.entries.get_mut(&one).expect("it was just found"))),
        [] => Err(Failure::with_hint(format!("the ledger has no entry {typed:?}"), "`staunch ledger sync` adds what an audit finds")),
        _ if typed.len() < found::MIN_DIGITS => Err(Failure::with_hint(format!("{typed:?} is too short"), "type more of the fingerprint")),
        _ => Err(found::several(&typed, &matching)),
    }
}

fn status(args: &LedgerWhere) -> Result<Exit, Failure> {
    let ledger = Ledger::read(&path(args)?)?;
    let today = today();
    let mut entries: Vec<(&Fingerprint, &Entry)> = ledger.entries.iter().collect();
    entries.sort_by_key(|(fingerprint, entry)| (!entry.is_overdue(today), entry.state, std::cmp::Reverse(entry.severity), **fingerprint));
    output::print(|out| {
        for (fingerprint, entry) in &entries {
            let due = match (entry.state, entry.due, entry.until) {
                (State::Accepted, _, Some(until)) => format!("until {until}"),
                (state, Some(due), _) if state.is_alive() => format!("due {due}"),
                _ => format!("since {}", entry.since),
            };
            let late = if entry.is_overdue(today) { "  OVERDUE" } else { "" };
            let whose = entry.owner.as_deref().map_or_else(String::new, |owner| format!("  {owner}"));
            let line =
                format!("{fingerprint}  {:<8} {:<12} {due}{late}  {}{whose}", entry.severity.word(), entry.state.word(), entry.title);
            writeln!(out, "{}", staunch::report::plain(&line))?;
        }
        writeln!(out, "{}", summary(&ledger.figures(today)))
    })?;
    Ok(if entries.iter().any(|(_, entry)| entry.is_overdue(today)) { Exit::Findings } else { Exit::Clean })
}

fn summary(figures: &Figures) -> String {
    let states: Vec<String> = figures.by_state.iter().map(|(state, count)| format!("{count} {}", state.word())).collect();
    let states = if states.is_empty() { "nothing is known yet".to_owned() } else { states.join(", ") };
    let mean = figures.mean_days_to_revoke.map_or_else(String::new, |days| format!("; {days:.1} days to revoke on average"));
    format!("{states}; {} overdue{mean}", figures.overdue.len())
}

fn report(args: &LedgerReportArgs) -> Result<Exit, Failure> {
    let ledger = Ledger::read(&path(&args.place)?)?;
    let figures = ledger.figures(today());
    let write: fn(&Figures, &Ledger, &mut dyn Write) -> io::Result<()> = match args.format.as_str() {
        "text" => text,
        "markdown" | "md" => markdown,
        "json" => |figures, _, out| {
            serde_json::to_writer_pretty(&mut *out, figures)?;
            writeln!(out)
        },
        other => return Err(Failure::with_hint(format!("there is no format {other:?} for this"), "formats are text, markdown and json")),
    };
    output::print(|out| write(&figures, &ledger, out))?;
    Ok(Exit::Clean)
}

fn text(figures: &Figures, _: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", summary(figures))?;
    for (severity, count) in figures.alive.iter().rev() {
        let mean =
            figures.mean_days_by_severity.get(severity).map_or_else(String::new, |days| format!(", {days:.1} days to revoke on average"));
        writeln!(out, "  {:<9} {count} not revoked{mean}", severity.word())?;
    }
    if let Some(days) = figures.oldest_alive_days {
        writeln!(out, "  the oldest that is not revoked has been known for {}", counted(days, "day"))?;
    }
    writeln!(out, "  {} came back", figures.reopened)
}

fn markdown(figures: &Figures, ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Leaked credentials\n\n{}\n", markdown_text(&summary(figures)))?;
    writeln!(out, "| Severity | Not revoked | Days to revoke, mean |\n|---|---|---|")?;
    for severity in staunch::detector::Severity::WORST_FIRST {
        let count = figures.alive.get(&severity).copied().unwrap_or(0);
        let mean = figures.mean_days_by_severity.get(&severity).map_or_else(String::new, |days| format!("{days:.1}"));
        writeln!(out, "| {} | {count} | {mean} |", severity.word())?;
    }
    if !figures.overdue.is_empty() {
        writeln!(out, "\n### Overdue\n")?;
    }
    for fingerprint in &figures.overdue {
        let entry = Fingerprint::parse(fingerprint).and_then(|fingerprint| ledger.entries.get(&fingerprint));
        let Some(entry) = entry else { continue };
        let owner = entry.owner.as_deref().unwrap_or("nobody");
        writeln!(out, "- `{fingerprint}` {} ({}), {}", markdown_text(&entry.title), entry.state.word(), markdown_text(owner))?;
    }
    Ok(())
}
