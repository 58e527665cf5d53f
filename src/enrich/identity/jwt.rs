//! JSON Web Tokens: who issued it, to whom, for what, until when.

use jiff::Timestamp;
use serde_json::Value;

use super::{base64, day};
use crate::identity::{About, Identity, Life};

/// Reads the header and the claims of the first token in a value.
pub(super) fn read(value: &[u8]) -> Identity {
    let mut identity = Identity::default();
    // Some providers put a prefix before a token.
    let token = memchr::memmem::find(value, b"eyJ").map_or(value, |at| &value[at..]);
    let mut parts = token.split(|&b| b == b'.');
    let (Some(header), Some(claims), Some(_)) = (parts.next().and_then(json), parts.next().and_then(json), parts.next()) else {
        return identity;
    };
    identity.add(About::Algorithm, text(&header["alg"]));
    identity.add(About::KeyId, text(&header["kid"]));
    for (claim, about) in CLAIMS {
        identity.add(*about, text(&claims[*claim]));
    }
    if let Some(account) = claims["kubernetes.io"].as_object() {
        identity.add(About::Project, account.get("namespace").map(text).unwrap_or_default());
        identity.add(About::User, account.get("serviceaccount").map(|account| text(&account["name"])).unwrap_or_default());
    }
    if let Some(at) = seconds(&claims["iat"]) {
        identity.add(About::Issued, day(at));
    }
    identity.life = seconds(&claims["exp"]).map_or(Life::Endless, Life::Until);
    identity
}

/// Claims and what they tell; several names of one thing in the order of their worth.
const CLAIMS: &[(&str, About)] = &[
    ("iss", About::Issuer),
    ("sub", About::Subject),
    ("aud", About::Audience),
    ("scope", About::Scope),
    ("scp", About::Scope),
    ("roles", About::Scope),
    ("permissions", About::Scope),
    ("role", About::Scope),
    ("tid", About::Tenant),
    ("appid", About::App),
    ("azp", About::App),
    ("client_id", About::App),
    ("email", About::User),
    ("preferred_username", About::User),
    ("upn", About::User),
    ("kubernetes.io/serviceaccount/namespace", About::Project),
    ("kubernetes.io/serviceaccount/service-account.name", About::User),
    ("ref", About::Project),
];

fn json(part: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(&base64(part)?).ok().filter(Value::is_object)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Value::Null | Value::Bool(_) | Value::Object(_) => String::new(),
    }
}

/// Dates are whole seconds, but some write fractions, and some milliseconds.
fn seconds(value: &Value) -> Option<Timestamp> {
    let number = value.as_i64().or_else(|| value.as_f64().map(|number| number as i64)).or_else(|| value.as_str()?.parse().ok())?;
    let number = if number > 100_000_000_000 { number / 1_000 } else { number };
    Timestamp::from_second(number).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::Timestamp;

    use crate::identity::{About, Life};

    fn token(header: &str, claims: &str) -> Vec<u8> {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims)).into_bytes()
    }

    #[test]
    fn a_token_says_whose_it_is_and_until_when() {
        let end = Timestamp::from_second(1_700_000_000).expect("in range");
        let claims = r#"{"iss":"https://id.example","sub":"svc","aud":["a","b"],"scope":"read write","exp":1700000000}"#;
        let identity = super::read(&token(r#"{"alg":"RS256","kid":"k1"}"#, claims));
        for (about, value) in [
            (About::Issuer, "https://id.example"),
            (About::Subject, "svc"),
            (About::Audience, "a b"),
            (About::Scope, "read write"),
            (About::KeyId, "k1"),
        ] {
            assert_eq!(identity.get(about), Some(value));
        }
        assert_eq!(identity.life, Life::Until(end));
    }

    #[test]
    fn a_token_without_an_end_is_good_for_ever_and_what_is_none_says_nothing() {
        assert_eq!(super::read(&token(r#"{"alg":"none"}"#, "{}")).life, Life::Endless);
        for text in [&b"no.token.x"[..], b"eyJ", b"eyJhIjoxfQ.!.x", b""] {
            assert_eq!(super::read(text), crate::identity::Identity::default());
        }
    }

    #[test]
    fn an_end_in_milliseconds_is_understood() {
        let end = Timestamp::from_second(1_700_000_000).expect("in range");
        assert_eq!(super::read(&token(r#"{"alg":"x"}"#, r#"{"exp":1700000000000}"#)).life, Life::Until(end));
    }
}
