//! What surrounds a value: what joins it to its name, and the rest of the line.
//!
//! Only the bytes within the reach of a detector may be looked at, so a line is cut where it is long.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::sign::{Sign, Signs};
use crate::detect::form::{Assignment, Closed, Joint};
use crate::span::Span;

/// How much is looked at before a name: with the name this is less than the reach of an assignment before its keyword.
const BEFORE_BYTES: usize = 120;
/// How much is looked at behind a value.
const AFTER_BYTES: usize = 64;

/// Returns whether the form says that there is no secret: an image's tag, the result of a lookup.
pub(super) fn is_none(chunk: &[u8], assignment: &Assignment) -> bool {
    let is_bare = assignment.quote.is_none();
    let follows = |before: &[u8]| chunk[..assignment.name.start].ends_with(before);
    if follows(b"?<") || follows(b"?P<") || (follows(b" x:") && assignment.name.of(chunk) == b"Key") {
        // `(?<secret>…)` is a group of a regular expression, `x:Key="…"` the name of a resource in XAML.
        return true;
    }
    let after_slash = assignment.name.start.checked_sub(1).is_some_and(|before| chunk[before] == b'/');
    if is_bare && after_slash && assignment.joint == Joint::Colon {
        // `registry/my-secrets:1.2`: the tag of an image, or the port of a host.
        return true;
    }
    let is_next = assignment.value.start == assignment.name.end + 1;
    let begins_group = |group: &str| assignment.name.of(chunk).starts_with(group.as_bytes());
    if is_bare && is_next && assignment.joint == Joint::Colon && ["io.", "com.", "org.", "net.", "dev."].into_iter().any(begins_group) {
        // `io.jsonwebtoken:jjwt-gson`: a library of Maven.
        return true;
    }
    if is_bare && assignment.joint == Joint::Colon && assignment.value.of(chunk).starts_with(b"//") {
        // The rest of an address whose scheme is the name.
        return true;
    }
    if is_in_resource_name(chunk, assignment.name.start) || is_asked_of_text(chunk, assignment) || is_in_list(chunk, assignment) {
        return true;
    }
    if is_bare && assignment.joint == Joint::Compares && assignment.name.len() == 2 {
        // `+pw== 14525`: the padding of base64.
        return true;
    }
    if assignment.joint == Joint::Markup && is_against_forgery(assignment.name.of(chunk)) {
        return true;
    }
    let after = &chunk[assignment.value.end..chunk.len().min(assignment.value.end + AFTER_BYTES)];
    let has_digit = assignment.value.of(chunk).iter().any(u8::is_ascii_digit);
    if is_bare && assignment.joint == Joint::Colon && !has_digit && begins_sentence(after) {
        return true;
    }
    assignment.wrapper.is_some_and(|wrapper| {
        let wrapper = wrapper.of(chunk).to_ascii_lowercase();
        if matches!(wrapper.trim_ascii_end(), [.., before, b'['] if before.is_ascii_alphanumeric() || *before == b'_') {
            // `values["key"]`: what is in quotes says where to look.
            return true;
        }
        let lookups = [
            "env",
            "config",
            "get",
            "param",
            "option",
            "lookup",
            "input",
            "prompt",
            "find",
            "fetch",
            "require",
            "hash",
            "regex",
            "normalize",
            "format",
            "read",
            "open",
            "query",
            "select",
            "match",
            "split",
        ];
        let is_lookup = |word: &str| memchr::memmem::find(&wrapper, word.as_bytes()).is_some();
        let is_bytes = memchr::memmem::find(&wrapper, b"getbytes").is_some() || memchr::memmem::find(&wrapper, b"getdecoder").is_some();
        !is_bytes && lookups.iter().any(|word| is_lookup(word))
    })
}

/// `<input name="authenticity_token" value="…">`: what a page sends back with its form, which every visitor has one of.
fn is_against_forgery(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    ["csrf", "xsrf", "authenticity", "requestverification"].iter().any(|word| memchr::memmem::find(&name, word.as_bytes()).is_some())
}

/// `arn:aws:secretsmanager:*:*:secret:app/db-*`, `urn:ietf:wg:oauth:2.0:oob`: a name in which a kind stands before a colon.
fn is_in_resource_name(chunk: &[u8], name: usize) -> bool {
    let before = &chunk[name.saturating_sub(BEFORE_BYTES)..name];
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'*' | b'-' | b'_' | b'/' | b'.');
    let word = &before[before.iter().rposition(|b| !is_part(b)).map_or(0, |at| at + 1)..];
    word.starts_with(b"arn:") || word.starts_with(b"urn:")
}

