//! Has a coding agent ask us, in the file in which that agent looks for hooks.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use staunch::bounded;

use super::super::exit::{Exit, Failure, chain, shown, tell};
use super::super::{setup, subject};
use super::{json, protocol};

/// An agent's file, and what is put into it.
struct Place {
    agent: &'static str,
    /// In the repository.
    project: &'static str,
    /// In the home of the user.
    global: &'static str,
    /// What a new file begins with.
    start: &'static str,
    /// The events, and the element for each; `@RUN@` is the command.
    events: &'static [(&'static str, &'static str)],
}

const PROMPT: &str = r#"{"hooks": [{"type": "command", "command": "@RUN@", "timeout": 10}]}"#;
const TOOL: &str = r#"{"matcher": "*", "hooks": [{"type": "command", "command": "@RUN@", "timeout": 10}]}"#;
const CODEX_TOOL: &str = r#"{"matcher": ".*", "hooks": [{"type": "command", "command": "@RUN@", "timeout": 10}]}"#;
const GEMINI: &str = r#"{"hooks": [{"name": "staunch", "type": "command", "command": "@RUN@", "timeout": 10000}]}"#;
const GEMINI_TOOL: &str = r#"{"matcher": ".*", "hooks": [{"name": "staunch", "type": "command", "command": "@RUN@", "timeout": 10000}]}"#;
const CURSOR: &str = r#"{"command": "@RUN@", "failClosed": true}"#;
const VS_CODE: &str = r#"{"type": "command", "command": "@RUN@", "timeout": 10}"#;
const COPILOT: &str = r#"{"type": "command", "bash": "@RUN@", "powershell": "@RUN@", "timeoutSec": 10}"#;

const PLACES: &[Place] = &[
    Place {
        agent: "claude-code",
        project: ".claude/settings.json",
        global: ".claude/settings.json",
        start: "{}\n",
        events: &[("UserPromptSubmit", PROMPT), ("PreToolUse", TOOL), ("PostToolUse", TOOL)],
    },
    Place {
        agent: "codex",
        project: ".codex/hooks.json",
        global: ".codex/hooks.json",
        start: "{}\n",
        events: &[("UserPromptSubmit", PROMPT), ("PreToolUse", CODEX_TOOL), ("PostToolUse", CODEX_TOOL)],
    },
    Place {
        agent: "cursor",
        project: ".cursor/hooks.json",
        global: ".cursor/hooks.json",
        start: "{\"version\": 1}\n",
        events: &[
            ("beforeSubmitPrompt", CURSOR),
            ("preToolUse", CURSOR),
            ("beforeShellExecution", CURSOR),
            ("beforeMCPExecution", CURSOR),
            ("beforeReadFile", CURSOR),
            ("beforeTabFileRead", CURSOR),
        ],
    },
    Place {
        agent: "copilot",
        project: ".github/hooks/staunch.json",
        global: ".copilot/hooks/staunch.json",
        start: "{\"version\": 1}\n",
        events: &[("userPromptSubmitted", COPILOT), ("preToolUse", COPILOT), ("postToolUse", COPILOT)],
    },
    Place {
        agent: "vs-code",
        project: ".github/hooks/staunch-vs-code.json",
        global: ".copilot/hooks/staunch-vs-code.json",
        start: "{}\n",
        events: &[("UserPromptSubmit", VS_CODE), ("PreToolUse", VS_CODE), ("PostToolUse", VS_CODE)],
    },
    Place {
        agent: "gemini",
        project: ".gemini/settings.json",
        global: ".gemini/settings.json",
        start: "{}\n",
        events: &[("BeforeAgent", GEMINI), ("BeforeTool", GEMINI_TOOL), ("AfterTool", GEMINI_TOOL)],
    },
];

