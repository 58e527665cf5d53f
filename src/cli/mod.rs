//! The only place that talks to a human: arguments in, exit code out.

mod agent;
mod allow;
mod args;
mod audit;
mod baseline;
mod check;
mod ci;
mod detectors;
mod doctor;
mod exit;
mod explain;
mod found;
mod hook;
mod interactive;
mod judge;
mod ledger;
mod migrate;
mod output;
mod own;
mod progress;
mod purge;
mod report;
mod rotate;
mod scan;
mod setup;
mod subject;
mod upload;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use exit::{Exit, Failure};

/// Runs the command line and returns the exit code.
pub(crate) fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let is_help = !error.use_stderr();
            // Nobody reads any more: that is success, as for every other output.
            let _ = error.print();
            return if is_help { Exit::Clean } else { Exit::CouldNotTell }.into();
        }
    };
    match dispatch(args.command) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report().into(),
    }
}

fn dispatch(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(args),
        Command::Ci(args) => ci::run(args),
        Command::Scan(args) => scan::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Detectors(args) => detectors::run(args),
        Command::Allow(args) => allow::run(args),
        Command::Report(args) => report::run(args),
        Command::Ledger(args) => ledger::run(args),
        Command::Purge(args) => purge::run(args),
        Command::Rotate(args) => rotate::run(*args),
        Command::Upload(args) => upload::run(args),
        Command::Migrate(args) => migrate::run(args),
        Command::Baseline(args) => baseline::run(args),
        Command::Doctor => doctor::run(),
        Command::Explain(args) => explain::run(&args),
        Command::Judge(args) => judge::run(args),
        Command::Hook(args) => hook::run(args),
    }
}
