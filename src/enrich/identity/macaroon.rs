//! Macaroons, as PyPI and others issue them: location, identifier and what they are limited to.

use serde_json::Value;

use super::{base64, fly};
use crate::identity::{About, Identity, Life};

/// Reads the second form (binary) or the first (lines with their length in hexadecimal).
pub(super) fn read(token: &[u8]) -> Identity {
    if [&b"fm1a_"[..], b"fm1r_", b"fm2_"].iter().any(|prefix| token.starts_with(prefix)) {
        return fly::read(token);
    }
    let mut identity = Identity::default();
    let body = token.strip_prefix(b"pypi-").unwrap_or(token);
    let Some(bytes) = base64(body) else { return identity };
    if bytes.first() == Some(&2) {
        binary(&bytes[1..], &mut identity)
    } else {
        lines(&bytes, &mut identity)
    }
    identity
}

/// Fields of a type, a length and bytes; a zero ends a section: the head first, then each caveat.
fn binary(mut rest: &[u8], identity: &mut Identity) {
    let mut is_head = true;
    while let Some((&kind, after)) = rest.split_first() {
        rest = after;
        if kind == 0 {
            is_head = false;
            continue;
        }
        let Some((length, after)) = number(rest) else { return };
        let Some((field, after)) = after.split_at_checked(length) else { return };
        rest = after;
        match (kind, is_head) {
            (1, true) => identity.add_bytes(About::Issuer, field),
            (2, true) => identity.add_bytes(About::KeyId, field),
            (2, false) => caveat(field, identity),
            _ => {}
        }
    }
}

/// Reads a length in groups of seven bits.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (at, &byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

fn lines(mut rest: &[u8], identity: &mut Identity) {
    while let Some((head, _)) = rest.split_first_chunk::<4>() {
        let length = std::str::from_utf8(head).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some((packet, after)) = length.filter(|&length| length > 4).and_then(|length| rest.split_at_checked(length)) else { return };
        rest = after;
        let packet = packet[4..].trim_ascii_end();
        let Some(space) = memchr::memchr(b' ', packet) else { return };
        match (&packet[..space], &packet[space + 1..]) {
            (b"location", value) => identity.add_bytes(About::Issuer, value),
            (b"identifier", value) => identity.add_bytes(About::KeyId, value),
            (b"cid", value) => caveat(value, identity),
            _ => {}
        }
    }
}

/// Reads a limit: PyPI writes JSON, others words.
fn caveat(bytes: &[u8], identity: &mut Identity) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        identity.add_bytes(About::Scope, bytes);
        return;
    };
    match (value[0].as_u64(), &value["permissions"]) {
        // Until when, from when.
        (Some(0), _) => {
            let end = value[1].as_i64().and_then(|at| jiff::Timestamp::from_second(at).ok());
            identity.life = end.map_or(identity.life, Life::Until);
        }
        (Some(1 | 2), _) => identity.add(About::Scope, format!("projects {}", value[1])),
        (Some(3), _) => identity.add(About::Scope, format!("user {}", value[1])),
        (_, Value::String(whose)) => identity.add(About::Scope, format!("all projects of the {whose}")),
        (_, Value::Object(limits)) => {
            identity.add(About::Scope, limits.get("projects").map(|all| format!("projects {all}")).unwrap_or_default())
        }
        _ => identity.add_bytes(About::Scope, bytes),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use crate::identity::{About, Life};

    #[test]
    fn limits_of_a_macaroon_are_read() {
        let field = |kind: u8, text: &str| [&[kind, u8::try_from(text.len()).expect("short")][..], text.as_bytes()].concat();
        let bytes = [
            &[2u8][..],
            &field(1, "registry.example"),
            &field(2, "id-1"),
            &[0],
            &field(2, r#"[1,["demo"]]"#),
            &[0],
            &field(2, "[0,1700000000,0]"),
            &[0, 0],
            &field(6, "signature"),
        ]
        .concat();
        let identity = super::read(["py", "pi-", &URL_SAFE_NO_PAD.encode(bytes)].concat().as_bytes());
        assert_eq!(identity.get(About::Issuer), Some("registry.example"));
        assert_eq!(identity.get(About::Scope), Some(r#"projects ["demo"]"#));
        assert_eq!(identity.life, Life::Until(jiff::Timestamp::from_second(1_700_000_000).expect("in range")));
    }

    #[test]
    fn lengths_that_lie_end_the_reading() {
        for bytes in [&[2u8, 1, 0xff, 0xff, 0xff, 0xff][..], &[2, 1, 200, 1, 5], b"ffff x", b"0004", b""] {
            assert_eq!(super::read(URL_SAFE_NO_PAD.encode(bytes).as_bytes()).get(About::Issuer), None, "{bytes:?}");
        }
    }
}