/// `secret.strip(" ")`, `credentials.get("v3")`: a method that asks something of a text or a map; `alias pwd='…'`, a command.
fn is_asked_of_text(chunk: &[u8], assignment: &Assignment) -> bool {
    const ASKS: [&str; 26] = [
        "strip",
        "lstrip",
        "rstrip",
        "trim",
        "split",
        "rsplit",
        "replace",
        "startswith",
        "starts_with",
        "hasprefix",
        "endswith",
        "ends_with",
        "indexof",
        "includes",
        "contains",
        "get",
        "getproperty",
        "has",
        "haskey",
        "match",
        "matches",
        "join",
        "find",
        "pop",
        "fetch",
        "test",
    ];
    let name = assignment.name.of(chunk);
    let method = memchr::memrchr(b'.', name).map(|dot| name[dot + 1..].to_ascii_lowercase());
    let asks = method.is_some_and(|method| ASKS.iter().any(|word| word.as_bytes() == method));
    (assignment.joint == Joint::Call && asks) || chunk[..assignment.name.start].ends_with(b"alias ")
}

/// `"password",` and `"saml2",` on the lines of a list: neither is the value of the other; nor is what follows `"the secret",`.
fn is_in_list(chunk: &[u8], assignment: &Assignment) -> bool {
    if assignment.joint != Joint::Comma {
        return false;
    }
    let between = Span::new(assignment.name.end, assignment.value.start).of(chunk);
    let before = &chunk[assignment.name.start.saturating_sub(BEFORE_BYTES)..assignment.name.start];
    let outside = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).map(<[u8]>::trim_ascii_end);
    let ends_sentence = assignment.closed == Closed::Quoted && before.ends_with(b" ");
    ends_sentence || (between.contains(&b'\n') && !outside.unwrap_or(before.trim_ascii_end()).ends_with(b"("))
}

/// Notes how a value is joined to its name, and what stands around the two.
pub(super) fn look(chunk: &[u8], assignment: &Assignment, signs: &mut Signs) {
    joint(chunk, assignment, signs);
    quote(chunk, assignment, signs);
    wrapper(chunk, assignment, signs);
    line(chunk, assignment.name.start, assignment.value, signs);
    let between = chunk.get(assignment.name.end..assignment.value.start).unwrap_or_default();
    let is_spaced = between.windows(2).any(|pair| matches!(pair, [b' ', b'=' | b':'] | [b'=' | b':', b' ']));
    signs.add_if(is_spaced, Sign::Spaced);
    signs.add_if(is_said_before(chunk, assignment), Sign::SameAsUser);
}

/// `user=app password=app`: what a user is called by as well, or a host or a database.
fn is_said_before(chunk: &[u8], assignment: &Assignment) -> bool {
    if assignment.value.start < assignment.name.start {
        return false;
    }
    let value = assignment.value.of(chunk);
    let before = &chunk[assignment.name.start.saturating_sub(BEFORE_BYTES)..assignment.name.start];
    let is_edge = |b: Option<&u8>| {
        b.is_some_and(|b| matches!(b, b' ' | b'=' | b':' | b'"' | b'\'' | b'\n' | b'\r' | b';' | b',' | b'/' | b'>' | b'<' | b'@'))
    };
    memchr::memmem::find_iter(before, value)
        .any(|at| is_edge(at.checked_sub(1).map(|at| &before[at])) && is_edge(before.get(at + value.len())))
}

/// Returns whether a statement sets the name, `key = "x"`: not an argument, `key="x"`, and no entry of a map.
pub(super) fn is_statement(chunk: &[u8], assignment: &Assignment) -> bool {
    assignment.joint == Joint::Equals && chunk[assignment.name.end] == b' '
}

/// Notes what stands around a value that has no name.
pub(super) fn look_around(chunk: &[u8], secret: Span, signs: &mut Signs) {
    line(chunk, secret.start, secret, signs);
}

