//! What stands in the place of a secret and is none: templates, lookups, placeholders, other things, code.

use super::words::{is_word, share_in_words};

/// Names, templates and lookups that stand for a value kept elsewhere.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let Some(&first) = value.first() else { return true };
    let last = value[value.len() - 1];
    if last == b'{' || value.starts_with(b"--") {
        // The beginning of a block, or a flag that somebody is told to pass.
        return true;
    }
    let holds = |mark: &[u8]| memchr::memmem::find(value, mark).is_some();
    let is_object = matches!(value, [b'{', b'"' | b'\\', ..]);
    let wrapped = [(b'<', b'>'), (b'[', b']'), (b'{', b'}'), (b'%', b'%'), (b'(', b')'), (b'*', b'*'), (b'@', b'@')];
    if (wrapped.contains(&(first, last)) && !is_object) || (value.starts_with(b"__") && value.ends_with(b"__")) {
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
    let marks: [&[u8]; 6] = [b"[^", b"`+", b"\\s{", b"\\S{", b"(?", b"\\d{"];
    is_class || marks.iter().any(|mark| memchr::memmem::find(value, mark).is_some())
}

/// Returns whether a part is the name of a variable, such as the end of `token-$TOKEN`.
fn holds_variable(value: &[u8]) -> bool {
    memchr::memchr_iter(b'$', value).any(|at| {
        let name = value[at + 1..].iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
        name >= 3
    })
}

/// Placeholders, masks, runs and rows of the keyboard.
pub(super) fn is_filler(value: &[u8]) -> bool {
    is_blank(value) || is_made_up(value)
}

/// Returns whether nothing is in a value: a few characters again and again, or words that ask for another one.
pub(super) fn is_blank(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    value.iter().for_each(|&b| seen[usize::from(b.to_ascii_lowercase())] = true);
    let distinct = seen.iter().filter(|&&is_seen| is_seen).count();
    let is_monotonous = distinct <= 2 || (value.len() >= 20 && distinct < 6) || (value.len() >= 8 && distinct < 4);
    is_monotonous || holds_written(value, &STAND_INS)
}

/// Returns whether one of the words is in a value as people write it: `XxxX` in random text is none.
fn holds_written(value: &[u8], words: &[&str]) -> bool {
    let folded = value.to_ascii_lowercase();
    let is_written = |at: usize, len: usize| {
        let text = &value[at..at + len];
        let is_upper = text.iter().all(|b| !b.is_ascii_lowercase());
        is_upper || text[1..].iter().all(|b| !b.is_ascii_uppercase())
    };
    words.iter().any(|word| memchr::memmem::find_iter(&folded, word.as_bytes()).any(|at| is_written(at, word.len())))
}

/// Returns whether somebody typed a value for an example: it goes along the alphabet, the digits or the keys.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    let steps = value.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    (value.len() >= 6 && steps * 10 >= (value.len() - 1) * 6) || holds_any(&value.to_ascii_lowercase(), &FILL)
}

/// Returns whether a value says that somebody should put another one in its place, or hides one.
///
/// Less than [`is_filler`]: `123456` and `qwerty` are passwords of real people.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    // `xxxxxxxx`, and the `shhhhh` that says to be silent.
    let [_, second, rest @ ..] = value else { return true };
    if rest.len() >= 2 && rest.iter().all(|b| b == second) {
        return true;
    }
    let folded = value.to_ascii_lowercase();
    holds_any(&folded, &STAND_INS) || holds_any(&folded, &["goes_here", "goes-here"])
}

/// What people write where another value belongs.
const STAND_INS: [&str; 23] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "change_this",
    "changethis",
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
    "***",
    "...",
    "…",
];

/// What nobody takes for a token, though some take it for a password.
const FILL: [&str; 7] = ["qwerty", "asdfgh", "deadbeef", "0123456789", "123456", "abcdef", "sample"];

fn holds_any(folded: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memchr::memmem::find(folded, word.as_bytes()).is_some())
}

/// Words that stand for a kind of value, a state or a role, and not for themselves.
const PLAIN: [&str; 71] = [
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
    "required",
    "optional",
    "str",
    "text",
    "varchar",
    "input",
    "value",
    "default",
    "username",
    "login",
    "hidden",
    "disabled",
    "enabled",
    "prompt",
    "plain",
    "plaintext",
    "basic",
    "bearer",
    "empty",
    "missing",
    "invalid",
    "unknown",
    "object",
    "number",
    "boolean",
    "integer",
    "char",
    "self",
    "this",
    "file",
    "pwd",
    "passphrase",
    "public",
    "private",
    "senha",
    "passwort",
    "kennwort",
    "wachtwoord",
    "heslo",
    "haslo",
    "parola",
    "lozinka",
    "geslo",
    "salasana",
    "adgangskode",
    "passord",
    "pasvorto",
    "parool",
    "mot de passe",
    "kata sandi",
    "kata laluan",
];

