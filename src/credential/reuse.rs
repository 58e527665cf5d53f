//! Where else the same value is used: files, services, environments.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice as _};
use globset::{Glob, GlobMatcher};

use crate::finding::Piece;
use crate::policy::{Environment, Policy};
use crate::verdict::Verdict;

/// What shares a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reuse {
    /// The files.
    pub files: BTreeSet<BString>,
    /// The services, by the folders that repositories keep them in.
    pub services: BTreeSet<BString>,
    /// The environments, by path and by the name of the variable.
    pub environments: BTreeSet<Environment>,
    /// The names of the variables it is assigned to.
    pub names: BTreeSet<String>,
    /// The repositories, where several were audited.
    pub repositories: BTreeSet<String>,
    /// Whether every place of it is among tests, examples or documentation.
    pub is_only_in_tests: bool,
}

/// How paths are read.
pub(super) struct Settings(Vec<(GlobMatcher, Environment)>);

impl Settings {
    pub(super) fn new(policy: &Policy) -> Self {
        let compile = |(glob, environment): &(String, Environment)| Some((Glob::new(glob).ok()?.compile_matcher(), *environment));
        Settings(policy.environments.iter().filter_map(compile).collect())
    }

    pub(super) fn reuse(&self, places: &[&Verdict]) -> Reuse {
        let mut reuse = Reuse { is_only_in_tests: true, ..Reuse::default() };
        for verdict in places {
            reuse.repositories.extend(verdict.context.repository.clone());
            let name = variable(verdict);
            let by_name = name.as_deref().and_then(|name| environment_of_words(name.as_bytes()));
            reuse.names.extend(name);
            let Some(path) = verdict.finding.origin.path() else {
                reuse.is_only_in_tests = false;
                continue;
            };
            reuse.files.insert(path.into());
            reuse.services.extend(service(path).map(BString::from));
            let environment = self.environment(&verdict.finding.path().unwrap_or(Cow::Borrowed(path))).or(by_name);
            reuse.is_only_in_tests &= environment == Some(Environment::Test);
            reuse.environments.extend(environment);
        }
        reuse
    }

    fn environment(&self, path: &BStr) -> Option<Environment> {
        let configured = self.0.iter().find(|(glob, _)| glob.is_match(path.to_path_lossy()));
        configured.map(|(_, environment)| *environment).or_else(|| environment_of_words(path))
    }
}

impl Reuse {
    /// Returns whether one value serves several purposes.
    pub fn is_shared(&self) -> bool {
        self.services.len() > 1 || self.repositories.len() > 1 || self.crosses_environments()
    }

    /// Returns whether one value serves several environments; a test that uses the value of another is one as well.
    pub fn crosses_environments(&self) -> bool {
        self.environments.len() > 1
    }
}

/// Folders whose folders are services.
const HOMES: [&[u8]; 9] =
    [b"services", b"apps", b"packages", b"projects", b"modules", b"microservices", b"charts", b"functions", b"components"];

fn service(path: &BStr) -> Option<&[u8]> {
    let parts: Vec<&[u8]> = path.split_str("/").collect();
    // The last part is the file.
    let folders = &parts[..parts.len() - 1];
    let home = folders.iter().position(|part| HOMES.contains(part))?;
    folders.get(home + 1).copied()
}

/// Reads an environment from the words in a path or name.
fn environment_of_words(text: &[u8]) -> Option<Environment> {
    let text = text.to_ascii_lowercase();
    let words = || text.split(|b| !b.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let has = |known: &[&[u8]]| words().any(|word| known.contains(&word));
    // A test of production is a test.
    let is_test =
        has(&[b"test", b"tests", b"testing", b"testdata", b"testsuite", b"spec", b"specs", b"fixture", b"fixtures", b"mock", b"mocks"]);
    let is_shown =
        has(&[b"example", b"examples", b"sample", b"samples", b"demo", b"doc", b"docs", b"documentation", b"tutorial", b"tutorials"]);
    // What a pipeline uses is no test; where projects in C and Perl keep theirs is `t`, at the top.
    if is_test || is_shown || has(&[b"qa", b"e2e"]) || text.starts_with(b"t/") {
        return Some(Environment::Test);
    }
    if has(&[b"prod", b"production", b"prd", b"live"]) {
        return Some(Environment::Production);
    }
    if has(&[b"staging", b"stage", b"stg", b"preprod", b"uat", b"preview", b"acceptance"]) {
        return Some(Environment::Staging);
    }
    has(&[b"dev", b"develop", b"development", b"local", b"localhost"]).then_some(Environment::Development)
}

/// Returns the name to which the value is assigned, where the line says so.
fn variable(verdict: &Verdict) -> Option<String> {
    let finding = &verdict.finding;
    let line = finding.excerpt.iter().find(|line| line.number == finding.start.line)?;
    let before = line.pieces.iter().take_while(|piece| matches!(piece, Piece::Text(_))).last();
    let Some(Piece::Text(text)) = before else { return None };
    assigned(text)
}

/// Returns the name at the end of what stands before a value; before a URL in which the value is, that to which the URL is assigned.
fn assigned(text: &str) -> Option<String> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let text = match text.rfind("://").filter(|&at| !text[at..].contains(char::is_whitespace)) {
        Some(at) => text[..at].trim_end_matches(is_scheme),
        None => text,
    };
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let text = text.strip_suffix(['=', ':']).or_else(|| text.strip_suffix("=>"))?.trim_end_matches([' ', '\t', ':', '"', '\'', '?']);
    let name = text.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).next().unwrap_or_default();
    Some(name.to_owned()).filter(|name| (2..=80).contains(&name.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::{assigned, environment_of_words, service};
    use crate::policy::Environment;

    #[test]
    fn words_of_a_path_tell_the_environment() {
        for (path, environment) in [
            ("deploy/prod/app.env", Some(Environment::Production)),
            ("PROD_DB_PASSWORD", Some(Environment::Production)),
            ("spec/fixtures/production.yml", Some(Environment::Test)),
            ("config/staging.yml", Some(Environment::Staging)),
            (".env.local", Some(Environment::Development)),
            ("src/product.rs", None),
            (".gitlab-ci.yml", None),
            ("t/lib-gpg/keyring.gpg", Some(Environment::Test)),
            ("Documentation/login.adoc", Some(Environment::Test)),
            ("src/t/a.c", None),
        ] {
            assert_eq!(environment_of_words(path.as_bytes()), environment, "{path}");
        }
    }

    #[test]
    fn the_name_before_a_value_is_the_variable() {
        for (text, name) in [
            ("DB_PASSWORD=", Some("DB_PASSWORD")),
            ("  password: \"", Some("password")),
            ("DATABASE_URL=postgres://app:", Some("DATABASE_URL")),
            ("get(\"http://a%40b.example:", None),
            ("é = '", None),
            ("just text ", None),
        ] {
            assert_eq!(assigned(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn folders_of_services_name_them() {
        for (path, name) in [("services/pay/a.env", Some("pay")), ("x/apps/web/src/a.ts", Some("web")), ("apps/a.ts", None), ("a", None)] {
            assert_eq!(service(path.into()), name.map(str::as_bytes), "{path}");
        }
    }
}
