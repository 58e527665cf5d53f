//! From arguments to a scanner: configuration, detectors, baseline, key.

use std::path::{Component, Path, PathBuf};

use staunch::config::{self, Config, InlineAllow};
use staunch::detector::{Detector, Severity};
use staunch::finding::Confidence;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::{Options, Scanner};
use staunch::secret::FingerprintKey;
use staunch::suppress::baseline::{self, Baseline};

use super::args::{CommonArgs, ConfidenceArg, SeverityArg};
use super::exit::Failure;
use super::own::Own;
use super::{check, subject};

/// The variable with the team's key for fingerprints.
pub(super) const KEY_VARIABLE: &str = "STAUNCH_KEY";

/// Everything a command needs to scan.
pub(super) struct Setup {
    pub(super) scanner: Scanner,
    pub(super) baseline: Option<Baseline>,
    pub(super) baseline_path: PathBuf,
    pub(super) config_path: PathBuf,
}

/// Returns the team's key for fingerprints, or the one that everybody has.
pub(super) fn key() -> FingerprintKey {
    let key = std::env::var_os(KEY_VARIABLE).filter(|key| !key.is_empty());
    key.map_or_else(FingerprintKey::default, |key| FingerprintKey::new(key.as_encoded_bytes()))
}

/// Reads what arguments, configuration and environment say; `top` is where the repository's own files are.
pub(super) fn setup(args: &CommonArgs, top: &Path, here: &Here) -> Result<Setup, Failure> {
    setup_with(args, top, here, Options::default())
}

/// The same for where the user stands: the repository around, or the folder where there is none.
pub(super) fn standing(args: &CommonArgs) -> Result<Setup, Failure> {
    let repo = Repo::around(Path::new(".")).ok();
    let top = repo.as_ref().map_or_else(|| PathBuf::from("."), top_of);
    let here = repo.as_ref().map_or_else(Here::default, check::here);
    setup(args, &top, &here)
}

/// The same with options of the command's own, which hold where nobody says otherwise.
pub(super) fn setup_with(args: &CommonArgs, top: &Path, here: &Here, own: Options) -> Result<Setup, Failure> {
    setup_with_detectors(args, top, here, own, Vec::new())
}

/// The same with detectors that no file has yet; where one has them, those of the file count.
pub(super) fn setup_with_detectors(
    args: &CommonArgs,
    top: &Path,
    here: &Here,
    own: Options,
    more: Vec<Detector>,
) -> Result<Setup, Failure> {
    let config_path = args.reading.config.clone().unwrap_or_else(|| top.join(config::FILE_NAME));
    if let Some(named) = args.reading.config.as_ref().filter(|path| !path.exists()) {
        return Err(Failure::with_hint(format!("{named:?} does not exist"), "name a configuration that is there with --config"));
    }
    let config = Config::read(&config_path)?;
    let mut detectors = Own::default();
    for path in &config.detectors {
        detectors.configured(config_path.parent().unwrap_or(top), path)?;
    }
    for path in &args.reading.detectors {
        detectors.named(path)?;
    }
    let catalog = detectors.beside_shipped(more)?;
    let baseline_path = match &args.filter.baseline {
        Some(path) => path.clone(),
        None => own_file(top, config.baseline.as_deref().unwrap_or(Path::new(baseline::FILE_NAME)))?,
    };
    let is_wanted = !args.filter.no_baseline && (args.filter.baseline.is_some() || config.baseline.is_some() || baseline_path.exists());
    let baseline = if is_wanted { Some(Baseline::read(&baseline_path)?) } else { None };
    let inline_allow = inline_allow(args).or(config.inline_allow).unwrap_or(own.inline_allow);
    let options = Options { here: here.clone(), inline_allow, ..options(args, own) };
    Ok(Setup { scanner: Scanner::new(catalog, config, options, key()), baseline, baseline_path, config_path })
}

fn inline_allow(args: &CommonArgs) -> Option<InlineAllow> {
    let own = args.filter.marks.own_markers_only.then_some(InlineAllow::Own);
    if args.filter.marks.no_inline_allow { Some(InlineAllow::None) } else { own }
}

/// Returns the level that an argument names.
pub(super) fn confidence(level: ConfidenceArg) -> Confidence {
    match level {
        ConfidenceArg::Low => Confidence::Low,
        ConfidenceArg::Medium => Confidence::Medium,
        ConfidenceArg::High => Confidence::High,
    }
}

fn options(args: &CommonArgs, own: Options) -> Options {
    Options {
        min_confidence: args.filter.level.min_confidence.map_or(own.min_confidence, confidence),
        min_severity: match args.filter.level.min_severity {
            SeverityArg::Low => Severity::Low,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::High => Severity::High,
            SeverityArg::Critical => Severity::Critical,
        },
        threads: args.reading.threads,
        ..own
    }
}

/// Returns where a repository's own files are: the top of the working tree, or the bare repository itself.
pub(super) fn top_of(repo: &Repo) -> PathBuf {
    repo.work_dir().unwrap_or(repo.git_dir()).to_owned()
}

/// Returns a file that a configuration names and that we write: one below the top, and no link, or a repository of somebody
/// else's would have us write over any file of the user.
fn own_file(top: &Path, path: &Path) -> Result<PathBuf, Failure> {
    let whole = top.join(path);
    let leads_out = !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let is_link = subject::is_through_link(&whole, path.components().count());
    if leads_out || is_link {
        let what = format!("the baseline {path:?} is a link, or lies outside of the repository");
        return Err(Failure::with_hint(what, "name a file inside of it in .staunch.yaml, or any with --baseline"));
    }
    Ok(whole)
}
