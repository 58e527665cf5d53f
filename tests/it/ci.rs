//! `staunch ci`: what it looks at on each service, what it falls back to, and what it shows there.

use std::path::PathBuf;

use serde_json::json;

use crate::support::{DETECTOR, Place, leak, token};

/// Makes an origin with an old secret on main, and a clone with a branch of two commits, as a CI job checks it out.
fn cloned() -> (Place, PathBuf) {
    let place = Place::repo();
    place.commit("old.txt", leak(9));
    let origin = place.beside("origin.git").display().to_string();
    place.git(&["init", "-q", "--bare", &origin]);
    place.git(&["remote", "add", "origin", &origin]);
    place.git(&["push", "-q", "origin", "main"]);
    place.git(&["switch", "-q", "-c", "change"]);
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", "clean\n");
    (place, PathBuf::from(origin))
}

/// Has a job of GitHub run for an event.
fn on_github(place: &mut Place, name: &str, event: &serde_json::Value) {
    let path = place.beside("event.json");
    std::fs::write(&path, event.to_string()).expect("it is ours");
    place.set("GITHUB_ACTIONS", "true");
    place.set("GITHUB_EVENT_NAME", name);
    place.set("GITHUB_EVENT_PATH", path.display().to_string());
    place.set("GITHUB_STEP_SUMMARY", place.beside("summary.md").display().to_string());
}

fn pull(place: &Place, base: &str, head: &str) -> serde_json::Value {
    let rev = |spec: &str| place.try_git(&["rev-parse", spec]).out.trim().to_owned();
    json!({"pull_request": {"number": 7, "base": {"sha": rev(base), "ref": "main"}, "head": {"sha": rev(head)}}})
}

#[test]
fn a_pull_request_is_its_own_commits_and_not_what_was_there() {
    let (mut place, _) = cloned();
    let event = pull(&place, "origin/main", "change");
    on_github(&mut place, "pull_request", &event);
    place.staunch(&["ci"]).ends(0).says("pull request 7").says("2 commits");
    place.commit("c.txt", leak(1));
    place.remove("c.txt");
    let event = pull(&place, "origin/main", "change");
    on_github(&mut place, "pull_request", &event);
    let ran = place.staunch(&["ci"]).ends(1).says(DETECTOR).says("4 commits").says("::error file=c.txt,line=1");
    assert!(!ran.all().contains("old.txt") && !ran.all().contains(&token(1)), "{ran:?}");
    let summary = std::fs::read_to_string(place.beside("summary.md")).expect("it is written");
    assert!(summary.contains("no credential found") && summary.contains("1 credential to revoke"), "it is added to: {summary}");
    assert!(!summary.contains(&token(1)), "{summary}");
}

#[test]
fn quiet_is_nothing_but_findings_and_errors() {
    let (mut place, _) = cloned();
    let loud = place.staunch(&["ci"]).ends(0);
    assert!(loud.err.contains("ci: "), "{loud:?}");
    assert_eq!(place.staunch(&["ci", "-q"]).ends(0).all(), "");
    place.commit("c.txt", leak(1));
    let ran = place.staunch(&["ci", "-q"]).ends(1).says(DETECTOR);
    assert_eq!(ran.err, "", "{ran:?}");
    let event = json!({"pull_request": {"number": 7, "base": {"sha": "1".repeat(40)}, "head": {"sha": "2".repeat(40)}}});
    on_github(&mut place, "pull_request", &event);
    place.staunch(&["ci", "-q"]).ends(2).says("error: ");
}

#[test]
fn a_head_that_is_not_there_is_an_error_and_not_clean() {
    let (mut place, _) = cloned();
    let event = json!({"pull_request": {"number": 7, "base": {"sha": "1".repeat(40)}, "head": {"sha": "2".repeat(40)}}});
    on_github(&mut place, "pull_request_target", &event);
    place.staunch(&["ci"]).ends(2).says("fetch-depth: 0");
}

#[test]
fn a_push_is_what_came_since_the_tip_before() {
    let (mut place, _) = cloned();
    place.commit("c.txt", leak(1));
    let before = place.git(&["rev-parse", "HEAD"]);
    place.commit("d.txt", "clean\n");
    on_github(&mut place, "push", &json!({"before": before}));
    let ran = place.staunch(&["ci"]).ends(0).says("1 commit");
    assert!(!ran.all().contains("c.txt"), "{ran:?}");
    on_github(&mut place, "push", &json!({"before": "0".repeat(40), "repository": {"default_branch": "main"}}));
    place.staunch(&["ci"]).ends(1).says("origin/main does not have").says("c.txt");
}

