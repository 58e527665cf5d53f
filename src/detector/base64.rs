//! How a word looks within base64, so that a scan need not decode anything on suspicion.
//!
//! Three bytes become four characters, so a word looks one of three ways, by where in a group of three it begins. The characters that hold
//! nothing but bits of the word are the same whatever stands around it.

use super::pattern::Parsed;
use super::{Find, Structure};

pub(crate) const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Fewer characters are in any text.
const MIN_CHARS: usize = 4;
/// A word of three bytes makes so many only at the start of a group; elsewhere it is searched with what mostly stands before it.
const SHORT_BYTES: usize = 3;
const LEADERS: &str = "\n \"'=:";
/// What is behind the beginning of a word need not be searched for: it is compared when it is decoded.
const MAX_WORD_BYTES: usize = 16;
/// The words of a name are in all texts if they are shorter.
const MIN_NAME_BYTES: usize = 5;
/// More spellings than these are those of a pattern that takes any case.
const MAX_SPELLINGS: usize = 4;
/// What stands before the password of an address, with the end of the schemes that have one.
const SCHEMES: [&str; 9] = ["ql://", "es://", "db://", "rv://", "is://", "ss://", "qp://", "ps://", "tp://"];

/// Returns how the keywords of a detector look within base64; none for what is not searched there.
pub(super) fn forms(find: &Find, keywords: &[String]) -> Vec<String> {
    let mut words = spelled(find, keywords);
    // Beginnings of binary files are all zeros and such.
    words.retain(|word| word.bytes().all(|byte| byte >= b' '));
    let led: Vec<String> = words
        .iter()
        .filter(|word| word.len() == SHORT_BYTES)
        .flat_map(|word| LEADERS.chars().map(move |leader| format!("{leader}{word}")))
        .collect();
    words.extend(led);
    let begins = |word: &String| word.as_bytes()[..word.len().min(MAX_WORD_BYTES)].to_vec();
    let mut forms: Vec<String> = words.iter().flat_map(|word| forms_of(&begins(word))).collect();
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Returns the keywords as they are written.
fn spelled(find: &Find, keywords: &[String]) -> Vec<String> {
    let in_any_case = |words: &[String]| words.iter().flat_map(|word| cases(word)).collect();
    match find {
        Find::Token { pattern, .. } => {
            let parsed = Parsed::new(pattern).ok();
            let written = |keyword: &String| {
                let found = parsed.as_ref().map(|parsed| parsed.spellings(keyword)).unwrap_or_default();
                if (1..=MAX_SPELLINGS).contains(&found.len()) { found } else { cases(keyword) }
            };
            keywords.iter().flat_map(written).collect()
        }
        Find::Structure { structure: Structure::UrlPassword, .. } => SCHEMES.map(str::to_owned).to_vec(),
        Find::Structure { structure: Structure::PemPrivateKey | Structure::ConnectionString, .. } => in_any_case(keywords),
        Find::Structure { structure: Structure::Assignment, .. } | Find::Slot { .. } => {
            let names: Vec<String> = keywords.iter().filter(|word| word.is_ascii() && word.len() >= MIN_NAME_BYTES).cloned().collect();
            in_any_case(&names)
        }
        Find::Structure { .. } | Find::Value { .. } => Vec::new(),
    }
}

/// Returns a word in the cases in which people write names.
fn cases(word: &str) -> Vec<String> {
    let mut parts = word.split(['_', '-']);
    let camel = parts.next().unwrap_or_default().to_owned() + &parts.map(capitalised).collect::<String>();
    vec![word.to_owned(), word.to_ascii_uppercase(), capitalised(word), capitalised(&camel), camel]
}

fn capitalised(word: &str) -> String {
    let mut capital = word.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    capital
}

/// Returns the ways a word looks, in the alphabet of base64 and where it differs in that for addresses.
pub(crate) fn forms_of(word: &[u8]) -> Vec<String> {
    let ways = (0..3).map(|shift| characters(word, shift)).filter(|form| form.len() >= MIN_CHARS);
    ways.flat_map(|form| {
        let other = form.replace('+', "-").replace('/', "_");
        if other == form { vec![form] } else { vec![form, other] }
    })
    .collect()
}

/// Returns the characters that hold nothing but bits of a word that begins so many bytes behind the start of a group.
fn characters(word: &[u8], shift: usize) -> String {
    let bit = |at: usize| word[at / 8 - shift] >> (7 - at % 8) & 1;
    let (first, end) = ((8 * shift).div_ceil(6), 8 * (shift + word.len()) / 6);
    let character = |number: usize| (6 * number..6 * number + 6).fold(0, |value, at| value << 1 | usize::from(bit(at)));
    (first..end).map(|number| char::from(ALPHABET[character(number)])).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::forms_of;

    #[test]
    fn a_word_is_in_any_base64_of_a_text_that_has_it() {
        for word in ["ghp_", "AKIA", "password", "?>?~?>", "-----BEGIN"] {
            let forms = forms_of(word.as_bytes());
            for (before, behind) in ["", "x", "\u{7f}~", "key: "].iter().flat_map(|before| ["", "a", "\n~"].map(|behind| (before, behind)))
            {
                let text = format!("{before}{word}{behind}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    assert!(forms.iter().any(|form| encoded.contains(form.as_str())), "{text:?}: {encoded} has none of {forms:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_written_in_many_cases() {
        assert_eq!(super::cases("api_key"), ["api_key", "API_KEY", "Api_key", "ApiKey", "apiKey"]);
    }

    #[test]
    fn only_the_characters_that_are_all_the_words_count() {
        assert_eq!(forms_of(b"eyJ"), ["ZXlK"]);
        assert_eq!(forms_of(b"=eyJ"), ["PWV5S", "1leU", "9ZXlK"]);
        assert_eq!(forms_of(b"?>?~"), ["Pz4/f", "Pz4_f", "8+P3", "8-P3", "/Pj9+", "_Pj9-"]);
    }
}
