//! Finds the credential that somebody names by its fingerprint, wherever in a repository it is.

use std::collections::BTreeSet;
use std::path::Path;

use staunch::chunk::Origin;
use staunch::credential::Credential;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::FileOptions;
use staunch::secret::Fingerprint;
use staunch::verdict::Outcome;

use super::args::{CommonArgs, ConfidenceArg, ReadingArgs};
use super::exit::Failure;
use super::{check, progress, setup};

/// All that an audit and a look into the index found; one credential of it is the one that was named.
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) here: Here,
}

/// Audits a repository, down to what is hardly worth reporting, and whatever the baseline knows.
pub(super) fn audit(path: &Path, reading: &ReadingArgs) -> Result<Found, Failure> {
    let repo = Repo::around(path)?;
    let here = if path == Path::new(".") { check::here(&repo) } else { Here::default() };
    let common = CommonArgs::of_reading(reading, ConfidenceArg::Low);
    let scanner = setup::setup(&common, &setup::top_of(&repo), &here)?.scanner;
    let shown = progress::watch(scanner.watch(), reading.quiet);
    let outcome = scanner.audit(&repo, None, None)?;
    drop(shown);
    Ok(Found { outcome, here })
}

/// Looks through history and index of a repository, down to what is hardly worth reporting: somebody named it.
pub(super) fn look(path: &Path, reading: &ReadingArgs) -> Result<Found, Failure> {
    let common = CommonArgs::of_reading(reading, ConfidenceArg::Low);
    let repo = Repo::around(path)?;
    let here = if path == Path::new(".") { check::here(&repo) } else { Here::default() };
    let scanner = setup::setup(&common, &setup::top_of(&repo), &here)?.scanner;
    let shown = progress::watch(scanner.watch(), reading.quiet);
    let mut outcome = scanner.audit(&repo, None, None)?;
    if repo.work_dir().is_some() {
        let staged = scanner.check_staged(&repo, None)?;
        // A staged blob is in the object database, where an audit finds it without a path.
        let is_staged = |fingerprint| staged.verdicts.iter().any(|verdict| verdict.finding.fingerprint == fingerprint);
        outcome.verdicts.retain(|known| !matches!(known.finding.origin, Origin::Blob { .. }) || !is_staged(known.finding.fingerprint));
        // What the history has is told with its history.
        let is_new = |known: &Outcome, fingerprint| known.verdicts.iter().all(|verdict| verdict.finding.fingerprint != fingerprint);
        let new: Vec<_> = staged.verdicts.into_iter().filter(|verdict| is_new(&outcome, verdict.finding.fingerprint)).collect();
        outcome.verdicts.extend(new);
    }
    drop(shown);
    Ok(Found { outcome, here })
}

/// Returns the fingerprint that somebody means who typed it, or the first digits of it: of all that a report may have shown, in
/// history, index and files.
pub(super) fn meant(typed: &str, reading: &ReadingArgs) -> Result<Fingerprint, Failure> {
    // Whole, it may be of what is found elsewhere.
    if let Some(whole) = Fingerprint::parse(typed) {
        return Ok(whole);
    }
    let typed = digits(typed, MIN_DIGITS_TO_KEEP)?;
    let here = Path::new(".");
    let repo = Repo::around(here).ok();
    let mut verdicts = if repo.is_some() { look(here, reading)?.outcome.verdicts } else { Vec::new() };
    if repo.as_ref().is_none_or(|repo| repo.work_dir().is_some()) {
        let top = repo.as_ref().map_or_else(|| here.to_owned(), setup::top_of);
        let scanner = setup::standing(&CommonArgs::of_reading(reading, ConfidenceArg::Low))?.scanner;
        verdicts.extend(scanner.scan(&[top], &FileOptions::default(), None)?.verdicts);
    }
    let known: BTreeSet<Fingerprint> = verdicts.iter().map(|verdict| verdict.finding.fingerprint).collect();
    let named: Vec<Fingerprint> = known.into_iter().filter(|known| known.to_string().starts_with(&typed)).collect();
    match named[..] {
        [one] => Ok(one),
        [] => Err(Failure::with_hint(
            format!("nothing that is found here has a fingerprint that begins with {typed:?}"),
            "type all 20 digits, as reports show them; fingerprints depend on STAUNCH_KEY",
        )),
        _ => Err(several(&typed, &named)),
    }
}

/// Says that what was typed names several.
pub(super) fn several(typed: &str, named: &[Fingerprint]) -> Failure {
    let each: Vec<String> = named.iter().map(Fingerprint::to_string).collect();
    Failure::with_hint(format!("{} fingerprints begin with {typed:?}", each.len()), format!("which of {}?", each.join(", ")))
}

impl Found {
    /// Returns the credential whose fingerprint, or that of a part of it, begins with what was typed.
    pub(super) fn named(&self, typed: &str) -> Result<Credential<'_>, Failure> {
        let typed = digits(typed, MIN_DIGITS)?;
        let is_named = |credential: &Credential<'_>| {
            credential.places.iter().any(|verdict| verdict.finding.fingerprint.to_string().starts_with(&typed))
        };
        let mut named: Vec<Credential<'_>> = self.outcome.credentials().into_iter().filter(is_named).collect();
        match named.len() {
            1 => Ok(named.remove(0)),
            0 => Err(Failure::with_hint(
                format!("no credential here has the fingerprint {typed:?}"),
                "`staunch audit` lists them; fingerprints depend on STAUNCH_KEY, and what is allowed is not among them",
            )),
            _ => {
                let leads: Vec<Fingerprint> = named.iter().map(|credential| credential.lead().finding.fingerprint).collect();
                Err(several(&typed, &leads))
            }
        }
    }
}

/// Returns what was typed of a fingerprint, if it can be one and has so many digits.
pub(super) fn digits(typed: &str, least: usize) -> Result<String, Failure> {
    let typed = typed.to_ascii_lowercase();
    if typed.len() < least || typed.len() > 20 || !typed.bytes().all(|b| b.is_ascii_hexdigit()) {
        let hint = format!("reports show it: 20 hexadecimal digits, of which {least} are enough where they are unique");
        return Err(Failure::with_hint(format!("{typed:?} is no fingerprint"), hint));
    }
    Ok(typed)
}

/// Fewer digits name too many.
pub(super) const MIN_DIGITS: usize = 4;
/// The same for what is written down, and silences from then on.
const MIN_DIGITS_TO_KEEP: usize = 8;
