//! Adds an entry to `.staunch.yaml` and leaves every byte that was there: comments, order, spacing.
//!
//! There is no YAML writer in it. The entry's text is put where the list seems to end, and what came out is parsed: unless it
//! says what was said before and one entry more, it is not that place.

use std::ops::Range;

use super::{Allow, Config};

/// Why an entry cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is there is no valid configuration.
    #[error(transparent)]
    Config(#[from] super::Error),
    /// The list is written in a way that cannot be added to.
    #[error("the list of what is allowed is written in a way that cannot be added to")]
    NoPlace,
}

/// Returns the text of a configuration with one more entry of `allow`; the entry's `place` is of no importance.
///
/// # Errors
/// When the text is not valid, or has no place for it.
pub fn with_allow(text: &str, entry: &Allow) -> Result<String, Error> {
    let before = Config::parse(text, super::FILE_NAME)?;
    places(text)
        .into_iter()
        .map(|(range, lead, indent)| with_entry(text, range, lead, &indent, entry))
        .find(|after| says_one_more(&before, after, entry))
        .ok_or(Error::NoPlace)
}

/// Returns the entry as lines of a list.
pub fn entry(entry: &Allow, indent: &str) -> String {
    let fields = [
        ("fingerprint", entry.fingerprint.map(|fingerprint| fingerprint.to_string())),
        ("path", entry.path.clone()),
        ("detector", entry.detector.clone()),
        ("reason", Some(entry.reason.clone())),
        ("owner", entry.owner.clone()),
        ("expires", entry.expires.map(|last| last.to_string())),
    ];
    let mut text = String::new();
    for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let mark = if text.is_empty() { "- " } else { "  " };
        text.push_str(&format!("{indent}{mark}{name}: {}\n", scalar(&value)));
    }
    text
}

/// Returns a value as YAML takes it for a string.
fn scalar(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " _./-".contains(c);
    let is_word = !["true", "false", "null", "yes", "no", "on", "off"].contains(&value.to_ascii_lowercase().as_str());
    let begins = value.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && is_word && value.chars().all(is_plain) && !value.ends_with(' ') && value.parse::<f64>().is_err() {
        return value.to_owned();
    }
    // A string of JSON is one of YAML.
    serde_json::to_string(value).unwrap_or_default()
}

/// A place for an entry: what it replaces, what precedes it, and how far it is indented.
type Place = (Range<usize>, &'static str, String);

/// Returns places where an entry may go, the best first.
fn places(text: &str) -> Vec<Place> {
    let lines = lines(text);
    let Some(key) = lines.iter().position(|line| text[line.clone()].starts_with("allow:")) else {
        return vec![(text.len()..text.len(), "allow:\n", "  ".to_owned())];
    };
    let head = &text[lines[key].clone()];
    if let Some(at) = head.find("[]") {
        let start = lines[key].start;
        return vec![(start + "allow:".len()..start + at + "[]".len(), "\n", "  ".to_owned())];
    }
    let is_below =
        |line: &&Range<usize>| text[(*line).clone()].trim().is_empty() || text[(*line).clone()].starts_with([' ', '\t', '-', '#']);
    let below: Vec<&Range<usize>> = lines[key + 1..].iter().take_while(is_below).collect();
    let dash = below.iter().map(|line| &text[(*line).clone()]).find(|line| line.trim_start().starts_with('-'));
    let indent = dash.map_or_else(|| "  ".to_owned(), |line| line[..line.len() - line.trim_start().len()].to_owned());
    let last = |wanted: &dyn Fn(&str) -> bool| {
        let found = below.iter().rev().find(|line| wanted(text[(**line).clone()].trim()));
        found.map_or(lines[key].end, |line| line.end)
    };
    // What stands below the last entry is a remark on what follows, more often than part of the entry.
    let ends = [
        last(&|line| !line.is_empty() && !line.starts_with('#')),
        last(&|line| !line.is_empty()),
        below.last().map_or(lines[key].end, |line| line.end),
    ];
    ends.into_iter().map(|end| (end..end, "", indent.clone())).collect()
}

/// Returns the lines of a text with their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let whole = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end;
        range
    });
    whole.collect()
}

