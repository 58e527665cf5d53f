//! `staunch hook`: what git asks, how it comes to ask us, and what we answer.
//!
//! One file for each kind of hook; `KINDS` lists them. `run` is what all have in common, the other files install them.

mod block;
mod commit_msg;
mod configured;
mod git_version;
mod input;
mod install;
mod lefthook;
mod manager;
mod post_rewrite;
mod pre_commit;
mod pre_push;
mod receive;
mod run;
mod script;
mod state;

use std::ffi::OsString;
use std::path::Path;

use staunch::config::InlineAllow;
use staunch::git::Repo;
use staunch::report::moment::Moment;
use staunch::verdict::Outcome;

use super::agent;
use super::args::{HookArgs, HookCommand, HookInstallArgs};
use super::doctor::Remark;
use super::exit::{Exit, Failure};
use super::setup::Setup;
use state::State;

/// A moment in which git asks whether to go on.
struct Kind {
    /// Git's name for it.
    name: &'static str,
    /// What it guards, in words.
    guards: &'static str,
    /// Where it is installed without being asked for.
    installed: Installed,
    /// Whether git writes to its standard input.
    has_input: bool,
    /// Which marks in comments count where nobody says otherwise: those of a pusher do not on a server.
    heeds: InlineAllow,
    /// Looks at what git is about to do.
    look: fn(&mut Call<'_>) -> Result<Seen, Failure>,
}

/// Where a hook is installed without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Installed {
    /// In repositories with a working tree.
    WithWorkTree,
    /// In bare repositories, which others push to.
    Bare,
    /// Nowhere.
    OnRequest,
}

/// All hooks that we answer.
const KINDS: &[Kind] = &[
    pre_commit::PRE_COMMIT,
    pre_commit::PRE_MERGE_COMMIT,
    commit_msg::KIND,
    pre_push::KIND,
    post_rewrite::KIND,
    receive::PRE_RECEIVE,
    receive::UPDATE,
];

/// What a hook has to work with.
struct Call<'c> {
    repo: &'c Repo,
    setup: &'c mut Setup,
    args: &'c [OsString],
}

/// What a hook found, and in what moment.
struct Seen {
    outcome: Outcome,
    moment: Moment,
}

/// Returns the kind of a name.
fn kind(name: &str) -> Result<&'static Kind, Failure> {
    let names = || KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    KINDS
        .iter()
        .find(|kind| kind.name == name)
        .ok_or_else(|| Failure::with_hint(format!("there is no hook {name:?} here"), format!("hooks are {}", names())))
}

pub(super) fn run(args: HookArgs) -> Result<Exit, Failure> {
    let repo = || Repo::from_environment(Path::new("."));
    match args.command {
        HookCommand::Install(HookInstallArgs { agent: Some(agent), global, .. }) => agent::install::install(&agent, global),
        HookCommand::Install(args) if args.global => configured::install_global(&args.types, args.configured),
        HookCommand::Install(args) => install::install(&repo()?, &args),
        HookCommand::Uninstall { agent: Some(agent), global } => agent::install::uninstall(&agent, global),
        HookCommand::Uninstall { global: true, .. } => configured::uninstall_global(),
        HookCommand::Uninstall { global: false, .. } => install::uninstall(&repo()?),
        HookCommand::Status => install::status(&repo()?),
        HookCommand::Run(args) => run::run(*args),
        HookCommand::Agent(args) => agent::run(*args),
    }
}

/// Says of each hook that belongs here whether git really asks it.
pub(super) fn examine(repo: &Repo) -> Result<Vec<Remark>, Failure> {
    let folder = repo.hooks_folder()?;
    let because = folder.set_by.as_ref().map_or_else(String::new, |file| format!(", as core.hooksPath in {file} says"));
    let mut remarks = vec![Remark::Fine(format!("git looks for hooks in {}{because}", folder.path.display()))];
    let expected = install::wanted(repo, &[])?;
    for kind in KINDS {
        remarks.extend(match state::of(repo, &folder, kind)? {
            State::Runs { how } => Some(Remark::Fine(format!("{}: {how}", kind.name))),
            State::RunsFromVersion { how } => Some(Remark::Note(format!("{}: {how}; an older git passes it by in silence", kind.name))),
            State::Dead { why, advice } => Some(Remark::Wrong(format!("{} does not run: {why}", kind.name), advice)),
            State::Absent if expected.iter().any(|wanted| wanted.name == kind.name) => {
                let what = format!("{} is not installed; it would guard {}", kind.name, kind.guards);
                Some(Remark::Wrong(what, "run `staunch hook install`".to_owned()))
            }
            State::Absent => None,
        });
    }
    Ok(remarks)
}
