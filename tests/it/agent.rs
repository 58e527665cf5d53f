//! `staunch hook agent`: messages as each coding agent sends them, and answers that stop it.

use serde_json::{Value, json};

use crate::support::{DETECTOR, Place, Ran, leak, token};

fn ask(place: &Place, message: &Value, args: &[&str]) -> Ran {
    let ran = place.staunch_with(message.to_string().as_bytes(), &[&["hook", "agent"], args].concat()).ends(0);
    assert!(!ran.all().contains(&token(1)), "it shows the secret: {ran:?}");
    ran
}

/// Checks that a message is answered with a stop.
#[track_caller]
fn stops(place: &Place, message: &Value, args: &[&str], expected: &Value) {
    let mut answer = ask(place, message, args).json();
    // What is said is for people and models; that it says something is enough here.
    let mut said = Vec::new();
    blank(&mut answer, &mut said);
    assert_eq!(&answer, expected, "{message}");
    assert!(said.iter().all(|text| text.contains("staunch stopped this") && text.contains("ghp_…")), "{said:?}");
}

fn blank(value: &mut Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(' ') => said.push(std::mem::replace(text, "…".to_owned())),
        Value::Array(values) => values.iter_mut().for_each(|value| blank(value, said)),
        Value::Object(fields) => fields.values_mut().for_each(|value| blank(value, said)),
        _ => {}
    }
}

#[track_caller]
fn passes(place: &Place, message: &Value, args: &[&str]) {
    let ran = ask(place, message, args);
    assert_eq!(ran.all(), "", "{message}");
}

fn deny() -> Value {
    json!({"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "…"}})
}

/// A message as Claude Code and Codex write it.
fn claude(place: &Place, event: &str, more: Value) -> Value {
    let mut message = json!({
        "session_id": "5f1c", "transcript_path": "/nowhere.jsonl", "cwd": place.path("").display().to_string(),
        "permission_mode": "default", "hook_event_name": event,
    });
    message.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
    message
}

#[test]
fn claude_code_is_stopped() {
    let place = Place::repo();
    let (secret, clean) = (leak(1), "nothing of interest");
    let prompt = |text: &str| claude(&place, "UserPromptSubmit", json!({"prompt": text}));
    let block = json!({
        "decision": "block", "reason": "…",
        "hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "suppressOriginalPrompt": true},
    });
    stops(&place, &prompt(&secret), &[], &block);
    passes(&place, &prompt(clean), &[]);
    let before = |tool: &str, input: Value| claude(&place, "PreToolUse", json!({"tool_name": tool, "tool_input": input}));
    let file = place.path("a.txt").display().to_string();
    for (tool, stopped, passed) in [
        ("Bash", json!({"command": format!("curl -H 'x: {}'", token(1))}), json!({"command": "ls"})),
        ("Write", json!({"file_path": file, "content": secret}), json!({"file_path": file, "content": clean})),
        (
            "Edit",
            json!({"file_path": file, "old_string": clean, "new_string": secret}),
            json!({"file_path": file, "old_string": secret, "new_string": clean}),
        ),
        (
            "MultiEdit",
            json!({"file_path": file, "edits": [{"old_string": "", "new_string": clean}, {"old_string": clean, "new_string": secret}]}),
            json!({"file_path": file, "edits": [{"old_string": secret, "new_string": clean}]}),
        ),
        ("mcp__tracker__create", json!({"issue": {"labels": [token(1)]}}), json!({"issue": {"labels": [clean]}})),
    ] {
        stops(&place, &before(tool, stopped), &[], &deny());
        passes(&place, &before(tool, passed), &[]);
    }
    let after =
        |text: &str| claude(&place, "PostToolUse", json!({"tool_name": "Bash", "tool_input": {}, "tool_response": {"stdout": text}}));
    stops(&place, &after(&secret), &[], &json!({"decision": "block", "reason": "…"}));
    passes(&place, &after(clean), &[]);
    ask(&place, &claude(&place, "SessionStart", json!({"source": "startup"})), &[]).ends(0).says("SessionStart");
}

#[test]
fn a_tool_without_what_it_is_given_cannot_be_told_of() {
    let place = Place::repo();
    for message in [
        json!({"hook_event_name": "PreToolUse", "tool_name": "Bash"}),
        json!({"hookEventName": "PreToolUse", "tool_name": "Bash"}),
        json!({"hook_event_name": "BeforeTool", "tool_name": "run_shell_command"}),
        json!({"cursor_version": "3.1", "hook_event_name": "preToolUse", "tool_name": "Shell"}),
        json!({"cursor_version": "3.1", "hook_event_name": "beforeMCPExecution", "tool_name": "x"}),
        json!({"cursor_version": "3.1", "hook_event_name": "beforeShellExecution"}),
        json!({"cursor_version": "3.1", "hook_event_name": "beforeReadFile"}),
        json!({"timestamp": 1, "cwd": "/x", "toolName": "bash"}),
    ] {
        let ran = place.staunch_with(message.to_string().as_bytes(), &["hook", "agent"]).ends(2).says("so nothing was checked");
        assert_eq!(ran.out, "", "{message}");
    }
    passes(&place, &json!({"hook_event_name": "PreToolUse", "tool_name": "TodoRead", "tool_input": null}), &[]);
    passes(&place, &json!({"hook_event_name": "PreToolUse", "tool_name": "TodoRead", "tool_input": {}}), &[]);
    let after = json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {}});
    ask(&place, &after, &[]).says("what \"Bash\" returned");
}

