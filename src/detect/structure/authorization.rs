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

/// Reads the value behind the keyword `basic` or `bearer`, or behind `authorization` where it has no scheme.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let word = keyword.of(chunk);
    let (is_basic, is_name) = (word.len() >= 5 && word[..5].eq_ignore_ascii_case(b"basic"), word.eq_ignore_ascii_case(b"authorization"));
    let before = chunk[..keyword.start].last();
    if before.is_some_and(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let start = if is_name { keyword.end + joint(&chunk[keyword.end..])? } else { keyword.end };
    let rest = &chunk[start..chunk.len().min(start + MAX_BYTES)];
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'.' | b'~' | b'=');
    let value = &rest[..rest.iter().position(|&b| !is_part(b)).unwrap_or(rest.len())];
    let is_template = rest.get(value.len()).is_some_and(|b| matches!(b, b'{' | b'$' | b'<' | b'%'));
    // A scheme is followed by its value, and a name by its mark.
    let is_word = is_name && rest.get(value.len()).is_some_and(|b| !matches!(b, b'"' | b'\'' | b'`' | b'\r' | b'\n'));
    if is_template || is_word {
        return None;
    }
    let value = value.strip_suffix(b".").unwrap_or(value);
    let secret = Span::new(start, start + value.len());
    if is_basic { basic(value, secret) } else { bearer(value, secret) }
}

/// Returns how long what joins the name of the header and its value is: `: `, `": "`.
fn joint(rest: &[u8]) -> Option<usize> {
    let len = rest.iter().take(MOST_JOINT_BYTES).take_while(|b| matches!(b, b'"' | b'\'' | b'\\' | b':' | b' ')).count();
    rest[..len].contains(&b':').then_some(len)
}

/// A quote, a colon, two gaps and another quote, all of them escaped.
const MOST_JOINT_BYTES: usize = 8;

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
            (format!("'Authorization:  {}'", "x1-".repeat(10)), true),
            (format!("\"authorization\": \"{}\"", "x1".repeat(10)), true),
            (format!("Authorization: {} {}", "Token1x".repeat(3), "x1".repeat(10)), false),
            (format!("authorization({})", "x1".repeat(10)), false),
        ] {
            let lower = text.to_ascii_lowercase();
            let word = ["basic ", "bearer ", "authorization"].into_iter().find(|word| lower.contains(word)).expect("each has a mark");
            let at = lower.find(word).expect("it is in it");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            assert_eq!(read.is_some(), is_read, "{text}");
        }
    }
}
