//! Test or live, from the words in a value, and the account in keys of Stripe.

use crate::identity::{About, Identity};

const TEST: [&str; 7] = ["test", "sandbox", "sbx", "sand", "dev", "staging", "demo"];
const LIVE: [&str; 4] = ["live", "prod", "production", "prd"];

/// Reads the mode from the parts of a value that separators set off, and that are not its random end.
pub(super) fn read(value: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let mut words = text.split(['_', '-', '.', ':', '$', '|']);
    let mode = words.find_map(|word| {
        let is = |known: &[&str]| known.iter().any(|known| word == *known || word.strip_suffix("key") == Some(known));
        if is(&TEST) { Some("test") } else { is(&LIVE).then_some("live") }
    });
    identity.add(About::Mode, mode.unwrap_or_default());
    for prefix in [b"sk_live_5", b"sk_test_5", b"rk_live_5", b"rk_test_5", b"pk_live_5", b"pk_test_5"] {
        // The account's number follows in keys of newer accounts.
        if let Some(account) = value.strip_prefix(prefix).and_then(|rest| rest.get(..16)).filter(|account| account[0] == b'1') {
            identity.add(About::Account, format!("acct_{}", String::from_utf8_lossy(account)));
        }
    }
    identity
}

#[cfg(test)]
mod tests {
    use crate::identity::About;

    #[test]
    fn the_mode_is_one_of_the_words() {
        for (value, mode) in [
            ("xx_live_abc", Some("live")),
            ("xx_test_abc", Some("test")),
            ("TEST-123-abc", Some("test")),
            ("access_token$production$a$b", Some("live")),
            ("FLWSECK_TEST-abc", Some("test")),
            ("contesting", None),
            ("plain", None),
        ] {
            assert_eq!(super::read(value.as_bytes()).get(About::Mode), mode, "{value}");
        }
    }
}
