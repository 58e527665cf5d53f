//! Phrases from which a wallet's keys follow (BIP-39).

use bip39::{Language, Mnemonic};

use super::{Read, Said};
use crate::finding::Evidence;
use crate::span::Span;

/// What is looked at behind the keyword: 24 words of eight letters, each in quotes on a line of its own.
const AFTER_BYTES: usize = 448;
/// More than `", "` and an indented line end: what stands between two words of one phrase.
const GAP_BYTES: usize = 12;
/// A random phrase of twelve words has this many different ones but for one in 10^11; test phrases repeat a word.
const MIN_DISTINCT: usize = 8;

/// Reads the phrase that follows a keyword such as `mnemonic`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let end = chunk.len().min(keyword.end + AFTER_BYTES);
    let words = words(chunk, keyword.end, end);
    for run in words.chunk_by(|left, right| right.start - left.end <= GAP_BYTES) {
        for count in [24, 21, 18, 15, 12] {
            if let Some((phrase, text)) = run.windows(count).find_map(|phrase| valid(chunk, phrase).map(|text| (phrase, text))) {
                let mut evidence = Evidence::default();
                evidence.add("words of a wallet's phrase, with their checksum", 4.0);
                let secret = Span::new(phrase[0].start, phrase[count - 1].end);
                return Some(Read { secret, normal: Some(text.into_bytes().into()), said: Said::Proof(evidence) });
            }
        }
    }
    None
}

/// Returns the places of words of the list, in order; any other letters are as far as a gap can never be.
fn words(chunk: &[u8], from: usize, to: usize) -> Vec<Span> {
    let mut words = Vec::new();
    let mut at = from;
    while at < to {
        let len = chunk[at..to].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let word = Span::new(at, at + len);
        let is_listed =
            (3..=8).contains(&len) && std::str::from_utf8(word.of(chunk)).is_ok_and(|w| Language::English.find_word(w).is_some());
        if is_listed {
            words.push(word);
        }
        at += len.max(1);
    }
    words
}

fn valid(chunk: &[u8], phrase: &[Span]) -> Option<String> {
    let is_joined = phrase.windows(2).all(|pair| !chunk[pair[0].end..pair[1].start].iter().any(u8::is_ascii_alphabetic));
    let words: Vec<&str> = phrase.iter().filter_map(|word| std::str::from_utf8(word.of(chunk)).ok()).collect();
    let mut distinct = words.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let text = words.join(" ");
    let holds = is_joined && distinct.len() >= MIN_DISTINCT && Mnemonic::parse_in_normalized(Language::English, &text).is_ok();
    holds.then_some(text)
}

#[cfg(test)]
mod tests {
    use bip39::{Language, Mnemonic};

    use crate::span::Span;

    fn phrase(fill: u8, bytes: usize) -> String {
        let entropy: Vec<u8> = (0..bytes).map(|at| fill.wrapping_add((at * 29) as u8)).collect();
        Mnemonic::from_entropy_in(Language::English, &entropy).expect("the length is one of the five").to_string()
    }

    fn read(text: &str) -> Option<String> {
        let read = super::read(text.as_bytes(), Span::new(0, 8))?;
        Some(String::from_utf8_lossy(&read.normal.expect("a phrase is normalised")).into_owned())
    }

    #[test]
    fn a_phrase_is_read_in_the_ways_it_is_written() {
        for bytes in [16, 20, 24, 28, 32] {
            let phrase = phrase(7, bytes);
            let listed = phrase.split(' ').map(|word| format!("'{word}'")).collect::<Vec<_>>().join(",\n    ");
            for text in [format!("mnemonic=\"{phrase}\""), format!("mnemonic phrase: {phrase}\n"), format!("mnemonic = [\n    {listed}\n]")]
            {
                assert_eq!(read(&text).as_deref(), Some(phrase.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn other_words_a_wrong_checksum_and_repeated_words_are_none() {
        let phrase = phrase(3, 16);
        let mut words: Vec<&str> = phrase.split(' ').collect();
        words.swap(0, 1);
        let swapped = words.join(" ");
        assert!(Mnemonic::parse_in_normalized(Language::English, &swapped).is_err(), "this swap breaks the checksum");
        assert_eq!(read(&format!("mnemonic=\"{swapped}\"")), None);
        assert_eq!(read(&format!("mnemonic: {}", phrase.replace(' ', " and "))), None, "a sentence");
        assert_eq!(read(&format!("mnemonic: {}about", "abandon ".repeat(11))), None, "the vector of all zeros");
    }
}
