//! Markdown, for comments on pull requests, job summaries and tickets.
//!
//! Names of files and what commits say are hostile: every mark of theirs is written as an entity, and they stand in
//! `<code>`, where code hosts make no mentions and no links of them.

use crate::count::counted;
use std::io::{self, Write};

use super::document::{Credential, Document, Place, State};
use super::{Page, Render, phrase, text};
use crate::detector::Severity;

pub(super) struct Markdown;

/// Credentials that are told in full; a job summary holds 1 MiB, and nobody reads further.
const MAX_TOLD: usize = 200;
/// Places of a credential that are named.
const SHOWN_PLACES: usize = 10;

impl Render for Markdown {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "## {}\n", headline(document))?;
        let gaps: Vec<_> = document.coverage.skipped.iter().filter(|skip| skip.incomplete).collect();
        if !gaps.is_empty() {
            writeln!(out, "**Not everything was read**, so this is no complete result:\n")?;
            gaps.iter().take(MAX_TOLD).try_for_each(|skip| writeln!(out, "- {}: {}", code(&skip.what), plain(&skip.why.to_string())))?;
            if gaps.len() > MAX_TOLD {
                writeln!(out, "- and {} more", gaps.len() - MAX_TOLD)?;
            }
            writeln!(out)?;
        }
        if document.credentials.is_empty() {
            return Ok(());
        }
        table(document, out)?;
        document.credentials.iter().take(MAX_TOLD).try_for_each(|credential| details(credential, document, out))?;
        if document.credentials.len() > MAX_TOLD {
            writeln!(out, "and {} of lower severity", counted(document.credentials.len() - MAX_TOLD, "more credential"))?;
        }
        Ok(())
    }
}

fn headline(document: &Document) -> String {
    let count = document.credentials.len();
    let states = [(State::New, "new"), (State::Open, "still open"), (State::Fixed, "fixed")];
    let of_state = |state| document.credentials.iter().filter(|credential| credential.state == Some(state)).count();
    if document.credentials.iter().any(|credential| credential.state.is_some()) {
        let told: Vec<String> = states.iter().map(|&(state, word)| format!("{} {word}", of_state(state))).collect();
        return format!("Credentials: {}", told.join(", "));
    }
    let told: Vec<String> = Severity::WORST_FIRST
        .into_iter()
        .map(|severity| (severity, document.credentials.iter().filter(|credential| credential.severity == severity).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {}", severity.word()))
        .collect();
    match count {
        0 if document.complete => "No credentials found".to_owned(),
        0 => "No credentials found in what was read".to_owned(),
        1 => format!("One credential found ({})", told.join(", ")),
        _ => format!("{count} credentials found ({})", told.join(", ")),
    }
}

fn table(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let has_states = document.credentials.iter().any(|credential| credential.state.is_some());
    let state_head = if has_states { " State |" } else { "" };
    let state_rule = if has_states { "---|" } else { "" };
    writeln!(out, "|{state_head} Severity | What | Value | Where | Places |")?;
    writeln!(out, "|{state_rule}---|---|---|---|--:|")?;
    for credential in document.credentials.iter().take(MAX_TOLD) {
        let state = credential.state.map(|state| format!(" {} |", state.word())).unwrap_or_default();
        writeln!(
            out,
            "|{state} {} | {} | {} | {} | {} |",
            credential.severity.word(),
            plain(&credential.title),
            code(&credential.secret),
            credential.lead().map(at).unwrap_or_default(),
            credential.places.len()
        )?;
    }
    writeln!(out)
}

fn at(place: &Place) -> String {
    if !place.is_shown() {
        return code(&format!("{}:{}", place.named(place.top_path()), place.line));
    }
    code(&format!("{}:{}", place.shown(place.top_path()), place.shown_region()[0]))
}

fn details(credential: &Credential, document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let headline = format!("{} {} ({} confidence)", plain(&credential.title), code(&credential.secret), credential.confidence.word());
    writeln!(out, "<details><summary>{}: {headline}</summary>\n", credential.severity.word())?;
    for place in credential.places.iter().take(SHOWN_PLACES) {
        let within = place.layer.map(|layer| format!(" in {}", layer.word())).unwrap_or_default();
        writeln!(out, "- {}{within}{}", at(place), came(place))?;
    }
    if credential.places.len() > SHOWN_PLACES {
        writeln!(out, "- and {}", counted(credential.places.len() - SHOWN_PLACES, "more place"))?;
    }
    if let Some(exposed) = credential.exposure.how_long() {
        writeln!(out, "- exposed: {}", plain(&exposed))?;
    }
    let steps = phrase::steps(document, credential);
    if !steps.is_empty() {
        writeln!(out, "\nWhat to do:\n")?;
        steps.iter().try_for_each(|step| writeln!(out, "- {}", plain(step)))?;
    }
    writeln!(out, "\nFingerprint {}\n\n</details>\n", code(&credential.fingerprint))
}

fn came(place: &Place) -> String {
    let mut said = String::new();
    if let (Some(bringer), Some(date)) = (place.bringer(), place.date) {
        let bringer = bringer.strip_prefix("commit ").unwrap_or(&bringer);
        said.push_str(&format!(", brought by {} on {}", code(bringer), date.strftime("%Y-%m-%d")));
        if let Some(author) = &place.author {
            said.push_str(&format!(" by {}", code(author)));
        }
    }
    if let Some(removed) = &place.removed {
        said.push_str(&format!(", removed by {} on {}", code(&phrase::short(&removed.id)), removed.date.strftime("%Y-%m-%d")));
    }
    said
}

/// Text of somebody else's, as it is, whatever is in it.
fn code(said: &str) -> String {
    format!("<code>{}</code>", plain(said))
}

/// Text in which no mark means anything.
fn plain(said: &str) -> String {
    let mut plain = String::with_capacity(said.len());
    for c in text::safe(said).chars() {
        if c.is_ascii_punctuation() {
            plain.push_str(&format!("&#{};", u32::from(c)));
        } else {
            plain.push(c);
        }
    }
    plain
}
