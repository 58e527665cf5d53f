//! Bech32 (BIP-173): age identities, Nostr keys.

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SUM_LETTERS: usize = 6;

/// Returns whether the last six letters prove those before; the length has no bound, as age has none.
pub(super) fn holds(secret: &[u8]) -> bool {
    let has_one_case = !(secret.iter().any(u8::is_ascii_lowercase) && secret.iter().any(u8::is_ascii_uppercase));
    has_one_case && parts(secret).is_some_and(|(name, digits)| digits.len() >= SUM_LETTERS && residue(&name, &digits) == 1)
}

/// Returns `head` and the six letters that prove it, in its case.
pub(super) fn completed(head: &[u8]) -> Option<Vec<u8>> {
    let (name, mut digits) = parts(head)?;
    digits.extend([0; SUM_LETTERS]);
    let residue = residue(&name, &digits) ^ 1;
    let is_upper = head.iter().any(u8::is_ascii_uppercase);
    let letters = (0..SUM_LETTERS).map(|at| DIGITS[(residue >> (5 * (SUM_LETTERS - 1 - at)) & 31) as usize]);
    let cased = letters.map(|letter| if is_upper { letter.to_ascii_uppercase() } else { letter });
    Some(head.iter().copied().chain(cased).collect())
}

/// Splits at the last `1` into the name, in lower case, and the values of the digits.
fn parts(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let at = memchr::memrchr(b'1', text)?;
    let digit = |letter: &u8| DIGITS.iter().position(|digit| *digit == letter.to_ascii_lowercase()).and_then(|at| u8::try_from(at).ok());
    let digits: Option<Vec<u8>> = text[at + 1..].iter().map(digit).collect();
    (at > 0).then_some((text[..at].to_ascii_lowercase(), digits?))
}

fn residue(name: &[u8], digits: &[u8]) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let expanded = name.iter().map(|b| b >> 5).chain([0]).chain(name.iter().map(|b| b & 31)).chain(digits.iter().copied());
    expanded.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(shifted, |sum, (_, generator)| sum ^ generator)
    })
}

#[cfg(test)]
mod tests {
    use super::{completed, holds};

    #[test]
    fn the_vectors_of_bip_173_hold_and_do_not() {
        for valid in [
            "A12UEL5L",
            "a12uel5l",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "?1ezyfcl",
            "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
        ] {
            assert!(holds(valid.as_bytes()), "{valid}");
        }
        for (invalid, why) in [
            ("A12UEl5L", "two cases"),
            ("pzry9x0s0muk", "no separator"),
            ("1pzry9x0s0muk", "no name"),
            ("x1b4n0q5v", "a letter that is no digit"),
            ("li1dgmt3", "a checksum that is too short"),
            ("A1G7SGD8", "a checksum over the lower-case name"),
        ] {
            assert!(!holds(invalid.as_bytes()), "{why}");
        }
    }

    #[test]
    fn what_is_completed_holds_in_its_own_case() {
        for head in ["lower-name-1qqqpppzzz", "NAME1QPZRY9X8"] {
            let whole = completed(head.as_bytes()).expect("it has a name and digits");
            assert!(whole.starts_with(head.as_bytes()) && whole.len() == head.len() + 6 && holds(&whole));
        }
    }
}
