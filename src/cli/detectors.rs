//! `staunch detectors`.

use staunch::count::counted;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use staunch::config::Config;
use staunch::detect::review::{self, Remark};
use staunch::detect::{Catalog, sample};
use staunch::detector::{Detector, yaml};
use staunch::git::Repo;
use staunch::scan::{FileOptions, Options, Scanner};
use staunch::secret::FingerprintKey;
use staunch::{config, report};

use super::args::{CommonArgs, DetectorsArgs, DetectorsCommand, OwnDetectorsArgs, ReadingArgs};
use super::exit::{Exit, Failure};
use super::own::Own;
use super::{progress, setup};

pub(super) fn run(args: DetectorsArgs) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let exit = match args.command {
        DetectorsCommand::List(own) => list(own, &mut out)?,
        DetectorsCommand::Show { id, own } => show(&id, own, &mut out)?,
        DetectorsCommand::Test { files } => test(&files, &mut out)?,
        DetectorsCommand::Check { files, text } => check(&files, text, &mut out)?,
        DetectorsCommand::Stats { own, paths, history, top } => stats(standing(own)?, &paths, history, top, &mut out)?,
        DetectorsCommand::Schema { config: is_config } => {
            let schema = if is_config { config::json_schema() } else { yaml::json_schema() };
            let text = serde_json::to_string_pretty(&schema).map_err(Failure::new)?;
            writeln!(out, "{text}")?;
            Exit::Clean
        }
    };
    out.flush()?;
    Ok(exit)
}

/// Returns a scanner with the detectors that hold where the user stands.
fn standing(own: OwnDetectorsArgs) -> Result<Scanner, Failure> {
    let reading = ReadingArgs { detectors: own.detectors, ..ReadingArgs::default() };
    let mut common = CommonArgs { reading, ..CommonArgs::default() };
    common.filter.no_baseline = true;
    Ok(setup::standing(&common)?.scanner)
}

fn list(own: OwnDetectorsArgs, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let scanner = standing(own)?;
    let catalog = scanner.catalog();
    let mut detectors: Vec<&Arc<Detector>> = catalog.detectors().collect();
    detectors.sort_by_key(|detector| detector.id.clone());
    let width = detectors.iter().map(|detector| detector.id.len()).max().unwrap_or(0);
    for detector in detectors {
        writeln!(out, "{:<width$}  {:<8}  {}", detector.id, detector.severity.word(), detector.title)?;
    }
    Ok(Exit::Clean)
}

fn show(id: &str, own: OwnDetectorsArgs, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let scanner = standing(own)?;
    let catalog = scanner.catalog();
    let is_own = |detector: &&Arc<Detector>| detector.id == id;
    let covers = |detector: &&Arc<Detector>| detector.covers.iter().any(|kind| kind == id);
    match catalog.detectors().find(is_own).or_else(|| catalog.detectors().find(covers)) {
        Some(detector) => {
            report::describe(detector, out)?;
            Ok(Exit::Clean)
        }
        None => Err(Failure::with_hint(format!("there is no detector {id:?}"), "`staunch detectors list` names all")),
    }
}

/// Returns a catalog, and those of its detectors that are in the files, or all where none is named.
fn read(files: &[PathBuf]) -> Result<(Catalog, Vec<Arc<Detector>>), Failure> {
    if files.is_empty() {
        let catalog = Catalog::shipped();
        let all: Vec<Arc<Detector>> = catalog.detectors().cloned().collect();
        return Ok((catalog, all));
    }
    let mut own = Own::default();
    for file in files {
        own.named(file)?;
    }
    own.in_place_of_shipped()
}

fn test(files: &[PathBuf], out: &mut impl io::Write) -> Result<Exit, Failure> {
    let (catalog, tested) = read(files)?;
    let mut failed = 0;
    for detector in &tested {
        for failure in sample::failures(&catalog, detector) {
            failed += 1;
            writeln!(out, "{}: {}: {}", detector.id, failure.which, failure.what)?;
        }
    }
    writeln!(out, "{} tested, {} failed", counted(tested.len(), "detector"), counted(failed, "sample"))?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}

