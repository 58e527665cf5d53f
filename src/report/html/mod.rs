//! One self-contained page for people who would rather look than read: no network, no other file, nothing runs but what we wrote.
//!
//! The page gets its data as JSON and sets it as text; its content policy allows our one style and one script by their hashes, so
//! that a hostile name in a repository cannot become markup even if we erred. The secret never is in it, whatever was asked for.
//! It is made of a report like any other format; a scan adds the lines around each place, which a report does not keep.

mod book;

use crate::count::counted;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::document::{Credential, Document, Exposure, Part, Place, Skipped, Standard};
use super::{Page, Render, Report, runbook, text};
use crate::credential;
use crate::verdict::{Outcome, Verdict};
use book::Books;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("app.js");

/// Places of one credential that are shown with their lines; the rest is counted.
const MAX_PLACES: usize = 12;
/// Lines that somebody without scripts sees.
const MAX_PLAIN: usize = 2_000;

pub(super) struct Html;

impl Report for Html {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let document = Document::of(outcome, &Page { show_secrets: false, ..page.clone() });
        Whole { document: &document, found: &outcome.credentials(), now: outcome.now }.write(out)
    }

    fn of_documents(&self) -> &dyn Render {
        &Stored
    }
}

/// The page of an earlier report, which has no lines of code.
struct Stored;

impl Render for Stored {
    fn render(&self, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        Whole { document, found: &[], now: page.started }.write(out)
    }
}

/// All that a page is made of.
struct Whole<'w> {
    document: &'w Document,
    /// What the credentials of the document were found as, in the same order, where they were found just now.
    found: &'w [credential::Credential<'w>],
    now: Timestamp,
}

impl Whole<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; connect-src 'none'; img-src 'none'",
            hash(STYLE),
            hash(SCRIPT)
        );
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>staunch: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            counted(self.document.credentials.len(), "credential")
        )?;
        let coverage = &self.document.coverage;
        let scope = format!(
            "{}, {}, {}, on {}",
            coverage.scope,
            counted(coverage.commits, "commit"),
            counted(coverage.blobs, "file version"),
            self.now.strftime("%Y-%m-%d %H:%M UTC")
        );
        frame(&text::markup(&scope), &coverage.skipped, out)?;
        plain(self.document, out)?;
        writeln!(out, "<script type=\"application/json\" id=\"data\">")?;
        self.data(out)?;
        writeln!(out, "</script>\n<script>{SCRIPT}</script>\n</body>\n</html>")
    }

    /// Writes the data, a credential at a time: all of them together would take ten times the memory of the report.
    fn data(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut books = Books::default();
        write!(out, "{{\"now\":{},\"credentials\":[", inert(&self.now)?)?;
        for (number, written) in self.document.credentials.iter().enumerate() {
            let places: &[&Verdict] = self.found.get(number).map_or(&[], |found| &found.places);
            let data = credential(written, places, self.document, self.now, &mut books)?;
            write!(out, "{}{}", if number > 0 { ",\n" } else { "\n" }, inert(&visible(data))?)?;
        }
        // Their marks are the only control characters, which JSON escapes.
        writeln!(out, "\n],\"texts\":{},\n\"books\":{}}}", inert(&books.texts())?, inert(&books.books())?)
    }
}

