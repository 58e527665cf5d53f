//! One JSON document, grouped by credential, and its JSON that is safe to print; `docs/json.md` describes it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::document::Document;
use super::{Page, Render, text};

pub(super) struct Json;

impl Render for Json {
    fn render(&self, document: &Document, _page: &Page, out: &mut dyn Write) -> io::Result<()> {
        pretty(document, out)
    }
}

/// Writes a value as JSON over many lines, with a line feed at the end.
pub(super) fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless(PrettyFormatter::new())))?;
    writeln!(out)
}

/// Writes a value as JSON on one line, with a line feed at the end.
pub(super) fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless(CompactFormatter)))?;
    writeln!(out)
}

/// A formatter that escapes in strings what JSON need not, but a terminal or the log of a CI service would act on.
struct Harmless<F>(F);

impl<F> Harmless<F> {
    fn escape<W: ?Sized + Write>(out: &mut W, c: char) -> io::Result<()> {
        c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
    }
}

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Serde's own escapes end a fragment, so `##` is never split by one.
        if fragment.is_ascii() && !fragment.contains("##") && !fragment.contains('\x7f') {
            return out.write_all(fragment.as_bytes());
        }
        let (mut from, mut before) = (0, ' ');
        for (at, c) in fragment.char_indices() {
            if c.is_control() || text::is_direction(c) || (c == '#' && before == '#') {
                out.write_all(&fragment.as_bytes()[from..at])?;
                Self::escape(out, c)?;
                from = at + c.len_utf8();
            }
            before = c;
        }
        out.write_all(&fragment.as_bytes()[from..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, is_first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, is_first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, is_first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, is_first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_terminal_or_a_log_would_act_on_is_escaped_and_reads_back() {
        for (text, written) in [
            ("plain # text", r#""plain # text""#),
            ("\u{9b}2J \u{202e}x", r#""\u009b2J \u202ex""#),
            ("##vso[task] ##[error]", r###""#\u0023vso[task] #\u0023[error]""###),
            ("tag \u{e0041}", r#""tag \udb40\udc41""#),
            ("a\n::error::", r#""a\n::error::""#),
        ] {
            let mut out = Vec::new();
            super::line(&text, &mut out).expect("memory takes it");
            let out = String::from_utf8(out).expect("it is text");
            assert_eq!(out.trim_end(), written);
            assert_eq!(serde_json::from_str::<String>(&out).expect("it is JSON"), text);
        }
    }
}
