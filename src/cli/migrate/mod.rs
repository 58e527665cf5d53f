//! `staunch migrate`: what other scanners look for and keep silent about, as detectors and entries of `.staunch.yaml`.
//!
//! They name places or patterns, we name credentials: an entry is made of what we find ourselves at the place that is named.
//! What cannot be carried over is listed line by line, so that nobody believes it was.

mod example;
mod expression;
mod gitleaks;
mod glob;
mod now;
mod places;
mod rules;
mod write;

use staunch::count::counted;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use staunch::bounded;
use staunch::chunk::Content;
use staunch::config::Allow;
use staunch::detect::{Catalog, sample};
use staunch::detector::Detector;
use staunch::git::{Read, Repo};
use staunch::here::Here;
use staunch::scan::{FileOptions, Options};
use staunch::verdict::Verdict;

use self::now::Silenced;
use self::places::Place;
use self::rules::Made;
use super::args::{CommonArgs, MigrateArgs, ReadingArgs};
use super::exit::{Exit, Failure, chain, tell};
use super::setup::Setup;
use super::{progress, setup, subject};

/// Files that are looked for where none is named.
const FILES: [&str; 8] = [
    ".gitleaks.toml",
    "gitleaks.toml",
    ".betterleaks.toml",
    ".gitleaksignore",
    ".betterleaksignore",
    ".secrets.baseline",
    "baseline-file.yml",
    "baseline-file.yaml",
];
/// The largest file that is read.
const MAX_BYTES: u64 = 64 << 20;

/// What a file of another scanner says.
#[derive(Default)]
struct Said {
    /// Entries that need no look.
    entries: Vec<Allow>,
    /// Places where something is to be kept silent.
    places: Vec<Place>,
    /// What is silenced by what it is, wherever it stands.
    silenced: Vec<Silenced>,
    /// Rules that became detectors.
    detectors: Vec<Made>,
    /// Whose rules they are, by their file.
    provider: Option<String>,
    /// What is not quite the same, with its line and why.
    differs: Vec<(usize, String)>,
    /// What has no counterpart, with its line and why.
    lost: Vec<(usize, String)>,
}

/// A file of another scanner.
struct Source {
    /// How messages name it.
    name: String,
    said: Said,
}

pub(super) fn run(args: MigrateArgs) -> Result<Exit, Failure> {
    let repo = Repo::around(Path::new(".")).ok();
    let top = repo.as_ref().map_or_else(|| PathBuf::from("."), setup::top_of);
    let named = if args.files.is_empty() { at_top(&top) } else { args.files.clone() };
    if named.is_empty() {
        return Err(Failure::with_hint(
            "there is no file of another scanner here",
            format!("name one; {} are looked for", FILES.join(", ")),
        ));
    }
    let mut sources = read_all(&named)?;
    let made = sources.iter().flat_map(|source| &source.said.detectors).map(|made| made.detector.clone()).collect();
    let reading = ReadingArgs { detectors: args.detectors, config: args.config, threads: args.threads, ..ReadingArgs::default() };
    let mut common = CommonArgs::of_reading(&reading, args.min_confidence);
    common.filter.no_baseline = true;
    let mut setup = setup::setup_with_detectors(&common, &top, &Here::default(), Options::default(), made)?;
    for source in &mut sources {
        drop_what_others_find(source, setup.scanner.catalog());
        resolve(source, &top, repo.as_ref(), &mut setup)?;
    }
    silence(&mut sources, &top, repo.as_ref(), &setup)?;
    let (mut lost, mut differs) = (0, 0);
    for Source { name, said } in &mut sources {
        said.lost.sort();
        said.differs.sort();
        said.lost.iter().for_each(|(line, why)| tell("not carried over", &format!("{name}:{line}: {why}")));
        said.differs.iter().for_each(|(line, why)| tell("not the same", &format!("{name}:{line}: {why}")));
        lost += said.lost.len();
        differs += said.differs.len();
    }
    let told = write::finish(sources, &setup.config_path, args.write)?;
    tell("migrate", &format!("{told}; {} could not be carried over, {differs} not quite the same", counted(lost, "thing")));
    Ok(Exit::Clean)
}

/// Returns the files of other scanners at the top; a link may lead anywhere, and whoever means it can name it.
fn at_top(top: &Path) -> Vec<PathBuf> {
    let is_file = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| found.is_file());
    FILES.iter().map(|name| top.join(name)).filter(is_file).collect()
}

fn read_all(named: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let shipped = Catalog::shipped();
    let mut taken: BTreeSet<String> = shipped.detectors().map(|detector| detector.id.to_string()).collect();
    let mut sources = Vec::new();
    for path in named {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let said = read(path, &name, &shipped, &taken)?;
        taken.extend(said.detectors.iter().map(|made| made.detector.id.to_string()));
        sources.push(Source { name, said });
    }
    Ok(sources)
}

fn read(path: &Path, name: &str, shipped: &Catalog, taken: &BTreeSet<String>) -> Result<Said, Failure> {
    let hint = "name a file of another scanner";
    let text = bounded::read_text(path, MAX_BYTES).map_err(|error| Failure::with_hint(chain(&error), hint))?;
    let text = text.ok_or_else(|| Failure::with_hint(format!("there is no {}", path.display()), hint))?;
    let parsed = match name {
        name if name.ends_with(".toml") => gitleaks::read(&text, name, shipped, taken),
        name if name.ends_with("ignore") => Ok(places::ignored(&text)),
        name if name.ends_with(".yml") || name.ends_with(".yaml") => places::kingfisher(&text),
        _ => places::detect_secrets(&text),
    };
    parsed.map_err(|what| Failure::with_hint(format!("{}: {what}", path.display()), "it is not as its scanner writes it"))
}

