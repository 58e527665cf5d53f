//! Earlier reports, ours and those of other scanners, as documents that any format can be made of.
//!
//! What another scanner wrote in plain is masked and fingerprinted here, as if we had found it, so that the same value
//! is the same credential whoever found it; what it wrote of it otherwise, such as an excerpt, is not taken over.

mod foreign;
mod gather;
mod merge;
mod rivals;
mod sarif;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::document::{Document, Shared, VERSION};
use crate::detector::Detector;
use crate::secret::Fingerprints;
use foreign::Collected;
pub use merge::{diff, merge};

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON.
    #[error("{name}: no JSON at line {}, column {}", cause.line(), cause.column())]
    Json {
        /// The file.
        name: String,
        /// What is wrong.
        #[source]
        cause: serde_json::Error,
    },
    /// A later version of this program wrote it.
    #[error("{name}: version {version} of the report is not known to this program")]
    Version {
        /// The file.
        name: String,
        /// The version it states.
        version: u64,
    },
    /// It holds nothing at all.
    #[error("{name}: empty, which is no report")]
    Empty {
        /// The file.
        name: String,
    },
    /// It is JSON, but no report of a scanner that we know.
    #[error("{name}: no report of staunch, gitleaks, Betterleaks, Kingfisher or TruffleHog, and no SARIF")]
    Unknown {
        /// The file.
        name: String,
    },
}

/// What is needed to take over what another scanner found.
pub struct Taking<'t> {
    /// Gives a value that is there in plain its identity.
    pub identities: &'t Fingerprints,
    /// Tells which of our detectors knows a value.
    pub recognise: &'t dyn Fn(&[u8]) -> Option<std::sync::Arc<Detector>>,
}

/// The keys by which a report is told from others.
#[derive(Deserialize)]
struct Signs {
    credentials: Option<IgnoredAny>,
    version: Option<Value>,
    runs: Option<IgnoredAny>,
}

/// Reads a report; its content says what wrote it.
///
/// # Errors
/// When it is no JSON, or no report that we know.
pub fn read(name: &str, bytes: &[u8], taking: &Taking<'_>) -> Result<Document, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_json = |cause| Error::Json { name: name.to_owned(), cause };
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{')
        && let Ok(signs) = serde_json::from_slice::<Signs>(bytes)
    {
        if signs.credentials.is_some() {
            return own(name, bytes, signs.version.as_ref());
        }
        if signs.runs.is_some() {
            let log = serde_json::from_slice(bytes).map_err(is_json)?;
            return Ok(sarif::document(name, &log, taking));
        }
    }
    let mut collected = Collected::new(name);
    let mut count = 0;
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        count += 1;
        collected.add(value.map_err(is_json)?, taking).ok_or_else(|| Error::Unknown { name: name.to_owned() })?;
    }
    if count == 0 {
        // A scanner that crashed leaves such a file as well.
        return Err(Error::Empty { name: name.to_owned() });
    }
    Ok(collected.into_document())
}

fn own(name: &str, bytes: &[u8], version: Option<&Value>) -> Result<Document, Error> {
    match version.and_then(Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {
            serde_json::from_slice(bytes).map_err(|cause| Error::Json { name: name.to_owned(), cause })
        }
        Some(version) => Err(Error::Version { name: name.to_owned(), version }),
        None => Err(Error::Unknown { name: name.to_owned() }),
    }
}

/// Puts the paths of a report below a folder, so that several repositories can be one report.
pub fn below(document: &mut Document, folder: &str) {
    for credential in &mut document.credentials {
        let repositories = &mut credential.reuse.repositories;
        *repositories = match repositories.len() {
            0 => [folder.to_owned()].into(),
            // A report of several repositories is told from another such report.
            _ => repositories.iter().map(|repository| format!("{folder}/{repository}")).collect(),
        };
        let files = &mut credential.reuse.files;
        files.iter_mut().for_each(|file| *file = format!("{folder}/{file}").into());
    }
    let places = document.credentials.iter_mut().flat_map(|credential| credential.places.iter_mut());
    for place in places.chain(&mut document.suppressed) {
        let repository: Shared = place.repository.as_ref().map_or_else(|| folder.to_owned(), |own| format!("{folder}/{own}")).into();
        let path = if place.has_path() { format!("{repository}/{}", place.top_path()) } else { format!("{} of {repository}", place.path) };
        (place.path, place.from_top, place.repository) = (path.into(), None, Some(repository));
    }
    for skip in &mut document.coverage.skipped {
        skip.what = format!("{folder}: {}", skip.what);
    }
}
