//! Bytes to findings: prefilter, pattern, check, judge.
//!
//! What a detector makes of a keyword depends only on the bytes within its reach around it ([`crate::detector::Reach`]).
//! The history walk relies on that to carry outcomes over from a delta's base.

mod below;
mod beside;
mod catalog;
pub(crate) mod check;
mod documented;
mod encoded;
mod excerpt;
pub mod explain;
mod form;
#[cfg(fuzzing)]
pub mod fuzz;
pub(crate) mod index;
pub mod judge;
pub mod prefilter;
#[cfg(test)]
mod reach;
pub mod review;
pub mod sample;
mod structure;
pub(crate) mod tables;
mod tally;
mod trace;
mod windows;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bstr::ByteSlice as _;
pub use catalog::{Catalog, Error};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};

use crate::chunk::{Content, Site};
use crate::detector::{Boundary, Category, Detector, Find, Outline, Profile, Structure, Telling};
use crate::finding::{Confidence, Evidence, Finding, Layer};
use crate::secret::{Fingerprints, Secret};
use crate::span::{Lines, Span};
use encoded::Decoder;
use index::Callee;
use judge::{Form, Looks, PathClass, Seen};
use prefilter::Hit;
use structure::Said;
pub use tally::{Count, Tally};
pub(crate) use trace::{Sketch, Trace};

/// What a detector made of a candidate, before the path of the chunk is known.
#[derive(Debug, Clone)]
pub struct Match {
    /// The number of the detector in its catalog.
    pub(crate) detector: u32,
    /// Where the secret is.
    pub(crate) secret: Span,
    /// The secret without what its surroundings did to it, where that differs.
    pub(crate) normal: Option<Box<[u8]>>,
    /// What the bytes say.
    pub(crate) evidence: Evidence,
    /// What of the form it stands in matters when the path is known.
    pub(crate) form: Form,
    /// What was seen of a value that has no shape of its own.
    pub(crate) seen: Option<Seen>,
    /// What it was read through.
    pub(crate) layer: Option<Layer>,
}

impl Match {
    /// Returns where the secret is.
    pub fn span(&self) -> Span {
        self.secret
    }

    /// Returns the secret's bytes, as they are compared between places.
    pub(crate) fn value<'m>(&'m self, chunk: &'m [u8]) -> &'m [u8] {
        self.normal.as_deref().unwrap_or_else(|| self.secret.of(chunk))
    }
}

/// Returns a hash of a secret by which it is compared within a run.
pub(crate) fn value_hash(value: &[u8]) -> u128 {
    blake3::hash(value).as_bytes().first_chunk().map_or(0, |head| u128::from_le_bytes(*head))
}

/// What is needed of a match to tell which of several overlapping ones stays.
pub(crate) trait Placed {
    fn detector(&self) -> u32;
    fn secret(&self) -> Span;
    fn odds(&self) -> f32;
}

impl Placed for Match {
    fn detector(&self) -> u32 {
        self.detector
    }

    fn secret(&self) -> Span {
        self.secret
    }

    fn odds(&self) -> f32 {
        self.evidence.odds()
    }
}

impl Placed for Sketch {
    fn detector(&self) -> u32 {
        self.detector
    }

    fn secret(&self) -> Span {
        self.secret
    }

    fn odds(&self) -> f32 {
        self.odds
    }
}

impl Catalog {
    /// Finds all matches in a chunk, in the order of their places; where several overlap, the most telling stays.
    pub fn matches(&self, chunk: &[u8], content: Content) -> Vec<Match> {
        self.matches_until(chunk, content, &|| false)
    }

    /// The same, as far as one comes until somebody asks to stop.
    pub fn matches_until(&self, chunk: &[u8], content: Content, is_stopped: &dyn Fn() -> bool) -> Vec<Match> {
        let mut matches = self.unsettled_until(chunk, content, is_stopped);
        self.settle(&mut matches);
        matches
    }

    /// Finds what every detector makes of every keyword, whether or not something more telling covers it.
    pub(crate) fn unsettled(&self, chunk: &[u8], content: Content) -> Vec<Match> {
        self.unsettled_until(chunk, content, &|| false)
    }

    fn unsettled_until(&self, chunk: &[u8], content: Content, is_stopped: &dyn Fn() -> bool) -> Vec<Match> {
        let (mut matches, mut decoder) = (Vec::new(), Decoder::default());
        self.prefilter().search_while(chunk, &|| !is_stopped(), |hit| {
            for &callee in self.callees(hit.keyword).iter().take_while(|_| !is_stopped()) {
                self.run_at(chunk, content, hit, callee, &mut decoder, &mut matches);
            }
        });
        matches
    }

    /// Returns the id of the detector that made a match.
    pub fn id_of(&self, m: &Match) -> &str {
        &self.detector(m.detector).id
    }

