//! `staunch allow`: one more entry in `.staunch.yaml`, and nothing else changed there.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use staunch::bounded;
use staunch::config::edit::{self, with_allow};
use staunch::config::{self, Allow, Config};
use staunch::git::Repo;
use staunch::suppress::allow::Allowances;

use super::args::{AllowArgs, ReadingArgs};
use super::exit::{Exit, Failure, chain, shown, tell};
use super::{found, setup};

pub(super) fn run(args: AllowArgs) -> Result<Exit, Failure> {
    let top = || Repo::around(Path::new(".")).map_or_else(|_| PathBuf::from("."), |repo| setup::top_of(&repo));
    let path = args.config.clone().unwrap_or_else(|| top().join(config::FILE_NAME));
    add(&path, &entry(args)?)?;
    Ok(Exit::Clean)
}

fn entry(args: AllowArgs) -> Result<Allow, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::with_hint("an allow entry needs a reason", "say why with --reason, for whoever reads it in a year"));
    }
    let date = |text: String| {
        let parsed: Result<Date, _> = text.parse();
        parsed.map_err(|_| Failure::with_hint(format!("--expires {text:?} is no date"), "write it as 2027-03-31"))
    };
    let expires = args.expires.map(date).transpose()?;
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    if let Some(past) = expires.filter(|last| *last < today) {
        return Err(Failure::with_hint(format!("--expires {past} is past: the entry would hide nothing"), "name a day to come"));
    }
    // Last, since it may take an audit.
    let config = args.config.filter(|config| config.exists());
    let reading = ReadingArgs { detectors: args.detectors, config, ..ReadingArgs::default() };
    let fingerprint = found::meant(&args.fingerprint, &reading)?;
    Ok(Allow { path: args.path, owner: args.owner, expires, ..Allow::credential(fingerprint, args.reason) })
}

/// Adds an entry to a configuration, which is made if it is not there.
pub(super) fn add(path: &Path, entry: &Allow) -> Result<(), Failure> {
    match put(path, entry)? {
        Some(place) => tell("allow", &format!("it is there already: {place}")),
        None => tell("allow", &format!("added to {}; commit it, so that it counts for others as well", shown(path))),
    }
    Ok(())
}

/// Adds an entry as one of many, of which somebody else speaks.
pub(super) fn add_silently(path: &Path, entry: &Allow) -> Result<(), Failure> {
    put(path, entry).map(drop)
}

/// Adds an entry, or returns where it is.
fn put(path: &Path, entry: &Allow) -> Result<Option<String>, Failure> {
    let config = Config::read(path)?;
    let is_same = |there: &&Allow| Allow { place: String::new(), ..(*there).clone() } == Allow { place: String::new(), ..entry.clone() };
    if let Some(there) = config.allow.iter().find(is_same) {
        return Ok(Some(there.place.clone()));
    }
    // An entry that cannot be used would end every scan.
    let alone = Config { allow: vec![entry.clone()], ..Config::default() };
    Allowances::new(&alone, Date::MIN).map_err(|error| Failure::with_hint(chain(&error), "write a path or a glob, such as 'docs/**'"))?;
    let by_hand = format!("add it by hand below `allow:`:\n{}", edit::entry(entry, "  "));
    self::edit(path, &|text| with_allow(text, entry), &by_hand)?;
    Ok(None)
}

/// Changes the text of a configuration, which is made if it is not there.
pub(super) fn edit(path: &Path, change: &dyn Fn(&str) -> Result<String, edit::Error>, by_hand: &str) -> Result<(), Failure> {
    let fail = |cause: std::io::Error| Failure::new(format!("{}: {cause}", path.display()));
    // In a repository of somebody else's it may lead to any file of the user.
    if path.is_symlink() {
        let hint = "edit the file it leads to, or name that one with --config";
        return Err(Failure::with_hint(format!("{} is a link, through which nothing is written", path.display()), hint));
    }
    let text = bounded::read_text(path, config::MAX_BYTES).map_err(|error| Failure::new(chain(&error)))?.unwrap_or_default();
    let text = change(&text).map_err(|error| match error {
        edit::Error::Config(error) => error.into(),
        edit::Error::NoPlace { .. } => Failure::with_hint(format!("{}: {error}", path.display()), by_hand),
    })?;
    std::fs::write(path, text).map_err(fail)
}
