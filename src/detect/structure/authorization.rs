//! `Authorization: Basic …` and `Bearer …`, in headers, code and command lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::Read;
use crate::finding::Evidence;
use crate::span::Span;

const MAX_BYTES: usize = 4_000;

/// Reads the value behind the keyword `basic` or `bearer`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let is_basic = keyword.of(chunk)[..5].eq_ignore_ascii_case(b"basic");
    let before = chunk[..keyword.start].last();
    if before.is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let start = keyword.end;
    let rest = &chunk[start..chunk.len().min(start + MAX_BYTES)];
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'.' | b'~' | b'=');
    let value = &rest[..rest.iter().position(|&b| !is_part(b)).unwrap_or(rest.len())];
    let is_template = rest.get(value.len()).is_some_and(|b| matches!(b, b'{' | b'$' | b'<' | b'%'));
    if is_template {
        return None;
    }
    let value = value.strip_suffix(b".").unwrap_or(value);
    let mut evidence = Evidence::default();
    if is_basic {
        let decoded = STANDARD_NO_PAD.decode(value.trim_ascii_end().split(|&b| b == b'=').next()?).ok()?;
        let colon = memchr::memchr(b':', &decoded)?;
        let is_text = decoded.iter().all(|b| (0x20..0x7f).contains(b));
        if !is_text || colon + 1 >= decoded.len() || value.len() < 6 {
            return None;
        }
        evidence.add("user and password in Basic authorization", 2.2);
    } else {
        let has_digit = value.iter().any(u8::is_ascii_digit);
        if value.len() < 16 || !has_digit {
            return None;
        }
        evidence.add("Bearer authorization", 1.6);
    }
    Some(Read { secret: Span::new(start, start + value.len()), normal: None, evidence, assignment: None })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use crate::span::Span;

    #[test]
    fn basic_must_decode_to_user_and_password() {
        for (text, is_read) in [
            (format!("Authorization: Basic {}", STANDARD_NO_PAD.encode("user:any")), true),
            ("basic authentication".to_owned(), false),
            (format!("Basic {}", STANDARD_NO_PAD.encode("no colon")), false),
            (format!("Bearer {}", "x1".repeat(10)), true),
            (format!("Bearer {}${{REST}}", "x1".repeat(10)), false),
            ("bearer of good news and more".to_owned(), false),
        ] {
            let lower = text.to_ascii_lowercase();
            let word = if lower.contains("basic ") { "basic " } else { "bearer " };
            let at = lower.find(word).expect("each has a mark");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            assert_eq!(read.is_some(), is_read, "{text}");
        }
    }
}