/// Values that are plainly something else: words for a kind or a state, dates, versions.
pub(super) fn is_other_thing(value: &[u8]) -> bool {
    if PLAIN.iter().any(|plain| plain.len() == value.len() && plain.as_bytes().eq_ignore_ascii_case(value)) {
        return true;
    }
    let is_date = value.len() >= 10 && value[4] == b'-' && value[7] == b'-' && value[..4].iter().all(u8::is_ascii_digit);
    // `group:artifact:1.0.2` ends in a version.
    let last = value.rsplit(|&b| b == b':').next().unwrap_or_default();
    let last = last.strip_suffix(b".x").unwrap_or(last);
    let is_version = last.contains(&b'.') && last.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let is_public_key = ["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2", "AAAAB3Nza", "AAAAC3Nza", "AAAAE2Vj"];
    is_date || is_version || is_public_key.iter().any(|head| value.starts_with(head.as_bytes())) || is_stored_hash(value)
}

/// Password hashes: they are meant to be stored.
fn is_stored_hash(value: &[u8]) -> bool {
    let folded = value[..value.len().min(12)].to_ascii_lowercase();
    let heads = [
        "$1$",
        "$2$",
        "$2a$",
        "$2b$",
        "$2x$",
        "$2y$",
        "$5$",
        "$6$",
        "$7$",
        "$8$",
        "$argon2",
        "$apr1$",
        "$pbkdf2",
        "{sha",
        "{ssha",
        "{crypt}",
        "{bcrypt}",
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
    ];
    // PostgreSQL's older one has no mark: `md5` and the digest.
    let is_md5 = value.len() == 35 && folded.starts_with(b"md5") && value[3..].iter().all(u8::is_ascii_hexdigit);
    is_md5 || heads.iter().any(|head| folded.starts_with(head.as_bytes()))
}

/// Returns whether the value is the name of a constant or a variable of the environment: `SMTP_PASS`.
pub(super) fn is_constant(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let mut parts = value.split(|&b| b == b'_');
    let is_part = |part: &[u8]| !part.is_empty() && part.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    value.len() <= 32
        && value.first().is_some_and(u8::is_ascii_uppercase)
        && value.contains(&b'_')
        && digits * 4 < value.len()
        && parts.all(is_part)
}

/// Returns whether the value is text beyond ASCII, without a digit or in escapes: a translation. A few bytes are no secret either.
pub(super) fn is_in_another_language(value: &[u8]) -> bool {
    let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    let is_escape = |at: usize| {
        // `\u00e9` and beyond; `\u0026` is a mark that some writers of JSON escape.
        value.get(at + 1..at + 6).is_some_and(|code| code[0] == b'u' && is_hex(&code[1..]) && (&code[1..3] != b"00" || code[3] >= b'8'))
    };
    let is_text = !value.is_ascii() && !value.iter().any(|b| b.is_ascii_digit() || matches!(b, b'%' | b'#' | b'$' | b'&' | b'*' | b'^'));
    is_text || memchr::memchr_iter(b'\\', value).any(is_escape) || (value.starts_with(b"\\x") && value.len() < 32)
}

/// Returns whether the value is one common word in small letters.
pub(super) fn is_common_word(value: &[u8]) -> bool {
    value.len() >= 3 && value.iter().all(u8::is_ascii_lowercase) && is_word(value)
}

/// Code on the right-hand side: calls, member access, operators, names of things.
pub(super) fn is_expression(value: &[u8]) -> bool {
    let value = value.trim_ascii_end();
    let unpadded = &value[..value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1)];
    let holds = |mark: &[u8]| memchr::memmem::find(unpadded, mark).is_some();
    if holds(b"(") || holds(b"->") || holds(b"=>") || holds(b"::") || holds(b"[") || holds(b"&&") || holds(b"||") || holds(b"==") {
        return true;
    }
    if unpadded.ends_with(b"+") && unpadded.contains(&b'.') {
        return true;
    }
    let is_identifier = |part: &[u8]| {
        part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && part.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    let parts: Vec<&[u8]> = value.split(|&b| b == b'.').collect();
    let is_wordy = || !value.iter().any(u8::is_ascii_digit) || share_in_words(value).0 > 0.6;
    parts.len() >= 2 && parts.iter().all(|part| is_identifier(part)) && is_wordy()
}

#[cfg(test)]
mod tests {
    use super::is_blank;

    #[test]
    fn a_word_that_asks_for_another_value_is_one_in_the_case_that_people_write() {
        for (value, expected) in [
            ("key-xxxx83h2kq12", true),
            ("KEY-XXXX83H2KQ12", true),
            ("Your_Value_12345", true),
            ("wNYrD5XxXXkybfmzOEyWRY6", false),
            ("a8kTodO3bq9ZrWm1", false),
            ("aaaaaaaaaaaaaaaa", true),
        ] {
            assert_eq!(is_blank(value.as_bytes()), expected, "{value}");
        }
    }
}
