//! One JSON object a line for each place, for scripts that read as they go.

use std::io::{self, Write};

use super::{Page, Report, json};
use crate::verdict::Outcome;

pub(super) struct JsonLines;

impl Report for JsonLines {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        for verdict in outcome.reported() {
            serde_json::to_writer(&mut *out, &json::occurrence(verdict, page))?;
            writeln!(out)?;
        }
        Ok(())
    }
}
