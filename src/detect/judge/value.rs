//! What a value looks like: made by a machine, chosen by a person, or not a secret at all.
//!
//! First what cannot be a secret is turned away, since a hostile file may hold a million candidates; then everything
//! that can be seen is noted. What stands for a secret (a template, a lookup) is in `stand_in`.

use super::bits_per_char;
use super::name::Class;
use super::sign::{Sign, Signs};
use super::spelling;
use super::stand_in::{
    is_common_word, is_constant, is_expression, is_filler, is_in_another_language, is_other_thing, is_placeholder, is_reference,
};
use super::words::{is_word, letter_runs, share_in_words};

/// Longer values that are random in most parts are not judged by a word in them.
const WORDY_BYTES: usize = 28;

/// Longer values are data.
const MAX_VALUE_BYTES: usize = 500;

/// Tells whether a value can be a secret, whatever stands around it; if not, what it is.
pub(super) fn is_possible(class: Class, value: &[u8], is_quoted: bool) -> Result<(), &'static str> {
    let shortest = match class {
        Class::Password | Class::Place => 3,
        Class::Token => 5,
        Class::Key => 8,
    };
    let is_machines = matches!(class, Class::Token | Class::Key);
    let is = |holds: bool, what: &'static str| if holds { Err(what) } else { Ok(()) };
    is(value.len() < shortest, "too short")?;
    is(value.len() > MAX_VALUE_BYTES, "longer than secrets are")?;
    let is_list = value.starts_with(b" ") && value.ends_with(b" ") && !value.iter().any(u8::is_ascii_digit);
    is(is_list, "words between blanks")?;
    is(is_in_another_language(value), "text in another language, or a few bytes")?;
    is(is_reference(value), "a template, a lookup or a reference")?;
    is(is_other_thing(value), "a word for a kind or a state, a date, a version, a public key or a stored hash")?;
    is(is_machines && is_common_word(value), "one common word")?;
    is(is_machines && value.len() <= 12 && is_leet(&value.to_ascii_lowercase()), "a word in disguise")?;
    is(is_machines && is_constant(value), "the name of a constant")?;
    is(is_machines && !is_quoted && value.len() < 8 && value.iter().all(u8::is_ascii_digit), "a small number")?;
    is(if is_machines { is_filler(value) } else { is_placeholder(value) }, "a placeholder")?;
    is(!is_quoted && is_expression(value), "an expression")
}

/// Notes what can be seen of a value; `name` is what stands on its left, where there is one.
pub(super) fn look(value: &[u8], name: &[u8], signs: &mut Signs) {
    let counts = Counts::of(value);
    length(value.len(), signs);
    alphabet(value, &counts, signs);
    evenness(value, &counts, signs);
    lettering(value, &counts, signs);
    shapes(value, &counts, signs);
    words_held(value, name, signs);
    marks(value, signs);
}

/// How many bytes of each kind there are.
struct Counts {
    lower: usize,
    upper: usize,
    digit: usize,
    space: usize,
    foreign: usize,
    distinct: usize,
    /// Changes between small letters, capitals and digits.
    turns: usize,
    /// Neighbours that are equal or follow each other.
    steps: usize,
}

impl Counts {
    fn of(value: &[u8]) -> Self {
        let mut seen = [false; 256];
        value.iter().for_each(|&b| seen[usize::from(b.to_ascii_lowercase())] = true);
        let count = |is: fn(&u8) -> bool| value.iter().filter(|b| is(b)).count();
        let kind = |b: u8| [b.is_ascii_lowercase(), b.is_ascii_uppercase(), b.is_ascii_digit()].iter().position(|&is| is);
        Counts {
            lower: count(u8::is_ascii_lowercase),
            upper: count(u8::is_ascii_uppercase),
            digit: count(u8::is_ascii_digit),
            space: count(|b| *b == b' '),
            foreign: count(|b| !b.is_ascii()),
            distinct: seen.iter().filter(|&&is_seen| is_seen).count(),
            turns: value.windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count(),
            steps: value.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count(),
        }
    }

    fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

fn length(len: usize, signs: &mut Signs) {
    use Sign::{Len3, Len5, Len7, Len9, Len12, Len15, Len19, Len23, Len31, Len32, Len39, Len40, Len63, Len64, Len127, Len128};
    let ranges = [
        (3.0, Len3),
        (5.0, Len5),
        (7.0, Len7),
        (9.0, Len9),
        (12.0, Len12),
        (15.0, Len15),
        (19.0, Len19),
        (23.0, Len23),
        (31.0, Len31),
        (32.0, Len32),
        (39.0, Len39),
        (40.0, Len40),
        (63.0, Len63),
        (64.0, Len64),
        (127.0, Len127),
        (f32::INFINITY, Len128),
    ];
    signs.add_range(len as f32, &ranges);
}

/// The smallest alphabet that holds all bytes.
fn alphabet(value: &[u8], counts: &Counts, signs: &mut Signs) {
    let all = |is: fn(&u8) -> bool| value.iter().all(is);
    let has_case = counts.lower > 0 && counts.upper > 0;
    let is_plain = counts.letters() + counts.digit == value.len();
    let is_hex = counts.digit > 0 && !has_case && value.len() >= 8 && all(u8::is_ascii_hexdigit);
    let sign = if counts.foreign > 0 {
        Sign::Foreign
    } else if counts.space > 0 {
        Sign::Spaces
    } else if counts.digit == value.len() {
        Sign::Digits
    } else if is_hex {
        if counts.upper > 0 { Sign::HexUpper } else { Sign::HexLower }
    } else if is_plain {
        match (counts.lower > 0, counts.upper > 0, counts.digit > 0) {
            (true, false, false) => Sign::Lower,
            (false, true, false) => Sign::Upper,
            (_, _, false) => Sign::Letters,
            (_, false, true) => Sign::LowerDigits,
            (false, true, true) => Sign::UpperDigits,
            (true, true, true) => Sign::Alnum,
        }
    } else if all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')) {
        Sign::Base64
    } else if all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        Sign::Url64
    } else {
        Sign::Marks
    };
    signs.add(sign);
}

fn evenness(value: &[u8], counts: &Counts, signs: &mut Signs) {
    let best = (value.len().min(64) as f32).log2().max(1.0);
    let ranges = [(0.7, Sign::Bits70), (0.8, Sign::Bits80), (0.87, Sign::Bits87), (0.94, Sign::Bits94), (f32::INFINITY, Sign::Bits100)];
    signs.add_range(bits_per_char(value) / best, &ranges);
    let share = |part: usize| part as f32 / value.len() as f32;
    let ranges = [(0.0, Sign::Turns0), (0.1, Sign::Turns10), (0.25, Sign::Turns25), (0.4, Sign::Turns40), (f32::INFINITY, Sign::Turns100)];
    signs.add_range(share(counts.turns), &ranges);
    let ranges =
        [(0.0, Sign::Digits0), (0.15, Sign::Digits15), (0.35, Sign::Digits35), (0.6, Sign::Digits60), (f32::INFINITY, Sign::Digits99)];
    signs.add_range(share(counts.digit), &ranges);
    signs.add_if(value.len() >= 5 && counts.steps * 10 >= (value.len() - 1) * 5, Sign::Steps);
    signs.add_if(counts.distinct < 4 || (value.len() >= 16 && counts.distinct < 7), Sign::Repeats);
    let half = value.len() / 2;
    signs.add_if(value.len() >= 6 && value[..half] == value[value.len() - half..], Sign::Twice);
}

