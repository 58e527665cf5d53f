//! Which findings are parts of one credential: an id and its secret that stand together.

use std::collections::BTreeMap;

use bstr::BString;

use crate::chunk::Origin;
use crate::secret::Fingerprint;
use crate::verdict::Verdict;

/// Returns, for the parts of a credential that were found together, the part that stands for the whole.
pub(super) fn wholes<'o>(reported: impl Iterator<Item = &'o Verdict>) -> BTreeMap<Fingerprint, Fingerprint> {
    let mut together: BTreeMap<(&Origin, Option<&BString>), Vec<&Verdict>> = BTreeMap::new();
    for verdict in reported.filter(|verdict| !verdict.finding.detector.paired_with.is_empty()) {
        together.entry((&verdict.finding.origin, verdict.finding.member.as_ref())).or_default().push(verdict);
    }
    let mut wholes: BTreeMap<Fingerprint, Fingerprint> = BTreeMap::new();
    for verdicts in together.values_mut() {
        verdicts.sort_by_key(|verdict| verdict.finding.start);
        for (one, other) in pairs(verdicts) {
            let (one, other) = (root(&wholes, one.finding.fingerprint), root(&wholes, other.finding.fingerprint));
            wholes.insert(one.max(other), one.min(other));
        }
    }
    let parts: Vec<Fingerprint> = wholes.keys().copied().collect();
    parts.into_iter().map(|part| (part, root(&wholes, part))).collect()
}

/// Pairs what belongs together in one file, the nearest first; each stands in one pair at most.
fn pairs<'o>(verdicts: &[&'o Verdict]) -> Vec<(&'o Verdict, &'o Verdict)> {
    let line = |at: usize| verdicts[at].finding.start.line;
    let detector = |at: usize| &verdicts[at].finding.detector;
    let mut near: Vec<(usize, usize, usize)> = Vec::new();
    for one in 0..verdicts.len() {
        let others = (one + 1..verdicts.len()).take_while(|&other| line(other) - line(one) <= PAIR_LINES);
        near.extend(
            others.filter(|&o| detector(one).paired_with.contains(&detector(o).id)).map(|other| (line(other) - line(one), one, other)),
        );
    }
    near.sort_unstable();
    let mut is_paired = vec![false; verdicts.len()];
    near.retain(|&(_, one, other)| {
        let is_free = !is_paired[one] && !is_paired[other];
        if is_free {
            (is_paired[one], is_paired[other]) = (true, true);
        }
        is_free
    });
    near.into_iter().map(|(_, one, other)| (verdicts[one], verdicts[other])).collect()
}

/// Follows a part to the one that stands for the whole.
fn root(wholes: &BTreeMap<Fingerprint, Fingerprint>, part: Fingerprint) -> Fingerprint {
    let mut part = part;
    while let Some(&whole) = wholes.get(&part).filter(|&&whole| whole != part) {
        part = whole;
    }
    part
}

/// The parts of a credential stand at most so many lines apart.
const PAIR_LINES: usize = 10;
