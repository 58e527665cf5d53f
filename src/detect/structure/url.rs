//! `scheme://user:password@host`, and the name of a data source in Go, `user:password@tcp(host)`.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// What a user name and a password may take together: the reach of the structure, less the scheme.
const MAX_BYTES: usize = 448;

pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    if keyword.of(chunk).starts_with(b"@") {
        return of_data_source(chunk, keyword);
    }
    let start = keyword.end;
    let rest = &chunk[start..chunk.len().min(start + MAX_BYTES)];
    let is_end = |b: u8| {
        b.is_ascii_whitespace() || matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\' | b',' | b'(' | b')')
    };
    let mut authority = &rest[..rest.iter().position(|&b| is_end(b)).unwrap_or(rest.len())];
    if matches!(rest.get(authority.len()), Some(b'?' | b'#')) && !is_host_and_port(authority) {
        // People write such a mark into a password as it is.
        let is_end = |b: u8| is_end(b) && !matches!(b, b'?' | b'#');
        authority = &rest[..rest.iter().position(|&b| is_end(b)).unwrap_or(rest.len())];
    }
    let at = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..at])?;
    let host = &authority[at + 1..];
    // A placeholder such as `${user:-nobody}` may hold the colon.
    let is_placeholder = authority[..colon].contains(&b'{') && authority[colon..at].contains(&b'}');
    if colon + 1 == at || host.is_empty() || is_placeholder {
        return None;
    }
    let scheme_start =
        start - 3 - chunk[..start - 3].iter().rev().take(16).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-')).count();
    if scheme_start == start - 3 {
        return None;
    }
    let (user, password) = (&authority[..colon], &authority[colon + 1..at]);
    let host_name = host.split(|&b| b == b':').next().unwrap_or(host).to_ascii_lowercase();
    let mut signs = Signs::default();
    signs.add(Sign::PlaceUrl);
    signs.add_if(is_example_host(&host_name), Sign::HostExample);
    signs.add_if(matches!(&host_name[..], b"localhost" | b"127.0.0.1" | b"0.0.0.0"), Sign::HostLocal);
    // What is judged is what a person would type.
    let typed = memchr::memchr(b'%', password).map(|_| percent_decoded(password));
    signs.add_if(user.eq_ignore_ascii_case(password), Sign::SameAsUser);
    let examples =
        [&b"user"[..], b"username", b"usr", b"name", b"login", b"foo", b"test", b"john", b"john.doe", b"johndoe", b"alice", b"bob"];
    signs.add_if(examples.contains(&&user.to_ascii_lowercase()[..]), Sign::UserExample);
    let secret = Span::new(start + colon + 1, start + at);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: typed } })
}

/// Replaces each `%40` and the like by the byte it stands for.
fn percent_decoded(text: &[u8]) -> Box<[u8]> {
    let digit = |at: usize| text.get(at).and_then(|&b| char::from(b).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let escaped = if text[at] == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        decoded.push(escaped.map_or(text[at], |(high, low)| (high * 16 + low) as u8));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded.into()
}

/// How much is looked at before `@tcp(`: less than the reach of the structure.
const BEFORE_BYTES: usize = 120;

fn of_data_source(chunk: &[u8], keyword: Span) -> Option<Read> {
    let before = &chunk[keyword.start.saturating_sub(BEFORE_BYTES)..keyword.start];
    let is_end = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'=' | b'/');
    let head = &before[before.iter().rposition(is_end).map_or(0, |at| at + 1)..];
    let colon = memchr::memchr(b':', head).filter(|&colon| colon > 0 && colon + 1 < head.len())?;
    let mut signs = Signs::default();
    signs.add(Sign::PlaceUrl);
    signs.add_if(head[..colon].eq_ignore_ascii_case(&head[colon + 1..]), Sign::SameAsUser);
    let secret = Span::new(keyword.start - (head.len() - colon - 1), keyword.start);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: None } })
}

/// Returns whether nothing but a host, and digits behind a colon, stands before the query; user and password may come first.
fn is_host_and_port(authority: &[u8]) -> bool {
    let port = memchr::memrchr(b':', authority).map_or(&b""[..], |colon| &authority[colon + 1..]);
    authority.contains(&b'@') || port.iter().all(u8::is_ascii_digit)
}

/// Names reserved for examples (RFC 2606), and words that stand for a host.
fn is_example_host(host: &[u8]) -> bool {
    let ends = |suffix: &str| host.ends_with(suffix.as_bytes());
    let words = [&b"host"[..], b"hostname", b"server", b"example", b"proxy", b"domain", b"myhost", b"hst", b"site"];
    ["example.com", "example.org", "example.net", ".example", ".test", ".invalid"].iter().any(|s| ends(s)) || words.contains(&host)
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_the_password_between_colon_and_at() {
        for (url, password) in [
            ("postgres://app:abc@db.example:5432/x", Some("abc")),
            ("redis://:abc@cache.example", Some("abc")),
            ("https://user:a@b@host.example/path", Some("a@b")),
            ("mysql://app:a?b!@db.example/x", Some("a?b!")),
            ("https://host:8080?mail=a@b.example", None),
            ("https://host:8080/a@b", None),
            ("https://user@host", None),
            ("https://user:@host", None),
            ("https://${user:-nobody}@host.example", None),
            ("x ://user:pass@host", None),
            ("\"app:abc@tcp(db:3306)/x\"", Some("abc")),
            ("app@tcp(db:3306)/x", None),
        ] {
            let mark = if url.contains("@tcp(") { "@tcp(" } else { "://" };
            let at = url.find(mark).expect("each has the mark");
            let read = super::read(url.as_bytes(), Span::new(at, at + mark.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(url.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{url}");
        }
    }

    #[test]
    fn what_is_escaped_is_judged_as_it_is_typed() {
        for (text, typed) in [("p%40ss", "p@ss"), ("100%", "100%"), ("a%2Gb%2f", "a%2Gb/"), ("%", "%")] {
            assert_eq!(&*super::percent_decoded(text.as_bytes()), typed.as_bytes(), "{text}");
        }
    }
}