#[test]
fn a_file_that_is_about_to_be_read_is_looked_at() {
    let place = Place::repo();
    place.write("sub/.env", leak(1));
    place.write("sub/b.txt", "clean\n");
    let read = |path: &str| claude(&place, "PreToolUse", json!({"tool_name": "Read", "tool_input": {"file_path": path}}));
    stops(&place, &read("sub/.env"), &[], &deny());
    passes(&place, &read("sub/b.txt"), &[]);
    passes(&place, &read("nowhere"), &[]);
    let mention = claude(&place, "UserPromptSubmit", json!({"prompt": "look at @sub/.env, please"}));
    assert_eq!(ask(&place, &mention, &[]).json()["decision"], "block");
    place.write(".staunch.yaml", "allow:\n  - {path: sub/.env, reason: a test}\n");
    passes(&place, &read(&place.path("sub/.env").display().to_string()), &[]);
}

#[test]
fn codex_is_stopped_without_fields_that_it_does_not_know() {
    let place = Place::repo();
    let prompt = claude(&place, "UserPromptSubmit", json!({"turn_id": "1", "prompt": leak(1)}));
    stops(&place, &prompt, &["--agent", "codex"], &json!({"decision": "block", "reason": "…"}));
    let patch = |sign: &str| {
        let patch = format!("*** Begin Patch\n*** Update File: a.txt\n@@\n{sign}{}*** End Patch\n", leak(1));
        claude(&place, "PreToolUse", json!({"tool_name": "apply_patch", "tool_input": {"command": patch}}))
    };
    stops(&place, &patch("+"), &["--agent", "codex"], &deny());
    passes(&place, &patch("-"), &["--agent", "codex"]);
}

#[test]
fn cursor_is_stopped() {
    let place = Place::repo();
    let message = |event: &str, more: Value| {
        let mut message = json!({
            "conversation_id": "1", "generation_id": "2", "hook_event_name": event, "cursor_version": "3.1",
            "workspace_roots": [place.path("").display().to_string()],
        });
        message.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
        message
    };
    let deny = json!({"permission": "deny", "user_message": "…", "agent_message": "…"});
    let prompt = |text: &str| message("beforeSubmitPrompt", json!({"prompt": text, "attachments": []}));
    stops(&place, &prompt(&leak(1)), &[], &json!({"continue": false, "user_message": "…"}));
    passes(&place, &prompt("clean"), &[]);
    for (event, stopped, passed) in [
        ("beforeShellExecution", json!({"command": leak(1), "cwd": "/x"}), json!({"command": "ls", "cwd": "/x"})),
        (
            "beforeReadFile",
            json!({"file_path": "/x/a.txt", "content": leak(1), "attachments": []}),
            json!({"file_path": "/x/a.txt", "content": "clean"}),
        ),
        ("beforeMCPExecution", json!({"tool_name": "t", "tool_input": leak(1)}), json!({"tool_name": "t", "tool_input": "{}"})),
        ("preToolUse", json!({"tool_name": "Write", "tool_input": {"content": leak(1)}}), json!({"tool_name": "Write", "tool_input": {}})),
    ] {
        stops(&place, &message(event, stopped), &[], &deny);
        passes(&place, &message(event, passed), &[]);
    }
}

#[test]
fn copilot_is_stopped() {
    let place = Place::repo();
    let call = |command: &str| {
        let args = json!({"command": command}).to_string();
        json!({"timestamp": 1, "cwd": place.path("").display().to_string(), "toolName": "bash", "toolArgs": args})
    };
    stops(&place, &call(&leak(1)), &[], &json!({"permissionDecision": "deny", "permissionDecisionReason": "…"}));
    passes(&place, &call("ls"), &[]);
    let prompt = |text: &str| json!({"timestamp": 1, "cwd": "/x", "prompt": text});
    stops(&place, &prompt(&leak(1)), &[], &json!({"decision": "block", "reason": "…"}));
    passes(&place, &prompt("clean"), &[]);
}

