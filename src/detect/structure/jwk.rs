//! Private JSON Web Keys (RFC 7517), whatever the order of their members and however often their quotes are escaped.

use super::{Read, Said};
use crate::finding::Evidence;
use crate::span::Span;

/// How far on either side of `kty` the other members may stand: an RSA key of 4,096 bits has 3,200 characters.
const AROUND_BYTES: usize = 4_000;
/// The shortest: 32 bytes in base64url.
const MIN_SECRET_CHARS: usize = 42;

/// Reads the private member of the object in which the keyword `kty` names the type.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let from = keyword.start.saturating_sub(AROUND_BYTES);
    let to = chunk.len().min(keyword.end + AROUND_BYTES);
    let open = from + memchr::memrchr2(b'{', b'}', &chunk[from..keyword.start])?;
    if chunk[open] != b'{' {
        return None;
    }
    let close = keyword.end + memchr::memchr2(b'{', b'}', &chunk[keyword.end..to])?;
    let object = Span::new(open + 1, close);
    let private: &[u8] = match member(chunk, object, b"kty")?.of(chunk) {
        b"oct" => b"k",
        b"RSA" | b"EC" | b"OKP" => b"d",
        _ => return None,
    };
    let secret = member(chunk, object, private)?;
    let is_base64url = secret.of(chunk).iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if secret.len() < MIN_SECRET_CHARS || !is_base64url {
        return None;
    }
    let mut evidence = Evidence::default();
    evidence.add("private member of a JSON Web Key", 4.0);
    Some(Read { secret, normal: None, said: Said::Proof(evidence) })
}

/// Returns the text value of a member of a flat object.
fn member(chunk: &[u8], object: Span, name: &[u8]) -> Option<Span> {
    let is_quote = |b: &u8| matches!(b, b'"' | b'\'' | b'\\');
    let is_blank = |b: &u8| b.is_ascii_whitespace();
    memchr::memmem::find_iter(object.of(chunk), name).find_map(|found| {
        let (start, mut at) = (object.start + found, object.start + found + name.len());
        let before = chunk[start - 1];
        if !is_quote(&before) && !is_blank(&before) && !matches!(before, b',' | b'{') {
            return None;
        }
        let mut skip = |is: &dyn Fn(&u8) -> bool| {
            let len = chunk[at..object.end].iter().take_while(|b| is(b)).count();
            at += len;
            (at, len)
        };
        skip(&is_quote);
        skip(&is_blank);
        let (_, colons) = skip(&|b| *b == b':');
        skip(&is_blank);
        let (value, quotes) = skip(&is_quote);
        let len = chunk[value..object.end].iter().take_while(|b| !is_quote(b)).count();
        (colons == 1 && quotes > 0 && value + len < object.end).then(|| Span::new(value, value + len))
    })
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn the_private_member_is_read_in_any_order_and_writing() {
        let secret = "q".repeat(43);
        for (text, is_read) in [
            (format!(r#"{{"kty":"EC","d":"{secret}"}}"#), true),
            (format!(r#"{{"d": "{secret}", "kid": "d", "kty": "OKP"}}"#), true),
            (format!(r#"{{\"kty\":\"oct\",\"k\":\"{secret}\"}}"#), true),
            (format!("{{ kty: 'RSA', d: '{secret}' }}"), true),
            (format!(r#"{{"kty":"oct","d":"{secret}"}}"#), false),
            (format!(r#"{{"kty":"EC","x":"{secret}"}}"#), false),
            (format!(r#"{{"kty":"EC"}}, {{"d":"{secret}"}}"#), false),
            (format!(r#"{{"kty":"EC","kid":"{secret}"}}"#), false),
            (r#"{"kty":"EC","d":"short"}"#.to_owned(), false),
        ] {
            let at = text.find("kty").expect("each names a type");
            let read = super::read(text.as_bytes(), Span::new(at, at + 3));
            assert_eq!(read.map(|read| read.secret.of(text.as_bytes()).to_vec()), is_read.then(|| secret.clone().into_bytes()), "{text}");
        }
    }
}
