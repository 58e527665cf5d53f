//! Globs for regular expressions of paths, as far as people write such: anchors, letters, `.*`, `[^/]*` and alternatives.

/// Returns a glob that matches the same paths, where there is one.
pub(super) fn of_regex(regex: &str) -> Option<String> {
    let mut rest = regex;
    let mut glob = String::new();
    let is_at_start = strip(&mut rest, &["^"]);
    let is_at_folder = strip(&mut rest, &["(^|/)", "(?:^|/)", "(/|^)", "(?:/|^)"]);
    let is_open = strip(&mut rest, &["(.*?)", "(.*)", ".*?", ".*"]);
    match (is_at_start, is_at_folder, is_open || !is_at_start) {
        (_, true, _) => glob.push_str("**/"),
        // A slash has something before it.
        (_, false, true) if rest.starts_with('/') => glob.push_str("*/**"),
        (_, false, true) => glob.push_str("**/*"),
        (_, false, false) => {}
    }
    let (body, is_at_end) = match ["(/.*)?$", "(?:/.*)?$", "(?:/.*?)?$", "(/|$)", "(?:/|$)", "(?:$|/)", "($|/)", "$"]
        .iter()
        .find_map(|end| rest.strip_suffix(end))
    {
        Some(body) => (body, true),
        None => (rest, false),
    };
    let body = if is_at_end { body } else { ["(.*?)", "(.*)", ".*?", ".*"].iter().find_map(|end| body.strip_suffix(end)).unwrap_or(body) };
    if body.is_empty() {
        return None;
    }
    push(body, &mut glob)?;
    if !is_at_end {
        // All that begins so: what is below a folder, or what goes on in the same name.
        glob.push_str(if glob.ends_with('/') { "**" } else { "*" });
    }
    Some(glob)
}

fn strip(rest: &mut &str, starts: &[&str]) -> bool {
    let found = starts.iter().find_map(|start| rest.strip_prefix(start));
    *rest = found.unwrap_or(rest);
    found.is_some()
}

fn push(body: &str, glob: &mut String) -> Option<()> {
    let mut rest = body;
    while let Some(next) = rest.chars().next() {
        if strip(&mut rest, &["[^/]*", "[^/]+"]) {
            glob.push('*');
            continue;
        }
        if strip(&mut rest, &["(.*?)", "(.*)", ".*?", ".*", ".+"]) {
            // Only behind a slash do any number of folders fit in.
            glob.ends_with('/').then(|| glob.push_str(if rest.starts_with('/') { "**" } else { "**/*" }))?;
            continue;
        }
        if next == '(' {
            let (inner, after) = rest[1..].split_once(')')?;
            let words: Option<Vec<String>> = inner.trim_start_matches("?:").split('|').map(literal).collect();
            glob.push_str(&format!("{{{}}}", words?.join(",")));
            rest = after;
            (!rest.starts_with(['?', '*', '+', '{'])).then_some(())?;
            continue;
        }
        let mut length = next.len_utf8();
        match next {
            '\\' => {
                let escaped = rest[1..].chars().next().filter(|c| c.is_ascii_punctuation())?;
                if "*?[]{}".contains(escaped) {
                    return None;
                }
                glob.push(escaped);
                length += escaped.len_utf8();
            }
            '.' => glob.push('?'),
            '/' | '_' | '-' | ' ' | '@' | '~' | ',' => glob.push(next),
            c if c.is_alphanumeric() => glob.push(c),
            _ => return None,
        }
        rest = &rest[length..];
        (!rest.starts_with(['?', '*', '+', '{'])).then_some(())?;
    }
    Some(())
}

/// Returns a word without anything in it that a regular expression would take for its own.
fn literal(word: &str) -> Option<String> {
    let plain = word.replace("\\.", ".").replace("\\/", "/").replace("\\-", "-");
    let is_plain = plain.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c));
    // A dot that was not escaped means any character.
    let is_exact = word.replace("\\.", "").matches('.').count() == 0;
    (is_plain && is_exact && !plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;
    use regex_automata::meta::Regex;

    const PATHS: [&str; 16] = [
        "go.sum",
        "a/go.sum",
        "xgo.sum",
        "vendor/a.go",
        "a/vendor/b/c.go",
        "vendored/a.go",
        "a/b_test.go",
        "b_test.go",
        "b_test.go.bak",
        "docs/a.md",
        "docs/b/a.md",
        "x/docs/a.md",
        "package-lock.json",
        "a/yarn.lock",
        "test/fixtures/a/b.txt",
        "fixtures",
    ];

    #[test]
    fn a_glob_matches_what_its_regex_matches() {
        for regex in [
            r"go\.sum",
            r"^go\.sum$",
            r"(^|/)go\.sum$",
            r"go\.sum$",
            r"vendor/",
            r"^vendor/",
            r"(?:^|/)vendor/",
            r"(^|/)vendor/.*\.go$",
            r".*_test\.go$",
            r"_test\.go$",
            r"^docs/.*\.md$",
            r"^docs/[^/]*\.md$",
            r"(^|/)(package-lock\.json|yarn\.lock)$",
            r"^(.*?)(go\.sum|yarn\.lock)$",
            r"test/fixtures/.*",
            r"^.*/docs/",
            r"/docs/",
            r"(^|/)fixtures(/|$)",
            r"(?:^|/)vendor(?:/.*)?$",
        ] {
            let glob = super::of_regex(regex).unwrap_or_else(|| panic!("{regex}: no glob"));
            let folder = glob.trim_end_matches('/');
            let built = GlobBuilder::new(&format!("{{{folder},{folder}/**}}")).literal_separator(true).build();
            let matcher = built.unwrap_or_else(|error| panic!("{regex}: {error}")).compile_matcher();
            let expected = Regex::new(regex).expect("it is right");
            for path in PATHS {
                assert_eq!(matcher.is_match(path), expected.is_match(path), "{regex} as {glob}: {path}");
            }
        }
    }

    #[test]
    fn what_no_glob_says_is_not_turned_into_one() {
        for regex in ["", ".*", r"a(b|c)+", r"[a-z]+\.go", r"foo.*bar", r"a\d", r"(?i)readme", r"a{2}", r"x\*y", r"a|b"] {
            assert_eq!(super::of_regex(regex), None, "{regex:?}");
        }
    }
}