/// What the letters make of themselves: words, or nothing that could be said.
fn lettering(value: &[u8], counts: &Counts, signs: &mut Signs) {
    let (share, letters) = share_in_words(value);
    if letters < 3 {
        signs.add(Sign::WordsNone);
    } else {
        let ranges = [
            (0.0, Sign::Words0),
            (0.25, Sign::Words25),
            (0.5, Sign::Words50),
            (0.75, Sign::Words75),
            (0.99, Sign::Words99),
            (f32::INFINITY, Sign::Words100),
        ];
        signs.add_range(share, &ranges);
    }
    // Six letters spell nothing.
    let is_hex = value.len() >= 16 && counts.digit > 0 && value.iter().all(u8::is_ascii_hexdigit);
    if let Some(bits) = spelling::bits_per_pair(value).filter(|_| !is_hex) {
        let ranges = [(3.6, Sign::Spell4), (4.2, Sign::Spell3), (4.9, Sign::Spell2), (5.8, Sign::Spell1), (f32::INFINITY, Sign::Spell0)];
        signs.add_range(bits, &ranges);
    }
    let mut runs = letter_runs(value);
    let first = runs.next().unwrap_or_default();
    let is_single = first.len() == counts.letters() && runs.next().is_none();
    let is_one_word = is_single && first.len() >= 3 && is_word(&first.to_ascii_lowercase());
    signs.add_if(is_one_word && first.len() == value.len(), Sign::OneWord);
    signs.add_if(is_one_word && first.len() < value.len() && first.len() + counts.digit == value.len(), Sign::WordAndDigits);
    let may_hold_word = value.len() <= WORDY_BYTES || share >= 0.4;
    signs.add_if(may_hold_word && letter_runs(value).any(|run| run.len() >= 6 && is_word(&run.to_ascii_lowercase())), Sign::LongWord);
}

/// What the value looks like as a whole.
fn shapes(value: &[u8], counts: &Counts, signs: &mut Signs) {
    let is_capitalised = counts.upper == 1 && value[0].is_ascii_uppercase() && counts.lower > 2;
    signs.add_if(is_capitalised, Sign::Capitalised);
    let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    signs.add_if(digits > 0 && digits <= 4 && counts.digit == digits && counts.letters() >= 3, Sign::EndsInDigits);
    for (joint, sign) in [(b'_', Sign::SnakeWords), (b'-', Sign::KebabWords), (b'.', Sign::DottedWords)] {
        let is_part = |part: &[u8]| part.len() >= 2 && part.iter().all(u8::is_ascii_alphanumeric) && share_in_words(part).0 >= 0.5;
        let parts = || value.split(move |&b| b == joint);
        signs.add_if(parts().count() > 1 && parts().filter(|part| is_part(part)).count() * 3 >= parts().count() * 2, sign);
    }
    let is_camel = counts.letters() == value.len() && letter_runs(value).count() > 1;
    signs.add_if(is_camel && letter_runs(value).all(|run| run.len() >= 3), Sign::CamelWords);
    signs.add_if(is_path(value), Sign::PathLike);
    signs.add_if(memchr::memmem::find(value, b"://").is_some() || value.starts_with(b"www."), Sign::UrlLike);
    let is_host_byte = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let domain = value.rsplit(|&b| b == b'.').next().unwrap_or_default();
    let ends_in_domain = matches!(domain, b"com" | b"org" | b"net" | b"io" | b"local" | b"internal" | b"dev" | b"de" | b"cn");
    signs.add_if(ends_in_domain && value.iter().all(is_host_byte), Sign::HostLike);
    let at = memchr::memchr(b'@', value);
    signs.add_if(at.is_some_and(|at| at > 0 && value[at..].contains(&b'.')) && ends_in_domain, Sign::MailLike);
    signs.add_if(is_expression(value), Sign::CodeLike);
    signs.add_if(is_uuid(value), Sign::Uuid);
    signs.add_if(matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit), Sign::HashSized);
    let is_date =
        value.len() >= 8 && value[..4].iter().all(u8::is_ascii_digit) && matches!(value[4], b'-' | b'/' | b'.') && counts.digit >= 6;
    signs.add_if(is_date, Sign::DateLike);
    let is_group = |part: &[u8]| (3..=8).contains(&part.len()) && part.iter().all(u8::is_ascii_alphanumeric);
    signs.add_if(value.split(|&b| b == b'-').all(is_group) && counts.digit > 0 && value.contains(&b'-'), Sign::Dashes);
    let is_object = matches!(value, [b'{', b'"' | b'\\', ..]);
    signs.add_if(is_object, Sign::Object);
    signs.add_if(decodes_to_text(value), Sign::DecodesToText);
    let is_list = counts.digit * 2 > value.len() && value.split(|&b| b == b',').count() >= 8;
    signs.add_if(is_list, Sign::Bytes);
}

