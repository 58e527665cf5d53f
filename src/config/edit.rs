//! Adds an entry to a list of `.staunch.yaml` and leaves every byte that was there: comments, order, spacing.
//!
//! There is no YAML writer in it. The entry's text is put where the list seems to end, and what came out is parsed: unless it
//! says what was said before and one entry more, it is not that place.

use std::ops::Range;
use std::path::Path;

use super::{Allow, Config};

/// Why an entry cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is there is no valid configuration.
    #[error(transparent)]
    Config(#[from] super::Error),
    /// The list is written in a way that cannot be added to.
    #[error("the list `{list}` is written in a way that cannot be added to")]
    NoPlace {
        /// Its name.
        list: &'static str,
    },
}

/// Returns the text of a configuration with one more entry of `allow`; the entry's `place` is of no importance.
///
/// # Errors
/// When the text is not valid, or has no place for it.
pub fn with_allow(text: &str, entry: &Allow) -> Result<String, Error> {
    let added = |indent: &str| self::entry(entry, indent);
    with_element(text, "allow", &added, &|mut config| {
        let last = config.allow.pop();
        last.filter(|last| nowhere(last) == nowhere(entry)).map(|_| config)
    })
}

/// Returns the text of a configuration that reads detectors from one more folder or file.
///
/// # Errors
/// When the text is not valid, or has no place for it.
pub fn with_detectors(text: &str, path: &str) -> Result<String, Error> {
    let added = |indent: &str| format!("{indent}- {}\n", scalar(path));
    with_element(text, "detectors", &added, &|mut config| {
        let last = config.detectors.pop();
        last.filter(|last| last == Path::new(path)).map(|_| config)
    })
}

/// Adds an element to a list; `without` takes it out again, where it is the last one.
fn with_element(
    text: &str,
    list: &'static str,
    added: &dyn Fn(&str) -> String,
    without: &dyn Fn(Config) -> Option<Config>,
) -> Result<String, Error> {
    let before = said(Config::parse(text, super::FILE_NAME)?);
    let is_one_more =
        |after: &String| Config::parse(after, super::FILE_NAME).ok().and_then(without).is_some_and(|after| said(after) == before);
    let lead = format!("{list}:");
    let made = places(text, &lead).into_iter().map(|Place { range, begins, indent }| {
        let lead = if begins { format!("{lead}\n") } else { String::new() };
        with_lines(text, range, lead + &added(&indent))
    });
    made.into_iter().find(is_one_more).ok_or(Error::NoPlace { list })
}

/// Returns a configuration without the places of its entries, which move.
fn said(config: Config) -> Config {
    Config { allow: config.allow.iter().map(nowhere).collect(), ..config }
}

fn nowhere(entry: &Allow) -> Allow {
    Allow { place: String::new(), ..entry.clone() }
}

/// Returns the entry as lines of a list.
pub fn entry(entry: &Allow, indent: &str) -> String {
    let fields = [
        ("fingerprint", entry.fingerprint.map(|fingerprint| fingerprint.to_string())),
        ("path", entry.path.clone()),
        ("except", entry.except.clone()),
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
    let begins = value.strip_prefix('.').unwrap_or(value).starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && is_word && value.chars().all(is_plain) && !value.ends_with(' ') && value.parse::<f64>().is_err() {
        return value.to_owned();
    }
    // A string of JSON is one of YAML.
    serde_json::to_string(value).unwrap_or_default()
}

/// A place for an element of a list.
struct Place {
    /// What it replaces.
    range: Range<usize>,
    /// Whether the list begins with it.
    begins: bool,
    indent: String,
}

/// Returns places where an element may go, the best first; `name` is the list's, with its colon.
fn places(text: &str, name: &str) -> Vec<Place> {
    let lines = lines(text);
    let Some(key) = lines.iter().position(|line| text[line.clone()].starts_with(name)) else {
        return vec![Place { range: text.len()..text.len(), begins: true, indent: "  ".to_owned() }];
    };
    let head = &text[lines[key].clone()];
    if let Some(at) = head.find("[]") {
        let start = lines[key].start;
        return vec![Place { range: start..start + at + "[]".len(), begins: true, indent: "  ".to_owned() }];
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
    ends.into_iter().map(|end| Place { range: end..end, begins: false, indent: indent.clone() }).collect()
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

fn with_lines(text: &str, range: Range<usize>, mut added: String) -> String {
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

#[cfg(test)]
mod tests {
    use super::{Allow, with_allow, with_detectors};
    use crate::secret::Fingerprint;

    fn new(reason: &str) -> Allow {
        let fingerprint = Fingerprint::parse(&"0a".repeat(10)).expect("it is one");
        Allow::credential(fingerprint, reason.into())
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
    fn a_folder_of_detectors_is_added_in_the_same_way() {
        for (before, after) in [
            ("", "detectors:\n  - .staunch/detectors\n"),
            ("detectors: []\nexclude: []\n", "detectors:\n  - .staunch/detectors\nexclude: []\n"),
            ("detectors:\n- own.yaml\nallow: []\n", "detectors:\n- own.yaml\n- .staunch/detectors\nallow: []\n"),
        ] {
            let made = with_detectors(before, ".staunch/detectors").unwrap_or_else(|error| panic!("{before:?}: {error}"));
            assert_eq!(made, after, "{before:?}");
        }
        assert!(with_detectors("detectors: [own.yaml]\n", ".staunch/detectors").is_err());
    }

    #[test]
    fn a_list_that_cannot_be_added_to_is_left_alone() {
        for text in ["allow: [{path: a, reason: x}]\n", "{allow: [{path: a, reason: x}]}\n", "allow: nonsense\n"] {
            assert!(with_allow(text, &new("a test")).is_err(), "{text:?}");
        }
    }
}