#[test]
fn vs_code_is_stopped_whatever_it_was_set_up_for() {
    let place = Place::repo();
    let message = |event: &str, more: Value| {
        let mut message = json!({
            "timestamp": "2026-02-09T10:30:00.000Z", "cwd": place.path("").display().to_string(), "sessionId": "1",
            "hookEventName": event, "transcript_path": "/nowhere.json",
        });
        message.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
        message
    };
    place.write(".env", leak(1));
    for args in [&[][..], &["--agent", "vs-code"], &["--agent", "copilot"], &["--agent", "claude-code"]] {
        let prompt = |text: &str| message("UserPromptSubmit", json!({"prompt": text}));
        stops(&place, &prompt(&leak(1)), args, &json!({"continue": false, "stopReason": "…"}));
        passes(&place, &prompt("clean"), args);
        for (tool, stopped, passed) in [
            ("create_file", json!({"filePath": "a.txt", "content": leak(1)}), json!({"filePath": "a.txt", "content": "clean"})),
            (
                "replace_string_in_file",
                json!({"filePath": "a.txt", "oldString": "clean", "newString": leak(1)}),
                json!({"filePath": "a.txt", "oldString": leak(1), "newString": "clean"}),
            ),
            ("run_in_terminal", json!({"command": leak(1)}), json!({"command": "ls"})),
            ("read_file", json!({"filePath": ".env"}), json!({"filePath": "nowhere"})),
        ] {
            let before = |input: Value| message("PreToolUse", json!({"tool_name": tool, "tool_input": input}));
            stops(&place, &before(stopped), args, &deny());
            passes(&place, &before(passed), args);
        }
        let after = |text: &str| message("PostToolUse", json!({"tool_name": "x", "tool_input": {}, "tool_response": text}));
        stops(&place, &after(&leak(1)), args, &json!({"decision": "block", "reason": "…"}));
        passes(&place, &after("clean"), args);
    }
    let prompt = claude(&place, "UserPromptSubmit", json!({"prompt": leak(1)}));
    stops(&place, &prompt, &["--agent", "copilot"], &json!({"continue": false, "stopReason": "…"}));
}

#[test]
fn gemini_is_stopped() {
    let place = Place::repo();
    for (event, stopped, passed) in [
        ("BeforeAgent", json!({"prompt": leak(1)}), json!({"prompt": "clean"})),
        (
            "BeforeTool",
            json!({"tool_name": "run_shell_command", "tool_input": {"command": leak(1)}}),
            json!({"tool_name": "run_shell_command", "tool_input": {"command": "ls"}}),
        ),
        (
            "AfterTool",
            json!({"tool_name": "x", "tool_response": {"llmContent": leak(1)}}),
            json!({"tool_name": "x", "tool_response": {"llmContent": "clean"}}),
        ),
    ] {
        stops(&place, &claude(&place, event, stopped), &[], &json!({"decision": "deny", "reason": "…"}));
        passes(&place, &claude(&place, event, passed), &[]);
    }
}

#[test]
fn what_is_not_understood_stops_the_agent_with_its_code() {
    let place = Place::repo();
    place.staunch_with(leak(1).as_bytes(), &["hook", "agent"]).ends(2).says("no JSON");
    place.staunch_with(b"{}", &["hook", "agent", "--agent", "clippy"]).ends(2).says("claude-code");
    for agent in ["claude-code", "codex", "copilot", "cursor", "gemini", "vs-code"] {
        for message in [&b"{}"[..], b"[]", br#"{"hook_event_name": "UserPromptSubmit"}"#] {
            place.staunch_with(message, &["hook", "agent", "--agent", agent]).ends(2).says("nothing was checked");
        }
    }
    let newer = br#"{"hook_event_name": "SomethingNew"}"#;
    place.staunch_with(newer, &["hook", "agent", "--agent", "codex"]).ends(0).says("SomethingNew");
    place.write(".staunch.yaml", "alow: []\n");
    let message = claude(&place, "UserPromptSubmit", json!({"prompt": "clean"})).to_string();
    place.staunch_with(message.as_bytes(), &["hook", "agent"]).ends(2).says(".staunch.yaml:1");
}

