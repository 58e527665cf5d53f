//! `Authorization: Basic …` and `Bearer …`, in headers, code and command lines.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

const MAX_BYTES: usize = 4_000;

/// Base64 whose last bits may be anything, as hand-made examples have it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

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
    let secret = Span::new(start, start + value.len());
    if is_basic { basic(value, secret) } else { bearer(value, secret) }
}

fn basic(value: &[u8], secret: Span) -> Option<Read> {
    let body = &value[..value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1)];
    let decoded = LENIENT.decode(body).ok()?;
    let colon = memchr::memchr(b':', &decoded)?;
    let (user, password) = (&decoded[..colon], &decoded[colon + 1..]);
    let is_text = decoded.iter().all(|b| (0x20..0x7f).contains(b));
    if !is_text || value.len() < 6 {
        return None;
    }
    let mut signs = Signs::default();
    signs.add(Sign::PlaceBasic);
    signs.add_if(user.eq_ignore_ascii_case(password), Sign::SameAsUser);
    // A key may be the user, with no password: `key:`.
    let typed = if password.is_empty() { user } else { password };
    Some(Read { secret, normal: None, said: Said::Place { signs, password: Some(typed.into()) } })
}

fn bearer(value: &[u8], secret: Span) -> Option<Read> {
    let has_digit = value.iter().any(u8::is_ascii_digit);
    if value.len() < 16 || !has_digit {
        return None;
    }
    let mut signs = Signs::default();
    signs.add(Sign::PlaceBearer);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: None } })
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
