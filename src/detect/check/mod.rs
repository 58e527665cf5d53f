//! Offline proofs: does a value satisfy what its issuer builds into every real one?
//!
//! A proof needs nothing but the bytes. One that fails rejects the value, so each is written from a published
//! format or was recomputed on published samples.

mod crc32;
pub(crate) mod jwt;

use crate::detector::Check;

/// Returns whether the secret satisfies the check.
pub(crate) fn holds(check: Check, secret: &[u8]) -> bool {
    match check {
        Check::Jwt => jwt::header(secret).is_some(),
        Check::Crc32Base62 | Check::Crc32Hex | Check::Crc32HexLe | Check::Crc32HexAll | Check::Crc32Base36All => {
            let Some(at) = secret.len().checked_sub(tail_len(check)) else { return false };
            tail(check, &secret[..at]).is_some_and(|tail| tail.as_bytes() == &secret[at..])
        }
    }
}

/// Returns the tail that makes `head` satisfy the check, for samples; nothing for checks that are no tail.
pub(crate) fn tail(check: Check, head: &[u8]) -> Option<String> {
    crc32::tail(check, head)
}

fn tail_len(check: Check) -> usize {
    match check {
        Check::Crc32Base62 => 6,
        Check::Crc32Hex | Check::Crc32HexLe | Check::Crc32HexAll => 8,
        Check::Crc32Base36All => 7,
        Check::Jwt => 0,
    }
}
