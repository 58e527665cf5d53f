//! A runbook: what to do about one credential, in order, with everything filled in that is known.
//!
//! It never holds the secret. Where a command needs it, the shell reads it from the object database; where a value is not known,
//! the command keeps `$NAME` and a list says what to put there. Values from files are hostile: only plain ones go into a command.

mod placeholder;
mod plan;
mod stage;
mod write;

use bstr::ByteSlice as _;
use jiff::Timestamp;

pub use plan::{Ground, plan};
pub use stage::Stage;
pub use write::{inert as markdown_text, markdown, text};

use crate::chunk::Origin;
use crate::credential::Credential;
use crate::finding::Finding;
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
}

/// Writes the runbook of a credential; `stage` is how far it got, if somebody knows better than the repository.
pub fn of(credential: &Credential<'_>, now: Timestamp, stage: Option<Stage>, here: &Here) -> Runbook {
    let stage = stage.unwrap_or_else(|| Stage::of(credential));
    let finding = &credential.lead().finding;
    let mut blanks = Blanks::new(credential, now);
    let mut sections = vec![Section { title: "What this means".into(), items: stage.meaning() }];
    let revoke = revoke(credential, &mut blanks);
    let replace = replace(credential, &mut blanks);
    match stage {
        Stage::Staged => {}
        Stage::Committed => {
            sections.push(Section { title: "Take it out of the commits that nobody has yet".into(), items: stage::local(credential, here) })
        }
        Stage::Private => sections.extend([replace, revoke]),
        Stage::Public => sections.extend([revoke, replace]),
    }
    if stage >= Stage::Private {
        sections.push(investigate(credential, &mut blanks));
    }
    sections.push(uses(credential, here));
    sections.push(prevent(finding));
    if stage >= Stage::Private {
        sections.push(proof(credential, &mut blanks));
        sections.push(Section { title: "Only then: the history".into(), items: stage::history(credential) });
    }
    // What the commands need comes before them.
    if let Some(blanks) = blanks.section() {
        sections.insert(1, blanks);
    }
    sections.retain(|section| !section.items.is_empty());
    Runbook { title: format!("{} {}", finding.detector.title, finding.secret.mask()), known: known(credential, here), sections }
}

fn known(credential: &Credential<'_>, here: &Here) -> Vec<(String, String)> {
    let finding = &credential.lead().finding;
    let mut known: Vec<(String, String)> = vec![
        ("fingerprint".into(), finding.fingerprint.to_string()),
        ("provider".into(), finding.detector.provider.to_string()),
        ("severity".into(), format!("{} {}", credential.severity().word(), credential.score.text())),
        ("place".into(), format!("{}:{}", here.from_here(&finding.origin), finding.start.line)),
    ];
    known.extend(credential.identity.facts().iter().map(|fact| (fact.about.word().replace('_', " "), fact.value.clone())));
    known.extend(credential.exposure.words().into_iter().map(|said| ("exposure".to_owned(), said)));
    let owners: Vec<&str> = credential.owners().into_iter().collect();
    if !owners.is_empty() {
        known.push(("owner".into(), owners.join(" ")));
    }
    if let Some(commit) = credential.lead().brought_by() {
        known.push(("brought by".into(), format!("{} <{}> in {}", commit.author, commit.email, commit.id.to_hex_with_len(12))));
    }
    if let Some(commit) = &credential.lead().context.touched {
        known.push(("line last changed by".into(), format!("{} <{}> in {}", commit.author, commit.email, commit.id.to_hex_with_len(12))));
    }
    known
}

