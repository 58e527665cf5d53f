//! Passwords that people choose: words, names and rows of keys, which no sum of signs holds to be secret.

use super::is_number;
use super::sign::{Sign, Signs};
use crate::detect::form::{Assignment, Joint};

/// The least probability of what stands where a secret would, whatever its letters say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Floor {
    /// The sum decides.
    None,
    /// People choose such passwords.
    Low,
    /// They do, with digits or marks; in a file of settings such a one is set for an account.
    Settings,
    /// They do, and what surrounds it is of a real account.
    Medium,
}

impl Floor {
    /// Returns the least probability, given whether the path is one of settings.
    pub(super) fn probability(self, is_settings: bool) -> f32 {
        match self {
            Floor::None => 0.0,
            Floor::Settings if is_settings => 0.55,
            Floor::Low | Floor::Settings => 0.35,
            Floor::Medium => 0.55,
        }
    }
}

/// Words of sentences, and of what is said about passwords.
const SENTENCE: [&[u8]; 72] = [
    b"the",
    b"and",
    b"for",
    b"your",
    b"you",
    b"with",
    b"must",
    b"not",
    b"can",
    b"cannot",
    b"are",
    b"was",
    b"were",
    b"has",
    b"have",
    b"had",
    b"this",
    b"that",
    b"these",
    b"those",
    b"from",
    b"use",
    b"used",
    b"using",
    b"enter",
    b"please",
    b"should",
    b"will",
    b"would",
    b"new",
    b"old",
    b"invalid",
    b"wrong",
    b"incorrect",
    b"forgot",
    b"reset",
    b"change",
    b"confirm",
    b"required",
    b"does",
    b"did",
    b"password",
    b"passphrase",
    b"user",
    b"username",
    b"login",
    b"set",
    b"field",
    b"value",
    b"here",
    b"into",
    b"when",
    b"than",
    b"then",
    b"all",
    b"any",
    b"but",
    b"our",
    b"its",
    b"via",
    b"per",
    b"let",
    b"test",
    b"one",
    b"same",
    b"account",
    b"characters",
    b"least",
    b"match",
    b"contain",
    b"provide",
    b"type",
];

/// Signs of the name of something, of prose and of code, which people do not choose as passwords.
const NAMES: [Sign; 12] = [
    Sign::SnakeWords,
    Sign::DottedWords,
    Sign::PathLike,
    Sign::UrlLike,
    Sign::HostLike,
    Sign::MailLike,
    Sign::CodeLike,
    Sign::Spaces,
    Sign::Foreign,
    Sign::Object,
    Sign::Parenthesis,
    Sign::Braces,
];

/// Returns how sure one is at least of a value that looks like words or a row of keys: it may be a person's password all the same.
///
/// It stands where a real one would: assigned to a name that says password, and neither a name of something nor prose. Where it
/// has letters and digits and stands beside a user or a host, it is more than a guess.
pub(super) fn floor(assignment: &Assignment, signs: Signs, value: &[u8]) -> Floor {
    let is_assigned = match assignment.joint {
        Joint::Equals | Joint::Colon | Joint::Markup | Joint::NextLine | Joint::Space | Joint::Default => assignment.wrapper.is_none(),
        Joint::Call | Joint::Comma | Joint::Compares | Joint::Cell | Joint::Says => false,
    };
    let any = |list: &[Sign]| list.iter().any(|&sign| signs.has(sign));
    let elsewhere =
        [Sign::EndProse, Sign::Backslash, Sign::NameShown, Sign::NameId, Sign::NameNamed, Sign::NameNegated, Sign::Comment, Sign::Prose];
    if !is_assigned || any(&elsewhere) {
        return Floor::None;
    }
    if is_phrase(value) {
        return if assignment.quote.is_some() { Floor::Settings } else { Floor::None };
    }
    if !(5..=40).contains(&value.len()) || names_something(signs) {
        return Floor::None;
    }
    // `root123` is set where nothing is at stake, except in settings.
    let is_row = memchr::memmem::find(value, b"123").is_some();
    let is_tried = any(&[Sign::NameTest, Sign::NameExpected, Sign::NameWrong, Sign::NameConfirmation, Sign::NameNew, Sign::SaysTest])
        || any(&[Sign::SaysExample, Sign::Asserts, Sign::SameAsUser]);
    let has_company = any(&[Sign::SaysUser, Sign::SaysUserAbove, Sign::SaysHost, Sign::NameDatabase, Sign::NameMail, Sign::NamePerson]);
    // `RedisPass1!` for Redis is chosen as well; elsewhere a value that holds its name is an example.
    let is_named = signs.has(Sign::HoldsName);
    let is_common = any(&[Sign::CommonPassword, Sign::HoldsTestWord]);
    match is_mixed(value) && !is_number(value) && !is_tried {
        true if has_company && !is_row && !is_named => Floor::Medium,
        true if (has_company || !is_named) && !is_common => Floor::Settings,
        true | false => Floor::Low,
    }
}

/// Returns whether a value is called, written or built like the name of something, prose or code.
pub(super) fn names_something(signs: Signs) -> bool {
    NAMES.into_iter().any(|sign| signs.has(sign))
}

/// Returns whether a value is a passphrase of words: four to eight, none of which belongs to a sentence or speaks of passwords.
fn is_phrase(value: &[u8]) -> bool {
    let is_word = |word: &[u8]| (3..=12).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase) && !SENTENCE.contains(&word);
    let mut words = value.split(|&b| b == b' ');
    (4..=8).contains(&words.clone().count()) && words.all(is_word)
}

/// Returns whether a value has letters, and digits or the mark that people end a password with.
pub(super) fn is_mixed(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_alphabetic) && value.iter().any(|b| b.is_ascii_digit() || *b == b'!')
}