/// Writes JSON in which no markup can stand: `<` is only in texts, where it may be written otherwise.
fn inert(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// What stands on the page before there is data.
fn frame(scope: &str, skipped: &[Skipped], out: &mut dyn Write) -> io::Result<()> {
    let gaps: Vec<_> = skipped.iter().filter(|skip| skip.incomplete).collect();
    write!(
        out,
        "<a class=\"skip\" href=\"#list\">To the list</a>\n<header><h1>Leaked credentials</h1><p class=\"scope\">{scope}</p>\
         <button class=\"tool\" id=\"theme\" type=\"button\">Dark</button></header>\n<main>\n"
    )?;
    if !gaps.is_empty() {
        write!(out, "<div class=\"banner\" role=\"alert\"><b>Not everything could be read.</b> What is missing may hold more.<ul>")?;
        for skip in gaps.iter().take(6) {
            write!(out, "<li>{}: {}</li>", text::markup(&skip.what), text::markup(&skip.why.to_string()))?;
        }
        if gaps.len() > 6 {
            write!(out, "<li>and {} more</li>", gaps.len() - 6)?;
        }
        writeln!(out, "</ul></div>")?;
    }
    let head =
        |key: &str, name: &str| format!("<span role=\"columnheader\" data-sort=\"{key}\"><button type=\"button\">{name}</button></span>");
    let heads: String =
        [("score", "Severity"), ("title", "Credential"), ("provider", "Provider"), ("path", "Where"), ("age", "Age"), ("state", "State")]
            .iter()
            .map(|(key, name)| head(key, name))
            .collect();
    writeln!(
        out,
        "<div class=\"cards\" id=\"cards\"></div>\n\
         <section class=\"panel\" id=\"timeline\" hidden><h2>Exposure <small>from the commit that brought it to the one that took it away; what is still there goes on</small></h2>\
         <div id=\"chart\"></div></section>\n\
         <div class=\"split\"><section class=\"panel\" id=\"by-provider\"></section><section class=\"panel\" id=\"by-age\"></section><section class=\"panel\" id=\"by-state\"></section><section class=\"panel\" id=\"by-repository\" hidden></section></div>\n\
         <section class=\"panel\" id=\"list\"><div class=\"controls\">\
         <input type=\"search\" id=\"search\" placeholder=\"Filter by kind, path, author, owner, account …\" aria-label=\"Filter\">\
         <select id=\"provider\" aria-label=\"Provider\"></select><select id=\"state\" aria-label=\"State\"></select><output id=\"found\" aria-live=\"polite\"></output></div>\n\
         <div class=\"table\" role=\"table\" aria-label=\"Credentials\"><div class=\"row head\" role=\"row\">{heads}</div>\
         <div class=\"body\" id=\"body\" role=\"rowgroup\" tabindex=\"0\"><div class=\"space\" id=\"space\" role=\"presentation\"></div></div></div></section>\n</main>\n\
         <footer><kbd>/</kbd> filter &nbsp; <kbd>j</kbd> <kbd>k</kbd> or <kbd>↑</kbd> <kbd>↓</kbd> move &nbsp; <kbd>Enter</kbd> open &nbsp; <kbd>Esc</kbd> close. \
         Made by staunch {}. Secrets are masked; this page reads nothing and sends nothing.</footer>\n\
         <dialog id=\"one\" aria-labelledby=\"one-title\"><div class=\"top\"><div><h3 id=\"one-title\"></h3><span class=\"mask\" id=\"one-mask\"></span></div>\
         <span class=\"badge\" id=\"one-badge\"></span><button class=\"tool\" id=\"close\" type=\"button\" aria-label=\"Close\">Close</button></div>\
         <div class=\"content\" id=\"content\"></div></dialog>",
        env!("CARGO_PKG_VERSION")
    )
}

/// A list for those whose browser runs no scripts.
fn plain(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<noscript><main><p>Without scripts this is a list; `staunch rotate FINGERPRINT` prints what to do.</p><ol>")?;
    for credential in document.credentials.iter().take(MAX_PLAIN) {
        let place = credential.lead().map(|lead| format!("{}:{}", lead.shown(&lead.path), lead.shown_region()[0])).unwrap_or_default();
        let score = credential.score.map(|score| format!(" {score:.1}")).unwrap_or_default();
        writeln!(
            out,
            "<li>{}{score} {}, {}, {}</li>",
            credential.severity.word(),
            text::markup(&credential.title),
            text::markup(&place),
            text::markup(&credential.fingerprint)
        )?;
    }
    writeln!(out, "</ol></main></noscript>")
}

fn credential(
    written: &Credential,
    found: &[&Verdict],
    document: &Document,
    now: Timestamp,
    books: &mut Books,
) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(Credential {
        places: Vec::new(),
        evidence: Vec::new(),
        standards: Vec::new(),
        exposure: Exposure { refs: Vec::new(), ..written.exposure.clone() },
        secret: text::masked(&written.secret).into(),
        parts: written.parts.iter().map(|part| Part { secret: text::masked(&part.secret).into(), ..part.clone() }).collect(),
        ..written.clone()
    })?;
    value["exposed"] = json!(written.exposure.how_long());
    value["evidence"] = written.evidence.iter().map(|clue| json!([books.text(&clue.what), clue.weight])).collect();
    let standard = |standard: &Standard| json!([books.text(&standard.id), books.text(&standard.title), books.text(&standard.why)]);
    value["standards"] = written.standards.iter().map(standard).collect();
    let kind = document.detectors.get(&written.detector);
    value["reaches"] = json!(books.text(kind.map_or("", |kind| &kind.guidance.reaches)));
    value["place_count"] = json!(written.places.len());
    let shown = written.places.iter().take(MAX_PLACES).enumerate();
    value["places"] = shown.map(|(number, written)| place(written, found.get(number).copied())).collect::<Result<_, _>>()?;
    value["runbook"] = books.add(&runbook::of_document(written, &document.detectors, now), written);
    Ok(value)
}

fn place(written: &Place, found: Option<&Verdict>) -> serde_json::Result<Value> {
    // The page tells how many refs there are; their names are most of what a place takes.
    let secret = written.secret.as_deref().map(|secret| text::masked(secret).into());
    let mut value = serde_json::to_value(Place { secret, refs: Vec::new(), ..written.clone() })?;
    let [first, _, last, _] = written.shown_region();
    value["path"] = json!(written.shown(&written.path));
    value["line"] = json!(first);
    value["in_head"] = json!(written.head_line.is_some());
    let Some(found) = found else { return Ok(value) };
    let excerpt = found.context.at_head.as_ref().map_or(&found.finding.excerpt, |head| &head.excerpt);
    let line = |line: &crate::finding::ExcerptLine| json!({ "number": line.number, "text": text::line(line, false), "own": (first..=last).contains(&line.number) });
    // Of a key over many lines the first one says how long it is.
    let is_telling = |line: &&crate::finding::ExcerptLine| line.number == first || text::line(line, false) != "…";
    value["excerpt"] = excerpt.iter().filter(is_telling).map(line).collect();
    Ok(value)
}

/// Makes visible in all texts what would hide or turn them round.
fn visible(value: Value) -> Value {
    match value {
        Value::String(said) if text::is_safe(&said) => Value::String(said),
        Value::String(said) => Value::String(text::safe(&said)),
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, visible(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}
