//! The forms in which people write a value next to its name: `name = value` in every common grammar.
//!
//! One scanner by hand instead of a regular expression for each grammar: it starts at a keyword, so it is linear in
//! the few bytes it reads, and every detector shares it. It says what stands where; the judge says what it means.

use crate::span::Span;

/// A name and the value that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The whole name, such as `spring.datasource.password`.
    pub(crate) name: Span,
    /// The value without its quotes.
    pub(crate) value: Span,
    /// The quote around the value.
    pub(crate) quote: Option<u8>,
    /// What joins the two.
    pub(crate) joint: Joint,
    /// A function or type around the value, such as the `getenv` of `getenv("X")`.
    pub(crate) wrapper: Option<Span>,
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Joint {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `==`, `!=` and the like.
    Compares,
    /// `:`.
    Colon,
    /// `name("value")`.
    Call,
    /// `("name", "value")`.
    Comma,
    /// `--name value`, `name value`.
    Space,
    /// `<name>value</name>`, `name="x" value="…"`.
    Markup,
    /// `name` on one line and `value:` on the next, as in Kubernetes.
    NextLine,
}

/// Names longer than this are not names.
const NAME_BYTES: usize = 64;
/// White space between the parts.
const GAP_BYTES: usize = 64;
/// The longest value: what a form may need beside a reach of 1,024 bytes.
const VALUE_BYTES: usize = 640;

/// Reads the assignment whose name holds the bytes of `keyword`.
pub(crate) fn assignment_at(chunk: &[u8], keyword: Span) -> Option<Assignment> {
    let name = name_around(chunk, keyword)?;
    let mut scan = Scan { chunk, at: name.end };
    let closed = scan.close_name();
    let joint = scan.joint(closed, name)?;
    if joint == Joint::Colon && scan.type_annotation() {
        return scan.value(name, Joint::Equals);
    }
    scan.value(name, joint)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}

fn name_around(chunk: &[u8], keyword: Span) -> Option<Span> {
    let before = chunk[keyword.start.saturating_sub(NAME_BYTES)..keyword.start].iter();
    let mut start = keyword.start - before.rev().take_while(|&&b| is_name_byte(b)).count();
    let after = &chunk[keyword.end..chunk.len().min(keyword.end + NAME_BYTES)];
    let mut end = keyword.end + after.iter().take_while(|&&b| is_name_byte(b)).count();
    while start < keyword.start && !chunk[start].is_ascii_alphanumeric() && chunk[start] != b'_' {
        start += 1;
    }
    // `\nPASSWORD=x` inside a string literal: the `n` belongs to the escape.
    if start > 0 && chunk[start - 1] == b'\\' && start < keyword.start && matches!(chunk[start], b'n' | b'r' | b't') {
        start += 1;
    }
    while end > keyword.end && matches!(chunk[end - 1], b'.' | b'-') {
        end -= 1;
    }
    (end - start <= NAME_BYTES).then_some(Span::new(start, end))
}

struct Scan<'c> {
    chunk: &'c [u8],
    at: usize,
}

