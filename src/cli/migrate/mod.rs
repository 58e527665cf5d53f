//! `staunch migrate`: what other scanners were told to keep silent about, as entries of `.staunch.yaml`.
//!
//! They name places or patterns, we name credentials: an entry is made of what we find ourselves at the place that is named.
//! What cannot be carried over is listed line by line, so that nobody believes it was.

mod gitleaks;
mod glob;
mod places;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use staunch::config::{self, Allow, edit};
use staunch::git::{Read, Repo};
use staunch::here::Here;
use staunch::scan::Options;

use self::places::Place;
use super::args::MigrateArgs;
use super::exit::{Exit, Failure, tell};
use super::setup::Setup;
use super::{allow, setup, subject};

/// Files that are looked for where none is named.
const FILES: [&str; 7] = [
    ".gitleaks.toml",
    "gitleaks.toml",
    ".betterleaks.toml",
    ".gitleaksignore",
    ".betterleaksignore",
    ".secrets.baseline",
    "baseline-file.yml",
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
    /// What has no counterpart, with its line and why.
    lost: Vec<(usize, String)>,
}

pub(super) fn run(args: &MigrateArgs) -> Result<Exit, Failure> {
    let repo = Repo::around(Path::new(".")).ok();
    let top = repo.as_ref().map_or_else(|| PathBuf::from("."), setup::top_of);
    let named = if args.files.is_empty() {
        FILES.iter().map(|name| top.join(name)).filter(|path| path.exists()).collect()
    } else {
        args.files.clone()
    };
    if named.is_empty() {
        return Err(Failure::with_hint(
            "there is no file of another scanner here",
            format!("name one; {} are looked for", FILES.join(", ")),
        ));
    }
    let mut setup = setup::setup_with(&args.common, &top, &Here::default(), Options::default())?;
    let (mut entries, mut lost) = (Vec::new(), 0);
    for path in &named {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut said = read(path, &name)?;
        for place in std::mem::take(&mut said.places) {
            match resolved(&place, &name, &top, repo.as_ref(), &mut setup)? {
                Ok(found) => said.entries.extend(found),
                Err(why) => said.lost.push((place.line_of_file, format!("{}:{}: {why}", place.path, place.line))),
            }
        }
        said.lost.sort();
        lost += said.lost.len();
        for (line, why) in said.lost {
            tell("not carried over", &format!("{name}:{line}: {why}"));
        }
        entries.extend(said.entries);
    }
    let mut seen = BTreeSet::new();
    entries.retain(|entry| seen.insert((entry.fingerprint, entry.path.clone(), entry.detector.clone())));
    finish(&entries, lost, &setup.config_path, args.write)
}

fn finish(entries: &[Allow], lost: usize, config: &Path, is_written: bool) -> Result<Exit, Failure> {
    if is_written {
        for entry in entries {
            allow::add_silently(config, entry)?;
        }
    } else {
        let lines: String = entries.iter().map(|entry| edit::entry(entry, "  ")).collect();
        super::output::print(|out| write!(out, "allow:\n{lines}"))?;
    }
    let where_to =
        if is_written { format!("are in {}", config.display()) } else { "were made; --write puts them into the configuration".to_owned() };
    tell("migrate", &format!("{} entries {where_to}, {lost} things could not be carried over", entries.len()));
    Ok(Exit::Clean)
}

fn read(path: &Path, name: &str) -> Result<Said, Failure> {
    let fail = |cause: std::io::Error| Failure::with_hint(format!("{}: {cause}", path.display()), "name a file of another scanner");
    if std::fs::metadata(path).map_err(fail)?.len() > MAX_BYTES {
        return Err(Failure::new(format!("{}: larger than {MAX_BYTES} bytes", path.display())));
    }
    let text = std::fs::read_to_string(path).map_err(fail)?;
    let parsed = match name {
        name if name.ends_with(".toml") => gitleaks::read(&text, name),
        name if name.ends_with("ignore") => Ok(places::ignored(&text)),
        name if name.ends_with(".yml") || name.ends_with(".yaml") => places::kingfisher(&text),
        _ => places::detect_secrets(&text),
    };
    parsed.map_err(|what| Failure::with_hint(format!("{}: {what}", path.display()), "it is not as its scanner writes it"))
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
        (None, _) => match subject::regular(&top.join(&place.path)) {
            Some(bytes) => bytes,
            None => return Ok(Err("the file is not there, or is none of an ordinary size")),
        },
    };
    let outcome = setup.scanner.scan_bytes(&place.path, &bytes, None)?;
    let at_line = outcome.verdicts.iter().map(|verdict| &verdict.finding);
    let at_line = at_line.filter(|finding| (finding.start.line..=finding.end.line).contains(&place.line));
    let entries: Vec<Allow> = at_line
        .map(|finding| Allow {
            fingerprint: Some(finding.fingerprint),
            path: None,
            detector: None,
            reason: format!("{} in {name}, line {}", place.why, place.line_of_file),
            owner: None,
            expires: None,
            place: config::FILE_NAME.to_owned(),
        })
        .collect();
    Ok(if entries.is_empty() { Err("staunch finds nothing there, so there is nothing to allow") } else { Ok(entries) })
}
