//! How far a credential got, and what that means for whoever must deal with it.

use super::{Item, is_hex, quoted};
use crate::git::refs::Holder;
use crate::report::document::{Credential, OriginKind};

/// How far a credential got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It is in files or in the index.
    Staged,
    /// It is in commits that no remote has.
    Committed,
    /// It is, or may be, on a host that some people can read.
    Private,
    /// Everybody can read it.
    Public,
}

impl Stage {
    /// Returns what the repository says; whether a host is public it cannot say.
    pub(in crate::report) fn of(credential: &Credential) -> Self {
        let exposure = &credential.exposure;
        let is_uncommitted = |origin: OriginKind| matches!(origin, OriginKind::File | OriginKind::Staged);
        match exposure.pushed {
            _ if credential.places.iter().all(|place| is_uncommitted(place.origin)) => Stage::Staged,
            Some(false) => Stage::Committed,
            None if exposure.held_by.is_some_and(|holder| holder >= Holder::Reflog) => Stage::Committed,
            None | Some(true) => Stage::Private,
        }
    }

    pub(super) fn meaning(self) -> Vec<Item> {
        let notes: &[&str] = match self {
            Stage::Staged => &[
                "It is not committed. If this folder is not synchronised, backed up or read by other programs, nobody has it, and nothing need be revoked.",
                "Take it out of the file, read it from the environment or a secret manager, and keep the file out of git if it is only for secrets.",
                "What was staged once stays in the object database until `git gc --prune=now`.",
            ],
            Stage::Committed => &[
                "It is committed, and no remote that this clone knows has it. Take it out of the commits before they are pushed.",
                "Revoke it all the same if backups, a shared disk, a CI runner or an assistant may have read it.",
            ],
            Stage::Private => &[
                "Everybody who could read the repository has it: people, CI, mirrors, integrations, laptops. Treat it as known.",
                "If the host is public, or somebody used it, revoke it first and accept the outage: the same with `--stage public` tells how.",
                "If not, put the replacement in place and revoke this one today.",
            ],
            Stage::Public => &[
                "Minutes count: whatever is public is copied by machines within them. Revoke it now and accept the outage.",
                "Making the repository private does not help: forks, caches and archives keep what they have.",
            ],
        };
        notes.iter().map(|note| Item::Note((*note).to_owned())).collect()
    }
}

/// How to take it out of commits that nobody has.
pub(super) fn local(credential: &Credential) -> Vec<Item> {
    let lead = credential.lead();
    let mut items = Vec::new();
    let file = lead.and_then(|lead| quoted(&lead.path)).unwrap_or_else(|| "FILE".into());
    items.push(Item::Step(format!("Take it out of {file} and stage that")));
    if let Some(commit) = lead.and_then(|lead| lead.commit.as_deref()).filter(|commit| is_hex(commit)) {
        items.push(Item::Note("If it is in the last commit only:".into()));
        items.push(Item::Command(format!("git add {file} && git commit --amend --no-edit")));
        items.push(Item::Note("If it is in an older one:".into()));
        items.push(Item::Command(format!("git add {file} && git commit --fixup={commit} && git rebase -i -r --autosquash {commit}~1")));
    }
    items.push(Item::Note("Then drop the old versions. This also drops every other way back:".into()));
    items.push(Item::Command("git reflog expire --expire=now --all && git gc --prune=now".into()));
    items.push(Item::Note("And see that no object has it any more,".into()));
    items.extend(super::plan::by_hand(&credential.fingerprint));
    items
}

/// Whether the history is worth rewriting.
pub(super) fn history(credential: &Credential) -> Vec<Item> {
    let verdict = "A revoked secret is worth nothing, so a rewrite mostly costs: everybody must fetch again, signatures and open reviews break, and forks \
                   and caches of the host keep the old commits. Rewrite only what cannot be revoked, such as personal data, or what a rule demands.";
    vec![
        Item::Step("Take it out of HEAD by an ordinary commit, if it is still there".into()),
        Item::Note(verdict.into()),
        Item::Command(format!("staunch purge plan {}", credential.fingerprint)),
    ]
}
