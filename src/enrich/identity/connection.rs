//! URLs with a password in them, and connection strings: server, user, database.

use bstr::ByteSlice as _;

use super::{Seen, is_url_byte, percent_decoded};
use crate::identity::{About, Identity};

/// Reads scheme, user, host and database of the address around a password.
pub(super) fn url(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    // The password may hold letters that end an address, so what is before it and what is behind it are read apart.
    let before = tail(&seen.around[..seen.start], is_url_byte);
    let Some(mark) = memchr::memmem::rfind(before, b"://") else { return identity };
    let letters = before[..mark].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
    identity.add_bytes(About::Scheme, &before[mark - letters..mark]);
    let user = before[mark + 3..].split(|&b| b == b':').next().unwrap_or_default();
    identity.add(About::User, percent_decoded(&user.to_str_lossy()));
    let behind = seen.around[seen.end..].strip_prefix(b"@").unwrap_or_default();
    // Several servers of one cluster are separated by commas.
    let rest = &behind[..behind.iter().position(|&b| !is_url_byte(b) && b != b',').unwrap_or(behind.len())];
    let host = rest.split(|b| matches!(b, b'/' | b'?' | b'#')).next().unwrap_or_default();
    identity.add_bytes(About::Host, host.trim_end_with(|c| c == ','));
    let path = rest[host.len()..].strip_prefix(b"/").unwrap_or_default();
    let path = path.split(|b| matches!(b, b'?' | b'#')).next().unwrap_or_default();
    let about = if is_web(&before[mark - letters..mark]) { About::Resource } else { About::Database };
    identity.add(about, percent_decoded(&path.to_str_lossy()));
    identity
}

fn is_web(scheme: &[u8]) -> bool {
    [&b"http"[..], b"https", b"ftp", b"sftp", b"ssh", b"git", b"git+https", b"git+ssh"].contains(&scheme)
}

fn tail(bytes: &[u8], is_part: impl Fn(u8) -> bool) -> &[u8] {
    let count = bytes.iter().rev().take_while(|&&b| is_part(b)).count();
    &bytes[bytes.len() - count..]
}

/// Names in connection strings, without spaces and in lower case, and what they tell.
const NAMES: &[(&str, About)] = &[
    ("server", About::Host),
    ("datasource", About::Host),
    ("host", About::Host),
    ("hostname", About::Host),
    ("address", About::Host),
    ("addr", About::Host),
    ("endpoint", About::Host),
    ("accountendpoint", About::Host),
    ("database", About::Database),
    ("initialcatalog", About::Database),
    ("dbname", About::Database),
    ("entitypath", About::Resource),
    ("userid", About::User),
    ("user", About::User),
    ("uid", About::User),
    ("username", About::User),
    ("sharedaccesskeyname", About::KeyId),
    ("id", About::KeyId),
    ("deviceid", About::Name),
    ("accountname", About::Account),
    ("driver", About::Scheme),
];

/// Reads what stands beside the secret in the list around it: `Server=…;Database=…;User Id=…`.
pub(super) fn string(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let is_part = |b: u8| !matches!(b, b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b'`');
    let before = tail(&seen.around[..seen.start], is_part);
    let behind = &seen.around[seen.end..];
    let behind = &behind[..behind.iter().position(|&b| !is_part(b)).unwrap_or(behind.len())];
    // Redis puts the host in front without a name, and separates by commas.
    let separators: &[char] = if before.contains(&b';') || behind.contains(&b';') { &[';'] } else { &[';', ','] };
    for side in [before.to_str_lossy(), behind.to_str_lossy()] {
        for (number, pair) in side.split(|c| separators.contains(&c)).enumerate() {
            let Some((name, value)) = pair.split_once('=') else {
                let host = pair.rsplit([' ', '=']).next().unwrap_or_default();
                if number == 0 && host.contains('.') && !host.contains("://") {
                    identity.add(About::Host, host);
                }
                continue;
            };
            // Before the first pair there may be the name of a variable and its sign.
            let name: String = name.rsplit([':', '(', '?']).next().unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
            let name = name.to_ascii_lowercase();
            let (name, value) = match value.split_once('=').filter(|_| number == 0) {
                Some((inner, value)) if NAMES.iter().any(|(known, _)| inner.eq_ignore_ascii_case(known)) => {
                    (inner.to_ascii_lowercase(), value)
                }
                _ => (name, value),
            };
            if let Some((_, about)) = NAMES.iter().find(|(known, _)| *known == name) {
                identity.add(*about, value.trim_start_matches("tcp:"));
            }
        }
    }
    identity
}

/// What a name ends in beside that of a password, and what it tells: `DB_HOST` beside `DB_PASSWORD`.
const SIBLINGS: &[(&str, About)] = &[
    ("hostname", About::Host),
    ("host", About::Host),
    ("server", About::Host),
    ("username", About::User),
    ("user", About::User),
    ("login", About::User),
    ("database", About::Database),
    ("dbname", About::Database),
    ("name", About::Database),
    ("db", About::Database),
];

/// So many lines above and below belong to the same service.
const SIBLING_LINES: usize = 6;

/// Reads user, host and database from assignments beside that of a password whose names begin as its name does.
pub(super) fn siblings(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let start = memchr::memrchr(b'\n', &seen.around[..seen.start]).map_or(0, |at| at + 1);
    let own = seen.around[start..seen.start].to_str_lossy();
    let Some(own) = name_of(&own) else { return identity };
    let stem = own.to_ascii_lowercase();
    let Some(stem) = ["password", "passwd", "passphrase", "pass", "pwd", "pw"].iter().find_map(|end| stem.strip_suffix(end)) else {
        return identity;
    };
    let (before, behind) = (seen.around[..start].to_str_lossy(), seen.around[seen.end..].to_str_lossy());
    for line in before.lines().rev().take(SIBLING_LINES).chain(behind.lines().skip(1).take(SIBLING_LINES)) {
        let Some((name, value)) = line.split_once(['=', ':']).or_else(|| line.split_once("=>")) else { continue };
        let Some(name) = name_of(name) else { continue };
        let name = name.to_ascii_lowercase();
        let Some(rest) = name.strip_prefix(stem) else { continue };
        let value = value.trim().trim_start_matches('>').trim().trim_end_matches([',', ';']).trim_matches(['"', '\'', '`']);
        // What is computed or looked up says nothing.
        let is_plain = value.len() < 100 && !value.contains(['$', '(', '{', '<', '%', ' ', '[']);
        if let Some((_, about)) = SIBLINGS.iter().find(|(known, _)| *known == rest).filter(|_| is_plain) {
            let is_own = !(stem.is_empty() && *about == About::Database && rest == "name");
            if is_own && identity.get(*about).is_none() {
                identity.add(*about, value);
            }
        }
    }
    identity
}

/// Returns the name at the end of the left side of an assignment.
fn name_of(left: &str) -> Option<&str> {
    let left = left.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | ':' | '>' | ',' | '('));
    let name = left.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).next()?;
    Some(name).filter(|name| !name.is_empty())
}
