//! All detectors of a run, with the tables that find and run them.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use rustc_hash::FxHashSet;

use super::index::{self, Callee, Index};
use super::judge::Model;
use super::prefilter::Prefilter;
use super::tables::Table;
use crate::detector::{Detector, Find, Reach, yaml};

/// The detectors that ship, written by the build script.
mod embedded {
    use std::borrow::Cow;

    use crate::detect::index::{Callee, Index};
    use crate::detect::prefilter::{Entry, Prefilter, Slot, Tail};
    use crate::detect::tables::{Table, Texts};
    use crate::detector::Reach;

    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
}

/// A set of detectors, ready to run.
pub struct Catalog {
    entries: Vec<Entry>,
    index: Table<Index>,
    /// How many of them ship; those behind are a user's own.
    shipped: u32,
    /// Weights of one's own in place of those that ship.
    model: Option<Model>,
    /// Whether what is hardly likely is kept as well, to learn from it.
    keeps_all: bool,
}

/// A detector that a run may need.
///
/// Most runs need few: one that ships is read when a keyword calls it for the first time, and compiled when a candidate appears.
#[derive(Default)]
struct Entry {
    detector: OnceLock<Arc<Detector>>,
    pattern: OnceLock<Option<Regex>>,
}

impl From<Arc<Detector>> for Entry {
    fn from(detector: Arc<Detector>) -> Self {
        Entry { detector: detector.into(), pattern: OnceLock::new() }
    }
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

/// What a compiled pattern may take: ten times the largest that ships, and a bound on what a user's can do.
const PATTERN_BYTES: usize = 8 << 20;

impl Catalog {
    /// Returns the detectors that ship.
    pub fn shipped() -> Self {
        Catalog::new(shipped_entries(), Table::Shipped(&embedded::INDEX))
    }

    /// Returns the detectors that ship and those of a user, whose patterns are compiled at once to be checked.
    ///
    /// # Errors
    /// When an id is used twice or a pattern is too large to compile.
    pub fn with(extra: Vec<Detector>) -> Result<Self, Error> {
        let mut ids: FxHashSet<&str> = embedded::IDS.iter().collect();
        for detector in &extra {
            if !ids.insert(&detector.id) {
                return Err(Error::SameId { id: detector.id.to_string() });
            }
            compile(detector).map_err(|cause| Error::Pattern { id: detector.id.to_string(), cause })?;
        }
        let own = (embedded::IDS.len() as u32..).zip(&extra).flat_map(|(number, detector)| index::calls(number, detector));
        let index = Index::new(embedded::INDEX.calls().chain(own));
        let mut entries = shipped_entries();
        entries.extend(extra.into_iter().map(|detector| Entry::from(Arc::new(detector))));
        Ok(Catalog::new(entries, Table::Made(Box::new(index))))
    }

    /// Returns exactly these detectors, all as if they shipped.
    pub fn of(detectors: Vec<Arc<Detector>>) -> Self {
        let index = Index::new((0u32..).zip(&detectors).flat_map(|(number, detector)| index::calls(number, detector)));
        let shipped = detectors.len() as u32;
        Catalog { shipped, ..Catalog::new(detectors.into_iter().map(Entry::from).collect(), Table::Made(Box::new(index))) }
    }

    /// Returns exactly these detectors, of which the last ones are a user's own.
    pub fn of_both(shipped: Vec<Arc<Detector>>, own: Vec<Arc<Detector>>) -> Self {
        let count = shipped.len() as u32;
        Catalog { shipped: count, ..Catalog::of(shipped.into_iter().chain(own).collect()) }
    }

    fn new(entries: Vec<Entry>, index: Table<Index>) -> Self {
        Catalog { entries, index, shipped: embedded::IDS.len() as u32, model: None, keeps_all: false }
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
        (0..self.entries.len() as u32).map(|number| self.detector(number))
    }

    /// Returns whether there is a detector of this id.
    pub fn knows(&self, id: &str) -> bool {
        (0..self.entries.len() as u32).any(|number| self.id(number) == id)
    }

    /// Returns the id of a detector, which need not be read for it.
    fn id(&self, number: u32) -> &str {
        match self.entries[number as usize].detector.get() {
            Some(detector) => &detector.id,
            None => embedded::IDS.get(number),
        }
    }

