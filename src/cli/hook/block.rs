//! Lines of ours in a file of somebody else's, between two marks; taking them out gives back the very bytes.

/// How the first mark begins.
const BEGIN: &str = "# staunch hook: begin";
/// The first mark in a file that was not there before.
const BEGIN_NEW: &str = "# staunch hook: begin, in a file of its own\n";
/// The first mark behind a last line that had no end.
const BEGIN_JOINED: &str = "# staunch hook: begin, behind a line without an end\n";
const BEGIN_PLAIN: &str = "# staunch hook: begin, removed by `staunch hook uninstall`\n";
const END: &str = "# staunch hook: end\n";

/// Where lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Before everything but the line that names the interpreter.
    Top,
    /// Behind everything.
    End,
}

/// Returns the text with the lines in it; those that were put there before give way.
pub(super) fn put(text: Option<&str>, lines: &str, at: At) -> String {
    let without = text.map(|text| take(text).unwrap_or_else(|| Some(text.to_owned())));
    let Some(text) = without.flatten() else { return format!("{BEGIN_NEW}{lines}{END}") };
    let split = match at {
        At::Top if text.starts_with("#!") => text.find('\n').map_or(text.len(), |end| end + 1),
        At::Top => 0,
        At::End => text.len(),
    };
    insert(&text, split, lines)
}

/// Returns the text with lines of ours at a place, which is where a line begins or the end.
pub(super) fn insert(text: &str, at: usize, lines: &str) -> String {
    let (before, after) = text.split_at(at);
    if before.is_empty() || before.ends_with('\n') {
        return format!("{before}{BEGIN_PLAIN}{lines}{END}{after}");
    }
    format!("{before}\n{BEGIN_JOINED}{lines}{END}{after}")
}

/// Returns the text without any lines of ours; nothing where none are in it.
pub(super) fn take_all(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    let mut is_changed = false;
    // From the last on: what joins one to a line without an end is taken away with it.
    while let Some(start) = text.match_indices(BEGIN).map(|(at, _)| at).filter(|&at| is_line_start(&text, at)).last() {
        let without = take(&text[start..])?.unwrap_or_default();
        let is_joined = text[start..].starts_with(BEGIN_JOINED);
        text.truncate(if is_joined { start - 1 } else { start });
        text.push_str(&without);
        is_changed = true;
    }
    is_changed.then_some(text)
}

/// Returns the text without our lines, or nothing inside where there was no file; `None` where none of ours are in it.
pub(super) fn take(text: &str) -> Option<Option<String>> {
    let start = find_line(text, BEGIN)?;
    let end = start + find_line(&text[start..], END)? + END.len();
    let (mut before, after) = (&text[..start], &text[end..]);
    if text[start..].starts_with(BEGIN_JOINED) {
        before = before.strip_suffix('\n').unwrap_or(before);
    }
    let is_gone = text[start..].starts_with(BEGIN_NEW) && before.is_empty() && after.is_empty();
    Some((!is_gone).then(|| [before, after].concat()))
}

/// Returns whether our lines are in a text.
pub(super) fn is_in(text: &str) -> bool {
    take(text).is_some()
}

fn find_line(text: &str, line: &str) -> Option<usize> {
    text.match_indices(line).map(|(at, _)| at).find(|&at| is_line_start(text, at))
}

fn is_line_start(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

#[cfg(test)]
mod tests {
    use super::{At, is_in, put, take};

    #[test]
    fn what_was_there_comes_back_byte_for_byte() {
        for text in [None, Some(""), Some("\n"), Some("a\nb\n"), Some("a\nb"), Some("#!/bin/sh\na\n"), Some("#!/bin/sh"), Some("a\r\nb")] {
            for at in [At::Top, At::End] {
                let with = put(text, "ours\n", at);
                assert!(is_in(&with) && with.contains("ours\n"), "{text:?}: {with:?}");
                assert_eq!(take(&with), Some(text.map(str::to_owned)), "{text:?} {at:?}");
                assert_eq!(put(Some(&with), "ours\n", at), with, "twice is once: {text:?} {at:?}");
                assert_eq!(take(&put(Some(&with), "newer\n", at)), Some(text.map(str::to_owned)), "{text:?} {at:?}");
            }
        }
        assert_eq!(take("nothing of ours\n"), None);
        assert!(put(Some("#!/bin/sh\na\n"), "ours\n", At::Top).starts_with("#!/bin/sh\n# staunch hook: begin"));
    }

    #[test]
    fn what_somebody_added_to_a_file_of_its_own_stays() {
        let with = put(None, "ours\n", At::End) + "theirs\n";
        assert_eq!(take(&with), Some(Some("theirs\n".to_owned())));
    }
}
