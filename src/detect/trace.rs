//! Detection that carries over what is known of a delta's base.
//!
//! A keyword inside a copied run is inherited by arithmetic; only inserted bytes and the seams between runs are searched.
//! What a detector made of a keyword is inherited where all bytes within its reach were copied together; elsewhere it is
//! run again. Nothing is approximated: a trace of a derived chunk equals the trace of its bytes.

use super::encoded::Decoder;
use super::index::Callee;
use super::judge::Form;
use super::prefilter::Hit;
use super::{Catalog, Match, value_hash};
use crate::chunk::Content;
use crate::detector::Reach;
use crate::finding::Layer;
use crate::git::pack::Run;
use crate::span::Span;

/// What is kept of a chunk for those that are deltas of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trace {
    content: Content,
    /// In the order of their places.
    hits: Vec<Mark>,
    /// Those of keywords with a detector that looks far, which are few.
    far_hits: Vec<Mark>,
    /// What detectors made of the hits, in the same order.
    sketches: Vec<Sketch>,
}

/// Where a keyword was found, in half the space: a version of a file has thousands, and the next one copies most of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    start: u32,
    keyword: u32,
}

impl Mark {
    fn of(hit: Hit) -> Self {
        // Objects of more than `MAX_OBJECT_BYTES`, which is far less than 4 GiB, are not read.
        Mark { start: u32::try_from(hit.start).expect("an object of less than 4 GiB"), keyword: hit.keyword }
    }

    fn start(self) -> usize {
        self.start as usize
    }

    fn hit(self) -> Hit {
        Hit { start: self.start(), keyword: self.keyword }
    }
}

/// What is kept of a match: no evidence in words, no value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sketch {
    /// The keyword that led to it.
    hit: Hit,
    pub(crate) detector: u32,
    layer: Option<Layer>,
    pub(crate) secret: Span,
    /// A hash of the secret, for this run only.
    pub(crate) value: u128,
    pub(crate) odds: f32,
    pub(crate) form: Form,
}

impl Sketch {
    fn of(m: &Match, hit: Hit, chunk: &[u8]) -> Self {
        Sketch {
            hit,
            detector: m.detector,
            layer: m.layer,
            secret: m.secret,
            value: value_hash(m.value(chunk)),
            odds: m.evidence.odds(),
            form: m.form,
        }
    }

    fn is_of(&self, callee: Callee) -> bool {
        self.detector == callee.detector() && self.layer.is_some() == callee.is_encoded()
    }

    fn moved(self, from: usize, to: usize) -> Self {
        let place = |at: usize| at - from + to;
        Sketch {
            hit: Hit { start: place(self.hit.start), ..self.hit },
            // A secret may begin before its keyword, but not outside of what was copied.
            secret: Span::new(place(self.secret.start), place(self.secret.end)),
            ..self
        }
    }
}

/// A part of a chunk that is not one copied run: inserted bytes, or only the seam between two runs.
#[derive(Debug, Clone, Copy)]
struct Gap {
    start: usize,
    end: usize,
}

impl Gap {
    fn touches(self, hit: Span) -> bool {
        hit.start < self.end && self.start < hit.end
    }
}

/// Returns what lies before, between and after the runs.
fn gaps(runs: &[Run], len: usize) -> Vec<Gap> {
    let starts = std::iter::once(0).chain(runs.iter().map(|run| run.target + run.len));
    let ends = runs.iter().map(|run| run.target).chain([len]);
    starts.zip(ends).map(|(start, end)| Gap { start, end }).collect()
}

/// Returns how many marks at the beginning satisfy `is_before`, in steps that grow: most often it is a few of thousands.
fn gallop(marks: &[Mark], is_before: impl Fn(&Mark) -> bool) -> usize {
    let mut step = 1;
    while step <= marks.len() && is_before(&marks[step - 1]) {
        step *= 2;
    }
    let (from, to) = (step / 2, marks.len().min(step));
    from + marks[from..to].partition_point(is_before)
}

impl Trace {
    /// Returns what is left of the sketches when those that a more telling one covers are dropped.
    pub(crate) fn settled(&self, catalog: &Catalog) -> Vec<Sketch> {
        let mut settled = self.sketches.clone();
        catalog.settle(&mut settled);
        settled
    }

    /// Returns whether no detector made anything of the chunk.
    pub(crate) fn is_bland(&self) -> bool {
        self.sketches.is_empty()
    }
}

