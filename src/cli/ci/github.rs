//! GitHub Actions, and Gitea and Forgejo, which speak as it does: the event that started the job is a file.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use staunch::report::{self, Page};
use staunch::verdict::Outcome;

use super::super::exit::{Failure, tell};
use super::services::{Change, Variables, branch, commit, push_to};

/// 32 MiB: GitHub sends events of 25 MB at most.
const MAX_EVENT_BYTES: u64 = 32 << 20;

/// Reads what is built.
pub(super) fn change(variables: Variables<'_>) -> Change {
    let event = variables("GITHUB_EVENT_PATH").map(PathBuf::from).and_then(|path| read(&path)).unwrap_or_default();
    of_event(variables, &event)
}

fn read(path: &std::path::Path) -> Option<Value> {
    let is_sane = std::fs::metadata(path).is_ok_and(|meta| meta.len() <= MAX_EVENT_BYTES);
    let bytes = std::fs::read(path).ok().filter(|_| is_sane)?;
    serde_json::from_slice(&bytes).ok()
}

fn of_event(variables: Variables<'_>, event: &Value) -> Change {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let name = variables("GITHUB_EVENT_NAME").unwrap_or_default();
    let mut change = Change {
        service: "GitHub Actions",
        what: name.clone(),
        head: variables("GITHUB_SHA").and_then(commit),
        default_branch: text("/repository/default_branch"),
        fetch: "fetch-depth: 0",
        ..Change::default()
    };
    match name.as_str() {
        "pull_request" | "pull_request_target" | "pull_request_review" => {
            let number = event.pointer("/pull_request/number").and_then(Value::as_u64);
            change.what = number.map_or(name.clone(), |number| format!("pull request {number}"));
            // What was checked out may be the merge that GitHub tried, or the branch; the tip of the branch is in both.
            change.head = text("/pull_request/head/sha").and_then(commit);
            change.bases.extend(text("/pull_request/base/sha").and_then(commit));
            change.bases.extend(text("/pull_request/base/ref").or_else(|| variables("GITHUB_BASE_REF")).map(branch));
        }
        "merge_group" => {
            change.head = text("/merge_group/head_sha").and_then(commit);
            change.bases.extend(text("/merge_group/base_sha").and_then(commit));
        }
        "push" => {
            change.what = push_to(variables("GITHUB_REF_NAME"));
            change.is_deletion = event.pointer("/deleted").and_then(Value::as_bool).unwrap_or(false);
            change.bases.extend(text("/before").and_then(commit));
        }
        "schedule" | "workflow_dispatch" | "repository_dispatch" => change.is_everything = true,
        _ => {}
    }
    change
}

/// Adds a summary to the page of the job, where there is one.
pub(super) fn summarise(outcome: &Outcome, page: &Page, variables: Variables<'_>) -> Result<(), Failure> {
    let Some(path) = variables("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let mut summary = Vec::new();
    let format = report::named("github-summary").expect("the format is one of ours");
    format.write(outcome, page, &mut summary)?;
    let written = std::fs::File::options().append(true).create(true).open(&path).and_then(|mut file| file.write_all(&summary));
    if let Err(cause) = written {
        tell("note", &format!("the summary was not written: {path}: {cause}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Change, of_event};

    fn of(name: &str, event: serde_json::Value) -> Change {
        let (name, sha) = (name.to_owned(), "3".repeat(40));
        of_event(
            &|variable| {
                [("GITHUB_EVENT_NAME", &name), ("GITHUB_SHA", &sha)].iter().find(|(v, _)| *v == variable).map(|(_, x)| (*x).clone())
            },
            &event,
        )
    }

    #[test]
    fn each_event_names_what_was_there_before() {
        let (one, two, three, zeros) = ("1".repeat(40), "2".repeat(40), "3".repeat(40), "0".repeat(40));
        let pull = of("pull_request", json!({"pull_request": {"number": 7, "base": {"sha": one, "ref": "main"}, "head": {"sha": two}}}));
        assert_eq!(pull.bases, [one.as_str(), "refs/remotes/origin/main"]);
        assert_eq!((pull.head, pull.what.as_str()), (Some(two.clone()), "pull request 7"));
        let push = of("push", json!({"before": one, "after": three, "repository": {"default_branch": "main"}}));
        assert_eq!((push.bases, push.head, push.default_branch), (vec![one.clone()], Some(three.clone()), Some("main".into())));
        assert_eq!(of("push", json!({"before": zeros})).bases, [""; 0]);
        assert!(of("push", json!({"before": one, "deleted": true})).is_deletion);
        let group = of("merge_group", json!({"merge_group": {"base_sha": one, "head_sha": two}}));
        assert_eq!((group.bases, group.head), (vec![one], Some(two)));
        assert!(of("schedule", json!({})).is_everything);
        let unknown = of("pull_request", serde_json::Value::Null);
        assert_eq!((unknown.bases, unknown.head), (vec![], None));
    }
}
