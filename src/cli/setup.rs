//! From arguments to a scanner: configuration, detectors, baseline, key.

use std::path::{Path, PathBuf};

use staunch::config::{self, Config};
use staunch::detect::{self, Catalog};
use staunch::detector::{Detector, Severity, yaml};
use staunch::finding::Confidence;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::{Options, Scanner};
use staunch::secret::FingerprintKey;
use staunch::suppress::baseline::{self, Baseline};

use super::args::{CommonArgs, ConfidenceArg, SeverityArg};
use super::exit::Failure;

/// The variable with the team's key for fingerprints.
const KEY_VARIABLE: &str = "STAUNCH_KEY";

/// Everything a command needs to scan.
pub(super) struct Setup {
    pub(super) scanner: Scanner,
    pub(super) baseline: Option<Baseline>,
    pub(super) baseline_path: PathBuf,
}

/// Reads what arguments, configuration and environment say; `top` is where the repository's own files are.
pub(super) fn setup(args: &CommonArgs, top: &Path, here: &Here) -> Result<Setup, Failure> {
    setup_with(args, top, here, false)
}

/// The same for an audit, which may look at every object in full.
pub(super) fn setup_with(args: &CommonArgs, top: &Path, here: &Here, in_full: bool) -> Result<Setup, Failure> {
    let config_path = args.config.clone().unwrap_or_else(|| top.join(config::FILE_NAME));
    if let Some(named) = args.config.as_ref().filter(|path| !path.exists()) {
        return Err(Failure::with_hint(format!("{named:?} does not exist"), "name a configuration that is there with --config"));
    }
    let config = Config::read(&config_path)?;
    let of_config = config.detectors.iter().map(|path| config_path.parent().unwrap_or(top).join(path));
    let mut extra = Vec::new();
    for path in of_config.chain(args.detectors.iter().cloned()) {
        extra.extend(read_detectors(&path)?);
    }
    let catalog = if extra.is_empty() { Catalog::shipped() } else { Catalog::with(extra)? };
    let baseline_path = args
        .baseline
        .clone()
        .or_else(|| config.baseline.as_ref().map(|path| top.join(path)))
        .unwrap_or_else(|| top.join(baseline::FILE_NAME));
    let is_wanted = !args.no_baseline && (args.baseline.is_some() || config.baseline.is_some() || baseline_path.exists());
    let baseline = if is_wanted { Some(Baseline::read(&baseline_path)?) } else { None };
    let key = std::env::var_os(KEY_VARIABLE).filter(|key| !key.is_empty());
    let key = key.map_or_else(FingerprintKey::default, |key| FingerprintKey::new(key.as_encoded_bytes()));
    Ok(Setup {
        scanner: Scanner::new(catalog, config, Options { in_full, here: here.clone(), ..options(args) }, key),
        baseline,
        baseline_path,
    })
}

fn options(args: &CommonArgs) -> Options {
    Options {
        min_confidence: match args.min_confidence {
            ConfidenceArg::Low => Confidence::Low,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::High => Confidence::High,
        },
        min_severity: match args.min_severity {
            SeverityArg::Low => Severity::Low,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::High => Severity::High,
            SeverityArg::Critical => Severity::Critical,
        },
        threads: args.threads,
        ..Options::default()
    }
}

/// Returns where a repository's own files are: the top of the working tree, or the bare repository itself.
pub(super) fn top_of(repo: &Repo) -> PathBuf {
    repo.work_dir().unwrap_or(repo.git_dir()).to_owned()
}

/// Reads the detectors of a file, or of all YAML files in a folder.
pub(super) fn read_detectors(path: &Path) -> Result<Vec<Detector>, Failure> {
    let unreadable =
        |cause: std::io::Error| Failure::with_hint(format!("{}: {cause}", path.display()), "name a detector file, or a folder of them");
    if !path.is_dir() {
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        return Ok(yaml::parse(&text, &path.display().to_string()).map_err(detect::Error::from)?);
    }
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
    files.sort();
    if files.is_empty() {
        return Err(Failure::with_hint(format!("{} holds no detector file", path.display()), "detector files end in .yaml"));
    }
    let mut detectors = Vec::new();
    for file in files {
        detectors.extend(read_detectors(&file)?);
    }
    Ok(detectors)
}
