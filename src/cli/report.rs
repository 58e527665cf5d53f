//! `staunch report`.

use std::io::{self, Write as _};

use staunch::report::document;

use super::args::{ReportArgs, ReportCommand};
use super::exit::{Exit, Failure};

pub(super) fn run(args: ReportArgs) -> Result<Exit, Failure> {
    match args.command {
        ReportCommand::Schema => {
            let text = serde_json::to_string_pretty(&document::json_schema()).map_err(Failure::new)?;
            writeln!(io::stdout(), "{text}")?;
            Ok(Exit::Clean)
        }
    }
}
