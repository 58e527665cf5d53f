//! Learning the weights of the judge from labelled places, and measuring it on them.
//!
//! A labelled set is a table of places, in the columns of the public data set CredData, and the files it speaks of. All that is
//! seen of each candidate is noted once ([`Set::read`]); training and scoring then need only the signs. Whoever measures
//! on what was trained on measures memory, so everything here can be limited to some of the repositories, and
//! [`Set::cross_validate`] scores each one with weights that never saw it.

mod labels;
mod newton;
mod score;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

pub use labels::{Error, Item, Kind};
pub use score::{Count, Level, Score};

use super::name::Class;
use super::sign::{Family, SIGNS, Sign, Signs};
use super::{Form, Model, PathClass};
use crate::chunk::Content;
use crate::detect::{Catalog, Placed};
use crate::span::{Lines, Span};

/// A labelled set whose files were read and looked at.
pub struct Set {
    catalog: Catalog,
    files: Vec<File>,
}

/// One file of a set.
struct File {
    repository: String,
    path: PathClass,
    items: Vec<Item>,
    candidates: Vec<Candidate>,
}

/// What some detector made of a keyword, as far as weights and scores need it.
#[derive(Clone, Copy)]
struct Candidate {
    detector: u32,
    secret: Span,
    /// First and last line.
    lines: (usize, usize),
    form: Form,
    evidence: Evidence,
    truth: Truth,
}

#[derive(Clone, Copy)]
enum Evidence {
    /// What was seen of it; the weights decide.
    Seen(Signs),
    /// Its shape was recognised: log-odds that no training changes.
    Fixed(f32),
}

/// What the labels say of a candidate.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    Secret,
    Not,
    /// Nobody looked at it, or it stands beside a secret: most likely not one.
    Unknown,
}

/// How training is done.
#[derive(Debug, Clone)]
pub struct Options {
    /// Strength of the pull to zero of the weights for all. Default: 1, which is better than 2 and 0.5 on three ways of cutting the folds.
    pub ridge: f64,
    /// The same for what is added for a class. Default: 1.
    pub class_ridge: f64,
    /// How much a candidate counts that has no label. Default: 0.2: most are no secrets, and some are.
    pub unknown: f64,
    /// A family of signs that is left out.
    pub without: Option<Family>,
}

impl Default for Options {
    fn default() -> Self {
        Options { ridge: 1.0, class_ridge: 1.0, unknown: 0.2, without: None }
    }
}

/// Weights of signs of which labelled sets have too few examples to learn from.
const BY_HAND: [(Sign, f64); 2] = [(Sign::PlaceSlot, 2.5), (Sign::InTranslation, -4.5)];

impl Set {
    /// Reads a table of labels and the files below `root` that it names, and looks at them.
    ///
    /// # Errors
    /// When the table is not one, or none of its files is there.
    pub fn read(table: &str, root: &Path) -> Result<Set, Error> {
        let catalog = Catalog::shipped().keeping_all();
        let mut by_path: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        for item in labels::items(table)? {
            by_path.entry(item.path.clone()).or_default().push(item);
        }
        let look = |(path, items): (String, Vec<Item>)| {
            let bytes = std::fs::read(root.join(&path)).ok()?;
            Some(File::look(&catalog, &path, &bytes, items))
        };
        let files: Vec<File> = by_path.into_par_iter().filter_map(look).collect();
        if files.is_empty() {
            return Err(Error::NoFiles { root: root.to_owned() });
        }
        Ok(Set { catalog, files })
    }

    /// Returns the names of the repositories, sorted.
    pub fn repositories(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.files.iter().map(|file| file.repository.as_str()).collect();
        names.into_iter().collect()
    }

    /// Learns weights from some of the repositories.
    pub fn train(&self, options: &Options, is_used: impl Fn(&str) -> bool) -> Model {
        let mut rows = Vec::new();
        for file in self.files.iter().filter(|file| is_used(&file.repository)) {
            let mut seen = BTreeSet::new();
            for candidate in &file.candidates {
                let Evidence::Seen(signs) = candidate.evidence else { continue };
                // Several keywords of one name lead to the same candidate.
                if !seen.insert((candidate.secret.start, candidate.secret.end)) {
                    continue;
                }
                let weight = if candidate.truth == Truth::Unknown { options.unknown } else { 1.0 };
                let signs = file.signs(candidate, signs, options.without);
                rows.push(newton::Row {
                    active: features(candidate.form.class, signs).collect(),
                    is_true: candidate.truth == Truth::Secret,
                    weight,
                });
            }
        }
        let count = SIGNS.len();
        let penalties: Vec<f64> = (0..count * (1 + Class::ALL.len()))
            .map(|feature| match feature {
                base if base == Sign::Base as usize => 1e-3,
                all if all < count => options.ridge,
                _ => options.class_ridge,
            })
            .collect();
        let mut weights = newton::fit(&rows, &penalties);
        for (sign, weight) in BY_HAND {
            weights[sign as usize] = weight;
            Class::ALL.iter().for_each(|&class| weights[(1 + class as usize) * count + sign as usize] = 0.0);
        }
        Model::of((0..count).map(|sign| std::array::from_fn(|part| rounded(weights[part * count + sign]))).collect())
    }

    /// Scores a model on some of the repositories.
    pub fn score(&self, model: &Model, is_used: impl Fn(&str) -> bool) -> Score {
        self.score_without(model, None, is_used)
    }

