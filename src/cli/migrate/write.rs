//! Where what was carried over goes: shown, or into `.staunch.yaml` and the folder with detectors beside it.

use staunch::count::counted;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use staunch::bounded;
use staunch::config::{Allow, Config, edit};

use super::super::exit::{Failure, shown};
use super::super::{allow, output, subject};
use super::{Source, rules};

/// Where detectors go, relative to the configuration.
const FOLDER: &str = ".staunch/detectors";

/// A file with detectors.
struct File {
    /// Relative to the configuration.
    path: String,
    text: String,
}

/// Writes or shows everything; returns what to say of it.
pub(super) fn finish(sources: Vec<Source>, config: &Path, is_written: bool) -> Result<String, Failure> {
    let (mut files, mut entries, mut detectors) = (Vec::<File>::new(), Vec::new(), 0);
    for Source { name, said } in sources {
        entries.extend(said.entries);
        if said.detectors.is_empty() {
            continue;
        }
        detectors += said.detectors.len();
        let stem = name.trim_start_matches('.').trim_end_matches(".toml");
        let path = format!("{FOLDER}/{stem}.yaml");
        let path = if files.iter().any(|file| file.path == path) { format!("{FOLDER}/{stem}-{}.yaml", files.len() + 1) } else { path };
        let elements: String = said.detectors.iter().map(|made| made.text.as_str()).collect();
        files.push(File { path, text: rules::head(said.provider.as_deref().unwrap_or("rules of our own"), &name) + &elements });
    }
    let mut seen = BTreeSet::new();
    entries.retain(|entry| seen.insert((entry.fingerprint, entry.path.clone(), entry.except.clone(), entry.detector.clone())));
    let made = format!("{} and {}", counted(entries.len(), "entry"), counted(detectors, "detector"));
    if is_written {
        write(&files, &entries, config)?;
        let also = if files.is_empty() { String::new() } else { format!(" and {FOLDER}") };
        return Ok(format!("{made} are in {}{also}", shown(config)));
    }
    show(&files, &entries)?;
    Ok(format!("{made} were made, and nothing was written: --write does"))
}

fn show(files: &[File], entries: &[Allow]) -> Result<(), Failure> {
    output::print(|out| {
        if !entries.is_empty() || files.is_empty() {
            let lines: String = entries.iter().map(|entry| edit::entry(entry, "  ")).collect();
            write!(out, "allow:\n{lines}")?;
        }
        if !files.is_empty() {
            writeln!(out, "detectors:\n  - {FOLDER}")?;
        }
        files.iter().try_for_each(|file| write!(out, "\n# {}\n{}", file.path, file.text))
    })
}

fn write(files: &[File], entries: &[Allow], config: &Path) -> Result<(), Failure> {
    let folder = config.parent().unwrap_or(Path::new("")).to_owned();
    // Before anything is changed: what somebody wrote since is not replaced.
    for file in files {
        check(&folder, file)?;
    }
    if !files.is_empty() {
        fs::create_dir_all(folder.join(FOLDER))?;
    }
    for file in files {
        fs::write(folder.join(&file.path), &file.text)?;
    }
    for entry in entries {
        allow::add_silently(config, entry)?;
    }
    let is_named = Config::read(config)?.detectors.iter().any(|path| path.components().eq(PathBuf::from(FOLDER).components()));
    if !files.is_empty() && !is_named {
        allow::edit(config, &|text| edit::with_detectors(text, FOLDER), &format!("add it by hand:\ndetectors:\n  - {FOLDER}"))?;
    }
    Ok(())
}

fn check(folder: &Path, file: &File) -> Result<(), Failure> {
    let path = folder.join(&file.path);
    if subject::is_through_link(&path, Path::new(&file.path).components().count()) {
        return Err(Failure::with_hint(format!("{} is a link, or in one", shown(&path)), "make it a file in a folder"));
    }
    // What cannot be read is somebody's as well.
    let is_other =
        bounded::read(&path, file.text.len() as u64).map_or(true, |there| there.is_some_and(|there| there != file.text.as_bytes()));
    if is_other {
        return Err(Failure::with_hint(
            format!("{} is there and says something else; nothing was changed", shown(&path)),
            "move it away and have it made again, or leave out --write and take from what is shown",
        ));
    }
    Ok(())
}
