//! Values that providers print in their documentation and ship in their emulators: everybody has them, so none is a leak.
//!
//! They are listed by hash, so that this file is no list of token-shaped text.

use sha2::{Digest as _, Sha256};

/// Lengths of the values below; nothing else is hashed.
const LENGTHS: [usize; 11] = [15, 20, 22, 28, 32, 40, 43, 59, 64, 88, 155];

/// SHA-256 of each, in order.
const EXAMPLES: [&str; 20] = [
    "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059", // Azurite, the emulator of Azure Storage
    "00cf4c781dc37003f7c7dd7d4c9a6ef1e0f4c62d9a291aa8bc398774e3fefd32", // RFC 6749: a refresh token
    "03b970ed8171d73b58bbc9a5c72e3e4eec28503b56b3bb400a0801857dd45614", // reCAPTCHA for tests, for the page
    "051d093c4bdedbf23f905ad01d9c6111414d54e2170e1d7f76657c4e76e3e65b", // jwt.io: how its example ends
    "1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3", // Amazon's documentation, the id
    "2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326", // Stripe's documentation
    "6c96130f130ab0d6d158397e24d2bcc1c9a5e73ae081f6e983f1c7b545d24a4c", // RFC 6749: an access token
    "78314b11be2e581549ac1c4f616563fad3fdf0c3b71678f6e2299182080e0598", // Amazon's documentation, what belongs to the id
    "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606", // jwt.io: its example
    "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615", // the emulator of Cosmos DB
    "b1471f544ceeea31333bde7e1ecbaad6eac0d4a749412ad29bd66ef895b81c6b", // Stripe's documentation, for the page
    "b8e148545b13c78bc74da2f1a7275dd71e56ddece129d7d2f7b3ecc06f7994da", // RFC 6750: a bearer token
    "bc1a50966c9e6486bc4ebf880b51611a2a97fcb8e7a6976e9b81a9e3e8ca0e3c", // Hardhat and Anvil, the first account
    "c6ea27c534f993d31f0aef882e3d200e7b87470c379ae79c8f9b19d3bd363dc9", // Amazon's documentation, another id
    "ca7459e2b26776de081b9a07e40227fd6cff232a1e3233ff6b6aa6d036ca9981", // RFC 6749: client and password in a header
    "cf4d418ed3de92d71f767db5391d5a2dacd40e1ce49e75d1137e2ecf4982d844", // RFC 7617: user and password in a header
    "e21b597ba6b9cafa59d9ebc4d65c0385f5eb3fa56abab2607fa76589ad849a33", // Amazon's documentation, what belongs to that
    "f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397", // Stripe's documentation, earlier
    "f5e95c9954635b65acab57e6d5ea663eb900f06dc8794a90358f5abb1c77d4e0", // reCAPTCHA for tests, for the server
    "f79cd64f9cea237897b8133e4b905b361c6f166faa5a1c64c32280938f5b707e", // Hardhat, Anvil and Ganache, the words
];

/// Returns whether a value, or the last part of a token of several parts, is one of them.
pub(super) fn is_example(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    let is_known = |value: &[u8]| LENGTHS.contains(&value.len()) && EXAMPLES.binary_search(&hex(value).as_str()).is_ok();
    is_known(value) || memchr::memrchr(b'.', value).is_some_and(|dot| is_known(&value[dot + 1..]))
}

fn hex(value: &[u8]) -> String {
    Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLES, is_example};

    #[test]
    fn what_documentation_prints_is_known_and_what_is_like_it_is_not() {
        let id = |end: &str| ["AKIA", "IOSFODNN7", end].concat();
        assert!(is_example(id("EXAMPLE").as_bytes()));
        assert!(!is_example(id("EXAMPLF").as_bytes()));
        assert!(is_example(format!("{}junk", "test ".repeat(11)).as_bytes()));
        assert!(is_example(format!("eyJ.eyJ.{}", id("EXAMPLE")).as_bytes()), "as the last part");
        assert!(!is_example(b"") && !is_example(b"."));
    }

    #[test]
    fn the_list_is_in_order_and_of_hashes() {
        assert!(EXAMPLES.is_sorted());
        assert!(EXAMPLES.iter().all(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
