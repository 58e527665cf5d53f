//! What a JSON Web Token says of itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Decodes the header of a token, if the first two parts are JSON objects and the first names an algorithm.
pub(crate) fn header(token: &[u8]) -> Option<Map<String, Value>> {
    let mut parts = token.split(|&b| b == b'.');
    let header = object(parts.next()?)?;
    let is_encrypted = header.contains_key("enc");
    let second = parts.next()?;
    if !is_encrypted {
        object(second)?;
    }
    let algorithm = header.get("alg")?.as_str()?;
    (!algorithm.is_empty()).then_some(header)
}

/// Returns whether a token has the five parts of an encrypted one, and a header that names the encryption.
pub(super) fn is_encrypted(token: &[u8]) -> bool {
    token.split(|&b| b == b'.').count() == 5 && header(token).is_some_and(|header| header.contains_key("enc"))
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    let trimmed = part.strip_suffix(b"==").or_else(|| part.strip_suffix(b"=")).unwrap_or(part);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(trimmed).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn a_token_is_two_objects_and_names_its_algorithm() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for (header, claims, is_token) in [
            (r#"{"alg":"HS256"}"#, r#"{"sub":"1"}"#, true),
            (r#"{"typ":"JWT"}"#, r#"{"sub":"1"}"#, false),
            (r#"{"alg":"HS256"}"#, "no object", false),
            (r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, "ciphertext", true),
        ] {
            let token = format!("{}.{}.c2ln", part(header), part(claims));
            assert_eq!(super::header(token.as_bytes()).is_some(), is_token, "{header} {claims}");
        }
    }

    #[test]
    fn an_encrypted_token_has_five_parts_and_names_its_encryption() {
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for (header, parts, is_one) in
            [(r#"{"alg":"dir","enc":"A256GCM"}"#, 5, true), (r#"{"alg":"dir","enc":"A256GCM"}"#, 4, false), (r#"{"alg":"dir"}"#, 5, false)]
        {
            let token = format!("{}{}", part(header), ".c2ln".repeat(parts - 1));
            assert_eq!(super::is_encrypted(token.as_bytes()), is_one, "{token}");
        }
    }
}
