//! The value of a name: quoted or bare, in a call, in parts, on the next line, as a list of bytes.

use super::{Assignment, Closed, ENTITIES, GAP_BYTES, Joint, Scan, VALUE_BYTES, is_name_byte};
use crate::span::Span;

/// How much is looked at of what stands before a name on its line.
const LINE_BYTES: usize = 48;
/// What may stand around a value, such as `Base64.getDecoder().decode(`.
const WRAPPER_BYTES: usize = 48;

impl Scan<'_> {
    pub(super) fn value(&mut self, name: Span, closed: Closed, joint: Joint) -> Option<Assignment> {
        self.blanks();
        self.next_line(joint);
        let joint = match joint {
            Joint::Equals | Joint::Colon if self.lookup_before_default() || self.variable_before_default() => Joint::Default,
            other => other,
        };
        self.tag(joint);
        let made = |value, quote, wrapper| Assignment { name, value, quote, joint, wrapper, closed, is_split: false };
        let wrapper = self.wrapper();
        if let Some(bytes) = self.list_of_bytes(wrapper) {
            return Some(made(bytes, None, wrapper));
        }
        self.string_prefix();
        let escapes = self.escapes();
        let quote = self.peek();
        if self.at < self.chunk.len() && matches!(quote, b'"' | b'\'' | b'`') {
            let first = self.quoted(quote, escapes, self.at + VALUE_BYTES)?;
            if self.is_key(wrapper, first) || (joint == Joint::Space && self.is_told_to_pass(name)) {
                return None;
            }
            let first = self.within_escaped_quotes(first);
            let value = if escapes == 0 { self.with_parts(first, quote) } else { first };
            return Some(Assignment { is_split: value != first, ..made(value, Some(quote), wrapper) });
        }
        for entity in ENTITIES {
            if self.starts_with(entity) {
                self.at += entity.len();
                let value = self.until(entity)?;
                return Some(made(value, Some(b'"'), wrapper));
            }
        }
        if let Some((value, quote)) = self.between_brackets(joint) {
            return Some(made(value, Some(quote), wrapper));
        }
        if wrapper.is_some() || matches!(joint, Joint::Comma | Joint::Call) {
            return None;
        }
        let value = self.bare(name, joint)?;
        let is_whole = match joint {
            Joint::Space => self.is_plain_pair(name, value),
            // `the password is wrong` says something else of it.
            Joint::Says => value.len() >= 8 && value.of(self.chunk).iter().any(u8::is_ascii_digit),
            _ => true,
        };
        is_whole.then(|| made(value, None, wrapper))
    }

    /// `password: |` or `password =`, and the value on the next line.
    fn next_line(&mut self, joint: Joint) {
        let start = self.at;
        if joint == Joint::Colon && matches!(self.peek(), b'|' | b'>') {
            self.at += 1;
            self.step_over(b"-");
            self.blanks();
            if matches!(self.peek(), b'\n' | b'\r') {
                self.space();
                return;
            }
            self.at = start;
        }
        let goes_on = self.starts_with(b"\n") || self.starts_with(b"\r\n") || self.starts_with(b"\\\n");
        if goes_on && matches!(joint, Joint::Equals | Joint::Call | Joint::Comma | Joint::Colon | Joint::Default) {
            self.step_over(b"\\");
            self.space();
            if !matches!(self.peek(), b'"' | b'\'') {
                self.at = start;
            }
        }
        if joint == Joint::Markup {
            self.space();
        }
    }

    /// Steps over a tag or an anchor of YAML: `!!str x`, `&name x`.
    fn tag(&mut self, joint: Joint) {
        let rest = &self.rest()[..self.rest().len().min(LINE_BYTES)];
        let is_tag = rest.starts_with(b"!!str ");
        let word = rest.iter().skip(1).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'!')).count();
        let is_anchor = rest.first() == Some(&b'&') && word > 0 && rest.get(1 + word) == Some(&b' ');
        if joint == Joint::Colon && (is_tag || is_anchor) {
            self.at += word + 1;
            self.blanks();
        }
    }

    /// `"\"value\""`: a text of which the quotes are no part.
    fn within_escaped_quotes(&self, text: Span) -> Span {
        match text.of(self.chunk) {
            [b'\\', b'"', inside @ .., b'\\', b'"'] if !inside.is_empty() && !inside.contains(&b'"') => {
                Span::new(text.start + 2, text.end - 2)
            }
            _ => text,
        }
    }

    /// Returns whether a name and a bare value behind it are all that stands on a line, or follow a flag.
    ///
    /// Elsewhere two words are prose, unless the second one has a digit.
    fn is_plain_pair(&self, name: Span, value: Span) -> bool {
        let line = self.line_before(name);
        let lead = line.trim_ascii();
        let ends_line = matches!(self.chunk.get(value.end), None | Some(b'\n' | b'\r'));
        let is_flag = line.ends_with(b"-");
        // `pass x1 to it` is a sentence.
        let is_verb = name.of(self.chunk).eq_ignore_ascii_case(b"pass");
        if line.ends_with(b"=") {
            // `-path=secret kv2`: the name is a value itself.
            return false;
        }
        let words = lead.split(|b| !b.is_ascii_alphabetic()).filter(|word| word.len() >= 2).count();
        let goes_on = matches!(self.chunk.get(value.end..), Some([b' ', next, ..]) if next.is_ascii_lowercase());
        let is_prose = words >= 3 && goes_on;
        is_flag
            || (!is_verb && !is_prose && value.of(self.chunk).iter().any(u8::is_ascii_digit))
            || (ends_line && (lead.is_empty() || lead == b"ENV" || lead == b"set"))
    }

    /// Returns what stands before a name on its line.
    pub(super) fn line_before(&self, name: Span) -> &[u8] {
        let before = &self.chunk[name.start.saturating_sub(LINE_BYTES)..name.start];
        &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..]
    }

    /// `we pass "x" to it`: a sentence, unless the line begins with the word.
    fn is_told_to_pass(&self, name: Span) -> bool {
        let line = self.line_before(name);
        name.of(self.chunk).eq_ignore_ascii_case(b"pass") && !line.ends_with(b"-") && !line.trim_ascii().is_empty()
    }

    /// Returns whether a quoted text is the first key of an object: `name: {"key": …}`.
    fn is_key(&self, wrapper: Option<Span>, text: Span) -> bool {
        let is_object = wrapper.is_some_and(|wrapper| self.chunk.get(wrapper.end) == Some(&b'{'));
        let after = &self.chunk[text.end..self.chunk.len().min(text.end + WRAPPER_BYTES)];
        let is_between = |b: &&u8| b.is_ascii_whitespace() || matches!(b, b'\\' | b'"' | b'\'' | b'`');
        is_object && after.iter().find(|b| !is_between(b)) == Some(&b':')
    }

    /// Steps over `String(`, `[]byte(`, `new Secret(`, `[` and the like before a quote or a list of numbers.
    fn wrapper(&mut self) -> Option<Span> {
        let from = self.at;
        let is_part = |b: u8| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'[' | b']' | b' ' | b'*' | b'&' | b'<' | b'>' | b'!' | b'-')
        };
        let rest = &self.chunk[from..self.chunk.len().min(from + WRAPPER_BYTES)];
        let name = rest.iter().take_while(|&&b| is_part(b)).count();
        let mut at = from + name;
        let opens = matches!(self.chunk.get(at), Some(b'(' | b'{'));
        at += usize::from(opens);
        let has_bracket = opens || rest[..name].contains(&b'[');
        let is_gap = |b: &&u8| matches!(b, b' ' | b'\t') || (opens && matches!(b, b'\r' | b'\n'));
        at += self.chunk[at.min(self.chunk.len())..].iter().take(GAP_BYTES).take_while(is_gap).count();
        let start = at;
        at += self.chunk[at..].iter().take(2).take_while(|b| matches!(b, b'b' | b'r' | b'u' | b'@')).count();
        let is_quoted = matches!(self.chunk.get(at), Some(b'"' | b'\'' | b'`'));
        let is_number =
            matches!(self.chunk.get(start), Some(b'0'..=b'9')) && matches!(self.chunk.get(start - 1), Some(b'{' | b'[' | b'(' | b' '));
        if has_bracket && at > from && (is_quoted || is_number) {
            self.at = start;
            return Some(Span::new(from, from + name));
        }
        None
    }

    /// Reads eight or more numbers of one byte, `201, 0x94, …`, with the reader inside of the braces.
    fn list_of_bytes(&mut self, wrapper: Option<Span>) -> Option<Span> {
        wrapper.filter(|_| self.peek().is_ascii_digit())?;
        let start = self.at;
        let rest = &self.chunk[start..self.chunk.len().min(start + VALUE_BYTES)];
        let is_part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'x' | b'X' | b',' | b' ' | b'\n' | b'\r' | b'\t');
        let len = rest.iter().take_while(|&&b| is_part(b)).count();
        let list = rest[..len].trim_ascii_end();
        let is_byte = |part: &[u8]| part.starts_with(b"0x") || part.starts_with(b"0X") || part.len() <= 3;
        let mut parts = list.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|part| !part.is_empty());
        let count = parts.clone().count();
        (count >= 8 && parts.all(|part| part.len() <= 4 && is_byte(part))).then(|| Span::new(start, start + list.len()))
    }

    /// Steps over the letters of `b"…"`, `r'…'`, `f"…"`, `@"…"` and the like.
    fn string_prefix(&mut self) {
        let letters = self
            .rest()
            .iter()
            .take(3)
            .take_while(|b| matches!(b, b'b' | b'r' | b'f' | b'u' | b'B' | b'R' | b'L' | b'N' | b'@' | b'#'))
            .count();
        if letters > 0 && matches!(self.chunk.get(self.at + letters), Some(b'"' | b'\'')) {
            self.at += letters;
        }
    }

    /// Reads up to the quote that closes, at the level of escaping of the one that opened; the reader ends behind it.
    fn quoted(&mut self, quote: u8, escapes: usize, limit: usize) -> Option<Span> {
        let triple = [quote; 3];
        let is_triple = self.starts_with(&triple);
        self.at += if is_triple { 3 } else { 1 };
        let start = self.at;
        let limit = self.chunk.len().min(limit);
        let mut backslashes = 0;
        for at in start..limit {
            match self.chunk[at] {
                b'\\' => backslashes += 1,
                b'\n' if !is_triple && quote != b'`' => return None,
                byte if byte == quote && backslashes <= escapes && backslashes % 2 == escapes % 2 => {
                    self.at = at + 1;
                    return Some(Span::new(start, at - backslashes.min(escapes)));
                }
                _ => backslashes = 0,
            }
        }
        None
    }

    /// `q{value}` and `qq(value)` of Perl, `%q(value)` and `%Q[value]` of Ruby; the quote that is returned is that which means the same.
    fn between_brackets(&mut self, joint: Joint) -> Option<(Span, u8)> {
        if !matches!(joint, Joint::Equals | Joint::Compares | Joint::Comma) {
            return None;
        }
        let (len, quote) = match self.rest() {
            [b'%', b'q', ..] => (2, b'\''),
            [b'%', b'Q', ..] | [b'q', b'q', ..] => (2, b'"'),
            [b'q', ..] => (1, b'\''),
            _ => return None,
        };
        let close = match self.rest().get(len)? {
            b'{' => b'}',
            b'(' => b')',
            b'[' => b']',
            b'<' => b'>',
            mark @ (b'|' | b'/' | b'!' | b'~') => *mark,
            _ => return None,
        };
        self.at += len + 1;
        let value = self.until(&[close])?;
        self.at = value.end + 1;
        (!value.is_empty()).then_some((value, quote))
    }

    /// Reads on where further parts in the same quotes are joined to the first: `"ab" + "cd"`, or on lines below each other.
    fn with_parts(&mut self, first: Span, quote: u8) -> Span {
        let mut whole = first;
        loop {
            let behind = self.at;
            self.space();
            let is_joined =
                self.step_over(b"+") || self.step_over(b"..") || self.step_over(b".") || self.step_over(b"&") || self.step_over(b"\\");
            let has_line_end = self.chunk[behind..self.at].contains(&b'\n');
            self.space();
            // Strings on lines below each other are one in C, Python and Rust; in a list a comma stands between them.
            let is_part = (is_joined || has_line_end) && self.peek() == quote;
            let part = if is_part { self.quoted(quote, 0, first.start + VALUE_BYTES) } else { None };
            match part {
                Some(part) => whole.end = part.end,
                None => {
                    self.at = behind;
                    return whole;
                }
            }
        }
    }

    fn until(&mut self, mark: &[u8]) -> Option<Span> {
        let start = self.at;
        let rest = &self.chunk[start..self.chunk.len().min(start + VALUE_BYTES)];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        memchr::memmem::find(line, mark).map(|len| Span::new(start, start + len))
    }

    /// Returns whether a mark that ends a value elsewhere is part of one: on a line of its own, `DB_PASSWORD=a&b`, where neither
    /// another name nor the end of something follows.
    fn is_within(&self, name: Span, joint: Joint, after: &[u8]) -> bool {
        let is_next =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'_' | b'+' | b'?');
        let word = after.iter().take_while(|b| is_name_byte(**b)).count();
        let names = word > 0 && matches!(after.get(word), Some(b'=' | b':'));
        matches!(joint, Joint::Equals | Joint::Colon) && after.first().is_some_and(is_next) && !names && self.has_own_line(name)
    }

    /// Returns whether a name is the first thing of its line, as in a file of settings.
    fn has_own_line(&self, name: Span) -> bool {
        let before = self.line_before(name);
        let line = before.strip_prefix(b"\xef\xbb\xbf").unwrap_or(before).trim_ascii();
        before.len() < LINE_BYTES && matches!(line, b"" | b"-" | b"export" | b"set" | b"SET" | b"ENV" | b"ARG")
    }

    /// Reads an unquoted value: up to white space or what cannot be part of one.
    fn bare(&mut self, name: Span, joint: Joint) -> Option<Span> {
        let start = self.at;
        let rest = &self.chunk[start..self.chunk.len().min(start + VALUE_BYTES)];
        let is_end = |at: usize| {
            ends_bare(rest, at, joint) && !(matches!(rest[at], b'&' | b';' | b',') && self.is_within(name, joint, &rest[at + 1..]))
        };
        let mut len = (0..rest.len()).find(|&at| is_end(at)).unwrap_or(rest.len());
        if joint != Joint::Space && is_in_fours(rest) {
            return Some(Span::new(start, start + FOURS_BYTES));
        }
        let escape = rest[..len].windows(2).position(|pair| matches!(pair, [b'\\', b'n' | b'r' | b't']));
        len = escape.unwrap_or(len);
        if len == rest.len() && rest.len() == VALUE_BYTES {
            return None;
        }
        // `def f(seed=1):` goes on behind the value.
        len -= usize::from(rest[..len].ends_with(b"):") && !rest[..len].contains(&b'('));
        // `case user.password != nil:`, `if password == x:`.
        len -= usize::from(joint == Joint::Compares && rest[..len].ends_with(b":"));
        let ends_open = rest[..len].ends_with(b"...");
        while len > 0 && !ends_open && matches!(rest[len - 1], b')' | b']' | b'}' | b'\\' | b'.') && !has_opening(&rest[..len]) {
            len -= 1;
        }
        (len > 0).then_some(Span::new(start, start + len))
    }
}

