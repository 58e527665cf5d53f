//! Turns what is known of a candidate into reasons for and against, in log-odds.
//!
//! Two steps, because a blob is examined once and may lie at many paths: `weigh` needs the bytes only, `at_path`
//! adds what the place says. What can be seen of a candidate is a set of signs (`sign`); what each is worth was learned
//! from labelled places (`model`, [`lab`]), so each verdict can be explained as a sum.

mod chosen;
pub mod lab;
mod memo;
mod model;
mod name;
mod path;
mod place;
pub(crate) mod sign;
mod spelling;
mod stand_in;
mod together;
mod value;
mod vocabulary;
mod words;

pub use model::{Error, Model};
pub(crate) use name::Class;
pub use path::{Language, PathClass};
pub use sign::Family;

use self::chosen::{Floor, names_something};
use super::form::{Assignment, Closed, Joint};
use crate::detector::Profile;
use crate::finding::{Confidence, Evidence};
use crate::span::Span;
use sign::{Sign, Signs};

/// Returns the bits per character that the value's own frequencies give.
pub(crate) fn bits_per_char(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|&b| counts[usize::from(b)] += 1);
    let total = value.len() as f32;
    counts.iter().filter(|&&count| count > 0).map(|&count| count as f32 / total).map(|share| -share * share.log2()).sum()
}

/// What was seen of a candidate that has no shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) class: Class,
    pub(crate) signs: Signs,
    pub(crate) form: Form,
}

/// Why a candidate cannot be a secret, whatever else is seen of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// The name is about a secret, or another word.
    Name,
    /// The form says that there is none: an image's tag, the result of a lookup, prose.
    Form,
    /// The value is something else.
    Value(&'static str),
    /// All that was seen makes it too unlikely on any path.
    Unlikely {
        /// The probability at the path that speaks most for it.
        most: f32,
    },
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::Name => f.write_str("the name says something about a secret, or is another word"),
            Refusal::Form => f.write_str("what stands around the value says that it is none: a lookup, a tag, a sentence"),
            Refusal::Value(why) => write!(f, "the value is {why}"),
            Refusal::Unlikely { most } => write!(f, "too unlikely on any path: probability {most:.2} at most, 0.30 is the least"),
        }
    }
}

/// Looks at a value, its name and the form it stands in.
///
/// # Errors
/// When it cannot be a secret.
pub(crate) fn look(profile: Profile, chunk: &[u8], assignment: &Assignment, value: &[u8], keyword: &str) -> Result<Seen, Refusal> {
    let name = assignment.name.of(chunk);
    // `pw=` is a keyword with what joins it.
    let keyword = keyword.trim_end_matches(['=', ':', '"', '\'', ' ']);
    let (class, named) = memo::name(profile, name, keyword, || name::read(profile, name, keyword)).ok_or(Refusal::Name)?;
    if place::is_none(chunk, assignment) {
        return Err(Refusal::Form);
    }
    together::is_possible(class, name, value, place::is_statement(chunk, assignment)).map_err(Refusal::Value)?;
    let is_quoted = assignment.quote.is_some();
    let looked = || {
        value::is_possible(class, value, is_quoted)?;
        let mut signs = Signs::default();
        value::look(value, name, &mut signs);
        Ok(signs)
    };
    let mut signs = named.and(memo::value(class, value, is_quoted, name, looked).map_err(Refusal::Value)?);
    signs.add(Sign::Base);
    place::look(chunk, assignment, &mut signs);
    let is_bare = assignment.quote.is_none() && assignment.joint != Joint::Markup;
    let floor = if class == Class::Password { chosen::floor(assignment, signs, value) } else { Floor::None };
    // Within a text, as in the query of an address, all is bare.
    let is_within = [Sign::InString, Sign::QueryString, Sign::EndString, Sign::EndAmpersand].into_iter().any(|sign| signs.has(sign));
    let is_number = is_bare && !is_within && is_number(value);
    if assignment.joint == Joint::Colon && assignment.closed == Closed::Quoted && is_bare && self::is_number(value) {
        // `"password": 23941`: a number of JSON.
        return Err(Refusal::Form);
    }
    Ok(Seen { class, signs, form: Form { is_shaped: false, is_judged: true, is_bare, is_number, floor, class } })
}

