//! Which commit and ref a report is of, as CI services say it, or else the repository.

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The commit.
    pub commit: String,
    /// The full name of a ref.
    pub reference: String,
}

/// Finds commit and ref: GitHub's own variables, those of other services, and what the repository says.
///
/// Nothing where no ref can be told, as on a detached HEAD outside of a service we know.
pub fn checkout(variable: &dyn Fn(&str) -> Option<String>, head: Option<&str>, branch: Option<&str>) -> Option<Checkout> {
    if let (Some(reference), Some(commit)) = (variable("GITHUB_REF"), variable("GITHUB_SHA")) {
        return Some(of_github(reference, commit, head));
    }
    let of_service = SERVICES.iter().find_map(|(commit, reference)| Some((variable(commit)?, variable(reference)?)));
    if let Some((commit, reference)) = of_service {
        let reference = if reference.starts_with("refs/") { reference } else { format!("refs/heads/{}", local(&reference)) };
        return Some(Checkout { commit, reference });
    }
    Some(Checkout { commit: head?.to_owned(), reference: format!("refs/heads/{}", branch?) })
}

/// Variables of a service with the commit and with the branch or ref.
const SERVICES: [(&str, &str); 6] = [
    ("BUILD_SOURCEVERSION", "BUILD_SOURCEBRANCH"),
    ("CIRCLE_SHA1", "CIRCLE_BRANCH"),
    ("TRAVIS_COMMIT", "TRAVIS_BRANCH"),
    ("DRONE_COMMIT", "DRONE_COMMIT_BRANCH"),
    ("BITBUCKET_COMMIT", "BITBUCKET_BRANCH"),
    ("GIT_COMMIT", "GIT_BRANCH"),
];

/// A workflow of a pull request has the test merge checked out, unless it asked for the head: alerts belong to what was scanned.
fn of_github(reference: String, commit: String, head: Option<&str>) -> Checkout {
    match (head, reference.strip_suffix("/merge").filter(|stem| stem.starts_with("refs/pull/"))) {
        (Some(head), Some(stem)) if head != commit => Checkout { commit: head.to_owned(), reference: format!("{stem}/head") },
        _ => Checkout { commit, reference },
    }
}

/// Jenkins names the branch of the remote.
fn local(branch: &str) -> &str {
    branch.strip_prefix("origin/").unwrap_or(branch)
}

#[cfg(test)]
mod tests {
    use super::{Checkout, checkout};

    /// Variables, the commit of HEAD, commit and ref that are expected, and why.
    type Case<'c> = (&'c [(&'c str, &'c str)], Option<&'c str>, Option<(&'c str, &'c str)>, &'c str);

    #[test]
    fn commit_and_ref_are_what_the_service_says() {
        let cases: [Case<'_>; 7] = [
            (&[("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", "c1")], Some("c1"), Some(("c1", "refs/heads/main")), "a push"),
            (&[("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_SHA", "m1")], Some("m1"), Some(("m1", "refs/pull/7/merge")), "the test merge"),
            (&[("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_SHA", "m1")], Some("h1"), Some(("h1", "refs/pull/7/head")), "the head"),
            (
                &[("BUILD_SOURCEVERSION", "c1"), ("BUILD_SOURCEBRANCH", "refs/heads/x")],
                Some("c1"),
                Some(("c1", "refs/heads/x")),
                "Azure names refs",
            ),
            (&[("GIT_COMMIT", "c1"), ("GIT_BRANCH", "origin/x")], Some("c1"), Some(("c1", "refs/heads/x")), "Jenkins"),
            (&[], Some("c1"), Some(("c1", "refs/heads/topic")), "the repository"),
            (&[], None, None, "nothing"),
        ];
        for (variables, head, expected, why) in cases {
            let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let expected = expected.map(|(commit, reference)| Checkout { commit: commit.into(), reference: reference.into() });
            assert_eq!(checkout(&variable, head, Some("topic")), expected, "{why}");
        }
        assert_eq!(checkout(&|_| None, Some("c1"), None), None, "a detached HEAD");
    }
}
