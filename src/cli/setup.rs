//! From arguments to a scanner: configuration, detectors, baseline, key.

use std::path::{Component, Path, PathBuf};

use staunch::config::{self, Config, InlineAllow};
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
use super::subject;

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
    mut more: Vec<Detector>,
) -> Result<Setup, Failure> {
    let config_path = args.reading.config.clone().unwrap_or_else(|| top.join(config::FILE_NAME));
    if let Some(named) = args.reading.config.as_ref().filter(|path| !path.exists()) {
        return Err(Failure::with_hint(format!("{named:?} does not exist"), "name a configuration that is there with --config"));
    }
    let config = Config::read(&config_path)?;
    let mut extra = Vec::new();
    for path in &config.detectors {
        extra.extend(configured_detectors(config_path.parent().unwrap_or(top), path)?);
    }
    for path in &args.reading.detectors {
        extra.extend(read_detectors(path)?);
    }
    more.retain(|detector| extra.iter().all(|there| there.id != detector.id));
    extra.extend(more);
    let catalog = if extra.is_empty() { Catalog::shipped() } else { Catalog::with(extra)? };
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
    let own = args.filter.own_markers_only.then_some(InlineAllow::Own);
    if args.filter.no_inline_allow { Some(InlineAllow::None) } else { own }
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
        min_confidence: args.filter.min_confidence.map_or(own.min_confidence, confidence),
        min_severity: match args.filter.min_severity {
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

/// Reads detectors that a configuration names.
///
/// The repository may be hostile: the path must stay in it, and an error shows nothing of what the file holds, or the log
/// of a CI job would show whatever file a pull request names.
fn configured_detectors(folder: &Path, path: &Path) -> Result<Vec<Detector>, Failure> {
    let refuse = |why: &str| {
        Failure::with_hint(format!("detectors {path:?} of the configuration: {why}"), "name .yaml files inside of the repository")
    };
    let is_below = |real: &Path| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
    let real = folder.join(path).canonicalize().map_err(|_| refuse("there is no such file or folder"))?;
    if !is_below(&real) {
        return Err(refuse("it lies outside of the repository"));
    }
    let files = if real.is_dir() { yaml_files(&real)? } else { vec![real] };
    let mut detectors = Vec::new();
    for file in files {
        let real = file.canonicalize().map_err(|_| refuse("a file cannot be read"))?;
        let is_yaml = real.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if !is_below(&real) || !real.is_file() || !is_yaml {
            return Err(refuse("not a .yaml file inside of the repository"));
        }
        let text = read_text(&real).map_err(|_| refuse("a file cannot be read"))?;
        let parsed = yaml::parse(&text, "detectors")
            .map_err(|error| refuse(&format!("not valid at line {}, column {}", error.line(), error.column())))?;
        detectors.extend(parsed);
    }
    Ok(detectors)
}

/// The largest detector file that is read; the largest that ships is a tenth of it.
const MAX_DETECTOR_BYTES: u64 = 1 << 20;

fn read_text(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_DETECTOR_BYTES + 1).read_to_string(&mut text)?;
    // Half a file could be valid, and would silently find less.
    if text.len() as u64 > MAX_DETECTOR_BYTES {
        return Err(std::io::Error::other(format!("larger than {MAX_DETECTOR_BYTES} bytes")));
    }
    Ok(text)
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable =
        |cause: std::io::Error| Failure::with_hint(format!("{}: {cause}", folder.display()), "name a folder of detector files");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).map_err(unreadable)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
    files.sort();
    if files.is_empty() {
        return Err(Failure::with_hint(format!("{} holds no detector file", folder.display()), "detector files end in .yaml"));
    }
    Ok(files)
}

/// Reads the detectors of a file, or of all YAML files in a folder, that the user named.
pub(super) fn read_detectors(path: &Path) -> Result<Vec<Detector>, Failure> {
    if path.is_dir() {
        let mut detectors = Vec::new();
        for file in yaml_files(path)? {
            detectors.extend(read_detectors(&file)?);
        }
        return Ok(detectors);
    }
    let unreadable =
        |cause: std::io::Error| Failure::with_hint(format!("{}: {cause}", path.display()), "name a detector file, or a folder of them");
    let text = read_text(path).map_err(unreadable)?;
    Ok(yaml::parse(&text, &path.display().to_string()).map_err(detect::Error::from)?)
}
