//! What a second reader says of a detector that does what its samples say: it may still be dear, or too like another.

use std::collections::BTreeSet;

use super::{Catalog, sample};
use crate::chunk::Content;
use crate::detector::{Detector, Find};
use crate::span::Span;

/// Something to mend, or to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The detector it is about.
    pub detector: String,
    /// What there is to say.
    pub what: String,
}

/// Occurrences in a megabyte of source code above which a keyword is common: one in each file of average length.
const COMMON_PER_MB: f64 = 100.0;
/// 12 KiB, what the longest tokens and key blocks need: more is looked at again around each change of a blob in a history.
const WIDE_REACH_BYTES: u32 = 12 * 1024;
/// Instances of each sample that are compared with other detectors.
const SEEDS: u64 = 4;

/// Reviews a detector that is part of a catalog.
pub fn review(catalog: &Catalog, detector: &Detector) -> Vec<Remark> {
    let mut remarks = BTreeSet::new();
    let mut say = |what: String| {
        remarks.insert(Remark { detector: detector.id.to_string(), what });
    };
    reach(detector, &mut say);
    samples(detector, &mut say);
    prefixes(detector, &mut say);
    overlaps(catalog, detector, &mut say);
    remarks.into_iter().collect()
}

/// Says which of a detector's keywords are common in a text that was tallied.
pub fn common_keywords(detector: &Detector, counts: &[(&str, u64)], bytes: u64) -> Vec<Remark> {
    let megabytes = bytes as f64 / 1e6;
    let per_mb = |keyword: &str| counts.iter().find(|(word, _)| *word == keyword).map_or(0.0, |(_, count)| *count as f64 / megabytes);
    let common = detector.keywords.iter().map(|keyword| (keyword, per_mb(keyword))).filter(|(_, per_mb)| *per_mb > COMMON_PER_MB);
    common
        .map(|(keyword, per_mb)| Remark {
            detector: detector.id.to_string(),
            what: format!("the keyword {keyword:?} occurs {per_mb:.0} times in a megabyte; a longer one costs less"),
        })
        .collect()
}

fn reach(detector: &Detector, say: &mut dyn FnMut(String)) {
    let reach = detector.reach.before.max(detector.reach.after);
    if reach > WIDE_REACH_BYTES && !matches!(detector.find, Find::Structure { .. }) {
        say(format!("its reach is {reach} bytes; a pattern with a longest match, or that begins with its keyword, needs less"));
    }
}

/// One sample shows one surrounding; so do those that differ in quotes, blanks and the length of the secret alone.
fn samples(detector: &Detector, say: &mut dyn FnMut(String)) {
    if detector.leaks.len() < 2 {
        say("it has one leak sample; a second one, in other surroundings, shows what may differ".to_owned());
    }
    let samples: Vec<String> = detector.leaks.iter().map(|leak| told(leak)).collect();
    for (at, own) in samples.iter().enumerate() {
        // What stands alone has no surrounding that could differ.
        if let Some(other) = samples[..at].iter().position(|other| other == own).filter(|_| !own.starts_with('«')) {
            say(format!("the samples {:?} and {:?} show the same surrounding", detector.leaks[other], detector.leaks[at]));
        }
    }
}

/// Returns a sample without blanks, quotes and the lengths of its random parts, in lower case.
fn told(leak: &str) -> String {
    let mut in_secret = false;
    let is_told = |c: &char| {
        in_secret = *c == '«' || in_secret && *c != '»';
        !(c.is_whitespace() || matches!(*c, '"' | '\'' | '`' | sample::NOTHING) || in_secret && c.is_ascii_digit())
    };
    leak.chars().filter(is_told).collect::<String>().to_lowercase()
}

/// Prefixes whose values have a checksum, though no sample shows one: mistyped, they would switch the check off.
fn prefixes(detector: &Detector, say: &mut dyn FnMut(String)) {
    let is_shown = |prefix: &str| instances(detector).any(|(text, secret)| secret.of(&text).starts_with(prefix.as_bytes()));
    for prefix in detector.check_if.iter().filter(|prefix| !is_shown(prefix)) {
        say(format!("check_if has {prefix:?}, but the value of no sample begins with it"));
    }
}

