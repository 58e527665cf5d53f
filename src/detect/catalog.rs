//! All detectors of a run, with the tables that find and run them.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use rustc_hash::FxHashMap;

use super::judge::Model;
use super::prefilter::{Keyword, Prefilter, Tail};
use crate::detector::{Detector, Find, Outline, Reach, yaml};

/// The detectors that ship, written by the build script.
mod embedded {
    use crate::detector::guidance::{ApiCall, Investigate, Revoke, Sureness};
    use crate::detector::{
        Boundary, Category, Check, Clean, Decode, Detector, Find, Guidance, Outline, Profile, Reach, Severity, Structure, Telling,
    };
    use std::borrow::Cow;

    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// A set of detectors, ready to run.
pub struct Catalog {
    entries: Vec<Entry>,
    prefilter: Prefilter,
    /// By keyword number: the detectors it calls.
    callees: Vec<Vec<u32>>,
    /// By keyword number: whether one of those looks further than `near_reach`.
    looks_far: Vec<bool>,
    /// The widest reach of the detectors that do not look far.
    near_reach: Reach,
    keywords: Vec<String>,
    /// Weights of one's own in place of those that ship.
    model: Option<Model>,
    /// Whether what is hardly likely is kept as well, to learn from it.
    keeps_all: bool,
}

struct Entry {
    detector: Arc<Detector>,
    /// Compiled when the first candidate appears: most runs need few.
    pattern: OnceLock<Option<Regex>>,
}

/// Why detectors cannot be used together.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is not valid.
    #[error(transparent)]
    File(#[from] yaml::Error),
    /// Two detectors share an id.
    #[error("detector id {id:?} is used twice")]
    SameId {
        /// The id.
        id: String,
    },
    /// A pattern takes too much memory when it is compiled.
    #[error("detector {id:?}: the pattern cannot be compiled")]
    Pattern {
        /// The detector.
        id: String,
        /// What the compiler says.
        #[source]
        cause: Box<regex_automata::meta::BuildError>,
    },
}

/// A detector that looks further is one of few, for keys and documents of many lines.
const NEAR_BYTES: u32 = 1_536;

/// What a compiled pattern may take: ten times the largest that ships, and a bound on what a user's can do.
const PATTERN_BYTES: usize = 8 << 20;

impl Catalog {
    /// Returns the detectors that ship.
    pub fn shipped() -> Self {
        Catalog::of(embedded::DETECTORS.iter().map(|detector| Arc::new(detector.clone())).collect())
    }

