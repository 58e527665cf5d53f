//! The protocols of coding agents: how each asks, and how each is told to stop. One table.

use serde_json::{Value, json};

use super::super::exit::{Exit, Failure, tell};
use super::Said;

/// What an agent is about to do, or did.
pub(super) enum Event {
    /// The user's words go to the model.
    Prompt {
        /// The words.
        text: String,
    },
    /// A tool is about to run.
    Before {
        /// Its name.
        tool: String,
        /// What it is given.
        input: Value,
    },
    /// A tool has run, and what it returned goes to the model.
    After {
        /// Its name.
        tool: String,
        /// What it returned.
        output: Value,
    },
}

/// An agent.
pub(super) struct Agent {
    /// What it is called in arguments.
    pub(super) name: &'static str,
    /// Whether a message is one of its own.
    is_own: fn(&Value) -> bool,
    /// Reads a message; nothing where it is about what cannot hold a secret.
    pub(super) event: fn(&Value) -> Option<Event>,
    /// Says stop.
    pub(super) stop: fn(&Event, &Said) -> Value,
}

/// All agents; a message is of the first that takes it for its own.
const AGENTS: &[Agent] = &[
    Agent { name: "cursor", is_own: is_cursor, event: cursor, stop: stop_cursor },
    Agent { name: "gemini", is_own: is_gemini, event: gemini, stop: stop_gemini },
    Agent { name: VS_CODE, is_own: is_vs_code, event: claude, stop: stop_vs_code },
    Agent { name: "claude-code", is_own: is_claude, event: claude, stop: stop_claude },
    Agent { name: "codex", is_own: |_| false, event: claude, stop: stop_codex },
    Agent { name: "copilot", is_own: |_| true, event: copilot, stop: stop_copilot },
];

const VS_CODE: &str = "vs-code";

/// Returns the agent of a name, or the one whose message this is.
pub(super) fn agent(name: Option<&str>, message: &Value) -> Result<&'static Agent, Failure> {
    // It runs what was set up for these as well, and heeds none but its own answers.
    let is_guest = match name {
        Some("copilot") => is_vs_code(message) || is_claude(message),
        Some("claude-code") => is_vs_code(message),
        _ => false,
    };
    match if is_guest { Some(VS_CODE) } else { name } {
        None => Ok(AGENTS.iter().find(|agent| (agent.is_own)(message)).expect("the last one takes all")),
        Some(name) => AGENTS.iter().find(|agent| agent.name == name).ok_or_else(|| unknown(name)),
    }
}

/// Says that there is no such agent.
pub(super) fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = AGENTS.iter().map(|agent| agent.name).collect();
    Failure::with_hint(format!("there is no agent {name:?} here"), format!("agents are {}", names.join(", ")))
}

/// What becomes of a message in which nothing is to look at: newer agents may tell of more, but a message tells of something.
pub(super) fn without_event(agent: &Agent, message: &Value) -> Result<Exit, Failure> {
    let event = event_name(message);
    let is_of_copilot = agent.name == "copilot" && message.get("timestamp").is_some() && message.get("toolName").is_none();
    if READ.contains(&event) || (event.is_empty() && !is_of_copilot) {
        let hint = "agents call this by themselves: staunch hook install --agent NAME";
        return Err(Failure::with_hint(
            format!("this is no message of {} that can be understood, so nothing was checked", agent.name),
            hint,
        ));
    }
    if !event.is_empty() {
        tell("note", &format!("{event:?} is no event of {} in which something is checked", agent.name));
    }
    Ok(Exit::Clean)
}

/// Events that are read and may stop something, so that one without what it is about is none: nobody could tell what would pass.
const READ: [&str; 11] = [
    "UserPromptSubmit",
    "beforeSubmitPrompt",
    "BeforeAgent",
    "userPromptSubmitted",
    "PreToolUse",
    "preToolUse",
    "BeforeTool",
    "beforeMCPExecution",
    "beforeShellExecution",
    "beforeReadFile",
    "beforeTabFileRead",
];