    /// Runs one detector at one keyword.
    fn run_at(&self, chunk: &[u8], content: Content, hit: Hit, callee: Callee, decoder: &mut Decoder, matches: &mut Vec<Match>) {
        let number = callee.detector();
        if content == Content::Binary && !self.detector(number).is_self_identifying() {
            return;
        }
        let first = matches.len();
        if callee.is_encoded() {
            self.run_encoded(chunk, hit, number, decoder, matches);
        } else {
            self.run(chunk, hit, number).all(matches);
        }
        if matches[first..].iter().any(|m| documented::is_example(m.value(chunk))) {
            let mut found = matches.split_off(first);
            found.retain(|m| !documented::is_example(m.value(chunk)));
            matches.append(&mut found);
        }
    }

    /// Returns one detector at one keyword.
    fn run<'r>(&'r self, chunk: &'r [u8], hit: Hit, number: u32) -> Run<'r> {
        let keyword = Span::new(hit.start, hit.start + self.prefilter().keyword_len(hit.keyword));
        Run { catalog: self, chunk, number, detector: self.detector(number), keyword, word: self.keyword(hit.keyword) }
    }

    /// Orders matches and drops those that a more telling one covers.
    pub(crate) fn settle<M: Placed>(&self, matches: &mut Vec<M>) {
        let rank = |m: &M| {
            let detector = self.detector(m.detector());
            let by_shape = match &detector.find {
                Find::Token { .. } => 0,
                Find::Structure { .. } if detector.is_self_identifying() => 0,
                Find::Value { is_marked, .. } => u8::from(!is_marked),
                Find::Structure { structure: Structure::Assignment, .. } => 3,
                Find::Slot { .. } | Find::Structure { .. } => 2,
            };
            let secret = m.secret();
            // What is judged is ordered by what the judge says: a sentence that holds an assignment is one candidate, the value
            // in it another.
            let is_judged = if by_shape >= 2 { (-m.odds() * 1000.0) as i32 } else { 0 };
            // Of two of the same shape, the one whose name stands beside it is the more exact, then that with the longer mark.
            let is_named = matches!(detector.find, Find::Value { .. });
            let mark = detector.keywords.iter().map(|keyword| keyword.len()).min();
            (by_shape, detector.category == Category::Generic, is_judged, Reverse(secret.len()), secret.start, !is_named, Reverse(mark))
        };
        matches.sort_by(|a, b| {
            let odds = b.odds().total_cmp(&a.odds());
            // Who writes a detector for what one finds that ships wants theirs.
            let own = self.is_own(b.detector()).cmp(&self.is_own(a.detector()));
            rank(a).cmp(&rank(b)).then(odds).then(own).then(a.detector().cmp(&b.detector()))
        });
        let mut kept: BTreeMap<usize, M> = BTreeMap::new();
        for candidate in matches.drain(..) {
            let secret = candidate.secret();
            // Kept spans are disjoint, so only the last one that begins before the candidate's end can overlap it.
            let is_covered = kept.range(..secret.end).next_back().is_some_and(|(_, k)| k.secret().overlaps(secret));
            if !is_covered {
                kept.insert(secret.start, candidate);
            }
        }
        matches.extend(kept.into_values());
    }

    /// Returns how sure a match is at a path, and why; nothing where it is not worth reporting there.
    pub(crate) fn judged(&self, m: &Match, class: PathClass) -> Option<(Confidence, Evidence)> {
        let mut evidence = m.evidence.clone();
        judge::at_path(self.model(), class, m.form, &mut evidence)?;
        Confidence::of(evidence.probability()).map(|confidence| (confidence, evidence))
    }

    /// Makes findings of the matches in a chunk that was read from `site`.
    pub fn findings<'s>(&self, chunk: &[u8], site: impl Into<Site<'s>>, matches: &[Match], identities: &Fingerprints) -> Vec<Finding> {
        self.findings_until(chunk, site.into(), matches, identities, &|| false)
    }

    /// The same, as far as one comes until somebody asks to stop; a few are made in any case.
    pub(crate) fn findings_until(
        &self,
        chunk: &[u8],
        site: Site<'_>,
        matches: &[Match],
        identities: &Fingerprints,
        is_stopped: &dyn Fn() -> bool,
    ) -> Vec<Finding> {
        if matches.is_empty() {
            return Vec::new();
        }
        let class = site.path().map(|path| PathClass::of(path.as_bytes())).unwrap_or_default();
        let lines = Lines::new(chunk);
        let hidden = excerpt::Hidden::new(chunk, matches);
        matches
            .iter()
            .enumerate()
            .take_while(|(number, _)| *number < MADE_IN_ANY_CASE || !is_stopped())
            .filter_map(|(_, m)| {
                let (confidence, evidence) = self.judged(m, class)?;
                let secret = Secret::new(m.value(chunk));
                Some(Finding {
                    fingerprint: identities.of(&secret),
                    detector: self.detector(m.detector).clone(),
                    secret,
                    confidence,
                    evidence,
                    origin: site.origin.clone(),
                    member: site.member.map(ToOwned::to_owned),
                    span: m.secret,
                    layer: m.layer,
                    start: lines.position(m.secret.start),
                    end: lines.position(m.secret.end),
                    excerpt: excerpt::around(chunk, &lines, m.secret, &hidden),
                })
            })
            .collect()
    }
}

