//! `staunch hook agent`: what a coding agent is about to send, run or write, asked by the agent itself.
//!
//! It answers in the agent's own protocol, so that a finding really stops it, and with nothing where there is none: to say
//! "allow" would pass by whatever the user is asked otherwise. What cannot be understood stops it as well, with exit code 2.

pub(super) mod install;
mod json;
mod protocol;
mod texts;

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::Value;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::Options;
use staunch::verdict::{Disposition, Verdict};

use self::protocol::Event;
use self::texts::Text;
use super::args::{AgentArgs, CommonArgs};
use super::exit::{Exit, Failure, tell};
use super::{check, setup};

/// 32 MiB: agents send files whole, and ten megabytes of text are a book of five thousand pages.
const MAX_BYTES: u64 = 32 << 20;

pub(super) fn run(args: AgentArgs) -> Result<Exit, Failure> {
    let message = read()?;
    let agent = protocol::agent(args.agent.as_deref(), &message)?;
    let Some(event) = (agent.event)(&message) else { return protocol::without_event(agent, &message) };
    if let Event::After { tool, output: Value::Null } = &event {
        // It has run, and there is nothing to stop.
        tell("note", &format!("the message does not have what {tool:?} returned, so that was not checked"));
    }
    let folder = folder(&message);
    let common = CommonArgs { filter: args.filter, reading: args.reading, ..CommonArgs::default() };
    let found = look(&common, &folder, texts::of(&event, &message, &folder))?;
    if found.is_empty() {
        return Ok(Exit::Clean);
    }
    let answer = (agent.stop)(&event, &Said { to_agent: to_agent(&found), to_user: to_user(&found) });
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &answer).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(Exit::Clean)
}

/// What is said, to whom.
struct Said {
    /// The model reads it: what and where, and nothing with which it could help itself.
    to_agent: String,
    /// The user reads it.
    to_user: String,
}

fn read() -> Result<Value, Failure> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::new(format!("the agent sent more than {MAX_BYTES} bytes, which was not checked")));
    }
    // What is between the braces may be a secret, so the cause is not shown.
    serde_json::from_slice(&bytes)
        .map_err(|_| Failure::with_hint("the agent sent no JSON", "agents call this by themselves: staunch hook install --agent NAME"))
}

/// Returns where the agent works.
fn folder(message: &Value) -> PathBuf {
    let roots = message.pointer("/workspace_roots/0");
    let named = message.get("cwd").or(roots).and_then(Value::as_str);
    named.map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Looks at texts with the configuration of the repository around the agent's folder.
fn look(common: &CommonArgs, folder: &Path, texts: Vec<Text>) -> Result<Vec<Verdict>, Failure> {
    let repo = Repo::around(folder).ok();
    let top = repo.as_ref().map_or_else(|| folder.to_owned(), setup::top_of);
    let here = repo.as_ref().map_or_else(Here::default, check::here);
    let mut setup = setup::setup_with(common, &top, &here, Options::default())?;
    let mut found = Vec::new();
    for text in texts {
        let name = Path::new(&text.name).strip_prefix(&top).map_or_else(|_| text.name.clone(), |below| below.display().to_string());
        let outcome = setup.scanner.scan_bytes(&name, text.text.as_bytes(), setup.baseline.as_mut())?;
        found.extend(outcome.verdicts.into_iter().filter(|verdict| verdict.disposition == Disposition::Reported));
    }
    found.sort_by_key(|verdict| (std::cmp::Reverse(verdict.severity()), verdict.finding.fingerprint));
    found.dedup_by_key(|verdict| verdict.finding.fingerprint);
    Ok(found)
}

/// How many are named; the others are counted.
const SHOWN: usize = 3;

fn named(found: &[Verdict]) -> String {
    let one = |verdict: &Verdict| {
        let finding = &verdict.finding;
        format!("{} {} in {}, line {}", finding.detector.title, finding.secret.mask(), finding.origin.label(), finding.start.line)
    };
    let more = if found.len() > SHOWN { format!("; and {} more", found.len() - SHOWN) } else { String::new() };
    found.iter().take(SHOWN).map(one).collect::<Vec<_>>().join("; ") + &more
}

fn to_agent(found: &[Verdict]) -> String {
    format!(
        "staunch stopped this: it holds a secret. {}. Do not repeat it, and do not take another way to it: \
         use the name of an environment variable or of an entry in a secret manager, and ask the user.",
        named(found)
    )
}

fn to_user(found: &[Verdict]) -> String {
    let first = &found[0].finding;
    format!(
        "staunch stopped this: it holds a secret. {}. A false alarm? staunch allow {} --reason 'WHY'. \
         Was it ever real? staunch detectors show {} says how to revoke it.",
        named(found),
        first.fingerprint,
        first.detector.id
    )
}
