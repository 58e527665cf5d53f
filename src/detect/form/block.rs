//! A value that does not follow its name at once: it has a block, a column or a second operand of its own.
//!
//! `variable "db_password" { default = "…" }`, `"password": {"value": "…"}`, `| user | password |` and the row below it.

use super::Scan;
use super::joint::LOOKUPS;
use crate::span::Span;

/// How far behind its brace a block's value may stand.
const BLOCK_BYTES: usize = 240;
/// How much of a table's head is looked at before a name: with the name less than the reach of an assignment before its keyword.
const HEAD_BYTES: usize = 100;
/// How much is looked at of what follows a name that heads a column: with a value it fits the reach behind the keyword.
const ROWS_BYTES: usize = 360;
/// Types of Go that stand between a name and its value without a mark.
const GO_TYPES: [&[u8]; 3] = [b"string ", b"*string ", b"[]byte "];
/// How much of a lookup may stand before what is taken where it finds nothing.
const LOOKUP_BYTES: usize = 80;

impl Scan<'_> {
    /// Steps into `{ … value: …`, `{ … "defaultValue": …`, `{ … default = …`, with the reader before the brace.
    pub(super) fn opens_block(&mut self) -> bool {
        let start = self.at;
        self.space();
        if !self.step_over(b"{") {
            self.at = start;
            return false;
        }
        let rest = &self.rest()[..self.rest().len().min(BLOCK_BYTES)];
        // What another brace opens or ends is no longer of this name.
        let block = &rest[..rest.iter().position(|b| matches!(b, b'{' | b'}')).unwrap_or(rest.len())];
        let value = [&b"value"[..], b"defaultValue", b"default"].iter().filter_map(|key| value_of(block, key)).min();
        self.at = value.map_or(start, |value| self.at + value);
        value.is_some()
    }

    /// Steps into `value: …` on the next line, deeper than the name: how GitLab and others write a variable with a description.
    pub(super) fn opens_value_below(&mut self, name: Span) -> bool {
        let start = self.at;
        let indent = self.line_before(name).iter().take_while(|b| **b == b' ').count();
        if !matches!(self.peek(), b'\n' | b'\r') {
            return false;
        }
        self.steps(|b| matches!(b, b'\n' | b'\r'));
        if self.blanks() > indent && self.step_over(b"value:") && self.blanks() > 0 {
            return true;
        }
        self.at = start;
        false
    }

    /// `password[] =`, `Password { get; set; } =`, `password string =`, `password As String =`: steps over what a declaration puts
    /// behind a name.
    pub(super) fn declaration(&mut self) {
        let start = self.at;
        let rest = &self.rest()[..self.rest().len().min(40)];
        let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let text = rest.trim_ascii_start();
        let go_type = GO_TYPES.iter().find(|kind| text.len() < rest.len() && text.starts_with(kind));
        let len = match text {
            _ if go_type.is_some() => go_type.map(|kind| kind.len()),
            [b'[', inside @ ..] => {
                inside.iter().position(|b| *b == b']').filter(|&end| inside[..end].iter().all(is_word)).map(|end| end + 2)
            }
            [b'{', inside @ ..] if memchr::memmem::find(inside, b"get;").is_some() => memchr::memchr(b'}', inside).map(|end| end + 2),
            [b'A' | b'a', b's', b' ', kind @ ..] => Some(3 + kind.iter().take_while(|b| is_word(b) || **b == b'.').count()),
            _ => None,
        };
        let Some(len) = len else { return };
        self.blanks();
        self.at += len;
        self.blanks();
        if self.peek() != b'=' || self.starts_with(b"==") {
            self.at = start;
        }
    }

    /// `"${1:-value}"`, `${TOKEN:-value}`: steps over a variable to what is taken where it is not set.
    pub(super) fn variable_before_default(&mut self) -> bool {
        let start = self.at;
        if matches!(self.peek(), b'"') {
            self.at += 1;
        }
        if self.step_over(b"${") {
            let is_part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
            self.at += self.rest().iter().take(LOOKUP_BYTES).take_while(is_part).count();
            if self.step_over(b":-") || self.step_over(b":=") {
                return true;
            }
        }
        self.at = start;
        false
    }

    /// `process.env.TOKEN || "…"`, `os.environ.get("TOKEN") or "…"`: steps over the lookup to what is taken where it finds nothing.
    pub(super) fn lookup_before_default(&mut self) -> bool {
        if matches!(self.peek(), b'"' | b'\'' | b'`') {
            // Most values are texts, and no lookup begins like one.
            return false;
        }
        let rest = &self.rest()[..self.rest().len().min(LOOKUP_BYTES)];
        if let Some(default) = second_argument(rest) {
            self.at += default;
            return true;
        }
        let is_part = |b: u8| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'_' | b'.' | b'(' | b')' | b'[' | b']' | b'"' | b'\'' | b' ' | b'$' | b':' | b'?' | b'|')
        };
        let line = &rest[..rest.iter().position(|&b| !is_part(b)).unwrap_or(rest.len())];
        let found =
            [&b" || "[..], b" ?? ", b" or ", b" ?: "].iter().find_map(|mark| memchr::memmem::find(line, mark).map(|at| at + mark.len()));
        let Some(end) = found.filter(|&end| matches!(rest.get(end), Some(b'"' | b'\'' | b'`')) && is_lookup(&rest[..end])) else {
            return false;
        };
        self.at += end;
        true
    }

    /// `INSERT INTO users (name, password) VALUES ('ann', '…')`: steps to the value of a name among columns. Those of PostgreSQL's
    /// dumps stand on the next line, with tabs between them.
    pub(super) fn inserted_value(&mut self, name: Span) -> bool {
        let before = &self.chunk[name.start.saturating_sub(HEAD_BYTES)..name.start];
        let rest = &self.rest()[..self.rest().len().min(ROWS_BYTES)];
        let is_column = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b',' | b' ' | b'`' | b'"' | b'[' | b']' | b'\n' | b'\r');
        let head = memchr::memrchr(b'(', before).map(|open| &before[open + 1..]).filter(|head| head.iter().all(is_column));
        let tail = memchr::memchr(b')', rest).filter(|&close| rest[..close].iter().all(is_column));
        let (Some(head), Some(close)) = (head, tail) else { return false };
        let column = head.iter().filter(|b| **b == b',').count();
        let rows = rest[close + 1..].trim_ascii_start();
        let value = if rows.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"values")) {
            let row = rows[6..].trim_ascii_start();
            row.strip_prefix(b"(").and_then(|row| nth_value(row, column))
        } else {
            let row = rows.strip_prefix(b"FROM stdin;").map(<[u8]>::trim_ascii_start);
            row.and_then(|row| behind_marks(line_at(row, 0), b'\t', column).map(|at| &row[at..]))
        };
        let Some(value) = value else { return false };
        self.at += rest.len() - value.len();
        true
    }

    /// Steps to the cell below a name that heads a column: `| user | password |` and its first row, or the first line of a CSV.
    pub(super) fn cell_below(&mut self, name: Span) -> bool {
        let before = &self.chunk[name.start.saturating_sub(HEAD_BYTES)..name.start];
        let head = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
        let rest = &self.rest()[..self.rest().len().min(ROWS_BYTES)];
        let Some(head_end) = memchr::memchr(b'\n', rest) else { return false };
        let second = line_at(rest, head_end + 1);
        let is_rule = second.contains(&b'-') && second.iter().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\r'));
        let is_first = head.len() == name.start && is_header(head) && is_header(&rest[..head_end]);
        let (start, mark) = match (is_rule, is_first) {
            (true, _) => (head_end + second.len() + 2, b'|'),
            (false, true) => (head_end + 1, b','),
            (false, false) => return false,
        };
        if start > rest.len() {
            return false;
        }
        let marks = |text: &[u8]| text.iter().filter(|b| **b == mark).count();
        let row = line_at(rest, start);
        let count = marks(head) + marks(&rest[..head_end]);
        if count == 0 || marks(row) != count {
            return false;
        }
        let column: usize = row.split(|&b| b == mark).take(marks(head)).map(|cell| cell.len() + 1).sum();
        self.at += start + column;
        self.blanks();
        true
    }
}