    /// Returns whether a detector is a user's own.
    pub(super) fn is_own(&self, number: u32) -> bool {
        number >= self.shipped
    }

    /// Returns the detector of a number.
    pub(crate) fn detector(&self, number: u32) -> &Arc<Detector> {
        // Only detectors that ship are read late, and they come first.
        self.entries[number as usize].detector.get_or_init(|| Arc::new(read(embedded::DETECTORS.get(number))))
    }

    pub(super) fn prefilter(&self) -> &Prefilter {
        &self.index.prefilter
    }

    pub(super) fn callees(&self, keyword: u32) -> &[Callee] {
        self.index.callees(keyword)
    }

    /// Returns how far a detector looks from a keyword that calls it so.
    pub(super) fn reach(&self, callee: Callee) -> Reach {
        let reach = self.detector(callee.detector()).reach;
        if callee.is_encoded() { reach.encoded() } else { reach }
    }

    /// Returns whether a keyword calls a detector that looks further than most.
    pub(super) fn looks_far(&self, keyword: u32) -> bool {
        self.index.looks_far(keyword)
    }

    /// Returns a reach that covers that of every detector which does not look far.
    pub(super) fn near_reach(&self) -> Reach {
        self.index.near_reach
    }

    pub(super) fn keyword(&self, keyword: u32) -> &str {
        self.index.prefilter.keyword(keyword)
    }

    /// Returns the compiled pattern of a detector that has one.
    pub(super) fn pattern(&self, number: u32) -> Option<&Regex> {
        let entry = &self.entries[number as usize];
        entry.pattern.get_or_init(|| compile(self.detector(number)).ok().flatten()).as_ref()
    }
}

/// Returns a place for each detector that ships.
fn shipped_entries() -> Vec<Entry> {
    embedded::IDS.iter().map(|_| Entry::default()).collect()
}

/// Reads a detector that ships.
fn read(json: &str) -> Detector {
    serde_json::from_str(json).expect("the build script wrote it")
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
    use super::{Callee, Catalog, Index, compile};

    #[test]
    fn every_shipped_pattern_compiles() {
        let catalog = Catalog::shipped();
        assert!(catalog.detectors().len() > 0);
        for detector in catalog.detectors() {
            assert!(compile(detector).is_ok(), "{}", detector.id);
        }
    }

    fn calls(index: &Index) -> Vec<(&str, usize, &[Callee], bool)> {
        let numbers = 0u32..;
        let keywords = numbers.zip(index.prefilter.keywords());
        keywords.map(|(n, keyword)| (keyword.text, index.prefilter.extent(n), index.callees(n), index.looks_far(n))).collect()
    }

    #[test]
    fn the_index_that_ships_is_that_of_the_detectors_that_ship() {
        let shipped = Catalog::shipped();
        let made = Catalog::of(shipped.detectors().cloned().collect());
        assert_eq!(calls(&shipped.index), calls(&made.index));
        assert_eq!(shipped.index.near_reach, made.index.near_reach);
        assert_eq!(shipped.prefilter().margin(), made.prefilter().margin());
        let hits = |catalog: &Catalog| {
            let mut hits = Vec::new();
            let text =
                catalog.index.prefilter.keywords().map(|keyword| format!("{} = {}\n", keyword.text, "x".repeat(40))).collect::<String>();
            catalog.prefilter().search(text.as_bytes(), 0, text.len(), |hit| hits.push(hit));
            hits
        };
        assert_eq!(hits(&shipped), hits(&made));
        assert!(hits(&shipped).len() > 1_000, "most keywords are found");
    }

    #[test]
    fn a_detector_of_ones_own_is_called_after_those_that_ship() {
        let shipped = Catalog::shipped();
        let own = crate::detector::Detector { id: "own".into(), ..shipped.detector(0).as_ref().clone() };
        let (number, keyword) = (shipped.detectors().len() as u32, own.keywords[0].clone());
        let both = Catalog::with(vec![own]).expect("no id is used twice");
        let at = both.index.prefilter.keywords().position(|k| k.text == keyword).expect("it is searched for");
        assert_eq!(both.callees(at as u32), [shipped.callees(at as u32), &[Callee(number)]].concat());
        assert_eq!(both.detector(number).id, "own");
        assert_eq!(both.keyword(at as u32), keyword);
    }
}
