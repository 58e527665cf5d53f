//! `pre-commit` and `pre-merge-commit`: what is about to be committed, against HEAD and what a merge joins to it.

use staunch::config::InlineAllow;
use staunch::report::moment::Moment;
use staunch::scan::Range;

use super::super::exit::Failure;
use super::{Call, Installed, Kind, Seen};

pub(super) const PRE_COMMIT: Kind = Kind {
    name: "pre-commit",
    guards: "what a commit adds",
    installed: Installed::WithWorkTree,
    has_input: false,
    heeds: InlineAllow::All,
    look: |call| {
        let is_first = call.repo.head_commit()?.is_none();
        look(call, Moment::Commit { is_first })
    },
};

pub(super) const PRE_MERGE_COMMIT: Kind = Kind {
    name: "pre-merge-commit",
    guards: "what a merge adds that no remote has",
    installed: Installed::WithWorkTree,
    has_input: false,
    heeds: InlineAllow::All,
    look: |call| look(call, Moment::Merge),
};

fn look(call: &mut Call<'_>, moment: Moment) -> Result<Seen, Failure> {
    let mut outcome = call.setup.scanner.check_staged(call.repo, call.setup.baseline.as_mut())?;
    // `pre-commit run --from-ref A --to-ref B`, as CI services call it: nothing is staged, the range is what is meant.
    if let (Ok(from), Ok(to)) = (std::env::var("PRE_COMMIT_FROM_REF"), std::env::var("PRE_COMMIT_TO_REF")) {
        let range = Range::Between(format!("{from}..{to}"));
        let ranged = call.setup.scanner.check_range(call.repo, &range, call.setup.baseline.as_mut())?;
        outcome.verdicts.extend(ranged.verdicts);
        outcome.coverage.absorb(ranged.coverage);
        outcome.notices.extend(ranged.notices);
    }
    Ok(Seen { outcome, moment })
}
