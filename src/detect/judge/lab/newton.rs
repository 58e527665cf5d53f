//! Logistic regression with a ridge, by Newton's method: few passes, and the same weights on every machine.

/// One example.
pub(super) struct Row {
    /// The features it has.
    pub(super) active: Vec<u16>,
    /// What it is.
    pub(super) is_true: bool,
    /// How much it counts.
    pub(super) weight: f64,
}

/// The most steps; six are usual.
const STEPS: usize = 25;
/// A step that changes no weight by more is the last.
const ENOUGH: f64 = 1e-4;

/// Returns the weight of each feature; those that no example has are zero.
pub(super) fn fit(rows: &[Row], penalties: &[f64]) -> Vec<f64> {
    let mut numbers: Vec<u16> = rows.iter().flat_map(|row| row.active.iter().copied()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let place_of = |feature: u16| numbers.binary_search(&feature).expect("it was collected from the same rows");
    let places: Vec<Vec<usize>> = rows.iter().map(|row| row.active.iter().map(|&feature| place_of(feature)).collect()).collect();
    let count = penalties.len();
    let penalties: Vec<f64> = numbers.iter().map(|&feature| penalties[usize::from(feature)]).collect();
    let mut weights = vec![0.0; numbers.len()];
    for _ in 0..STEPS {
        let mut system = System::new(&weights, &penalties);
        for (row, active) in rows.iter().zip(&places) {
            let odds: f64 = active.iter().map(|&at| weights[at]).sum();
            let probability = 1.0 / (1.0 + (-odds).exp());
            let error = (f64::from(u8::from(row.is_true)) - probability) * row.weight;
            system.add(active, error, probability * (1.0 - probability) * row.weight);
        }
        let step = system.solve();
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight += step);
        if step.iter().all(|step| step.abs() < ENOUGH) {
            break;
        }
    }
    let mut all = vec![0.0; count];
    for (&feature, weight) in numbers.iter().zip(weights) {
        all[usize::from(feature)] = weight;
    }
    all
}

/// The gradient, and the lower half of the matrix of second derivatives.
struct System {
    gradient: Vec<f64>,
    rows: Vec<Vec<f64>>,
}

impl System {
    fn new(weights: &[f64], penalties: &[f64]) -> Self {
        let gradient = weights.iter().zip(penalties).map(|(weight, penalty)| -weight * penalty).collect();
        let rows = (0..weights.len()).map(|at| vec![0.0; at + 1]).collect::<Vec<_>>();
        let mut system = System { gradient, rows };
        for (at, penalty) in penalties.iter().enumerate() {
            system.rows[at][at] = *penalty;
        }
        system
    }

    fn add(&mut self, active: &[usize], error: f64, curvature: f64) {
        for &at in active {
            self.gradient[at] += error;
            let row = &mut self.rows[at];
            for &other in active.iter().filter(|&&other| other <= at) {
                row[other] += curvature;
            }
        }
    }

    /// Solves by Cholesky's method: the ridge makes the matrix positive.
    fn solve(mut self) -> Vec<f64> {
        let dot = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(l, r)| l * r).sum::<f64>();
        let count = self.rows.len();
        for at in 0..count {
            let (done, rest) = self.rows.split_at_mut(at);
            let row = &mut rest[0];
            for (other, above) in done.iter().enumerate() {
                row[other] = (row[other] - dot(&row[..other], &above[..other])) / above[other];
            }
            row[at] = (row[at] - dot(&row[..at], &row[..at])).max(f64::MIN_POSITIVE).sqrt();
        }
        let mut step = self.gradient;
        for at in 0..count {
            step[at] = (step[at] - dot(&self.rows[at][..at], &step[..at])) / self.rows[at][at];
        }
        for at in (0..count).rev() {
            step[at] /= self.rows[at][at];
            let known = step[at];
            for (other, factor) in self.rows[at][..at].iter().enumerate() {
                step[other] -= factor * known;
            }
        }
        step
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, fit};

    #[test]
    fn weights_are_the_log_odds_of_what_was_seen() {
        // Feature 1 is true three times of four, feature 2 once of four.
        let row = |feature: u16, is_true: bool| Row { active: vec![feature], is_true, weight: 1.0 };
        let rows: Vec<Row> = (0..400).map(|n| row(1, n % 4 != 0)).chain((0..400).map(|n| row(2, n % 4 == 0))).collect();
        let weights = fit(&rows, &[1e-6; 3]);
        assert_eq!(weights[0], 0.0);
        assert!((weights[1] - 3f64.ln()).abs() < 1e-3, "{weights:?}");
        assert!((weights[2] + 3f64.ln()).abs() < 1e-3, "{weights:?}");
    }

    #[test]
    fn a_ridge_pulls_to_zero_and_a_light_example_counts_less() {
        let rows =
            |weight: f64| vec![Row { active: vec![0, 1], is_true: true, weight }, Row { active: vec![0], is_true: false, weight: 1.0 }];
        let strong = fit(&rows(1.0), &[1.0, 10.0])[1];
        let free = fit(&rows(1.0), &[1.0, 0.1])[1];
        let light = fit(&rows(0.1), &[1.0, 0.1])[1];
        assert!(0.0 < strong && strong < free && light < free);
    }
}