#[test]
fn the_model_is_not_told_how_to_allow_what_it_did() {
    let place = Place::repo();
    let message = claude(&place, "PreToolUse", json!({"tool_name": "Bash", "tool_input": {"command": leak(1)}}));
    let ran = ask(&place, &message, &[]);
    assert!(!ran.out.contains("staunch allow"), "{ran:?}");
    let prompt = claude(&place, "UserPromptSubmit", json!({"prompt": leak(1)}));
    ask(&place, &prompt, &[]).says("staunch allow").says(DETECTOR);
}

#[test]
fn each_agent_is_set_up_twice_like_once_and_taken_out_without_a_trace() {
    for (agent, file, there, event) in [
        (
            "claude-code",
            ".claude/settings.json",
            "{\n  \"model\": \"x\",\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"hooks\": []}\n    ]\n  }\n}\n",
            "PreToolUse",
        ),
        ("codex", ".codex/hooks.json", "{\"hooks\": {}}", "UserPromptSubmit"),
        (
            "cursor",
            ".cursor/hooks.json",
            "{\n  \"version\": 1,\n  \"hooks\": {\"stop\": [{\"command\": \"x\"}]}\n}",
            "beforeShellExecution",
        ),
        ("copilot", ".github/hooks/staunch.json", "{\"version\": 1, \"disableAllHooks\": false}\n", "preToolUse"),
        ("vs-code", ".github/hooks/staunch-vs-code.json", "{\"hooks\": {\"Stop\": []}}", "PreToolUse"),
        ("gemini", ".gemini/settings.json", "{\n\t\"ui\": {}\n}\n", "BeforeTool"),
    ] {
        for there in [None, Some(there)] {
            let place = Place::repo();
            if let Some(text) = there {
                place.write(file, text);
            }
            place.staunch(&["hook", "install", "--agent", agent]).ends(0).says(file);
            let installed = place.read(file);
            let parsed: Value = serde_json::from_str(&installed).unwrap_or_else(|error| panic!("{installed}: {error}"));
            let command = format!("staunch hook agent --agent {agent}");
            assert!(parsed["hooks"][event].to_string().contains(&command), "{installed}");
            place.staunch(&["hook", "install", "--agent", agent]).ends(0).says("already");
            assert_eq!(place.read(file), installed, "{agent}");
            place.staunch(&["hook", "uninstall", "--agent", agent]).ends(0);
            match there {
                None => assert!(!place.path(file).exists(), "{agent}: {}", place.read(file)),
                Some("{\"hooks\": {}}") => {}
                Some(text) => assert_eq!(place.read(file), text, "{agent}"),
            }
        }
    }
    let place = Place::repo();
    place.staunch(&["hook", "install", "--agent", "clippy"]).ends(2).says("claude-code");
    place.write(".claude/settings.json", "[]\n");
    place.staunch(&["hook", "install", "--agent", "claude-code"]).ends(2).says("hint: ");
    assert_eq!(place.read(".claude/settings.json"), "[]\n");
}

#[test]
fn secrets_of_agents_own_configurations_are_found() {
    let place = Place::folder();
    let server = |field: &str, value: Value| json!({"mcpServers": {"x": {"command": "npx", field: value}}}).to_string();
    for (file, text) in [
        (".mcp.json", server("env", json!({"GITHUB_TOKEN": token(1)}))),
        (".cursor/mcp.json", server("headers", json!({"Authorization": format!("Bearer {}", token(1))}))),
        (".vscode/mcp.json", server("args", json!(["--token", token(1)]))),
        (".gemini/settings.json", server("url", json!(format!("https://x.example/sse?key={}", token(1))))),
        (".codex/config.toml", format!("[mcp_servers.x.env]\nTOKEN = \"{}\"\n", token(1))),
        (".claude/settings.local.json", json!({"env": {"TOKEN": token(1)}}).to_string()),
        (".aider.conf.yml", format!("openai-api-key: {}\n", token(1))),
    ] {
        place.write(file, text);
        let lines = place.staunch(&["scan", "--format", "jsonl"]).ends(1).lines();
        assert_eq!(lines.len(), 1, "{file}: {lines:?}");
        assert_eq!(lines[0]["path"], file);
        std::fs::remove_file(place.path(file)).expect("it is ours");
    }
    let password = crate::support::password(1);
    place.write(".mcp.json", server("env", json!({"DB_PASSWORD": password})));
    place.staunch(&["scan"]).ends(1).says(".mcp.json");
    place.write(".mcp.json", server("env", json!({"DB_PASSWORD": "${input:db_password}"})));
    place.staunch(&["scan"]).ends(0);
}
