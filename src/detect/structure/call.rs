//! Calls that take a user and a password one after the other: `login("user", "…")`, `auth=("user", "…")`, `getConnection(url, "user", "…")`.
//!
//! The password has no name here; that of the function says what the second text is.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// How much of the arguments is looked at.
const LINE_BYTES: usize = 240;
const MAX_BYTES: usize = 96;

/// Reads the second of two texts behind the keyword, which ends where the arguments begin.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + LINE_BYTES)];
    let word = keyword.of(chunk).to_ascii_lowercase();
    let mut at = 0;
    // `getConnection(url, user, password)`: what is connected to comes first.
    if word.ends_with(b"connection(") || word.ends_with(b"connect(") || word.ends_with(b"pdo(") {
        at = argument_end(rest, at).filter(|&end| rest.get(end) == Some(&b','))? + 1;
    }
    let user = text(rest, at)?;
    at = user.end + 1 + blanks(&rest[user.end + 1..]);
    if rest.get(at) != Some(&b',') {
        return None;
    }
    let password = text(rest, at + 1)?;
    let after = rest.get(password.end + 1 + blanks(&rest[password.end + 1..]));
    let is_last = after.is_none_or(|b| matches!(b, b')' | b',' | b'\n' | b'\r' | b';' | b']'));
    let (name, value) = (user.of(rest), password.of(rest));
    // `WiFi.begin("Home network", "…")`: a network has a name of words.
    let is_network = word.starts_with(b"wifi");
    let is_name = !name.is_empty() && name.len() <= MAX_BYTES && (is_network || !name.contains(&b' '));
    if !is_last || !is_name || value.is_empty() || value.len() > MAX_BYTES {
        return None;
    }
    let mut signs = Signs::default();
    signs.add(Sign::PlaceCall);
    signs.add_if(name.eq_ignore_ascii_case(value), Sign::SameAsUser);
    let secret = Span::new(keyword.end + password.start, keyword.end + password.end);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: None } })
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Reads the text in quotes that begins at `from`, behind what may stand around it: `Some("…")`, `b"…"`, `@"…"`.
fn text(rest: &[u8], from: usize) -> Option<Span> {
    let start = from + blanks(rest.get(from..)?);
    let open = start + rest[start..].iter().take(8).position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let before = &rest[start..open];
    let is_plain = matches!(before, b"" | b"b" | b"u" | b"r" | b"@" | b"Some(");
    let quote = rest[open];
    let len = memchr::memchr2(quote, b'\n', &rest[open + 1..]).filter(|&len| rest[open + 1 + len] == quote)?;
    is_plain.then_some(Span::new(open + 1, open + 1 + len))
}

/// Returns where an argument ends: at a comma or parenthesis that is not within quotes or parentheses.
fn argument_end(rest: &[u8], from: usize) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0usize);
    for (at, &byte) in rest.iter().enumerate().skip(from) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b',' | b')') if depth == 0 => return Some(at),
            (None, b')') => depth -= 1,
            (None, b'\n' | b';') => return None,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_the_second_of_two_texts() {
        for (text, password) in [
            ("server.login(\"ann@corp.net\", \"abc\")", Some("abc")),
            ("login('ann', 'abc', { remember: true })", Some("abc")),
            ("auth=(\"ann\", \"abc\")", Some("abc")),
            ("auth = ('ann',\n  'abc')", Some("abc")),
            ("http.basic_auth 'ann', 'abc'", Some("abc")),
            ("req.SetBasicAuth(\"ann\", \"abc\")", Some("abc")),
            (".basic_auth(\"ann\", Some(\"abc\"))", Some("abc")),
            ("new NetworkCredential(\"ann\", \"abc\");", Some("abc")),
            ("DriverManager.getConnection(url, \"ann\", \"abc\")", Some("abc")),
            ("getConnection(\"jdbc:x(1,2)\", \"ann\", \"abc\")", Some("abc")),
            ("mysqli_connect('db', 'ann', 'abc', 'app')", Some("abc")),
            ("login(\"ann\", password)", None),
            ("login(user, \"abc\")", None),
            ("login(\"ann\" + x, \"abc\")", None),
            ("getConnection(\"ann\", \"abc\")", None),
            ("login(\"a whole sentence\", \"abc\")", None),
            ("WiFi.begin(\"Home network\", \"abc\");", Some("abc")),
            ("WiFi.begin(ssid, \"abc\");", None),
        ] {
            let folded = text.to_ascii_lowercase();
            let words =
                ["wifi.begin(", "login(", "credential(", "getconnection(", "mysqli_connect(", "auth(", "auth=(", "auth = (", "basic_auth "];
            let word = words.iter().find(|word| folded.contains(**word)).expect("each has a keyword");
            let at = folded.find(word).expect("it was found");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
