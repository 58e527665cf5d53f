//! A runbook: what to do about one credential, in order, with everything filled in that is known.
//!
//! It never holds the secret. Where a command needs it, the shell reads it from the object database; where a value is not known,
//! the command keeps `$NAME` and a list says what to put there. Values from files are hostile: only plain ones go into a command.

mod placeholder;
mod plan;
mod stage;
mod write;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use plan::{Ground, plan};
pub use stage::Stage;
pub use write::{inert as markdown_text, markdown, text};

use super::Page;
use super::document::{Credential, Kind, OriginKind, Place, Shared};
use crate::credential;
use crate::detector::{Guidance, Text};
use crate::here::Here;
use placeholder::Blanks;

/// What to do about one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook {
    /// What it is about.
    pub title: String,
    /// What is known, as pairs of a label and a text.
    pub known: Vec<(String, String)>,
    /// The sections in the order in which they are to be done.
    pub sections: Vec<Section>,
}

/// A part of a runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it achieves.
    pub title: String,
    /// What to do.
    pub items: Vec<Item>,
}

/// One thing to do or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A step, to be ticked off.
    Step(String),
    /// A command, to be copied.
    Command(String),
    /// Something to know.
    Note(String),
    /// The address of a page to open: of the issuer, never out of a scanned file.
    Page(String),
}

/// Writes the runbook of a credential that was just found; `stage` is how far it got, if somebody knows better than the repository.
pub fn of(found: &credential::Credential<'_>, now: Timestamp, stage: Option<Stage>, here: &Here) -> Runbook {
    let credential = Credential::of(found, &Page { here: here.clone(), ..Page::default() });
    of_written(&credential, &found.lead().finding.detector.guidance, now, stage)
}

/// Writes the runbook of a credential of a report.
pub(super) fn of_document(credential: &Credential, detectors: &BTreeMap<Shared, Kind>, now: Timestamp) -> Runbook {
    let guidance = detectors.get(&credential.detector).map(|kind| &kind.guidance);
    of_written(credential, guidance.unwrap_or(&Guidance::default()), now, None)
}

fn of_written(credential: &Credential, guidance: &Guidance, now: Timestamp, stage: Option<Stage>) -> Runbook {
    let stage = stage.unwrap_or_else(|| Stage::of(credential));
    let mut blanks = Blanks::new(credential, now);
    let mut sections = vec![Section { title: "What this means".into(), items: stage.meaning() }];
    let revoke = revoke(guidance, &mut blanks);
    let replace = replace(guidance, &mut blanks);
    match stage {
        Stage::Staged => {}
        Stage::Committed => {
            sections.push(Section { title: "Take it out of the commits that nobody has yet".into(), items: stage::local(credential) })
        }
        Stage::Private => sections.extend([replace, revoke]),
        Stage::Public => sections.extend([revoke, replace]),
    }
    if stage >= Stage::Private {
        sections.push(investigate(guidance, &mut blanks));
    }
    sections.push(uses(credential));
    sections.push(prevent(guidance));
    if stage >= Stage::Private {
        sections.push(proof(credential, guidance, &mut blanks));
        sections.push(Section { title: "Only then: the history".into(), items: stage::history(credential) });
    }
    // What the commands need comes before them.
    if let Some(blanks) = blanks.section() {
        sections.insert(1, blanks);
    }
    sections.retain(|section| !section.items.is_empty());
    Runbook { title: format!("{} {}", credential.title, credential.secret), known: known(credential), sections }
}

fn known(credential: &Credential) -> Vec<(String, String)> {
    let score = credential.score.map(|score| format!(" {score:.1}")).unwrap_or_default();
    let mut known: Vec<(String, String)> = vec![
        ("fingerprint".into(), credential.fingerprint.to_string()),
        ("provider".into(), credential.provider.to_string()),
        ("severity".into(), format!("{}{score}", credential.severity.word())),
    ];
    let lead = credential.lead();
    known.extend(lead.map(|lead| ("place".to_owned(), format!("{}:{}", lead.name(), lead.line))));
    known.extend(credential.identity.iter().map(|(about, said)| (about.replace('_', " "), said.clone())));
    known.extend(credential.exposure.words().into_iter().map(|said| ("exposure".to_owned(), said)));
    if !credential.owners.is_empty() {
        known.push(("owner".into(), credential.owners.join(" ")));
    }
    if let Some(Place { commit: Some(id), author: Some(author), email: Some(email), .. }) = lead {
        known.push(("brought by".into(), format!("{author} <{email}> in {}", short(id))));
    }
    if let Some(touched) = lead.and_then(|lead| lead.touched.as_ref()) {
        known.push(("line last changed by".into(), format!("{} <{}> in {}", touched.author, touched.email, short(&touched.id))));
    }
    known
}

