//! What stands between a name and its value.

use super::{Closed, ENTITIES, Joint, Scan};
use crate::span::Span;

/// What joins a name and its value, the longer before what it begins with.
const MARKS: [(&[u8], Joint); 21] = [
    (b"===", Joint::Compares),
    (b"!==", Joint::Compares),
    (b"==", Joint::Compares),
    (b"!=", Joint::Compares),
    (b"=~", Joint::Compares),
    (b"=>", Joint::Equals),
    (b":=", Joint::Equals),
    (b"?=", Joint::Equals),
    (b"+=", Joint::Equals),
    (b"||=", Joint::Equals),
    (b"->", Joint::Equals),
    (b"<-", Joint::Equals),
    (b"=", Joint::Equals),
    (b":-", Joint::Default),
    (b":+", Joint::Compares),
    (b":?", Joint::Compares),
    (b"::=", Joint::Equals),
    (b"::", Joint::Colon),
    (b":", Joint::Colon),
    (b"?:", Joint::Colon),
    (b"\xef\xbc\x9a", Joint::Colon),
];

/// Whether one of the marks begins with a byte: most names are not followed by any.
const BEGINS_MARK: [bool; 256] = {
    let mut begins = [false; 256];
    let mut at = 0;
    while at < MARKS.len() {
        begins[MARKS[at].0[0] as usize] = true;
        at += 1;
    }
    begins
};

/// Calls that look a name up in the environment, and take what follows it where nothing is set.
pub(super) const LOOKUPS: [&str; 6] = ["getenv", "environ.get", "env.fetch", "env.get", "getenvordefault", "(env"];

/// `the password for the build server is …`: how much may stand between the name and the verb.
const OF_WHAT_BYTES: usize = 40;

/// How far behind a brace its text may end.
const LINE_BYTES: usize = 96;

/// Words that say what a value is or should be, and calls that make it one.
const SAYINGS: [(&[u8], Joint); 17] = [
    (b"is: ", Joint::Says),
    (b"is ", Joint::Says),
    (b"- ", Joint::Says),
    (b"\xe2\x80\x93 ", Joint::Says),
    (b"should eq ", Joint::Compares),
    (b".to eq ", Joint::Compares),
    (b".to eq(", Joint::Compares),
    (b".to.equal(", Joint::Compares),
    (b".toBe(", Joint::Compares),
    (b".toEqual(", Joint::Compares),
    (b"eq ", Joint::Compares),
    // What a test types into a field.
    (b".type(", Joint::Call),
    (b".fill(", Joint::Call),
    (b".val(", Joint::Call),
    (b".send_keys(", Joint::Call),
    (b".sendKeys(", Joint::Call),
    (b".setValue(", Joint::Call),
];

