//! The reports of other scanners, as their versions of 2025 and 2026 write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::foreign::Found;
use crate::report::document::Place;

/// What one value of a report is.
pub(super) enum Line {
    /// What another scanner found: one finding, or the parts of one.
    Found(Vec<Found>),
    /// A line of JSON Lines of our own.
    Own(Box<Place>),
    /// A line that tells no finding, such as a summary.
    Other,
}

/// Tells who wrote a value by its keys, and reads it; nothing where nobody we know writes such.
pub(super) fn found(value: &Value) -> Option<Line> {
    let has = |key: &str| value.get(key).is_some();
    let found = if has("RuleID") && has("File") {
        vec![gitleaks(value)]
    } else if has("rule_id") && has("match") {
        betterleaks(value)
    } else if has("schema_version") && has("finding") {
        betterleaks(&value["finding"])
    } else if has("ruleID") && has("location") {
        vec![betterleaks_1(value)]
    } else if has("rule") && has("finding") {
        vec![kingfisher(value)]
    } else if has("DetectorName") && has("SourceMetadata") {
        vec![trufflehog(value)]
    } else if has("fingerprint") && has("detector") && has("path") {
        return serde_json::from_value(value.clone()).ok().map(|place| Line::Own(Box::new(place)));
    } else if has("access_map") || has("audit") || has("logger") || has("level") || (has("schema_version") && has("scan")) {
        // Lines beside findings of Kingfisher, TruffleHog and Betterleaks.
        return Some(Line::Other);
    } else {
        return None;
    };
    Some(Line::Found(found))
}

fn gitleaks(value: &Value) -> Found {
    let lines = [number(value, "StartLine"), number(value, "EndLine")];
    Found {
        tool: "gitleaks",
        rule: text(value, "RuleID").unwrap_or_default(),
        title: text(value, "Description").unwrap_or_default(),
        secret: text(value, "Secret"),
        path: text(value, "File").unwrap_or_default(),
        lines,
        columns: gitleaks_columns(lines, [number(value, "StartColumn"), number(value, "EndColumn")]),
        commit: text(value, "Commit"),
        author: text(value, "Author"),
        email: text(value, "Email"),
        date: date(value, "Date"),
        summary: text(value, "Message").map(|message| first_line(&message)),
        ..Found::default()
    }
}

/// Gitleaks counts the line feed before a line as its first column, but on the first line, which has none.
pub(super) fn gitleaks_columns(lines: [usize; 2], columns: [usize; 2]) -> [usize; 2] {
    let of = |line: usize, column: usize| if line > 1 { column.saturating_sub(1) } else { column };
    from_inclusive([of(lines[0], columns[0]), of(lines[1], columns[1])])
}

