//! A credential: all places of one secret, or of the parts that belong together, and everything known about it.
//!
//! This is the unit of a report: what people revoke is a credential, not a line.

mod exposure;
mod pairs;
mod reuse;
mod score;
mod standards;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

pub use exposure::Exposure;
pub use reuse::Reuse;
pub use score::{Score, Summand};
pub use standards::{NIST, OWASP, Standard};

use crate::detector::Severity;
use crate::identity::Identity;
use crate::secret::Fingerprint;
use crate::verdict::{Expiry, Outcome, Verdict};

/// All places of one credential, and what is known about it.
#[derive(Debug, Clone)]
pub struct Credential<'o> {
    /// Its places, the most telling first.
    pub places: Vec<&'o Verdict>,
    /// Where it has several parts, such as an id and a secret that were found together: the others, one place of each.
    pub parts: Vec<&'o Verdict>,
    /// What it says of itself, in all its places and parts.
    pub identity: Identity,
    /// Until when it is good.
    pub expiry: Expiry,
    /// Since when, how long and to whom it has been exposed.
    pub exposure: Exposure,
    /// Where else the same value is used.
    pub reuse: Reuse,
    /// How severe it is, and why.
    pub score: Score,
    /// What it is evidence for.
    pub standards: Vec<Standard>,
}

impl Credential<'_> {
    /// Returns the place that speaks for the others.
    pub fn lead(&self) -> &Verdict {
        self.places[0]
    }

    /// Returns the name under which it is known everywhere.
    pub fn fingerprint(&self) -> Fingerprint {
        self.lead().finding.fingerprint
    }

    /// Returns how severe it is.
    pub fn severity(&self) -> Severity {
        self.score.severity()
    }

    /// Returns who owns the files it is in, by CODEOWNERS.
    pub fn owners(&self) -> BTreeSet<&str> {
        self.places.iter().flat_map(|verdict| verdict.context.owners.iter().map(String::as_str)).collect()
    }
}

impl Outcome {
    /// Groups what is reported by credential, worst first.
    pub fn credentials(&self) -> Vec<Credential<'_>> {
        let wholes = pairs::wholes(self.reported());
        let mut groups: BTreeMap<Fingerprint, Vec<&Verdict>> = BTreeMap::new();
        for verdict in self.reported() {
            let own = verdict.finding.fingerprint;
            groups.entry(*wholes.get(&own).unwrap_or(&own)).or_default().push(verdict);
        }
        let settings = reuse::Settings::new(&self.policy);
        let mut credentials: Vec<Credential<'_>> = groups.into_values().map(|places| self.credential(places, &settings)).collect();
        credentials.sort_by_cached_key(|credential| (Reverse(credential.score.sum()), rank(credential.lead())));
        credentials
    }

    /// Returns the severity of each credential by the fingerprints of its parts, for reports that go from place to place.
    pub fn severities(&self) -> BTreeMap<Fingerprint, Severity> {
        let credentials = self.credentials();
        let of_parts = |credential: &Credential<'_>| {
            let severity = credential.severity();
            credential.places.iter().map(|verdict| (verdict.finding.fingerprint, severity)).collect::<Vec<_>>()
        };
        credentials.iter().flat_map(of_parts).collect()
    }

    fn credential<'o>(&self, mut places: Vec<&'o Verdict>, settings: &reuse::Settings) -> Credential<'o> {
        places.sort_by_cached_key(|verdict| rank(verdict));
        let mut seen = BTreeSet::from([places[0].finding.fingerprint]);
        let parts: Vec<&Verdict> = places.iter().filter(|verdict| seen.insert(verdict.finding.fingerprint)).copied().collect();
        let mut identity = Identity::default();
        places.iter().for_each(|verdict| identity.absorb(&verdict.context.identity));
        let expiry = Expiry::of(identity.life, self.now);
        let exposure = Exposure::of(&places, self.now);
        let reuse = settings.reuse(&places);
        let mut credential =
            Credential { places, parts, identity, expiry, exposure, reuse, score: Score::default(), standards: Vec::new() };
        credential.score = score::of(&credential, &self.policy, self.now);
        credential.standards = standards::of(&credential);
        credential
    }
}

/// What opens most and is surest first, then what is in HEAD, then what lies open and is in no archive, then by place.
fn rank(verdict: &Verdict) -> impl Ord + use<> {
    let finding = &verdict.finding;
    (
        Reverse(verdict.severity()),
        Reverse(finding.confidence),
        verdict.context.at_head.is_none(),
        finding.member.is_some(),
        finding.path().map_or_else(|| BString::from("~"), |path| path.into_owned()),
        finding.start,
        finding.fingerprint,
    )
}
