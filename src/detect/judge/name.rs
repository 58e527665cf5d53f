//! What the name on the left of a value says.

use super::words::letter_runs;
use crate::finding::Evidence;

/// A name that may belong to a secret.
pub(super) struct Name {
    words: Vec<Vec<u8>>,
}

/// Last words that make a name mean something about a secret, not the secret.
const ABOUT: [&str; 96] = [
    "id",
    "ids",
    "type",
    "types",
    "name",
    "names",
    "url",
    "uri",
    "urls",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "field",
    "fields",
    "label",
    "length",
    "len",
    "size",
    "count",
    "expires",
    "expiry",
    "expiration",
    "expire",
    "ttl",
    "timeout",
    "policy",
    "prompt",
    "hint",
    "reset",
    "regex",
    "regexp",
    "pattern",
    "format",
    "placeholder",
    "message",
    "msg",
    "error",
    "errors",
    "title",
    "text",
    "help",
    "description",
    "desc",
    "header",
    "prefix",
    "suffix",
    "limit",
    "min",
    "max",
    "algorithm",
    "algo",
    "version",
    "enabled",
    "required",
    "provider",
    "manager",
    "service",
    "class",
    "column",
    "index",
    "map",
    "store",
    "endpoint",
    "arn",
    "ref",
    "reference",
    "checksum",
    "digest",
    "fingerprint",
    "input",
    "form",
    "page",
    "view",
    "button",
    "link",
    "event",
    "status",
    "state",
    "info",
    "exists",
    "valid",
    "validator",
    "strength",
    "rule",
    "rules",
    "confirmation",
    "mode",
    "scope",
    "count",
    "usage",
    "by",
    "at",
    "changed",
];

/// Words anywhere in a name that make it public, or no credential.
const PUBLIC: [&str; 34] = [
    "public",
    "pub",
    "primary",
    "foreign",
    "partition",
    "sort",
    "cache",
    "csrf",
    "xsrf",
    "publishable",
    "sitekey",
    "keyboard",
    "passenger",
    "monkey",
    "author",
    "tokenizer",
    "tokenize",
    "next",
    "page",
    "cursor",
    "continuation",
    "i18n",
    "translation",
    "locale",
    "shortcut",
    "hot",
    "no",
    "num",
    "hash",
    "hashed",
    "encrypted",
    "checksum",
    "forgot",
    "missing",
];

/// Words that name something secret.
const SECRET: [&str; 20] = [
    "login",
    "key",
    "keys",
    "apikey",
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwd",
    "pwd",
    "pass",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "pat",
    "bearer",
    "authtoken",
    "accesskey",
];

/// Reads a name that holds `keyword`; nothing when the name is not a secret's.
pub(super) fn read(name: &[u8], keyword: &str) -> Option<Name> {
    let words: Vec<Vec<u8>> = letter_runs(name).map(<[u8]>::to_ascii_lowercase).collect();
    let last = words.last()?;
    let is = |list: &[&str], word: &[u8]| list.iter().any(|entry| entry.as_bytes() == word);
    if !ends_a_word(name, keyword) || is(&ABOUT, last) || words.iter().any(|word| is(&PUBLIC, word)) {
        return None;
    }
    Some(Name { words })
}

impl Name {
    pub(super) fn weigh(&self, evidence: &mut Evidence) {
        let has = |word: &str| self.words.iter().any(|w| w == word.as_bytes());
        if ["example", "sample", "dummy", "fake", "mock", "test", "invalid", "wrong", "bad"].iter().any(|w| has(w)) {
            evidence.add("name of an example", -0.8);
        }
        if ["prod", "production", "live", "aws", "db", "database", "admin", "root", "smtp", "client", "access", "private", "api"]
            .iter()
            .any(|w| has(w))
        {
            evidence.add("name of a service", 0.4);
        }
    }
}

/// Returns whether the keyword ends where a word of the name ends: not `key` in `keyboard`, nor `pass` in `passenger`.
fn ends_a_word(name: &[u8], keyword: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    memchr::memmem::find_iter(&folded, keyword.as_bytes()).any(|start| {
        let end = start + keyword.len();
        let end = if folded.get(end) == Some(&b's') { end + 1 } else { end };
        let turns = |left: u8, right: u8| left.is_ascii_lowercase() && right.is_ascii_uppercase();
        let ends = name.get(end).is_none_or(|&next| !next.is_ascii_alphabetic() || turns(name[end - 1], next));
        let begins = start == 0
            || !name[start - 1].is_ascii_alphabetic()
            || turns(name[start - 1], name[start])
            || keyword.len() >= 5
            || keyword == "pwd";
        ends && begins
    })
}

/// Returns whether a text, such as what stands between a provider's name and a value, names something secret.
pub(super) fn names_a_secret(text: &[u8]) -> bool {
    let mut last = Vec::new();
    for run in letter_runs(text) {
        let word = run.to_ascii_lowercase();
        let is_secret = SECRET.iter().any(|entry| entry.as_bytes() == word || (entry.len() > 4 && word.ends_with(entry.as_bytes())));
        if is_secret {
            last = word;
        } else if ABOUT.iter().any(|entry| entry.as_bytes() == word) && !last.is_empty() {
            last.clear();
        }
    }
    !last.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{names_a_secret, read};

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for (name, keyword, is_secret) in [
            ("password", "password", true),
            ("DB_PASSWORD", "password", true),
            ("dbPassword", "password", true),
            ("mypassword", "password", true),
            ("passwords", "password", true),
            ("password_hint", "password", false),
            ("passwordField", "password", false),
            ("public_key", "key", false),
            ("keyboard", "key", false),
            ("monkey", "key", false),
            ("KEYBOARD", "key", false),
            ("encryption_key", "key", true),
            ("tokenizer", "token", false),
            ("access_token", "token", true),
            ("token_type", "token", false),
            ("dbpwd", "pwd", true),
            ("compass", "pass", false),
            ("smtp_pass", "pass", true),
        ] {
            assert_eq!(read(name.as_bytes(), keyword).is_some(), is_secret, "{name}");
        }
    }

    #[test]
    fn text_before_a_bare_value_names_a_secret_or_something_else() {
        for (text, is_secret) in
            [("heroku_api_key=", true), ("heroku.com/apps/", false), ("githubClientSecret: \"", true), ("github_token_id = ", false)]
        {
            assert_eq!(names_a_secret(text.as_bytes()), is_secret, "{text}");
        }
    }
}
