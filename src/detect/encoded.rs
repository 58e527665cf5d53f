//! What stands in base64: a keyword is known by how it looks there, and only what lies around it is decoded.

use std::ops::Range;

use super::prefilter::Hit;
use super::{Catalog, Match, Run};
use crate::detector::ENCODED_LINE_BYTES;
use crate::detector::base64::ALPHABET;
use crate::finding::Layer;
use crate::span::Span;

/// Base64 is broken into lines of 64 or 76 characters; what is shorter is a word, or the last one.
const LINE_CHARS: Range<usize> = 40..160;
/// What lines are indented by at most.
const MAX_INDENT: usize = 64;

/// What is searched for may begin before the keyword, with letters that mostly do.
const MOST_BEFORE_WORD: usize = 2;

/// How many characters of its group stand before those that are all the keyword's, and how many bytes.
const GROUPS: [(usize, usize); 3] = [(0, 0), (2, 1), (3, 2)];

/// What a keyword may take besides its own characters: what stands before it in its group, and a break of lines.
const BESIDE_KEYWORD_BYTES: usize = 24;

/// So much more is decoded at once, since a text with one keyword mostly has others.
const AHEAD_BYTES: usize = 16 << 10;

/// The base64 of a chunk that was decoded last: many keywords may stand in one piece of it.
#[derive(Default)]
pub(super) struct Decoder {
    /// Where its characters are.
    places: Vec<usize>,
    /// What it says, by how many characters stand before its first group.
    texts: [Option<Vec<u8>>; 4],
    /// Whether it goes on before and behind what was decoded.
    is_cut: (bool, bool),
}

/// The text around a keyword.
pub(super) struct Opened<'d> {
    text: &'d [u8],
    /// The first byte of the keyword there.
    keyword: usize,
    /// Where each character is in the chunk.
    places: &'d [usize],
    /// Whether more stands before and behind, further than is looked.
    is_cut: (bool, bool),
}

impl Decoder {
    /// Decodes what lies between two places around the characters of a keyword at `start`, and tells no more of it whatever else was decoded;
    /// `is_there` tells whether it is one, of so many bytes at most.
    fn open(
        &mut self,
        chunk: &[u8],
        start: usize,
        part: Range<usize>,
        most_bytes: usize,
        is_there: impl Fn(&[u8]) -> bool,
    ) -> Option<Opened<'_>> {
        let near = &chunk[..chunk.len().min(start + 2 * most_bytes + BESIDE_KEYWORD_BYTES)];
        let (lead, shift) = GROUPS.into_iter().find(|(lead, shift)| {
            let first = start.checked_sub(*lead);
            let text = first.map(|first| decoded(forward(near, first, near.len()).0.into_iter().map(|at| near[at]))).unwrap_or_default();
            text.get(*shift..).is_some_and(&is_there)
        })?;
        let number = match self.number_of(start, &part) {
            Some(number) => number,
            None => self.read(chunk, start, &part),
        };
        let first = number.checked_sub(lead)?;
        let (from, to) = (self.places.partition_point(|at| *at < part.start), self.places.partition_point(|at| *at < part.end));
        let is_cut = (from > 0 || self.is_cut.0, to < self.places.len() || self.is_cut.1);
        let before = first % 4;
        // Whole groups only: what is left of one says nothing of what stood before it.
        let from = before + from.saturating_sub(before).next_multiple_of(4);
        let places = &self.places;
        let text = self.texts[before].get_or_insert_with(|| decoded(places[before..].iter().map(|&at| chunk[at])));
        let text = text.get((from - before) / 4 * 3..(to.checked_sub(before)? * 6 / 8).min(text.len()))?;
        Some(Opened { text, keyword: first.checked_sub(from)? / 4 * 3 + shift, places: self.places.get(from..to)?, is_cut })
    }

    /// Returns the number of a character, if all was decoded that may be asked for around it.
    fn number_of(&self, start: usize, part: &Range<usize>) -> Option<usize> {
        let (first, last) = (*self.places.first()?, *self.places.last()?);
        let is_whole = (first <= part.start || !self.is_cut.0) && (last + 1 >= part.end || !self.is_cut.1);
        self.places.binary_search(&start).ok().filter(|_| is_whole)
    }

    /// Decodes anew, and returns the number of the character at `start`.
    fn read(&mut self, chunk: &[u8], start: usize, part: &Range<usize>) -> usize {
        let (mut places, is_cut_before) = backward(chunk, start, part.start);
        let number = places.len();
        places.reverse();
        let (behind, is_cut_behind) = forward(chunk, start, chunk.len().min(part.end + AHEAD_BYTES));
        places.extend(behind);
        *self = Decoder { places, texts: Default::default(), is_cut: (is_cut_before, is_cut_behind) };
        number
    }
}