/// How the name ended: in quotes, in brackets, or bare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closed {
    Bare,
    Quoted,
    Bracketed,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.chunk.get(self.at).copied().unwrap_or(b'\n')
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.chunk[self.at.min(self.chunk.len())..].starts_with(text)
    }

    fn blanks(&mut self) -> usize {
        let from = self.at;
        while self.at - from < GAP_BYTES && matches!(self.peek(), b' ' | b'\t') && self.at < self.chunk.len() {
            self.at += 1;
        }
        self.at - from
    }

    fn close_name(&mut self) -> Closed {
        let mut closed = Closed::Bare;
        self.escapes();
        for entity in [&b"&quot;"[..], b"&#34;", b"%22"] {
            if self.starts_with(entity) {
                self.at += entity.len();
                return Closed::Quoted;
            }
        }
        if matches!(self.peek(), b'"' | b'\'' | b'`') {
            self.at += 1;
            closed = Closed::Quoted;
        }
        if self.peek() == b']' {
            self.at += 1;
            closed = Closed::Bracketed;
        }
        if closed == Closed::Quoted && self.peek() == b')' {
            self.at += 1;
            closed = Closed::Bracketed;
        }
        closed
    }

    fn joint(&mut self, closed: Closed, name: Span) -> Option<Joint> {
        if closed == Closed::Bare && self.opens_element(name) {
            return Some(Joint::Markup);
        }
        if self.starts_with(b"%3D") || self.starts_with(b"%3d") {
            self.at += 3;
            return Some(Joint::Equals);
        }
        let blanks = self.blanks();
        for (mark, joint) in [
            (&b"==="[..], Joint::Compares),
            (b"!==", Joint::Compares),
            (b"==", Joint::Compares),
            (b"!=", Joint::Compares),
            (b"=>", Joint::Equals),
            (b":=", Joint::Equals),
            (b"?=", Joint::Equals),
            (b"+=", Joint::Equals),
            (b"||=", Joint::Equals),
            (b"->", Joint::Equals),
            (b"=", Joint::Equals),
            (b":+", Joint::Compares),
            (b":?", Joint::Compares),
            (b"::", Joint::Colon),
            (b":", Joint::Colon),
            (b"?:", Joint::Colon),
        ] {
            if self.starts_with(mark) {
                self.at += mark.len();
                // `${NAME:+other}` and `${NAME:?message}` hold no value of the name.
                let is_none = matches!(mark, b":+" | b":?") || (mark == b"::" && closed == Closed::Bare);
                return (!is_none).then_some(joint);
            }
        }
        match self.peek() {
            b'(' => {
                self.at += 1;
                Some(Joint::Call)
            }
            b',' if closed != Closed::Bare => {
                self.at += 1;
                Some(Joint::Comma)
            }
            b'\n' | b'\r' if closed != Closed::Bracketed => self.next_line_value(),
            b'v' | b'V' if closed == Closed::Quoted && blanks > 0 => self.value_attribute(),
            _ if blanks > 0 && closed == Closed::Bare => Some(Joint::Space),
            _ => None,
        }
    }

    /// `<password>` or `<password encoding="…">`: steps over the rest of the tag.
    fn opens_element(&mut self, name: Span) -> bool {
        if self.peek() == b'>' {
            self.at += 1;
            return true;
        }
        let is_tag = name.start.checked_sub(1).is_some_and(|before| self.chunk[before] == b'<') && self.peek() == b' ';
        if !is_tag {
            return false;
        }
        let rest = &self.chunk[self.at..self.chunk.len().min(self.at + GAP_BYTES)];
        match memchr::memchr2(b'>', b'\n', rest) {
            Some(end) if rest[end] == b'>' && (end == 0 || rest[end - 1] != b'/') => {
                self.at += end + 1;
                true
            }
            _ => false,
        }
    }

    /// `<add key="Password" value="…"/>`, with the reader after the name's quote.
    fn value_attribute(&mut self) -> Option<Joint> {
        let is_attribute = self.chunk.get(self.at..self.at + 6).is_some_and(|b| b.eq_ignore_ascii_case(b"value="));
        if is_attribute {
            self.at += 6;
        }
        is_attribute.then_some(Joint::Markup)
    }

    /// `- name: DB_PASSWORD` and on the next line `value: …`.
    fn next_line_value(&mut self) -> Option<Joint> {
        if self.peek() == b'\r' {
            self.at += 1;
        }
        self.at += 1;
        self.blanks();
        if self.at >= self.chunk.len() || !self.starts_with(b"value:") {
            return None;
        }
        self.at += b"value:".len();
        Some(Joint::NextLine)
    }

    /// Steps over `: Type =`, with the reader after the colon; stays where it is when there is none.
    fn type_annotation(&mut self) -> bool {
        let from = self.at;
        self.blanks();
        let is_type = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'&' | b'<' | b'>' | b'\'' | b'?' | b'.' | b'[' | b']' | b'|' | b' ' | b':')
        };
        let start = self.at;
        while self.at - start < 48 && self.at < self.chunk.len() && is_type(self.peek()) {
            self.at += 1;
        }
        let is_annotation = self.at > start && self.peek() == b'=' && !self.starts_with(b"==") && !self.starts_with(b"=>");
        if is_annotation {
            self.at += 1;
            self.blanks();
            if matches!(self.peek(), b'"' | b'\'' | b'`' | b'r' | b'b') {
                return true;
            }
        }
        self.at = from;
        false
    }

    fn value(&mut self, name: Span, joint: Joint) -> Option<Assignment> {
        self.blanks();
        let wrapper = self.wrapper();
        self.string_prefix();
        let escapes = self.escapes();
        let quote = self.peek();
        if self.at < self.chunk.len() && matches!(quote, b'"' | b'\'' | b'`') {
            let value = self.quoted(quote, escapes)?;
            return Some(Assignment { name, value, quote: Some(quote), joint, wrapper });
        }
        for entity in [&b"&quot;"[..], b"&#34;", b"%22"] {
            if self.starts_with(entity) {
                self.at += entity.len();
                let value = self.until(entity)?;
                return Some(Assignment { name, value, quote: Some(b'"'), joint, wrapper });
            }
        }
        if wrapper.is_some() || joint == Joint::Comma || joint == Joint::Call {
            return None;
        }
        let value = self.bare(joint)?;
        Some(Assignment { name, value, quote: None, joint, wrapper })
    }

    /// Steps over `String(`, `[]byte(`, `new Secret(`, `[` and the like before a quote.
    fn wrapper(&mut self) -> Option<Span> {
        let from = self.at;
        let is_part =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'[' | b']' | b' ' | b'*' | b'&' | b'<' | b'>' | b'!');
        let rest = &self.chunk[from..self.chunk.len().min(from + 48)];
        let name = rest.iter().take_while(|&&b| is_part(b)).count();
        let mut at = from + name;
        let opens = matches!(self.chunk.get(at), Some(b'(' | b'{'));
        if opens {
            at += 1;
        }
        let has_bracket = opens || rest[..name].contains(&b'[');
        while matches!(self.chunk.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        if has_bracket && at > from && matches!(self.chunk.get(at), Some(b'"' | b'\'' | b'`')) {
            self.at = at;
            return Some(Span::new(from, from + name));
        }
        None
    }

    /// Steps over the letters of `b"…"`, `r'…'`, `f"…"`, `@"…"` and the like.
    fn string_prefix(&mut self) {
        let letters = self.chunk[self.at.min(self.chunk.len())..]
            .iter()
            .take(3)
            .take_while(|b| matches!(b, b'b' | b'r' | b'f' | b'u' | b'B' | b'R' | b'L' | b'@' | b'#'))
            .count();
        if letters > 0 && matches!(self.chunk.get(self.at + letters), Some(b'"' | b'\'')) {
            self.at += letters;
        }
    }

    /// Steps over the backslashes of a quote inside a string literal and returns how many there were.
    fn escapes(&mut self) -> usize {
        let from = self.at;
        while self.peek() == b'\\' && self.at - from < 8 {
            self.at += 1;
        }
        self.at - from
    }

    /// Reads up to the quote that closes, at the level of escaping of the one that opened.
    fn quoted(&mut self, quote: u8, escapes: usize) -> Option<Span> {
        let triple = [quote; 3];
        let is_triple = self.starts_with(&triple);
        self.at += if is_triple { 3 } else { 1 };
        let start = self.at;
        let limit = self.chunk.len().min(start + VALUE_BYTES);
        let mut backslashes = 0;
        for at in start..limit {
            match self.chunk[at] {
                b'\\' => backslashes += 1,
                b'\n' if !is_triple && quote != b'`' => return None,
                byte if byte == quote && backslashes <= escapes && backslashes % 2 == escapes % 2 => {
                    return Some(Span::new(start, at - backslashes.min(escapes)));
                }
                _ => backslashes = 0,
            }
        }
        None
    }

    fn until(&mut self, mark: &[u8]) -> Option<Span> {
        let start = self.at;
        let rest = &self.chunk[start..self.chunk.len().min(start + VALUE_BYTES)];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        memchr::memmem::find(line, mark).map(|len| Span::new(start, start + len))
    }

    /// Reads an unquoted value: up to white space or what cannot be part of one.
    fn bare(&mut self, joint: Joint) -> Option<Span> {
        let start = self.at;
        let rest = &self.chunk[start..self.chunk.len().min(start + VALUE_BYTES)];
        let ends_at = |b: u8| match b {
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | 0 => true,
            b'&' | b';' | b',' | b'|' => joint != Joint::Markup,
            _ => false,
        };
        let mut len = rest.iter().take_while(|&&b| !ends_at(b)).count();
        let escape = rest[..len].windows(2).position(|pair| matches!(pair, [b'\\', b'n' | b'r' | b't']));
        len = escape.unwrap_or(len);
        if len == rest.len() && rest.len() == VALUE_BYTES {
            return None;
        }
        let ends_open = rest[..len].ends_with(b"...");
        while len > 0 && !ends_open && matches!(rest[len - 1], b')' | b']' | b'}' | b'\\' | b'.') && !has_opening(&rest[..len]) {
            len -= 1;
        }
        (len > 0).then_some(Span::new(start, start + len))
    }
}