fn joint(chunk: &[u8], assignment: &Assignment, signs: &mut Signs) {
    let is_flag = assignment.name.start >= 1 && chunk[assignment.name.start - 1] == b'-';
    signs.add(match assignment.joint {
        Joint::Equals | Joint::Space if is_flag => Sign::JoinFlag,
        Joint::Equals => Sign::JoinEquals,
        Joint::Colon => Sign::JoinColon,
        Joint::Compares => Sign::JoinCompares,
        Joint::Default => Sign::JoinDefault,
        Joint::Call => Sign::JoinCall,
        Joint::Comma => Sign::JoinComma,
        Joint::Space => Sign::JoinSpace,
        Joint::Markup => Sign::JoinMarkup,
        Joint::NextLine => Sign::JoinNextLine,
        Joint::Cell => Sign::JoinCell,
        Joint::Says => Sign::JoinSays,
    });
}

fn quote(chunk: &[u8], assignment: &Assignment, signs: &mut Signs) {
    signs.add(match assignment.quote {
        Some(b'"') => Sign::QuoteDouble,
        Some(b'`') => Sign::QuoteTick,
        Some(_) => Sign::QuoteSingle,
        None => Sign::Bare,
    });
    signs.add_if(assignment.is_split, Sign::Split);
    match assignment.closed {
        Closed::Bare => {}
        Closed::Quoted => signs.add(Sign::NameQuoted),
        Closed::Bracketed => signs.add(Sign::NameBracketed),
    }
    let after = &chunk[assignment.value.end..chunk.len().min(assignment.value.end + AFTER_BYTES)];
    let quote = usize::from(assignment.quote.is_some());
    let rest = after.get(quote..).unwrap_or_default();
    let next = rest.iter().position(|b| !matches!(b, b' ' | b'\t'));
    let is_near = next == Some(0);
    signs.add(match next.map_or(b'\n', |at| rest[at]) {
        b'\n' | b'\r' => Sign::EndLine,
        b',' => Sign::EndComma,
        b';' => Sign::EndSemicolon,
        b')' => Sign::EndParenthesis,
        b'}' | b']' => Sign::EndBrace,
        b'"' | b'\'' | b'`' if is_near => Sign::EndString,
        b'#' => Sign::EndComment,
        b'/' if rest[next.unwrap_or(0)..].starts_with(b"//") => Sign::EndComment,
        b'*' if rest[next.unwrap_or(0)..].starts_with(b"*/") => Sign::EndComment,
        b'<' | b'>' => Sign::EndMarkup,
        b'&' => Sign::EndAmpersand,
        b'\\' => Sign::EndBackslash,
        _ => Sign::EndText,
    });
    signs.add_if(assignment.quote.is_none() && begins_sentence(rest), Sign::EndProse);
}

/// Returns whether two words follow, as in `the key of an administrator`.
fn begins_sentence(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let mut words = line.split(|&b| b == b' ');
    let is_mark = |b: &u8| matches!(b, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'"' | b'\'' | b')');
    let is_word = |word: Option<&[u8]>| {
        let word = word.map(|word| &word[..word.iter().rposition(|b| !is_mark(b)).map_or(0, |last| last + 1)]);
        word.is_some_and(|word| word.len() >= 2 && word.iter().all(u8::is_ascii_alphabetic))
    };
    words.next() == Some(b"") && is_word(words.next()) && is_word(words.next())
}

fn wrapper(chunk: &[u8], assignment: &Assignment, signs: &mut Signs) {
    let Some(wrapper) = assignment.wrapper else { return };
    let wrapper = wrapper.of(chunk).to_ascii_lowercase();
    let any = |parts: &[&str]| parts.iter().any(|part| memchr::memmem::find(&wrapper, part.as_bytes()).is_some());
    signs.add(if any(&["decode", "base64", "fromhex", "unhex"]) {
        Sign::WrapDecode
    } else if wrapper.is_empty() || any(&["string", "byte", "text", "secret", "buffer", "some", "list", "value", "utf", "[]"]) {
        Sign::WrapString
    } else {
        Sign::WrapOther
    });
}

/// Notes what the rest of the line says; `start` is where the name begins, or the value without one.
fn line(chunk: &[u8], start: usize, value: Span, signs: &mut Signs) {
    let before = &chunk[start.saturating_sub(BEFORE_BYTES)..start];
    let above_end = memchr::memrchr(b'\n', before);
    let head = &before[above_end.map_or(0, |at| at + 1)..];
    let above = &before[..above_end.unwrap_or(0)];
    let after = &chunk[value.end..chunk.len().min(value.end + AFTER_BYTES)];
    let tail = &after[..memchr::memchr(b'\n', after).unwrap_or(after.len())];
    signs.add_if(above_end.is_none() && before.len() == BEFORE_BYTES, Sign::LongLine);
    beginning(head, signs);
    AROUND.note(head, signs);
    AROUND.note(tail, signs);
    ABOVE.note(above, signs);
}

