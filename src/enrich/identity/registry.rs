//! Registries of packages and images: which one a token is for, and whose it is.

use bstr::ByteSlice as _;

use super::{Seen, aws, base64};
use crate::identity::{About, Identity};

/// Reads `user:password` in base64; in a Docker configuration also the registry it stands under.
pub(super) fn basic(seen: Seen<'_>) -> Identity {
    let mut identity = docker(seen);
    let decoded = base64(seen.value).unwrap_or_default();
    let user = decoded.split(|&b| b == b':').next().filter(|user| user.len() < decoded.len()).unwrap_or_default();
    if user.iter().all(u8::is_ascii_graphic) {
        identity.add_bytes(About::User, user);
    }
    if user == b"AWS" {
        identity.absorb(&aws::ecr(seen.value));
    }
    identity
}

/// Reads the name of the object in which the secret stands: `"registry.example": { "auth": … }`.
pub(super) fn docker(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let before = &seen.around[..seen.start];
    let Some(brace) = memchr::memrchr(b'{', before) else { return identity };
    let head = before[..brace].trim_ascii_end();
    let Some(name) = head.strip_suffix(b":").map(<[u8]>::trim_ascii_end).and_then(|head| head.strip_suffix(b"\"")) else { return identity };
    let name = &name[memchr::memrchr(b'"', name).map_or(0, |at| at + 1)..];
    if name.contains(&b'.') || name.contains(&b':') {
        identity.add_bytes(About::Registry, name);
        if let Some(account) = name.strip_suffix(b".amazonaws.com").and_then(|name| name.split(|&b| b == b'.').next()) {
            identity.add_bytes(About::Account, account);
        }
    }
    identity
}

/// Reads the registry in front of the setting: `//registry.example/:_authToken=…`.
pub(super) fn npmrc(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let before = &seen.around[..seen.start];
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    if let (Some(start), Some(end)) = (line.find("//"), line.find("/:_").or_else(|| line.find(":_")))
        && start + 2 < end
    {
        identity.add_bytes(About::Registry, &line[start + 2..end]);
    }
    let decoded = base64(seen.value).unwrap_or_default();
    let user = decoded.split(|&b| b == b':').next().filter(|user| user.len() < decoded.len()).unwrap_or_default();
    if !user.is_empty() && user.iter().all(u8::is_ascii_graphic) {
        identity.add_bytes(About::User, user);
    }
    identity
}