/// Drops detectors whose samples others find: what is reported would have their names, and their way out is the better one.
fn drop_what_others_find(source: &mut Source, catalog: &Catalog) {
    let said = &mut source.said;
    let (lost, entries) = (&mut said.lost, &mut said.entries);
    said.detectors.retain(|made| {
        let Some(others) = found_by_others(catalog, &made.detector) else { return true };
        lost.push((made.line, format!("rule {:?}: found already, by {}", made.name, Vec::from_iter(others).join(", "))));
        entries.retain(|entry| entry.detector.as_deref() != Some(made.detector.id.as_ref()));
        false
    });
}

/// How many instances of each sample must be found by others.
const INSTANCES: u64 = 16;

/// Returns the detectors that find every instance of a detector's samples in its place; nothing where one is left to it.
fn found_by_others<'c>(catalog: &'c Catalog, detector: &Detector) -> Option<BTreeSet<&'c str>> {
    let mut others = BTreeSet::new();
    for (leak, seed) in detector.leaks.iter().flat_map(|leak| (0..INSTANCES).map(move |seed| (leak, seed))) {
        let instance = sample::expand(leak, detector, seed);
        let secret = instance.secret?;
        let matches = catalog.matches(&instance.text, Content::Text);
        let found: Vec<&str> = matches.iter().filter(|m| m.span().overlaps(secret)).map(|m| catalog.id_of(m)).collect();
        if found.is_empty() || found.contains(&detector.id.as_ref()) {
            return None;
        }
        others.extend(found);
    }
    Some(others)
}

/// Makes entries of the places that a file names.
fn resolve(source: &mut Source, top: &Path, repo: Option<&Repo>, setup: &mut Setup) -> Result<(), Failure> {
    for place in std::mem::take(&mut source.said.places) {
        match resolved(&place, &source.name, top, repo, setup)? {
            Ok(found) => source.said.entries.extend(found),
            Err(why) => source.said.lost.push((place.line_of_file, format!("{}:{}: {why}", place.path, place.line))),
        }
    }
    Ok(())
}

/// Makes entries of what is silenced by what it is, for all that is found in history and files now.
fn silence(sources: &mut [Source], top: &Path, repo: Option<&Repo>, setup: &Setup) -> Result<(), Failure> {
    if sources.iter().all(|source| source.said.silenced.is_empty()) {
        return Ok(());
    }
    let verdicts = all_there_is(top, repo, setup)?;
    for said in sources.iter_mut().map(|source| &mut source.said) {
        let mut idle: Vec<Silenced> = Vec::new();
        for silenced in std::mem::take(&mut said.silenced) {
            let entries = silenced.entries(&verdicts);
            let shown = &silenced.shown;
            if entries.is_empty() {
                idle.push(silenced);
                continue;
            }
            let what = format!("{shown}: silences what is here now, {}, and none that comes", counted(entries.len(), "credential"));
            said.differs.push((silenced.line, what));
            said.entries.extend(entries);
        }
        said.lost.extend(now::idle(&idle));
    }
    Ok(())
}

fn all_there_is(top: &Path, repo: Option<&Repo>, setup: &Setup) -> Result<Vec<Verdict>, Failure> {
    let shown = progress::watch(setup.scanner.watch(), false);
    let mut verdicts = match repo {
        Some(repo) => setup.scanner.audit(repo, None, None)?.verdicts,
        None => Vec::new(),
    };
    if repo.is_none_or(|repo| repo.work_dir().is_some()) {
        verdicts.extend(setup.scanner.scan(&[top.to_owned()], &FileOptions::default(), None)?.verdicts);
    }
    drop(shown);
    Ok(verdicts)
}

/// Makes entries of what we find at a place.
fn resolved(
    place: &Place,
    name: &str,
    top: &Path,
    repo: Option<&Repo>,
    setup: &mut Setup,
) -> Result<Result<Vec<Allow>, &'static str>, Failure> {
    let bytes = match (&place.commit, repo) {
        (Some(commit), Some(repo)) => match repo.object_named(&format!("{commit}:{}", place.path)).map(|id| repo.blob(id)) {
            Ok(Read::Bytes(bytes)) => bytes.to_vec(),
            Ok(Read::Skip(_)) | Err(_) => return Ok(Err("that version of the file is not in this repository")),
        },
        (Some(_), None) => return Ok(Err("a commit is named, and this is no repository")),
        (None, _) if !top.join(&place.path).exists() => return Ok(Err("the file is not there")),
        (None, _) if !subject::is_below(top, &place.path) => return Ok(Err("it lies outside of the repository")),
        (None, _) => match subject::regular(&top.join(&place.path)) {
            Some(bytes) => bytes,
            None => return Ok(Err("it is no file of an ordinary size")),
        },
    };
    let outcome = setup.scanner.scan_bytes(&place.path, bytes.as_slice(), None)?;
    let at_line = outcome.verdicts.iter().map(|verdict| &verdict.finding);
    // Lines of what is packed are no lines of the file.
    let at_line = at_line.filter(|finding| finding.member.is_none() && (finding.start.line..=finding.end.line).contains(&place.line));
    let entries: Vec<Allow> = at_line
        .map(|finding| Allow::credential(finding.fingerprint, format!("{} in {name}, line {}", place.why, place.line_of_file)))
        .collect();
    Ok(if entries.is_empty() { Err("staunch finds nothing there, so there is nothing to allow") } else { Ok(entries) })
}