/// Words of the value that say what it is: of its name, of secrets, of tests, of people.
fn words_held(value: &[u8], name: &[u8], signs: &mut Signs) {
    // A word at the head of a long random value, as in `k3.secret.…`, is a mark of its issuer and says nothing against it.
    if value.len() > WORDY_BYTES && share_in_words(value).0 < 0.4 {
        return;
    }
    let folded = value.to_ascii_lowercase();
    let holds = |part: &[u8]| memchr::memmem::find(&folded, part).is_some();
    let any = |parts: &[&str]| parts.iter().any(|part| holds(part.as_bytes()));
    signs.add_if(letter_runs(name).any(|word| word.len() >= 3 && holds(&word.to_ascii_lowercase())), Sign::HoldsName);
    signs.add_if(any(&["pass", "secret", "token", "key", "auth", "cred", "pwd", "login"]), Sign::HoldsSecretWord);
    signs.add_if(
        any(&["test", "example", "sample", "dummy", "fake", "foo", "bar", "mock", "demo", "invalid", "wrong", "abc"]),
        Sign::HoldsTestWord,
    );
    signs.add_if(holds(b"your") || folded.starts_with(b"my"), Sign::HoldsOwner);
    signs.add_if(any(&["admin", "root", "user", "guest", "client"]), Sign::HoldsRole);
    signs.add_if(any(&["here", "change", "insert", "replace", "todo", "default", "value", "string", "xxx"]), Sign::HoldsFiller);
    signs.add_if(any(&["qwert", "asdf", "zxcv", "1234", "qaz", "1q2w", "4321"]), Sign::Keyboard);
    signs.add_if(!holds(b"pass") && is_leet(&folded), Sign::Leet);
    signs.add_if(any(&COMMON), Sign::CommonPassword);
}

fn marks(value: &[u8], signs: &mut Signs) {
    let (first, last) = (value[0], value[value.len() - 1]);
    signs.add_if(first.is_ascii_punctuation(), Sign::Leading);
    signs.add_if(last.is_ascii_punctuation() && last != b'=', Sign::Trailing);
    signs.add_if(last == b'=', Sign::Padded);
    for &byte in value {
        let sign = match byte {
            b'\\' => Sign::Backslash,
            b'%' => Sign::Percent,
            b'{' | b'}' => Sign::Braces,
            b':' => Sign::Colon,
            b'/' => Sign::Slash,
            b'.' => Sign::Dot,
            b'-' => Sign::Dash,
            b'_' => Sign::Underscore,
            b',' => Sign::Comma,
            b'(' | b')' => Sign::Parenthesis,
            b'!' | b'@' | b'#' | b'$' | b'&' | b'*' | b'^' | b'?' | b'~' => Sign::Symbol,
            _ => continue,
        };
        signs.add(sign);
    }
}

/// What is in the lists of the most common passwords, and has no word of its own among the common words.
const COMMON: [&str; 15] = [
    "letmein", "passw0rd", "p@ss", "pa55", "iloveyou", "hunter2", "trustno1", "qwe123", "abc123", "asd123", "admin123", "root123",
    "pass123", "test123", "qazwsx",
];

/// Returns whether a value is a word with digits in the place of letters, such as `s3cr3t`.
fn is_leet(folded: &[u8]) -> bool {
    let plain: Vec<u8> = folded
        .iter()
        .map(|&b| match b {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => other,
        })
        .collect();
    let is_changed = plain != folded && folded.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 2;
    is_changed && plain.len() >= 5 && share_in_words(&plain).0 > share_in_words(folded).0 + 0.4
}

