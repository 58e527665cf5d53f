//! A regular expression of Go, as gitleaks has it, in the syntax of ours, with the group named that holds the secret.
//!
//! Both have the same roots, so little differs: what a brace or a bracket alone means, `\Q…\E`, `\<`. Non-ASCII classes are refused by
//! our parser, which reads bytes.

use std::ops::Range;

use regex_syntax::hir::{Hir, HirKind};

/// An expression that was carried over.
pub(super) struct Expression {
    /// In our syntax; the group `secret`, where there is one, holds the secret.
    pub(super) pattern: String,
    /// What it says.
    pub(super) hir: Hir,
    /// Whether the group of the secret takes part in some matches only; in others all of the match is the secret.
    pub(super) is_group_optional: bool,
}

/// Carries an expression over; `group` is the number of the group with the secret, zero where nobody says.
///
/// # Errors
/// Why it cannot be, in words.
pub(super) fn of_go(regex: &str, group: usize) -> Result<Expression, String> {
    let Translated { text, groups } = translated(regex);
    let hir = parsed(&text)?;
    if group > groups.len() {
        return Err(format!("it has no group {group}"));
    }
    let mut found = Vec::new();
    captures(&hir, true, &mut found);
    let is_useful = |capture: &&Capture| if group > 0 { capture.number == group } else { capture.is_never_empty };
    // Without a number gitleaks takes the first group that is not empty.
    let chosen = found.iter().find(|capture| is_useful(capture) && capture.is_always).or_else(|| found.iter().find(is_useful));
    let mut pattern = text;
    for (at, opener) in groups.iter().enumerate().rev() {
        let is_secret = chosen.is_some_and(|capture| capture.number == at + 1);
        pattern.replace_range(opener.clone(), if is_secret { "(?<secret>" } else { "(?:" });
    }
    let hir = parsed(&pattern)?;
    Ok(Expression { pattern, hir, is_group_optional: chosen.is_some_and(|capture| !capture.is_always) })
}

fn parsed(pattern: &str) -> Result<Hir, String> {
    let parser = regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern);
    parser.map_err(|error| match error {
        regex_syntax::Error::Parse(error) => format!("its expression is not understood: {}", error.kind()),
        regex_syntax::Error::Translate(error) => format!("its expression is not understood: {}", error.kind()),
        _ => "its expression is not understood".to_owned(),
    })
}

/// A group that captures.
struct Capture {
    number: usize,
    /// Whether it takes part in every match.
    is_always: bool,
    is_never_empty: bool,
}