/// Looks at a value that a URL, header, command or connection string holds, where the form says that it is a secret.
///
/// `value` is what a person would type: the password within a header.
///
/// # Errors
/// When it cannot be a secret.
pub(crate) fn look_at_place(chunk: &[u8], secret: Span, value: &[u8], place: Signs) -> Result<Seen, Refusal> {
    value::is_possible(Class::Place, value, true).map_err(Refusal::Value)?;
    let mut signs = place;
    signs.add(Sign::Base);
    place::look_around(chunk, secret, &mut signs);
    value::look(value, b"", &mut signs);
    let is_words = value.len() >= 5 && !names_something(signs);
    let is_nobodys = [Sign::HostExample, Sign::HostLocal, Sign::SameAsUser, Sign::UserExample].into_iter().any(|sign| signs.has(sign));
    let floor = match signs.has(Sign::PlaceSlot) {
        true => Floor::Medium,
        false if signs.has(Sign::PlaceUrl) && is_words && !is_nobodys => {
            let is_chosen = value.iter().any(u8::is_ascii_alphabetic) && !signs.has(Sign::CommonPassword) && !signs.has(Sign::Keyboard);
            if is_chosen { Floor::Settings } else { Floor::Low }
        }
        false => Floor::None,
    };
    let form = Form { is_judged: true, floor, ..Form::shaped(false) };
    Ok(Seen { class: Class::Place, signs, form })
}

/// Looks at a value alone, where the form of the file says that it is a secret.
///
/// # Errors
/// When it cannot be one.
pub(crate) fn look_at_slot(value: &[u8]) -> Result<Seen, Refusal> {
    value::is_possible(Class::Place, value, true).map_err(Refusal::Value)?;
    let mut signs = Signs::default();
    signs.add(Sign::Base);
    signs.add(Sign::PlaceSlot);
    value::look(value, b"", &mut signs);
    let is_chosen = value.len() >= 5 && chosen::is_mixed(value) && !names_something(signs);
    let floor = if is_chosen { Floor::Settings } else { Floor::None };
    Ok(Seen { class: Class::Place, signs, form: Form { is_judged: true, floor, ..Form::shaped(false) } })
}

fn is_number(value: &[u8]) -> bool {
    let is_hex = value.strip_prefix(b"0x").is_some_and(|digits| digits.len() <= 16 && digits.iter().all(u8::is_ascii_hexdigit));
    is_hex || value.iter().all(|b| b.is_ascii_digit() || *b == b'_')
}

/// Returns whether a value is a placeholder or filler whatever its form: for values whose shape is otherwise proof.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    stand_in::is_filler(value)
}

/// How a value looks whose shape is its issuer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// Like one of the issuer's: random.
    Issued,
    /// Like one that somebody typed for an example: of the right shape, but a sequence.
    MadeUp,
    /// Like what should be replaced.
    Blank,
}

impl Looks {
    /// Looks at a value whose characters should be worth so many bits each.
    pub(crate) fn of(value: &[u8], bits: f32) -> Self {
        let own_bits = bits_per_char(value);
        let is_made_up = stand_in::is_made_up(value);
        let least = if is_made_up { bits * MADE_UP_BITS } else { bits };
        match stand_in::is_blank(value) || own_bits < least {
            true => Looks::Blank,
            false if is_made_up => Looks::MadeUp,
            false => Looks::Issued,
        }
    }
}

/// The part of the bits that are asked for which a row such as `abcdef…` must have: less is one letter again and again.
const MADE_UP_BITS: f32 = 0.7;

/// Returns whether a text between a provider's name and a bare value names something secret.
pub(crate) fn names_a_secret(text: &[u8]) -> bool {
    name::names_a_secret(text)
}