#[test]
fn a_base_that_is_not_there_makes_it_look_at_more() {
    let (mut place, _) = cloned();
    on_github(&mut place, "push", &json!({"before": "1".repeat(40)}));
    place.staunch(&["ci"]).ends(0).says("is not in this clone").says("origin/main does not have").says("2 commits");
    place.git(&["remote", "remove", "origin"]);
    place.staunch(&["ci"]).ends(1).says("everything is checked").says("old.txt");
    on_github(&mut place, "schedule", &json!({}));
    place.staunch(&["ci"]).ends(1).says("everything is checked").says("old.txt");
}

#[test]
fn a_range_of_no_commit_is_not_clean_without_a_look() {
    let (mut place, _) = cloned();
    place.commit("c.txt", leak(1));
    let event = json!({"before": place.git(&["rev-parse", "HEAD"])});
    on_github(&mut place, "push", &event);
    place.staunch(&["ci"]).ends(1).says("no commit at all").says("c.txt");
    on_github(&mut place, "push", &json!({"before": "1".repeat(40), "deleted": true}));
    place.staunch(&["ci"]).ends(0).says("was deleted");
}

#[test]
fn a_shallow_clone_is_no_clean_result() {
    let (mut place, origin) = cloned();
    place.git(&["push", "-q", "origin", "change"]);
    let shallow = place.beside("shallow");
    let url = format!("file://{}", origin.display());
    place.git(&["clone", "-q", "--depth", "1", "-b", "change", &url, &shallow.display().to_string()]);
    place.set("GITLAB_CI", "true");
    place.set("CI_COMMIT_BEFORE_SHA", "1".repeat(40));
    place.staunch_in(&shallow, &["ci"]).ends(2).says("GIT_DEPTH: 0");
}

#[test]
fn the_user_names_base_and_head_without_any_service() {
    let (place, _) = cloned();
    place.staunch(&["ci"]).ends(0).says("origin/main does not have");
    place.staunch(&["ci", "--base", "change~1"]).ends(0).says("1 commit");
    place.staunch(&["ci", "--base", "change~1", "--head", "origin/main"]).ends(1).says("old.txt");
    place.staunch(&["ci", "--base", "nowhere", "--head", "change"]).ends(0).says("nowhere is not in this clone");
    place.staunch(&["ci", "--head", "nowhere"]).ends(2).says("hint: ");
}

#[test]
fn no_name_of_a_file_is_a_command_of_the_log() {
    let (mut place, _) = cloned();
    let name = "x,line=1::\n::error::gone\r##[add-mask]y";
    place.write(name, format!("::stop-commands::x\n##vso[task.complete]\n{}::error::y\n", leak(1)));
    place.git(&["add", "-A"]);
    place.git(&["commit", "-q", "-m", "::add-mask::z\n\n::error::q"]);
    let event = pull(&place, "origin/main", "change");
    on_github(&mut place, "pull_request", &event);
    let ran = place.staunch(&["ci", "--format", "sarif=out.sarif"]).ends(1);
    let commands: Vec<&str> = ran.out.lines().chain(ran.err.lines()).filter(|line| line.trim_start().starts_with("::")).collect();
    assert_eq!(commands.len(), 1, "{ran:?}");
    assert!(commands[0].starts_with("::error file=x%2Cline=1%3A%3A%0A%3A%3Aerror%3A%3Agone%0D# #[add-mask]y,line=3,"), "{commands:?}");
    let others = ran.out.replace(commands[0], "") + &ran.err;
    assert!(!others.contains("##[") && !others.contains("##vso["), "{ran:?}");
    assert!(place.path("out.sarif").exists() && ran.out.contains("-->"), "the log is there beside the file: {ran:?}");
    let summary = std::fs::read_to_string(place.beside("summary.md")).expect("it is written");
    assert!(!summary.lines().any(|line| line.starts_with("::")), "{summary}");
}

#[test]
fn every_service_is_told_by_its_variables() {
    for (variables, service) in [
        (&[("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")][..], "GitLab CI"),
        (&[("BITBUCKET_COMMIT", ""), ("BITBUCKET_PR_ID", "7"), ("BITBUCKET_PR_DESTINATION_BRANCH", "main")], "Bitbucket Pipelines"),
        (&[("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")], "Azure Pipelines"),
        (&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "change")], "CircleCI"),
        (&[("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "7"), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main")], "Buildkite"),
        (&[("JENKINS_URL", "x"), ("CHANGE_TARGET", "main")], "Jenkins"),
    ] {
        let (mut place, _) = cloned();
        let head = place.git(&["rev-parse", "HEAD"]);
        for (name, value) in variables {
            place.set(name, if value.is_empty() { head.clone() } else { (*value).to_owned() });
        }
        place.staunch(&["ci"]).ends(0).says(service).says("origin/main does not have").says("2 commits");
    }
}
