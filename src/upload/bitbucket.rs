//! Bitbucket Cloud's Code Insights: a report on a commit, and its annotations in groups of a hundred.

use serde_json::Value;

use super::http::{self, Answer, Client};
use super::{Delivery, Error, Method, Request, Token};

/// Where a report goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base of the API, such as `https://api.bitbucket.org`.
    pub api: String,
    /// Workspace and name.
    pub repository: String,
    /// The commit it is of.
    pub commit: String,
    /// The host that a proxy on this machine shall speak to, which adds the authorisation: so it is in Pipelines.
    pub behind: Option<String>,
}

/// Bitbucket takes so many annotations at once.
const GROUP: usize = 100;
/// One report a commit: a later one takes its place.
const REPORT: &str = "staunch";

/// Returns the requests that bring a report of `--format bitbucket`, in their order.
///
/// The first removes the report of an earlier run, whose annotations would stay otherwise.
///
/// # Errors
/// When it is no such report.
pub fn requests(target: &Target, report: &[u8]) -> Result<Vec<Request>, Error> {
    let strange = || Error::Strange { host: "the report".into(), what: "it is none of `--format bitbucket`".into() };
    let whole: Value = serde_json::from_slice(report).map_err(|_| strange())?;
    let annotations = whole["annotations"].as_array().ok_or_else(strange)?;
    let base =
        format!("{}/2.0/repositories/{}/commit/{}/reports/{REPORT}", target.api.trim_end_matches('/'), target.repository, target.commit);
    let headers: Vec<(&'static str, String)> = target.behind.iter().map(|host| ("Host", host.clone())).collect();
    let request = |method, url: String, body: Vec<u8>| Request {
        method,
        url,
        content_type: "application/json".into(),
        headers: headers.clone(),
        body,
    };
    let mut requests = vec![
        request(Method::Delete, base.clone(), Vec::new()),
        request(Method::Put, base.clone(), whole["report"].to_string().into_bytes()),
    ];
    for group in annotations.chunks(GROUP) {
        requests.push(request(Method::Post, format!("{base}/annotations"), Value::from(group.to_vec()).to_string().into_bytes()));
    }
    Ok(requests)
}

/// Brings a report.
///
/// # Errors
/// When it is refused or cannot be sent.
pub fn upload(client: &Client, target: &Target, token: Option<&Token>, report: &[u8]) -> Result<Delivery, Error> {
    let authorization = token.map(|token| token.header("Bearer"));
    let host = http::host(&target.api);
    let requests = requests(target, report)?;
    for request in &requests {
        let answer: Answer = client.send(request, authorization.as_deref())?;
        let is_fine = matches!(answer.status, 200..=204) || (request.method == Method::Delete && answer.status == 404);
        if !is_fine {
            return Err(answer.refused(&host, hint(answer.status)));
        }
    }
    Ok(Delivery::Done { what: format!("the report is at commit {}", target.commit) })
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "the token (BITBUCKET_TOKEN) needs to read repositories and to write pull requests",
        404 => "there is no such repository or commit, or the token may not see it: push first, check --repo",
        429 => "the rate limit is reached: try again later",
        500..=599 => "Bitbucket has difficulties; the same command can be run again",
        _ => "`--dry-run` shows what is sent where",
    }
}
