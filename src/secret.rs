//! The secret itself, which cannot be printed by accident, and the fingerprint that stands for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use bstr::ByteSlice as _;
use serde::{Serialize, Serializer};

/// Bytes that must not be shown: `Debug` and `Display` print a mask.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes a copy of the bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Secret(bytes.into())
    }

    /// Returns the bytes. Each use of this is a place to review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Returns what may be shown of it: a few first characters of a long one, and the length in bytes.
    ///
    /// Of less than 16 bytes nothing is shown; of more, four characters at most, which is what a prefix such as
    /// `ghp_` needs and leaves 12 bytes and more unknown.
    pub fn mask(&self) -> String {
        let shown = if self.0.len() < 16 { 0 } else { 4 };
        let head: String = self.0.chars().take(shown).take_while(|c| c.is_ascii_graphic()).collect();
        format!("{head}…({})", self.0.len())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.mask())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.mask())
    }
}

/// The stable identity of a credential: a keyed hash of its bytes and its detector's family.
///
/// It says nothing of where the credential is, so it survives moves, renames and edits around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 10]);

impl Fingerprint {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.as_bytes();
        if hex.len() != 20 {
            return None;
        }
        let mut bytes = [0; 10];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let digit = |b: u8| char::from(b).to_digit(16);
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        Some(Fingerprint(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What fingerprints are keyed with.
///
/// Without a key of the team's own, whoever guesses a weak password can test the guess against a fingerprint; the
/// hash is made slow for values that could be guessed at all. With a key, nobody outside can test anything.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

/// How often the hash is applied to a value that could be guessed: about 1 ms, so that a list of ten million
/// passwords takes hours instead of seconds, and a finding still costs nothing that anyone would notice.
const ROUNDS_FOR_WEAK: u32 = 4_096;

/// From this length on a value with mixed characters is out of reach of guessing.
const STRONG_BYTES: usize = 20;

impl FingerprintKey {
    /// Derives the key from a team's secret or a repository's salt.
    pub fn new(material: &[u8]) -> Self {
        FingerprintKey(blake3::derive_key("staunch 2026-11 fingerprint of a credential", material))
    }

    /// Returns what tells whether something was made with this key. It is as slow as for a value that could be guessed.
    pub fn mark(&self) -> Fingerprint {
        self.fingerprint(&Secret::new(b"mark of the key"))
    }

    /// Returns the identity of a secret of a kind.
    pub fn fingerprint(&self, secret: &Secret) -> Fingerprint {
        let mut hash = blake3::keyed_hash(&self.0, secret.expose());
        if could_be_guessed(secret.expose()) {
            for _ in 0..ROUNDS_FOR_WEAK {
                hash = blake3::keyed_hash(&self.0, hash.as_bytes());
            }
        }
        let mut short = [0; 10];
        short.copy_from_slice(&hash.as_bytes()[..10]);
        Fingerprint(short)
    }
}

impl Default for FingerprintKey {
    /// The key that everybody has: identities agree between repositories, and weak values can be tested slowly.
    fn default() -> Self {
        FingerprintKey::new(b"")
    }
}

/// Fingerprints of a run: each secret is hashed once, as that is slow for weak ones.
pub struct Fingerprints {
    key: FingerprintKey,
    known: Mutex<HashMap<Secret, Fingerprint>>,
}

impl Fingerprints {
    /// Starts with nothing hashed.
    pub fn new(key: FingerprintKey) -> Self {
        Fingerprints { key, known: Mutex::default() }
    }

    /// Returns the identity of a secret.
    pub fn of(&self, secret: &Secret) -> Fingerprint {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fingerprint) = known().get(secret) {
            return *fingerprint;
        }
        let fingerprint = self.key.fingerprint(secret);
        known().insert(secret.clone(), fingerprint);
        fingerprint
    }
}

fn could_be_guessed(secret: &[u8]) -> bool {
    let mut seen = [false; 256];
    secret.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    secret.len() < STRONG_BYTES || seen.iter().filter(|&&is_seen| is_seen).count() < 10
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, FingerprintKey, Secret};

    #[test]
    fn a_mask_shows_nothing_of_a_short_secret_and_four_characters_of_a_long_one() {
        for (secret, mask) in [
            ("hunter2", "…(7)"),
            ("fifteen-bytes-x", "…(15)"),
            ("acme_live_0123456789", "acme…(20)"),
            ("-----BEGIN X", "…(12)"),
            ("ab\x1b[2Jcdefghijklmnop", "ab…(20)"),
        ] {
            assert_eq!(Secret::new(secret.as_bytes()).to_string(), mask);
            assert_eq!(format!("{:?}", Secret::new(secret.as_bytes())), mask);
        }
    }

    #[test]
    fn a_fingerprint_depends_on_value_and_key_and_reads_back() {
        let (open, team) = (FingerprintKey::default(), FingerprintKey::new(b"team"));
        let (one, two) = (Secret::new(b"hunter2"), Secret::new(b"hunter3"));
        assert_eq!(open.fingerprint(&one), open.fingerprint(&one));
        assert_ne!(open.fingerprint(&one), open.fingerprint(&two));
        assert_ne!(open.fingerprint(&one), team.fingerprint(&one));
        let shown = open.fingerprint(&one).to_string();
        assert_eq!(Fingerprint::parse(&shown), Some(open.fingerprint(&one)));
        assert_eq!(Fingerprint::parse("no"), None);
    }
}
