//! What a value looks like: made by a machine, chosen by a person, or not a secret at all.

use super::bits_per_char;
use super::words::{is_word, share_in_words};
use crate::detector::Profile;
use crate::finding::Evidence;

/// Longer values are data.
const MAX_VALUE_BYTES: usize = 500;

/// Adds the reasons that lie in the value; nothing when it cannot be a secret.
pub(super) fn weigh(profile: Profile, value: &[u8], is_quoted: bool, evidence: &mut Evidence) -> Option<()> {
    // First what is cheap: a hostile file may hold a million candidates.
    if value.len() > MAX_VALUE_BYTES {
        return None;
    }
    if is_reference(value) || is_stored_hash(value) || is_filler(value) || is_other_thing(value) {
        return None;
    }
    if !is_quoted && is_expression(value) {
        return None;
    }
    length(profile, value, evidence)?;
    let (share, letters) = share_in_words(value);
    let has_digit = value.iter().any(u8::is_ascii_digit);
    if letters >= 3 && share >= 0.5 {
        let is_joined = |b: &u8| b.is_ascii_punctuation() && !matches!(b, b'-' | b'_' | b'.' | b' ');
        let is_mixed = has_digit || (share < 0.8 && value.iter().any(is_joined));
        evidence.add("made of common words", if is_mixed { -2.0 } else { -3.2 });
    } else if letters >= 3 && share < 0.2 {
        evidence.add("letters that form no words", 0.7);
    }
    if value.contains(&b' ') {
        evidence.add("holds spaces", -2.0);
    }
    if !value.is_ascii() {
        evidence.add("holds letters of human languages", -1.6);
    }
    if is_path(value) {
        evidence.add("looks like a path", -2.4);
    }
    if is_uuid(value) && profile != Profile::Token {
        evidence.add("a UUID", -1.5);
    }
    if is_quoted && is_expression(value) && value.len() < 40 {
        evidence.add("looks like code", -1.2);
    }
    mixture(profile, value, has_digit, evidence)
}

fn length(profile: Profile, value: &[u8], evidence: &mut Evidence) -> Option<()> {
    let shortest = match profile {
        Profile::Password => 4,
        Profile::Token => 8,
        Profile::Key => 16,
    };
    if value.len() < shortest {
        return None;
    }
    match value.len() {
        0..6 => evidence.add("very short", -0.6),
        6..16 => {}
        16..=128 => evidence.add("long enough for a machine's", 0.6),
        _ => evidence.add("very long", -0.8),
    }
    Some(())
}

fn mixture(profile: Profile, value: &[u8], has_digit: bool, evidence: &mut Evidence) -> Option<()> {
    let bits = bits_per_char(value);
    let best = (value.len().min(64) as f32).log2();
    let has_lower = value.iter().any(u8::is_ascii_lowercase);
    let has_upper = value.iter().any(u8::is_ascii_uppercase);
    let has_mark = value.iter().any(|b| b.is_ascii_punctuation());
    match profile {
        Profile::Password => {
            if value.iter().all(u8::is_ascii_digit) {
                evidence.add("digits only", -0.6);
            }
        }
        Profile::Token | Profile::Key => {
            if !has_digit {
                let weight = if profile == Profile::Key { -2.4 } else { -1.2 };
                evidence.add("no digit", weight);
            }
            if bits < 3.0 {
                evidence.add("little entropy", -1.5);
            }
            if profile == Profile::Key && bits > 3.5 && value.len() >= 20 {
                evidence.add("much entropy", 0.8);
            }
        }
    }
    let kinds = [has_lower, has_upper, has_digit, has_mark].iter().filter(|&&has| has).count();
    if kinds >= 3 && bits > 0.85 * best {
        evidence.add("mixed characters without pattern", 0.8);
    }
    Some(())
}

