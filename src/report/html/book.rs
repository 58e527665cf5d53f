//! Texts that many credentials share, written once, above all runbooks: those of one kind differ in a few words, which the page puts in.
//!
//! A text in which the words of a credential stand is kept with marks in their place, by control characters that no text on the page
//! can hold. What the page makes of it is the very text that was taken apart, so nothing about a runbook has to be known here.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::text;
use crate::report::document::Credential;
use crate::report::runbook::{Item, Runbook};

/// Stands before the number of a word, which is one character, counted from `0`.
const MARK: char = '\u{1}';
/// Shorter words are not worth a mark, and stand by chance in many texts.
const MIN_BYTES: usize = 5;
/// The characters behind marks stay printable.
const MAX_WORDS: usize = 64;

/// Texts, and runbooks as numbers of texts.
#[derive(Debug, Default)]
pub(super) struct Books {
    texts: Table<String>,
    books: Table<Vec<Chapter>>,
}

/// A section: its title, and its items by kind.
type Chapter = (usize, Vec<(char, usize)>);

/// Values that are kept once, by their numbers.
#[derive(Debug)]
struct Table<T> {
    numbers: HashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { numbers: HashMap::new() }
    }
}

impl<T: std::hash::Hash + Eq> Table<T> {
    fn number(&mut self, value: T) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(value).or_insert(next)
    }

    fn in_order(&self) -> Vec<&T> {
        let mut values: Vec<(&T, usize)> = self.numbers.iter().map(|(value, &number)| (value, number)).collect();
        values.sort_by_key(|&(_, number)| number);
        values.into_iter().map(|(value, _)| value).collect()
    }
}

impl Table<String> {
    /// Returns the number of a text that has no marks, which most of a runbook is.
    fn known(&self, text: &str) -> Option<usize> {
        self.numbers.get(text).copied()
    }
}

impl Books {
    /// Takes a runbook apart, and returns what the page puts it together from: the number of the book, and the words.
    pub(super) fn add(&mut self, runbook: &Runbook, credential: &Credential) -> Value {
        let words = words(credential);
        let mut by_length: Vec<(usize, &str)> =
            words.iter().map(String::as_str).enumerate().filter(|(_, word)| word.len() >= MIN_BYTES).collect();
        by_length.sort_by_key(|(number, word)| (std::cmp::Reverse(word.len()), *number));
        let mut used = 0;
        let mut chapters: Vec<Chapter> = Vec::with_capacity(runbook.sections.len());
        for section in &runbook.sections {
            let title = self.texts.known(&section.title).unwrap_or_else(|| self.texts.number(section.title.clone()));
            let mut items = Vec::with_capacity(section.items.len());
            for item in &section.items {
                let (kind, said) = match item {
                    Item::Step(said) => ('s', said),
                    Item::Command(said) => ('c', said),
                    Item::Note(said) => ('n', said),
                    Item::Page(said) => ('p', said),
                };
                let number = self.texts.known(said).unwrap_or_else(|| {
                    let (marked, most) = marked(&text::safe(said), &by_length);
                    used = used.max(most);
                    self.texts.number(marked)
                });
                items.push((kind, number));
            }
            chapters.push((title, items));
        }
        json!([self.books.number(chapters), words[..used]])
    }

    /// Returns the number of a text that many credentials share.
    pub(super) fn text(&mut self, said: &str) -> usize {
        self.texts.known(said).unwrap_or_else(|| self.texts.number(text::safe(said)))
    }

    /// Returns all texts, by their numbers.
    pub(super) fn texts(&self) -> impl Serialize {
        self.texts.in_order()
    }

    /// Returns all books, by their numbers.
    pub(super) fn books(&self) -> impl Serialize {
        self.books.in_order()
    }
}

/// The words in which runbooks of one kind differ.
fn words(credential: &Credential) -> Vec<String> {
    let lead = credential.lead();
    let of = |said: Option<&str>| said.unwrap_or_default().to_owned();
    let first = credential.exposure.first_seen;
    let mut words = vec![
        credential.fingerprint.to_string(),
        of(lead.and_then(|lead| lead.commit.as_deref())),
        of(lead.map(|lead| lead.top_path())),
        lead.and_then(|lead| Some(format!("tail -c +{} | head -c {}", lead.offset?.saturating_add(1), lead.byte_count?)))
            .unwrap_or_default(),
        first.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
        first.map(|at| at.as_millisecond().to_string()).unwrap_or_default(),
        first.map(|at| at.as_second().to_string()).unwrap_or_default(),
        first.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default(),
    ];
    words.extend(credential.identity.values().cloned());
    words.push(credential.reuse.names.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
    for place in &credential.places {
        words.push(place.shown(&place.path));
        words.push(place.head_line.map(|line| format!(":{line} (in HEAD)")).unwrap_or_else(|| format!(":{}", place.line)));
        if words.len() >= MAX_WORDS {
            break;
        }
    }
    words.truncate(MAX_WORDS);
    words.iter().map(|word| text::safe(word)).collect()
}

/// Puts marks in the place of words, longest first, and returns how many words must be known to undo that.
fn marked(said: &str, words: &[(usize, &str)]) -> (String, usize) {
    let mut marked = String::with_capacity(said.len());
    let mut most = 0;
    let mut rest = said;
    // The word that stands first; of those at one place the longest, which comes first.
    let first = |rest: &str| words.iter().filter_map(|&(number, word)| Some((rest.find(word)?, number, word))).min_by_key(|&(at, ..)| at);
    while let Some((at, number, word)) = first(rest) {
        marked.push_str(&rest[..at]);
        marked.push(MARK);
        marked.push(u8::try_from(number).map_or('0', |number| char::from(b'0' + number)));
        most = most.max(number + 1);
        rest = &rest[at + word.len()..];
    }
    marked.push_str(rest);
    (marked, most)
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn what_was_taken_apart_is_put_together_as_it_was() {
        let words = ["aaaaaaaaaa", "src/a.env", "aaaaa"];
        let mut by_length: Vec<(usize, &str)> = words.into_iter().enumerate().collect();
        by_length.sort_by_key(|(_, word)| std::cmp::Reverse(word.len()));
        for (said, kept, most) in [
            ("git show aaaaaaaaaa:src/a.env", "git show \u{1}0:\u{1}1", 2),
            ("aaaaaaaaaaa", "\u{1}0a", 1),
            ("aaaaa", "\u{1}2", 3),
            ("nothing of it", "nothing of it", 0),
        ] {
            assert_eq!(marked(said, &by_length), (kept.to_owned(), most));
            let again =
                words.iter().enumerate().fold(kept.to_owned(), |text, (number, word)| text.replace(&format!("\u{1}{number}"), word));
            assert_eq!(again, said);
        }
    }
}
