//! `post-rewrite`: after `commit --amend` and `rebase`. Git goes on whatever it says, but it says it before the push.

use staunch::config::InlineAllow;
use staunch::git::revisions;
use staunch::report::moment::Moment;
use staunch::scan::{Push, Range};

use super::super::exit::Failure;
use super::{Call, Installed, Kind, Seen, input};

pub(super) const KIND: Kind = Kind {
    name: "post-rewrite",
    guards: "commits that a rebase or an amendment made (tells, cannot stop)",
    installed: Installed::OnRequest,
    has_input: true,
    heeds: InlineAllow::All,
    look,
};

fn look(call: &mut Call<'_>) -> Result<Seen, Failure> {
    let mut push = Push { title: "the rewritten commits".into(), ..Push::default() };
    for line in input::lines()? {
        push.ends.extend(input::object(line.split(' ').nth(1), &line)?);
    }
    push.known = revisions::on_remotes(call.repo)?;
    let outcome = call.setup.scanner.check_range(call.repo, &Range::Pushed(push), call.setup.baseline.as_mut())?;
    Ok(Seen { outcome, moment: Moment::Rewrite })
}
