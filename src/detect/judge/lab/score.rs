//! Precision and recall: of all labelled places, of each kind, and of the repositories one by one.

use std::collections::BTreeMap;

use super::labels::{Item, Kind};
use crate::finding::Confidence;

/// The least confidence that is reported.
pub type Level = Confidence;

/// How many places were found rightly, wrongly, and not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Secrets that were reported.
    pub right: usize,
    /// What was reported and is none.
    pub wrong: usize,
    /// Secrets that were not.
    pub missed: usize,
}

impl Count {
    /// Returns the share of reports that are right.
    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Returns the share of secrets that were reported.
    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// Returns the harmonic mean of both.
    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    #[must_use]
    fn plus(self, other: Count) -> Count {
        Count { right: self.right + other.right, wrong: self.wrong + other.wrong, missed: self.missed + other.missed }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A labelled place that was judged wrongly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// Whether it is a secret that was missed.
    pub is_missed: bool,
}

/// What came of a scoring, by level, repository and kind.
#[derive(Debug, Clone, Default)]
pub struct Score {
    counts: BTreeMap<(Level, String, Kind), Count>,
    mistakes: BTreeMap<Level, Vec<Mistake>>,
}

/// Repositories with fewer secrets do not count for the mean over repositories: one place more or less would decide.
const FEW: usize = 5;

impl Score {
    /// All levels.
    pub const LEVELS: [Level; 3] = [Confidence::Low, Confidence::Medium, Confidence::High];

    /// Counts what was found in one file.
    ///
    /// A finding that touches a secret's lines is right, whatever else it touches.
    pub(super) fn add(&mut self, repository: &str, items: &[Item], found: &[(usize, usize, Level)]) {
        for level in Score::LEVELS {
            let mut is_hit = vec![false; items.len()];
            for &(first, last, _) in found.iter().filter(|(.., confidence)| *confidence >= level) {
                let touched: Vec<usize> = (0..items.len()).filter(|&at| items[at].first <= last && first <= items[at].last).collect();
                let has_secret = touched.iter().any(|&at| items[at].is_true);
                touched.into_iter().filter(|&at| items[at].is_true || !has_secret).for_each(|at| is_hit[at] = true);
            }
            for (item, is_hit) in items.iter().zip(is_hit) {
                let count = self.counts.entry((level, repository.to_owned(), item.kind)).or_default();
                match (item.is_true, is_hit) {
                    (true, true) => count.right += 1,
                    (true, false) => count.missed += 1,
                    (false, true) => count.wrong += 1,
                    (false, false) => {}
                }
                if item.is_true != is_hit {
                    let mistake = Mistake { path: item.path.clone(), line: item.first, is_missed: item.is_true };
                    self.mistakes.entry(level).or_default().push(mistake);
                }
            }
        }
    }

    /// Returns both together.
    #[must_use]
    pub fn and(mut self, other: Score) -> Score {
        for (key, count) in other.counts {
            let sum = self.counts.get(&key).copied().unwrap_or_default().plus(count);
            self.counts.insert(key, sum);
        }
        for (level, mistakes) in other.mistakes {
            self.mistakes.entry(level).or_default().extend(mistakes);
        }
        self
    }

    /// Returns the count over some kinds.
    pub fn count(&self, level: Level, kinds: &[Kind]) -> Count {
        let own = self.counts.iter().filter(|((l, _, kind), _)| *l == level && kinds.contains(kind));
        own.fold(Count::default(), |sum, (_, count)| sum.plus(*count))
    }

    /// Returns the count of each repository over some kinds.
    pub fn by_repository(&self, level: Level, kinds: &[Kind]) -> BTreeMap<&str, Count> {
        let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
        for ((_, repository, _), count) in self.counts.iter().filter(|((l, _, kind), _)| *l == level && kinds.contains(kind)) {
            let sum = counts.entry(repository).or_default();
            *sum = sum.plus(*count);
        }
        counts
    }

    /// Returns the mean F1 of the repositories that have some secrets.
    pub fn macro_f1(&self, level: Level, kinds: &[Kind]) -> f64 {
        let counts = self.by_repository(level, kinds);
        let some: Vec<f64> = counts.values().filter(|count| count.right + count.missed >= FEW).map(|count| count.f1()).collect();
        if some.is_empty() { 0.0 } else { some.iter().sum::<f64>() / some.len() as f64 }
    }

    /// Returns what was judged wrongly at a level, sorted.
    pub fn mistakes(&self, level: Level) -> Vec<&Mistake> {
        let mut mistakes: Vec<&Mistake> = self.mistakes.get(&level).into_iter().flatten().collect();
        mistakes.sort();
        mistakes
    }
}
