//! What the parser of YAML says of a detector file, in the words of those who write one.

use serde_saphyr::Error;

/// Says what is wrong without its place, which stands before it already.
pub(super) fn told(error: &Error) -> String {
    match error {
        Error::Unexpected { expected: "sequence start", .. } => "a list is needed here: `[…]`".to_owned(),
        Error::Unexpected { expected: "mapping start", .. } => "keys with their values are needed here: `{ key: … }`".to_owned(),
        Error::SerdeUnknownField { field, expected, .. } => unknown("key", field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown("word", variant, expected),
        other => {
            let said = other.to_string();
            let place = other.location().map(|at| format!(" at line {}, column {}", at.line(), at.column())).unwrap_or_default();
            said.strip_suffix(place.as_str()).unwrap_or(&said).to_owned()
        }
    }
}

fn unknown(what: &str, word: &str, known: &[&'static str]) -> String {
    match known.iter().map(|other| (distance(word, other), other)).min() {
        Some((changes, nearest)) if changes <= MOST_CHANGES => format!("unknown {what} {word:?}; `{nearest}` is known"),
        _ => format!("unknown {what} {word:?}; known are {}", known.join(", ")),
    }
}

/// What a slip of the fingers changes; with more, another word is meant.
const MOST_CHANGES: usize = 2;

/// Returns how many letters must be put in, left out or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut above_left = row[0];
        row[0] = number + 1;
        for (at, wanted) in other.chars().enumerate() {
            let change = above_left + usize::from(letter != wanted);
            above_left = row[at + 1];
            row[at + 1] = change.min(row[at] + 1).min(above_left + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn words_are_as_far_apart_as_there_are_changes() {
        for (one, other, changes) in
            [("", "", 0), ("", "ab", 2), ("severty", "severity", 1), ("pattren", "pattern", 2), ("slot", "value", 4)]
        {
            assert_eq!(distance(one, other), changes, "{one:?} and {other:?}");
            assert_eq!(distance(other, one), changes, "{other:?} and {one:?}");
        }
    }
}