/// Version 2: a finding, and the parts that were found with it, such as the secret of a key id.
fn betterleaks(value: &Value) -> Vec<Found> {
    let attribute = |key: &str| text(&value["attributes"], key);
    let of = |part: &Value| {
        let place = &part["location"];
        Found {
            tool: "betterleaks",
            rule: text(part, "rule_id").unwrap_or_default(),
            title: text(part, "description").unwrap_or_default(),
            secret: text(&part["match"], "value"),
            is_verified: part["validation"]["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case("valid")),
            path: text(place, "path").unwrap_or_default(),
            lines: [number(place, "start_line"), number(place, "end_line")],
            columns: from_inclusive([number(place, "start_column"), number(place, "end_column")]),
            commit: attribute("git.sha"),
            author: attribute("git.author_name"),
            email: attribute("git.author_email"),
            date: date(&value["attributes"], "git.date"),
            summary: attribute("git.message").map(|message| first_line(&message)),
            identity: text(&part["match"], "fingerprint"),
            ..Found::default()
        }
    };
    let whole = of(value);
    let sets = value["component_sets"].as_array().into_iter().flatten();
    let parts = sets.flat_map(|set| set["components"].as_array().into_iter().flatten());
    // The place of a part may leave out its file, which is that of the whole.
    let parts: Vec<Found> = parts
        .map(of)
        .map(|part| Found { path: if part.path.is_empty() { whole.path.clone() } else { part.path.clone() }, ..part })
        .collect();
    std::iter::once(whole).chain(parts).collect()
}

/// Version 1, which named things as gitleaks does.
fn betterleaks_1(value: &Value) -> Found {
    let place = &value["location"];
    let attribute = |key: &str| text(&value["attributes"], key);
    Found {
        tool: "betterleaks",
        rule: text(value, "ruleID").unwrap_or_default(),
        title: text(value, "description").unwrap_or_default(),
        secret: text(value, "secret"),
        is_verified: value["validation"]["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case("valid")),
        path: attribute("path").unwrap_or_default(),
        lines: [number(place, "startLine"), number(place, "endLine")],
        columns: from_inclusive([number(place, "startColumn"), number(place, "endColumn")]),
        commit: attribute("git.sha"),
        author: attribute("git.author_name"),
        email: attribute("git.author_email"),
        date: date(&value["attributes"], "git.date"),
        summary: attribute("git.message").map(|message| first_line(&message)),
        ..Found::default()
    }
}

fn kingfisher(value: &Value) -> Found {
    let (rule, finding) = (&value["rule"], &value["finding"]);
    let git = &finding["git_metadata"];
    let path = text(&git["file"], "path").or_else(|| text(finding, "path"));
    let status = finding["validation"]["status"].as_str().unwrap_or_default();
    let secret = text(finding, "snippet");
    let line = number(finding, "line");
    let further = secret.as_deref().map_or(0, |secret| secret.trim_end().matches('\n').count());
    let found = Found {
        tool: "kingfisher",
        rule: text(rule, "id").unwrap_or_default(),
        title: text(rule, "description").or_else(|| text(rule, "name")).unwrap_or_default(),
        secret,
        is_verified: status.to_ascii_lowercase().starts_with("active"),
        path: path.unwrap_or_default(),
        lines: [line, line.saturating_add(further)],
        columns: kingfisher_columns([number(finding, "column_start"), number(finding, "column_end")]),
        identity: text(finding, "fingerprint"),
        ..Found::default()
    };
    kingfisher_commit(git, found)
}

/// Kingfisher counts columns from 0, and names the last one.
pub(super) fn kingfisher_columns([start, end]: [usize; 2]) -> [usize; 2] {
    [start.saturating_add(1), end.saturating_add(2)]
}

/// Adds what Kingfisher says of the commit; who wrote it says more than who put it there.
pub(super) fn kingfisher_commit(git: &Value, found: Found) -> Found {
    let commit = &git["commit"];
    let person = Some(&commit["author"]).filter(|author| author.is_object()).unwrap_or(&commit["committer"]);
    Found { commit: text(commit, "id"), author: text(person, "name"), email: text(person, "email"), date: date(commit, "date"), ..found }
}

fn trufflehog(value: &Value) -> Found {
    let source = value["SourceMetadata"]["Data"].as_object().and_then(|data| data.values().next()).unwrap_or(&Value::Null);
    let line = number(source, "line");
    let (author, email) = text(source, "email").map(|person| split_person(&person)).unwrap_or_default();
    let name = text(value, "DetectorName").unwrap_or_default();
    Found {
        tool: "trufflehog",
        title: format!("{name} credential"),
        rule: name,
        secret: text(value, "Raw"),
        is_verified: value["Verified"] == Value::Bool(true),
        path: text(source, "file").or_else(|| text(source, "link")).unwrap_or_default(),
        lines: [line, line],
        commit: text(source, "commit"),
        author,
        email,
        date: date(source, "timestamp"),
        ..Found::default()
    }
}

/// Some scanners name the last column, we the one behind it.
fn from_inclusive([start, end]: [usize; 2]) -> [usize; 2] {
    [start, if end == 0 { 0 } else { end.saturating_add(1) }]
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn number(value: &Value, key: &str) -> usize {
    let found = value.get(key).and_then(|found| found.as_u64().or_else(|| found.as_str()?.parse().ok()));
    found.and_then(|found| usize::try_from(found).ok()).unwrap_or(0)
}

pub(super) fn date(value: &Value, key: &str) -> Option<Timestamp> {
    let text = value.get(key)?.as_str()?;
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp());
    text.parse().ok().or_else(|| Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok()).or_else(day)
}

pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Splits `Ann Author <ann@example.com>`.
fn split_person(person: &str) -> (Option<String>, Option<String>) {
    match person.split_once('<') {
        Some((name, mail)) => {
            let of = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            (of(name), of(mail.trim_end_matches('>')))
        }
        None => (None, Some(person.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_person_is_a_name_and_an_address() {
        let of = |name: Option<&str>, mail: Option<&str>| (name.map(str::to_owned), mail.map(str::to_owned));
        assert_eq!(super::split_person("Ann Author <ann@example.com>"), of(Some("Ann Author"), Some("ann@example.com")));
        assert_eq!(super::split_person("ann@example.com"), of(None, Some("ann@example.com")));
    }
}
