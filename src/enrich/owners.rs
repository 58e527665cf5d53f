//! Who owns a path: CODEOWNERS in the dialects of GitHub and GitLab.
//!
//! GitHub: of all lines the last that matches counts, and one without owners takes them away. GitLab has sections, each with
//! owners of its own that add up, defaults for lines that name none, and lines with `!` that take a path out of a section.

use bstr::{BStr, ByteSlice as _};
use globset::{GlobBuilder, GlobMatcher};

/// Where hosts look for the file, and in which order.
pub(crate) const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Longer files are not read: hosts refuse them as well (GitHub at 3 MB).
pub(crate) const MAX_BYTES: usize = 3 << 20;

/// The rules of one file.
#[derive(Default)]
pub(crate) struct Owners {
    sections: Vec<Section>,
}

/// Rules of which one at most applies to a path. GitHub's file is one section.
#[derive(Default)]
struct Section {
    name: String,
    rules: Vec<Rule>,
}

struct Rule {
    glob: GlobMatcher,
    owners: Vec<String>,
    is_exclusion: bool,
}

impl Owners {
    /// Reads a file; what hosts would not understand either is left out.
    pub(crate) fn parse(text: &str, is_gitlab: bool) -> Self {
        let mut sections = vec![Section::default()];
        let mut defaults: Vec<String> = Vec::new();
        let has_sections = is_gitlab || text.lines().any(|line| header(line.trim()).is_some());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some((name, owners)) = header(line).filter(|_| has_sections) {
                defaults = owners;
                // A section that is named twice is one.
                match sections.iter().position(|section| section.name.eq_ignore_ascii_case(&name)) {
                    Some(at) => sections[at..].rotate_left(1),
                    None => sections.push(Section { name, rules: Vec::new() }),
                }
                continue;
            }
            let mut words = words(line);
            if words.is_empty() {
                continue;
            }
            let pattern = words.remove(0);
            let (pattern, is_exclusion) = match pattern.strip_prefix('!') {
                Some(rest) if has_sections => (rest.to_owned(), true),
                Some(_) => continue,
                None => (pattern, false),
            };
            let Some(glob) = glob(&pattern, has_sections) else { continue };
            let own: Vec<String> = words.into_iter().take_while(|word| !word.starts_with('#')).collect();
            let owners = if own.is_empty() { defaults.clone() } else { own };
            sections.last_mut().expect("there is one from the start").rules.push(Rule { glob, owners, is_exclusion });
        }
        Owners { sections }
    }

    /// Returns who owns a path, in the order of the file.
    pub(crate) fn of(&self, path: &BStr) -> Vec<String> {
        let path = path.to_path_lossy();
        let mut owners: Vec<String> = Vec::new();
        for section in &self.sections {
            let matching = || section.rules.iter().filter(|rule| rule.glob.is_match(&path));
            if matching().any(|rule| rule.is_exclusion) {
                continue;
            }
            for owner in matching().next_back().map(|rule| rule.owners.as_slice()).unwrap_or_default() {
                if !owners.contains(owner) {
                    owners.push(owner.clone());
                }
            }
        }
        owners
    }
}

/// Reads `[Name]`, `^[Name]`, `[Name][2]`, each with owners behind it.
fn header(line: &str) -> Option<(String, Vec<String>)> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, rest) = rest.split_once(']')?;
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    (!name.is_empty()).then(|| (name.to_owned(), words(rest)))
}

/// Splits at white space that no backslash escapes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_escaped) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            _ if is_escaped => {
                if !matches!(c, ' ' | '#' | '[' | ']' | '!') {
                    word.push('\\');
                }
                word.push(c);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            c if c.is_whitespace() => words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty())),
            c => word.push(c),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// Compiles a pattern as `.gitignore` has them: `/` in front means the top, none in the middle any folder, one at the end all below.
fn glob(pattern: &str, is_gitlab: bool) -> Option<GlobMatcher> {
    let is_anchored = pattern.starts_with('/') || (!is_gitlab && pattern.trim_end_matches('/').contains('/'));
    let body = pattern.trim_start_matches('/');
    let body = if body.is_empty() { "**" } else { body };
    let mut glob = if is_anchored || body.starts_with("**/") { body.to_owned() } else { format!("**/{body}") };
    if glob.ends_with('/') {
        glob.push_str("**");
    }
    // A name without a wildcard may be a folder: all below it is meant too.
    let last = glob.rsplit('/').next().unwrap_or_default();
    let may_be_folder = !last.contains('*') && !last.is_empty();
    let glob = if may_be_folder { format!("{{{0},{0}/**}}", glob.replace(['{', '}', ','], "?")) } else { glob.replace(['{', '}'], "?") };
    Some(GlobBuilder::new(&glob).literal_separator(true).backslash_escape(true).build().ok()?.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::Owners;

    fn owners(text: &str, is_gitlab: bool, path: &str) -> String {
        Owners::parse(text, is_gitlab).of(path.into()).join(" ")
    }

    #[test]
    fn the_last_line_that_matches_counts_on_github() {
        let text = "# all\n* @all\n*.js @js # front\n/build/logs/ @ops\ndocs/* docs@example.com\napps/ @apps\n/apps/github\n**/logs @logs\n\
                    a\\ b.txt @space\n";
        for (path, owner) in [
            ("x.rs", "@all"),
            ("deep/x.js", "@js"),
            ("build/logs/a/b", "@logs"),
            ("docs/a.md", "docs@example.com"),
            ("docs/a/b.md", "@all"),
            ("x/apps/y", "@apps"),
            ("apps/github/x", ""),
            ("a b.txt", "@space"),
        ] {
            assert_eq!(owners(text, false, path), owner, "{path}");
        }
    }

    #[test]
    fn sections_of_gitlab_add_up_and_have_defaults() {
        let text = "* @all\n[Database][2] @dba\n/db/\n*.sql @sql\n^[Docs]\n*.md @docs\n[database]\n/schema.rb @schema\n[Rest] @rest\nlib/\n!lib/free/\n";
        for (path, owner) in [
            ("x.rs", "@all"),
            ("db/x.rb", "@all @dba"),
            ("db/x.sql", "@all @sql"),
            ("x/readme.md", "@all @docs"),
            ("schema.rb", "@all @schema"),
            ("lib/x.rb", "@all @rest"),
            ("lib/free/x.rb", "@all"),
        ] {
            let mut told: Vec<String> = owners(text, true, path).split(' ').map(str::to_owned).collect();
            told.sort();
            let mut wanted: Vec<&str> = owner.split(' ').collect();
            wanted.sort_unstable();
            assert_eq!(told, wanted, "{path}");
        }
    }

    #[test]
    fn what_is_no_rule_is_left_out() {
        for text in ["", "# x", "[", "[]", "\\", "!x @a", "[a-", "{,{ @x"] {
            assert_eq!(owners(text, false, "x"), "", "{text:?}");
        }
    }
}
