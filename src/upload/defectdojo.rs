//! DefectDojo: SARIF into an engagement, where it takes the place of what an earlier run found.

use serde_json::Value;

use super::http::{self, Client};
use super::{Delivery, Error, Method, Request, Token, said};

/// Where a report goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base address, such as `https://dojo.example`.
    pub url: String,
    /// The product, which is made where there is none.
    pub product: String,
    /// The engagement, which is made where there is none.
    pub engagement: String,
    /// The commit it is of, where it is known.
    pub commit: Option<String>,
    /// The branch it is of, where it is known.
    pub branch: Option<String>,
}

/// Returns the request that brings a report.
pub fn request(target: &Target, sarif: &[u8]) -> Request {
    // A mark that is not in the report, and the same for the same report.
    let boundary = format!("staunch-{}", blake3::hash(sarif).to_hex());
    let mut body = Vec::with_capacity(sarif.len() + 2_048);
    let optional = [("commit_hash", target.commit.as_deref()), ("branch_tag", target.branch.as_deref())];
    let fields = [
        ("scan_type", Some("SARIF")),
        ("test_title", Some("staunch")),
        ("product_name", Some(target.product.as_str())),
        ("engagement_name", Some(target.engagement.as_str())),
        ("auto_create_context", Some("true")),
        ("close_old_findings", Some("true")),
        ("minimum_severity", Some("Info")),
    ];
    for (name, value) in fields.into_iter().chain(optional).filter_map(|(name, value)| Some((name, value?))) {
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"staunch.sarif\"\r\nContent-Type: application/json\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(sarif);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Request {
        method: Method::Post,
        url: format!("{}/api/v2/reimport-scan/", target.url.trim_end_matches('/')),
        content_type: format!("multipart/form-data; boundary={boundary}"),
        headers: vec![("Accept", "application/json".into())],
        body,
    }
}

/// Brings a report.
///
/// # Errors
/// When it is refused or cannot be sent.
pub fn upload(client: &Client, target: &Target, token: &Token, sarif: &[u8]) -> Result<Delivery, Error> {
    let host = http::host(&target.url);
    let answer = client.send(&request(target, sarif), Some(&token.header("Token")))?;
    if !matches!(answer.status, 200 | 201) {
        return Err(answer.refused(&host, hint(answer.status)));
    }
    let taken: Value = serde_json::from_slice(&answer.body).map_err(|_| Error::Strange { host, what: said(&answer.body) })?;
    Ok(Delivery::Done { what: format!("test {} was updated", taken["test"]) })
}

fn hint(status: u16) -> &'static str {
    match status {
        400 => "DefectDojo says which field is wrong; a product type is needed before a product can be made",
        401 | 403 => "the token (DEFECTDOJO_TOKEN) needs the right to import into the product",
        404 => "is this the address of DefectDojo? it ends before /api/v2",
        413 => "report less: --min-severity, --min-confidence, a baseline",
        500..=599 => "DefectDojo has difficulties; the same command can be run again",
        _ => "`--dry-run` shows what is sent where",
    }
}
