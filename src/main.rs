//! The `staunch` command: all it does is in `cli`; only here the process ends.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}

/// Ends the process where it is: somebody asked twice and will not wait for what was going on.
#[expect(clippy::exit, reason = "the second Ctrl-C; everything else returns an exit code")]
fn leave() -> ! {
    std::process::exit(2)
}