fn text(message: &Value, key: &str) -> Option<String> {
    message.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn event_name(message: &Value) -> &str {
    message.get("hook_event_name").or_else(|| message.get("hookEventName")).and_then(Value::as_str).unwrap_or_default()
}

/// Returns what a tool is given: `null` may be all of it, but not nothing.
fn given(message: &Value, key: &str) -> Option<Value> {
    message.get(key).cloned()
}

fn value(message: &Value, key: &str) -> Value {
    given(message, key).unwrap_or_default()
}

fn is_vs_code(message: &Value) -> bool {
    message.get("hookEventName").is_some()
}

fn is_claude(message: &Value) -> bool {
    ["UserPromptSubmit", "PreToolUse", "PostToolUse"].contains(&event_name(message)) || event_name(message).starts_with(char::is_uppercase)
}

fn claude(message: &Value) -> Option<Event> {
    let tool = text(message, "tool_name").unwrap_or_default();
    match event_name(message) {
        "UserPromptSubmit" => Some(Event::Prompt { text: text(message, "prompt")? }),
        "PreToolUse" => Some(Event::Before { tool, input: given(message, "tool_input")? }),
        "PostToolUse" => Some(Event::After { tool, output: value(message, "tool_response") }),
        _ => None,
    }
}

fn stop_claude(event: &Event, said: &Said) -> Value {
    match event {
        // Otherwise the prompt is shown again, and what is in it.
        Event::Prompt { .. } => json!({
            "decision": "block",
            "reason": said.to_user,
            "hookSpecificOutput": { "hookEventName": "UserPromptSubmit", "suppressOriginalPrompt": true },
        }),
        Event::Before { .. } | Event::After { .. } => stop_codex(event, said),
    }
}

/// Codex takes Claude's answers, and refuses fields that it does not know: then nothing would be stopped.
fn stop_codex(event: &Event, said: &Said) -> Value {
    match event {
        Event::Prompt { .. } => json!({ "decision": "block", "reason": said.to_user }),
        Event::Before { .. } => json!({ "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": said.to_agent,
        }}),
        Event::After { .. } => json!({ "decision": "block", "reason": said.to_agent }),
    }
}

fn stop_vs_code(event: &Event, said: &Said) -> Value {
    match event {
        Event::Prompt { .. } => json!({ "continue": false, "stopReason": said.to_user }),
        Event::Before { .. } | Event::After { .. } => stop_codex(event, said),
    }
}

fn is_cursor(message: &Value) -> bool {
    message.get("cursor_version").is_some() || message.get("workspace_roots").is_some()
}

fn cursor(message: &Value) -> Option<Event> {
    let tool = text(message, "tool_name").unwrap_or_default();
    match event_name(message) {
        "beforeSubmitPrompt" => Some(Event::Prompt { text: text(message, "prompt")? }),
        "preToolUse" | "beforeMCPExecution" => Some(Event::Before { tool, input: given(message, "tool_input")? }),
        "beforeShellExecution" => Some(Event::Before { tool: "the shell".into(), input: json!({ "command": given(message, "command")? }) }),
        "beforeReadFile" | "beforeTabFileRead" => {
            given(message, "content").or_else(|| given(message, "file_path"))?;
            let input = json!({ "file_path": value(message, "file_path"), "content": value(message, "content") });
            Some(Event::Before { tool: "read_file".into(), input })
        }
        _ => None,
    }
}

fn stop_cursor(event: &Event, said: &Said) -> Value {
    match event {
        Event::Prompt { .. } => json!({ "continue": false, "user_message": said.to_user }),
        Event::Before { .. } | Event::After { .. } => {
            json!({ "permission": "deny", "user_message": said.to_user, "agent_message": said.to_agent })
        }
    }
}

/// Copilot's messages do not say of what they are.
fn copilot(message: &Value) -> Option<Event> {
    let Some(tool) = text(message, "toolName") else {
        return Some(Event::Prompt { text: text(message, "prompt")? });
    };
    if let Some(output) = message.get("toolResult") {
        return Some(Event::After { tool, output: output.clone() });
    }
    // The arguments are JSON in a string, or not.
    let input = match given(message, "toolArgs")? {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        input => input,
    };
    Some(Event::Before { tool, input })
}

fn stop_copilot(event: &Event, said: &Said) -> Value {
    match event {
        Event::Before { .. } => json!({ "permissionDecision": "deny", "permissionDecisionReason": said.to_agent }),
        Event::Prompt { .. } => json!({ "decision": "block", "reason": said.to_user }),
        Event::After { .. } => json!({ "decision": "block", "reason": said.to_agent }),
    }
}

fn is_gemini(message: &Value) -> bool {
    ["BeforeAgent", "BeforeTool", "AfterTool", "BeforeModel", "AfterModel", "AfterAgent"].contains(&event_name(message))
}

fn gemini(message: &Value) -> Option<Event> {
    let tool = text(message, "tool_name").unwrap_or_default();
    match event_name(message) {
        "BeforeAgent" => Some(Event::Prompt { text: text(message, "prompt")? }),
        "BeforeTool" => Some(Event::Before { tool, input: given(message, "tool_input")? }),
        "AfterTool" => Some(Event::After { tool, output: value(message, "tool_response") }),
        _ => None,
    }
}

fn stop_gemini(event: &Event, said: &Said) -> Value {
    let reason = if matches!(event, Event::Prompt { .. }) { &said.to_user } else { &said.to_agent };
    json!({ "decision": "deny", "reason": reason })
}