impl Scan<'_> {
    pub(super) fn close_name(&mut self) -> Closed {
        let mut closed = Closed::Bare;
        self.escapes();
        for entity in ENTITIES {
            if self.starts_with(entity) {
                self.at += entity.len();
                return Closed::Quoted;
            }
        }
        if self.starts_with(b"**") {
            // `**name**: value` of Markdown.
            self.at += 2;
            self.step_over(b"`");
            return Closed::Bare;
        }
        if matches!(self.peek(), b'"' | b'\'' | b'`') {
            self.at += 1;
            closed = Closed::Quoted;
        }
        if self.peek() == b']' {
            self.at += 1;
            closed = Closed::Bracketed;
            if matches!(self.peek(), b'"' | b'\'') && matches!(self.rest().get(1), Some(b',' | b')')) {
                // `"input[name=password]"` ends a selector.
                self.at += 1;
                closed = Closed::Quoted;
            }
        }
        if closed == Closed::Quoted && self.peek() == b')' {
            self.at += 1;
            closed = Closed::Bracketed;
        }
        closed
    }

    pub(super) fn joint(&mut self, closed: Closed, name: Span) -> Option<Joint> {
        if self.opens_element(closed, name) {
            return Some(Joint::Markup);
        }
        if self.step_over(b"%3D") {
            return Some(Joint::Equals);
        }
        if closed == Closed::Bare {
            self.declaration();
        }
        let blanks = self.blanks();
        let is_mark = BEGINS_MARK[usize::from(self.peek())];
        if is_mark && let Some(&(mark, joint)) = MARKS.iter().find(|(mark, _)| self.starts_with(mark)) {
            self.at += mark.len();
            // `${NAME:+other}` and `${NAME:?message}` hold no value of the name.
            // Behind `=~` stands a pattern.
            let is_none = matches!(mark, b":+" | b":?" | b"=~") || (mark == b"::" && closed == Closed::Bare);
            let is_default = joint != Joint::Default || self.opens_variable(name);
            // `user.pass->field` is a member.
            let is_member = mark == b"->" && blanks == 0 && closed == Closed::Bare;
            let is_block = matches!(joint, Joint::Colon | Joint::Equals) && (self.opens_block() || self.opens_value_below(name));
            let joint = if is_block { Joint::NextLine } else { joint };
            return (!is_none && is_default && !is_member).then_some(joint);
        }
        match self.peek() {
            b'(' => {
                self.at += 1;
                Some(Joint::Call)
            }
            // `variable "db_password" {` of Terraform.
            b'{' if closed == Closed::Quoted && blanks > 0 && self.opens_block() => Some(Joint::NextLine),
            b'{' if closed == Closed::Bare && blanks == 0 && self.is_braced_text() => Some(Joint::Call),
            b',' | b'|' | b'\n' | b'\r' if closed != Closed::Bracketed && self.cell_below(name) => Some(Joint::Cell),
            b',' | b')' if closed != Closed::Bracketed && self.inserted_value(name) => Some(Joint::Cell),
            b',' if closed == Closed::Bare => self.second_of_two().or_else(|| self.is_compared_by_call(name)),
            b',' if closed == Closed::Quoted && self.named_value() => Some(Joint::NextLine),
            b',' => {
                self.at += 1;
                Some(match closed {
                    Closed::Quoted if self.is_set_by_call(name) => Joint::Equals,
                    Closed::Quoted if self.is_looked_up(name) => Joint::Default,
                    _ => Joint::Comma,
                })
            }
            b'|' if closed != Closed::Bracketed && self.is_in_table(name) && (blanks > 0 || self.rest().get(1) == Some(&b' ')) => {
                self.at += 1;
                Some(Joint::Cell)
            }
            b'\n' | b'\r' if closed != Closed::Bracketed && self.named_value() => Some(Joint::NextLine),
            b')' | b'.' if closed == Closed::Bracketed || self.peek() == b')' => {
                self.step_over(b")");
                self.saying().filter(|joint| matches!(joint, Joint::Compares | Joint::Call))
            }
            b'v' | b'V' if closed == Closed::Quoted && blanks > 0 => self.value_attribute(),
            // `password 0 value` of network devices: the number says that the value is not hidden.
            _ if closed == Closed::Bare && blanks > 0 && self.step_over(b"0 ") => Some(Joint::Space),
            _ if blanks > 0 => self.saying().or((closed == Closed::Bare).then_some(Joint::Space)),
            _ => None,
        }
    }

    /// `std::string password{"…"}`: steps over the brace.
    fn is_braced_text(&mut self) -> bool {
        let rest = &self.rest()[..self.rest().len().min(LINE_BYTES)];
        let end = if rest.get(1) == Some(&b'"') { memchr::memchr(b'"', &rest[2..]) } else { None };
        end.is_some_and(|end| rest.get(end + 3) == Some(&b'}')) && self.step_over(b"{")
    }

    fn saying(&mut self) -> Option<Joint> {
        self.blanks();
        self.of_what();
        let &(words, joint) = SAYINGS.iter().find(|(words, _)| self.starts_with(words))?;
        self.at += words.len();
        Some(joint)
    }

    /// `for the build server`, `of deploy@host`: steps over what a name is the password of, where a verb follows.
    fn of_what(&mut self) {
        if !["for ", "of ", "to ", "on "].iter().any(|word| self.starts_with(word.as_bytes())) {
            return;
        }
        let rest = &self.rest()[..self.rest().len().min(OF_WHAT_BYTES)];
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'.' | b'_' | b'-' | b'/' | b'@' | b'\'');
        let line = &rest[..rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len())];
        if let Some(at) = memchr::memmem::find(line, b" is ") {
            self.at += at + 1;
        }
    }

    /// `name, err := f("value")`: the first of two results.
    fn second_of_two(&mut self) -> Option<Joint> {
        let start = self.at;
        self.at += 1;
        self.blanks();
        let second = self.rest().iter().take(16).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        self.at += second;
        self.blanks();
        if second > 0 && (self.step_over(b":=") || (self.starts_with(b"= ") && self.step_over(b"="))) {
            return Some(Joint::Equals);
        }
        self.at = start;
        None
    }

    /// `strcmp(password, "value")`, `Objects.equals(password, "value")`: steps over the comma.
    fn is_compared_by_call(&mut self, name: Span) -> Option<Joint> {
        let before = &self.chunk[name.start.saturating_sub(24)..name.start];
        let call = before.strip_suffix(b"$").unwrap_or(before).strip_suffix(b"(")?.to_ascii_lowercase();
        let compares = ["cmp", "equals", "equal", "compare", "compare_digest"].iter().any(|word| call.ends_with(word.as_bytes()));
        (compares && self.step_over(b",")).then_some(Joint::Compares)
    }

    /// `define('NAME', 'value')`, `props.put("name", "value")`: a call whose two arguments are a name and its value.
    fn is_set_by_call(&self, name: Span) -> bool {
        self.is_argument_of(
            &["define", ".put", ".set", ".append", ".header", "setproperty", "setenv", "putenv", "environmentvariable"],
            name,
        )
    }

    /// `os.environ.get("NAME", "value")`: a lookup in the environment, and what is taken where nothing is set.
    fn is_looked_up(&self, name: Span) -> bool {
        self.is_argument_of(&LOOKUPS, name)
    }

    /// Returns whether a quoted name is the first argument of one of the calls.
    fn is_argument_of(&self, calls: &[&str], name: Span) -> bool {
        let before = &self.chunk[name.start.saturating_sub(24)..name.start];
        let call = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(b"").trim_ascii_end();
        let call = call.strip_suffix(b"(").unwrap_or(b"").to_ascii_lowercase();
        calls.iter().any(|one| call.ends_with(one.as_bytes()))
    }

    /// Returns whether the name stands in `${…`.
    fn opens_variable(&self, name: Span) -> bool {
        self.chunk[..name.start].ends_with(b"{")
    }

    /// Returns whether a `|` stands before the name on its line.
    fn is_in_table(&self, name: Span) -> bool {
        self.line_before(name).contains(&b'|')
    }

    /// `- name: DB_PASSWORD`, then `value: …` on the next line or behind a comma.
    fn named_value(&mut self) -> bool {
        let start = self.at;
        self.space();
        if self.step_over(b",") {
            self.space();
        }
        let quote = self.peek();
        let is_quoted = matches!(quote, b'"' | b'\'');
        self.at += usize::from(is_quoted);
        if (self.step_over(b"value") || self.step_over(b"parametervalue")) && (!is_quoted || self.step_over(&[quote])) {
            self.blanks();
            if self.step_over(b":") || self.step_over(b"=>") || self.step_over(b"=") {
                return true;
            }
        }
        self.at = start;
        false
    }

    /// Steps over `: Type =`, with the reader after the colon; stays where it is when there is none.
    pub(super) fn type_annotation(&mut self) -> bool {
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
            if self.starts_with(b"Some(\"") {
                self.step_over(b"Some(");
            }
            if matches!(self.peek(), b'"' | b'\'' | b'`' | b'r' | b'b') {
                return true;
            }
        }
        self.at = from;
        false
    }
}
