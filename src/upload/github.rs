//! GitHub code scanning: SARIF, compressed and encoded, and then the wait until it was processed.

use base64::Engine as _;
use serde_json::{Value, json};

use super::http::{self, Client};
use super::{Delivery, Error, Method, Request, Token, said};

/// Where a report goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base of the API, such as `https://api.github.com`.
    pub api: String,
    /// Owner and name.
    pub repository: String,
    /// The commit it is of.
    pub commit: String,
    /// The full name of the ref it is of.
    pub reference: String,
}

/// GitHub refuses larger files.
const MAX_COMPRESSED_BYTES: usize = 10_000_000;
/// The version of the interface, as GitHub names it.
const API_VERSION: &str = "2022-11-28";

/// Returns the request that uploads a report.
///
/// # Errors
/// When it is larger than GitHub takes.
pub fn request(target: &Target, sarif: &[u8]) -> Result<Request, Error> {
    let compressed = gzip(sarif);
    let host = http::host(&target.api);
    if compressed.len() > MAX_COMPRESSED_BYTES {
        return Err(Error::TooLarge { host, bytes: compressed.len(), limit_bytes: MAX_COMPRESSED_BYTES });
    }
    let body = json!({
        "commit_sha": target.commit,
        "ref": target.reference,
        "sarif": base64::engine::general_purpose::STANDARD.encode(&compressed),
        "tool_name": "staunch",
    });
    Ok(Request {
        method: Method::Post,
        url: format!("{}/repos/{}/code-scanning/sarifs", target.api.trim_end_matches('/'), target.repository),
        content_type: "application/json".into(),
        headers: headers(),
        body: body.to_string().into_bytes(),
    })
}

/// Uploads a report and waits until it was processed.
///
/// # Errors
/// When it is refused, cannot be sent, or cannot be processed.
pub fn upload(client: &Client, target: &Target, token: &Token, sarif: &[u8]) -> Result<Delivery, Error> {
    let request = request(target, sarif)?;
    let authorization = token.header("Bearer");
    let answer = client.send(&request, Some(&authorization))?;
    let host = http::host(&target.api);
    if answer.status != 202 {
        return Err(answer.refused(&host, hint(answer.status)));
    }
    let taken: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    // The address in the answer is not followed: a token goes only where the user said.
    let Some(id) = taken["id"].as_str().filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) else {
        return Err(Error::Strange { host, what: said(&answer.body) });
    };
    let status = Request { method: Method::Get, url: format!("{}/{id}", request.url), body: Vec::new(), ..request };
    wait(client, &status, &authorization, id)
}

fn wait(client: &Client, status: &Request, authorization: &str, id: &str) -> Result<Delivery, Error> {
    let mut last = "it is still being processed".to_owned();
    for &poll in &client.pace().polls {
        http::pause(poll);
        // A question that fails says nothing of the report, which was taken.
        let answer = match client.send(status, Some(authorization)) {
            Ok(answer) if answer.status == 200 => answer,
            Ok(answer) => {
                last = format!("{} {}", answer.status, said(&answer.body));
                continue;
            }
            Err(error) => {
                last = error.to_string();
                continue;
            }
        };
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match answer["processing_status"].as_str() {
            Some("complete") => return Ok(Delivery::Done { what: format!("report {id} was processed") }),
            Some("failed") => {
                let errors: Vec<&str> = answer["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                return Err(Error::Failed { host: http::host(&status.url), said: said(errors.join("; ").as_bytes()) });
            }
            Some("pending") | None => {}
            Some(other) => last = said(other.as_bytes()),
        }
    }
    Ok(Delivery::Taken { what: format!("report {id} was taken, but whether it was processed is not known: {last}") })
}

fn headers() -> Vec<(&'static str, String)> {
    vec![("Accept", "application/vnd.github+json".into()), ("X-GitHub-Api-Version", API_VERSION.into())]
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => "the repository has another name now: give that one with --repo",
        400 => "GitHub cannot read the report; if it was written by staunch, that is a fault of ours: please report it",
        401 => "the token is not valid (GITHUB_TOKEN or GH_TOKEN)",
        403 => {
            "the token needs `security-events: write`, and the repository needs code scanning (a licence where it is private) and may not be archived"
        }
        404 => "there is no such repository, or the token may not see it: check --repo and the token's rights",
        413 => "report less: --min-severity, --min-confidence, a baseline",
        422 => "GitHub does not know the commit or the ref: push first, or give --commit and --ref",
        429 => "the rate limit is reached: try again later",
        500..=599 => "GitHub has difficulties; the same command can be run again",
        _ => "`--dry-run` shows what is sent where",
    }
}

/// Compresses as `gzip` does, without a name or a time, so that the same report gives the same bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut compressed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor.gzip_compress(bytes, &mut compressed).expect("the bound is an upper bound");
    compressed.truncate(length);
    compressed
}
