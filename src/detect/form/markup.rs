//! Elements and attributes: `<password>…</password>`, `<add key="Password" value="…"/>`, `<key>Password</key><string>…`.

use super::{Closed, GAP_BYTES, Joint, Scan};
use crate::span::Span;

/// How many bytes of a tag are looked at.
const TAG_BYTES: usize = 96;

impl Scan<'_> {
    /// Steps into the element that has the name: as its tag, as an attribute, or in the element before.
    pub(super) fn opens_element(&mut self, closed: Closed, name: Span) -> bool {
        let start = self.at;
        let is_tag = self.chunk[..name.start].ends_with(b"<");
        let is_open = match closed {
            Closed::Bare if self.peek() == b'>' => self.step_over(b">"),
            Closed::Bare if is_tag && self.peek() == b' ' => self.ends_tag(GAP_BYTES),
            Closed::Bare if self.starts_with(b"</") => self.next_element(),
            Closed::Quoted if self.is_attribute(name) && self.ends_tag(TAG_BYTES) => self.holds_text(),
            Closed::Bare | Closed::Quoted | Closed::Bracketed => false,
        };
        if is_open {
            self.step_over(b"<![CDATA[");
        } else {
            self.at = start;
        }
        is_open
    }

    /// `<property name="password">` holds the value itself, or an element that is called so.
    fn holds_text(&mut self) -> bool {
        let is_text = self.peek() != b'<' || self.starts_with(b"<![CDATA[");
        self.space();
        is_text && self.peek() != b'<' || self.step_over(b"<value>") || self.starts_with(b"<![CDATA[")
    }

    /// `… name="password"` or `key=`, `id=`, `property=` before the name's quote.
    fn is_attribute(&self, name: Span) -> bool {
        let before = &self.chunk[name.start.saturating_sub(TAG_BYTES)..name.start];
        let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(b"");
        ["name=", "key=", "id=", "property=", "Name=", "Key="].iter().any(|attribute| before.ends_with(attribute.as_bytes()))
    }

    /// Steps over the rest of a tag that does not close itself.
    fn ends_tag(&mut self, bytes: usize) -> bool {
        let rest = self.rest();
        let rest = &rest[..rest.len().min(bytes)];
        match memchr::memchr2(b'>', b'\n', rest) {
            Some(end) if rest[end] == b'>' && (end == 0 || rest[end - 1] != b'/') => {
                self.at += end + 1;
                true
            }
            _ => false,
        }
    }

    /// `</key>` and then `<string>`, or `</name>` and then `<value>`, or the next cell of a table.
    fn next_element(&mut self) -> bool {
        if !["</key>", "</name>", "</param-name>", "</td>", "</th>", "</dt>"].iter().any(|tag| self.step_over(tag.as_bytes())) {
            return false;
        }
        self.space();
        ["<string>", "<value>", "<param-value>", "<td>", "<dd>"].iter().any(|tag| self.step_over(tag.as_bytes()))
    }

    /// `<add key="Password" value="…"/>`, with the reader after the name's quote.
    pub(super) fn value_attribute(&mut self) -> Option<Joint> {
        self.step_over(b"value=").then_some(Joint::Markup)
    }
}
