//! How a word looks within base64, so that a scan need not decode anything on suspicion.
//!
//! Three bytes become four characters, so a word looks one of three ways, by where in a group of three it begins. The characters that hold
//! nothing but bits of the word are the same whatever stands around it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pattern::Parsed;
use super::{Find, Structure, Text};

pub(crate) const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Fewer characters are in any text.
const MIN_CHARS: usize = 4;
/// A word of three bytes makes so many only at the start of a group; elsewhere it is searched with what mostly stands before it.
const SHORT_BYTES: usize = 3;
const LEADERS: &str = "\n \"'=:";
/// What follows where the line ends, in a file and in a text that is quoted.
const LINE_ENDS: &str = "\r\n\\";
/// What is behind the beginning of a word need not be searched for: it is compared when it is decoded.
const MAX_WORD_BYTES: usize = 16;
/// The words of a name are in all texts if they are shorter.
const MIN_NAME_BYTES: usize = 5;
/// More spellings than these are those of a pattern that takes any case.
const MAX_SPELLINGS: usize = 4;
/// What stands before the password of an address, with the end of the schemes that have one.
const SCHEMES: [&str; 9] = ["ql://", "es://", "db://", "rv://", "is://", "ss://", "qp://", "ps://", "tp://"];

/// How a word looks within base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The characters that hold nothing but bits of the word.
    pub chars: Text,
    /// Those that may follow, as the next one holds the word's last bits, or the line ends; any where it holds none.
    pub next: Text,
}

/// Returns how the keywords of a detector look within base64; none for what is not searched there.
pub(super) fn forms(find: &Find, keywords: &[String]) -> Vec<Form> {
    let mut words = spelled(find, keywords);
    // Beginnings of binary files are all zeros and such.
    words.retain(|word| word.bytes().all(|byte| byte >= b' '));
    let led: Vec<String> = words
        .iter()
        .filter(|word| word.len() == SHORT_BYTES)
        .flat_map(|word| LEADERS.chars().map(move |leader| format!("{leader}{word}")))
        .collect();
    words.extend(led);
    let begins = words.iter().map(|word| &word.as_bytes()[..word.len().min(MAX_WORD_BYTES)]);
    let mut forms: BTreeMap<String, String> = BTreeMap::new();
    for (chars, next) in begins.flat_map(ways) {
        match forms.get_mut(&chars) {
            // Two words that begin alike: what may follow either may follow.
            Some(known) if known.is_empty() || next.is_empty() => known.clear(),
            Some(known) => known.extend(next.chars().filter(|char| !known.contains(*char)).collect::<Vec<_>>()),
            None => drop(forms.insert(chars, next)),
        }
    }
    forms.into_iter().map(|(chars, next)| Form { chars: chars.into(), next: next.into() }).collect()
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
pub(crate) fn forms_of(word: &[u8]) -> impl Iterator<Item = String> {
    ways(word).map(|way| way.0)
}

/// Returns the same, with what may follow each.
fn ways(word: &[u8]) -> impl Iterator<Item = (String, String)> {
    let ways = (0..3).map(|shift| characters(word, shift)).filter(|(chars, _)| chars.len() >= MIN_CHARS);
    ways.flat_map(|(chars, next)| {
        let other = in_addresses(&chars);
        let next = if next.contains("+/") { next + "-_" } else { next };
        if other == chars { vec![(chars, next)] } else { vec![(chars, next.clone()), (other, next)] }
    })
}

fn in_addresses(chars: &str) -> String {
    chars.replace('+', "-").replace('/', "_")
}

/// Returns the characters that hold nothing but bits of a word that begins so many bytes behind the start of a group, and those that may
/// follow where the next one holds the word's last bits.
fn characters(word: &[u8], shift: usize) -> (String, String) {
    let bit = |at: usize| word[at / 8 - shift] >> (7 - at % 8) & 1;
    let (first, last_bit) = ((8 * shift).div_ceil(6), 8 * (shift + word.len()));
    let end = last_bit / 6;
    let value = |from: usize, to: usize| (from..to).fold(0, |value, at| value << 1 | usize::from(bit(at)));
    let chars = (first..end).map(|number| char::from(ALPHABET[value(6 * number, 6 * number + 6)])).collect();
    let free_bits = 6 - last_bit % 6;
    let next = value(6 * end, last_bit) << free_bits;
    if free_bits == 6 {
        return (chars, String::new());
    }
    let next: String = ALPHABET[next..next + (1 << free_bits)].iter().copied().map(char::from).collect();
    (chars, next + LINE_ENDS)
}

/// Returns whether a word can be seen in a line of base64.
#[cfg(test)]
pub(crate) fn is_seen(word: &str, encoded: &str) -> bool {
    ways(word.as_bytes()).any(|(chars, next)| {
        let mut behind = encoded.match_indices(&chars).map(|(at, _)| &encoded[at + chars.len()..]);
        behind.any(|behind| next.is_empty() || behind.is_empty() || behind.starts_with(|char| next.contains(char)))
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::{LINE_ENDS, is_seen, ways};

    #[test]
    fn a_word_is_in_any_base64_of_a_text_that_has_it() {
        for word in ["ghp_", "AKIA", "password", "?>?~?>", "-----BEGIN"] {
            for (before, behind) in ["", "x", "\u{7f}~", "key: "].iter().flat_map(|before| ["", "a", "\n~"].map(|behind| (before, behind)))
            {
                let text = format!("{before}{word}{behind}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    assert!(is_seen(word, &encoded), "{text:?}: {encoded}");
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
        let forms_of =
            |word: &[u8]| ways(word).map(|(chars, next)| format!("{chars}[{}]", next.replace(LINE_ENDS, "$"))).collect::<Vec<_>>();
        assert_eq!(forms_of(b"eyJ"), ["ZXlK[]"]);
        assert_eq!(forms_of(b"=eyJ"), ["PWV5S[ghijklmnopqrstuv$]", "1leU[opqr$]", "9ZXlK[]"]);
        assert_eq!(
            forms_of(b"?>?~"),
            ["Pz4/f[ghijklmnopqrstuv$]", "Pz4_f[ghijklmnopqrstuv$]", "8+P3[4567$]", "8-P3[4567$]", "/Pj9+[]", "_Pj9-[]"]
        );
        assert_eq!(forms_of(b"...?"), ["Li4uP[wxyz0123456789+/$-_]", "4uLj[89+/$-_]", "uLi4/[]", "uLi4_[]"]);
    }
}
