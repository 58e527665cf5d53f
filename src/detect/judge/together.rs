//! What a name and a value are together that neither is alone: the hash of a secret, the number of an entry.
//!
//! These turn a candidate away instead of being signs. A sign is worth the same wherever it is seen, and what is said here holds
//! against all others: a hash has the even, unpronounceable characters for which all signs take it for a secret.

use super::name::Class;
use super::value::{is_file_name, is_uuid};
use super::words::letter_runs;

/// Tells what the two are together where that is no secret; `is_statement` is whether a statement sets the name, as in `key = "x"`.
pub(super) fn is_possible(class: Class, name: &[u8], value: &[u8], is_statement: bool) -> Result<(), &'static str> {
    let is = |holds: bool, what: &'static str| if holds { Err(what) } else { Ok(()) };
    let is_key = name.eq_ignore_ascii_case(b"key");
    is(is_key && is_field(value) && !is_statement, "the name of a field")?;
    is(is_key && is_uuid(value), "the number of an entry")?;
    is(is_key && is_file_name(value), "the name of a file")?;
    is(is_key_id(name, value), "the id of a public key")?;
    is(is_own_name(name, value), "its own name")?;
    is(is_digest(class, name, value), "the hash of a secret, as the name says")
}

/// Returns whether the value is short and written as names of fields and things are: `max_rain_5d`, `lgpl-3.0`, `acid_M100`.
fn is_field(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let is_joined = value.contains(&b'_') && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    if is_joined && value.len() < 20 && digits * 2 <= value.len() && value[0].is_ascii_alphabetic() {
        return true;
    }
    let is_written = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
    value.len() < 16 && value.first().is_some_and(u8::is_ascii_lowercase) && digits * 4 <= value.len() && value.iter().all(is_written)
}

/// `CONF_WIFI_PSWD = "wifi_pswd"`: the value is what the name says, or its end.
fn is_own_name(name: &[u8], value: &[u8]) -> bool {
    let mut own = name.iter().rev().filter(|b| b.is_ascii_alphanumeric());
    let mut said = value.iter().rev().filter(|b| b.is_ascii_alphanumeric());
    value.len() >= 4 && said.all(|b| own.next().is_some_and(|own| own.eq_ignore_ascii_case(b)))
}

/// Returns whether the value tells which public key is meant: the fingerprint or id of one of GnuPG's.
fn is_key_id(name: &[u8], value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"0x").unwrap_or(value);
    let is_id = matches!(digits.len(), 8 | 16 | 40) && digits.iter().all(u8::is_ascii_hexdigit);
    let folded = || name.to_ascii_lowercase();
    is_id && ["gpg", "pgp"].iter().any(|word| memchr::memmem::find(&folded(), word.as_bytes()).is_some())
}

/// Returns whether the value is what is stored in the place of a secret: `ROOT_PASSWORD_SHA2`, `api_key_hash`, `hashedToken`.
///
/// `HASH_SALT` and `sha256_key` are secrets.
fn is_digest(class: Class, name: &[u8], value: &[u8]) -> bool {
    let is_hash = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit);
    if !is_hash {
        return false;
    }
    let is_word =
        |word: &[u8]| ["sha", "md", "hash", "hashed", "digest", "checksum"].iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()));
    let (mut holds, mut ends) = (false, false);
    letter_runs(name).for_each(|word| {
        ends = is_word(word);
        holds |= ends;
    });
    ends || (holds && class == Class::Password) || letter_runs(name).any(|word| word.eq_ignore_ascii_case(b"hashed"))
}

#[cfg(test)]
mod tests {
    use super::{Class, is_possible};

    #[test]
    fn a_name_and_a_value_tell_what_they_are_together() {
        let (hash, uuid) = ("00f0a1b2c3d4e5f60718293a4b5c6d7e", "00f0a1b2-c3d4-e5f6-0718-293a4b5c6d7e");
        for (class, name, value, is_secret) in [
            (Class::Key, "key", "max_rain_5d", false),
            (Class::Key, "site_key", "max_rain_5d", true),
            (Class::Key, "Key", uuid, false),
            (Class::Token, "api_key", uuid, true),
            (Class::Token, "GPG_SIGNING_KEY", "0x00F0A1B2C3D4E5F6", false),
            (Class::Token, "SIGNING_KEY", "0x00F0A1B2C3D4E5F6", true),
            (Class::Password, "ROOT_PASSWORD_SHA2", hash, false),
            (Class::Password, "SHA256_PASSWORD", hash, false),
            (Class::Password, "passwordHash", hash, false),
            (Class::Token, "hashedApiToken", hash, false),
            (Class::Token, "token_md5", hash, false),
            (Class::Token, "sha256_signing_key", hash, true),
            (Class::Key, "hash_salt", hash, true),
            (Class::Password, "password_hash", "Blue7Kettle", true),
            (Class::Password, "CONF_WIFI_PSWD", "wifi-pswd", false),
            (Class::Password, "wifi_pswd", "wifi_pswd7", true),
            (Class::Key, "key", "acid_M100", false),
            (Class::Key, "key", "k8s_ovn4.conf", false),
        ] {
            assert_eq!(is_possible(class, name.as_bytes(), value.as_bytes(), false).is_ok(), is_secret, "{name} {value}");
        }
        assert_eq!(is_possible(Class::Key, b"key", b"max_rain_5d", true), Ok(()), "a statement sets it");
    }
}
