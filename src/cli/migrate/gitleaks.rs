//! `.gitleaks.toml`: paths of its allowlists are carried over; what speaks of commits, words and rules is listed.

use serde::Deserialize;
use staunch::config::{self, Allow};
use toml::Spanned;

use super::{Said, glob};

#[derive(Deserialize)]
struct Gitleaks {
    #[serde(default)]
    rules: Vec<Rule>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
}

#[derive(Deserialize)]
struct Rule {
    id: Spanned<String>,
    regex: Option<String>,
    allowlist: Option<AllowList>,
    #[serde(default)]
    allowlists: Vec<AllowList>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowList {
    description: Option<String>,
    condition: Option<String>,
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

/// Reads the file.
pub(super) fn read(text: &str, name: &str) -> Result<Said, String> {
    let file: Gitleaks = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut reader = Reader { text, name, said: Said::default() };
    for list in file.allowlist.iter().chain(&file.allowlists) {
        reader.list(list, None);
    }
    for rule in &file.rules {
        if rule.regex.is_some() {
            let why = format!(
                "rule {:?}: write a detector for it, if `staunch detectors list` has none; `staunch detectors schema` says how",
                rule.id.get_ref()
            );
            reader.lose(&rule.id, why);
        }
        for list in rule.allowlist.iter().chain(&rule.allowlists) {
            reader.list(list, Some(rule.id.get_ref()));
        }
    }
    Ok(reader.said)
}

struct Reader<'r> {
    text: &'r str,
    name: &'r str,
    said: Said,
}

impl Reader<'_> {
    fn lose<T>(&mut self, at: &Spanned<T>, why: String) {
        let line = self.line(at);
        self.said.lost.push((line, why));
    }

    fn line<T>(&self, at: &Spanned<T>) -> usize {
        let before = self.text.as_bytes().iter().take(at.span().start);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }

    fn list(&mut self, list: &AllowList, rule: Option<&str>) {
        let is_all_of = list.condition.as_deref().is_some_and(|condition| ["and", "&&"].contains(&condition.to_ascii_lowercase().as_str()));
        let limited = match (rule, list.target_rules.first()) {
            (Some(rule), _) => Some(format!("it is of rule {rule:?} alone, and staunch names its detectors otherwise")),
            (None, Some(rule)) => Some(format!("it is of rule {:?} alone, and staunch names its detectors otherwise", rule.get_ref())),
            (None, None) if is_all_of => Some("all of its conditions must hold together, and an entry has no such".to_owned()),
            (None, None) => None,
        };
        for path in &list.paths {
            match (&limited, glob::of_regex(path.get_ref())) {
                (Some(why), _) => self.lose(path, format!("path {:?}: {why}", path.get_ref())),
                (None, None) => self.lose(path, format!("path {:?}: no glob says the same", path.get_ref())),
                (None, Some(glob)) => {
                    let said = list.description.as_deref().map(str::trim).filter(|said| !said.is_empty());
                    let reason = format!("{}, {}, line {}", said.unwrap_or("allowed"), self.name, self.line(path));
                    let place = config::FILE_NAME.to_owned();
                    let entry = Allow { fingerprint: None, path: Some(glob), detector: None, reason, owner: None, expires: None, place };
                    self.said.entries.push(entry);
                }
            }
        }
        for regex in &list.regexes {
            self.lose(regex, format!("regex {:?}: an entry names a credential, by its fingerprint: `staunch allow`", regex.get_ref()));
        }
        for word in &list.stopwords {
            self.lose(word, format!("word {:?}: staunch knows placeholders by itself; allow what it reports all the same", word.get_ref()));
        }
        for commit in &list.commits {
            self.lose(commit, format!("commit {:?}: a credential is allowed or not, in whatever commit it is", commit.get_ref()));
        }
    }
}
