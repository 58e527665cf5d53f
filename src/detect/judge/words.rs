//! Which letters of a value belong to common words.

use crate::span::Span;

/// Common words of programs and prose, sorted, one a line: searched where it lies, so that nothing is built at start.
const WORDS: &str = include_str!("words.txt");

/// Returns whether `word` (in lower case) is a common one.
pub(super) fn is_word(word: &[u8]) -> bool {
    let text = WORDS.as_bytes();
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memchr::memrchr(b'\n', &text[..middle]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &text[middle..]).map_or(text.len(), |at| middle + at);
        match text[start..end].cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// Returns every word of the list.
pub(super) fn all() -> impl Iterator<Item = &'static [u8]> {
    WORDS.lines().map(str::as_bytes)
}

/// Splits into runs of letters, and those where lower case turns to upper: `dbPwd2` gives `db`, `Pwd`.
pub(super) fn letter_runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    letter_spans(value).map(|span| span.of(value))
}

/// Returns where the runs of letters are.
pub(super) fn letter_spans(value: &[u8]) -> impl Iterator<Item = Span> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + value[from..].iter().position(u8::is_ascii_alphabetic)?;
        let run = &value[start..];
        let mut end = 1;
        while end < run.len() && run[end].is_ascii_alphabetic() {
            let turns = run[end - 1].is_ascii_lowercase() && run[end].is_ascii_uppercase();
            let ends_acronym =
                end >= 2 && run[end].is_ascii_lowercase() && run[end - 1].is_ascii_uppercase() && run[end - 2].is_ascii_uppercase();
            if turns {
                break;
            }
            if ends_acronym {
                end -= 1;
                break;
            }
            end += 1;
        }
        from = start + end;
        Some(Span::new(start, start + end))
    })
}

/// Returns the share of the value's letters that lie in common words, and how many letters there are.
pub(super) fn share_in_words(value: &[u8]) -> (f32, usize) {
    let (mut letters, mut covered) = (0, 0);
    for run in letter_runs(value) {
        let run = run.to_ascii_lowercase();
        letters += run.len();
        covered += covered_by_words(&run);
    }
    (if letters == 0 { 0.0 } else { covered as f32 / letters as f32 }, letters)
}

/// Covers a run greedily with words of four letters and more, or with one word of three.
fn covered_by_words(run: &[u8]) -> usize {
    if run.len() <= 3 {
        return if run.len() == 3 && is_word(run) { 3 } else { 0 };
    }
    let (mut at, mut covered) = (0, 0);
    while at + 4 <= run.len() {
        let longest = (at + 4..=run.len().min(at + 20)).rev().find(|&end| is_word(&run[at..end]));
        match longest {
            Some(end) => {
                covered += end - at;
                at = end;
            }
            None => at += 1,
        }
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::{is_word, letter_runs, share_in_words};

    #[test]
    fn the_list_is_sorted_so_that_each_word_is_found() {
        let words: Vec<_> = super::WORDS.lines().collect();
        assert!(words.is_sorted());
        assert!(words.iter().all(|word| is_word(word.as_bytes())));
        assert!(!is_word(b"qxzvkj") && !is_word(b"") && !is_word(b"zzzzzzzzz"));
    }

    #[test]
    fn words_are_seen_through_case_and_joints() {
        let runs = |text: &'static str| letter_runs(text.as_bytes()).map(String::from_utf8_lossy).collect::<Vec<_>>();
        assert_eq!(runs("myDBPassword_2x"), ["my", "DB", "Password", "x"]);
        assert!(share_in_words(b"my-secret-password").0 > 0.8);
        assert!(share_in_words(b"xkq7Zt9vWp2Lm").0 < 0.2);
    }
}