/// A path is one by its words: keys of AWS hold slashes too.
fn is_path(value: &[u8]) -> bool {
    if value.starts_with(b"/") && value.len() < 12 || value.starts_with(b"./") || value.starts_with(b"../") || value.starts_with(b"~/") {
        return true;
    }
    (value.contains(&b'/') && share_in_words(value).0 > 0.5) || is_file_name(value)
}

/// `tls.crt`, `ovn4_k8s.conf`: a short name of plain letters and the ending of a common kind of file.
pub(super) fn is_file_name(value: &[u8]) -> bool {
    const ENDINGS: [&str; 46] = [
        "bat",
        "bin",
        "cer",
        "cfg",
        "conf",
        "config",
        "crt",
        "css",
        "csv",
        "db",
        "env",
        "gif",
        "go",
        "gz",
        "html",
        "ini",
        "jar",
        "java",
        "jks",
        "jpg",
        "js",
        "json",
        "key",
        "log",
        "md",
        "p12",
        "pdf",
        "pem",
        "pfx",
        "php",
        "png",
        "properties",
        "ps1",
        "pub",
        "py",
        "rb",
        "sh",
        "sql",
        "svg",
        "toml",
        "ts",
        "txt",
        "xml",
        "yaml",
        "yml",
        "zip",
    ];
    let Some(dot) = memchr::memrchr(b'.', value).filter(|&dot| dot > 0) else { return false };
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    value.len() <= 64 && ENDINGS.iter().any(|ending| value[dot + 1..] == *ending.as_bytes()) && value[..dot].iter().all(is_name)
}

pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// Returns whether the value is written text under base64: not the bytes of a key.
fn decodes_to_text(value: &[u8]) -> bool {
    use base64::Engine as _;
    let body = &value[..value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1)];
    let is_alphabet = body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    if !is_alphabet || value.len() < 8 || body.len() % 4 == 1 {
        return false;
    }
    let decoded = base64::engine::general_purpose::STANDARD_NO_PAD.decode(body);
    decoded.is_ok_and(|bytes| bytes.iter().all(|b| (0x20..0x7f).contains(b) || matches!(b, b'\n' | b'\r' | b'\t')))
}

#[cfg(test)]
mod tests {
    use super::{Class, Sign, Signs, is_possible, look};

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
            "true",
            "1.2.3.4",
            "password",
            "$2b$12$abcdefghijklmnop",
            "group:artifact:1.0.2",
            "ENC[AES256_GCM,data:x]",
            "op://vault/item/field",
        ] {
            assert!(is_possible(Class::Password, value.as_bytes(), true).is_err(), "{value}");
        }
        for value in ["x7Kq2mVz", "hunter2", "Summer2019!", "p@ss w0rd"] {
            assert_eq!(is_possible(Class::Password, value.as_bytes(), true), Ok(()), "{value}");
        }
    }

    #[test]
    fn each_value_shows_what_it_is() {
        for (value, sign) in [
            ("x7Kq2mVz9RtLw4Bn", Sign::Alnum),
            ("authentication_error", Sign::SnakeWords),
            ("welcome1", Sign::WordAndDigits),
            ("orange", Sign::OneWord),
            ("tqlxrzsk", Sign::Spell0),
            ("understanding", Sign::Spell4),
            ("1234567890", Sign::Steps),
            ("src/main/resources", Sign::PathLike),
            ("0011223344556677", Sign::Digits),
            ("my-password", Sign::HoldsName),
            ("s3cr3t", Sign::Leet),
            ("letmein99", Sign::CommonPassword),
            ("c29tZSB0ZXh0IGhlcmU=", Sign::DecodesToText),
            ("00f0a1b2c3d4e5f60718293a4b5c6d7e", Sign::HashSized),
        ] {
            let mut signs = Signs::default();
            look(value.as_bytes(), b"password", &mut signs);
            assert!(signs.has(sign), "{value}: {sign:?}");
        }
    }
}
