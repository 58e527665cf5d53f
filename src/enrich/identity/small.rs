//! Formats that say one or two things: Cloudflare's tunnels, Mailchimp, NATS, one-time passwords, Salesforce.

use super::{Seen, base64, is_url_byte, parameter, percent_decoded};
use crate::identity::{About, Identity};

/// Reads account and tunnel from JSON in base64.
pub(super) fn cloudflare_tunnel(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let json = base64(token).and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok()).unwrap_or_default();
    identity.add(About::Account, json["a"].as_str().unwrap_or_default());
    identity.add(About::Resource, json["t"].as_str().map(|tunnel| format!("tunnel {tunnel}")).unwrap_or_default());
    identity
}

/// Reads the data centre behind the last dash.
pub(super) fn mailchimp(key: &[u8]) -> Identity {
    let mut identity = Identity::default();
    identity.add_bytes(About::Region, key.rsplit(|&b| b == b'-').next().unwrap_or_default());
    identity
}

/// Reads the role from the second letter.
pub(super) fn nats(seed: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let role = match seed.get(1) {
        Some(b'O') => "operator",
        Some(b'A') => "account",
        Some(b'U') => "user",
        Some(b'N') => "server",
        Some(b'C') => "cluster",
        Some(b'X') => "encryption",
        _ => "",
    };
    identity.add(About::Kind, role);
    identity
}

/// Reads label, issuer and period from the address around the secret.
pub(super) fn otpauth(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let address = seen.run(is_url_byte);
    let text = String::from_utf8_lossy(address);
    let Some((_, rest)) = text.split_once("otpauth://") else { return identity };
    let label = rest.split(['?', '#']).next().unwrap_or_default().split_once('/').map_or("", |(_, label)| label);
    identity.add(About::User, percent_decoded(label));
    identity.add(About::Issuer, parameter(address, "issuer").unwrap_or_default());
    identity.add(About::Algorithm, parameter(address, "algorithm").unwrap_or_default());
    identity
}

/// Reads the organisation before the `!`.
pub(super) fn salesforce(session: &[u8]) -> Identity {
    let mut identity = Identity::default();
    identity.add_bytes(About::Organization, session.split(|&b| b == b'!').next().unwrap_or_default());
    identity
}