/// Names, templates and lookups that stand for a value kept elsewhere.
fn is_reference(value: &[u8]) -> bool {
    let Some(&first) = value.first() else { return true };
    let last = value[value.len() - 1];
    let holds = |mark: &[u8]| memchr::memmem::find(value, mark).is_some();
    let wrapped = [(b'<', b'>'), (b'[', b']'), (b'{', b'}'), (b'%', b'%'), (b'(', b')'), (b'*', b'*'), (b'@', b'@')];
    if wrapped.contains(&(first, last)) || (value.starts_with(b"__") && value.ends_with(b"__")) {
        return true;
    }
    if holds(b"${") || holds(b"{{") || holds(b"$(") || holds(b"#{") || holds(b"<%") || holds(b"%(") || holds(b"{0}") || holds(b"%s") {
        return true;
    }
    if holds_field(value) || holds_variable(value) || holds_class(value) {
        return true;
    }
    let names_variable = |rest: &[u8]| {
        !rest.is_empty() && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'[' | b']' | b'-' | b'>'))
    };
    if matches!(first, b'$' | b'&') && names_variable(&value[1..]) && !value[1..].iter().all(u8::is_ascii_digit) {
        return true;
    }
    const SCHEMES: [&str; 29] = [
        "process.env",
        "os.environ",
        "import.meta",
        "system.getenv",
        "settings.",
        "self.",
        "this.",
        "enc[",
        "enc(",
        "{cipher}",
        "vault:",
        "vault ",
        "op://",
        "arn:",
        "ssm:",
        "ref+",
        "secret://",
        "file:",
        "env:",
        "akv://",
        "gcp-sm://",
        "bws:",
        "http://",
        "https://",
        "!ref",
        "!vault",
        "encrypted:",
        "u2fsdgvkx1",
        "/run/secrets/",
    ];
    let head = value[..value.len().min(16)].to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| head.starts_with(scheme.as_bytes()))
}

/// Returns whether the value has a field to be filled in, such as `{name}` or `{width:04}`.
fn holds_field(value: &[u8]) -> bool {
    let is_field = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'+' | b'>' | b'<' | b'?' | b'#' | b' ');
    memchr::memchr_iter(b'{', value).any(|open| {
        let inside = value[open + 1..].iter().take_while(|b| is_field(b)).count();
        inside <= 40 && value.get(open + 1 + inside) == Some(&b'}')
    })
}

/// Returns whether the value is a regular expression: it has a class such as `[a-z]`, or ends where code goes on.
fn holds_class(value: &[u8]) -> bool {
    let is_class = memchr::memchr_iter(b'[', value)
        .any(|at| matches!(value[at + 1..], [a, b'-', b, ..] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric()));
    is_class || memchr::memmem::find(value, b"`+").is_some()
}

/// Returns whether a part is the name of a variable, such as the end of `token-$TOKEN`.
fn holds_variable(value: &[u8]) -> bool {
    memchr::memchr_iter(b'$', value).any(|at| {
        let name = value[at + 1..].iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
        name >= 3
    })
}

/// Password hashes: they are meant to be stored.
fn is_stored_hash(value: &[u8]) -> bool {
    let folded = value[..value.len().min(12)].to_ascii_lowercase();
    [
        "$1$",
        "$2$",
        "$2a$",
        "$2b$",
        "$2x$",
        "$2y$",
        "$5$",
        "$6$",
        "$7$",
        "$argon2",
        "$apr1$",
        "$pbkdf2",
        "{sha",
        "{ssha",
        "pbkdf2_",
        "bcrypt",
        "sha256$",
        "sha1$",
        "scram-sha",
        "sha512-",
        "sha256-",
        "sha384-",
        "sha256:",
        "md5:",
    ]
    .iter()
    .any(|head| folded.starts_with(head.as_bytes()))
}

/// Placeholders, masks, runs and rows of the keyboard.
pub(super) fn is_filler(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    value.iter().for_each(|&b| seen[usize::from(b.to_ascii_lowercase())] = true);
    let distinct = seen.iter().filter(|&&is_seen| is_seen).count();
    if distinct <= 2 || (value.len() >= 20 && distinct < 6) || (value.len() >= 8 && distinct < 4) {
        return true;
    }
    let steps = value.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    if value.len() >= 6 && steps * 10 >= (value.len() - 1) * 6 {
        return true;
    }
    let folded = value.to_ascii_lowercase();
    const FILL: [&str; 27] = [
        "example",
        "placeholder",
        "changeme",
        "change_me",
        "change-me",
        "changeit",
        "your_",
        "your-",
        "yourpass",
        "yourtoken",
        "yourkey",
        "yoursecret",
        "replace",
        "insert",
        "dummy",
        "xxxx",
        "redacted",
        "todo",
        "qwerty",
        "asdfgh",
        "deadbeef",
        "0123456789",
        "123456",
        "abcdef",
        "***",
        "...",
        "sample",
    ];
    FILL.iter().any(|fill| memchr::memmem::find(&folded, fill.as_bytes()).is_some())
}