/// One detector at one keyword.
struct Run<'r> {
    catalog: &'r Catalog,
    chunk: &'r [u8],
    number: u32,
    detector: &'r Detector,
    keyword: Span,
    word: &'r str,
}

impl Run<'_> {
    /// Adds all that the detector finds.
    fn all(&self, matches: &mut Vec<Match>) {
        match &self.detector.find {
            Find::Token { anchored, boundary, outline, .. } => {
                let keep = |secret| self.found(secret, told_by_shape(self.detector.telling));
                self.searched(*anchored, *boundary, outline, keep, matches);
            }
            Find::Slot { anchored, boundary, outline, .. } => {
                self.searched(*anchored, *boundary, outline, |secret| self.weighed(secret), matches);
            }
            Find::Value { within, boundary, outline, needs_secret_word, .. } => {
                matches.extend(self.beside(usize::from(*within), *boundary, outline, *needs_secret_word));
            }
            Find::Structure { structure, profile } => self.structure(*structure, *profile, matches),
        }
    }

    /// Searches the pattern within the detector's reach and keeps what boundaries and `keep` allow.
    fn searched(
        &self,
        anchored: bool,
        boundary: Boundary,
        outline: &Outline,
        keep: impl Fn(Span) -> Option<Match>,
        matches: &mut Vec<Match>,
    ) {
        let reach = self.detector.reach;
        let end = self.chunk.len().min(self.keyword.start + reach.after as usize);
        let start = if anchored { self.keyword.start } else { self.keyword.start.saturating_sub(reach.before as usize) };
        let around = &self.chunk[start..end];
        let is_possible = if anchored { outline.may_begin(around) } else { outline.may_hold(around, self.keyword.start - start) };
        if !is_possible {
            return;
        }
        let Some(pattern) = self.catalog.pattern(self.number) else { return };
        let mut input = Input::new(self.chunk).span(start..end);
        if anchored {
            input = input.anchored(Anchored::Yes);
        }
        let has_group = pattern.captures_len() > 1;
        if anchored && !has_group && !self.is_free_before(start, boundary) {
            return;
        }
        while let Some(whole) = pattern.search(&input) {
            let secret = if has_group { group(pattern, &input, &whole) } else { Span::new(whole.start(), whole.end()) };
            let holds_keyword = whole.start() <= self.keyword.start && self.keyword.end <= whole.end();
            if holds_keyword && self.is_free(secret, boundary) {
                matches.extend(keep(secret));
            }
            let next = whole.end().max(whole.start() + 1);
            if anchored || next >= end {
                return;
            }
            input.set_start(next);
        }
    }

    /// Weighs what stands in a slot of a file's form.
    fn weighed(&self, secret: Span) -> Option<Match> {
        let value = secret.of(self.chunk);
        if self.detector.check_of(value).is_some_and(|check| !check::holds(check, value))
            || judge::bits_per_char(value) < self.detector.entropy
        {
            return None;
        }
        self.judged_as(secret, None, judge::look_at_slot(value).ok()?)
    }

    fn structure(&self, structure: Structure, profile: Profile, matches: &mut Vec<Match>) {
        structure::read(structure, self.chunk, self.keyword, &mut |read| matches.extend(self.read(profile, read)));
    }

    fn read(&self, profile: Profile, read: structure::Read) -> Option<Match> {
        let value = read.normal.as_deref().unwrap_or_else(|| read.secret.of(self.chunk));
        if self.detector.entropy > 0.0 && judge::bits_per_char(value) < self.detector.entropy {
            return None;
        }
        let seen = match &read.said {
            Said::Assignment(assignment) => judge::look(profile, self.chunk, assignment, value, self.word).ok()?,
            Said::Place { signs, password } => {
                judge::look_at_place(self.chunk, read.secret, password.as_deref().unwrap_or(value), *signs).ok()?
            }
            Said::Proof(_) if judge::is_filler(read.secret.of(self.chunk)) && self.is_jwk() => return None,
            Said::Proof(evidence) => {
                let (form, evidence) = (Form::shaped(self.detector.is_self_identifying()), evidence.clone());
                return Some(Match {
                    detector: self.number,
                    secret: read.secret,
                    normal: read.normal,
                    evidence,
                    form,
                    seen: None,
                    layer: None,
                });
            }
        };
        self.judged_as(read.secret, read.normal, seen)
    }

    /// Returns whether the detector reads JSON Web Keys, whose private member may be filler in an example.
    fn is_jwk(&self) -> bool {
        matches!(self.detector.find, Find::Structure { structure: Structure::PrivateJwk, .. })
    }

    /// Makes a match of what was seen of a value, unless no path could make it likely.
    fn judged_as(&self, secret: Span, normal: Option<Box<[u8]>>, seen: Seen) -> Option<Match> {
        let model = self.catalog.model();
        if !self.catalog.keeps_all() {
            seen.form.confidence_at_best(model, model.odds(seen.class, seen.signs))?;
        }
        let mut evidence = Evidence::default();
        model.explain(seen.class, seen.signs, &mut evidence);
        Some(Match { detector: self.number, secret, normal, evidence, form: seen.form, seen: Some(seen), layer: None })
    }

    /// Makes a match of a value of its issuer's shape, unless entropy, placeholder tests or the offline proof speak against it.
    fn found(&self, secret: Span, (what, weight): (&'static str, f32)) -> Option<Match> {
        let value = secret.of(self.chunk);
        let mut evidence = Evidence::default();
        evidence.add(what, weight);
        let check = self.detector.check_of(value);
        let looks = check.map_or_else(|| Looks::of(value, self.detector.entropy), |_| Looks::Issued);
        match (check, looks) {
            (Some(check), _) if !check::holds(check, value) => return None,
            (Some(_), _) => evidence.add("proved by its checksum or structure", 3.0),
            (None, Looks::Issued) => {}
            (None, Looks::MadeUp) if weight > MADE_UP => evidence.add("made up, as in an example", MADE_UP - weight),
            (None, Looks::MadeUp | Looks::Blank) => return None,
        }
        // A stored hash or an example in a test is of less interest; everything else of a shape of its own is what it is.
        let is_proof = self.detector.is_self_identifying() && self.detector.telling != Telling::Medium && looks == Looks::Issued;
        Some(Match { detector: self.number, secret, normal: None, evidence, form: Form::shaped(is_proof), seen: None, layer: None })
    }

    /// Returns whether nothing touches the secret that would make it the middle of something longer.
    fn is_free(&self, secret: Span, boundary: Boundary) -> bool {
        self.is_free_after(secret.end, boundary) && self.is_free_before(secret.start, boundary)
    }

    fn is_free_after(&self, end: usize, boundary: Boundary) -> bool {
        self.chunk.get(end).is_none_or(|&b| !touches(boundary, b))
    }

    fn is_free_before(&self, start: usize, boundary: Boundary) -> bool {
        let Some(before) = start.checked_sub(1) else { return true };
        if self.chunk[before] == b'=' || !touches(boundary, self.chunk[before]) {
            return true;
        }
        // The letter or digits of `\n`, `\u0022` and `%3D` before a secret belong to the escape.
        let head = &self.chunk[start.saturating_sub(6)..start];
        let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
        match head {
            [.., b'\\', b'n' | b'r' | b't'] => true,
            [.., b'%', high, low] => is_hex(&[*high, *low]),
            [b'\\', b'u', tail @ ..] => is_hex(tail),
            _ => false,
        }
    }
}