/// A megabyte: in less, one file that speaks of nothing else would make its keyword a common one.
const LEAST_TEXT_BYTES: u64 = 1_000_000;

fn check(files: &[PathBuf], text: Option<PathBuf>, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let (catalog, checked) = read(files)?;
    let mut remarks: Vec<Remark> = checked.iter().flat_map(|detector| review::review(&catalog, detector)).collect();
    if let Some(folder) = text {
        let scanner = scanner(catalog);
        let (tally, coverage) = scanner.tally(std::slice::from_ref(&folder), &FileOptions::default());
        if let Some(skip) = coverage.skips.first().filter(|_| tally.bytes() == 0) {
            return Err(Failure::with_hint(format!("nothing was read of {folder:?}: {}", skip.why), "name a folder of source code"));
        }
        if tally.bytes() < LEAST_TEXT_BYTES {
            let read = tally.bytes() as f64 / 1e6;
            writeln!(out, "keywords were not counted: {read:.2} MB of {folder:?} were read, and it takes one to tell")?;
        } else {
            let counts = tally.keywords(scanner.catalog());
            remarks.extend(checked.iter().flat_map(|detector| review::common_keywords(detector, &counts, tally.bytes())));
        }
    }
    remarks.sort();
    for remark in &remarks {
        writeln!(out, "{}: {}", remark.detector, remark.what)?;
    }
    writeln!(out, "{} checked, {}", counted(checked.len(), "detector"), counted(remarks.len(), "remark"))?;
    Ok(if remarks.is_empty() { Exit::Clean } else { Exit::Findings })
}

fn stats(scanner: Scanner, paths: &[PathBuf], is_history: bool, top: usize, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let shown = progress::watch(scanner.watch(), false);
    let (tally, coverage) = match paths {
        [repo] if is_history => scanner.tally_history(&Repo::around(repo)?)?,
        _ if is_history => return Err(Failure::with_hint("--history needs one repository", "name one, or leave --history out")),
        _ => scanner.tally(paths, &FileOptions::default()),
    };
    drop(shown);
    let top = if top == 0 { usize::MAX } else { top };
    let detectors = tally.detectors(scanner.catalog());
    let width = detectors.iter().take(top).map(|(detector, _)| detector.id.len()).max().unwrap_or(0).max(8);
    writeln!(out, "{:<width$}  {:>10}  {:>8}  {:>8}  {:>9}", "detector", "candidates", "matches", "kept", "time")?;
    for (detector, count) in detectors.iter().take(top) {
        let (candidates, matches, kept) = (count.candidates, count.matches, count.kept);
        writeln!(out, "{:<width$}  {candidates:>10}  {matches:>8}  {kept:>8}  {:>6.1} ms", detector.id, count.time.as_secs_f64() * 1e3)?;
    }
    writeln!(out, "\n{:<width$}  {:>10}  {:>8}", "keyword", "times", "per MB")?;
    let megabytes = tally.bytes() as f64 / 1e6;
    for (keyword, count) in tally.keywords(scanner.catalog()).iter().take(top) {
        writeln!(out, "{:<width$}  {count:>10}  {:>8.1}", keyword.escape_debug().to_string(), *count as f64 / megabytes)?;
    }
    writeln!(
        out,
        "\n{megabytes:.1} MB read, {} run, {} not read",
        counted(detectors.len(), "detector"),
        counted(coverage.skips.len(), "thing")
    )?;
    Ok(Exit::Clean)
}

/// Returns a scanner that only measures: no configuration, no key.
fn scanner(catalog: Catalog) -> Scanner {
    Scanner::new(catalog, Config::default(), Options::default(), FingerprintKey::default())
}
