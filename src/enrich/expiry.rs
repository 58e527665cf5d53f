//! Until when a credential is good, where it says so itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use crate::secret::Secret;
use crate::verdict::Expiry;

/// Reads the end date of a JSON Web Token; `now` decides whether that is past.
pub(crate) fn read(secret: &Secret, now: Timestamp) -> Expiry {
    let end = claims(secret.expose()).and_then(|claims| claims.get("exp")?.as_i64()).and_then(|at| Timestamp::from_second(at).ok());
    match end {
        None => Expiry::Unstated,
        Some(end) if end <= now => Expiry::Expired(end),
        Some(end) => Expiry::Expires(end),
    }
}

fn claims(token: &[u8]) -> Option<Value> {
    let mut parts = token.split(|&b| b == b'.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::Timestamp;

    use crate::secret::Secret;
    use crate::verdict::Expiry;

    #[test]
    fn a_token_says_when_it_ends() {
        let end = Timestamp::from_second(1_700_000_000).expect("in range");
        let token = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"exp":1700000000}"#));
        let secret = Secret::new(token.as_bytes());
        let day = jiff::SignedDuration::from_hours(24);
        assert_eq!(super::read(&secret, end + day), Expiry::Expired(end));
        assert_eq!(super::read(&secret, end - day), Expiry::Expires(end));
        assert_eq!(super::read(&Secret::new(b"no.token"), end), Expiry::Unstated);
    }
}