fn has_opening(value: &[u8]) -> bool {
    match value.last() {
        Some(b')') => value.contains(&b'('),
        Some(b']') => value.contains(&b'['),
        Some(b'}') => value.contains(&b'{'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Joint, assignment_at};
    use crate::span::Span;

    #[test]
    fn reads_the_forms_people_write() {
        for (text, name, value, joint) in [
            ("password=abc def", "password", "abc", Joint::Equals),
            ("  db.password: 'x y'", "db.password", "x y", Joint::Colon),
            (r#"{"password": "\"y"}"#, "password", r#"\"y"#, Joint::Colon),
            (r#""{\"password\":\"xyz\"}""#, "password", "xyz", Joint::Colon),
            ("let password: &str = \"xyz\";", "password", "xyz", Joint::Equals),
            ("const password: string = 'xyz'", "password", "xyz", Joint::Equals),
            ("password := []byte(\"xyz\")", "password", "xyz", Joint::Equals),
            ("props.put(\"user.password\", \"xyz\");", "user.password", "xyz", Joint::Comma),
            ("setPassword(\"xyz\")", "setPassword", "xyz", Joint::Call),
            ("ENV['PASSWORD'] = 'xyz'", "PASSWORD", "xyz", Joint::Equals),
            ("mysql --password xyz -h db", "password", "xyz", Joint::Space),
            ("mysql --password=xyz -h db", "password", "xyz", Joint::Equals),
            ("<password>xyz</password>", "password", "xyz", Joint::Markup),
            ("<password encoding=\"base64\">xyz</password>", "password", "xyz", Joint::Markup),
            ("<add key=\"Password\" value=\"xyz\" />", "Password", "xyz", Joint::Markup),
            ("- name: DB_PASSWORD\n  value: xyz\n", "DB_PASSWORD", "xyz", Joint::NextLine),
            ("?user=a&password=xyz&b=c", "password", "xyz", Joint::Equals),
            ("'password' => 'xyz',", "password", "xyz", Joint::Equals),
            ("\"a\\nPASSWORD=xyz\\n\"", "PASSWORD", "xyz", Joint::Equals),
            ("password == \"xyz\"", "password", "xyz", Joint::Compares),
            ("os.getenv(\"PASSWORD\", \"xyz\")", "PASSWORD", "xyz", Joint::Comma),
            ("&quot;password&quot;:&quot;xyz&quot;", "password", "xyz", Joint::Colon),
        ] {
            let at = text.to_ascii_lowercase().find("password").expect("each text has the word");
            let read = assignment_at(text.as_bytes(), Span::new(at, at + 8));
            let read = read.unwrap_or_else(|| panic!("nothing read from {text:?}"));
            assert_eq!(String::from_utf8_lossy(read.name.of(text.as_bytes())), name, "{text:?}");
            assert_eq!(String::from_utf8_lossy(read.value.of(text.as_bytes())), value, "{text:?}");
            assert_eq!(read.joint, joint, "{text:?}");
        }
    }

    #[test]
    fn reads_nothing_where_nothing_is_assigned() {
        for text in ["password", "the password\nis", "password()", "password::Hash", "password,user", "password(user, \"x\")"] {
            let at = text.find("password").expect("each text has the word");
            assert_eq!(assignment_at(text.as_bytes(), Span::new(at, at + 8)), None, "{text:?}");
        }
    }
}
