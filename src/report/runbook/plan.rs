//! A plan to take a credential out of a history with `git filter-repo`. Nothing is rewritten here.
//!
//! The replacement goes through a pipe: the secret is read from the object database by the shell that needs it, and is in no file.

use super::{Item, Runbook, Section, known, quoted, reading, reading_of};
use crate::credential::Credential;
use crate::here::Here;
use crate::ledger::State;
use crate::report::Page;
use crate::report::document::{self, Place};
use crate::verdict::{Pushed, Verdict};

/// What the plan must know besides the credential.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Names of tags that are signed: a rewrite takes the signature.
    pub signed_tags: Vec<String>,
    /// What the ledger says.
    pub state: Option<State>,
}

/// Writes the plan.
pub fn plan(credential: &Credential<'_>, ground: &Ground, here: &Here) -> Runbook {
    let page = Page { here: here.clone(), ..Page::default() };
    let written = document::Credential::of(credential, &page);
    let sections = vec![
        Section { title: "Is it worth it".into(), items: worth(credential, ground) },
        Section { title: "What a rewrite touches".into(), items: touched(credential, ground) },
        Section { title: "Rewrite a fresh clone".into(), items: rewrite(credential, &page) },
        Section { title: "Prove it".into(), items: proof(&written) },
        Section { title: "Make others have it".into(), items: others(credential) },
        Section { title: "What stays".into(), items: remains() },
    ];
    Runbook { title: format!("purge {} {}", written.title, written.secret), known: known(&written), sections }
}

fn worth(credential: &Credential<'_>, ground: &Ground) -> Vec<Item> {
    let said = match (ground.state, credential.exposure.pushed) {
        (Some(State::Revoked | State::Removed), _) => {
            "No. The ledger says that it is revoked: the value is worth nothing any more, and a rewrite costs everybody a new clone."
        }
        (_, Pushed::Never) => "Yes, and it is cheap: no remote that this clone knows has it. Rewrite before you push.",
        (_, Pushed::Since(_)) => {
            "Only if it cannot be revoked, or a rule demands it. It is on a remote: whoever fetched it keeps it, so revoke it first. A rewrite is no substitute."
        }
        (_, Pushed::Unknown) => {
            "If nobody else has this repository, yes. If somebody may have it, revoke it first: a rewrite is no substitute."
        }
    };
    vec![Item::Note(said.to_owned())]
}

fn touched(credential: &Credential<'_>, ground: &Ground) -> Vec<Item> {
    let mut items = Vec::new();
    let mut first: Vec<String> =
        credential.places.iter().filter_map(|verdict| verdict.brought_by()).map(|commit| commit.id.to_string()).collect();
    first.sort();
    first.dedup();
    for commit in first.iter().take(MAX_SHOWN) {
        items.push(Item::Note(format!("every commit from {commit} on gets another id; so many are there:")));
        items.push(Item::Command(format!("git rev-list --count --all --ancestry-path {commit}^! --not {commit}^@")));
    }
    let mut refs: Vec<&str> = credential.places.iter().flat_map(|verdict| &verdict.context.refs).map(|held| held.name.as_str()).collect();
    refs.sort_unstable();
    refs.dedup();
    let shown: Vec<&str> = refs.iter().take(MAX_SHOWN).copied().collect();
    if !refs.is_empty() {
        let more = refs.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        items.push(Item::Note(format!("refs that get another commit: {}{more}", shown.join(", "))));
    }
    let signed: Vec<&str> = ground.signed_tags.iter().map(String::as_str).filter(|name| refs.contains(name)).collect();
    if !signed.is_empty() {
        items.push(Item::Note(format!("signed tags that lose their signature and must be signed anew: {}", signed.join(", "))));
    }
    items.push(Item::Note(
        "signatures of commits from there on are lost; open reviews lose their base; ids in tickets and release notes point nowhere".into(),
    ));
    items
}

/// More names than a screen holds are counted.
const MAX_SHOWN: usize = 20;

