//! The `staunch` command: all it does is in `cli`; only here the process ends.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
