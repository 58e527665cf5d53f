//! Turns what is known of a candidate into reasons for and against, in log-odds.
//!
//! Two steps, because a blob is examined once and may lie at many paths: `weigh` needs the bytes only, `at_path`
//! adds what the place says. Both give named clues, so that each verdict can be explained as a sum.

mod name;
mod path;
mod value;
mod words;

pub use path::PathClass;

use super::form::{self, Assignment, Joint};
use crate::detector::Profile;
use crate::finding::{Confidence, Evidence};

/// Returns the bits per character that the value's own frequencies give.
pub(crate) fn bits_per_char(value: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    value.iter().for_each(|&b| counts[usize::from(b)] += 1);
    let total = value.len() as f32;
    counts.iter().filter(|&&count| count > 0).map(|&count| count as f32 / total).map(|share| -share * share.log2()).sum()
}

/// Weighs a value by its bytes, its name and the form it stands in; nothing when it cannot be a secret.
pub(crate) fn weigh(profile: Profile, chunk: &[u8], assignment: &Assignment, keyword: &str) -> Option<Evidence> {
    let name = name::read(assignment.name.of(chunk), keyword)?;
    let joined = form::without_seams(chunk, assignment);
    let value = joined.as_deref().unwrap_or_else(|| assignment.value.of(chunk));
    let mut evidence = Evidence::default();
    match profile {
        Profile::Password => evidence.add("named a password", 1.4),
        Profile::Token => evidence.add("named a token or secret", 1.0),
        Profile::Key => evidence.add("named a key", -0.4),
    }
    name.weigh(&mut evidence);
    joint(assignment, value, chunk, &mut evidence)?;
    value::weigh(profile, value, assignment.quote.is_some(), &mut evidence)?;
    Some(evidence)
}

/// Weighs a password that a URL, header or connection string holds, where the form says that it is one.
pub(crate) fn weigh_bare(profile: Profile, value: &[u8], evidence: &mut Evidence) -> Option<()> {
    value::weigh(profile, value, true, evidence)
}

/// Returns whether a value is a placeholder or filler whatever its form: for values whose shape is otherwise proof.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    value::is_filler(value)
}

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

/// Returns whether a value is a name that people wrote: letters, most of them in words, and no digit.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    !value.iter().any(u8::is_ascii_digit) && words::share_in_words(value).0 > 0.5
}

/// What of a candidate's form matters when its path becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// The value is nearly proof by itself: its place does not matter.
    pub(crate) is_shaped: bool,
    /// The value stands without quotes.
    pub(crate) is_bare: bool,
}

impl Form {
    pub(crate) fn of(assignment: Option<&Assignment>, is_shaped: bool) -> Self {
        let is_bare = assignment.is_some_and(|assignment| assignment.quote.is_none() && assignment.joint != Joint::Markup);
        Form { is_shaped, is_bare }
    }

    /// Returns how sure a candidate of this form can be at the path that speaks most for it.
    pub(crate) fn confidence_at_best(self, odds: f32) -> Option<Confidence> {
        let config = PathClass { is_config: true, ..PathClass::default() };
        self.confidence_at(config, odds).max(self.confidence_at(PathClass::default(), odds))
    }

    /// Returns how sure a candidate of this form is at a path, when its bytes gave these log-odds.
    pub(crate) fn confidence_at(self, class: PathClass, odds: f32) -> Option<Confidence> {
        let mut evidence = Evidence::default();
        evidence.add("what its bytes say", odds);
        at_path(class, self, &mut evidence)?;
        Confidence::of(evidence.probability())
    }
}

/// Adds what the place of a candidate says; nothing when it cannot be a secret there.
pub(crate) fn at_path(class: PathClass, form: Form, evidence: &mut Evidence) -> Option<()> {
    if form.is_shaped {
        return Some(());
    }
    if class.is_lock || class.is_minified {
        return None;
    }
    if form.is_bare {
        if class.is_code {
            evidence.add("unquoted in source code, where it is an expression", -2.6);
        } else if class.is_config {
            evidence.add("a plain value in a configuration file", 0.5);
        }
        if class.is_docs {
            evidence.add("unquoted in prose", -0.9);
        }
    }
    for (holds, what, weight) in [
        (class.is_translation, "a translation", -4.5),
        (class.is_test, "in tests or examples", -0.7),
        (class.is_docs, "in documentation", -0.4),
    ] {
        if holds {
            evidence.add(what, weight);
        }
    }
    Some(())
}

/// Weighs what joins name and value.
fn joint(assignment: &Assignment, value: &[u8], chunk: &[u8], evidence: &mut Evidence) -> Option<()> {
    if let Some(wrapper) = assignment.wrapper {
        let wrapper = wrapper.of(chunk).to_ascii_lowercase();
        let holds = |word: &str| memchr::memmem::find(&wrapper, word.as_bytes()).is_some();
        if ["env", "config", "get", "param", "option", "lookup", "input", "prompt", "find", "fetch", "require", "hash"]
            .iter()
            .any(|w| holds(w))
        {
            return None;
        }
        evidence.add("inside a call", -0.3);
    }
    let is_bare = assignment.quote.is_none();
    let after_slash = assignment.name.start.checked_sub(1).is_some_and(|before| chunk[before] == b'/');
    if is_bare && after_slash && assignment.joint == Joint::Colon {
        // `registry/my-secrets:1.2`: the tag of an image, or the port of a host.
        return None;
    }
    match assignment.joint {
        Joint::Equals | Joint::NextLine => evidence.add("assigned", 0.4),
        Joint::Colon => evidence.add("mapped", 0.2),
        Joint::Markup => evidence.add("in markup", 0.0),
        Joint::Compares => evidence.add("compared", -0.8),
        Joint::Call => evidence.add("passed to a call", -0.3),
        Joint::Comma => evidence.add("second of a pair", -0.2),
        Joint::Default => evidence.add("taken where nothing is set", -0.3),
        Joint::Cell => evidence.add("in a table", -0.8),
        Joint::Says => evidence.add("said in a sentence", -0.8),
        Joint::Space => {
            let is_flag = assignment.name.start >= 1 && chunk[assignment.name.start - 1] == b'-';
            if !is_flag && is_bare && !value.iter().any(u8::is_ascii_digit) {
                return None;
            }
            evidence.add(if is_flag { "behind a flag" } else { "behind a space" }, if is_flag { 0.2 } else { -1.2 });
        }
    }
    if assignment.quote.is_some() {
        evidence.add("quoted", 0.4);
    }
    Some(())
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
