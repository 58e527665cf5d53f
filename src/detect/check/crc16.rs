//! CRC-16 (XMODEM) at the end of base32: seeds of NATS and of Stellar.

/// Returns whether the last two bytes, low first, are the checksum of those before.
pub(super) fn holds(secret: &[u8]) -> bool {
    let Some(bytes) = decode(secret) else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<2>() else { return false };
    !body.is_empty() && crc16(body).to_le_bytes() == *sum && encode(&bytes) == secret
}

/// Returns `head` filled up to whole bytes, with the checksum; what of its last letter is no whole byte is dropped.
pub(super) fn completed(head: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = decode(head)?;
    bytes.extend(crc16(&bytes).to_le_bytes());
    Some(encode(&bytes))
}

/// CRC-16 with the polynomial 0x1021, from zero, not reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0u16, |sum, &byte| {
        (0..8).fold(sum ^ (u16::from(byte) << 8), |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 })
    })
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Decodes base32 of either case; the bits of a last byte that is not whole are dropped.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (mut pending, mut bits, mut bytes) = (0u32, 0, Vec::with_capacity(text.len() * 5 / 8));
    for &letter in text {
        let digit = BASE32.iter().position(|digit| *digit == letter.to_ascii_uppercase())?;
        pending = (pending << 5 | u32::try_from(digit).ok()?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

/// Encodes as base32 without padding.
pub(super) fn encode(bytes: &[u8]) -> Vec<u8> {
    let (mut pending, mut bits, mut text) = (0u32, 0, Vec::with_capacity(bytes.len() * 8 / 5 + 1));
    for &byte in bytes {
        pending = (pending << 8 | u32::from(byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(BASE32[(pending >> bits & 31) as usize]);
        }
    }
    if bits > 0 {
        text.push(BASE32[(pending << (5 - bits) & 31) as usize]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{completed, crc16, decode, encode, holds};

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-16/XMODEM.
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(encode(bytes.as_bytes()), text.as_bytes());
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode(b"M1"), None, "1 is no digit");
    }

    #[test]
    fn what_is_completed_holds_and_every_changed_letter_fails() {
        // The lengths of a Stellar seed (35 bytes) and of a NATS seed (36).
        for (head, len) in [("S".repeat(53), 56), ("SUA".repeat(18) + "A", 58)] {
            let whole = completed(head.as_bytes()).expect("it is base32");
            assert_eq!(whole.len(), len);
            assert!(holds(&whole));
            for at in 0..whole.len() {
                let mut wrong = whole.clone();
                wrong[at] = if wrong[at] == b'Q' { b'R' } else { b'Q' };
                assert!(!holds(&wrong), "letter {at}");
            }
        }
    }
}
