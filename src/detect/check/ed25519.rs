//! Key pairs of Ed25519 as Solana's tools write them: 64 numbers, the seed and the public key that follows from it.

use ed25519_compact::{KeyPair, Seed};

const SEED_BYTES: usize = 32;

/// Returns whether the last 32 numbers are the public key of the first 32.
pub(super) fn is_pair(secret: &[u8]) -> bool {
    let Some(bytes) = numbers(secret) else { return false };
    let Some((seed, public)) = bytes.split_at_checked(SEED_BYTES) else { return false };
    seed.try_into().is_ok_and(|seed| public == &public_key(seed)[..])
}

/// Returns the pair whose first numbers are those of `head`, which has no end yet.
pub(super) fn pair(head: &[u8]) -> Option<Vec<u8>> {
    let seed: [u8; SEED_BYTES] = numbers(&[head, b"]"].concat())?.try_into().ok()?;
    let public: String = public_key(seed).iter().map(|byte| format!(",{byte}")).collect();
    Some([head, public.as_bytes(), b"]"].concat())
}

fn public_key(seed: [u8; SEED_BYTES]) -> [u8; 32] {
    *KeyPair::from_seed(Seed::new(seed)).pk
}

/// Reads `[1, 2, 255]`.
fn numbers(text: &[u8]) -> Option<Vec<u8>> {
    let inside = std::str::from_utf8(text).ok()?.strip_prefix('[')?.strip_suffix(']')?;
    inside.split(',').map(|number| number.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_pair, pair, public_key};

    #[test]
    fn the_public_key_is_that_of_the_standard() {
        // RFC 8032, 7.1, test 2: its seed and the first bytes of its public key.
        let seed = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35,
            0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ];
        assert_eq!(public_key(seed)[..4], [0x3d, 0x40, 0x17, 0xc3]);
    }

    #[test]
    fn a_pair_holds_only_as_it_was_made() {
        let head = format!("[{}", (0..32).map(|n| (n * 7).to_string()).collect::<Vec<_>>().join(","));
        let whole = pair(head.as_bytes()).expect("32 numbers make a seed");
        assert!(is_pair(&whole));
        let other = String::from_utf8_lossy(&whole).replacen("[0,", "[1,", 1);
        assert!(!is_pair(other.as_bytes()));
        assert!(!is_pair(b"[1,2,3]") && !is_pair(b"[999]") && pair(b"[1,2").is_none());
    }
}
