//! An earlier report for people: as `pretty`, without the code around findings, which a report does not keep.

use crate::count::counted;
use std::io::{self, Write};

use super::document::{Credential, Document, Place, State};
use super::pretty::Paint;
use super::{Page, Render, phrase, text};
use crate::detector::Severity;

pub(super) struct Listing;

/// Places of one credential that are shown; the rest is counted.
const SHOWN_PLACES: usize = 4;
/// Things that were not scanned that are shown; the rest is counted.
const SHOWN_SKIPS: usize = 8;

impl Render for Listing {
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let paint = Paint(page.is_colored);
        document.credentials.iter().try_for_each(|credential| block(credential, document, paint, out))?;
        let skipped = &document.coverage.skipped;
        for skip in skipped.iter().take(SHOWN_SKIPS) {
            let word = if skip.incomplete { paint.yellow("not scanned:") } else { paint.dim("left out:") };
            writeln!(out, "{word} {}: {}", text::safe(&skip.what), text::safe(&skip.why.to_string()))?;
        }
        if skipped.len() > SHOWN_SKIPS {
            writeln!(out, "{}", paint.dim(format!("and {} more", skipped.len() - SHOWN_SKIPS)))?;
        }
        for notice in &document.notices {
            writeln!(out, "{} {}: {}", paint.yellow("note:"), text::safe(&notice.place), text::safe(&notice.what))?;
        }
        writeln!(out, "{}", paint.bold(summary(document)))
    }
}

fn block(credential: &Credential, document: &Document, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let state = credential.state.map(|state| format!("{} ", paint.bold(state.word()))).unwrap_or_default();
    writeln!(
        out,
        "{state}{} {}  {}  {}",
        paint.severity(credential.severity, credential.severity.word()),
        paint.bold(text::safe(&credential.title)),
        text::safe(&credential.secret),
        paint.dim(format!("{} confidence, {}", credential.confidence.word(), text::safe(&credential.detector))),
    )?;
    credential.places.iter().take(SHOWN_PLACES).try_for_each(|place| line(place, paint, out))?;
    if credential.places.len() > SHOWN_PLACES {
        writeln!(out, "  {}", paint.dim(format!("and {}", counted(credential.places.len() - SHOWN_PLACES, "more place"))))?;
    }
    if credential.state != Some(State::Fixed)
        && let Some(step) = phrase::steps(document, credential).first()
    {
        writeln!(out, "  {}", paint.green(step))?;
    }
    writeln!(out, "  {}\n", paint.dim(format!("fingerprint {}", text::safe(&credential.fingerprint))))
}

fn line(place: &Place, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let at = format!("{}:{}:{}", text::safe(&place.name()), place.line, place.column);
    write!(out, "  {} {}", paint.cyan("-->"), paint.bold(at))?;
    if let Some(bringer) = place.bringer() {
        let bringer = text::safe(bringer.strip_prefix("commit ").unwrap_or(&bringer));
        let author = place.author.as_ref().map(|author| format!(" by {}", text::safe(author))).unwrap_or_default();
        let date = place.date.map(|date| format!(" on {}", date.strftime("%Y-%m-%d"))).unwrap_or_default();
        write!(out, "  {}", paint.dim(format!("{bringer}{author}{date}")))?;
    }
    if let Some(removed) = &place.removed {
        write!(out, "  {}", paint.dim(format!("removed by {}", phrase::short(&removed.id))))?;
    }
    writeln!(out)
}

fn summary(document: &Document) -> String {
    let credentials = &document.credentials;
    let of = |state| credentials.iter().filter(|credential| credential.state == Some(state)).count();
    if credentials.iter().any(|credential| credential.state.is_some()) {
        return format!("{} new, {} still open, {} fixed", of(State::New), of(State::Open), of(State::Fixed));
    }
    let counts: Vec<String> = Severity::WORST_FIRST
        .into_iter()
        .map(|severity| (severity, credentials.iter().filter(|credential| credential.severity == severity).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {}", severity.word()))
        .collect();
    let places: usize = credentials.iter().map(|credential| credential.places.len()).sum();
    match credentials.len() {
        0 if document.complete => "no secrets found".to_owned(),
        0 => "no secrets found in what was read, but not all of it was read".to_owned(),
        n => format!("{} in {} ({})", counted(n, "credential"), counted(places, "place"), counts.join(", ")),
    }
}
