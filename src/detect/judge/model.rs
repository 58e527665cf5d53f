//! The weights of the signs: a logistic regression with one weight for all candidates and a correction for each class.
//!
//! `weights.tsv` is a table that `staunch judge train` writes; it is embedded, and read when the first candidate appears.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::name::Class;
use super::path::PathClass;
use super::sign::{SIGNS, Signs};
use crate::finding::Evidence;

/// The table that ships.
const TABLE: &str = include_str!("weights.tsv");

/// Weights of one sign: for all, and what is added for each class.
type Row = [f32; 1 + Class::ALL.len()];

/// Contributions nearer to zero are told as one sum, so that a list of reasons can be read.
const SMALL: f32 = 0.15;

/// The weights of all signs.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    rows: Vec<Row>,
    /// The most that a path can add, by class and by whether the value is bare.
    best_paths: [[f32; 2]; Class::ALL.len()],
}

/// A table of weights that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the weights: {what}")]
pub struct Error {
    line: usize,
    what: String,
}

static SHIPPED: LazyLock<Model> = LazyLock::new(|| Model::parse(TABLE).expect("a test reads the table that ships"));

impl Model {
    /// Returns the weights that ship.
    pub fn shipped() -> &'static Model {
        &SHIPPED
    }

    pub(crate) fn of(rows: Vec<Row>) -> Self {
        let mut model = Model { rows, best_paths: [[0.0; 2]; Class::ALL.len()] };
        for class in Class::ALL {
            for is_bare in [false, true] {
                let most = PathClass::every().map(|path| model.odds(class, path.signs(is_bare))).fold(f32::NEG_INFINITY, f32::max);
                model.best_paths[class as usize][usize::from(is_bare)] = most;
            }
        }
        model
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When a line is not a sign and its weights, or a sign is missing.
    pub fn parse(table: &str) -> Result<Self, Error> {
        let mut rows = Vec::with_capacity(SIGNS.len());
        for (line, text) in (1..).zip(table.lines()).filter(|(_, text)| !text.starts_with('#') && !text.is_empty()) {
            let fail = |what: String| Error { line, what };
            let mut cells = text.split('\t');
            let (family, words) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            let (_, expected_family, expected) = SIGNS.get(rows.len()).ok_or_else(|| fail(format!("{words:?} is one sign too many")))?;
            if words != *expected || family != expected_family.word() {
                return Err(fail(format!("{words:?} stands where {expected:?} belongs; train again")));
            }
            let mut row = Row::default();
            for weight in &mut row {
                let cell = cells.next().unwrap_or_default();
                *weight = cell.parse().map_err(|_| fail(format!("{cell:?} is no weight")))?;
            }
            rows.push(row);
        }
        if rows.len() < SIGNS.len() {
            return Err(Error { line: table.lines().count(), what: format!("only {} of {} signs", rows.len(), SIGNS.len()) });
        }
        Ok(Model::of(rows))
    }

    /// Returns the table's text.
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# Log-odds of each sign: for all, and what is added for each class. `staunch judge train` writes this table.\n# family\tsign\tall",
        );
        for class in Class::ALL {
            let _ = write!(text, "\t{}", class.word());
        }
        text.push('\n');
        for ((_, family, words), row) in SIGNS.iter().zip(&self.rows) {
            let _ = write!(text, "{}\t{words}", family.word());
            for weight in row {
                let _ = write!(text, "\t{weight:.2}");
            }
            text.push('\n');
        }
        text
    }

    fn weight(&self, class: Class, sign: usize) -> f32 {
        self.rows[sign][0] + self.rows[sign][1 + class as usize]
    }

    /// Returns the log-odds of what was seen.
    pub(crate) fn odds(&self, class: Class, signs: Signs) -> f32 {
        signs.numbers().map(|sign| self.weight(class, sign)).sum()
    }

    /// Returns the most that any path can add to the log-odds.
    pub(crate) fn best_path(&self, class: Class, is_bare: bool) -> f32 {
        self.best_paths[class as usize][usize::from(is_bare)]
    }

    /// Adds each sign and its weight as a reason.
    pub(crate) fn explain(&self, class: Class, signs: Signs, evidence: &mut Evidence) {
        let mut small = 0.0;
        for sign in signs.numbers() {
            let weight = self.weight(class, sign);
            if weight.abs() < SMALL {
                small += weight;
            } else {
                evidence.add(SIGNS[sign].2, weight);
            }
        }
        if small != 0.0 {
            evidence.add("small signs together", small);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Model, Signs, TABLE};
    use crate::detect::judge::sign::{SIGNS, Sign};
    use crate::finding::Evidence;

    #[test]
    fn the_table_that_ships_has_every_sign_and_reads_back() {
        let model = Model::parse(TABLE).expect("it is right");
        assert_eq!(Model::parse(&model.text()).expect("it was just written"), model);
        assert!(model.rows.iter().flatten().any(|&weight| weight != 0.0));
        assert!(Model::parse("").is_err() && Model::parse(&TABLE.replacen("name\t", "value\t", 1)).is_err());
    }

    #[test]
    fn the_reasons_amount_to_the_odds() {
        let model = Model::of((0..SIGNS.len()).map(|sign| [sign as f32 / 100.0, 0.1, -0.1, 0.0, 0.5]).collect());
        let mut signs = Signs::default();
        [Sign::NamePassword, Sign::Len7, Sign::Bare].into_iter().for_each(|sign| signs.add(sign));
        let mut evidence = Evidence::default();
        model.explain(Class::Place, signs, &mut evidence);
        assert!((evidence.odds() - model.odds(Class::Place, signs)).abs() < 1e-4);
        assert!(model.odds(Class::Place, signs) > model.odds(Class::Token, signs));
    }
}
