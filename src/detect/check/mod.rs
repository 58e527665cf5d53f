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
mod digits;
pub(crate) mod jwt;
mod marvin;

use crate::detector::Check;

/// Returns whether the secret satisfies the check.
pub(crate) fn holds(check: Check, secret: &[u8]) -> bool {
    match check {
        Check::Jwt => jwt::header(secret).is_some(),
        Check::Crc32Base62
        | Check::Crc32Base62Stem
        | Check::Crc32Hex
        | Check::Crc32HexBody
        | Check::Crc32HexLe
        | Check::Crc32HexAll
        | Check::Crc32Base64Le
        | Check::GitlabRoutable => crc32::holds(check, secret),
        Check::AzureKey => azure::is_key(secret),
        Check::AzureAnnotatedKey => azure::is_annotated_key(secret),
        Check::AzureDevopsToken => azure::is_devops_token(secret),
        Check::Base58 => base58::holds(secret),
        Check::Bech32 => bech32::holds(secret),
        Check::Crc16Base32 => crc16::holds(secret),
        Check::GroupsOfEleven => digits::are_groups_of_eleven(secret),
        Check::X25519 => digits::is_clamped(secret),
    }
}

/// Returns the secret that begins with `head` and satisfies the check, for samples; nothing where no such can be made.
///
/// The last letters of `head` may change, where they hold bits of the checksum.
pub(crate) fn completed(check: Check, head: &[u8]) -> Option<Vec<u8>> {
    match check {
        Check::Jwt => None,
        Check::Crc32Base62
        | Check::Crc32Base62Stem
        | Check::Crc32Hex
        | Check::Crc32HexBody
        | Check::Crc32HexLe
        | Check::Crc32HexAll
        | Check::Crc32Base64Le
        | Check::GitlabRoutable => Some([head, crc32::tail(check, head)?.as_bytes()].concat()),
        Check::AzureKey => azure::key(head),
        Check::AzureAnnotatedKey => azure::annotated_key(head),
        Check::AzureDevopsToken => azure::devops_token(head),
        Check::Base58 => base58::completed(head),
        Check::Bech32 => bech32::completed(head),
        Check::Crc16Base32 => crc16::completed(head),
        Check::GroupsOfEleven => digits::groups_of_eleven(head),
        Check::X25519 => digits::clamped(head),
    }
}
