//! What formats for code hosts say of a credential in a sentence or two, without markup.

use super::document::{Credential, Document, Expiry, Kind, Place};
use super::text;

/// Says what it is, how sure we are, who brought it and where else it is.
pub(super) fn of(credential: &Credential) -> String {
    let mut said = format!("{}.", headline(credential));
    if let Some(place) = credential.lead() {
        said.push_str(&came(place));
    }
    if let Some(Expiry { expired, at: Some(at), .. }) = credential.expiry {
        said.push_str(&format!(" {} on {}.", if expired { "Expired" } else { "Expires" }, at.strftime("%Y-%m-%d")));
    }
    match credential.places.len() {
        0 | 1 => {}
        2 => said.push_str(" It is in one more place."),
        count => said.push_str(&format!(" It is in {} more places.", count - 1)),
    }
    said.push_str(" Revoke it, then remove it.");
    said
}

/// Says what it is, and how sure we are.
pub(super) fn headline(credential: &Credential) -> String {
    let (title, secret) = (text::safe(&credential.title), text::safe(&credential.secret));
    format!("{title} '{secret}' ({} confidence)", credential.confidence.word())
}

fn came(place: &Place) -> String {
    let mut said = String::new();
    if let Some(member) = place.shown_member() {
        said.push_str(&format!(" In the archive it is in {}, line {}.", text::safe(member), place.shown_region()[0]));
    }
    if let (Some(bringer), Some(date)) = (place.bringer(), place.date) {
        said.push_str(&format!(" Brought by {} on {}.", text::safe(&bringer), date.strftime("%Y-%m-%d")));
    }
    if let Some(removed) = &place.removed {
        let date = removed.date.strftime("%Y-%m-%d");
        said.push_str(&format!(" Removed by commit {} on {date}, but the history still has it.", short(&removed.id)));
    }
    said
}

/// Ten digits tell commits apart; what another program calls a commit may be anything.
pub(super) fn short(id: &str) -> String {
    text::safe(&id.chars().take(10).collect::<String>())
}

/// Returns the steps that revoke and replace a credential, one a line.
pub(super) fn steps(document: &Document, credential: &Credential) -> Vec<String> {
    document.detectors.get(&credential.detector).map(steps_of).unwrap_or_default()
}

fn steps_of(kind: &Kind) -> Vec<String> {
    let revoke = Some(&kind.guidance.revoke.console).filter(|page| !page.is_empty()).map(|page| format!("Revoke it: {page}"));
    let commands = kind.guidance.revoke.cli.iter().map(|command| format!("Revoke it: {command}"));
    let numbered = (1..).zip(kind.guidance.rotate.iter()).map(|(number, step)| format!("{number}. {step}"));
    revoke.into_iter().chain(commands).chain(numbered).map(|step| text::safe(&step)).collect()
}

/// Cuts a text to so many characters, and shows that it was cut.
pub(super) fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max_chars - 1).collect();
    cut.push('…');
    cut
}
