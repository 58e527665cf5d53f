//! What a team holds to be worse, and how long it lets a credential lie exposed: `policy` in `.staunch.yaml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::detector::Severity;

/// What moves a severity up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// It expired.
    Expired,
    /// It ends within a week.
    RunsOut,
    /// It is good until somebody ends it.
    Endless,
    /// It is on a remote.
    Pushed,
    /// It is committed, but no remote has it.
    Local,
    /// No ref leads to it any more.
    Unreachable,
    /// It lies exposed for longer than the policy allows.
    OverAge,
    /// It serves several services, environments or repositories.
    Reused,
    /// It lies where production is configured.
    Production,
    /// It lies only among tests, examples and documentation.
    Test,
    /// The value itself says that it is for tests.
    TestMode,
    /// A private key that a passphrase protects.
    Encrypted,
    /// Whoever brought it has not committed for long.
    Orphan,
    /// The id and the secret that belong together are both here.
    Whole,
    /// Only one of two parts is here.
    Half,
    /// Only an id is here, which opens nothing without its secret.
    Identifier,
}

impl Weight {
    /// All weights and the points they count if the policy says nothing else.
    ///
    /// The bases of the bands leave room for them: one alone rarely moves a credential to another band, several do.
    const DEFAULTS: [(Weight, f32); 16] = [
        (Weight::Expired, -6.0),
        (Weight::RunsOut, -1.0),
        (Weight::Endless, 0.2),
        (Weight::Pushed, 0.2),
        (Weight::Local, -0.3),
        (Weight::Unreachable, -0.3),
        (Weight::OverAge, 0.5),
        (Weight::Reused, 0.3),
        (Weight::Production, 0.4),
        (Weight::Test, -2.0),
        (Weight::TestMode, -3.0),
        (Weight::Encrypted, -2.5),
        (Weight::Orphan, 0.2),
        (Weight::Whole, 0.2),
        (Weight::Half, -0.3),
        (Weight::Identifier, -4.0),
    ];
}

/// Which part of the world a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// What customers use.
    Production,
    /// What is like it.
    Staging,
    /// Where people develop.
    Development,
    /// Tests, examples, documentation.
    Test,
}

impl Environment {
    /// Returns the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Staging => "staging",
            Environment::Development => "development",
            Environment::Test => "test",
        }
    }
}

/// How severities are reckoned.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    weights: BTreeMap<Weight, f32>,
    max_age_days: BTreeMap<Severity, u32>,
    /// So long an author may be silent before what they brought is an orphan.
    pub orphan_after_days: u32,
    /// Globs of paths and the environment they are for, the first that matches counts.
    pub environments: Vec<(String, Environment)>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            weights: Weight::DEFAULTS.into_iter().collect(),
            max_age_days: [(Severity::Critical, 1), (Severity::High, 7), (Severity::Medium, 30), (Severity::Low, 90)].into_iter().collect(),
            orphan_after_days: 180,
            environments: Vec::new(),
        }
    }
}

impl Policy {
    /// Returns how many points something counts.
    pub fn points(&self, weight: Weight) -> f32 {
        self.weights.get(&weight).copied().unwrap_or(0.0)
    }

    /// Returns how many days a credential may lie exposed.
    pub fn max_age_days(&self, severity: Severity) -> u32 {
        self.max_age_days.get(&severity).copied().unwrap_or(u32::MAX)
    }
}

/// The policy as it is written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyYaml {
    /// Points, from -10 to 10, that something counts instead of what it counts by default.
    #[serde(default)]
    weights: BTreeMap<Weight, f32>,
    /// Days that a credential of a severity may lie exposed; a critical one 1, high 7, medium 30, low 90 by default.
    #[serde(default)]
    max_age_days: BTreeMap<Severity, u32>,
    /// Days that an author may be silent; 180 by default.
    #[serde(default)]
    orphan_after_days: Option<u32>,
    /// Globs of paths by environment, for what names alone do not tell.
    #[serde(default)]
    environments: BTreeMap<Environment, Vec<String>>,
}

impl PolicyYaml {
    /// Completes what is written by the defaults.
    pub(crate) fn complete(self) -> Result<Policy, String> {
        let mut policy = Policy::default();
        for (weight, points) in self.weights {
            if !(-10.0..=10.0).contains(&points) {
                return Err(format!("a weight is {points}, and may be from -10 to 10"));
            }
            policy.weights.insert(weight, points);
        }
        policy.max_age_days.extend(self.max_age_days);
        policy.orphan_after_days = self.orphan_after_days.unwrap_or(policy.orphan_after_days);
        for (environment, globs) in self.environments {
            for glob in globs {
                globset::Glob::new(&glob).map_err(|cause| format!("{glob:?} is no glob: {}", cause.kind()))?;
                policy.environments.push((glob, environment));
            }
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::{Policy, PolicyYaml, Weight};
    use crate::detector::Severity;

    #[test]
    fn what_is_written_takes_the_place_of_the_default() {
        let yaml: PolicyYaml = serde_saphyr::from_str("weights: {pushed: 2}\nmax_age_days: {high: 3}\n").expect("it is valid");
        let policy = yaml.complete().expect("it is complete");
        assert_eq!((policy.points(Weight::Pushed), policy.max_age_days(Severity::High)), (2.0, 3));
        assert_eq!(policy.points(Weight::Test), Policy::default().points(Weight::Test));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["weights: {pushed: 11}", "environments: {test: ['[']}"] {
            let yaml: PolicyYaml = serde_saphyr::from_str(text).expect("it is YAML");
            assert!(yaml.complete().is_err(), "{text}");
        }
    }
}
