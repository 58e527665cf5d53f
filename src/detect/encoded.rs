//! What stands in base64: a keyword is known by how it looks there, and only what lies around it is decoded.

use super::prefilter::Hit;
use super::{Catalog, Match, Run};
use crate::detector::{ENCODED_LINE_BYTES, Reach};
use crate::finding::Layer;
use crate::span::Span;

/// Base64 is broken into lines of 64 or 76 characters; what is shorter is a word, or the last one.
const MIN_LINE_CHARS: usize = 40;

/// What is searched for may begin before the keyword, with letters that mostly do.
const MOST_BEFORE_WORD: usize = 2;

/// How many characters of its group stand before those that are all the keyword's, and how many bytes.
const GROUPS: [(usize, usize); 3] = [(0, 0), (2, 1), (3, 2)];

/// A keyword has 64 bytes at most: as many characters as that takes, with a break of lines within it.
const MAX_KEYWORD_CHARS: usize = 160;

/// The text around a keyword, decoded.
pub(super) struct Opened {
    /// What it says.
    pub(super) text: Vec<u8>,
    /// The first byte of the keyword there.
    keyword: usize,
    /// Where each character is in the chunk.
    places: Vec<usize>,
    /// Whether more stands before and behind, further than the reach.
    is_cut: (bool, bool),
}

impl Opened {
    /// Decodes what lies within a reach around the characters of a keyword at `start`; `is_there` tells whether it is one.
    fn around(chunk: &[u8], start: usize, reach: Reach, is_there: impl Fn(&[u8]) -> bool) -> Option<Self> {
        let from = start.saturating_sub(reach.before as usize);
        let to = chunk.len().min(start + reach.after as usize);
        let window = &chunk[from..to];
        // What is no keyword ends here, before all of the window is read.
        let near = &window[..window.len().min(start - from + MAX_KEYWORD_CHARS)];
        let (lead, shift) = GROUPS.into_iter().find(|(lead, shift)| {
            let first = (start - from).checked_sub(*lead);
            let text = first.map(|first| decoded(forward(near, first).into_iter().map(|at| near[at]))).unwrap_or_default();
            text.get(*shift..).is_some_and(&is_there)
        })?;
        let (before, behind) = (backward(window, start - from), forward(window, start - from));
        let is_cut = (from > 0 && before.last() == Some(&0), to < chunk.len() && behind.last() == Some(&(window.len() - 1)));
        let others = before.len().checked_sub(lead)?;
        let places: Vec<usize> = before[..others + lead - others % 4].iter().rev().chain(&behind).map(|at| from + at).collect();
        let text = decoded(places.iter().map(|&at| chunk[at]));
        Some(Opened { text, keyword: others / 4 * 3 + shift, places, is_cut })
    }

    /// Returns where the characters of a part of the text are, unless it goes on beyond what was decoded.
    fn outside(&self, part: Span) -> Option<Span> {
        let (is_cut_before, is_cut_behind) = self.is_cut;
        if part.is_empty() || (is_cut_before && part.start == 0) || (is_cut_behind && part.end == self.text.len()) {
            return None;
        }
        let (first, last) = (8 * part.start / 6, (8 * part.end).div_ceil(6) - 1);
        Some(Span::new(*self.places.get(first)?, self.places.get(last)? + 1))
    }
}

