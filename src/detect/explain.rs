//! Why something on a line is or is not reported: every keyword there, and how far each of its detectors came.
//!
//! The stages themselves answer with nothing where they refuse, as there are millions of refusals; here the steps are taken
//! again, one by one, for a single line.

use std::fmt;

use regex_automata::Input;

use super::encoded::Decoder;
use super::index::Callee;
use super::judge::{self, PathClass};
use super::prefilter::{Hit, Prefilter};
use super::structure::{self, Said};
use super::{Catalog, Match, Run};
use crate::chunk::Content;
use crate::detector::{Boundary, Check, Find, Profile, Structure};
use crate::finding::{Confidence, Evidence, Layer};
use crate::span::{Lines, Span};

/// What one detector made of one keyword.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The detector's id.
    pub detector: String,
    /// Where the keyword is.
    pub keyword: Span,
    /// How it ended.
    pub end: End,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum End {
    /// A step refused it.
    Refused(Refusal),
    /// There is a candidate.
    Found {
        /// Where the secret is.
        secret: Span,
        /// What it was read through.
        layer: Option<Layer>,
        /// Reasons for and against, those of the path last.
        evidence: Evidence,
        /// How sure that makes us; nothing where it is less than low.
        confidence: Option<Confidence>,
        /// The detector whose match covers this one.
        covered_by: Option<String>,
    },
}

/// The step that refused a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// The file is binary, and the detector needs text around the value.
    Binary,
    /// The pattern matches nothing around the keyword.
    Pattern,
    /// A match goes on where the detector looks no further, in bytes from its keyword on.
    Reach(u32),
    /// Something touches the value, so that it is the middle of something longer.
    Boundary,
    /// The value fails its proof.
    Check(Check),
    /// The characters are too uneven, in bits each.
    Entropy {
        /// What there is.
        bits: f32,
        /// What is asked for.
        least: f32,
    },
    /// The value is a placeholder.
    Placeholder,
    /// No value of the detector's shape follows.
    Value,
    /// One follows, but its place says nothing for it.
    Unsaid,
    /// Nothing of the structure is there.
    Structure,
    /// The judge refused it.
    Judge(judge::Refusal),
    /// Nothing in such a file is a secret.
    Path,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Binary => f.write_str("the file is binary"),
            Refusal::Pattern => f.write_str("its pattern matches nothing here"),
            Refusal::Reach(bytes) => write!(f, "the value goes on beyond its reach of {bytes} bytes; set a longer `reach`"),
            Refusal::Boundary => f.write_str("the value is the middle of something longer"),
            Refusal::Check(check) => write!(f, "the value fails its check ({})", word(*check)),
            Refusal::Entropy { bits, least } => write!(f, "too uneven: {bits:.1} bits per character, {least:.1} are asked for"),
            Refusal::Placeholder => f.write_str("the value is a placeholder"),
            Refusal::Value => f.write_str("no value of its shape follows on the line"),
            Refusal::Unsaid => f.write_str(
                "a value of its shape follows, but nothing says that it is one: no word such as `token` or `secret` stands between name and \
                 value, or it begins further from the name than `within`, or it is part of a longer run",
            ),
            Refusal::Structure => f.write_str("nothing is assigned, or not in a form that is known"),
            Refusal::Judge(refusal) => refusal.fmt(f),
            Refusal::Path => f.write_str("nothing in such a file is a secret without a shape"),
        }
    }
}

impl Refusal {
    /// Returns how far a candidate came that ended so.
    pub(super) fn steps(&self) -> u8 {
        match self {
            Refusal::Binary => 0,
            Refusal::Pattern | Refusal::Value | Refusal::Structure => 1,
            Refusal::Reach(_) | Refusal::Boundary | Refusal::Unsaid => 2,
            Refusal::Check(_) | Refusal::Entropy { .. } | Refusal::Placeholder | Refusal::Judge(_) | Refusal::Path => 3,
        }
    }
}

