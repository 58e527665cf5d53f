//! Detector files of the user's own: which of them are read, and what may be said of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use staunch::detect::{self, Catalog};
use staunch::detector::{Detector, yaml};

use super::exit::{Failure, chain};

/// Detectors beside those that ship, and the files that have them.
#[derive(Default)]
pub(super) struct Own {
    detectors: Vec<Detector>,
    /// The file of each detector, by its id.
    files: BTreeMap<String, String>,
    /// What was read, by its real path: the configuration and the user may name the same file.
    read: BTreeSet<PathBuf>,
}

impl Own {
    /// Reads a file, or all YAML files below a folder, that the user named.
    pub(super) fn named(&mut self, path: &Path) -> Result<(), Failure> {
        let files = if path.is_dir() { yaml_files(path)? } else { vec![path.to_owned()] };
        for file in files {
            // A pipe has no real path.
            if !self.read.insert(file.canonicalize().unwrap_or_else(|_| file.clone())) {
                continue;
            }
            let name = file.display().to_string();
            let unreadable = |cause: io::Error| Failure::with_hint(format!("{name}: {cause}"), "name a detector file, or a folder of them");
            let text = read_text(&file).map_err(unreadable)?;
            let parsed = yaml::parse(&text, &name)
                .map_err(|error| Failure::with_hint(chain(&error), "`staunch detectors schema` prints what may stand in such a file"))?;
            self.add(parsed, &name)?;
        }
        Ok(())
    }

    /// Reads what a configuration in a folder names.
    ///
    /// The repository may be hostile: the path must stay in it, and an error shows nothing of what the file holds, or the log
    /// of a CI job would show whatever file a pull request names.
    pub(super) fn configured(&mut self, folder: &Path, path: &Path) -> Result<(), Failure> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let refuse = |why: &str| {
            Failure::with_hint(format!("detectors {path:?} of the configuration: {why}"), "name .yaml files inside of the repository")
        };
        let is_below = |real: &Path| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        let real = folder.join(path).canonicalize().map_err(|_| refuse("there is no such file or folder"))?;
        if !is_below(&real) {
            return Err(refuse("it lies outside of the repository"));
        }
        let files = if real.is_dir() { yaml_files(&real)? } else { vec![real] };
        for file in files {
            let real = file.canonicalize().map_err(|_| refuse("a file cannot be read"))?;
            if !is_below(&real) || !real.is_file() || !is_yaml(&real) {
                return Err(refuse("not a .yaml file inside of the repository"));
            }
            if !self.read.insert(real.clone()) {
                continue;
            }
            let text = read_text(&real).map_err(|_| refuse("a file cannot be read"))?;
            let name = from_here(&real);
            let parsed = yaml::parse(&text, "detectors").map_err(|error| {
                let what =
                    format!("detectors {name:?} of the configuration: not valid at line {}, column {}", error.line(), error.column());
                Failure::with_hint(what, format!("`staunch detectors test {}` says what is wrong", as_argument(&name)))
            })?;
            self.add(parsed, &name)?;
        }
        Ok(())
    }

    fn add(&mut self, parsed: Vec<Detector>, file: &str) -> Result<(), Failure> {
        for detector in parsed {
            if let Some(other) = self.files.insert(detector.id.to_string(), file.to_owned()) {
                return Err(taken(file, &detector.id, &format!("a detector in {other} already")));
            }
            self.detectors.push(detector);
        }
        Ok(())
    }

    /// Returns them with those that ship, and with more that no file has yet; where a file has one of those, the file counts.
    pub(super) fn beside_shipped(self, mut more: Vec<Detector>) -> Result<Catalog, Failure> {
        let Own { mut detectors, files, .. } = self;
        more.retain(|detector| !files.contains_key(detector.id.as_ref()));
        detectors.extend(more);
        if detectors.is_empty() {
            return Ok(Catalog::shipped());
        }
        Catalog::with(detectors).map_err(|error| {
            let id = if let detect::Error::SameId { id } = &error { Some(id) } else { None };
            match id.and_then(|id| Some((id, files.get(id)?))) {
                Some((id, file)) => taken(file, id, SHIPPED),
                None => error.into(),
            }
        })
    }

    /// Returns them in place of their copies that ship, to be tested, and the catalog that they are then part of.
    ///
    /// An id that ships with another provider is none of a copy.
    pub(super) fn in_place_of_shipped(self) -> Result<(Catalog, Vec<Arc<Detector>>), Failure> {
        let shipped = Catalog::shipped();
        let mut others = Vec::new();
        for detector in shipped.detectors() {
            let Some(file) = self.files.get(detector.id.as_ref()) else {
                others.push(detector.clone());
                continue;
            };
            if !self.detectors.iter().any(|own| own.id == detector.id && own.provider == detector.provider) {
                return Err(taken(file, &detector.id, SHIPPED));
            }
        }
        let own: Vec<Arc<Detector>> = self.detectors.into_iter().map(Arc::new).collect();
        Ok((Catalog::of_both(others, own.clone()), own))
    }
}

const SHIPPED: &str = "a detector that ships; choose another";

fn taken(file: &str, id: &str, whose: &str) -> Failure {
    Failure::with_hint(format!("{file}: the id {id:?} is that of {whose}"), "an id is for ever: baselines and allow entries name it")
}

/// The largest detector file that is read; the largest that ships is a tenth of it.
const MAX_DETECTOR_BYTES: u64 = 1 << 20;

fn read_text(path: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_DETECTOR_BYTES + 1).read_to_string(&mut text)?;
    // Half a file could be valid, and would silently find less.
    if text.len() as u64 > MAX_DETECTOR_BYTES {
        return Err(io::Error::other(format!("larger than {MAX_DETECTOR_BYTES} bytes")));
    }
    Ok(text)
}

/// Returns the YAML files of a folder and of those below it; of these no hidden ones and no links, which may lead in circles.
fn yaml_files(top: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut pending = vec![top.to_owned()];
    while let Some(folder) = pending.pop() {
        let unreadable = |cause: io::Error| Failure::with_hint(format!("{}: {cause}", folder.display()), "name a folder of detector files");
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_type().map_err(unreadable)?.is_dir() {
                let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                pending.extend((!is_hidden).then(|| entry.path()));
            } else if is_yaml(&entry.path()) {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::with_hint(format!("{} holds no detector file", top.display()), "detector files end in .yaml"));
    }
    Ok(files)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Returns a real path as somebody types it who stands where we do.
fn from_here(real: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.ok().and_then(|here| real.strip_prefix(here).ok()).unwrap_or(real).display().to_string()
}

/// Returns a path where a shell takes it as it is: it is copied, and the repository may have chosen it.
fn as_argument(path: &str) -> &str {
    let is_plain = !path.starts_with('-') && path.chars().all(|c| c.is_ascii_alphanumeric() || "_./-+@,".contains(c));
    if is_plain { path } else { "FILE" }
}