/// Returns what begins behind so many commas that stand in no text.
fn nth_value(row: &[u8], count: usize) -> Option<&[u8]> {
    let (mut commas, mut is_text, mut escaped) = (0, false, false);
    for (at, &byte) in row.iter().enumerate() {
        if commas == count && !byte.is_ascii_whitespace() {
            return Some(&row[at..]);
        }
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\'' => is_text = !is_text,
            b',' if !is_text => commas += 1,
            b')' | b';' if !is_text => return None,
            _ => {}
        }
    }
    None
}

/// Returns where the cell behind so many marks begins.
fn behind_marks(row: &[u8], mark: u8, count: usize) -> Option<usize> {
    match count.checked_sub(1) {
        None => Some(0),
        Some(last) => memchr::memchr_iter(mark, row).nth(last).map(|at| at + 1),
    }
}

/// `os.getenv("NAME", "…")`: returns where the second argument of a lookup begins.
fn second_argument(rest: &[u8]) -> Option<usize> {
    let open = memchr::memchr2(b'(', b'\n', rest).filter(|&at| rest[at] == b'(')?;
    let call = rest[..open].to_ascii_lowercase();
    LOOKUPS.iter().any(|lookup| call.ends_with(lookup.as_bytes())).then_some(())?;
    let quote = *rest.get(open + 1).filter(|b| matches!(b, b'"' | b'\''))?;
    let behind = open + 3 + memchr::memchr(quote, &rest[open + 2..])?;
    let default = rest[behind..].strip_prefix(b",")?.trim_ascii_start();
    matches!(default.first(), Some(b'"' | b'\'' | b'`')).then(|| rest.len() - default.len())
}

fn line_at(text: &[u8], start: usize) -> &[u8] {
    let rest = &text[start.min(text.len())..];
    &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
}

/// Returns whether a part of a line names columns: words between commas.
fn is_header(part: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ' | b'"' | b'.');
    part.trim_ascii_end().split(|&b| b == b',').all(|cell| cell.len() <= 32 && cell.iter().all(is_name))
}

/// Returns where the value of a key begins within a block: `"value": …`, `default = …`.
fn value_of(block: &[u8], key: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(block, key).find_map(|at| {
        let before = block[..at].last();
        let quote = before.filter(|b| matches!(b, b'"' | b'\''));
        let mut end = at + key.len();
        end += usize::from(quote.is_some() && block.get(end) == quote);
        let blanks = |at: usize| block[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let is_key = before.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b'{'));
        let joint = end + blanks(end);
        (is_key && matches!(block.get(joint), Some(b':' | b'='))).then(|| joint + 1 + blanks(joint + 1))
    })
}

/// Returns whether an expression looks a value up: in the environment, in settings, among arguments.
fn is_lookup(expression: &[u8]) -> bool {
    let folded = expression.to_ascii_lowercase();
    ["env", "config", "setting", "option", "param", "arg", "props", "get"]
        .iter()
        .any(|word| memchr::memmem::find(&folded, word.as_bytes()).is_some())
}