/// Returns whether a byte beside a secret would make it the middle of something longer.
fn touches(boundary: Boundary, byte: u8) -> bool {
    match boundary {
        Boundary::None => false,
        Boundary::Word => byte.is_ascii_alphanumeric() || byte == b'_',
        Boundary::Base64url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        Boundary::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='),
    }
}

/// Returns the group `secret` of a match, or all of it.
fn group(pattern: &Regex, input: &Input<'_>, whole: &regex_automata::Match) -> Span {
    let mut captures = pattern.create_captures();
    let again = input.clone().span(whole.start()..input.end()).anchored(Anchored::Yes);
    pattern.search_captures(&again, &mut captures);
    let secret = captures.get_group_by_name("secret").unwrap_or(whole.span());
    Span::new(secret.start, secret.end)
}

/// Returns what a shape of its own says, and the log-odds that it gives.
fn told_by_shape(telling: Telling) -> (&'static str, f32) {
    match telling {
        Telling::High => ("shape of its issuer", 2.5),
        Telling::Medium => ("shape of what was made of a secret", 0.35),
        Telling::Low => ("shape of something that is no secret by itself", -0.3),
    }
}

/// The log-odds of a value of its issuer's shape that looks made up: it is reported with medium confidence, in tests and documentation
/// with low, so that it stops no commit and no audit is silent about a row of digits that somebody really uses.
const MADE_UP: f32 = 0.3;

/// Findings of one chunk that are made though the time is over: enough to tell what is wrong.
const MADE_IN_ANY_CASE: usize = 64;
