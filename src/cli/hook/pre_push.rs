//! `pre-push`: all commits and tags that a push brings to a remote. Rebase, cherry-pick and `am` ask nobody; this does.

use std::env;

use staunch::config::InlineAllow;
use staunch::git::{ObjectId, Repo, refs};
use staunch::report::moment::Moment;
use staunch::scan::{Push, Range};

use super::super::exit::{Failure, tell};
use super::{Call, Installed, Kind, Seen, input};

pub(super) const KIND: Kind = Kind {
    name: "pre-push",
    guards: "all commits, messages and tags that a push brings to a remote",
    installed: Installed::WithWorkTree,
    has_input: true,
    heeds: InlineAllow::All,
    look,
};

fn look(call: &mut Call<'_>) -> Result<Seen, Failure> {
    let mut words = call.args.iter().map(|word| word.to_string_lossy().into_owned());
    let is_framework = env::var_os("PRE_COMMIT").is_some();
    let remote = env::var("PRE_COMMIT_REMOTE_NAME").ok().filter(|_| is_framework).or_else(|| words.next());
    let remote = remote.unwrap_or_else(|| "the remote".to_owned());
    let lines = if is_framework && env::var_os("PRE_COMMIT_REMOTE_NAME").is_some() { Vec::new() } else { input::lines()? };
    let shown = without_login(&remote);
    let mut push = Push { title: format!("what a push brings to {shown}"), ..Push::default() };
    for line in &lines {
        // What is pushed is named as the user did, with spaces perhaps; the other words have none.
        let mut words = line.rsplitn(4, ' ');
        let (remote_id, _, local_id) = (words.next(), words.next(), words.next());
        push.ends.extend(input::object(local_id, line)?);
        push.known.extend(input::object(remote_id, line)?);
    }
    if is_framework && lines.is_empty() {
        from_framework(call.repo, &mut push)?;
    }
    if push.ends.is_empty() {
        return Ok(Seen { outcome: Default::default(), moment: Moment::Push { remote: shown } });
    }
    push.known.extend(tracked(call.repo, &remote)?);
    let outcome = call.setup.scanner.check_range(call.repo, &Range::Pushed(push), call.setup.baseline.as_mut())?;
    Ok(Seen { outcome, moment: Moment::Push { remote: shown } })
}

/// The pre-commit framework reads the refs itself and hands on only the first that has something to push.
fn from_framework(repo: &Repo, push: &mut Push) -> Result<(), Failure> {
    let named = |variable: &str| env::var(variable).ok().filter(|value| !value.is_empty());
    // With a root commit in the push it names no ends.
    let end = named("PRE_COMMIT_TO_REF").or_else(|| named("PRE_COMMIT_LOCAL_BRANCH")).unwrap_or_else(|| "HEAD".to_owned());
    push.ends.push(repo.object_named(&end)?);
    if named("PRE_COMMIT_TO_REF").is_none() {
        tell("note", "the hook framework did not say what is pushed; everything that the remote does not have is checked");
    }
    Ok(())
}

/// Returns what the remote's branches were when they were last seen.
///
/// Of this remote only: that another one has a commit does not make it known to this one.
fn tracked(repo: &Repo, remote: &str) -> Result<Vec<ObjectId>, Failure> {
    let prefix = format!("refs/remotes/{remote}/");
    Ok(refs::named(repo)?.into_iter().filter(|tip| tip.name.starts_with(&prefix)).map(|tip| tip.id).collect())
}

/// Returns the name of a remote as it may be shown: git passes the address of one without a name, with its password.
fn without_login(remote: &str) -> String {
    let Some((scheme, rest)) = remote.split_once("://") else { return remote.to_owned() };
    let host = rest.split('/').next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((login, _)) => format!("{scheme}://…{}", &rest[login.len()..]),
        None => remote.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_password_of_an_address_is_not_shown() {
        for (remote, shown) in [
            ("origin", "origin"),
            ("https://example.com/a@b.git", "https://example.com/a@b.git"),
            ("https://ann:pass@word@example.com/x.git", "https://…@example.com/x.git"),
            ("git@example.com:x.git", "git@example.com:x.git"),
        ] {
            assert_eq!(super::without_login(remote), shown);
        }
    }
}
