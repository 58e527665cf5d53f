//! From bytes to detectors: which keyword calls which of them, and how far those look.
//!
//! The build script includes this very file and writes the index of the catalog that ships as statics without addresses in
//! them, so a hook starts without building anything and reads only the pages it looks at.

use std::borrow::Cow;
use std::collections::HashMap;

use super::prefilter::{Keyword, Prefilter, Tail};
use crate::detector::{Detector, Find, Outline, Reach};

/// All keywords, and whom each calls.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) prefilter: Prefilter,
    /// Where the detectors of each keyword end in `callees`; those of the next begin there.
    pub(crate) callee_ends: Cow<'static, [u32]>,
    pub(crate) callees: Cow<'static, [Callee]>,
    /// By keyword: the reach that covers that of its detectors.
    pub(crate) reaches: Cow<'static, [Reach]>,
    /// The widest reach of the keywords that do not look far.
    pub(crate) near_reach: Reach,
}

/// A detector as a keyword calls it: by its number, and to look within base64 where the topmost bit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Callee(pub(crate) u32);

impl Callee {
    const ENCODED: u32 = 1 << 31;

    /// Returns the number of the detector in its catalog.
    pub(crate) fn detector(self) -> u32 {
        self.0 & !Self::ENCODED
    }

    /// Returns whether the keyword is one as it looks within base64.
    pub(crate) fn is_encoded(self) -> bool {
        self.0 & Self::ENCODED != 0
    }
}

/// One keyword of one detector.
pub(crate) struct Call<'k> {
    keyword: Keyword<'k>,
    callee: Callee,
    reach: Reach,
}

/// A detector that looks further is one of few, for keys and documents of many lines.
const NEAR_BYTES: u32 = 1_536;

fn is_far(reach: Reach) -> bool {
    reach.before.max(reach.after) > NEAR_BYTES
}

impl Index {
    /// Makes the index of calls; those of one keyword are in the order of their detectors.
    pub(crate) fn new<'k>(calls: impl IntoIterator<Item = Call<'k>>) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut keywords: Vec<(Keyword<'_>, Vec<Callee>, Reach)> = Vec::new();
        for Call { keyword, callee, reach } in calls {
            let number = *numbers.entry(keyword.text).or_insert(keywords.len());
            match keywords.get_mut(number) {
                None => keywords.push((keyword, vec![callee], reach)),
                Some((known, callees, widest)) => {
                    known.tail = known.tail.or(keyword.tail);
                    *widest = widest.or_wider(reach);
                    // The beginnings of two long keywords may be the same.
                    if callees.last() != Some(&callee) {
                        callees.push(callee);
                    }
                }
            }
        }
        let near = keywords.iter().map(|keyword| keyword.2).filter(|reach| !is_far(*reach));
        let mut end = 0;
        let ends = keywords.iter().map(|(_, callees, _)| {
            end += callees.len() as u32;
            end
        });
        Index {
            near_reach: near.fold(Reach::default(), Reach::or_wider),
            callee_ends: ends.collect(),
            prefilter: Prefilter::new(keywords.iter().map(|keyword| keyword.0)),
            reaches: keywords.iter().map(|keyword| keyword.2).collect(),
            callees: keywords.into_iter().flat_map(|keyword| keyword.1).collect(),
        }
    }

    /// Returns what it was made from, or what gives the same.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        (0u32..)
            .zip(self.prefilter.keywords())
            .zip(self.reaches.iter())
            .flat_map(|((number, keyword), &reach)| self.callees(number).iter().map(move |&callee| Call { keyword, callee, reach }))
    }

    /// Returns the detectors that a keyword calls.
    pub(crate) fn callees(&self, keyword: u32) -> &[Callee] {
        let keyword = keyword as usize;
        let start = keyword.checked_sub(1).map_or(0, |before| self.callee_ends[before]);
        &self.callees[start as usize..self.callee_ends[keyword] as usize]
    }

    /// Returns whether a keyword calls a detector that looks further than most.
    pub(crate) fn looks_far(&self, keyword: u32) -> bool {
        is_far(self.reaches[keyword as usize])
    }
}

/// Returns the calls of a detector.
pub(crate) fn calls(number: u32, detector: &Detector) -> impl Iterator<Item = Call<'_>> {
    let plain = detector.keywords.iter().map(move |keyword| {
        let text = telling(keyword, detector);
        let tail = anchored_outline(detector).map_or(Tail::NONE, |outline| Tail::behind(text.len(), outline));
        Call { keyword: Keyword { text, tail }, callee: Callee(number), reach: detector.reach }
    });
    // These are rare, and look further than others do in plain text: they count as those that look far, or all hits so near to a
    // seam would have to be asked for.
    let reach = detector.reach.encoded().or_wider(Reach { before: 0, after: NEAR_BYTES + 1 });
    plain.chain(detector.encoded.iter().map(move |form| Call {
        keyword: Keyword { text: &form.chars, tail: Tail::one_of(form.next.as_bytes()) },
        callee: Callee(number | Callee::ENCODED),
        reach,
    }))
}

/// Returns what is searched of a keyword: of a long one that a pattern holds as well, the beginning says enough.
///
/// The longest keyword decides how many bytes around a seam must be searched.
fn telling<'k>(keyword: &'k str, detector: &Detector) -> &'k str {
    match detector.find {
        Find::Token { .. } | Find::Slot { .. } => keyword.get(..TELLING_BYTES).unwrap_or(keyword),
        Find::Value { .. } | Find::Structure { .. } => keyword,
    }
}

const TELLING_BYTES: usize = 24;

/// Returns the outline of a detector whose matches all begin with a keyword.
fn anchored_outline(detector: &Detector) -> Option<&Outline> {
    match &detector.find {
        Find::Token { anchored: true, outline, .. } | Find::Slot { anchored: true, outline, .. } => Some(outline),
        _ => None,
    }
}
