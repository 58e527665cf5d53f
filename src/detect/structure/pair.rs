//! `BASIC_AUTH=user:password`: a user and a password in one value, behind a name that says so.
//!
//! The password alone is the secret. What such a value is called is also called so where a token is meant, so both parts must look like
//! what they are: `auth: read:packages` is neither.

use super::{Read, Said};
use crate::detect::form::{self, Assignment, Joint};
use crate::detect::judge;
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// The longest name of a user, an address included.
const USER_BYTES: usize = 64;
/// A shorter password is as likely a number or a flag.
const MIN_BYTES: usize = 6;
const MAX_BYTES: usize = 128;

/// How names end, without `_`, `-` and `.`, that hold a user and a password.
const NAMES: [&[u8]; 6] = [b"auth", b"credential", b"credentials", b"creds", b"userpass", b"userpwd"];
/// What stands before a colon and is no user: schemes of signing in, of digests and of places where a value is kept.
const SCHEMES: [&[u8]; 34] = [
    b"basic",
    b"bearer",
    b"digest",
    b"token",
    b"oauth",
    b"oauth2",
    b"plain",
    b"sha1",
    b"sha256",
    b"sha512",
    b"md5",
    b"base64",
    b"hex",
    b"arn",
    b"urn",
    b"env",
    b"file",
    b"vault",
    b"secret",
    b"ref",
    b"pass",
    b"keychain",
    b"enc",
    b"encrypted",
    b"kms",
    b"ssm",
    b"aws",
    b"gcp",
    b"v1",
    b"v2",
    b"crypt",
    b"sha384",
    b"bcrypt",
    b"key",
];

/// Reads the password of the assignment at the keyword.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    // Most words with `auth` in them are others: `author`, `authority`.
    let goes_on = |at: usize| chunk.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let is_plural = chunk.get(keyword.end).is_some_and(|b| b.eq_ignore_ascii_case(&b's'));
    if goes_on(keyword.end + usize::from(is_plural)) {
        return None;
    }
    let (user, secret) = parts(chunk, &form::assignment_at(chunk, keyword)?)?;
    let (user, password) = (user.of(chunk), secret.of(chunk));
    let mut signs = Signs::default();
    signs.add(Sign::PlaceCommand);
    signs.add_if(user.eq_ignore_ascii_case(password), Sign::SameAsUser);
    signs.add_if([&b"user"[..], b"username"].contains(&&user.to_ascii_lowercase()[..]), Sign::UserExample);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: None } })
}

/// Returns the user and the password where an assignment holds both.
pub(super) fn parts(chunk: &[u8], assignment: &Assignment) -> Option<(Span, Span)> {
    let value = assignment.value;
    memchr::memchr2(b':', b'/', value.of(chunk))?;
    let is_joint = |b: &u8| matches!(b, b'_' | b'-' | b'.' | b'$');
    let name: Vec<u8> = assignment.name.of(chunk).iter().filter(|b| !is_joint(b)).map(u8::to_ascii_lowercase).collect();
    let says_both = NAMES.iter().any(|ending| name.ends_with(ending));
    // `auth: keycloak:22.0.1` is an image.
    let is_told = assignment.quote.is_some() || assignment.joint == Joint::Equals || !name.ends_with(b"auth");
    if !says_both || !is_told || assignment.is_split || assignment.wrapper.is_some() {
        return None;
    }
    // That of Neo4j is `neo4j/password`.
    let mark = if name.starts_with(b"neo4j") { b'/' } else { b':' };
    let at = value.start + memchr::memchr(mark, value.of(chunk))?;
    let (user, password) = (Span::new(value.start, at), Span::new(at + 1, value.end));
    (is_user(user.of(chunk)) && is_password(password.of(chunk))).then_some((user, password))
}

fn is_user(user: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'+' | b'@');
    let is_name = (2..=USER_BYTES).contains(&user.len()) && user.iter().all(is_part) && user.iter().any(u8::is_ascii_alphabetic);
    is_name && !SCHEMES.contains(&&user.to_ascii_lowercase()[..])
}

/// Returns whether a text may be a password: words alone are as likely the name of a right, of a class or of a module.
fn is_password(password: &[u8]) -> bool {
    let is_other = |b: &u8| b.is_ascii_whitespace() || matches!(b, b':' | b'/' | b'"' | b'\'' | b'`' | b'<' | b'{' | b'(' | b'$');
    let is_name = judge::is_wordy(password) || password.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'));
    let is_version = password.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    (MIN_BYTES..=MAX_BYTES).contains(&password.len()) && !password.iter().any(is_other) && !is_name && !is_version
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_the_password_behind_the_user() {
        for (text, password) in [
            ("BASIC_AUTH=ann:abc123", Some("abc123")),
            ("  \"credentials\": \"ann@corp.net:abc123\",", Some("abc123")),
            ("credentials: ann:abc123", Some("abc123")),
            ("curl --proxy-auth ann:abc123 x", None),
            ("auth = \"ann:abc123\"", Some("abc123")),
            ("auth: keycloak:22.0.1-7", None),
            ("NEO4J_AUTH¦=neo4j/abc123", Some("abc123")),
            ("NEO4J_AUTH=none", None),
            ("creds = 'bearer:abc123'", None),
            ("creds = 'enc:abc123'", None),
            ("auth = \"read:packages\"", None),
            ("auth = \"app:22.0.1\"", None),
            ("auth = \"shop:AccessControl\"", None),
            ("credentials: https:¦//ann:abc123@host", None),
            ("author = \"ann:abc123\"", None),
        ] {
            // The mark keeps other scanners from taking it for a leak.
            let text = text.replace('¦', "");
            let lower = text.to_ascii_lowercase();
            let word = ["credentials", "creds", "auth"].into_iter().find(|word| lower.contains(word)).expect("each has a keyword");
            let at = lower.find(word).expect("it was found");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
