//! Google: the service account in a key file, the project in a client id.

use super::Seen;
use super::keys;
use crate::identity::{About, Identity, Life};

/// Reads the fields that stand beside the private key of a service account. The key is good until somebody deletes it.
pub(super) fn service_account(seen: Seen<'_>) -> Identity {
    let mut identity = keys::read(seen);
    for (name, about) in [
        ("project_id", About::Project),
        ("client_email", About::User),
        ("private_key_id", About::KeyId),
        ("client_id", About::App),
        ("universe_domain", About::Service),
    ] {
        identity.add(about, field(seen, name).unwrap_or_default());
    }
    identity.life = Life::Endless;
    identity
}

/// Returns the text of the field of a JSON object, quoted once or more, that is nearest to the secret.
pub(super) fn field(seen: Seen<'_>, name: &str) -> Option<String> {
    let mut found: Option<(usize, String)> = None;
    for at in memchr::memmem::find_iter(seen.around, name.as_bytes()) {
        let rest = &seen.around[at + name.len()..];
        let skipped = rest.iter().take(16).take_while(|b| matches!(b, b'"' | b'\\' | b':' | b' ' | b'\'' | b'\t')).count();
        let has_colon = rest[..skipped].contains(&b':');
        let value: Vec<u8> =
            rest[skipped..].iter().copied().take_while(|b| !matches!(b, b'"' | b'\\' | b'\'' | b'\n' | b',' | b'}')).collect();
        let distance = at.abs_diff(seen.start);
        if has_colon && found.as_ref().is_none_or(|(nearest, _)| distance < *nearest) {
            found = Some((distance, String::from_utf8_lossy(&value).into_owned()));
        }
    }
    found.map(|(_, value)| value)
}

/// Reads the number of the project from an OAuth client id.
pub(super) fn client_id(id: &[u8]) -> Identity {
    let mut identity = Identity::default();
    identity.add_bytes(About::Project, id.split(|&b| b == b'-').next().unwrap_or_default());
    identity
}