    /// Returns the detectors that ship and those of a user, whose patterns are compiled at once to be checked.
    ///
    /// # Errors
    /// When an id is used twice or a pattern is too large to compile.
    pub fn with(extra: Vec<Detector>) -> Result<Self, Error> {
        for detector in &extra {
            compile(detector).map_err(|cause| Error::Pattern { id: detector.id.to_string(), cause })?;
        }
        let shipped = embedded::DETECTORS.iter().cloned();
        let all: Vec<Arc<Detector>> = shipped.chain(extra).map(Arc::new).collect();
        let mut ids: Vec<&str> = all.iter().map(|d| d.id.as_ref()).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::SameId { id: pair[0].to_owned() });
        }
        Ok(Catalog::of(all))
    }

    /// Returns exactly these detectors.
    pub fn of(detectors: Vec<Arc<Detector>>) -> Self {
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        let mut keywords: Vec<String> = Vec::new();
        let mut callees: Vec<Vec<u32>> = Vec::new();
        for (number, detector) in (0u32..).zip(&detectors) {
            for keyword in detector.keywords.iter().map(|keyword| telling(keyword, detector)) {
                let own = *numbers.entry(keyword).or_insert_with(|| {
                    keywords.push(keyword.to_owned());
                    callees.push(Vec::new());
                    keywords.len() - 1
                });
                // The beginnings of two long keywords may be the same.
                if callees[own].last() != Some(&number) {
                    callees[own].push(number);
                }
            }
        }
        let tail = |keyword: &String, callees: &Vec<u32>| {
            let outlines: Option<Vec<&Outline>> = callees.iter().map(|&number| anchored_outline(&detectors[number as usize])).collect();
            outlines.map_or(Tail::NONE, |outlines| Tail::behind(keyword.len(), outlines))
        };
        let searched = keywords.iter().zip(&callees).map(|(text, callees)| Keyword { text, tail: tail(text, callees) });
        let prefilter = Prefilter::new(searched);
        let reach =
            |callees: &Vec<u32>| callees.iter().map(|&number| detectors[number as usize].reach).fold(Reach::default(), Reach::or_wider);
        let reaches: Vec<Reach> = callees.iter().map(reach).collect();
        let is_far = |reach: &Reach| reach.before.max(reach.after) > NEAR_BYTES;
        let near_reach = reaches.iter().copied().filter(|reach| !is_far(reach)).fold(Reach::default(), Reach::or_wider);
        let looks_far = reaches.iter().map(is_far).collect();
        let entries = detectors.into_iter().map(|detector| Entry { detector, pattern: OnceLock::new() }).collect();
        Catalog { entries, prefilter, callees, looks_far, near_reach, keywords, model: None, keeps_all: false }
    }

    /// Returns the same detectors with other weights for what has no shape of its own.
    #[must_use]
    pub fn with_model(self, model: Model) -> Self {
        Catalog { model: Some(model), ..self }
    }

    /// Returns the same detectors, which keep every candidate however unlikely it is.
    #[must_use]
    pub(crate) fn keeping_all(self) -> Self {
        Catalog { keeps_all: true, ..self }
    }

    /// Returns the weights in use.
    pub(crate) fn model(&self) -> &Model {
        self.model.as_ref().unwrap_or_else(|| Model::shipped())
    }

    /// Returns whether every candidate is kept.
    pub(super) fn keeps_all(&self) -> bool {
        self.keeps_all
    }

    /// Returns all detectors in the order of their files.
    pub fn detectors(&self) -> impl ExactSizeIterator<Item = &Arc<Detector>> {
        self.entries.iter().map(|entry| &entry.detector)
    }

    /// Returns whether there is a detector of this id.
    pub fn knows(&self, id: &str) -> bool {
        self.detectors().any(|detector| detector.id == id)
    }

    /// Returns the detector of a number.
    pub(crate) fn detector(&self, number: u32) -> &Arc<Detector> {
        &self.entries[number as usize].detector
    }

    pub(super) fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    pub(super) fn callees(&self, keyword: u32) -> &[u32] {
        &self.callees[keyword as usize]
    }

    /// Returns whether a keyword calls a detector that looks further than most.
    pub(super) fn looks_far(&self, keyword: u32) -> bool {
        self.looks_far[keyword as usize]
    }

    /// Returns a reach that covers that of every detector which does not look far.
    pub(super) fn near_reach(&self) -> Reach {
        self.near_reach
    }

    pub(super) fn keyword(&self, keyword: u32) -> &str {
        &self.keywords[keyword as usize]
    }

    /// Returns all keywords in the order of their numbers.
    pub(super) fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter().map(String::as_str)
    }

    pub(super) fn keyword_count(&self) -> usize {
        self.keywords.len()
    }

    /// Returns the compiled pattern of a detector that has one.
    pub(super) fn pattern(&self, number: u32) -> Option<&Regex> {
        let entry = &self.entries[number as usize];
        entry.pattern.get_or_init(|| compile(&entry.detector).ok().flatten()).as_ref()
    }
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

fn compile(detector: &Detector) -> Result<Option<Regex>, Box<regex_automata::meta::BuildError>> {
    let pattern = match &detector.find {
        Find::Token { pattern, .. } | Find::Slot { pattern, .. } => pattern,
        Find::Value { value, .. } => value,
        Find::Structure { .. } => return Ok(None),
    };
    let config = Regex::config().nfa_size_limit(Some(PATTERN_BYTES)).utf8_empty(false).hybrid_cache_capacity(1 << 20);
    Regex::builder().configure(config).syntax(syntax::Config::new().unicode(false).utf8(false)).build(pattern).map(Some).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::{Catalog, compile};

    #[test]
    fn every_shipped_pattern_compiles() {
        let catalog = Catalog::shipped();
        assert!(catalog.detectors().len() > 0);
        for detector in catalog.detectors() {
            assert!(compile(detector).is_ok(), "{}", detector.id);
        }
    }
}
