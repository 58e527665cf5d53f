//! How many there are of something, in words: `1 file`, `2 files`.

use std::fmt::Display;

/// Returns a number with the word for what is counted, which is given for one.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, word: &str) -> String {
    format!("{count} {}", of(count, word))
}

/// Returns the word for so many, of which it is given for one.
pub fn of<N: PartialEq + From<u8>>(count: N, word: &str) -> String {
    if count == N::from(1) {
        return word.to_owned();
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_is_one_and_none_are_many() {
        for (count, word, said) in [
            (1, "file", "1 file"),
            (0, "file version", "0 file versions"),
            (2, "entry", "2 entries"),
            (1, "repository", "1 repository"),
            (7, "day", "7 days"),
        ] {
            assert_eq!(super::counted(count, word), said);
        }
    }
}
