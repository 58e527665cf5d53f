//! An outcome as bytes, in the formats that people, scripts and code hosts read.

mod bitbucket;
mod codequality;
mod csv;
pub mod document;
mod files;
mod github;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod listing;
mod markdown;
pub mod moment;
mod phrase;
mod place;
mod pretty;
pub mod read;
pub mod runbook;
mod sarif;
mod sonarqube;
mod template;
mod text;
mod toon;

use std::io::{self, Write};
use std::time::Duration;

pub use document::Document;
pub use files::Files;
pub use template::{Error as TemplateError, Template};

use jiff::Timestamp;

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
    /// What was scanned, as far as a code host must know it.
    pub subject: document::Subject,
    /// Where the files that a code host shows can be read again.
    pub files: Files,
    /// Write what is suppressed as well, marked as such, where the format has a place for it.
    pub with_suppressed: bool,
    /// When the scan began; the start of 1970 where that does not matter.
    pub started: Timestamp,
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

    /// Returns the same format for a report that was written down.
    fn of_documents(&self) -> &dyn Render;

    /// Returns whether it shows more of a scan than a document keeps, such as the code around a finding, or less.
    fn is_of_scans(&self) -> bool {
        true
    }
}

/// A format that is made of a report that was written down, and so of an earlier one as well.
pub trait Render: Sync {
    /// Writes the document.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()>;

    /// Returns how many credentials are left out, and why, where who reads the format takes no more.
    fn left_out(&self, _document: &Document, _page: &Page) -> Option<LeftOut> {
        None
    }
}

/// What a format had to leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// How many credentials.
    pub credentials: usize,
    /// Whose limit it is.
    pub limit: &'static str,
}

impl<R: Render> Report for R {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        self.render(&Document::of(outcome, page), page, out)
    }

    fn of_documents(&self) -> &dyn Render {
        self
    }

    fn is_of_scans(&self) -> bool {
        false
    }
}

/// All formats by name.
pub const FORMATS: &[(&str, &dyn Report)] = &[
    ("pretty", &pretty::Pretty),
    ("html", &html::Html),
    ("json", &json::Json),
    ("jsonl", &jsonl::JsonLines),
    ("sarif", &sarif::Sarif),
    ("github", &github::GitHub),
    ("github-summary", &github::Summary),
    ("markdown", &markdown::Markdown),
    ("csv", &csv::Csv),
    ("junit", &junit::JUnit),
    ("gitlab", &gitlab::GitLab),
    ("gitlab-codequality", &codequality::CodeQuality),
    ("bitbucket", &bitbucket::Bitbucket),
    ("sonarqube", &sonarqube::SonarQube),
    ("toon", &toon::Toon),
];

/// Returns the format of a name.
pub fn named(name: &str) -> Option<&'static dyn Report> {
    FORMATS.iter().find(|(format, _)| *format == name).map(|(_, report)| *report)
}

/// Returns a text of a file as a terminal may see it.
pub fn plain(said: &str) -> String {
    text::safe(said)
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
