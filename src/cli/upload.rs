//! `staunch upload`: the one verb that talks to a network.

use staunch::count::counted;
use std::io::{self, Write as _};
use std::path::Path;

use staunch::git::Repo;
use staunch::report::{self, Page};
use staunch::upload::{Client, Delivery, Pace, Request, Token, bitbucket, ci, defectdojo, github};

use super::args::{BitbucketArgs, DefectDojoArgs, GithubArgs, UploadArgs, UploadCommand, UploadCommonArgs};
use super::exit::{Exit, Failure, tell};
use super::report::{Reader, bytes, files_here};

/// Where Pipelines' own proxy listens, which authorises what goes to Bitbucket.
const PIPELINES_PROXY: &str = "http://localhost:29418";

pub(super) fn run(args: UploadArgs) -> Result<Exit, Failure> {
    match args.command {
        UploadCommand::Github(args) => to_github(&args),
        UploadCommand::Bitbucket(args) => to_bitbucket(&args),
        UploadCommand::Defectdojo(args) => to_defectdojo(&args),
    }
}

fn to_github(args: &GithubArgs) -> Result<Exit, Failure> {
    let checkout = checkout(&args.common, args.reference.as_deref());
    let (Some(commit), Some(reference)) = (args.common.commit.clone().or(checkout.0), args.reference.clone().or(checkout.1)) else {
        return Err(Failure::with_hint("commit and ref cannot be told", "give --commit and --ref refs/heads/BRANCH"));
    };
    let repository = repository(&args.common, &["GITHUB_REPOSITORY"])?;
    let api = args.api_url.clone().or_else(|| variable("GITHUB_API_URL")).unwrap_or_else(|| "https://api.github.com".into());
    let target = github::Target { api, repository, commit, reference };
    let sarif = converted(&args.common.report, "sarif")?;
    if args.common.dry_run {
        return show(&[github::request(&target, &sarif)?], "Bearer …");
    }
    let token = token(&["GITHUB_TOKEN", "GH_TOKEN"])?;
    let pace = if args.no_wait { Pace { polls: Vec::new(), ..Pace::default() } } else { Pace::default() };
    deliver(github::upload(&Client::new(pace), &target, &token, &sarif)?)
}

fn to_bitbucket(args: &BitbucketArgs) -> Result<Exit, Failure> {
    let commit = args.common.commit.clone().or_else(|| variable("BITBUCKET_COMMIT")).or_else(|| checkout(&args.common, None).0);
    let Some(commit) = commit else { return Err(Failure::with_hint("the commit cannot be told", "give --commit")) };
    let repository = repository(&args.common, &["BITBUCKET_REPO_FULL_NAME"])?;
    let given = token(&["BITBUCKET_TOKEN"]).ok();
    // In Pipelines a proxy on the machine adds the authorisation.
    let is_pipeline = given.is_none() && args.api_url.is_none() && variable("BITBUCKET_BUILD_NUMBER").is_some();
    let api = match &args.api_url {
        Some(api) => api.clone(),
        None if is_pipeline => PIPELINES_PROXY.to_owned(),
        None => "https://api.bitbucket.org".to_owned(),
    };
    let target = bitbucket::Target { api, repository, commit, behind: is_pipeline.then(|| "api.bitbucket.org".to_owned()) };
    let report = converted(&args.common.report, "bitbucket")?;
    if args.common.dry_run {
        return show(&bitbucket::requests(&target, &report)?, if is_pipeline { "none: the proxy adds it" } else { "Bearer …" });
    }
    let token = if is_pipeline { None } else { Some(token(&["BITBUCKET_TOKEN"])?) };
    deliver(bitbucket::upload(&Client::new(Pace::default()), &target, token.as_ref(), &report)?)
}