fn with_entry(text: &str, range: Range<usize>, lead: &str, indent: &str, new: &Allow) -> String {
    let mut added = format!("{lead}{}", entry(new, indent));
    let (before, after) = (&text[..range.start], &text[range.end..]);
    if range.is_empty() && !before.is_empty() && !before.ends_with('\n') {
        added.insert(0, '\n');
    }
    if after.starts_with(['\n', '\r']) && !range.is_empty() {
        added.pop();
    }
    if text.contains("\r\n") {
        added = added.replace('\n', "\r\n");
    }
    [before, &added, after].concat()
}

/// Returns whether a text says the same as a configuration, and one entry more.
fn says_one_more(before: &Config, after: &str, new: &Allow) -> bool {
    let Ok(mut after) = Config::parse(after, super::FILE_NAME) else { return false };
    let nowhere = |entry: &Allow| Allow { place: String::new(), ..entry.clone() };
    let is_new = after.allow.pop().is_some_and(|last| nowhere(&last) == nowhere(new));
    let said = |config: &Config| Config { allow: config.allow.iter().map(nowhere).collect(), ..config.clone() };
    is_new && said(before) == said(&after)
}

#[cfg(test)]
mod tests {
    use super::{Allow, with_allow};
    use crate::secret::Fingerprint;

    fn new(reason: &str) -> Allow {
        let fingerprint = Fingerprint::parse(&"0a".repeat(10));
        let place = String::new();
        Allow { fingerprint, path: None, detector: None, reason: reason.into(), owner: None, expires: None, place }
    }

    #[test]
    fn an_entry_goes_behind_the_last_one_and_nothing_else_changes() {
        let own = "fingerprint: 0a0a0a0a0a0a0a0a0a0a";
        for (before, after) in [
            ("", format!("allow:\n  - {own}\n    reason: a test\n")),
            ("# empty", format!("# empty\nallow:\n  - {own}\n    reason: a test\n")),
            ("exclude: []\n", format!("exclude: []\nallow:\n  - {own}\n    reason: a test\n")),
            ("allow: []\nexclude: []\n", format!("allow:\n  - {own}\n    reason: a test\nexclude: []\n")),
            (
                "allow:\n- path: a   # odd\n  reason: x\n\n# on exclude\nexclude: []\n",
                format!("allow:\n- path: a   # odd\n  reason: x\n- {own}\n  reason: a test\n\n# on exclude\nexclude: []\n"),
            ),
            ("allow:\n    - {path: a, reason: x}", format!("allow:\n    - {{path: a, reason: x}}\n    - {own}\n      reason: a test\n")),
            (
                "allow:\n  - path: a\n    reason: |\n      one\n      # two\nexclude: []\n",
                format!("allow:\n  - path: a\n    reason: |\n      one\n      # two\n  - {own}\n    reason: a test\nexclude: []\n"),
            ),
            (
                "allow:\r\n  - path: a\r\n    reason: x\r\n",
                format!("allow:\r\n  - path: a\r\n    reason: x\r\n  - {own}\r\n    reason: a test\r\n"),
            ),
        ] {
            let made = with_allow(before, &new("a test")).unwrap_or_else(|error| panic!("{before:?}: {error}"));
            assert_eq!(made, after, "{before:?}");
        }
    }

    #[test]
    fn a_reason_comes_back_as_it_was_given() {
        for reason in ["12", "true", "a: b", "a # b", "it's \"so\"", "- a", "Ünï", "tab\tand\nline", "", "a "] {
            let made = with_allow("", &new(reason));
            assert_eq!(made.is_ok(), !reason.trim().is_empty(), "{reason:?}: {made:?}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_added_to_is_left_alone() {
        for text in ["allow: [{path: a, reason: x}]\n", "{allow: [{path: a, reason: x}]}\n", "allow: nonsense\n"] {
            assert!(with_allow(text, &new("a test")).is_err(), "{text:?}");
        }
    }
}