/// Returns a check as detector files name it.
fn word(check: Check) -> String {
    serde_json::to_value(check).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Catalog {
    /// Tells what every detector makes of every keyword on a line (from 1) or of what stands there.
    pub fn explain(&self, chunk: &[u8], path: &[u8], line: usize) -> Vec<Attempt> {
        let Some(span) = Lines::new(chunk).span(line) else { return Vec::new() };
        self.attempts(chunk, PathClass::of(path), &|_| true, &|keyword, found| {
            keyword.overlaps(span) || found.iter().any(|m| m.secret.overlaps(span))
        })
    }

    /// Returns where the keywords are, whatever follows them; what only looks as one would in base64 is none.
    pub fn keywords_in(&self, chunk: &[u8]) -> Vec<Span> {
        let is_plain = |hit: &Hit| self.callees(hit.keyword).iter().any(|callee| !callee.is_encoded());
        self.every_hit(chunk)
            .into_iter()
            .filter(is_plain)
            .map(|hit| Span::new(hit.start, hit.start + self.prefilter().keyword_len(hit.keyword)))
            .collect()
    }

    fn every_hit(&self, chunk: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        // Every keyword, also where what follows cannot be of a match: that is among the reasons.
        Prefilter::new(self.prefilter().keywords().map(|keyword| keyword.text)).search(chunk, 0, chunk.len(), |hit| hits.push(hit));
        hits.sort_unstable();
        hits
    }

    /// Tells what one detector makes of each of its keywords in a text.
    pub(super) fn attempts_of(&self, id: &str, text: &[u8]) -> Vec<Attempt> {
        self.attempts(text, PathClass::default(), &|number| self.detector(number).id == id, &|_, _| true)
    }

    fn attempts(
        &self,
        chunk: &[u8],
        class: PathClass,
        is_asked: &dyn Fn(u32) -> bool,
        is_here: &dyn Fn(Span, &[Match]) -> bool,
    ) -> Vec<Attempt> {
        let content = Content::of(chunk);
        let mut kept = self.unsettled(chunk, content);
        self.settle(&mut kept);
        let (mut attempts, mut decoder) = (Vec::new(), Decoder::default());
        for hit in self.every_hit(chunk) {
            let keyword = Span::new(hit.start, hit.start + self.prefilter().keyword_len(hit.keyword));
            for &callee in self.callees(hit.keyword).iter().filter(|callee| is_asked(callee.detector())) {
                let mut found = Vec::new();
                self.run_at(chunk, content, hit, callee, &mut decoder, &mut found);
                if !is_here(keyword, &found) {
                    continue;
                }
                let detector = self.detector(callee.detector()).id.to_string();
                if found.is_empty() {
                    let refusal = self.refusal(chunk, content, hit, callee);
                    attempts.extend(refusal.map(|refusal| Attempt { detector, keyword, end: End::Refused(refusal) }));
                } else {
                    let ends = found.into_iter().map(|m| self.end(m, class, &kept));
                    attempts.extend(ends.map(|end| Attempt { detector: detector.clone(), keyword, end }));
                }
            }
        }
        attempts
    }

    /// Tells what becomes of a match at a path.
    fn end(&self, m: Match, class: PathClass, kept: &[Match]) -> End {
        let mut evidence = m.evidence.clone();
        if judge::at_path(self.model(), class, m.form, &mut evidence).is_none() {
            return End::Refused(Refusal::Path);
        }
        let above = kept.iter().find(|other| other.secret.overlaps(m.secret) && other.detector != m.detector);
        let stays = kept.iter().any(|other| other.secret == m.secret && other.detector == m.detector);
        End::Found {
            secret: m.secret,
            layer: m.layer,
            confidence: Confidence::of(evidence.probability()),
            evidence,
            covered_by: above.filter(|_| !stays).map(|other| self.id_of(other).to_owned()),
        }
    }

    /// Takes the steps of a detector that found nothing, up to the one that refused; none if what looked like a keyword in base64 is
    /// not one.
    fn refusal(&self, chunk: &[u8], content: Content, hit: Hit, callee: Callee) -> Option<Refusal> {
        let number = callee.detector();
        match content == Content::Binary && !self.detector(number).is_self_identifying() {
            true => Some(Refusal::Binary),
            false if callee.is_encoded() => self.opened(chunk, hit, number, &mut Decoder::default(), |run, _| run.refusal()),
            false => Some(self.run(chunk, hit, number).refusal()),
        }
    }
}

impl Run<'_> {
    /// Tells which step refused.
    fn refusal(&self) -> Refusal {
        match &self.detector.find {
            Find::Token { boundary, .. } => self.unmatched().unwrap_or_else(|secret| self.unreal(secret, self.is_free(secret, *boundary))),
            Find::Slot { boundary, .. } => {
                self.unmatched().unwrap_or_else(|secret| self.unweighed(secret, self.is_free(secret, *boundary)))
            }
            Find::Value { boundary, .. } => self.unsaid(*boundary),
            Find::Structure { structure, profile } => self.unread(*structure, *profile),
        }
    }

    /// Tells why the pattern does not match; where it does, returns the secret.
    fn unmatched(&self) -> Result<Refusal, Span> {
        let reach = self.detector.reach;
        let start = self.keyword.start.saturating_sub(reach.before as usize);
        let limit = self.keyword.start + reach.after as usize;
        let Some(secret) = self.first_in(Span::new(start, self.chunk.len().min(limit))) else {
            let is_beyond = self.first_in(Span::new(start, self.chunk.len())).is_some();
            return Ok(if is_beyond { Refusal::Reach(reach.after - 1) } else { Refusal::Pattern });
        };
        // What ends with the reach was cut there.
        if secret.end == limit && limit < self.chunk.len() { Ok(Refusal::Reach(reach.after - 1)) } else { Err(secret) }
    }

    fn first_in(&self, place: Span) -> Option<Span> {
        let pattern = self.catalog.pattern(self.number)?;
        let input = Input::new(self.chunk).span(place.start..place.end);
        let whole = pattern.search(&input)?;
        Some(super::group(pattern, &input, &whole))
    }

    /// Tells why what stands in a slot is none.
    fn unweighed(&self, secret: Span, is_free: bool) -> Refusal {
        let value = secret.of(self.chunk);
        let bits = judge::bits_per_char(value);
        match self.detector.check_of(value) {
            _ if !is_free => Refusal::Boundary,
            Some(check) if !super::check::holds(check, value) => Refusal::Check(check),
            _ if bits < self.detector.entropy => Refusal::Entropy { bits, least: self.detector.entropy },
            _ => Refusal::Judge(judge::look_at_slot(value).map_or_else(|refusal| refusal, |seen| self.unlikely(&seen))),
        }
    }

    /// Tells why a value beside its name is none.
    fn unsaid(&self, boundary: Boundary) -> Refusal {
        let limit = self.chunk.len().min(self.keyword.start + self.detector.reach.after as usize);
        let Some(secret) = self.first_in(Span::new(self.keyword.end, limit)) else { return Refusal::Value };
        let value = secret.of(self.chunk);
        match self.detector.check_of(value) {
            _ if !self.is_free(secret, boundary) => Refusal::Boundary,
            Some(check) if super::check::holds(check, value) => Refusal::Unsaid,
            None if judge::Looks::of(value, self.detector.entropy) == judge::Looks::Issued => Refusal::Unsaid,
            _ => self.unreal(secret, true),
        }
    }

    fn unlikely(&self, seen: &judge::Seen) -> judge::Refusal {
        let model = self.catalog.model();
        judge::Refusal::Unlikely {
            most: judge::probability(model.odds(seen.class, seen.signs) + model.best_path(seen.class, seen.form.is_bare)),
        }
    }

    /// Tells why a value of the right shape is not real.
    fn unreal(&self, secret: Span, is_free: bool) -> Refusal {
        let value = secret.of(self.chunk);
        let bits = judge::bits_per_char(value);
        match self.detector.check_of(value) {
            _ if !is_free => Refusal::Boundary,
            Some(check) => Refusal::Check(check),
            None if bits < self.detector.entropy => Refusal::Entropy { bits, least: self.detector.entropy },
            None => Refusal::Placeholder,
        }
    }

    /// Tells why a structure gave nothing.
    fn unread(&self, structure: Structure, profile: Profile) -> Refusal {
        let mut first = None;
        structure::read(structure, self.chunk, self.keyword, &mut |read| {
            first.get_or_insert(read);
        });
        let Some(read) = first else { return Refusal::Structure };
        let value = read.normal.as_deref().unwrap_or_else(|| read.secret.of(self.chunk));
        let bits = judge::bits_per_char(value);
        if bits < self.detector.entropy {
            return Refusal::Entropy { bits, least: self.detector.entropy };
        }
        let seen = match &read.said {
            Said::Assignment(assignment) => judge::look(profile, self.chunk, assignment, value, self.word),
            Said::Place { signs, password } => judge::look_at_place(self.chunk, read.secret, password.as_deref().unwrap_or(value), *signs),
            Said::Proof(_) => return Refusal::Structure,
        };
        Refusal::Judge(match seen {
            Err(refusal) => refusal,
            Ok(seen) => self.unlikely(&seen),
        })
    }
}
