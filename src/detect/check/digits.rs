//! Small conditions that every value of a kind meets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// BitLocker writes 16 bits as six digits, times eleven.
const ELEVEN: u32 = 11;

/// Returns whether each group of digits is eleven times a number of 16 bits.
pub(super) fn are_groups_of_eleven(secret: &[u8]) -> bool {
    secret.split(|&b| b == b'-').all(|group| {
        let number = std::str::from_utf8(group).ok().and_then(|digits| digits.parse::<u32>().ok());
        number.is_some_and(|number| number % ELEVEN == 0 && number / ELEVEN <= u32::from(u16::MAX))
    })
}

/// Makes each group of six digits one of those.
pub(super) fn groups_of_eleven(head: &[u8]) -> Option<Vec<u8>> {
    let group = |digits: &str| digits.parse::<u32>().ok().map(|number| format!("{:06}", number % (1 << 16) * ELEVEN));
    let groups: Option<Vec<String>> = std::str::from_utf8(head).ok()?.split('-').map(group).collect();
    Some(groups?.join("-").into_bytes())
}

/// Returns whether 32 bytes in base64 are a scalar of Curve25519 as `wg genkey` writes it (RFC 7748, section 5).
pub(super) fn is_clamped(secret: &[u8]) -> bool {
    let Ok(bytes) = STANDARD.decode(secret) else { return false };
    bytes.len() == 32 && bytes[0] & 7 == 0 && bytes[31] & 0xc0 == 0x40
}

/// Makes 32 bytes in base64 such a scalar.
pub(super) fn clamped(head: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = STANDARD.decode(head).ok().filter(|bytes| bytes.len() == 32)?;
    bytes[0] &= 0xf8;
    bytes[31] = bytes[31] & 0x3f | 0x40;
    Some(STANDARD.encode(bytes).into_bytes())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{are_groups_of_eleven, clamped, groups_of_eleven, is_clamped};

    #[test]
    fn groups_are_multiples_of_eleven_and_of_16_bits() {
        for (groups, holds) in [("000011-720885", true), ("000012-720885", false), ("000011-720896", false), ("000011-x", false)] {
            assert_eq!(are_groups_of_eleven(groups.as_bytes()), holds, "{groups}");
        }
        let made = groups_of_eleven(b"999999-000001").expect("these are digits");
        assert!(are_groups_of_eleven(&made));
    }

    #[test]
    fn a_scalar_is_clamped_at_both_ends() {
        // RFC 7748, section 5.2: the scalar of the first vector, before and after clamping.
        let mut bytes = [0x46u8; 32];
        (bytes[0], bytes[31]) = (0xa5, 0xc4);
        let raw = STANDARD.encode(bytes);
        assert!(!is_clamped(raw.as_bytes()));
        let made = clamped(raw.as_bytes()).expect("these are 32 bytes");
        (bytes[0], bytes[31]) = (0xa0, 0x44);
        assert_eq!(made, STANDARD.encode(bytes).into_bytes());
        assert!(is_clamped(&made));
        assert!(!is_clamped(b"dG9vIHNob3J0"));
    }
}