fn revoke(credential: &Credential<'_>, blanks: &mut Blanks) -> Section {
    let guidance = &credential.lead().finding.detector.guidance;
    let mut items = Vec::new();
    let mut note = |label: &str, text: &str| {
        if !text.is_empty() {
            items.push(Item::Note(format!("{label}: {}", blanks.fill(text))));
        }
    };
    note("Who can do it", &guidance.who_can_revoke);
    note("By hand", &guidance.revoke.console);
    note("Can it be undone", &guidance.revoke.reversible);
    note("What the issuer does by itself", &guidance.automatic);
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

fn replace(credential: &Credential<'_>, blanks: &mut Blanks) -> Section {
    let guidance = &credential.lead().finding.detector.guidance;
    let steps = guidance.rotate.iter().take(guidance.rotate.len().saturating_sub(1));
    Section { title: "Replace it".into(), items: steps.map(|step| Item::Step(blanks.fill(step))).collect() }
}

fn investigate(credential: &Credential<'_>, blanks: &mut Blanks) -> Section {
    let guidance = &credential.lead().finding.detector.guidance;
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
fn uses(credential: &Credential<'_>, here: &Here) -> Section {
    let mut items: Vec<Item> = Vec::new();
    let names: Vec<&str> = credential.reuse.names.iter().map(String::as_str).collect();
    if !names.is_empty() {
        items.push(Item::Note(format!("Variables: {}", names.join(", "))));
    }
    let mut files: Vec<String> = Vec::new();
    for verdict in &credential.places {
        let head = verdict.context.at_head.as_ref();
        let when = match (head, verdict.finding.origin.path()) {
            (Some(head), _) => format!(":{} (in HEAD)", head.start.line),
            (None, Some(_)) => format!(":{}", verdict.finding.start.line),
            (None, None) => String::new(),
        };
        let file = format!("{}{when}", here.from_here(&verdict.finding.origin));
        if !files.contains(&file) {
            files.push(file);
        }
    }
    let count = files.len();
    items.extend(files.into_iter().take(MAX_FILES).map(Item::Note));
    if count > MAX_FILES {
        items.push(Item::Note(format!("and {} more", count - MAX_FILES)));
    }
    Section { title: "Where it is used here".into(), items }
}

/// More places are counted: a ticket is read by people.
const MAX_FILES: usize = 30;

fn prevent(finding: &Finding) -> Section {
    let guidance = &finding.detector.guidance;
    let mut items = Vec::new();
    if !guidance.prevent.is_empty() {
        items.push(Item::Note(format!("Instead of a stored secret: {}", guidance.prevent)));
    }
    items.extend(guidance.references.iter().map(|reference| Item::Note(reference.to_string())));
    Section { title: "For good".into(), items }
}

fn proof(credential: &Credential<'_>, blanks: &mut Blanks) -> Section {
    let finding = &credential.lead().finding;
    let mut items: Vec<Item> = finding.detector.guidance.rotate.last().map(|step| Item::Step(blanks.fill(step))).into_iter().collect();
    items.push(Item::Command(format!("staunch ledger set {} revoked --evidence 'HOW IT WAS CONFIRMED'", finding.fingerprint)));
    Section { title: "Prove that it is dead".into(), items }
}

/// Returns the command that reads the secret from where it lies; nothing where that has no name a shell could take.
fn reading(finding: &Finding) -> Option<String> {
    let cut = format!("tail -c +{} | head -c {}", finding.span.start + 1, finding.span.len());
    let command = match &finding.origin {
        Origin::Committed { path, commit } => {
            format!("git cat-file blob {} | {cut}", quoted(&format!("{commit}:{}", path.to_str().ok()?))?)
        }
        Origin::Staged { path } => format!("git cat-file blob {} | {cut}", quoted(&format!(":{}", path.to_str().ok()?))?),
        Origin::File { path } => format!("cat {} | {cut}", quoted(&format!("./{}", path.to_str().ok()?))?),
        Origin::Blob { id } => format!("git cat-file blob {id} | {cut}"),
        // Only a part of these was scanned, so where it starts in the whole is not known.
        Origin::Commit { .. } | Origin::Tag { .. } => return None,
    };
    Some(format!("LEAKED=\"$({command})\""))
}

/// Quotes a text for a shell; nothing for one that could not be read on a screen either.
fn quoted(text: &str) -> Option<String> {
    let is_plain = text.chars().all(|c| !c.is_control() && !super::is_invisible(c));
    is_plain.then(|| format!("'{}'", text.replace('\'', "'\\''")))
}
