//! `.gitleaks.toml`: its rules become detectors, its allowlists entries. What has no counterpart is listed with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use serde::Deserialize;
use staunch::config::{self, Allow};
use staunch::detect::Catalog;
use toml::Spanned;

use super::now::{Silenced, What};
use super::rules::{self, Rule};
use super::{Said, expression, glob};

#[derive(Deserialize)]
struct Gitleaks {
    title: Option<String>,
    extend: Option<Extend>,
    #[serde(default)]
    rules: Vec<RuleToml>,
    allowlist: Option<Spanned<AllowList>>,
    #[serde(default)]
    allowlists: Vec<Spanned<AllowList>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Extend {
    path: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    #[serde(default)]
    disabled_rules: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleToml {
    id: Spanned<String>,
    description: Option<String>,
    regex: Option<Spanned<String>>,
    #[serde(default)]
    secret_group: usize,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<Spanned<String>>,
    #[serde(default)]
    skip_report: bool,
    allowlist: Option<Spanned<AllowList>>,
    #[serde(default)]
    allowlists: Vec<Spanned<AllowList>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowList {
    description: Option<String>,
    condition: Option<String>,
    regex_target: Option<String>,
    #[serde(default)]
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    regexes: Vec<Spanned<String>>,
    #[serde(default)]
    stopwords: Vec<Spanned<String>>,
    #[serde(default)]
    commits: Vec<Spanned<String>>,
    #[serde(default)]
    target_rules: Vec<Spanned<String>>,
}

/// What is read above; tags and the number of a version say nothing of what is found.
const KNOWN: [&str; 6] = ["title", "description", "extend", "rules", "allowlist", "allowlists"];
const KNOWN_OF_RULES: [&str; 11] =
    ["id", "description", "regex", "secretGroup", "entropy", "keywords", "path", "skipReport", "tags", "allowlist", "allowlists"];

/// Reads the file; `shipped` are the detectors that are there without it.
pub(super) fn read(text: &str, name: &str, shipped: &Catalog, taken: &BTreeSet<String>) -> Result<Said, String> {
    let file: Gitleaks = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let rules = file.rules.iter().map(|rule| rule.id.get_ref().clone()).collect();
    let mut reader = Reader { text, name, shipped, taken, said: Said::default(), rules, made: BTreeMap::new() };
    reader.unknown()?;
    if let Some(extend) = &file.extend {
        reader.extend(extend);
    }
    for rule in &file.rules {
        reader.rule(rule);
    }
    for list in file.allowlist.iter().chain(&file.allowlists) {
        reader.list(list, None);
    }
    for rule in &file.rules {
        for list in rule.allowlist.iter().chain(&rule.allowlists) {
            reader.list(list, Some(rule.id.get_ref()));
        }
    }
    reader.said.provider = file.title.filter(|title| !title.trim().is_empty());
    Ok(reader.said)
}

struct Reader<'r> {
    text: &'r str,
    name: &'r str,
    shipped: &'r Catalog,
    /// Ids that other files have.
    taken: &'r BTreeSet<String>,
    said: Said,
    /// The ids of all rules in the file.
    rules: BTreeSet<String>,
    /// By the id of a rule, the id of its detector.
    made: BTreeMap<String, String>,
}

impl Reader<'_> {
    fn lose<T>(&mut self, at: &Spanned<T>, why: String) {
        let line = self.line(&at.span());
        self.said.lost.push((line, why));
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.as_bytes().iter().take(at.start);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Lists keys that newer versions and other scanners have, so that nobody believes they were read.
    fn unknown(&mut self) -> Result<(), String> {
        let whole: toml::Table = toml::from_str(self.text).map_err(|error| error.message().to_owned())?;
        let line_of = |key: &str| {
            let is_key = |line: &str| line.trim_start().trim_start_matches('[').trim_start_matches("rules.").starts_with(key);
            self.text.lines().position(is_key).map_or(1, |at| at + 1)
        };
        let rules = whole.get("rules").and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_table);
        let of_rules = rules.flat_map(|rule| rule.keys()).filter(|key| !KNOWN_OF_RULES.contains(&key.as_str()));
        let mut unknown: Vec<&String> = whole.keys().filter(|key| !KNOWN.contains(&key.as_str())).chain(of_rules).collect();
        unknown.sort();
        unknown.dedup();
        let lost: Vec<(usize, String)> = unknown.iter().map(|key| (line_of(key), format!("{key}: there is no counterpart"))).collect();
        self.said.lost.extend(lost);
        Ok(())
    }

    fn extend(&mut self, extend: &Extend) {
        for other in extend.path.iter().chain(&extend.url) {
            self.lose(other, format!("extend {:?}: name that file to `staunch migrate` as well", other.get_ref()));
        }
        for rule in &extend.disabled_rules {
            if self.shipped.knows(rule.get_ref()) {
                let reason = format!("disabled in {}, line {}", self.name, self.line(&rule.span()));
                self.said.entries.push(Allow { detector: Some(rule.get_ref().clone()), ..entry(reason) });
            } else {
                self.lose(rule, format!("disabled rule {:?}: {NAMES}", rule.get_ref()));
            }
        }
    }

    fn rule(&mut self, rule: &RuleToml) {
        let name = rule.id.get_ref();
        let Some(regex) = &rule.regex else {
            return self.lose(&rule.id, format!("rule {name:?}: it names files and nothing in them; such are not reported"));
        };
        if rule.skip_report {
            return self.lose(&rule.id, format!("rule {name:?}: it is only a part of other rules"));
        }
        let is_taken = |id: &str| self.taken.contains(id) || self.made.values().any(|made| made == id);
        let id = rules::id_of(name, &is_taken);
        let said = rule.description.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let title = if said.is_empty() { name } else { &said };
        let line = self.line(&rule.id.span());
        let (regex_text, group, entropy) = (regex.get_ref(), rule.secret_group, rule.entropy);
        let told = Rule { name, line, title, regex: regex_text, group, entropy, keywords: &rule.keywords };
        match rules::detector(&told, &id) {
            Err(why) => self.lose(regex, format!("rule {name:?}: {why}")),
            Ok(made) => {
                let mut differs = made.differs.clone();
                if let Some(path) = &rule.path {
                    differs.extend(self.only_at(path, &id));
                }
                self.said.differs.extend(differs.into_iter().map(|what| (line, format!("rule {name:?}: {what}"))));
                self.made.insert(name.clone(), id);
                self.said.detectors.push(made);
            }
        }
    }

    /// Keeps a detector silent outside of the paths of its rule; returns what to say where no glob says the same.
    fn only_at(&mut self, path: &Spanned<String>, id: &str) -> Option<String> {
        let Some(glob) = glob::of_regex(path.get_ref()) else {
            return Some(format!("it looks in all files, since no glob says the same as path {:?}", path.get_ref()));
        };
        let reason = format!("the rule looks only there, {}, line {}", self.name, self.line(&path.span()));
        self.said.entries.push(Allow { except: Some(glob), detector: Some(id.to_owned()), ..entry(reason) });
        None
    }

    fn list(&mut self, spanned: &Spanned<AllowList>, rule: Option<&String>) {
        let list = spanned.get_ref();
        let kinds = [&list.paths, &list.regexes, &list.stopwords, &list.commits];
        let is_and = list.condition.as_deref().is_some_and(|condition| ["and", "&&"].contains(&condition.to_ascii_lowercase().as_str()));
        if is_and && kinds.iter().filter(|kind| !kind.is_empty()).count() > 1 {
            return self.lose(spanned, "allowlist: all of its conditions must hold together, and an entry has no such".to_owned());
        }
        let mut limits = Vec::new();
        for name in rule.into_iter().chain(list.target_rules.iter().map(Spanned::get_ref)) {
            match self.made.get(name).cloned().or_else(|| self.shipped.knows(name).then(|| name.clone())) {
                Some(id) => limits.push(id),
                None if self.rules.contains(name) => {
                    self.lose(spanned, format!("allowlist of rule {name:?}: that rule was not carried over"))
                }
                None => self.lose(spanned, format!("allowlist of rule {name:?}: {NAMES}")),
            }
        }
        let is_of_all = rule.is_none() && list.target_rules.is_empty();
        if is_of_all || !limits.is_empty() {
            self.paths(list, &limits);
            self.silenced(list, self.line(&spanned.span()), &limits);
        }
    }

    fn paths(&mut self, list: &AllowList, limits: &[String]) {
        for path in &list.paths {
            let Some(glob) = glob::of_regex(path.get_ref()) else {
                self.lose(path, format!("path {:?}: no glob says the same", path.get_ref()));
                continue;
            };
            let all = if limits.is_empty() { vec![None] } else { limits.iter().cloned().map(Some).collect() };
            let reason = self.reason(list, path);
            let entries = all.into_iter().map(|detector| Allow { path: Some(glob.clone()), detector, ..entry(reason.clone()) });
            self.said.entries.extend(entries);
        }
    }

    /// Notes what is to be looked for now: an entry names a credential, and no pattern of credentials to come.
    fn silenced(&mut self, list: &AllowList, at: usize, limits: &[String]) {
        let is_of_secret = list.regex_target.as_deref().is_none_or(|target| target.is_empty() || target == "secret");
        for regex in &list.regexes {
            match compiled(regex.get_ref()) {
                _ if !is_of_secret => {
                    self.lose(regex, format!("regex {:?}: it speaks of what stands around a credential", regex.get_ref()))
                }
                Err(why) => self.lose(regex, format!("regex {:?}: {why}", regex.get_ref())),
                Ok(compiled) => self.silence(What::Regex(Box::new(compiled)), "regex", regex, list, at, limits),
            }
        }
        for word in &list.stopwords {
            self.silence(What::Word(word.get_ref().to_ascii_lowercase()), "word", word, list, at, limits);
        }
        for commit in &list.commits {
            self.silence(What::Commit(commit.get_ref().to_ascii_lowercase()), "commit", commit, list, at, limits);
        }
    }

    fn silence(&mut self, what: What, kind: &str, said: &Spanned<String>, of: &AllowList, list: usize, limits: &[String]) {
        let (line, reason) = (self.line(&said.span()), self.reason(of, said));
        let shown = format!("{kind} {:?}", said.get_ref());
        self.said.silenced.push(Silenced { what, line, list, shown, detectors: limits.to_vec(), reason });
    }

    fn reason<T>(&self, list: &AllowList, at: &Spanned<T>) -> String {
        let said = list.description.as_deref().map(str::trim).filter(|said| !said.is_empty());
        format!("{}, {}, line {}", said.unwrap_or("allowed"), self.name, self.line(&at.span()))
    }
}

const NAMES: &str = "staunch names its detectors otherwise; `staunch detectors list` has them";

/// 1 MiB: what an expression that silences may take when it is compiled.
const REGEX_BYTES: usize = 1 << 20;

fn compiled(regex: &str) -> Result<Regex, String> {
    let pattern = expression::of_go(regex, 0)?.pattern;
    let config = Regex::config().nfa_size_limit(Some(REGEX_BYTES)).utf8_empty(false);
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    Regex::builder().configure(config).syntax(syntax).build(&pattern).map_err(|_| "it is too large".to_owned())
}

fn entry(reason: String) -> Allow {
    let place = config::FILE_NAME.to_owned();
    Allow { fingerprint: None, path: None, except: None, detector: None, reason, owner: None, expires: None, place }
}
