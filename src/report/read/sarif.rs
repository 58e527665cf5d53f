//! SARIF of any tool, as far as it tells of credentials: where they are, not what the tool says of them in words.

use bstr::ByteSlice as _;
use serde_json::Value;

use super::Taking;
use super::foreign::{Collected, Found};
use super::rivals;
use crate::detector::Severity;
use crate::report::document::Document;
use crate::verdict::Disposition;

/// Reads a log.
pub(super) fn document(name: &str, log: &Value, taking: &Taking<'_>) -> Document {
    let mut collected = Collected::new(name);
    for run in log["runs"].as_array().into_iter().flatten() {
        let tool = run["tool"]["driver"]["name"].as_str().unwrap_or("sarif").to_ascii_lowercase();
        let ended_well = |invocation: &Value| invocation["executionSuccessful"] != false;
        if !run["invocations"].as_array().into_iter().flatten().all(ended_well) {
            collected.is_incomplete(&tool);
        }
        for result in run["results"].as_array().into_iter().flatten() {
            // Kingfisher calls what it could not validate a matter for review.
            let is_finding =
                matches!(result["kind"].as_str(), None | Some("fail" | "review" | "open")) && result["baselineState"] != "absent";
            if is_finding {
                locations(result).for_each(|location| collected.take(found(result, location, run, &tool), taking));
            }
        }
    }
    collected.into_document()
}

/// A result that tells no place is still a result.
fn locations(result: &Value) -> impl Iterator<Item = &Value> {
    let of = |key: &str| result[key].as_array().into_iter().flatten();
    let own = result["partialFingerprints"]["secretFingerprint/v1"].is_string();
    // Related locations are of the same credential only where we wrote them.
    let all: Vec<&Value> = of("locations").take(1).chain(of("relatedLocations").filter(|_| own)).collect();
    if all.is_empty() { vec![&Value::Null] } else { all }.into_iter()
}

fn found(result: &Value, location: &Value, run: &Value, tool: &str) -> Found {
    let rule = rule(result, run);
    let id = result["ruleId"].as_str().or_else(|| rule["id"].as_str()).unwrap_or("result");
    let place = &location["physicalLocation"];
    let region = &place["region"];
    let number = |key: &str| region[key].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    let title = ["shortDescription", "fullDescription"].iter().find_map(|key| rule[*key]["text"].as_str());
    let prints = &result["partialFingerprints"];
    let foreign = prints.as_object().and_then(|prints| prints.iter().find_map(|(key, print)| print.as_str().filter(|_| is_identity(key))));
    let found = Found {
        tool: if tool == "staunch" { "staunch" } else { "sarif" },
        rule: if tool == "staunch" { id.to_owned() } else { format!("{tool}/{id}") },
        title: title.unwrap_or(id).trim_end_matches('.').to_owned(),
        // These write the value there, and nothing else.
        secret: region["snippet"]["text"].as_str().filter(|_| matches!(tool, "gitleaks" | "kingfisher")).map(str::to_owned),
        path: path(place["artifactLocation"]["uri"].as_str().unwrap_or_default()),
        lines: [number("startLine"), number("endLine")],
        columns: [number("startColumn"), number("endColumn")],
        severity: severity(result, rule),
        identity: prints["secretFingerprint/v1"].as_str().or(foreign).map(str::to_owned),
        suppression: suppression(result),
        ..Found::default()
    };
    match tool {
        "gitleaks" => Found {
            columns: rivals::gitleaks_columns(found.lines, found.columns),
            commit: rivals::text(prints, "commitSha"),
            author: rivals::text(prints, "author"),
            email: rivals::text(prints, "email"),
            date: rivals::date(prints, "date"),
            summary: rivals::text(prints, "commitMessage").map(|message| rivals::first_line(&message)),
            ..found
        },
        "kingfisher" => {
            let columns = rivals::kingfisher_columns(found.columns);
            rivals::kingfisher_commit(&location["properties"]["git_metadata"], Found { columns, ..found })
        }
        _ => found,
    }
}

/// Gitleaks tells there who brought a finding, which is the same for all that somebody brought.
fn is_identity(key: &str) -> bool {
    !matches!(key, "commitSha" | "author" | "email" | "date" | "commitMessage")
}

/// Returns the rule of a result: by its number, or by its id.
fn rule<'r>(result: &Value, run: &'r Value) -> &'r Value {
    let rules = run["tool"]["driver"]["rules"].as_array();
    let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok());
    let by_id = |rules: &'r Vec<Value>| rules.iter().find(|rule| rule["id"] == result["ruleId"]);
    rules.and_then(|rules| index.and_then(|index| rules.get(index)).or_else(|| by_id(rules))).unwrap_or(&Value::Null)
}

/// What the result says, or its rule in GitHub's way.
fn severity(result: &Value, rule: &Value) -> Option<Severity> {
    let word = result["properties"]["severity"].as_str();
    if let Some(severity) = word.and_then(|word| Severity::WORST_FIRST.into_iter().find(|severity| severity.word() == word)) {
        return Some(severity);
    }
    let score: Option<f32> = rule["properties"]["security-severity"].as_str().and_then(|score| score.parse().ok());
    match (score, result["level"].as_str()) {
        (Some(score), _) if score >= 9.0 => Some(Severity::Critical),
        (Some(score), _) if score >= 7.0 => Some(Severity::High),
        (Some(score), _) if score >= 4.0 => Some(Severity::Medium),
        (Some(_), _) | (None, Some("note")) => Some(Severity::Low),
        (None, Some("error")) => Some(Severity::High),
        (None, _) => None,
    }
}

fn suppression(result: &Value) -> Option<Disposition> {
    let suppressions = result["suppressions"].as_array()?;
    let accepted = suppressions.iter().find(|one| one["status"].as_str().unwrap_or("accepted") == "accepted")?;
    let reason = accepted["justification"].as_str().unwrap_or("suppressed there").to_owned();
    Some(if accepted["kind"] == "inSource" { Disposition::AllowedInline { reason } } else { Disposition::Allowed { reason } })
}

/// Decodes a URI that is relative to the top, or a file's.
fn path(uri: &str) -> String {
    let uri = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes.to_str_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_uri_becomes_the_path_it_was_made_of() {
        for (uri, path) in [("src/a%20b%231.txt", "src/a b#1.txt"), ("100%25", "100%"), ("50%", "50%"), ("file:///srv/a", "/srv/a")] {
            assert_eq!(super::path(uri), path);
        }
    }
}
