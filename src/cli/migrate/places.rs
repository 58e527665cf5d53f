//! Files that name places: `.gitleaksignore`, `.secrets.baseline`, a baseline of Kingfisher.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Said;

/// A place where something is to be kept silent.
pub(super) struct Place {
    pub(super) path: String,
    /// The version of the file; the one on disk where none is named.
    pub(super) commit: Option<String>,
    pub(super) line: usize,
    /// Where it is said.
    pub(super) line_of_file: usize,
    /// Why, as far as it is said.
    pub(super) why: &'static str,
}

/// Reads `.gitleaksignore`: a line is `path:rule:line`, with a commit before it or not.
pub(super) fn ignored(text: &str) -> Said {
    let mut said = Said::default();
    for (line_of_file, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut parts = line.rsplitn(3, ':');
        let (number, _rule, path) = (parts.next().and_then(|number| number.parse().ok()), parts.next(), parts.next());
        let (Some(number), Some(path)) = (number, path) else {
            said.lost.push((line_of_file, format!("{line:?} is not path:rule:line")));
            continue;
        };
        let (commit, path) = match path.split_once(':') {
            Some((commit, path)) if is_commit(commit) => (Some(commit.to_owned()), path),
            _ => (None, path),
        };
        said.places.push(Place { path: path.to_owned(), commit, line: number, line_of_file, why: "ignored" });
    }
    said
}

fn is_commit(word: &str) -> bool {
    (7..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[derive(Deserialize)]
struct DetectSecrets {
    results: BTreeMap<String, Vec<Potential>>,
}

#[derive(Deserialize)]
struct Potential {
    line_number: usize,
    hashed_secret: String,
    is_secret: Option<bool>,
}

/// Reads the baseline of detect-secrets. What was marked there as a real secret is not allowed by us.
pub(super) fn detect_secrets(text: &str) -> Result<Said, String> {
    let baseline: DetectSecrets = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut said = Said::default();
    for (path, found) in baseline.results {
        for potential in found {
            let line_of_file = line_with(text, &potential.hashed_secret);
            if potential.is_secret == Some(true) {
                let why = format!(
                    "{path}:{}: it was marked as a real secret: revoke it; `staunch baseline create` keeps it silent until then",
                    potential.line_number
                );
                said.lost.push((line_of_file, why));
                continue;
            }
            let why = if potential.is_secret == Some(false) { "marked as a false alarm" } else { "known" };
            said.places.push(Place { path: path.clone(), commit: None, line: potential.line_number, line_of_file, why });
        }
    }
    Ok(said)
}

#[derive(Deserialize)]
struct Kingfisher {
    #[serde(rename = "ExactFindings")]
    exact: Exact,
}

#[derive(Deserialize)]
struct Exact {
    #[serde(default)]
    matches: Vec<Exactly>,
}

#[derive(Deserialize)]
struct Exactly {
    filepath: String,
    fingerprint: serde_json::Value,
    linenum: usize,
}

/// Reads a baseline of Kingfisher.
pub(super) fn kingfisher(text: &str) -> Result<Said, String> {
    let baseline: Kingfisher = serde_saphyr::from_str(text).map_err(|error| error.without_snippet().to_string())?;
    let places = baseline.exact.matches.into_iter().map(|found| {
        let fingerprint = found.fingerprint.to_string();
        let line_of_file = line_with(text, fingerprint.trim_matches('"'));
        Place { path: found.filepath, commit: None, line: found.linenum, line_of_file, why: "known" }
    });
    Ok(Said { places: places.collect(), ..Said::default() })
}

fn line_with(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.contains(word)).map_or(1, |at| at + 1)
}