impl Catalog {
    /// Looks at all bytes of a chunk.
    pub(crate) fn trace(&self, chunk: &[u8]) -> Trace {
        let mut hits = Vec::new();
        self.prefilter().search(chunk, 0, chunk.len(), |hit| hits.push(hit));
        hits.sort_unstable();
        let (content, mut sketches, mut scratch) = (Content::of(chunk), Vec::new(), Scratch::default());
        for &hit in &hits {
            for &callee in self.callees(hit.keyword) {
                self.sketch(chunk, content, hit, callee, &mut scratch, &mut sketches);
            }
        }
        let (mut marks, mut far_marks) = (Vec::with_capacity(hits.len()), Vec::new());
        for hit in hits {
            let far = self.looks_far(hit.keyword);
            if far { &mut far_marks } else { &mut marks }.push(Mark::of(hit));
        }
        Trace { content, hits: marks, far_hits: far_marks, sketches }
    }

    /// Looks only at what is new in a chunk that was made from a base by copying `runs` of it.
    ///
    /// Of a chunk that is no base itself the hits are not kept.
    pub(crate) fn trace_derived(&self, chunk: &[u8], base: &[u8], known: &Trace, runs: &[Run], is_base: bool) -> Trace {
        let content = Content::of(chunk);
        if content != known.content {
            return self.trace(chunk);
        }
        let mut trace = Trace { content, hits: Vec::new(), far_hits: Vec::new(), sketches: Vec::new() };
        if is_base {
            trace.hits.reserve(known.hits.len() + 8);
        }
        let mut step = Step {
            catalog: self,
            chunk,
            base_len: base.len(),
            known,
            is_base,
            trace: &mut trace,
            seen: 0,
            found: Vec::new(),
            scratch: Scratch::default(),
        };
        step.gaps(&gaps(runs, chunk.len()));
        runs.iter().for_each(|run| step.run(*run));
        // What was found, then what was inherited, each in order: two lists to merge.
        trace.hits.sort();
        trace.far_hits.sort();
        trace.sketches.sort_by_key(|sketch| sketch.hit);
        trace
    }

    /// Runs one detector at one keyword and keeps what it makes of it.
    fn sketch(&self, chunk: &[u8], content: Content, hit: Hit, callee: Callee, scratch: &mut Scratch, sketches: &mut Vec<Sketch>) {
        self.run_at(chunk, content, hit, callee, &mut scratch.decoder, &mut scratch.matches);
        sketches.extend(scratch.matches.drain(..).map(|m| Sketch::of(&m, hit, chunk)));
    }
}

/// What the detectors at one chunk share.
#[derive(Default)]
struct Scratch {
    decoder: Decoder,
    matches: Vec<Match>,
}

/// The derivation of one chunk.
struct Step<'s> {
    catalog: &'s Catalog,
    chunk: &'s [u8],
    base_len: usize,
    known: &'s Trace,
    /// Whether anything will be derived from this chunk.
    is_base: bool,
    trace: &'s mut Trace,
    /// How many of the base's hits lie before the end of the run that was inherited last.
    seen: usize,
    /// Hits of one search.
    found: Vec<Hit>,
    scratch: Scratch,
}