impl Catalog {
    /// Hands the run of a detector within base64 to `look`, if its keyword is there.
    pub(super) fn opened<T>(&self, chunk: &[u8], hit: Hit, number: u32, look: impl FnOnce(&Run<'_>, &Opened) -> T) -> Option<T> {
        // The prefilter takes any case, base64 does not.
        if !chunk[hit.start..].starts_with(self.keyword(hit.keyword).as_bytes()) {
            return None;
        }
        let detector = self.detector(number);
        let word_in = |text: &[u8]| {
            let is_at =
                |at: usize, word: &str| text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()));
            (0..=MOST_BEFORE_WORD).find_map(|at| detector.keywords.iter().find(|word| is_at(at, word)).map(|word| (at, word.as_ref())))
        };
        let opened = Opened::around(chunk, hit.start, detector.reach.encoded(), |text| word_in(text).is_some())?;
        let (at, word) = word_in(&opened.text[opened.keyword..])?;
        let keyword = Span::new(opened.keyword + at, opened.keyword + at + word.len());
        Some(look(&Run { catalog: self, chunk: &opened.text, number, detector, keyword, word }, &opened))
    }

    /// Runs a detector at a keyword within base64.
    pub(super) fn run_encoded(&self, chunk: &[u8], hit: Hit, number: u32, matches: &mut Vec<Match>) {
        self.opened(chunk, hit, number, |run, opened| {
            let mut inner = Vec::new();
            run.all(&mut inner);
            matches.extend(inner.into_iter().filter_map(|m| {
                let normal = Some(m.value(&opened.text).into());
                Some(Match { secret: opened.outside(m.secret)?, normal, layer: Some(Layer::Base64), ..m })
            }));
        });
    }
}

fn is_character(byte: u8) -> bool {
    value(byte).is_some()
}

/// Returns the six bits of a character, of either alphabet.
fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Decodes characters; bits that make no byte are left out.
fn decoded(characters: impl Iterator<Item = u8>) -> Vec<u8> {
    let (mut bits, mut count) = (0u32, 0);
    let mut text = Vec::new();
    for six in characters.filter_map(value) {
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            text.push((bits >> count) as u8);
        }
    }
    text
}

/// Returns the places of the characters from `start` on.
fn forward(window: &[u8], start: usize) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), start);
    while let Some(&byte) = window.get(at) {
        if is_character(byte) {
            places.push(at);
            at += 1;
        } else if let Some(next) = line_break(&window[at..]).map(|bytes| at + bytes).filter(|_| ends_line(window, at)) {
            at = next;
        } else {
            break;
        }
    }
    places
}

/// Returns the places of the characters before `start`, the last one first.
fn backward(window: &[u8], start: usize) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), start);
    while at > 0 {
        if is_character(window[at - 1]) {
            at -= 1;
            places.push(at);
        } else if let Some(end) = line_end_before(window, at).filter(|&end| ends_line(window, end)) {
            at = end;
        } else {
            break;
        }
    }
    places
}

