//! TOON, a table with a header that language models read with a third of the tokens of JSON.
//!
//! No text that somebody else wrote is in it but names of files, each as one quoted string on one line.

use std::io::{self, Write};

use super::document::Document;
use super::{Page, Render, text};

pub(super) struct Toon;

impl Render for Toon {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "complete: {}", document.complete)?;
        let credentials = &document.credentials;
        let columns = "fingerprint,severity,confidence,detector,title,secret,path,line,column,at_head,commit,places";
        writeln!(out, "credentials[{}]{{{columns}}}:", credentials.len())?;
        for credential in credentials {
            let Some(lead) = credential.lead() else { continue };
            let [line, column, ..] = lead.shown_region();
            let cells = [
                quoted(&credential.fingerprint),
                credential.severity.word().to_owned(),
                credential.confidence.word().to_owned(),
                quoted(&credential.detector),
                quoted(&credential.title),
                quoted(&credential.secret),
                quoted(&lead.shown(&lead.path)),
                line.to_string(),
                column.to_string(),
                lead.is_shown().to_string(),
                lead.commit.as_deref().map_or_else(|| "null".to_owned(), quoted),
                credential.places.len().to_string(),
            ];
            writeln!(out, "  {}", cells.join(","))?;
        }
        let detectors = &document.detectors;
        writeln!(out, "detectors[{}]{{id,provider,revoke}}:", detectors.len())?;
        for (id, kind) in detectors {
            writeln!(out, "  {},{},{}", quoted(id), quoted(&kind.provider), quoted(&kind.guidance.revoke.console))?;
        }
        let skipped: Vec<_> = document.coverage.skipped.iter().filter(|skip| skip.incomplete).collect();
        writeln!(out, "not_scanned[{}]{{what,why}}:", skipped.len())?;
        skipped.iter().try_for_each(|skip| writeln!(out, "  {},{}", quoted(&skip.what), quoted(&skip.why.to_string())))
    }
}

/// A string as TOON has it: bare where it cannot be taken for anything else.
fn quoted(said: &str) -> String {
    let said = text::safe(said);
    let is_bare = said.starts_with(|c: char| c.is_ascii_alphabetic())
        && said.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' '))
        && !said.ends_with(' ')
        && !matches!(said.as_str(), "true" | "false" | "null");
    if is_bare { said } else { format!("\"{}\"", said.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_string_is_quoted_where_it_could_be_taken_for_something_else() {
        for (said, written) in [
            ("src/a.rs", "src/a.rs"),
            ("two words", "two words"),
            ("", "\"\""),
            ("true", "\"true\""),
            ("5e1", "\"5e1\""),
            ("- a", "\"- a\""),
            ("a,b: c", "\"a,b: c\""),
            ("say \"no\"\\", "\"say \\\"no\\\"\\\\\""),
            ("x\n  y", "\"x\\\\u{a}  y\""),
        ] {
            assert_eq!(super::quoted(said), written);
        }
    }
}