    fn score_without(&self, model: &Model, without: Option<Family>, is_used: impl Fn(&str) -> bool) -> Score {
        let mut score = Score::default();
        for file in self.files.iter().filter(|file| is_used(&file.repository)) {
            let found = file.found(&self.catalog, model, without);
            score.add(&file.repository, &file.items, &found);
        }
        score
    }

    /// Scores each repository with weights that were learned from others: `folds` times, each time without some of them.
    pub fn cross_validate(&self, options: &Options, folds: usize) -> Score {
        self.cross_validate_with(options, folds, 1.0)
    }

    /// The same with only a share of the other repositories: how much more of them would help.
    pub fn cross_validate_with(&self, options: &Options, folds: usize, share: f64) -> Score {
        let repositories = self.repositories();
        let fold_of = |name: &str| repositories.binary_search(&name).map_or(0, |number| number % folds);
        let scores: Vec<Score> = (0..folds)
            .into_par_iter()
            .map(|fold| {
                let others: Vec<&str> = repositories.iter().copied().filter(|name| fold_of(name) != fold).collect();
                // Spread over the others, as they are in the order of their names.
                let count = (others.len() as f64 * share).round().max(1.0);
                let used: BTreeSet<&str> =
                    (0..count as usize).map(|number| others[(number as f64 * others.len() as f64 / count) as usize]).collect();
                let model = self.train(options, |name| used.contains(name));
                self.score_without(&model, options.without, |name| fold_of(name) == fold)
            })
            .collect();
        scores.into_iter().fold(Score::default(), Score::and)
    }
}

/// Returns the numbers of the features of a candidate: each sign for all, and for its class.
fn features(class: Class, signs: Signs) -> impl Iterator<Item = u16> {
    let own = (1 + class as usize) * SIGNS.len();
    signs
        .numbers()
        .flat_map(move |sign| [sign, own + sign])
        .map(|feature| u16::try_from(feature).expect("256 signs for four classes and for all"))
}

/// Two decimals, as they are written: what is measured is what ships.
fn rounded(weight: f64) -> f32 {
    ((weight * 100.0).round() / 100.0) as f32
}

impl File {
    fn look(catalog: &Catalog, path: &str, bytes: &[u8], items: Vec<Item>) -> File {
        let lines = Lines::new(bytes);
        let candidates = catalog
            .unsettled(bytes, Content::of(bytes))
            .into_iter()
            .map(|m| {
                let last = m.secret.end.max(m.secret.start + 1) - 1;
                let place = (lines.line_of(m.secret.start), lines.line_of(last));
                let start = lines.span(place.0).map_or(0, |line| line.start);
                let column = String::from_utf8_lossy(&bytes[start..m.secret.start]).chars().count();
                let width = String::from_utf8_lossy(m.secret.of(bytes)).chars().count();
                Candidate {
                    detector: m.detector,
                    secret: m.secret,
                    lines: place,
                    form: m.form,
                    evidence: m.seen.map_or(Evidence::Fixed(m.evidence.odds()), |seen| Evidence::Seen(seen.signs)),
                    truth: truth(&items, place, (column, column + width)),
                }
            })
            .collect();
        let repository = items.first().map(|item| item.repository.clone()).unwrap_or_default();
        File { repository, path: PathClass::of(path.as_bytes()), items, candidates }
    }

    fn signs(&self, candidate: &Candidate, signs: Signs, without: Option<Family>) -> Signs {
        let signs = signs.and(self.path.signs(candidate.form.is_bare));
        without.map_or(signs, |family| signs.without(family))
    }

    /// Returns lines and level of what is reported in this file.
    fn found(&self, catalog: &Catalog, model: &Model, without: Option<Family>) -> Vec<(usize, usize, Level)> {
        let mut placed: Vec<Weighed> = self
            .candidates
            .iter()
            .filter_map(|candidate| {
                let odds = match candidate.evidence {
                    Evidence::Fixed(odds) => odds,
                    Evidence::Seen(signs) => {
                        let signs = without.map_or(signs, |family| signs.without(family));
                        model.odds(candidate.form.class, signs)
                    }
                };
                candidate.form.confidence_at_best(model, odds)?;
                Some(Weighed { candidate: *candidate, odds })
            })
            .collect();
        catalog.settle(&mut placed);
        let path = if without == Some(Family::Path) { PathClass::default() } else { self.path };
        placed
            .iter()
            .filter_map(|one| {
                let level = one.candidate.form.confidence_at(model, path, one.odds)?;
                Some((one.candidate.lines.0, one.candidate.lines.1, level))
            })
            .collect()
    }
}

/// A candidate with the log-odds that some weights give to its bytes.
struct Weighed {
    candidate: Candidate,
    odds: f32,
}

impl Placed for Weighed {
    fn detector(&self) -> u32 {
        self.candidate.detector
    }

    fn secret(&self) -> Span {
        self.candidate.secret
    }

    fn odds(&self) -> f32 {
        self.odds
    }
}

/// Tells what the labels of a file say of a candidate on some lines and columns.
fn truth(items: &[Item], lines: (usize, usize), columns: (usize, usize)) -> Truth {
    let mut found = Truth::Unknown;
    for item in items.iter().filter(|item| item.first <= lines.1 && lines.0 <= item.last) {
        match (item.is_true, item.is_at(columns)) {
            (true, true) => return Truth::Secret,
            (true, false) => {}
            // On a line without a secret, whatever is found is wrong.
            (false, _) => found = Truth::Not,
        }
    }
    let has_secret = items.iter().any(|item| item.is_true && item.first <= lines.1 && lines.0 <= item.last);
    if has_secret { Truth::Unknown } else { found }
}
