//! An outcome as bytes, in the formats that people, scripts and code hosts read.

mod json;
mod jsonl;
pub mod moment;
mod place;
mod pretty;
mod sarif;
mod text;

use std::io::{self, Write};
use std::time::Duration;

use crate::here::Here;
use crate::verdict::Outcome;

/// How an outcome is written down.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Write secrets in full instead of their masks.
    pub show_secrets: bool,
    /// Use colours.
    pub is_colored: bool,
    /// Where the user stands.
    pub here: Here,
    /// Group places by credential, worst first, instead of going from place to place.
    pub by_credential: bool,
    /// How long the scan took.
    pub elapsed: Duration,
}

/// A format.
pub trait Report: Sync {
    /// Writes the outcome.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()>;
}

/// All formats by name.
pub const FORMATS: &[(&str, &dyn Report)] =
    &[("pretty", &pretty::Pretty), ("json", &json::Json), ("jsonl", &jsonl::JsonLines), ("sarif", &sarif::Sarif)];

/// Returns the format of a name.
pub fn named(name: &str) -> Option<&'static dyn Report> {
    FORMATS.iter().find(|(format, _)| *format == name).map(|(_, report)| *report)
}

/// Returns whether a character changes the direction or joining of text, or cannot be seen.
pub fn is_invisible(c: char) -> bool {
    text::is_direction(c)
}

/// Writes everything that is to be known of one detector, for people.
///
/// # Errors
/// When the bytes cannot be written.
pub fn describe(detector: &crate::detector::Detector, out: &mut dyn Write) -> io::Result<()> {
    pretty::describe(detector, out)
}