/// Returns whether an unquoted value ends before the byte at `at`.
fn ends_bare(rest: &[u8], at: usize, joint: Joint) -> bool {
    match rest[at] {
        b' ' | b'\t' | b'\n' | b'\r' | b'`' | b'<' | b'>' | 0 => true,
        // An apostrophe within a plain scalar of YAML is part of it.
        b'\'' => joint != Joint::Colon || at == 0 || rest.get(at + 1).is_none_or(|b| !b.is_ascii_alphanumeric()),
        b'"' => true,
        b'&' | b';' | b',' | b'|' => joint != Joint::Markup,
        // `const {password: p} = form` names a variable.
        b'}' => joint == Joint::Colon && rest.get(at + 1) == Some(&b'=') && !rest[..at].contains(&b'{'),
        _ => false,
    }
}

/// `abcd efgh ijkl mnop`, as Google shows the password of an application.
const FOURS_BYTES: usize = 19;

fn is_in_fours(rest: &[u8]) -> bool {
    let is_end = matches!(rest.get(FOURS_BYTES), None | Some(b'\n' | b'\r'));
    let is_right = |(at, b): (usize, &u8)| if at % 5 == 4 { *b == b' ' } else { b.is_ascii_lowercase() };
    is_end && rest.get(..FOURS_BYTES).is_some_and(|head| head.iter().enumerate().all(is_right))
}

fn has_opening(value: &[u8]) -> bool {
    match value.last() {
        Some(b')') => value.contains(&b'('),
        Some(b']') => value.contains(&b'['),
        Some(b'}') => value.contains(&b'{'),
        _ => false,
    }
}
