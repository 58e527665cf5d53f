//! `pre-receive` and `update`: what others push to a server, before any ref is moved.

use staunch::config::InlineAllow;
use staunch::git::{ObjectId, Repo, refs};
use staunch::report::moment::Moment;
use staunch::scan::{Push, Range};

use super::super::exit::Failure;
use super::{Call, Installed, Kind, Seen, input};

pub(super) const PRE_RECEIVE: Kind = Kind {
    name: "pre-receive",
    guards: "all that is pushed to this repository",
    installed: Installed::Bare,
    has_input: true,
    heeds: InlineAllow::None,
    look: |call| {
        let lines = input::lines()?;
        look(call, &lines)
    },
};

pub(super) const UPDATE: Kind = Kind {
    name: "update",
    guards: "what is pushed to this repository, ref by ref",
    installed: Installed::OnRequest,
    has_input: false,
    heeds: InlineAllow::None,
    look: |call| {
        let words: Vec<String> = call.args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        match &words[..] {
            [name, old, new] => look(call, &[format!("{old} {new} {name}")]),
            _ => Err(Failure::with_hint("git passes a ref, its old and its new object", "`staunch hook run update REF OLD NEW`")),
        }
    },
};

/// Looks at all refs together: what two of them bring is looked at once.
fn look(call: &mut Call<'_>, lines: &[String]) -> Result<Seen, Failure> {
    let mut push = Push { title: "what was pushed".into(), ..Push::default() };
    for line in lines {
        let mut words = line.splitn(3, ' ');
        let (old, new) = (words.next(), words.next());
        push.known.extend(input::object(old, line)?);
        push.ends.extend(input::object(new, line)?);
    }
    push.known.extend(kept(call.repo)?);
    let outcome = if push.ends.is_empty() {
        Default::default()
    } else {
        call.setup.scanner.check_range(call.repo, &Range::Pushed(push), call.setup.baseline.as_mut())?
    };
    Ok(Seen { outcome, moment: Moment::Receive })
}

/// Returns what the repository has: no ref has been moved yet.
fn kept(repo: &Repo) -> Result<Vec<ObjectId>, Failure> {
    Ok(refs::named(repo)?.into_iter().map(|tip| tip.id).collect())
}
