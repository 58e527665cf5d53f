//! CRC-32 tails, in the encodings that issuers chose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// In base 62, over what stands between the last `_` and the tail.
pub(super) fn base62(head: &[u8]) -> Option<String> {
    Some(base_n(crc32fast::hash(after_last_underscore(head)), BASE62, 6))
}

/// In base 62, over all before the last `_`.
pub(super) fn base62_stem(head: &[u8]) -> Option<String> {
    Some(base_n(crc32fast::hash(head.strip_suffix(b"_")?), BASE62, 6))
}

/// In hex, over the forty characters before the tail.
pub(super) fn hex(head: &[u8]) -> Option<String> {
    Some(format!("{:08x}", crc32fast::hash(&head[head.len().checked_sub(40)?..])))
}

/// In hex, over what stands between the last two `_`.
pub(super) fn hex_body(head: &[u8]) -> Option<String> {
    Some(format!("{:08x}", crc32fast::hash(after_last_underscore(head.strip_suffix(b"_")?))))
}

/// In hex of the little-endian bytes, over all before the last `_`.
pub(super) fn hex_le(head: &[u8]) -> Option<String> {
    let body = head.strip_suffix(b"_").unwrap_or(head);
    Some(format!("{:08x}", crc32fast::hash(body).swap_bytes()))
}

/// In upper hex, over everything before the tail.
pub(super) fn hex_all(head: &[u8]) -> Option<String> {
    Some(format!("{:08X}", crc32fast::hash(head)))
}

/// In base64 of the little-endian bytes, over the 54 characters before the tail.
pub(super) fn base64_le(head: &[u8]) -> Option<String> {
    let body = &head[head.len().checked_sub(54)?..];
    Some(STANDARD_NO_PAD.encode(crc32fast::hash(body).to_le_bytes()))
}

/// `glpat-<payload>.` or `glpat-<payload>.<version>.`: two digits for the payload's length, then the CRC-32 of all before it.
pub(super) fn routable(head: &[u8]) -> Option<String> {
    let start = memchr::memchr(b'-', head)? + 1;
    let payload = memchr::memchr(b'.', &head[start..])?;
    let length = base_n(u32::try_from(payload).ok()?, &BASE36, 2);
    let sum = crc32fast::hash(&[head, length.as_bytes()].concat());
    Some(length + &base_n(sum, &BASE36, 7))
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: [u8; 36] = *b"0123456789abcdefghijklmnopqrstuvwxyz";

fn after_last_underscore(head: &[u8]) -> &[u8] {
    &head[memchr::memrchr(b'_', head).map_or(0, |at| at + 1)..]
}

fn base_n(value: u32, digits: &[u8], width: usize) -> String {
    let base = u32::try_from(digits.len()).expect("an alphabet has fewer than 2^32 digits");
    let mut rest = value;
    let mut reversed = Vec::with_capacity(width);
    for _ in 0..width {
        reversed.push(char::from(digits[(rest % base) as usize]));
        rest /= base;
    }
    reversed.iter().rev().collect()
}

/// Writes a checksum as Azure's annotated keys do: base 62 without padding on the left, filled up on the right.
pub(super) fn base62_left(value: u32) -> String {
    let padded = base_n(value, BASE62, 6);
    // Each zero byte in front is a zero digit; the number itself has no others in front.
    let zeros = if value == 0 { 4 } else { value.leading_zeros() as usize / 8 };
    let digits = padded.trim_start_matches('0');
    format!("{:0<6}", format!("{}{digits}", "0".repeat(zeros)))
}

#[cfg(test)]
mod tests {
    use super::{base_n, base62, base62_left, base62_stem, base64_le, hex, hex_all, hex_body, hex_le, routable};

    #[test]
    fn numbers_are_written_padded_and_most_significant_first() {
        assert_eq!(base_n(0, super::BASE62, 6), "000000");
        assert_eq!(base_n(61, super::BASE62, 6), "00000z");
        assert_eq!(base_n(62, super::BASE62, 6), "000010");
        assert_eq!(base_n(u32::MAX, super::BASE62, 6), "4gfFC3");
        assert_eq!(base_n(u32::MAX, &super::BASE36, 7), "1z141z3");
        assert_eq!(base62_left(62), "000100", "three zero bytes, then 1 and 0");
        assert_eq!(base62_left(u32::MAX), "4gfFC3");
    }

    #[test]
    fn each_encoding_covers_the_bytes_its_issuer_covers() {
        // CRC-32 of "123456789" is the published check value cbf43926.
        assert_eq!(base62(b"any_123456789").as_deref(), Some("3jZRME"));
        assert_eq!(base62_stem(b"123456789_").as_deref(), Some("3jZRME"));
        assert_eq!(hex_all(b"123456789").as_deref(), Some("CBF43926"));
        assert_eq!(hex_body(b"any_123456789_").as_deref(), Some("cbf43926"));
        assert_eq!(hex_le(b"123456789_").as_deref(), Some("2639f4cb"));
        assert_eq!(hex(b"short"), None, "needs forty characters");
        assert_eq!(base64_le(b"short"), None, "needs fifty-four characters");
    }

    #[test]
    fn a_routable_token_says_how_long_its_payload_is() {
        for payload in [27, 36, 300] {
            let head = format!("glpat-{}.01.", "a".repeat(payload));
            let tail = routable(head.as_bytes()).expect("it has a payload");
            assert_eq!(usize::from_str_radix(&tail[..2], 36), Ok(payload));
            let covered = format!("{head}{}", &tail[..2]);
            assert_eq!(u32::from_str_radix(&tail[2..], 36), Ok(crc32fast::hash(covered.as_bytes())));
        }
    }
}
