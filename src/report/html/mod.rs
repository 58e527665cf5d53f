//! One self-contained page for people who would rather look than read: no network, no other file, nothing runs but what we wrote.
//!
//! The page gets its data as JSON and sets it as text; its content policy allows our one style and one script by their hashes, so
//! that a hostile name in a repository cannot become markup even if we erred. The secret never is in it, whatever was asked for.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::document::{Credential as Written, Document, Place};
use super::runbook::{self, Item};
use super::{Page, Report, text};
use crate::credential::Credential;
use crate::verdict::{Outcome, Verdict};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("app.js");

/// Runbooks take five kilobytes each; of more credentials the page shows the command that prints them.
const MAX_RUNBOOKS: usize = 400;
/// Places of one credential that are shown with their lines; the rest is counted.
const MAX_PLACES: usize = 12;
/// Lines that somebody without scripts sees.
const MAX_PLAIN: usize = 2_000;

pub(super) struct Html;

impl Report for Html {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let page = &Page { show_secrets: false, ..page.clone() };
        let credentials = outcome.credentials();
        let written = Document::of(outcome, page).credentials;
        let found = credentials.iter().zip(&written).enumerate();
        let found: Vec<Value> =
            found.map(|(rank, (found, written))| credential(found, written, rank, outcome, page)).collect::<Result<_, _>>()?;
        let data = json!({ "now": outcome.now, "credentials": found });
        let coverage = &outcome.coverage;
        let scope = format!(
            "{}, {} commits, {} file versions, on {}",
            coverage.scope,
            coverage.commits,
            coverage.blobs,
            outcome.now.strftime("%Y-%m-%d %H:%M UTC")
        );
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
             <title>staunch: {} credentials</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            credentials.len()
        )?;
        frame(&text::markup(&scope), outcome, out)?;
        plain(&credentials, page, out)?;
        // In JSON, `<` only stands in texts, where it may be written like this.
        let data = serde_json::to_string(&visible(data))?.replace('<', "\\u003c");
        writeln!(out, "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>")
    }
}

/// What stands on the page before there is data.
fn frame(scope: &str, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let gaps: Vec<_> = outcome.coverage.skips.iter().filter(|skip| skip.why.is_incomplete()).collect();
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
         <div class=\"split\"><section class=\"panel\" id=\"by-provider\"></section><section class=\"panel\" id=\"by-age\"></section><section class=\"panel\" id=\"by-state\"></section></div>\n\
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
fn plain(credentials: &[Credential<'_>], page: &Page, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<noscript><main><p>Without scripts this is a list; `staunch rotate FINGERPRINT` prints what to do.</p><ol>")?;
    for credential in credentials.iter().take(MAX_PLAIN) {
        let finding = &credential.lead().finding;
        let place = format!("{}:{}", page.here.from_here(&finding.origin), finding.start.line);
        writeln!(
            out,
            "<li>{} {} {}, {}, {}</li>",
            credential.severity().word(),
            credential.score.text(),
            text::markup(&finding.detector.title),
            text::markup(&place),
            finding.fingerprint
        )?;
    }
    writeln!(out, "</ol></main></noscript>")
}

fn credential(
    credential: &Credential<'_>,
    written: &Written,
    rank: usize,
    outcome: &Outcome,
    page: &Page,
) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(Written { places: Vec::new(), ..written.clone() })?;
    let finding = &credential.lead().finding;
    value["reaches"] = json!(finding.detector.guidance.reaches);
    value["place_count"] = json!(credential.places.len());
    let places = credential.places.iter().zip(&written.places).take(MAX_PLACES);
    value["places"] = places.map(|(verdict, written)| place(verdict, written)).collect::<Result<_, _>>()?;
    if rank < MAX_RUNBOOKS {
        let runbook = runbook::of(credential, outcome.now, None, &page.here);
        let item = |item: &Item| match item {
            Item::Step(text) => json!(["step", text]),
            Item::Command(text) => json!(["command", text]),
            Item::Note(text) => json!(["note", text]),
        };
        let section = |section: &runbook::Section| {
            let items: Vec<Value> = section.items.iter().map(item).collect();
            json!({ "title": section.title, "items": items })
        };
        value["runbook"] = runbook.sections.iter().map(section).collect();
    }
    Ok(value)
}

fn place(verdict: &Verdict, written: &Place) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(written)?;
    let finding = &verdict.finding;
    let (start, end, excerpt) = match &verdict.context.at_head {
        Some(head) => (head.start, head.end, &head.excerpt),
        None => (finding.start, finding.end, &finding.excerpt),
    };
    let line = |line: &crate::finding::ExcerptLine| json!({ "number": line.number, "text": text::line(line, false), "own": (start.line..=end.line).contains(&line.number) });
    value["excerpt"] = excerpt.iter().map(line).collect();
    value["in_head"] = json!(verdict.context.at_head.is_some());
    value["line"] = json!(start.line);
    Ok(value)
}

/// Makes visible in all texts what would hide or turn them round.
fn visible(value: Value) -> Value {
    match value {
        Value::String(said) => Value::String(text::safe(&said)),
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, visible(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}