/// Twelve digits, as people paste them.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

fn revoke(guidance: &Guidance, blanks: &mut Blanks) -> Section {
    let mut items = Vec::new();
    let mut note = |label: &str, text: &str| {
        if !text.is_empty() {
            items.push(Item::Note(format!("{label}: {}", blanks.fill(text))));
        }
    };
    note("Who can do it", &guidance.who_can_revoke);
    if !is_address(&guidance.revoke.console) {
        note("By hand", &guidance.revoke.console);
    }
    note("Can it be undone", &guidance.revoke.reversible);
    note("What the issuer does by itself", &guidance.automatic);
    if is_address(&guidance.revoke.console) {
        items.push(Item::Note("By hand:".into()));
        items.push(Item::Page(guidance.revoke.console.to_string()));
    }
    for command in guidance.revoke.cli.iter() {
        items.push(Item::Command(blanks.fill(command)));
    }
    for call in guidance.revoke.api.iter() {
        let body = if call.body.is_empty() { String::new() } else { format!(" with the body {}", blanks.fill(&call.body)) };
        let auth = if call.auth.is_empty() { String::new() } else { format!(", authorised by {}", blanks.fill(&call.auth)) };
        let success = if call.success.is_empty() { String::new() } else { format!("; success is {}", call.success) };
        items.push(Item::Note(format!("By request: {} {}{body}{auth}{success}", call.method, blanks.fill(&call.url))));
        if !call.revokes_itself.is_empty() {
            items.push(Item::Note(format!("Can the leaked value do it itself: {}", call.revokes_itself)));
        }
    }
    Section { title: "Revoke it".into(), items }
}

fn replace(guidance: &Guidance, blanks: &mut Blanks) -> Section {
    let steps = guidance.rotate.iter().take(guidance.rotate.len().saturating_sub(1));
    Section { title: "Replace it".into(), items: steps.map(|step| Item::Step(blanks.fill(step))).collect() }
}

fn investigate(guidance: &Guidance, blanks: &mut Blanks) -> Section {
    let mut items = Vec::new();
    if let Some(window) = blanks.window() {
        items.push(Item::Note(window));
    }
    if !guidance.investigate.logs.is_empty() {
        items.push(Item::Note(format!("Where its use is recorded: {}", blanks.fill(&guidance.investigate.logs))));
    }
    items.extend(guidance.investigate.queries.iter().map(|query| Item::Command(blanks.fill(query))));
    if !guidance.reaches.is_empty() {
        items.push(Item::Note(format!("What it reaches: {}", blanks.fill(&guidance.reaches))));
    }
    if !guidance.enumerate.is_empty() {
        items.push(Item::Note(format!("How to list that: {}", blanks.fill(&guidance.enumerate))));
    }
    Section { title: "Find out whether somebody used it".into(), items }
}

/// Where it is used here: what must get the new value.
fn uses(credential: &Credential) -> Section {
    let mut items: Vec<Item> = Vec::new();
    let names: Vec<&str> = credential.reuse.names.iter().map(String::as_str).collect();
    if !names.is_empty() {
        items.push(Item::Note(format!("Variables: {}", names.join(", "))));
    }
    let mut files: Vec<String> = Vec::new();
    for place in &credential.places {
        let when = match place.head_line {
            Some(line) => format!(":{line} (in HEAD)"),
            None if place.has_path() => format!(":{}", place.line),
            None => String::new(),
        };
        let repository = place.repository.as_ref().filter(|_| inside(place) == place.top_path());
        let repository = repository.map(|repository| format!("{repository}: ")).unwrap_or_default();
        let file = format!("{repository}{}{when}", place.shown(&place.path));
        if !files.contains(&file) {
            files.push(file);
        }
        if files.len() > MAX_FILES {
            break;
        }
    }
    let is_cut = files.len() > MAX_FILES;
    items.extend(files.into_iter().take(MAX_FILES).map(Item::Note));
    if is_cut {
        items.push(Item::Note(format!("and more: {} places in all", credential.places.len())));
    }
    Section { title: "Where it is used here".into(), items }
}

