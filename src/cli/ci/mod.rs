//! `staunch ci`: finds out by itself what a CI job is about, and looks at that.
//!
//! Where the base is not known or not there, it looks at more, in steps, and never at nothing: a check of no commit that ends
//! well is the worst answer there is. It always says what it looked at.

mod github;
mod services;

use std::path::Path;
use std::time::Instant;

use staunch::count::counted;
use staunch::git::{ObjectId, Repo};
use staunch::report::Page;
use staunch::report::document::SubjectKind;
use staunch::scan::{Options, Push, Range};
use staunch::verdict::Outcome;

use self::services::Change;
use super::args::CiArgs;
use super::exit::{Exit, Failure, tell};
use super::output::{self, Form};
use super::setup::Setup;
use super::{check, progress, setup, subject};

pub(super) fn run(args: CiArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let variables = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let targets = output::targets_beside_screen(&args.common)?;
    let repo = Repo::around(Path::new("."))?;
    let change = asked(services::change(&variables), &args);
    let say = Say { is_quiet: args.common.reading.quiet };
    if change.is_deletion {
        say.tell(&format!("{}: a branch or tag was deleted, which brings nothing", change.service));
        return Ok(Exit::Clean);
    }
    let here = check::here(&repo);
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &here, Options::default())?;
    let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
    let outcome = look(&repo, &change, &mut setup, say)?;
    drop(shown);
    let read = format!("{}, {}", counted(outcome.coverage.commits, "commit"), counted(outcome.coverage.blobs, "file"));
    say.tell(&format!("checked {}: {read}", outcome.coverage.scope));
    if !outcome.coverage.is_complete() && repo.is_shallow() {
        tell("hint", &format!("this clone is shallow; {} has all of the history", change.fetch));
    }
    if change.service == "GitHub Actions" {
        let page = Page { here: here.clone(), ..Page::default() };
        output::annotate(&outcome, &page)?;
        github::summarise(&outcome, &page, &variables)?;
    }
    let form = Form { here, subject: subject::subject(SubjectKind::Range, Some(&repo)), files: subject::at_head(&repo) };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

/// Says what is looked at, unless nobody wants to know.
#[derive(Clone, Copy)]
struct Say {
    is_quiet: bool,
}

impl Say {
    fn tell(self, what: &str) {
        if !self.is_quiet {
            tell("ci", what);
        }
    }
}

/// What the user says goes before what the service says.
fn asked(change: Option<Change>, args: &CiArgs) -> Change {
    let mut change = change.unwrap_or_else(|| Change {
        service: "no CI service is known here",
        what: "HEAD".into(),
        fetch: "`git fetch --unshallow`",
        ..Change::default()
    });
    if let Some(base) = &args.base {
        change.bases = vec![base.clone()];
        (change.is_everything, change.is_deletion) = (false, false);
    }
    if let Some(head) = &args.head {
        change.head = Some(head.clone());
    }
    change
}

/// Looks at the change, and at more where it cannot be told what that is.
fn look(repo: &Repo, change: &Change, setup: &mut Setup, say: Say) -> Result<Outcome, Failure> {
    let head = match change.head.as_deref().map(|head| repo.commit_named(head)) {
        Some(Ok(head)) => head,
        Some(Err(error)) => return Err(error.into()),
        None => repo.commit_named("HEAD")?,
    };
    let known = if change.is_everything { None } else { known(repo, change, head, say) };
    let Some((known, said)) = known else {
        say.tell(&format!("{}: {}; no base is known, so everything is checked", change.service, change.what));
        return Ok(setup.scanner.audit(repo, None, setup.baseline.as_mut())?);
    };
    let title = format!("the commits of {} ({}) that {said} does not have", short(head), change.what);
    say.tell(&format!("{}: {title}", change.service));
    let push = Push { ends: vec![head], known, title };
    let outcome = setup.scanner.check_range(repo, &Range::Pushed(push), setup.baseline.as_mut())?;
    if outcome.coverage.commits > 0 {
        return Ok(outcome);
    }
    say.tell("that is no commit at all, so the last one is checked");
    let parents = (1..=8).map_while(|number| repo.commit_named(&format!("{head}^{number}")).ok()).collect();
    let push = Push { ends: vec![head], known: parents, title: format!("the last commit, {}", short(head)) };
    Ok(setup.scanner.check_range(repo, &Range::Pushed(push), setup.baseline.as_mut())?)
}

/// Returns what was there before the change, and what that is called; nothing where it cannot be told.
fn known(repo: &Repo, change: &Change, head: ObjectId, say: Say) -> Option<(Vec<ObjectId>, String)> {
    let here = |spec: &String| Some((repo.commit_named(spec).ok()?, spec.clone()));
    let named: Vec<(ObjectId, String)> = change.bases.iter().filter_map(here).collect();
    if let Some((_, first)) = named.first() {
        let said = first.strip_prefix("refs/remotes/").map_or_else(|| first.chars().take(10).collect(), str::to_owned);
        return Some((named.into_iter().map(|(id, _)| id).collect(), said));
    }
    if !change.bases.is_empty() {
        say.tell(&format!("{} is not in this clone", change.bases.join(", ")));
    }
    let own = change.default_branch.clone().map(services::branch);
    let usual = ["refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master"].map(str::to_owned);
    let (id, spec) = own.into_iter().chain(usual).find_map(|spec| here(&spec).filter(|(id, _)| *id != head))?;
    Some((vec![id], spec.trim_start_matches("refs/remotes/").to_owned()))
}

fn short(id: ObjectId) -> String {
    id.to_hex_with_len(10).to_string()
}
