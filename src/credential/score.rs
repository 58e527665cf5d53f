//! How severe a credential is, as a sum whose every part can be shown.

use crate::count::counted;
use jiff::Timestamp;

use super::Credential;
use super::exposure::days_between;
use crate::detector::{Decode, Severity};
use crate::git::refs::Holder;
use crate::identity::About;
use crate::policy::{Environment, Policy, Weight};
use crate::verdict::{Expiry, Pushed, Verdict};

/// One part of the sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Summand {
    /// Why.
    pub what: String,
    /// How many points.
    pub points: f32,
}

/// A severity from 0.1 to 10 in the bands of CVSS, and its arithmetic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    /// What it is the sum of.
    pub summands: Vec<Summand>,
}

impl Score {
    /// Returns the sum in tenths, which is exact, and within the bounds.
    pub fn tenths(&self) -> u32 {
        u32::try_from(self.sum().clamp(1, 100)).unwrap_or(1)
    }

    /// Returns the sum in tenths without bounds: of many that are as bad as can be, the worst still comes first.
    pub fn sum(&self) -> i32 {
        self.summands.iter().map(|summand| (summand.points * 10.0).round() as i32).sum()
    }

    /// Returns the sum as reports write it.
    pub fn text(&self) -> String {
        let tenths = self.tenths();
        format!("{}.{}", tenths / 10, tenths % 10)
    }

    /// Returns the band in which the sum lies.
    pub fn severity(&self) -> Severity {
        match self.tenths() {
            90.. => Severity::Critical,
            70.. => Severity::High,
            40.. => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// Returns the arithmetic, one line for each part, and the sum.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.summands.iter().map(|summand| format!("{:+.1}  {}", summand.points, summand.what)).collect();
        lines.push(format!("{:>4}  {}", self.text(), self.severity().word()));
        lines
    }
}

/// Where the sum begins: near the upper end of the middle of each band.
fn base(severity: Severity) -> f32 {
    match severity {
        Severity::Critical => 9.3,
        Severity::High => 7.8,
        Severity::Medium => 5.5,
        Severity::Low => 2.5,
    }
}

/// Reckons a credential.
pub(super) fn of(credential: &Credential<'_>, policy: &Policy, now: Timestamp) -> Score {
    // What a whole pair opens is what its stronger half is said to open.
    let opens = credential.places.iter().map(|verdict| verdict.finding.detector.severity).max().unwrap_or(Severity::Low);
    let mut score = Score { summands: vec![Summand { what: format!("what it opens: {}", opens.word()), points: base(opens) }] };
    let mut add = |weight: Weight, what: String| {
        let points = policy.points(weight);
        if points != 0.0 {
            score.summands.push(Summand { what, points });
        }
    };
    of_life(credential, now, &mut add);
    of_exposure(credential, policy, opens, now, &mut add);
    of_use(credential, &mut add);
    score
}

type Add<'a> = dyn FnMut(Weight, String) + 'a;

fn of_life(credential: &Credential<'_>, now: Timestamp, add: &mut Add<'_>) {
    match credential.expiry {
        Expiry::Expired(at) => add(Weight::Expired, format!("expired on {}", at.strftime("%Y-%m-%d"))),
        Expiry::Expires(at) if days_between(now, at) < 7 => add(Weight::RunsOut, format!("expires on {}", at.strftime("%Y-%m-%d"))),
        Expiry::Never => add(Weight::Endless, "never expires by itself".into()),
        Expiry::Expires(_) | Expiry::Unstated => {}
    }
    if credential.identity.get(About::Mode) == Some("test") {
        add(Weight::TestMode, "for tests, by its own words".into());
    }
    if credential.identity.get(About::Protection) == Some("passphrase") {
        add(Weight::Encrypted, "a passphrase protects it".into());
    }
    let needs_other = |verdict: &&Verdict| !verdict.finding.detector.paired_with.is_empty();
    if !credential.parts.is_empty() {
        add(Weight::Whole, "all its parts are here".into());
    } else if credential.places.iter().all(|verdict| verdict.finding.detector.decode == Some(Decode::AwsKeyId)) {
        add(Weight::Identifier, "an id, without the secret that belongs to it".into());
    } else if credential.places.iter().all(needs_other) {
        add(Weight::Half, "one part of it alone".into());
    }
}

fn of_exposure(credential: &Credential<'_>, policy: &Policy, opens: Severity, now: Timestamp, add: &mut Add<'_>) {
    let exposure = &credential.exposure;
    match exposure.pushed {
        Pushed::Since(Some(at)) => add(Weight::Pushed, format!("on a remote since {} at the latest", at.strftime("%Y-%m-%d"))),
        Pushed::Since(None) => add(Weight::Pushed, "on a remote".into()),
        Pushed::Never => add(Weight::Local, "on no remote".into()),
        Pushed::Unknown => {}
    }
    if exposure.holder.is_some_and(|holder| holder >= Holder::Reflog) {
        add(Weight::Unreachable, "no ref leads to it".into());
    }
    // A history keeps it until it is revoked, whatever HEAD has.
    let age = exposure.first_seen.map(|first| days_between(first, now));
    if let Some(age) = age.filter(|&age| age > policy.max_age_days(opens)) {
        add(Weight::OverAge, format!("known to the repository for {}; {} are allowed", counted(age, "day"), policy.max_age_days(opens)));
    }
    if let Some(since) = credential.places.iter().filter_map(|verdict| verdict.context.silent_since).min() {
        add(Weight::Orphan, format!("whoever brought it has not committed since {}", since.strftime("%Y-%m-%d")));
    }
}

fn of_use(credential: &Credential<'_>, add: &mut Add<'_>) {
    let reuse = &credential.reuse;
    if reuse.is_shared() {
        let environments: Vec<&str> = reuse.environments.iter().map(|environment| environment.word()).collect();
        let shared = match (reuse.repositories.len(), reuse.services.len()) {
            (2.., _) => format!("used by {} repositories", reuse.repositories.len()),
            (_, 2..) => format!("used by {} services", reuse.services.len()),
            _ => format!("used in {}", environments.join(" and ")),
        };
        add(Weight::Reused, shared);
    }
    if reuse.environments.contains(&Environment::Production) {
        add(Weight::Production, "where production is configured".into());
    } else if reuse.is_only_in_tests {
        add(Weight::Test, "only among tests and examples".into());
    }
}

#[cfg(test)]
mod tests {
    use super::{Score, Summand, base};
    use crate::detector::Severity;

    fn score(points: &[f32]) -> Score {
        Score { summands: points.iter().map(|&points| Summand { what: String::new(), points }).collect() }
    }

    #[test]
    fn the_base_of_a_severity_lies_in_its_own_band() {
        for severity in Severity::WORST_FIRST {
            assert_eq!(score(&[base(severity)]).severity(), severity);
        }
    }

    #[test]
    fn a_sum_stays_between_its_bounds_and_is_exact() {
        for (points, text) in [(&[9.3, 0.2, 0.4, 0.5][..], "10.0"), (&[2.5, -6.0], "0.1"), (&[5.5, 0.1, 0.2], "5.8")] {
            assert_eq!(score(points).text(), text);
        }
    }
}