/// Returns whether a keyword, such as `vault_secret_id`, says all that a name can say.
pub(crate) fn names_a_secret_itself(keyword: &str) -> bool {
    ["secret", "token", "passw", "apikey", "api_key"].iter().any(|word| keyword.contains(word))
}

/// Returns whether a value has the shape of a digest or a UUID, which most often is no secret.
pub(crate) fn could_be_a_hash(value: &[u8]) -> bool {
    value.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-')
}

/// Returns whether a value is a name or a path that people wrote: letters, most of them in words, and hardly a digit.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    (digits * 8 <= value.len() || value.contains(&b'/')) && words::share_in_words(value).0 > 0.5 && !stand_in::is_made_up(value)
}

/// What of a candidate's form matters when its path becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// The value is nearly proof by itself: its place does not matter.
    pub(crate) is_shaped: bool,
    /// The value was judged by what was seen of it.
    pub(crate) is_judged: bool,
    /// The value stands without quotes.
    pub(crate) is_bare: bool,
    /// The value stands without quotes and is a number.
    pub(crate) is_number: bool,
    /// How sure one is at least, as the value could be a password that a person chose, though it looks like words.
    pub(crate) floor: Floor,
    /// What the name is of.
    pub(crate) class: Class,
}

impl Form {
    /// Returns the form of what was recognised by its shape.
    pub(crate) fn shaped(is_shaped: bool) -> Self {
        Form { is_shaped, is_judged: false, is_bare: false, is_number: false, floor: Floor::None, class: Class::Place }
    }

    /// Returns how sure a candidate of this form can be at the path that speaks most for it.
    pub(crate) fn confidence_at_best(self, model: &Model, odds: f32) -> Option<Confidence> {
        let most = if self.is_judged { odds + model.best_path(self.class, self.is_bare) } else { odds };
        Confidence::of(probability(most).max(self.floor.probability(true)))
    }

    /// Returns how sure a candidate of this form is at a path, when its bytes gave these log-odds.
    pub(crate) fn confidence_at(self, model: &Model, class: PathClass, odds: f32) -> Option<Confidence> {
        let mut evidence = Evidence::default();
        evidence.add("what its bytes say", odds);
        at_path(model, class, self, &mut evidence)?;
        Confidence::of(evidence.probability())
    }
}

pub(crate) fn probability(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

/// Adds what the place of a candidate says; nothing when it cannot be a secret there.
pub(crate) fn at_path(model: &Model, path: PathClass, form: Form, evidence: &mut Evidence) -> Option<()> {
    if form.is_shaped {
        return Some(());
    }
    // Where texts stand in quotes, a number without them is one: a size, a code of an error, a seed.
    if path.is_hopeless() || (form.is_number && path.quotes_texts()) {
        return None;
    }
    if !form.is_judged {
        beside_a_name(path, evidence);
        return Some(());
    }
    model.explain(form.class, path.signs(form.is_bare), evidence);
    let is_elsewhere = path.is_test || path.is_docs || path.is_translation || (form.is_bare && path.is_code());
    let least = form.floor.probability(path.holds_settings());
    let missing = (least / (1.0 - least)).ln() - evidence.odds();
    if form.floor != Floor::None && !is_elsewhere && missing > 0.0 {
        evidence.add("people choose such passwords, and it stands where one would", missing);
    }
    Some(())
}

/// What a path says of a value of its issuer's shape beside its issuer's name: little, and nothing that was learned.
fn beside_a_name(path: PathClass, evidence: &mut Evidence) {
    for (holds, what, weight) in [
        (path.is_translation, "a translation", -4.5),
        (path.is_test, "in tests or examples", -0.7),
        (path.is_docs, "in documentation", -0.4),
    ] {
        if holds {
            evidence.add(what, weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bits_per_char;

    #[test]
    fn entropy_tells_random_from_written() {
        for (text, bits, why) in
            [("aaaaaaaa", 0.0, "one symbol"), ("abababab", 1.0, "two symbols, even"), ("01234567", 3.0, "eight symbols, even")]
        {
            assert!((bits_per_char(text.as_bytes()) - bits).abs() < 1e-6, "{why}");
        }
    }
}