/// Other detectors of the same kind that find the same values: each by its shape, or each beside its name.
fn overlaps(catalog: &Catalog, detector: &Detector, say: &mut dyn FnMut(String)) {
    if !matches!(detector.find, Find::Token { .. } | Find::Value { .. }) {
        return;
    }
    let is_alike = |other: &Detector| std::mem::discriminant(&other.find) == std::mem::discriminant(&detector.find);
    for (text, secret) in instances(detector) {
        // Whichever of them is kept.
        let found = catalog.unsettled(&text, Content::Text).into_iter().filter(|m| m.span() == secret);
        let others = found.map(|m| catalog.detector(m.detector)).filter(|other| other.id != detector.id && is_alike(other));
        others.for_each(|other| say(format!("{} finds its values as well", other.id)));
    }
}

/// Returns some of what a detector's samples stand for, each with the secret's place.
fn instances(detector: &Detector) -> impl Iterator<Item = (Vec<u8>, Span)> {
    let templates = detector.leaks.iter().flat_map(|leak| (0..SEEDS).map(move |seed| (leak, seed)));
    templates.filter_map(|(leak, seed)| {
        let instance = sample::expand(leak, detector, seed);
        Some((instance.text, instance.secret?))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{common_keywords, review};
    use crate::detect::Catalog;
    use crate::detector::{Detector, yaml};

    fn parsed(id: &str, pattern: &str, reach: u32, leaks: &str) -> Detector {
        let text = format!(
            "provider: Acme\ncategory: saas\ndetectors:\n  - id: {id}\n    title: Acme\n    severity: high\n    keywords: [acme_]\n    \
             pattern: '{pattern}'\n    reach: {reach}\n    samples:\n      leak: [{leaks}]\n"
        );
        yaml::parse(&text, "acme.yaml").expect("it is valid").remove(0)
    }

    fn remarks(detector: Detector, others: Vec<Detector>) -> Vec<String> {
        let all = others.into_iter().chain([detector.clone()]).map(Arc::new).collect();
        review(&Catalog::of(all), &detector).into_iter().map(|remark| remark.what).collect()
    }

    const TWO: &str = "'A_KEY=«acme_{hex:32}»', 'b: «acme_{hex:32}»'";

    #[test]
    fn a_good_detector_is_left_alone() {
        assert_eq!(remarks(parsed("acme-key", "acme_[0-9a-f]{32}", 64, TWO), Vec::new()), [""; 0]);
    }

    #[test]
    fn samples_in_two_grammars_are_two() {
        assert_eq!(
            remarks(parsed("acme-key", "acme_[0-9a-f]{32}", 64, "'KEY=«acme_{hex:32}»', 'key: «acme_{hex:32}»'"), Vec::new()),
            [""; 0]
        );
    }

    #[test]
    fn what_is_dear_or_alike_is_told() {
        let wide = remarks(parsed("acme-key", "acme_[0-9a-f]{32,}", 20_000, TWO), Vec::new());
        assert!(wide.len() == 1 && wide[0].contains("its reach is"), "{wide:?}");
        let alike = remarks(parsed("acme-key", "acme_[0-9a-f]{32}", 64, "'KEY=«acme_{hex:32}»', 'key = \"«acme_{hex:32}»\"'"), Vec::new());
        assert!(alike.len() == 1 && alike[0].contains("the same surrounding"), "{alike:?}");
        let other = parsed("other-key", "acme_[0-9a-z]{32}", 64, TWO);
        let overlap = remarks(parsed("acme-key", "acme_[0-9a-f]{32}", 64, TWO), vec![other]);
        assert_eq!(overlap, ["other-key finds its values as well"]);
    }

    #[test]
    fn a_common_keyword_is_told_with_its_number() {
        let detector = parsed("acme-key", "acme_[0-9a-f]{32}", 64, TWO);
        assert_eq!(common_keywords(&detector, &[("acme_", 50)], 1_000_000), []);
        let common = common_keywords(&detector, &[("acme_", 500)], 1_000_000);
        assert!(common.len() == 1 && common[0].what.contains("500 times"), "{common:?}");
    }
}