fn rewrite(credential: &Credential<'_>, page: &Page) -> Vec<Item> {
    let mut items = vec![
        Item::Step("Ask everybody to push and to stop, and keep a backup that only you can read".into()),
        Item::Command("git clone --mirror URL purge.git && cd purge.git".into()),
    ];
    let mut lines: Vec<String> = Vec::new();
    let mut paths: Vec<String> = Vec::new();
    // What rewrites text passes by files with zero bytes, as those in UTF-16 are, and sees through neither base64 nor archives.
    let is_other = |verdict: &&Verdict| {
        verdict.finding.origin.path().is_some() && (verdict.context.stored.is_some() || verdict.finding.layer.is_some())
    };
    let (others, plain): (Vec<&Verdict>, Vec<&Verdict>) = credential.places.iter().copied().partition(is_other);
    paths.extend(others.iter().filter_map(|verdict| quoted(Place::of(verdict, page).top_path())));
    // Each part is replaced once, as it reads in plain; one that is nowhere in plain goes with its files.
    let reads = |verdict: &&Verdict| reading(&Place::of(verdict, page)).is_some();
    for part in std::iter::once(credential.lead()).chain(credential.parts.iter().copied()) {
        let of_part = |verdict: &&&Verdict| verdict.finding.fingerprint == part.finding.fingerprint;
        let own: Vec<&Verdict> = plain.iter().filter(of_part).copied().collect();
        let Some(verdict) = own.iter().copied().find(reads).or(own.first().copied()) else {
            if !others.iter().any(|verdict| of_part(&verdict)) {
                items.push(by_line(part));
            }
            continue;
        };
        let finding = &verdict.finding;
        let spans_lines = finding.end.line > finding.start.line;
        let place = Place::of(verdict, page);
        match (reading(&place), finding.origin.path()) {
            (Some(command), _) if !spans_lines => {
                lines.push(format!("printf 'literal:'; {command}; printf '==>REMOVED-{}\\n'", finding.fingerprint));
            }
            (_, Some(_)) => paths.extend(quoted(place.top_path())),
            _ => items.push(by_line(verdict)),
        }
    }
    if !lines.is_empty() {
        items.push(Item::Note("the secret goes through a pipe and is in no file:".into()));
        items.push(Item::Command(format!("{{ {}; }} | git filter-repo --replace-text /dev/stdin", lines.join("; "))));
        items.push(Item::Note(
            "and once more for messages of commits and tags, if it is in one: --replace-message instead of --replace-text".into(),
        ));
    }
    paths.sort();
    paths.dedup();
    if !paths.is_empty() {
        let arguments: Vec<String> = paths.iter().map(|path| format!("--path {path}")).collect();
        items.push(Item::Note(
            "what goes over several lines, is UTF-16, base64 or in an archive cannot be replaced as text; its files are taken out in every version:"
                .into(),
        ));
        items.push(Item::Command(format!("git filter-repo --invert-paths {}", arguments.join(" "))));
    }
    items
}

fn by_line(verdict: &Verdict) -> Item {
    Item::Note(format!("{}: it stands where no command of ours reads it; write its line by hand", verdict.finding.detector.title))
}

fn proof(credential: &document::Credential) -> Vec<Item> {
    let fingerprint = &credential.fingerprint;
    match reading_of(credential) {
        Some(command) => vec![
            Item::Note("by the bytes themselves, which also finds it where no detector would, read from your backup:".into()),
            Item::Command(format!("(cd BACKUP && {command}) | staunch purge verify {fingerprint} . --stdin")),
        ],
        None => by_hand(fingerprint),
    }
}

/// A fingerprint alone proves little: no detector sees what is spelled otherwise.
pub(super) fn by_hand(fingerprint: &str) -> Vec<Item> {
    vec![
        Item::Note("by the bytes themselves: type or pipe the value, and end it with Ctrl-D:".into()),
        Item::Command(format!("staunch purge verify {fingerprint} . --stdin")),
    ]
}

fn others(credential: &Credential<'_>) -> Vec<Item> {
    if credential.exposure.pushed == Pushed::Never {
        return vec![Item::Note("Nobody has it: nothing to do.".into())];
    }
    vec![
        Item::Command("git push --force --mirror origin".into()),
        Item::Step("Everybody deletes their clone and makes a new one; whoever merges an old branch brings it back".into()),
        Item::Step("CI caches, mirrors, forks, deployed checkouts and backups are replaced as well".into()),
        Item::Step("Have hooks refuse the old commits: `staunch hook install`, or a server's pre-receive".into()),
    ]
}

fn remains() -> Vec<Item> {
    [
        "GitHub serves the old commits by their ids, in pull requests (refs/pull, which nobody can push to) and in forks, until its support removes them: \
         ask them with the repository, the pull requests and the first commit that filter-repo says was changed.",
        "GitLab keeps them until a maintainer runs the repository cleanup with filter-repo's commit map, and housekeeping after it.",
        "Bitbucket, Azure DevOps and others collect garbage at their own time; their support can be asked to hurry.",
        "What was fetched stays where it was fetched to.",
    ]
    .map(|note| Item::Note(note.to_owned()))
    .into()
}
