//! Base58Check of Bitcoin: a version, a payload, and four bytes of a double SHA-256.

use sha2::{Digest as _, Sha256};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const SUM_BYTES: usize = 4;

/// A private key as it is written: how it begins, its version bytes, and how many bytes it has without the checksum.
struct Version {
    letters: &'static str,
    bytes: &'static [u8],
    len: usize,
}

/// The private versions of the Wallet Import Format, BIP-32 and SLIP-132.
const VERSIONS: [Version; 13] = [
    Version { letters: "5", bytes: &[0x80], len: 33 },
    Version { letters: "K", bytes: &[0x80], len: 34 },
    Version { letters: "L", bytes: &[0x80], len: 34 },
    Version { letters: "9", bytes: &[0xef], len: 33 },
    Version { letters: "c", bytes: &[0xef], len: 34 },
    Version { letters: "xprv", bytes: &[0x04, 0x88, 0xad, 0xe4], len: 78 },
    Version { letters: "yprv", bytes: &[0x04, 0x9d, 0x78, 0x78], len: 78 },
    Version { letters: "zprv", bytes: &[0x04, 0xb2, 0x43, 0x0c], len: 78 },
    Version { letters: "tprv", bytes: &[0x04, 0x35, 0x83, 0x94], len: 78 },
    Version { letters: "uprv", bytes: &[0x04, 0x4a, 0x4e, 0x28], len: 78 },
    Version { letters: "vprv", bytes: &[0x04, 0x5f, 0x18, 0xbc], len: 78 },
    Version { letters: "Yprv", bytes: &[0x02, 0x95, 0xb0, 0x05], len: 78 },
    Version { letters: "Zprv", bytes: &[0x02, 0xaa, 0x7a, 0x99], len: 78 },
];

/// Returns whether the value is a private key of a known version with the right checksum.
pub(super) fn holds(secret: &[u8]) -> bool {
    let Some(bytes) = decode(secret) else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<SUM_BYTES>() else { return false };
    let is_known = VERSIONS.iter().any(|version| body.len() == version.len && body.starts_with(version.bytes));
    is_known && checksum(body) == *sum
}

/// Returns a private key of the version that `head` begins like, with random bytes from its letters.
pub(super) fn completed(head: &[u8]) -> Option<Vec<u8>> {
    let version = VERSIONS.iter().find(|version| head.starts_with(version.letters.as_bytes()))?;
    let mut body = decode(head)?;
    body.resize(version.len, 1);
    body[..version.bytes.len()].copy_from_slice(version.bytes);
    if version.len == 34 {
        body[33] = 1;
    }
    body.extend(checksum(&body));
    Some(encode(&body))
}

fn checksum(body: &[u8]) -> [u8; SUM_BYTES] {
    let hash = Sha256::digest(Sha256::digest(body));
    [hash[0], hash[1], hash[2], hash[3]]
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut little: Vec<u8> = Vec::with_capacity(text.len());
    for letter in text {
        let mut carry = DIGITS.iter().position(|digit| digit == letter)?;
        for byte in &mut little {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            little.push(u8::try_from(carry).ok()?);
        }
    }
    little.extend(text.iter().take_while(|&&letter| letter == b'1').map(|_| 0));
    little.reverse();
    Some(little)
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut little: Vec<usize> = Vec::with_capacity(bytes.len() * 14 / 10);
    for &byte in bytes {
        let mut carry = usize::from(byte);
        for digit in &mut little {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            little.push(carry % 58);
            carry /= 58;
        }
    }
    little.extend(bytes.iter().take_while(|&&byte| byte == 0).map(|_| 0));
    little.iter().rev().map(|&digit| DIGITS[digit]).collect()
}

#[cfg(test)]
mod tests {
    use super::{completed, decode, encode, holds};

    fn bytes(hex: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("it is hexadecimal");
        (0..hex.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn base58_is_that_of_its_draft() {
        // draft-msporny-base58, section 5.
        for (plain, text) in [(&b"Hello World!"[..], "2NEpo7TZRRrLZSi2U"), (&[0, 0, 0x28, 0x7f, 0xb4, 0xcd], "11233QC4")] {
            assert_eq!(encode(plain), text.as_bytes());
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(plain));
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_wallet_import_format() {
        // The private key of the Bitcoin wiki's worked example, of which the checksum is 507a5b8d.
        let worked = bytes("800c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d");
        assert_eq!(super::checksum(&worked), [0x50, 0x7a, 0x5b, 0x8d]);
        let whole = encode(&[&worked[..], &super::checksum(&worked)].concat());
        assert!(whole.len() == 51 && whole[0] == b'5' && holds(&whole));
    }

    #[test]
    fn what_is_completed_holds_and_keeps_its_first_letters() {
        for (letters, len) in [("5", 51), ("K", 52), ("xprv", 111), ("tprv", 111), ("zprv", 111), ("vprv", 111), ("Yprv", 111)] {
            let head = format!("{letters}{}", "x".repeat(len - letters.len()));
            let whole = completed(head.as_bytes()).expect("it is base58");
            assert!(holds(&whole), "{letters}");
            assert_eq!(whole.len(), len, "{letters}");
            let starts = if letters == "K" { whole[0] == b'K' || whole[0] == b'L' } else { whole.starts_with(letters.as_bytes()) };
            assert!(starts, "{letters}: {}", String::from_utf8_lossy(&whole));
            let mut wrong = whole.clone();
            wrong[20] = if wrong[20] == b'Q' { b'R' } else { b'Q' };
            assert!(!holds(&wrong), "{letters}");
        }
    }
}