/// Values that are plainly something else: booleans, numbers with a point, dates, versions, single words.
fn is_other_thing(value: &[u8]) -> bool {
    let folded = value.to_ascii_lowercase();
    const PLAIN: [&str; 20] = [
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "yes",
        "no",
        "on",
        "off",
        "string",
        "password",
        "passwd",
        "secret",
        "token",
        "test",
        "admin",
        "root",
        "user",
        "pass",
    ];
    if PLAIN.iter().any(|plain| plain.as_bytes() == folded) {
        return true;
    }
    let is_date = value.len() >= 10 && value[4] == b'-' && value[7] == b'-' && value[..4].iter().all(u8::is_ascii_digit);
    let is_version = value.contains(&b'.') && value.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    is_date || is_version || (value.iter().all(|b| b.is_ascii_lowercase()) && value.len() >= 3 && is_word(value))
}

/// Code on the right-hand side: calls, member access, operators, names of things.
fn is_expression(value: &[u8]) -> bool {
    let value = value.trim_ascii_end();
    let unpadded = &value[..value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1)];
    let holds = |mark: &[u8]| memchr::memmem::find(unpadded, mark).is_some();
    if holds(b"(") || holds(b"->") || holds(b"=>") || holds(b"::") || holds(b"[") || holds(b"&&") || holds(b"||") || holds(b"==") {
        return true;
    }
    let is_identifier = |part: &[u8]| {
        part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    let parts: Vec<&[u8]> = value.split(|&b| b == b'.').collect();
    let is_wordy = || !value.iter().any(u8::is_ascii_digit) || share_in_words(value).0 > 0.6;
    parts.len() >= 2 && parts.iter().all(|part| is_identifier(part)) && is_wordy()
}

/// A path is one by its words: keys of AWS hold slashes too.
fn is_path(value: &[u8]) -> bool {
    if value.starts_with(b"/") && value.len() < 12 || value.starts_with(b"./") || value.starts_with(b"../") || value.starts_with(b"~/") {
        return true;
    }
    let slashes = value.iter().filter(|&&b| b == b'/').count();
    slashes >= 1 && share_in_words(value).0 > 0.5
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::{is_filler, weigh};
    use crate::detector::Profile;
    use crate::finding::Evidence;

    #[test]
    fn what_stands_for_a_secret_is_not_one() {
        for value in [
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "{{ password }}",
            "<your password>",
            "%PASSWORD%",
            "changeme",
            "xxxxxxxx",
            "********",
            "$2a$10$N9qo8uLOickgx2ZMRZoMye",
            "true",
            "2019-04-15T00:00",
            "1.2.3.4",
            "password",
            "ENC[AES256_GCM,data:x]",
            "op://vault/item/field",
        ] {
            let verdict = weigh(Profile::Password, value.as_bytes(), true, &mut Evidence::default());
            assert_eq!(verdict, None, "{value}");
        }
    }

    #[test]
    fn random_values_weigh_more_than_written_ones() {
        let odds = |value: &str| {
            let mut evidence = Evidence::default();
            weigh(Profile::Token, value.as_bytes(), true, &mut evidence).map(|()| evidence.probability())
        };
        assert!(odds("x7Kq2mVz9RtLw4Bn") > odds("authenticationFailure1"));
        assert!(odds("authentication_error") < Some(0.2));
    }

    #[test]
    fn runs_and_rows_are_filler() {
        for value in ["1234567890", "abcdefgh", "aaaabbbb", "qwerty12", "0011223344"] {
            assert!(is_filler(value.as_bytes()), "{value}");
        }
        assert!(!is_filler(b"x7Kq2mVz9RtL"));
    }
}