/// Returns how long a line break is together with what the next line is indented by.
fn line_break(bytes: &[u8]) -> Option<usize> {
    let end = match bytes {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    Some(end + bytes[end..].iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count())
}

/// Returns where the line before ends, if a line begins at a place but for what it is indented by.
fn line_end_before(window: &[u8], at: usize) -> Option<usize> {
    let indent = window[..at].iter().rev().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
    let line = window[..at - indent].strip_suffix(b"\n")?;
    Some(line.strip_suffix(b"\r").unwrap_or(line).len())
}

/// Returns whether what ends at a place is a line of base64 that goes on in the next one.
fn ends_line(window: &[u8], end: usize) -> bool {
    let chars = window[..end].iter().rev().take(ENCODED_LINE_BYTES as usize).take_while(|&&byte| is_character(byte)).count();
    chars % 4 == 0 && (MIN_LINE_CHARS..ENCODED_LINE_BYTES as usize).contains(&chars)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::chunk::Content;
    use crate::detect::{Catalog, sample};
    use crate::detector::Find;

    /// Returns the ids and values that are found in a text.
    fn found(text: &str) -> Vec<(String, String)> {
        let catalog = Catalog::shipped();
        let matches = catalog.matches(text.as_bytes(), Content::Text);
        let value = |m: &super::Match| String::from_utf8_lossy(m.value(text.as_bytes())).into_owned();
        matches.iter().map(|m| (catalog.id_of(m).to_owned(), value(m))).collect()
    }

    fn token() -> String {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().find(|detector| detector.id == "github-pat-classic").expect("it ships").clone();
        let sample = sample::expand("«ghp_{base62:30}{check}»", &detector, 7);
        String::from_utf8(sample.text).expect("it is of letters")
    }

    fn lines(encoded: &str, chars: usize, indent: &str) -> String {
        let lines = encoded.as_bytes().chunks(chars).map(String::from_utf8_lossy);
        lines.map(|line| format!("{indent}{line}\n")).collect()
    }

    #[test]
    fn a_token_is_found_wherever_it_begins_in_a_group() {
        let token = token();
        for before in ["", "x ", " x ", "login: "] {
            let text = format!("value: \"{}\"\n", STANDARD.encode(format!("{before}{token}\n")));
            assert_eq!(found(&text), [("github-pat-classic".to_owned(), token.clone())], "{before:?}");
        }
        let glued = STANDARD.encode(format!("x{token}"));
        assert_eq!(found(&glued), [], "the middle of something longer is no token");
    }

    #[test]
    fn base64_is_read_across_its_lines() {
        let token = token();
        for pad in 0..48 {
            let encoded = STANDARD.encode(format!("{} {token} {}", "~".repeat(pad), "-- ".repeat(60)));
            for text in [lines(&encoded, 76, ""), lines(&encoded, 64, "    "), format!("data: |\n{}", lines(&encoded, 76, "  "))] {
                // A keyword that is broken itself is not seen.
                let is_broken = !text.lines().any(|line| {
                    line.contains("Z2hwX")
                        || line.contains("hwXz")
                        || line.contains("naHBf")
                        || line.contains("dnaHBf")
                        || line.contains("ocF9")
                });
                let expected = if is_broken { vec![] } else { vec![("github-pat-classic".to_owned(), token.clone())] };
                assert_eq!(found(&text), expected, "{pad}\n{text}");
            }
        }
    }

    /// Of these only some are: the keyword is of three bytes within the value, or binary; `.npmrc` ends its lines.
    const SOMETIMES: [&str; 10] = [
        "azure-entra-client-secret",
        "hash-ntlm",
        "jks",
        "keepass-kdbx",
        "kerberos-keytab",
        "mailchimp-key",
        "npmrc-auth",
        "pkcs12",
        "telegram-bot-token",
        "xml-rsa-private",
    ];

    #[test]
    fn what_has_a_shape_of_its_own_is_found_in_base64_as_it_is_in_plain() {
        let catalog = Catalog::shipped();
        let (mut missed, mut compared) = (Vec::new(), 0);
        for detector in catalog.detectors().filter(|detector| matches!(detector.find, Find::Token { .. })) {
            if SOMETIMES.contains(&detector.id.as_ref()) {
                continue;
            }
            for (number, template) in detector.leaks.iter().enumerate() {
                let sample = sample::expand(template, detector, number as u64);
                let value = sample.secret.expect("it is marked").of(&sample.text);
                for pad in 0..3 {
                    let text = STANDARD.encode([&b" ".repeat(pad)[..], &sample.text].concat());
                    let is_it = |m: &super::Match| catalog.id_of(m) == detector.id && m.value(text.as_bytes()) == value;
                    compared += 1;
                    if !catalog.unsettled(text.as_bytes(), Content::Text).iter().any(is_it) {
                        missed.push(format!("{} {number} {pad}", detector.id));
                    }
                }
            }
        }
        assert!(missed.is_empty(), "{} of {compared}: {missed:#?}", missed.len());
    }

    #[test]
    fn settings_and_addresses_within_base64_are_read() {
        let password = ["Zq7v", "X2mK", "t9wR"].concat();
        let settings = STANDARD.encode(format!("HOST=db\nDB_PASSWORD={password}\nPORT=1\n"));
        assert_eq!(found(&format!("ENV_B64={settings}\n")), [("generic-password".to_owned(), password.clone())]);
        let address = STANDARD.encode(format!("postgres://app:{password}@db.corp.example/app"));
        assert_eq!(found(&format!("x={address}\n")), [("url-password".to_owned(), password)]);
    }
}
