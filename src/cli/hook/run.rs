//! `staunch hook run NAME`: what all hooks have in common.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use staunch::coverage::Why;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::Page;
use staunch::report::moment::{self, Ending, Moment};
use staunch::scan::Options;
use staunch::verdict::Outcome;

use super::super::args::{HookRunArgs, OnTimeoutArg};
use super::super::exit::{Exit, Failure, tell};
use super::super::output::{self, Form};
use super::super::{check, interactive, setup};
use super::{Call, Seen, kind};

/// GitHub Enterprise Server gives all hooks together five seconds.
const ENTERPRISE_BUDGET_MS: u64 = 4_500;

pub(super) fn run(args: HookRunArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let kind = kind(&args.name)?;
    let targets = if args.common.format.is_empty() && args.common.output.is_none() { Vec::new() } else { output::targets(&args.common)? };
    let repo = Repo::from_environment(Path::new("."))?;
    let here = here(&repo);
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &here, Options { inline_allow: kind.heeds, ..check::strict() })?;
    let is_enterprise = repo.work_dir().is_none() && std::env::var_os("GITHUB_VIA").is_some();
    if let Some(budget_ms) = args.budget_ms.or(is_enterprise.then_some(ENTERPRISE_BUDGET_MS)) {
        setup.scanner.watch().stop_after(Duration::from_millis(budget_ms));
    }
    let Seen { mut outcome, moment } = (kind.look)(&mut Call { repo: &repo, setup: &mut setup, args: &args.args })?;
    let form = Form { here, ..Form::default() };
    for target in &targets {
        output::write(target, &outcome, &args.common, &form, start.elapsed())?;
    }
    if args.interactive {
        interactive::walk(&mut outcome, &form.here, &setup.config_path)?;
    }
    let exit = exit_of(&outcome, &args);
    if exit == Exit::Clean && !has_news(&outcome) {
        return Ok(exit);
    }
    let ending = if exit == Exit::Clean { Ending::GoesOn } else { Ending::Stopped };
    show(&outcome, &moment, ending, &form, args.common.show_secrets)?;
    if is_out_of_time(&outcome) {
        say_out_of_time(args.on_timeout);
    }
    Ok(exit)
}

/// Git runs hooks at the top; the user stands where `GIT_PREFIX` says.
fn here(repo: &Repo) -> Here {
    let here = check::here(repo);
    match std::env::var_os("GIT_PREFIX").filter(|_| here.prefix.is_empty()) {
        Some(prefix) => Here { prefix: prefix.as_encoded_bytes().into(), ..here },
        None => here,
    }
}

fn exit_of(outcome: &Outcome, args: &HookRunArgs) -> Exit {
    let only_time_is_missing = outcome.coverage.skips.iter().all(|skip| is_time(&skip.why) || !skip.why.is_incomplete());
    let is_accepted = args.on_timeout == OnTimeoutArg::Accept && only_time_is_missing;
    match output::exit_of(outcome, &args.common) {
        Exit::CouldNotTell if is_accepted && outcome.reported().next().is_some() => Exit::Findings,
        Exit::CouldNotTell if is_accepted => Exit::Clean,
        exit => exit,
    }
}

fn is_time(why: &Why) -> bool {
    matches!(why, Why::OutOfTime { .. })
}

fn is_out_of_time(outcome: &Outcome) -> bool {
    outcome.coverage.skips.iter().any(|skip| is_time(&skip.why))
}

/// A clean check is silent, but not where it says less than it seems to.
fn has_news(outcome: &Outcome) -> bool {
    outcome.reported().next().is_some()
        || !outcome.coverage.is_complete()
        || !outcome.notices.is_empty()
        || outcome.coverage.skips.iter().any(|skip| skip.why.is_closed())
}

fn show(outcome: &Outcome, moment: &Moment, ending: Ending, form: &Form, show_secrets: bool) -> io::Result<()> {
    let is_colored = io::stderr().is_terminal() && anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    let page = Page { show_secrets, is_colored, here: form.here.clone(), ..Page::default() };
    let mut screen = Vec::new();
    moment::write(outcome, moment, ending, &page, &mut screen)?;
    // GitLab shows only such lines in its pages.
    let is_gitlab = *moment == Moment::Receive && std::env::var_os("GL_ID").is_some();
    let mut out = BufWriter::new(io::stderr().lock());
    for line in screen.split_inclusive(|&byte| byte == b'\n') {
        if is_gitlab {
            out.write_all(b"GL-HOOK-ERR: ")?;
        }
        out.write_all(line)?;
    }
    out.flush()
}

fn say_out_of_time(on_timeout: OnTimeoutArg) {
    match on_timeout {
        OnTimeoutArg::Block => tell("hint", "push fewer commits at a time, or ask who runs this server for a larger --budget-ms"),
        OnTimeoutArg::Accept => tell("note", "the rest was accepted without a look, as --on-timeout says; `staunch audit` looks at it"),
    }
}
