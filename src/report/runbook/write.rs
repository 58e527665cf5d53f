//! A runbook as text for a terminal, and as Markdown for a ticket.

use std::io::{self, Write};

use super::{Item, Runbook};
use crate::report::text::safe;

/// Writes it for a terminal.
///
/// # Errors
/// When it cannot be written.
pub fn text(runbook: &Runbook, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n", safe(&runbook.title))?;
    let width = runbook.known.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, said) in &runbook.known {
        writeln!(out, "  {label:<width$}  {}", safe(said))?;
    }
    for (number, section) in (1..).zip(&runbook.sections) {
        writeln!(out, "\n{number}. {}", section.title)?;
        for item in &section.items {
            match item {
                Item::Step(step) => writeln!(out, "   [ ] {}", safe(step))?,
                Item::Command(command) => writeln!(out, "       {}", safe(command))?,
                Item::Note(note) | Item::Page(note) => writeln!(out, "   {}", safe(note))?,
            }
        }
    }
    Ok(())
}

/// Writes it as Markdown.
///
/// # Errors
/// When it cannot be written.
pub fn markdown(runbook: &Runbook, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", inert(&runbook.title))?;
    writeln!(out, "| | |\n|---|---|")?;
    for (label, said) in &runbook.known {
        writeln!(out, "| {label} | {} |", inert(said))?;
    }
    for section in &runbook.sections {
        writeln!(out, "\n## {}\n", section.title)?;
        for item in &section.items {
            match item {
                Item::Step(step) => writeln!(out, "- [ ] {}", inert(step))?,
                Item::Command(command) => fenced(command, out)?,
                Item::Note(note) => writeln!(out, "- {}", inert(note))?,
                // Nothing but the characters of an address is in it.
                Item::Page(address) => writeln!(out, "- <{address}>")?,
            }
        }
    }
    Ok(())
}

/// Writes a command between more back quotes than it holds in a row.
fn fenced(command: &str, out: &mut dyn Write) -> io::Result<()> {
    let command = safe(command);
    let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "\n{fence}sh\n{command}\n{fence}\n")
}

/// Takes from a text what Markdown would make of it: links, mentions, HTML, emphasis.
pub fn inert(text: &str) -> String {
    let mut inert = String::with_capacity(text.len());
    let mut is_in_word = false;
    for c in safe(text).chars() {
        match c {
            '<' => inert.push_str("&lt;"),
            '>' => inert.push_str("&gt;"),
            '&' => inert.push_str("&amp;"),
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '~' | '#' | '!' => inert.extend(['\\', c]),
            // Nobody is called because of what stands in a file.
            '@' if !is_in_word => inert.push_str("@\u{2060}"),
            c => inert.push(c),
        }
        is_in_word = c.is_alphanumeric();
    }
    inert
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_a_file_stays_text_in_markdown() {
        assert_eq!(super::inert("<img> [a](b) @all a@b *x*"), "&lt;img&gt; \\[a\\](b) @\u{2060}all a@b \\*x\\*");
        let mut out = Vec::new();
        super::fenced("a ``` b", &mut out).expect("it can be written");
        assert_eq!(String::from_utf8_lossy(&out), "\n````sh\na ``` b\n````\n\n");
    }
}
