//! What CI services say of the change that they build, each in variables of its own.

/// Reads a variable; an empty one says nothing.
pub(super) type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

/// A change, as far as a service tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// The service.
    pub(super) service: &'static str,
    /// What is built, in words.
    pub(super) what: String,
    /// The revision to look at; HEAD where none is named.
    pub(super) head: Option<String>,
    /// Revisions whose history was there before. Several, since any of them may be missing here.
    pub(super) bases: Vec<String>,
    /// The branch into which everything goes in the end.
    pub(super) default_branch: Option<String>,
    /// All of the history is meant.
    pub(super) is_everything: bool,
    /// A branch or tag goes away, and nothing comes.
    pub(super) is_deletion: bool,
    /// How the service fetches all of the history.
    pub(super) fetch: &'static str,
}

/// Reads what a service says.
type Read = fn(Variables<'_>) -> Change;

/// All services: what tells that one is there, and what it says.
const SERVICES: &[(&str, Read)] = &[
    ("GITHUB_ACTIONS", super::github::change),
    ("GITLAB_CI", gitlab),
    ("BITBUCKET_COMMIT", bitbucket),
    ("TF_BUILD", azure),
    ("CIRCLECI", circle),
    ("BUILDKITE", buildkite),
    ("JENKINS_URL", jenkins),
];

/// Returns what the service says that runs this, if there is one.
pub(super) fn change(variables: Variables<'_>) -> Option<Change> {
    let (_, read) = SERVICES.iter().find(|(name, _)| variables(name).is_some_and(|value| value != "false"))?;
    Some(read(variables))
}

fn gitlab(variables: Variables<'_>) -> Change {
    let mut change = Change {
        service: "GitLab CI",
        head: variables("CI_COMMIT_SHA"),
        default_branch: variables("CI_DEFAULT_BRANCH"),
        is_everything: variables("CI_PIPELINE_SOURCE").is_some_and(|source| source == "schedule"),
        fetch: "GIT_DEPTH: 0",
        ..Change::default()
    };
    match variables("CI_MERGE_REQUEST_IID") {
        Some(number) => {
            change.what = format!("merge request {number}");
            change.bases.extend(variables("CI_MERGE_REQUEST_TARGET_BRANCH_SHA").and_then(commit));
            change.bases.extend(variables("CI_MERGE_REQUEST_DIFF_BASE_SHA").and_then(commit));
            change.bases.extend(variables("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").map(branch));
        }
        None => {
            change.what = push_to(variables("CI_COMMIT_REF_NAME"));
            change.bases.extend(variables("CI_COMMIT_BEFORE_SHA").and_then(commit));
        }
    }
    change
}

fn bitbucket(variables: Variables<'_>) -> Change {
    let mut change =
        Change { service: "Bitbucket Pipelines", head: variables("BITBUCKET_COMMIT"), fetch: "clone: depth: full", ..Change::default() };
    match variables("BITBUCKET_PR_ID") {
        Some(number) => {
            change.what = format!("pull request {number}");
            change.bases.extend(variables("BITBUCKET_PR_DESTINATION_COMMIT").and_then(short_commit));
            change.bases.extend(variables("BITBUCKET_PR_DESTINATION_BRANCH").map(branch));
        }
        None => change.what = push_to(variables("BITBUCKET_BRANCH")),
    }
    change
}

fn azure(variables: Variables<'_>) -> Change {
    let mut change =
        Change { service: "Azure Pipelines", head: variables("BUILD_SOURCEVERSION"), fetch: "fetchDepth: 0", ..Change::default() };
    match variables("SYSTEM_PULLREQUEST_TARGETBRANCH") {
        Some(target) => {
            change.what = format!("pull request {}", variables("SYSTEM_PULLREQUEST_PULLREQUESTID").unwrap_or_default());
            change.bases.push(branch(target));
        }
        None => change.what = push_to(variables("BUILD_SOURCEBRANCHNAME")),
    }
    change.is_everything = variables("BUILD_REASON").is_some_and(|reason| reason == "Schedule");
    change
}

fn circle(variables: Variables<'_>) -> Change {
    // Which commit was built before is a parameter of the pipeline; docs/ci.md passes it with --base.
    let what = push_to(variables("CIRCLE_BRANCH").or_else(|| variables("CIRCLE_TAG")));
    Change { service: "CircleCI", what, head: variables("CIRCLE_SHA1"), fetch: "a full checkout", ..Change::default() }
}

fn buildkite(variables: Variables<'_>) -> Change {
    let default_branch = variables("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
    let mut change = Change {
        service: "Buildkite",
        head: variables("BUILDKITE_COMMIT").and_then(commit),
        default_branch,
        is_everything: variables("BUILDKITE_SOURCE").is_some_and(|source| source == "schedule"),
        fetch: "no --depth in BUILDKITE_GIT_CLONE_FLAGS",
        ..Change::default()
    };
    match variables("BUILDKITE_PULL_REQUEST").filter(|number| number != "false") {
        Some(number) => {
            change.what = format!("pull request {number}");
            change.bases.extend(variables("BUILDKITE_PULL_REQUEST_BASE_BRANCH").map(branch));
        }
        None => change.what = push_to(variables("BUILDKITE_BRANCH")),
    }
    change
}

fn jenkins(variables: Variables<'_>) -> Change {
    let mut change = Change { service: "Jenkins", head: variables("GIT_COMMIT"), fetch: "no shallow clone", ..Change::default() };
    match variables("CHANGE_TARGET") {
        Some(target) => {
            change.what = format!("pull request {}", variables("CHANGE_ID").unwrap_or_default());
            change.bases.push(branch(target));
        }
        None => {
            change.what = push_to(variables("GIT_BRANCH").or_else(|| variables("BRANCH_NAME")));
            // What failed since is not known to be clean.
            let before = variables("GIT_PREVIOUS_SUCCESSFUL_COMMIT").or_else(|| variables("GIT_PREVIOUS_COMMIT"));
            change.bases.extend(before.and_then(commit));
        }
    }
    change
}

/// Names a push by its branch or tag, where the service tells it.
pub(super) fn push_to(name: Option<String>) -> String {
    name.map_or_else(|| "a push".to_owned(), |name| format!("push to {name}"))
}

/// Returns a commit's name; zeros stand for none, and nothing else is one.
pub(super) fn commit(name: String) -> Option<String> {
    let is_name = [40, 64].contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_name && name.bytes().any(|byte| byte != b'0')).then_some(name)
}

/// Bitbucket shortens them.
fn short_commit(name: String) -> Option<String> {
    let is_name = (7..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_name.then_some(name)
}

/// Returns where a clone keeps a branch of the service.
pub(super) fn branch(name: String) -> String {
    format!("refs/remotes/origin/{}", name.strip_prefix("refs/heads/").unwrap_or(&name))
}

#[cfg(test)]
mod tests {
    use super::{Change, change};

    fn of(variables: &[(&str, &str)]) -> Change {
        let read = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned()).filter(|value| !value.is_empty())
        };
        change(&read).unwrap_or_default()
    }

    #[test]
    fn each_service_names_what_was_there_before() {
        let (one, two, zeros) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let (one, two, zeros) = (one.as_str(), two.as_str(), zeros.as_str());
        for (variables, service, bases) in [
            (vec![("GITLAB_CI", "true"), ("CI_COMMIT_SHA", two), ("CI_COMMIT_BEFORE_SHA", one)], "GitLab CI", vec![one]),
            (vec![("GITLAB_CI", "true"), ("CI_COMMIT_SHA", two), ("CI_COMMIT_BEFORE_SHA", zeros)], "GitLab CI", vec![]),
            (
                vec![
                    ("GITLAB_CI", "true"),
                    ("CI_MERGE_REQUEST_IID", "7"),
                    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", one),
                    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
                    ("CI_COMMIT_BEFORE_SHA", zeros),
                ],
                "GitLab CI",
                vec![one, "refs/remotes/origin/main"],
            ),
            (
                vec![("BITBUCKET_COMMIT", two), ("BITBUCKET_PR_ID", "7"), ("BITBUCKET_PR_DESTINATION_COMMIT", "0123456789ab")],
                "Bitbucket Pipelines",
                vec!["0123456789ab"],
            ),
            (vec![("BITBUCKET_COMMIT", two), ("BITBUCKET_BRANCH", "main")], "Bitbucket Pipelines", vec![]),
            (
                vec![("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")],
                "Azure Pipelines",
                vec!["refs/remotes/origin/main"],
            ),
            (vec![("CIRCLECI", "true"), ("CIRCLE_SHA1", two)], "CircleCI", vec![]),
            (
                vec![("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "7"), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main")],
                "Buildkite",
                vec!["refs/remotes/origin/main"],
            ),
            (vec![("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST", "false"), ("BUILDKITE_COMMIT", "HEAD")], "Buildkite", vec![]),
            (vec![("JENKINS_URL", "x"), ("GIT_PREVIOUS_COMMIT", two), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", one)], "Jenkins", vec![one]),
            (vec![("JENKINS_URL", "x"), ("CHANGE_TARGET", "main"), ("CHANGE_ID", "7")], "Jenkins", vec!["refs/remotes/origin/main"]),
            (vec![("CI", "true")], "", vec![]),
        ] {
            let change = of(&variables);
            assert_eq!((change.service, change.bases.iter().map(String::as_str).collect::<Vec<_>>()), (service, bases), "{variables:?}");
        }
    }

    #[test]
    fn what_is_no_commit_is_not_taken_for_one() {
        for name in ["", "HEAD", "--all", ":/x", &"g".repeat(40), &"0".repeat(64), &"1".repeat(39)] {
            assert_eq!(super::commit(name.to_owned()), None, "{name:?}");
        }
    }
}