/// Has an agent ask us.
pub(in super::super) fn install(name: &str, is_global: bool) -> Result<Exit, Failure> {
    let (place, path) = find(name, is_global)?;
    let run = command(place, is_global)?;
    // Users may link their own files as they like.
    if !is_global && subject::is_through_link(&path, Path::new(place.project).components().count()) {
        return Err(Failure::with_hint(format!("{} is a link", shown(&path)), "make it a file; nothing is written through a link"));
    }
    let before = read(&path)?;
    let text = match &before {
        None => fresh(place, &run)?,
        Some(text) if *text == fresh(place, &run)? => text.clone(),
        Some(text) => added(place, &run, text).ok_or_else(|| {
            let what = format!("{} is not written as {} wants it", shown(&path), place.agent);
            Failure::with_hint(what, "mend it, and try again")
        })?,
    };
    if before.as_ref() == Some(&text) {
        tell("hook", &format!("{} is as it should be already", shown(&path)));
        return Ok(Exit::Clean);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, text)?;
    tell("hook", &format!("{} asks staunch from now on: {}", place.agent, shown(&path)));
    if place.agent == "codex" {
        tell("note", "Codex runs a new hook only after you trusted it: start it once and say so");
    }
    Ok(Exit::Clean)
}

/// Returns what an agent runs, as it stands in JSON.
fn command(place: &Place, is_global: bool) -> Result<String, Failure> {
    // An agent that a desktop started has another PATH; in a file that others share, a path of ours would help nobody.
    let program = if is_global { format!("'{}'", std::env::current_exe()?.display()) } else { "staunch".to_owned() };
    let run = serde_json::to_string(&format!("{program} hook agent --agent {}", place.agent)).map_err(std::io::Error::from)?;
    Ok(run.trim_matches('"').to_owned())
}

/// Returns the text of a file of ours alone, which people review.
fn fresh(place: &Place, run: &str) -> Result<String, Failure> {
    let text = added(place, run, place.start).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).map_err(std::io::Error::from)?;
    Ok(serde_json::to_string_pretty(&value).map_err(std::io::Error::from)? + "\n")
}

/// Returns a text with our hooks, and no older ones of ours.
fn added(place: &Place, run: &str, text: &str) -> Option<String> {
    let mut text = json::remove(text, &is_ours).unwrap_or_else(|| text.to_owned());
    for (event, element) in place.events {
        text = json::add(&text, event, &element.replace("@RUN@", run))?;
    }
    serde_json::from_str::<Value>(&text).ok().map(|_| text)
}

/// Takes our hooks out of an agent's file.
pub(in super::super) fn uninstall(name: &str, is_global: bool) -> Result<Exit, Failure> {
    let (place, path) = find(name, is_global)?;
    let before = read(&path)?;
    if before.as_deref() == Some(&fresh(place, &command(place, is_global)?)?) {
        fs::remove_file(&path)?;
        tell("hook", &format!("removed {}", shown(&path)));
        return Ok(Exit::Clean);
    }
    let after = before.as_deref().and_then(|text| json::remove(text, &is_ours));
    match after.filter(|after| before.as_ref() != Some(after)) {
        None => tell("hook", &format!("none of ours is in {}", shown(&path))),
        Some(after) if after == place.start => {
            fs::remove_file(&path)?;
            tell("hook", &format!("removed {}", shown(&path)));
        }
        Some(after) => {
            fs::write(&path, after)?;
            tell("hook", &format!("took ours out of {}", shown(&path)));
        }
    }
    Ok(Exit::Clean)
}

fn is_ours(element: &str) -> bool {
    element.contains("staunch") && element.contains(" hook agent")
}

fn find(name: &str, is_global: bool) -> Result<(&'static Place, PathBuf), Failure> {
    let place = PLACES.iter().find(|place| place.agent == name).ok_or_else(|| protocol::unknown(name))?;
    if is_global {
        let home = std::env::home_dir().ok_or_else(|| Failure::with_hint("there is no home folder", "set HOME"))?;
        return Ok((place, home.join(place.global)));
    }
    let repo = staunch::git::Repo::from_environment(std::path::Path::new("."))?;
    Ok((place, setup::top_of(&repo).join(place.project)))
}

/// Settings of an agent are a page or two.
const MAX_BYTES: u64 = 8 << 20;

fn read(path: &Path) -> Result<Option<String>, Failure> {
    bounded::read_text(path, MAX_BYTES).map_err(|error| Failure::new(chain(&error)))
}