impl Opened<'_> {
    /// Returns where the characters of a part of the text are, unless it may go on beyond that.
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
    pub(super) fn opened<T>(
        &self,
        chunk: &[u8],
        hit: Hit,
        number: u32,
        decoder: &mut Decoder,
        look: impl FnOnce(&Run<'_>, &Opened<'_>) -> T,
    ) -> Option<T> {
        // The prefilter takes any case, base64 does not.
        if !chunk[hit.start..].starts_with(self.keyword(hit.keyword).as_bytes()) {
            return None;
        }
        let detector = self.detector(number);
        let word_in = |text: &[u8]| {
            let is_at =
                |at: usize, word: &str| text.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()));
            (0..=MOST_BEFORE_WORD).find_map(|at| {
                let there = detector.keywords.iter().filter(|word| is_at(at, word));
                there.max_by_key(|word| word.len()).map(|word| (at, word.as_ref()))
            })
        };
        let reach = detector.reach.encoded();
        let part =
            hit.start.saturating_sub((reach.before - ENCODED_LINE_BYTES) as usize)..hit.start + (reach.after - ENCODED_LINE_BYTES) as usize;
        let most_bytes = detector.keywords.iter().map(|word| word.len()).max()?;
        let opened = decoder.open(chunk, hit.start, part, most_bytes, |text| word_in(text).is_some())?;
        let (at, word) = word_in(opened.text.get(opened.keyword..)?)?;
        let keyword = Span::new(opened.keyword + at, opened.keyword + at + word.len());
        Some(look(&Run { catalog: self, chunk: opened.text, number, detector, keyword, word }, &opened))
    }

    /// Runs a detector at a keyword within base64.
    pub(super) fn run_encoded(&self, chunk: &[u8], hit: Hit, number: u32, decoder: &mut Decoder, matches: &mut Vec<Match>) {
        self.opened(chunk, hit, number, decoder, |run, opened| {
            let mut inner = Vec::new();
            run.all(&mut inner);
            matches.extend(inner.into_iter().filter_map(|m| {
                let normal = Some(m.value(opened.text).into());
                Some(Match { secret: opened.outside(m.secret)?, normal, layer: Some(Layer::Base64), ..m })
            }));
        });
    }
}

/// The six bits of each character, of either alphabet; more than that for what is none.
const VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut number = 0;
    while number < 64 {
        values[ALPHABET[number as usize] as usize] = number;
        number += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

fn is_character(byte: u8) -> bool {
    VALUES[usize::from(byte)] < 64
}

/// Decodes characters; bits that make no byte are left out.
fn decoded(characters: impl Iterator<Item = u8>) -> Vec<u8> {
    let (mut bits, mut count) = (0u32, 0);
    let mut text = Vec::new();
    for byte in characters {
        bits = bits << 6 | u32::from(VALUES[usize::from(byte)]);
        count += 6;
        if count >= 8 {
            count -= 8;
            text.push((bits >> count) as u8);
        }
    }
    text
}

/// Returns the places of the characters from `start` on that lie before `to`, and whether it goes on there.
fn forward(chunk: &[u8], start: usize, to: usize) -> (Vec<usize>, bool) {
    let (mut places, mut at) = (Vec::new(), start);
    while let Some(&byte) = chunk.get(at) {
        if is_character(byte) {
            if at >= to {
                return (places, true);
            }
            places.push(at);
            at += 1;
        } else if let Some(next) = line_break(&chunk[at..]).map(|bytes| at + bytes).filter(|_| ends_line(chunk, at)) {
            at = next;
        } else {
            break;
        }
    }
    (places, false)
}

/// Returns the places of the characters before `start` that do not lie before `from`, the last one first, and whether it goes on there.
fn backward(chunk: &[u8], start: usize, from: usize) -> (Vec<usize>, bool) {
    let (mut places, mut at) = (Vec::new(), start);
    while at > 0 {
        if is_character(chunk[at - 1]) {
            if at <= from {
                return (places, true);
            }
            at -= 1;
            places.push(at);
        } else if let Some(end) = line_end_before(chunk, at).filter(|&end| ends_line(chunk, end)) {
            at = end;
        } else {
            break;
        }
    }
    (places, false)
}

fn indent<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take(MAX_INDENT).take_while(|&&byte| matches!(byte, b' ' | b'\t')).count()
}

/// Returns how long a line break is together with what the next line is indented by.
fn line_break(bytes: &[u8]) -> Option<usize> {
    let end = match bytes {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    Some(end + indent(bytes[end..].iter()))
}

/// Returns where the line before ends, if a line begins at a place but for what it is indented by.
fn line_end_before(chunk: &[u8], at: usize) -> Option<usize> {
    let line = chunk[..at - indent(chunk[..at].iter().rev())].strip_suffix(b"\n")?;
    Some(line.strip_suffix(b"\r").unwrap_or(line).len())
}

/// Returns whether what ends at a place is a line of base64 that goes on in the next one.
fn ends_line(chunk: &[u8], end: usize) -> bool {
    let chars = chunk[..end].iter().rev().take(LINE_CHARS.end).take_while(|&&byte| is_character(byte)).count();
    chars % 4 == 0 && LINE_CHARS.contains(&chars)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::chunk::Content;
    use crate::detect::{Catalog, sample};
    use crate::detector::Find;
    use crate::detector::base64::is_seen;

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
                let is_broken = !text.lines().any(|line| is_seen("ghp_", line));
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
