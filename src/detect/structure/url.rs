//! `scheme://user:password@host`.

use super::Read;
use crate::finding::Evidence;
use crate::span::Span;

/// What a user name and a password may take together: the reach of the structure, less the scheme.
const MAX_BYTES: usize = 448;

pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let start = keyword.end;
    let rest = &chunk[start..chunk.len().min(start + MAX_BYTES)];
    let is_end = |b: u8| {
        b.is_ascii_whitespace() || matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\' | b',' | b'(' | b')')
    };
    let authority = &rest[..rest.iter().position(|&b| is_end(b)).unwrap_or(rest.len())];
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
    let mut evidence = Evidence::default();
    evidence.add("password of a URL", 2.2);
    let host_name = host.split(|&b| b == b':').next().unwrap_or(host);
    if is_example_host(host_name) {
        evidence.add("host of examples", -2.0);
    }
    if authority[..colon] == authority[colon + 1..at] {
        evidence.add("password equals user name", -1.0);
    }
    let secret = Span::new(start + colon + 1, start + at);
    Some(Read { secret, normal: None, evidence, assignment: None })
}

/// Names reserved for examples (RFC 2606), and the machine itself.
fn is_example_host(host: &[u8]) -> bool {
    let host = host.to_ascii_lowercase();
    let ends = |suffix: &str| host.ends_with(suffix.as_bytes());
    ["example.com", "example.org", "example.net", ".example", ".test", ".invalid", "localhost"].iter().any(|s| ends(s))
        || host == b"host"
        || host == b"hostname"
        || host == b"127.0.0.1"
        || host == b"server"
        || host == b"example"
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_the_password_between_colon_and_at() {
        for (url, password) in [
            ("postgres://app:abc@db.internal:5432/x", Some("abc")),
            ("redis://:abc@cache", Some("abc")),
            ("https://user:a@b@host/path", Some("a@b")),
            ("https://host:8080/a@b", None),
            ("https://user@host", None),
            ("https://user:@host", None),
            ("https://${user:-nobody}@host", None),
            ("x ://user:pass@host", None),
        ] {
            let at = url.find("://").expect("each has the mark");
            let read = super::read(url.as_bytes(), Span::new(at, at + 3));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(url.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{url}");
        }
    }
}