/// Words, in any case, and what each says of a candidate near by.
struct Words {
    finder: AhoCorasick,
    /// By the number of the word.
    said: Vec<Sign>,
}

impl Words {
    fn new(table: &[(Sign, &[&str])]) -> Self {
        let words = table.iter().flat_map(|(_, words)| words.iter());
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few words make a small automaton");
        let said = table.iter().flat_map(|(sign, words)| words.iter().map(|_| *sign)).collect();
        Words { finder, said }
    }

    fn note(&self, text: &[u8], signs: &mut Signs) {
        self.finder.find_overlapping_iter(text).for_each(|found| signs.add(self.said[found.pattern().as_usize()]));
    }
}

/// On the line itself.
static AROUND: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        (Sign::Asserts, &["assert", "expect", "should", "verify(", "must_equal"]),
        (Sign::Prints, &["print", "log.", "logger", "echo ", "console."]),
        (Sign::SaysExample, &["example", "e.g", "for instance", "sample"]),
        (Sign::SaysDefault, &["default"]),
        (Sign::SaysTest, &["test", "mock", "fake", "dummy"]),
        (Sign::SaysUser, &["user", "login", "email", "account"]),
        (Sign::SaysHost, &["host", "server", "port", "jdbc", "database"]),
        (Sign::CommandLine, &["curl ", "docker ", "mysql ", "$ ", " --", "export ", "kubectl "]),
    ])
});

/// On the lines above it.
static ABOVE: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        (Sign::SaysUserAbove, &["user", "login", "email", "host", "account"]),
        (Sign::SaysSecretAbove, &["secret", "token", "password", "key"]),
    ])
});

/// Notes what stands before the name on its line.
fn beginning(head: &[u8], signs: &mut Signs) {
    let lead = head.trim_ascii_start();
    let near = head.trim_ascii_end();
    signs.add_if(lead.is_empty() || matches!(lead, b"\"" | b"'"), Sign::StartsLine);
    let comments = [&b"//"[..], b"#", b"*", b"/*", b"--", b"<!--", b";", b"rem "];
    signs.add_if(comments.iter().any(|mark| lead.starts_with(mark)), Sign::Comment);
    signs.add_if(lead.starts_with(b"- ") || lead == b"-", Sign::ListItem);
    signs.add_if(lead.starts_with(b"|"), Sign::InCell);
    let first = lead.split(|b| !b.is_ascii_alphanumeric()).next().unwrap_or_default();
    let declares = [
        &b"const"[..],
        b"let",
        b"var",
        b"val",
        b"final",
        b"static",
        b"private",
        b"public",
        b"protected",
        b"def",
        b"string",
        b"String",
        b"char",
        b"auto",
        b"my",
        b"internal",
    ];
    signs.add_if(declares.contains(&first), Sign::Declares);
    signs.add_if(matches!(first, b"export" | b"ENV" | b"ARG" | b"set" | b"SET" | b"env" | b"environment"), Sign::Exports);
    signs.add_if(matches!(first, b"if" | b"elif" | b"else" | b"when" | b"case" | b"while" | b"return" | b"unless"), Sign::Conditional);
    match near.last() {
        Some(b'(' | b',') => signs.add(Sign::Argument),
        Some(b'{' | b'[') => signs.add(Sign::InObject),
        Some(b'?' | b'&') => signs.add(Sign::QueryString),
        _ => {}
    }
    // A quote right before the name belongs to it.
    let outside = head.strip_suffix(b"\"").or(head.strip_suffix(b"'")).unwrap_or(head);
    let is_open = |quote: u8| outside.iter().filter(|&&b| b == quote).count() % 2 == 1;
    signs.add_if(is_open(b'"') || is_open(b'\''), Sign::InString);
    let words = lead.split(|&b| b == b' ').filter(|word| word.len() >= 2 && word.iter().all(u8::is_ascii_alphabetic)).count();
    signs.add_if(words >= 3, Sign::Prose);
}