/// More places are counted: a ticket is read by people.
const MAX_FILES: usize = 30;

fn prevent(guidance: &Guidance) -> Section {
    let mut items = Vec::new();
    if !guidance.prevent.is_empty() {
        items.push(Item::Note(format!("Instead of a stored secret: {}", guidance.prevent)));
    }
    let page = |reference: &Text| if is_address(reference) { Item::Page(reference.to_string()) } else { Item::Note(reference.to_string()) };
    items.extend(guidance.references.iter().map(page));
    Section { title: "For good".into(), items }
}

fn proof(credential: &Credential, guidance: &Guidance, blanks: &mut Blanks) -> Section {
    let mut items: Vec<Item> = guidance.rotate.last().map(|step| Item::Step(blanks.fill(step))).into_iter().collect();
    items.push(Item::Command(format!("staunch ledger set {} revoked --evidence 'HOW IT WAS CONFIRMED'", credential.fingerprint)));
    Section { title: "Prove that it is dead".into(), items }
}

/// Whether a text is the address of one page, whole, without blanks, in characters that mean nothing elsewhere.
fn is_address(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!&+,;=%".contains(&byte);
    text.starts_with("https://") && text.bytes().all(is_plain)
}

/// Returns the command that prints the secret from the first place where one can.
fn reading_of(credential: &Credential) -> Option<String> {
    let is_own = |place: &&Place| place.fingerprint.as_ref().is_none_or(|own| *own == credential.fingerprint);
    credential.places.iter().filter(is_own).find_map(reading)
}

/// Returns the command that prints the secret from where it lies; nothing where that has no name a shell could take.
///
/// What is encoded or packed is another text than the secret: then a person has to read it.
fn reading(place: &Place) -> Option<String> {
    if place.layer.is_some() || place.member().is_some() {
        return None;
    }
    let cut = format!("tail -c +{} | head -c {}", place.offset?.saturating_add(1), place.byte_count?);
    let cut = place.encoding.map_or_else(|| cut.clone(), |order| format!("{cut} | iconv -f {} -t UTF-8", order.word()));
    // What was no text in a path is not the same any more.
    let path = Some(inside(place)).filter(|path| !path.contains('\u{fffd}'));
    Some(match place.origin {
        OriginKind::Committed => format!("git cat-file blob {} | {cut}", quoted(&format!("{}:{}", place.commit.as_ref()?, path?))?),
        OriginKind::Staged => format!("git cat-file blob {} | {cut}", quoted(&format!(":{}", path?))?),
        OriginKind::File if place.repository.is_none() => format!("cat {} | {cut}", quoted(&format!("./{}", path.map(|_| &*place.path)?))?),
        OriginKind::File => format!("cat {} | {cut}", quoted(&format!("./{}", path?))?),
        OriginKind::Blob => format!("git cat-file blob {} | {cut}", place.path.strip_prefix("blob ").filter(|id| is_hex(id))?),
        OriginKind::CommitMessage => format!("git cat-file commit {} | {cut}", place.path.strip_prefix("commit ").filter(|id| is_hex(id))?),
        OriginKind::TagMessage => format!("git cat-file tag {} | {cut}", place.path.strip_prefix("tag ").filter(|id| is_hex(id))?),
    })
}

/// Returns the path within its own repository: merged reports put the name of the repository before it.
fn inside(place: &Place) -> &str {
    let below = |repository: &Shared| place.top_path().strip_prefix(&**repository)?.strip_prefix('/');
    place.repository.as_ref().and_then(below).unwrap_or_else(|| place.top_path())
}

/// Whether something may stand in a command as the name of an object: reports are read from files as well.
fn is_hex(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Quotes a text for a shell; nothing for one that could not be read on a screen either.
fn quoted(text: &str) -> Option<String> {
    let is_plain = text.chars().all(|c| !c.is_control() && !super::is_invisible(c));
    is_plain.then(|| format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn only_a_whole_plain_address_is_a_page_to_open() {
        for (text, is) in [
            ("https://acme.example/settings/tokens?x=1&y=2#z", true),
            ("http://acme.example/", false),
            ("javascript:alert(1)", false),
            ("https://acme.example/ and then the second button", false),
            ("https://$SITE.acme.example/", false),
            ("https://acme.example/<b>", false),
        ] {
            assert_eq!(is_address(text), is, "{text}");
        }
    }
}
