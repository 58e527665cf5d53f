//! What credentials are evidence for, as taxonomies: OWASP Non-Human Identities Top 10 (2025) and NIST CSF 2.0.
//!
//! CWE is a matter of rules, which `rule` writes; these are a matter of what is known of one credential.

use serde_json::{Value, json};

use crate::credential::{NIST, OWASP};
use crate::report::document::Standard;

const OWASP_NAME: &str = "OWASP-NHI";
const NIST_NAME: &str = "NIST-CSF";

/// Returns the taxonomies, whole: what was not shown of any credential may be shown of one tomorrow.
pub(super) fn taxonomies() -> [Value; 2] {
    let taxon = |(id, title): &(&str, &str)| json!({ "id": id, "shortDescription": { "text": format!("{title}.") } });
    [
        json!({
            "name": OWASP_NAME,
            "version": "2025",
            "organization": "OWASP",
            "informationUri": "https://owasp.org/www-project-non-human-identities-top-10/",
            "shortDescription": { "text": "The OWASP Non-Human Identities Top 10, as far as bytes can be evidence." },
            "isComprehensive": false,
            "taxa": OWASP.iter().map(taxon).collect::<Vec<_>>(),
        }),
        json!({
            "name": NIST_NAME,
            "version": "2.0",
            "organization": "NIST",
            "informationUri": "https://www.nist.gov/cyberframework",
            "shortDescription": { "text": "Outcomes of the NIST Cybersecurity Framework that a leaked credential speaks against." },
            "isComprehensive": false,
            "taxa": NIST.iter().map(taxon).collect::<Vec<_>>(),
        }),
    ]
}

/// Returns the reference of a result to what it is evidence for; nothing for what is no matter of ours.
pub(super) fn reference(standard: &Standard) -> Option<Value> {
    let (name, index) = if OWASP.iter().any(|(id, _)| **id == *standard.id) {
        (OWASP_NAME, 1)
    } else if NIST.iter().any(|(id, _)| **id == *standard.id) {
        (NIST_NAME, 2)
    } else {
        return None;
    };
    Some(json!({ "id": standard.id, "toolComponent": { "name": name, "index": index } }))
}