impl Step<'_> {
    /// Searches inserted bytes, and as much around them as a keyword across the seam may take.
    ///
    /// Gaps so near to each other that the same bytes would be searched for both are searched together.
    fn gaps(&mut self, mut gaps: &[Gap]) {
        let (before_bytes, after_bytes) = self.catalog.prefilter().margin();
        while let Some(first) = gaps.first() {
            let is_apart = |pair: &[Gap]| pair[0].end + after_bytes < pair[1].start.saturating_sub(before_bytes);
            let count = gaps.windows(2).position(is_apart).map_or(gaps.len(), |last| last + 1);
            let (near, others) = gaps.split_at(count);
            let from = first.start.saturating_sub(before_bytes);
            let to = self.chunk.len().min(near[count - 1].end + after_bytes);
            self.search(near, from, to);
            gaps = others;
        }
    }

    /// Searches between two places for keywords that touch one of the gaps there.
    fn search(&mut self, gaps: &[Gap], from: usize, to: usize) {
        let (catalog, mut found) = (self.catalog, std::mem::take(&mut self.found));
        catalog.prefilter().search(self.chunk, from, to, |hit| {
            let span = Span::new(hit.start, hit.start + catalog.prefilter().extent(hit.keyword));
            // Gaps are in order: if it touches any, then the first that does not end before it.
            let gap = gaps.get(gaps.partition_point(|gap| gap.end <= hit.start));
            if gap.is_some_and(|gap| gap.touches(span)) {
                found.push(hit);
            }
        });
        found.sort_unstable();
        for hit in found.drain(..) {
            self.keep(hit);
            for &callee in catalog.callees(hit.keyword) {
                self.detect(hit, callee);
            }
        }
        self.found = found;
    }

    fn keep(&mut self, hit: Hit) {
        if self.is_base {
            let far = self.catalog.looks_far(hit.keyword);
            if far { &mut self.trace.far_hits } else { &mut self.trace.hits }.push(Mark::of(hit));
        }
    }

    fn detect(&mut self, hit: Hit, callee: Callee) {
        self.catalog.sketch(self.chunk, self.trace.content, hit, callee, &mut self.scratch, &mut self.trace.sketches);
    }

    /// Inherits what lies in a copied run: what lies well within it together, the rest one by one.
    fn run(&mut self, run: Run) {
        let known = self.known;
        let end = run.base + run.len;
        // Most runs lie in the base as they do in the chunk, one behind the other.
        let is_behind = self.seen.checked_sub(1).is_none_or(|last| known.hits[last].start() < run.base);
        let first = if is_behind { self.seen } else { 0 };
        let first = first + gallop(&known.hits[first..], |mark| mark.start() < run.base);
        let own = &known.hits[first..];
        self.seen = first;
        if own.first().is_some_and(|mark| mark.start() < end) {
            let near = self.catalog.near_reach();
            let inner_from = gallop(own, |mark| !self.has_before(run, mark.start(), near));
            let inner_to = inner_from + gallop(&own[inner_from..], |mark| self.has_after(run, mark.start(), near));
            let outer_to = inner_to + gallop(&own[inner_to..], |mark| mark.start() < end);
            self.inherit_each(run, &own[..inner_from]);
            self.inherit_all(run, &own[inner_from..inner_to]);
            self.inherit_each(run, &own[inner_to..outer_to]);
            self.seen += outer_to;
        }
        let first = known.far_hits.partition_point(|mark| mark.start() < run.base);
        let count = gallop(&known.far_hits[first..], |mark| mark.start() < end);
        self.inherit_each(run, &known.far_hits[first..first + count]);
    }

    /// Inherits hits whose detectors looked at nothing outside of the run.
    fn inherit_all(&mut self, run: Run, hits: &[Mark]) {
        let (Some(first), Some(last)) = (hits.first(), hits.last()) else { return };
        if self.is_base {
            // Both places are of 32 bits, and so is their sum, whatever comes of the difference on the way.
            let by = (run.target as u32).wrapping_sub(run.base as u32);
            self.trace.hits.extend(hits.iter().map(|mark| Mark { start: mark.start.wrapping_add(by), ..*mark }));
        }
        let from = self.known.sketches.partition_point(|sketch| sketch.hit < first.hit());
        let own = self.known.sketches[from..].iter().take_while(|sketch| sketch.hit <= last.hit());
        let near = own.filter(|sketch| !self.catalog.looks_far(sketch.hit.keyword));
        self.trace.sketches.extend(near.map(|sketch| sketch.moved(run.base, run.target)));
    }

    /// Inherits hits in a run, and runs again the detectors that looked beyond it.
    fn inherit_each(&mut self, run: Run, hits: &[Mark]) {
        let (catalog, known) = (self.catalog, self.known);
        for hit in hits.iter().map(|mark| mark.hit()) {
            if hit.start + catalog.prefilter().extent(hit.keyword) > run.base + run.len {
                continue;
            }
            let here = Hit { start: hit.start - run.base + run.target, ..hit };
            self.keep(here);
            let first = known.sketches.partition_point(|sketch| sketch.hit < hit);
            let own = known.sketches[first..].iter().take_while(|sketch| sketch.hit == hit);
            for &callee in catalog.callees(hit.keyword) {
                if self.is_within(run, hit, catalog.reach(callee)) {
                    let own = own.clone().filter(|sketch| sketch.is_of(callee));
                    self.trace.sketches.extend(own.map(|sketch| sketch.moved(run.base, run.target)));
                } else {
                    self.detect(here, callee);
                }
            }
        }
    }

    /// Returns whether all within a reach around a keyword was copied together.
    fn is_within(&self, run: Run, hit: Hit, reach: Reach) -> bool {
        self.has_before(run, hit.start, reach) && self.has_after(run, hit.start, reach)
    }

    fn has_before(&self, run: Run, start: usize, reach: Reach) -> bool {
        let is_start = run.base == 0 && run.target == 0;
        is_start || start > run.base + reach.before as usize
    }

    fn has_after(&self, run: Run, start: usize, reach: Reach) -> bool {
        let end = run.base + run.len;
        let is_end = end == self.base_len && run.target + run.len == self.chunk.len();
        // One byte more: what follows the reach may be looked at to see whether something ends there.
        start < end && (is_end || start + reach.after as usize + 1 < end)
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, gallop};

    #[test]
    fn a_gallop_ends_where_a_search_of_all_would() {
        let marks: Vec<Mark> = (0..40).map(|start| Mark { start, keyword: 0 }).collect();
        for (len, bound) in (0..=40).flat_map(|len| (0..=41).map(move |bound| (len, bound))) {
            let is_before = |mark: &Mark| mark.start < bound;
            assert_eq!(gallop(&marks[..len], is_before), marks[..len].partition_point(is_before), "{len} {bound}");
        }
    }
}
