//! How likely letters follow each other, learned from the list of common words: random letters cannot be pronounced.

use std::sync::LazyLock;

use super::words::{self, letter_runs};

/// Bits of surprise of each letter after each other one.
type Table = [[f32; 26]; 26];

/// Counted at the first candidate: a tenth of a millisecond, which a run without candidates does not pay.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut counts = [[1.0f32; 26]; 26];
    for word in words::all() {
        for pair in word.windows(2) {
            if let (Some(left), Some(right)) = (number(pair[0]), number(pair[1])) {
                counts[left][right] += 1.0;
            }
        }
    }
    counts.map(|row| {
        let total: f32 = row.iter().sum();
        row.map(|count| (total / count).log2())
    })
});

fn number(letter: u8) -> Option<usize> {
    letter.is_ascii_alphabetic().then(|| usize::from(letter.to_ascii_lowercase() - b'a'))
}

/// Returns the mean surprise of the pairs of letters in bits; nothing where there are too few to tell.
pub(super) fn bits_per_pair(value: &[u8]) -> Option<f32> {
    let (mut bits, mut pairs) = (0.0, 0u16);
    for run in letter_runs(value) {
        for pair in run.windows(2) {
            if let (Some(left), Some(right)) = (number(pair[0]), number(pair[1])) {
                bits += TABLE[left][right];
                pairs = pairs.saturating_add(1);
            }
        }
    }
    (pairs >= 3).then(|| bits / f32::from(pairs))
}

#[cfg(test)]
mod tests {
    use super::bits_per_pair;

    #[test]
    fn words_surprise_less_than_random_letters() {
        let bits = |text: &str| bits_per_pair(text.as_bytes()).expect("it has letters");
        assert!(bits("understanding") < 3.8, "{}", bits("understanding"));
        assert!(bits("qxzvkjwq") > 5.0, "{}", bits("qxzvkjwq"));
        assert!(bits("kartoffel") < bits("kqrtvfxl"));
        assert_eq!(bits_per_pair(b"a1b2c3"), None);
    }
}
