//! Amazon Web Services: the account in a key id, and what signed addresses and Bedrock keys say.

use jiff::{SignedDuration, Timestamp};

use super::{base64, parameter};
use crate::identity::{About, Identity, Life};

/// Reads the account from an access key id, and whether it is temporary.
pub(super) fn key_id(id: &[u8]) -> Identity {
    let mut identity = Identity::default();
    identity.add_bytes(About::KeyId, id);
    if let Some(account) = account(id) {
        identity.add(About::Account, format!("{account:012}"));
    }
    match id.get(..4) {
        Some(b"AKIA") => {
            identity.add(About::Kind, "long-lived access key");
            identity.life = Life::Endless;
        }
        Some(b"ASIA") => identity.add(About::Kind, "temporary credentials of STS, for 36 hours at most"),
        Some(b"ABIA") => identity.add(About::Kind, "bearer token of STS"),
        Some(b"ACCA") => identity.add(About::Kind, "context-specific credential"),
        _ => {}
    }
    identity
}

/// Returns the account: 40 of the 80 bits behind the prefix. Ids of before 2019, with I or J in fifth place, do not have it.
fn account(id: &[u8]) -> Option<u64> {
    let body = id.get(4..20)?;
    if matches!(body[0], b'I' | b'J') {
        return None;
    }
    let mut bits: u128 = 0;
    for &byte in body {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(digit);
    }
    let head = u64::try_from(bits >> 32).ok()?;
    Some((head & 0x7fff_ffff_ff80) >> 7)
}

/// Reads a signed address: whose key signed it, for what, from when and for how long.
pub(super) fn presigned(address: &[u8]) -> Option<Identity> {
    let credential = parameter(address, "X-Amz-Credential")?;
    let mut parts = credential.split('/');
    let mut identity = parts.next().map(|id| key_id(id.as_bytes())).unwrap_or_default();
    identity.life = Life::Unstated;
    let _day = parts.next();
    identity.add(About::Region, parts.next().unwrap_or_default());
    identity.add(About::Service, parts.next().unwrap_or_default());
    let host = address.split(|&b| b == b'?').next().unwrap_or_default();
    if let Some(at) = memchr::memmem::find(host, b"://") {
        identity.add_bytes(About::Resource, &host[at + 3..]);
    }
    let issued = parameter(address, "X-Amz-Date").and_then(|text| compact(&text));
    if let Some(issued) = issued {
        identity.add(About::Issued, issued.to_string());
        let seconds = parameter(address, "X-Amz-Expires").and_then(|text| text.parse::<i64>().ok());
        if let Some(end) = seconds.and_then(|seconds| issued.checked_add(SignedDuration::from_secs(seconds)).ok()) {
            identity.life = Life::Until(end);
        }
    }
    Some(identity)
}

/// Reads a date such as `20260131T235959Z`.
fn compact(text: &str) -> Option<Timestamp> {
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
}

/// Reads the signed address in a short-lived key of Bedrock.
pub(super) fn short_bedrock(key: &[u8]) -> Identity {
    let body = key.strip_prefix(b"bedrock-api-key-").unwrap_or(key);
    base64(body).and_then(|address| presigned(&address)).unwrap_or_default()
}

/// Reads the user, and the account where it is there, of a long-lived key of Bedrock: `BedrockAPIKey-user-at-account:secret`.
pub(super) fn long_bedrock(key: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let decoded = key.strip_prefix(b"ABSK").and_then(base64).unwrap_or_default();
    let name = decoded.split(|&b| b == b':').next().and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
    identity.add(About::User, name);
    if let Some((_, account)) = name.rsplit_once("-at-").filter(|(_, account)| account.bytes().all(|b| b.is_ascii_digit())) {
        identity.add(About::Account, account);
    }
    identity
}

/// Reads the end of a login token of the container registry, which is JSON in base64, often behind `AWS:`.
pub(super) fn ecr(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let decoded = base64(token).unwrap_or_default();
    let inner = decoded.strip_prefix(b"AWS:").map_or(decoded.clone(), |inner| base64(inner).unwrap_or_default());
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&inner)
        && let Some(end) = value["expiration"].as_i64().and_then(|at| Timestamp::from_second(at).ok())
    {
        identity.add(About::Kind, "login token of the container registry");
        identity.life = Life::Until(end);
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::{account, key_id, presigned};
    use crate::identity::{About, Life};

    /// Returns the id of a key of an account, made from the published layout.
    fn id_of(account: u64) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = (1u128 << 79) | u128::from(account) << 39 | 0x12_3456;
        let letters = (0..16).rev().map(|at| char::from(LETTERS[usize::try_from(bits >> (at * 5) & 31).expect("five bits")]));
        ["AK", "IA"].concat() + &letters.collect::<String>()
    }

    #[test]
    fn a_key_id_names_its_account() {
        for number in [123_456_789_012, 999_999_999_999, 1] {
            let id = id_of(number);
            assert_eq!(account(id.as_bytes()), Some(number), "{id}");
            assert_eq!(key_id(id.as_bytes()).get(About::Account), Some(format!("{number:012}").as_str()));
        }
        assert_eq!(account(["AK", "IAI44QH8DHBEXAMPLE"].concat().as_bytes()), None, "an old id has no account in it");
        assert_eq!(account(b"short"), None);
    }

    #[test]
    fn a_signed_address_says_until_when() {
        let id = id_of(42);
        let address = format!(
            "https://bucket.s3.amazonaws.com/a.zip?X-Amz-Credential={id}%2F20260102%2Feu-west-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-Signature=0"
        );
        let identity = presigned(address.as_bytes()).expect("it is one");
        assert_eq!(identity.get(About::Region), Some("eu-west-1"));
        assert_eq!(identity.get(About::Service), Some("s3"));
        assert_eq!(identity.get(About::Resource), Some("bucket.s3.amazonaws.com/a.zip"));
        assert_eq!(identity.life, Life::Until("2026-01-02T04:04:05Z".parse().expect("a date")));
        assert!(presigned(b"https://example.com/?a=b").is_none());
    }
}