fn to_defectdojo(args: &DefectDojoArgs) -> Result<Exit, Failure> {
    let Some(url) = args.url.clone().or_else(|| variable("DEFECTDOJO_URL")) else {
        return Err(Failure::with_hint("the address of DefectDojo is not known", "give --url, or DEFECTDOJO_URL in the environment"));
    };
    let (commit, reference) = checkout(&args.common, None);
    let branch = reference.map(|reference| reference.trim_start_matches("refs/heads/").to_owned());
    let target = defectdojo::Target {
        url,
        product: args.product.clone(),
        engagement: args.engagement.clone(),
        commit: args.common.commit.clone().or(commit),
        branch,
    };
    let sarif = converted(&args.common.report, "sarif")?;
    if args.common.dry_run {
        return show(&[defectdojo::request(&target, &sarif)], "Token …");
    }
    let token = token(&["DEFECTDOJO_TOKEN"])?;
    deliver(defectdojo::upload(&Client::new(Pace::default()), &target, &token, &sarif)?)
}

/// Returns commit and ref of what is checked out, as far as they can be told.
fn checkout(args: &UploadCommonArgs, reference: Option<&str>) -> (Option<String>, Option<String>) {
    if args.commit.is_some() && reference.is_some() {
        return (None, None);
    }
    let repo = Repo::around(Path::new(".")).ok();
    let head = repo.as_ref().and_then(|repo| repo.head_commit().ok().flatten()).map(|id| id.to_string());
    let branch = repo.as_ref().and_then(Repo::head_branch);
    match ci::checkout(&variable, head.as_deref(), branch.as_deref()) {
        Some(found) => (Some(found.commit), Some(found.reference)),
        None => (head, None),
    }
}

fn repository(args: &UploadCommonArgs, variables: &[&str]) -> Result<String, Failure> {
    let named = args.repo.clone().or_else(|| variables.iter().find_map(|name| variable(name)));
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_name_byte);
    match named.filter(|named| named.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))) {
        Some(named) => Ok(named),
        None => Err(Failure::with_hint("the repository is not named as OWNER/NAME", "give --repo OWNER/NAME")),
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.{}".contains(&byte)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn token(names: &[&str]) -> Result<Token, Failure> {
    let found = names.iter().find_map(|name| Token::new(&variable(name)?));
    found.ok_or_else(|| Failure::with_hint("there is no token", format!("put one into the environment: {}", names.join(" or "))))
}

/// Returns a report in the format that its reader takes; SARIF goes as it is.
fn converted(file: &str, format: &str) -> Result<Vec<u8>, Failure> {
    let given = bytes(file)?;
    let is_log = |value: &serde_json::Value| value["runs"].is_array() && value["version"] == "2.1.0";
    if format == "sarif" && serde_json::from_slice(&given).is_ok_and(|value| is_log(&value)) {
        return Ok(given);
    }
    let document = Reader::new().parse(file, &given)?;
    let render = report::named(format).expect("the format is one of ours").of_documents();
    let page = Page { files: files_here(), ..Page::default() };
    if let Some(left) = render.left_out(&document, &page) {
        tell("warning", &format!("{} of lower severity not sent: {}", counted(left.credentials, "credential"), left.limit));
    }
    let mut bytes = Vec::new();
    render.render(&document, &page, &mut bytes)?;
    Ok(bytes)
}

/// Shows what would be sent.
fn show(requests: &[Request], authorization: &str) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for request in requests {
        writeln!(out, "{} {}", request.method.name(), request.url)?;
        writeln!(out, "Authorization: {authorization}")?;
        for (name, value) in &request.headers {
            writeln!(out, "{name}: {value}")?;
        }
        if !request.body.is_empty() {
            writeln!(out, "Content-Type: {}\n\n{}", request.content_type, shown(&request.body))?;
        }
        writeln!(out)?;
    }
    Ok(Exit::Clean)
}

/// A body as far as somebody would read it.
fn shown(body: &[u8]) -> String {
    const MAX_SHOWN_CHARS: usize = 2_000;
    let text = String::from_utf8_lossy(body);
    let visible = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    let head: String = text.chars().take(MAX_SHOWN_CHARS).map(visible).collect();
    if head.len() < text.len() { format!("{head}… ({} bytes)", body.len()) } else { head }
}

fn deliver(delivery: Delivery) -> Result<Exit, Failure> {
    match delivery {
        Delivery::Done { what } => tell("done", &what),
        Delivery::Taken { what } => tell("warning", &what),
    }
    Ok(Exit::Clean)
}
