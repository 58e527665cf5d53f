//! Keys of Azure that carry the checksum of their own bytes (described in Microsoft's open-source Security Utilities).

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::crc16::{decode as base32_decode, encode as base32_encode};
use super::crc32::base62_left;
use super::marvin;

/// What services seed the checksum with; the seed tells the role of a key within its service.
const ROLES: [&[u8; 8]; 29] = [
    b"Default0",
    b"System00",
    b"Unknown0",
    b"Send0000",
    b"Manage00",
    b"Listen00",
    b"AbAcct00",
    b"Master00",
    b"Functi00",
    b"SysAll00",
    b"Resour00",
    b"MastRO00",
    b"SystRO00",
    b"Encryp00",
    b"MastRW00",
    b"SystRW00",
    b"Access00",
    b"Query000",
    b"PAdmin00",
    b"Classic0",
    b"ACRDflt0",
    b"UsrPwd00",
    b"IoTHub00",
    b"DpsKey00",
    b"Device00",
    b"Tenant00",
    b"Gatewy00",
    b"GitKey00",
    b"AadPwd00",
];

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Returns whether the last four bytes are the checksum of those before, for a role that is known.
pub(super) fn is_key(secret: &[u8]) -> bool {
    let Some(bytes) = engine(secret).decode(secret).ok() else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return false };
    ROLES.iter().any(|role| marvin::sum(role, body).to_le_bytes() == *sum)
}

/// Returns a key of which `head` is all but the letters of the checksum.
pub(super) fn key(head: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = engine(head).decode(head).ok()?;
    bytes.extend(marvin::sum(ROLES[head.len() % 3], &bytes).to_le_bytes());
    Some(engine(head).encode(bytes).into_bytes())
}

fn engine(text: &[u8]) -> &'static GeneralPurpose {
    // Keys of Functions are written for URLs.
    let is_for_urls = memchr::memmem::find(text, b"AzFu").is_some() || text.iter().any(|b| matches!(b, b'-' | b'_'));
    if is_for_urls { &FOR_URLS } else { &PLAIN }
}

/// Where the checksum of an annotated key begins, after 60 bytes.
const ANNOTATED_LETTERS: usize = 80;

/// Returns whether the letters from the 81st on are the checksum of the first 60 bytes, in base 62 or in base64.
pub(super) fn is_annotated_key(secret: &[u8]) -> bool {
    let Some((head, tail)) = secret.split_at_checked(ANNOTATED_LETTERS) else { return false };
    let Ok(bytes) = PLAIN.decode(head) else { return false };
    let tail = tail.strip_suffix(b"==").unwrap_or(tail);
    let sum = marvin::sum(b"Default0", &bytes);
    let spellings = [base62_left(sum.swap_bytes()), PLAIN.encode(sum.to_le_bytes())];
    matches!(tail.len(), 4 | 6) && spellings.iter().any(|spelling| spelling.as_bytes().starts_with(tail))
}

/// Returns the short form of an annotated key that begins with `head`.
pub(super) fn annotated_key(head: &[u8]) -> Option<Vec<u8>> {
    let bytes = PLAIN.decode(head.get(..ANNOTATED_LETTERS)?).ok()?;
    let sum = base62_left(marvin::sum(b"Default0", &bytes).swap_bytes());
    Some([&head[..ANNOTATED_LETTERS], &sum.as_bytes()[..4]].concat())
}

/// The CRC-32 of an older token of Azure DevOps is spread over it and masked, for people and for applications.
const DEVOPS_MASKS: [u32; 2] = [0xe0b9_692d, 0x1019_f92e];
/// Where the four bytes of the checksum lie, from the highest to the lowest.
const DEVOPS_PLACES: [usize; 4] = [2, 7, 8, 22];

/// Returns whether a token of 52 letters of base32 carries its checksum.
pub(super) fn is_devops_token(secret: &[u8]) -> bool {
    let Some(bytes) = base32_decode(secret).filter(|bytes| bytes.len() == 32) else { return false };
    let sum = u32::from_be_bytes(DEVOPS_PLACES.map(|at| bytes[at]));
    DEVOPS_MASKS.contains(&(devops_sum(&bytes) ^ sum))
}

/// Puts the checksum into a token.
pub(super) fn devops_token(head: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = base32_decode(head).filter(|bytes| bytes.len() == 32)?;
    let sum = (devops_sum(&bytes) ^ DEVOPS_MASKS[0]).to_be_bytes();
    DEVOPS_PLACES.iter().zip(sum).for_each(|(&at, byte)| bytes[at] = byte);
    Some(base32_encode(&bytes).to_ascii_lowercase())
}

fn devops_sum(bytes: &[u8]) -> u32 {
    let kept: Vec<u8> = (0..bytes.len()).filter(|at| !DEVOPS_PLACES.contains(at)).map(|at| bytes[at]).collect();
    crc32fast::hash(&kept)
}

#[cfg(test)]
mod tests {
    use super::{annotated_key, devops_token, is_annotated_key, is_devops_token, is_key, key};

    fn letters(count: usize) -> Vec<u8> {
        (0..count).map(|at| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[at * 7 % 52]).collect()
    }

    #[test]
    fn keys_of_every_size_carry_their_checksum_and_a_changed_letter_fails() {
        // Random letters, the mark of a service, and the letter that ends the last whole byte.
        for (random, mark, closing, len) in [(76, "+ASt", "", 88), (33, "AZEG", "B", 44), (42, "AzSe", "D", 52), (44, "AzFu", "", 56)] {
            let head = [&letters(random), mark.as_bytes(), closing.as_bytes()].concat();
            let whole = key(&head).expect("it is base64");
            assert_eq!(whole.len(), len, "{mark}");
            assert!(is_key(&whole), "{mark}");
            let mut wrong = whole.clone();
            wrong[3] ^= 1;
            assert!(!is_key(&wrong), "{mark}");
        }
    }

    #[test]
    fn annotated_keys_carry_theirs() {
        let head = [&letters(52)[..], b"JQQJ99BCACAAAAAAAAAAAAAAAZDO"].concat();
        let whole = annotated_key(&head).expect("it is base64");
        assert_eq!(whole.len(), 84);
        assert!(is_annotated_key(&whole));
        for at in [0, 60, 83] {
            let mut wrong = whole.clone();
            wrong[at] = if wrong[at] == b'Q' { b'R' } else { b'Q' };
            assert!(!is_annotated_key(&wrong), "letter {at}");
        }
    }

    #[test]
    fn older_devops_tokens_carry_theirs() {
        let whole = devops_token(&b"abcdefghij234567klmnopqrstuvwxyz".repeat(2)[..52]).expect("it is base32");
        assert!(whole.len() == 52 && is_devops_token(&whole));
        let mut wrong = whole.clone();
        wrong[20] = if wrong[20] == b'a' { b'b' } else { b'a' };
        assert!(!is_devops_token(&wrong));
    }
}
