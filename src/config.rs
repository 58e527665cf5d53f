//! `.staunch.yaml`: what a repository says about itself. Parsed once, then trusted.

pub mod edit;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::bounded::{self, Unreadable};
use crate::policy::{Policy, PolicyYaml};
use crate::secret::Fingerprint;

/// The file's name, at the top of the repository.
pub const FILE_NAME: &str = ".staunch.yaml";

/// The largest configuration that is read: YAML of this size parses in milliseconds.
pub const MAX_BYTES: u64 = 1 << 20;

/// What the configuration says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// What is allowed, in the order of the file.
    pub allow: Vec<Allow>,
    /// Folders or files with detectors of the user's own, relative to the configuration.
    pub detectors: Vec<PathBuf>,
    /// Globs of paths that are not scanned, and why.
    pub exclude: Vec<Exclude>,
    /// The baseline's file, relative to the configuration.
    pub baseline: Option<PathBuf>,
    /// Which marks in comments count; nothing where it is left to the command.
    pub inline_allow: Option<InlineAllow>,
    /// How severities are reckoned.
    pub policy: Policy,
}

/// Which marks in comments keep a finding silent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InlineAllow {
    /// Ours and those of other scanners.
    #[default]
    All,
    /// Ours.
    Own,
    /// None: who writes the comment is not who decides.
    None,
}

/// One entry of `allow`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The credential that is allowed.
    pub fingerprint: Option<Fingerprint>,
    /// The path or glob where it is allowed.
    pub path: Option<String>,
    /// The path or glob where it is not allowed all the same.
    pub except: Option<String>,
    /// The detector whose findings are allowed.
    pub detector: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<jiff::civil::Date>,
    /// Where the entry is: `.staunch.yaml:12`.
    pub place: String,
}

impl Allow {
    /// Returns an entry that allows one credential wherever it is.
    pub fn credential(fingerprint: Fingerprint, reason: String) -> Self {
        let place = FILE_NAME.to_owned();
        Allow { fingerprint: Some(fingerprint), path: None, except: None, detector: None, reason, owner: None, expires: None, place }
    }
}

/// One entry of `exclude`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// A glob such as `vendor/**`.
    pub path: String,
    /// Why nothing there need be scanned.
    pub reason: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "staunch configuration")]
struct ConfigYaml {
    /// What is allowed; each entry names at least one of fingerprint, path and detector, and a reason.
    #[serde(default)]
    #[schemars(with = "Vec<AllowYaml>")]
    allow: Vec<Spanned<AllowYaml>>,
    /// Folders or files with detectors of your own.
    #[serde(default)]
    detectors: Vec<PathBuf>,
    /// Paths that are not scanned.
    #[serde(default)]
    exclude: Vec<Exclude>,
    /// The baseline's file.
    #[serde(default)]
    baseline: Option<PathBuf>,
    /// Which marks in comments count [default: all; none in hooks of a server].
    #[serde(default)]
    inline_allow: Option<InlineAllow>,
    /// What is worse than it looks, and how long a credential may lie exposed.
    #[serde(default)]
    policy: PolicyYaml,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AllowYaml {
    /// The credential, as reports name it.
    #[serde(default)]
    fingerprint: Option<String>,
    /// A path or glob.
    #[serde(default)]
    path: Option<String>,
    /// A path or glob where the entry says nothing.
    #[serde(default)]
    except: Option<String>,
    /// A detector's id.
    #[serde(default)]
    detector: Option<String>,
    /// Why it is allowed.
    reason: String,
    /// Who answers for it.
    #[serde(default)]
    owner: Option<String>,
    /// The last day on which it holds, such as 2027-03-31.
    #[serde(default)]
    expires: Option<String>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read, or is larger than a configuration can be.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The YAML is not as it should be.
    #[error("{place}: {what}")]
    Invalid {
        /// File, line and column.
        place: String,
        /// What is wrong.
        what: String,
    },
}

impl Config {
    /// Reads a file; one that does not exist says nothing.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let Some(text) = bounded::read_text(path, MAX_BYTES)? else { return Ok(Config::default()) };
        Config::parse(&text, &path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
    }

    /// Parses a configuration; `place` is how messages name it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Ok(Config::default());
        }
        let yaml: ConfigYaml = serde_saphyr::from_str(text).map_err(|cause| Error::Invalid {
            place: cause.location().map_or_else(|| place.to_owned(), |at| format!("{place}:{}:{}", at.line(), at.column())),
            what: cause.without_snippet().to_string(),
        })?;
        let allow = yaml
            .allow
            .into_iter()
            .map(|entry| {
                let place = format!("{place}:{}", entry.referenced.line());
                allow(entry.value, place)
            })
            .collect::<Result<_, _>>()?;
        let policy = yaml.policy.complete().map_err(|what| Error::Invalid { place: place.to_owned(), what: format!("policy: {what}") })?;
        let ConfigYaml { detectors, exclude, baseline, inline_allow, .. } = yaml;
        Ok(Config { allow, detectors, exclude, baseline, inline_allow, policy })
    }
}

fn allow(yaml: AllowYaml, place: String) -> Result<Allow, Error> {
    let fail = |what: String| Error::Invalid { place: place.clone(), what };
    if yaml.reason.trim().is_empty() {
        return Err(fail("an allow entry needs a reason".into()));
    }
    if yaml.fingerprint.is_none() && yaml.path.is_none() && yaml.detector.is_none() {
        return Err(fail("an allow entry needs a fingerprint, a path or a detector".into()));
    }
    let fingerprint = yaml
        .fingerprint
        .as_ref()
        .map(|text| Fingerprint::parse(text).ok_or_else(|| fail(format!("fingerprint {text:?} is not 20 hexadecimal digits"))))
        .transpose()?;
    let expires = yaml
        .expires
        .as_ref()
        .map(|text| text.parse().map_err(|_| fail(format!("expires {text:?} is not a date such as 2027-03-31"))))
        .transpose()?;
    let AllowYaml { path, except, detector, reason, owner, .. } = yaml;
    Ok(Allow { fingerprint, path, except, detector, reason, owner, expires, place })
}

/// Returns the JSON Schema of the configuration, for editors.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(ConfigYaml)
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn an_entry_is_read_with_its_place() {
        let text = "allow:\n  - detector: jwt\n    reason: demo\n    expires: 2027-03-31\n";
        let config = Config::parse(text, ".staunch.yaml").expect("it is valid");
        assert_eq!(config.allow[0].place, ".staunch.yaml:2");
        assert_eq!(config.allow[0].expires, Some(jiff::civil::date(2027, 3, 31)));
        assert_eq!(Config::parse("# empty\n", "x").expect("nothing is said"), Config::default());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, message) in [
            ("allow:\n  - detector: jwt\n", ".staunch.yaml:2"),
            ("allow:\n  - reason: x\n", "needs a fingerprint, a path or a detector"),
            ("allow:\n  - {detector: jwt, reason: x, expires: soon}\n", "is not a date"),
            ("allow:\n  - {fingerprint: zz, reason: x}\n", "is not 20 hexadecimal digits"),
            ("alow: []\n", "alow"),
        ] {
            let error = Config::parse(text, ".staunch.yaml").expect_err("it is not valid").to_string();
            assert!(error.contains(message), "{text:?}: {error}");
        }
    }
}
