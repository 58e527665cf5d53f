//! CRC-32 tails, in the encodings that issuers chose.

use crate::detector::Check;

/// Returns the tail that the issuer appends to `head`.
pub(super) fn tail(check: Check, head: &[u8]) -> Option<String> {
    match check {
        Check::Crc32Base62 => Some(base_n(crc32fast::hash(after_last_underscore(head)), BASE62, 6)),
        Check::Crc32Hex => {
            let body = &head[head.len().checked_sub(40)?..];
            Some(format!("{:08x}", crc32fast::hash(body)))
        }
        Check::Crc32HexLe => {
            let body = head.strip_suffix(b"_").unwrap_or(head);
            Some(format!("{:08x}", crc32fast::hash(body).swap_bytes()))
        }
        Check::Crc32HexAll => Some(format!("{:08X}", crc32fast::hash(head))),
        Check::Crc32Base36All => Some(base_n(crc32fast::hash(head), &BASE36, 7)),
        Check::Jwt => None,
    }
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

#[cfg(test)]
mod tests {
    use super::{base_n, tail};
    use crate::detector::Check;

    #[test]
    fn numbers_are_written_padded_and_most_significant_first() {
        assert_eq!(base_n(0, super::BASE62, 6), "000000");
        assert_eq!(base_n(61, super::BASE62, 6), "00000z");
        assert_eq!(base_n(62, super::BASE62, 6), "000010");
        assert_eq!(base_n(u32::MAX, super::BASE62, 6), "4gfFC3");
        assert_eq!(base_n(u32::MAX, &super::BASE36, 7), "1z141z3");
    }

    #[test]
    fn each_encoding_covers_the_bytes_its_issuer_covers() {
        // CRC-32 of "123456789" is the published check value cbf43926.
        assert_eq!(tail(Check::Crc32Base62, b"any_123456789").as_deref(), Some("3jZRME"));
        assert_eq!(tail(Check::Crc32HexAll, b"123456789").as_deref(), Some("CBF43926"));
        assert_eq!(tail(Check::Crc32HexLe, b"123456789_").as_deref(), Some("2639f4cb"));
        assert_eq!(tail(Check::Crc32Hex, b"short"), None, "needs forty characters");
    }
}
