//! Private keys in DER (PKCS#1, PKCS#8, SEC 1) that stand in base64 without lines of dashes.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// Returns whether the bytes are one sequence, as long as it says, that begins with version 0 or 1.
pub(super) fn is_private_key(secret: &[u8]) -> bool {
    let Ok(bytes) = LENIENT.decode(secret) else { return false };
    total(&bytes) == Some(bytes.len()) && content(&bytes).is_some_and(|content| matches!(content, [2, 1, 0 | 1, ..]))
}

/// Returns the key whose first letters are `head`, filled up to the length that it says.
pub(super) fn private_key(head: &[u8]) -> Option<Vec<u8>> {
    // Whole groups of four letters, so that the first bytes are those of the head.
    let mut bytes = LENIENT.decode(&head[..head.len() / 4 * 4]).ok()?;
    let total = total(&bytes)?;
    let mut filler = blake3::Hasher::new().update(head).finalize_xof();
    let known = bytes.len().min(total);
    bytes.resize(total, 0);
    filler.fill(&mut bytes[known..]);
    Some(LENIENT.encode(bytes).into_bytes())
}

/// Returns how long a sequence says that it is, its own head included.
fn total(der: &[u8]) -> Option<usize> {
    match der {
        [0x30, 0x82, high, low, ..] => Some(usize::from(*high) * 256 + usize::from(*low) + 4),
        [0x30, 0x81, length, ..] => Some(usize::from(*length) + 3),
        [0x30, length, ..] if *length < 0x80 => Some(usize::from(*length) + 2),
        _ => None,
    }
}

fn content(der: &[u8]) -> Option<&[u8]> {
    match der {
        [0x30, 0x82, _, _, content @ ..] | [0x30, 0x81, _, content @ ..] => Some(content),
        [0x30, _, content @ ..] => Some(content),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{LENIENT, is_private_key, private_key};

    #[test]
    fn a_key_is_as_long_as_it_says_and_has_a_version() {
        let key = private_key(b"MHcCAQEEIAAAAAAAAAAA").expect("it says its length");
        assert_eq!(LENIENT.decode(&key).map(|bytes| bytes.len()), Ok(0x77 + 2));
        assert!(is_private_key(&key));
        assert!(!is_private_key(&key[..key.len() - 4]), "cut off");
        let public = LENIENT.encode([&[0x30, 3, 0x30, 1][..], &[0]].concat());
        assert!(!is_private_key(public.as_bytes()), "no version");
        assert!(!is_private_key(b"no base64!"));
    }
}
