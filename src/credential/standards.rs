//! What a credential is evidence for, in the words of standards: only what was shown, and why.

use crate::count::counted;
use bstr::ByteSlice as _;
use serde::Serialize;

use super::Credential;
use crate::detector::{Find, Profile, Structure};
use crate::identity::About;
use crate::verdict::Expiry;

/// A risk, weakness or outcome of a standard, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Standard {
    /// Its id, such as `NHI2:2025`, `CWE-798` or `PR.AA-01`.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What of this credential is evidence for it.
    pub why: String,
}

/// The risks of the OWASP Non-Human Identities Top 10 (2025) that bytes can be evidence for.
pub const OWASP: [(&str, &str); 6] = [
    ("NHI1:2025", "Improper Offboarding"),
    ("NHI2:2025", "Secret Leakage"),
    ("NHI7:2025", "Long-Lived Secrets"),
    ("NHI8:2025", "Environment Isolation"),
    ("NHI9:2025", "NHI Reuse"),
    ("NHI10:2025", "Human Use of NHI"),
];

/// The outcomes of the NIST Cybersecurity Framework 2.0 that a leaked credential speaks against.
pub const NIST: [(&str, &str); 3] = [
    ("PR.AA-01", "Identities and credentials for authorized users, services, and hardware are managed by the organization"),
    ("ID.RA-01", "Vulnerabilities in assets are identified, validated, and recorded"),
    ("RS.MI-01", "Incidents are contained"),
];

/// So long a secret may live before it counts as long-lived.
const LONG_LIVED_DAYS: u32 = 90;

/// Returns what a credential is evidence for.
pub(super) fn of(credential: &Credential<'_>) -> Vec<Standard> {
    let mut standards = Vec::new();
    let mut owasp = |id: &'static str, why: String| {
        let title = OWASP.iter().find(|(known, _)| *known == id).map_or("", |(_, title)| title);
        standards.push(Standard { id, title, why });
    };
    let places = credential.places.len();
    owasp("NHI2:2025", format!("found in {}", counted(places, "place")));
    let days = credential.exposure.days.unwrap_or(0);
    match credential.expiry {
        Expiry::Never => owasp("NHI7:2025", "it never expires by itself".into()),
        _ if days > LONG_LIVED_DAYS && !matches!(credential.expiry, Expiry::Expired(_)) => {
            owasp("NHI7:2025", format!("the same value for {days} days"))
        }
        _ => {}
    }
    if credential.reuse.crosses_environments() {
        let words: Vec<&str> = credential.reuse.environments.iter().map(|environment| environment.word()).collect();
        owasp("NHI8:2025", format!("the same value in {}", words.join(", ")));
    }
    let (services, repositories) = (credential.reuse.services.len(), credential.reuse.repositories.len());
    if services > 1 || repositories > 1 {
        owasp(
            "NHI9:2025",
            format!("the same value in {} and {}", counted(services, "service"), counted(repositories.max(1), "repository")),
        );
    }
    if let Some(since) = credential.places.iter().filter_map(|verdict| verdict.context.silent_since).min() {
        owasp("NHI1:2025", format!("whoever brought it has not committed since {}", since.strftime("%Y-%m-%d")));
    }
    if let Some(place) = personal_in_automation(credential) {
        owasp("NHI10:2025", format!("a person's token in {place}"));
    }
    standards.extend(weaknesses(credential));
    standards.extend(NIST.iter().map(|(id, title)| Standard { id, title, why: "a credential lies in the repository".into() }));
    standards
}

/// Returns a file of a pipeline that holds the token of a person.
fn personal_in_automation(credential: &Credential<'_>) -> Option<String> {
    let kind = credential.identity.get(About::Kind)?;
    let is_personal = kind.contains("personal access token") || kind.contains("of a user");
    let marks: [&[u8]; 8] = [
        b".github/workflows/",
        b".gitlab-ci",
        b"Jenkinsfile",
        b".circleci/",
        b"azure-pipelines",
        b"Dockerfile",
        b".travis",
        b"bitbucket-pipelines",
    ];
    let found = credential.reuse.files.iter().find(|path| marks.iter().any(|mark| path.contains_str(mark)));
    found.filter(|_| is_personal).map(ToString::to_string)
}

fn weaknesses(credential: &Credential<'_>) -> Vec<Standard> {
    let detector = &credential.lead().finding.detector;
    let weakness = |id, title, why: &str| Standard { id, title, why: why.to_owned() };
    let mut found = vec![weakness("CWE-798", "Use of Hard-coded Credentials", "a credential stands in a file")];
    match &detector.find {
        Find::Structure { structure: Structure::PemPrivateKey | Structure::PuttyPrivateKey | Structure::PrivateJwk, .. } => {
            found.push(weakness("CWE-321", "Use of Hard-coded Cryptographic Key", "a private key stands in a file"));
            if matches!(credential.expiry, Expiry::Expired(_)) {
                found.push(weakness("CWE-324", "Use of a Key Past its Expiration Date", "its certificate has expired"));
            }
        }
        Find::Structure { profile: Profile::Password, .. } | Find::Slot { profile: Profile::Password, .. } => {
            found.push(weakness("CWE-259", "Use of Hard-coded Password", "a password stands in a file"));
        }
        Find::Structure { .. } | Find::Slot { .. } | Find::Token { .. } | Find::Value { .. } => {}
    }
    if credential.reuse.files.iter().any(|path| path.ends_with(b".log")) {
        found.push(weakness("CWE-532", "Insertion of Sensitive Information into Log File", "it stands in a log"));
    }
    found
}
