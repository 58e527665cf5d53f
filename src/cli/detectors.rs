//! `staunch detectors`.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use staunch::detect::{Catalog, sample};
use staunch::detector::{Detector, yaml};
use staunch::{config, report};

use super::args::{DetectorsArgs, DetectorsCommand};
use super::exit::{Exit, Failure};
use super::setup;

pub(super) fn run(args: DetectorsArgs) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let exit = match args.command {
        DetectorsCommand::List => list(&mut out)?,
        DetectorsCommand::Show { id } => show(&id, &mut out)?,
        DetectorsCommand::Test { files } => test(files, &mut out)?,
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

fn list(out: &mut impl io::Write) -> Result<Exit, Failure> {
    let catalog = Catalog::shipped();
    let mut detectors: Vec<&Arc<Detector>> = catalog.detectors().collect();
    detectors.sort_by_key(|detector| detector.id.clone());
    let width = detectors.iter().map(|detector| detector.id.len()).max().unwrap_or(0);
    for detector in detectors {
        writeln!(out, "{:<width$}  {:<8}  {}", detector.id, detector.severity.word(), detector.title)?;
    }
    Ok(Exit::Clean)
}

fn show(id: &str, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let catalog = Catalog::shipped();
    match catalog.detectors().find(|detector| detector.id == id) {
        Some(detector) => {
            report::describe(detector, out)?;
            Ok(Exit::Clean)
        }
        None => Err(Failure::with_hint(format!("there is no detector {id:?}"), "`staunch detectors list` names all")),
    }
}

fn test(files: Vec<PathBuf>, out: &mut impl io::Write) -> Result<Exit, Failure> {
    let (catalog, tested) = if files.is_empty() {
        let catalog = Catalog::shipped();
        let all: Vec<Arc<Detector>> = catalog.detectors().cloned().collect();
        (catalog, all)
    } else {
        let mut own = Vec::new();
        for file in &files {
            own.extend(setup::read_detectors(file)?.into_iter().map(Arc::new));
        }
        // A file that ships is tested in place of its built-in copy.
        let others = Catalog::shipped();
        let rest = others.detectors().filter(|detector| !own.iter().any(|o| o.id == detector.id)).cloned();
        (Catalog::of(rest.chain(own.iter().cloned()).collect()), own)
    };
    let mut failed = 0;
    for detector in &tested {
        for failure in sample::failures(&catalog, detector) {
            failed += 1;
            writeln!(out, "{}: {:?}: {}", detector.id, failure.template, failure.what)?;
        }
    }
    writeln!(out, "{} detectors tested, {failed} samples failed", tested.len())?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}
