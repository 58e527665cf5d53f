//! Offline proofs: does a value satisfy what its issuer builds into every real one?
//!
//! A proof needs nothing but the bytes. One that fails rejects the value, so each is written from a published
//! format or was recomputed on published samples.

mod azure;
mod base58;
mod bech32;
mod crc16;
pub(crate) mod crc24;
mod crc32;
mod der;
mod digits;
mod ed25519;
pub(crate) mod jwt;
mod marvin;

use crate::detector::Check;

/// How a check is computed.
enum Proof {
    /// The last letters follow from those before.
    Tail(Tail),
    /// The checksum lies elsewhere, or the form itself is the proof.
    Whole {
        holds: fn(&[u8]) -> bool,
        /// Returns the secret that begins with a head and satisfies the check.
        completed: fn(&[u8]) -> Option<Vec<u8>>,
    },
}

/// Letters at the end that follow from those before.
struct Tail {
    len: usize,
    of: fn(&[u8]) -> Option<String>,
}

/// Returns whether the secret satisfies the check.
pub(crate) fn holds(check: Check, secret: &[u8]) -> bool {
    match proof(check) {
        Proof::Tail(tail) => secret
            .len()
            .checked_sub(tail.len)
            .and_then(|at| Some((tail.of)(&secret[..at])?.as_bytes() == &secret[at..]))
            .unwrap_or_default(),
        Proof::Whole { holds, .. } => holds(secret),
    }
}

/// Returns the secret that begins with `head` and satisfies the check, for samples; nothing where no such can be made.
///
/// The last letters of `head` may change, where they hold bits of the checksum.
pub(crate) fn completed(check: Check, head: &[u8]) -> Option<Vec<u8>> {
    match proof(check) {
        Proof::Tail(tail) => Some([head, (tail.of)(head)?.as_bytes()].concat()),
        Proof::Whole { completed, .. } => completed(head),
    }
}

fn proof(check: Check) -> Proof {
    let tail = |len, of| Proof::Tail(Tail { len, of });
    let whole = |holds, completed| Proof::Whole { holds, completed };
    match check {
        Check::Crc32Base62 => tail(6, crc32::base62),
        Check::Crc32Base62Stem => tail(6, crc32::base62_stem),
        Check::Crc32Hex => tail(8, crc32::hex),
        Check::Crc32HexBody => tail(8, crc32::hex_body),
        Check::Crc32HexLe => tail(8, crc32::hex_le),
        Check::Crc32HexAll => tail(8, crc32::hex_all),
        Check::Crc32Base64Le => tail(6, crc32::base64_le),
        Check::GitlabRoutable => tail(9, crc32::routable),
        Check::AzureKey => whole(azure::is_key, azure::key),
        Check::AzureAnnotatedKey => whole(azure::is_annotated_key, azure::annotated_key),
        Check::AzureDevopsToken => whole(azure::is_devops_token, azure::devops_token),
        Check::Base58 => whole(base58::holds, base58::completed),
        Check::Bech32 => whole(bech32::holds, bech32::completed),
        Check::Crc16Base32 => whole(crc16::holds, crc16::completed),
        Check::DerPrivateKey => whole(der::is_private_key, der::private_key),
        Check::Ed25519Pair => whole(ed25519::is_pair, ed25519::pair),
        Check::GroupsOfEleven => whole(digits::are_groups_of_eleven, digits::groups_of_eleven),
        Check::X25519 => whole(digits::is_clamped, digits::clamped),
        Check::Jwt => whole(|token| jwt::header(token).is_some(), |_| None),
        Check::Jwe => whole(jwt::is_encrypted, |_| None),
    }
}