fn captures(hir: &Hir, is_always: bool, found: &mut Vec<Capture>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let is_never_empty = capture.sub.properties().minimum_len().is_some_and(|bytes| bytes > 0);
            found.push(Capture { number: capture.index as usize, is_always, is_never_empty });
            captures(&capture.sub, is_always, found);
        }
        HirKind::Repetition(repetition) => captures(&repetition.sub, is_always && repetition.min > 0, found),
        HirKind::Concat(parts) => parts.iter().for_each(|part| captures(part, is_always, found)),
        HirKind::Alternation(branches) => branches.iter().for_each(|branch| captures(branch, false, found)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// An expression in our syntax, and where its capturing groups open.
struct Translated {
    text: String,
    groups: Vec<Range<usize>>,
}

fn translated(regex: &str) -> Translated {
    let mut out = Translated { text: String::new(), groups: Vec::new() };
    let mut rest = regex;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '\\' => escape(rest, &mut out.text),
            '[' => class(rest, &mut out.text),
            '(' => group(rest, &mut out),
            '{' if !is_repetition(rest) => {
                out.text.push_str("\\{");
                1
            }
            other => {
                out.text.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

/// Carries over what begins with a backslash; returns how long it is.
fn escape(rest: &str, out: &mut String) -> usize {
    if let Some(quoted) = rest.strip_prefix("\\Q") {
        let (text, length) = quoted.split_once("\\E").map_or((quoted, rest.len()), |(text, _)| (text, text.len() + 4));
        out.push_str(&regex_syntax::escape(text));
        return length;
    }
    let Some(escaped) = rest[1..].chars().next() else {
        out.push('\\');
        return 1;
    };
    // With a backslash these two are the edges of a word for us.
    if !matches!(escaped, '<' | '>') {
        out.push('\\');
    }
    out.push(escaped);
    1 + escaped.len_utf8()
}

/// Carries over a class in brackets; returns how long it is.
fn class(rest: &str, out: &mut String) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    out.push('[');
    if bytes.get(at) == Some(&b'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(next) = rest[at..].chars().next() {
        let tail = &rest[at..];
        match next {
            ']' if at > first => {
                out.push(']');
                return at + 1;
            }
            '\\' => {
                at += escape(tail, out);
                continue;
            }
            '[' if tail.starts_with("[:") && tail.contains(":]") => {
                let length = tail.find(":]").map_or(tail.len(), |end| end + 2);
                out.push_str(&tail[..length]);
                at += length;
                continue;
            }
            // Alone they are letters in Go; for us some begin a class inside of the class, or are operators when doubled.
            '[' | ']' | '&' | '~' => {
                out.push('\\');
                out.push(next);
            }
            '-' if tail.starts_with("--") => out.push_str("\\-"),
            other => out.push(other),
        }
        at += next.len_utf8();
    }
    at
}

/// Carries over the opening of a group; returns how long it is.
fn group(rest: &str, out: &mut Translated) -> usize {
    let is_named = rest.starts_with("(?P<") || (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!"));
    let length = match rest.find('>') {
        Some(end) if is_named => end + 1,
        _ => 1,
    };
    let start = out.text.len();
    out.text.push_str(&rest[..length]);
    if length > 1 || !rest.starts_with("(?") {
        out.groups.push(start..out.text.len());
    }
    length
}

/// Returns whether a brace opens a repetition such as `{2,5}`; elsewhere Go takes it for itself.
fn is_repetition(rest: &str) -> bool {
    let Some((inside, _)) = rest[1..].split_once('}') else { return false };
    let (low, high) = inside.split_once(',').unwrap_or((inside, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(low) && (high.is_empty() || is_number(high))
}

#[cfg(test)]
mod tests {
    use regex_automata::meta::Regex;
    use regex_automata::util::syntax;

    use super::of_go;

    #[test]
    fn what_go_means_is_what_we_mean() {
        for (regex, group, pattern) in [
            (r"acme_([0-9a-f]{32})", 0, r"acme_(?<secret>[0-9a-f]{32})"),
            (r"(acme|corp)_([0-9a-f]{32})", 2, r"(?:acme|corp)_(?<secret>[0-9a-f]{32})"),
            (r"(?P<key>acme)-(?i)(x)?(yz)", 3, r"(?:acme)-(?i)(?:x)?(?<secret>yz)"),
            (r"(x)?acme(yz)", 0, r"(?:x)?acme(?<secret>yz)"),
            (r"acme[[|'\]&-]", 0, r"acme[\[|'\]\&-]"),
            (r"acme[]a]{2}{x}", 0, r"acme[\]a]{2}\{x}"),
            (r"acme[[:alpha:]+--]", 0, r"acme[[:alpha:]+\--]"),
            (r"\Qa.b(\E\<\_acme", 0, r"a\.b\(<\_acme"),
        ] {
            let ours = of_go(regex, group).unwrap_or_else(|error| panic!("{regex}: {error}"));
            assert_eq!(ours.pattern, pattern, "{regex}");
            let syntax = syntax::Config::new().unicode(false).utf8(false);
            assert!(Regex::builder().syntax(syntax).build(&ours.pattern).is_ok(), "{regex}");
        }
    }

    #[test]
    fn what_cannot_be_carried_over_is_said() {
        for (regex, group) in [(r"acme(", 0), (r"acme(?=x)", 0), (r"(acme)", 2), (r"acme\pL", 0), (r"[ä-ü]acme", 0)] {
            assert!(of_go(regex, group).is_err(), "{regex}");
        }
        assert!(of_go("(a)x|(b)y", 0).expect("it is right").is_group_optional);
    }
}
