//! What of an agent's message is to be looked at: what it sends, runs, writes, and the files that it is about to read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::protocol::Event;

/// Something to look at, and what it is called.
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

/// Files that are larger are not read: an agent reads a part of them, and would wait for us.
const MAX_FILE_BYTES: u64 = 8 << 20;
/// So many mentioned files are read.
const MAX_MENTIONED: usize = 32;

/// What an edit takes away is not written.
const REPLACED: [&str; 6] = ["old_string", "old_str", "oldString", "old_text", "oldText", "old_content"];
/// Where tools name the file that they read or write.
const PATHS: [&str; 7] = ["file_path", "filePath", "path", "absolute_path", "target_file", "notebook_path", "filename"];
/// Tools that read a file.
const READERS: [&str; 7] = ["read", "readfile", "read_file", "view", "view_file", "open_file", "read_many_files"];

/// Returns the texts of an event.
pub(super) fn of(event: &Event, message: &Value, folder: &Path) -> Vec<Text> {
    match event {
        Event::Prompt { text } => {
            let mentioned = text.split_whitespace().filter_map(|word| word.strip_prefix('@')).take(MAX_MENTIONED);
            let files = mentioned.filter_map(|path| file(folder, path.trim_end_matches([',', '.', ';', ':', ')'])));
            let mut texts = vec![Text { name: "the prompt".into(), text: text.clone() }];
            texts.extend(files);
            texts
        }
        Event::Before { tool, input } => before(tool, input, message, folder),
        Event::After { tool, output } => strings(output, &format!("the result of {tool}")),
    }
}

fn before(tool: &str, input: &Value, message: &Value, folder: &Path) -> Vec<Text> {
    let path = PATHS.iter().find_map(|key| input.get(*key)?.as_str());
    let mut texts = match (tool, path) {
        (tool, _) if tool.ends_with("apply_patch") => added(input),
        (_, Some(path)) => strings(input, path),
        (tool, None) => strings(input, &format!("the input of {tool}")),
    };
    // Cursor sends what is in the file along.
    let sent = message.get("content").and_then(Value::as_str);
    let is_reader = READERS.contains(&tool.to_ascii_lowercase().as_str());
    if let Some(path) = path.filter(|_| is_reader && sent.is_none()) {
        texts.extend(file(folder, path));
    }
    texts
}

/// Returns all strings of a value as one text each; what an edit takes away is not among them.
fn strings(value: &Value, name: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        match value {
            Value::String(text) => texts.push(Text { name: name.to_owned(), text: text.clone() }),
            Value::Array(values) => pending.extend(values),
            Value::Object(fields) => {
                let kept: Vec<_> = fields.iter().filter(|(key, _)| !REPLACED.contains(&key.as_str())).collect();
                // A name tells of what its value is: `{"password": "…"}` is one text as well.
                let short = kept.iter().filter_map(|(key, value)| Some((key, value.as_str().filter(|text| is_word(text))?)));
                let pairs: Vec<String> = short.map(|(key, value)| format!("{key} = \"{value}\"")).collect();
                texts.push(Text { name: name.to_owned(), text: pairs.join("\n") });
                pending.extend(kept.into_iter().map(|(_, value)| value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    texts
}

/// Returns whether a value may be one of a name, and is no text.
fn is_word(text: &str) -> bool {
    text.len() <= 512 && !text.contains(['\n', '"', '\\'])
}

/// Returns what a patch adds.
fn added(input: &Value) -> Vec<Text> {
    let mut texts = strings(input, "the patch");
    for text in &mut texts {
        let lines = text.text.lines().filter_map(|line| line.strip_prefix('+').or_else(|| line.strip_prefix("*** ")));
        text.text = lines.collect::<Vec<_>>().join("\n");
    }
    texts
}

/// Reads a file that is about to be read; one that cannot be read cannot be sent either.
fn file(folder: &Path, path: &str) -> Option<Text> {
    let path: PathBuf = folder.join(path);
    let meta = fs::metadata(&path).ok().filter(|meta| meta.is_file() && meta.len() <= MAX_FILE_BYTES)?;
    let bytes = fs::read(&path).ok().filter(|_| meta.len() > 0)?;
    Some(Text { name: path.display().to_string(), text: String::from_utf8_lossy(&bytes).into_owned() })
}
