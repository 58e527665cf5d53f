//! Why something on a line is or is not reported: every keyword there, and how far each of its detectors came.
//!
//! The stages themselves answer with nothing where they refuse, as there are millions of refusals; here the steps are taken
//! again, one by one, for a single line.

use std::fmt;

use regex_automata::Input;

use super::judge::{self, PathClass};
use super::prefilter::{Hit, Prefilter};
use super::structure::{self, Said};
use super::{Catalog, Match, Run};
use crate::chunk::Content;
use crate::detector::{Check, Find, Profile, Structure};
use crate::finding::{Confidence, Evidence};
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
    /// No value follows that the detector can use.
    Value,
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
            Refusal::Boundary => f.write_str("the value is the middle of something longer"),
            Refusal::Check(check) => write!(f, "the value fails its check ({check:?})"),
            Refusal::Entropy { bits, least } => write!(f, "too uneven: {bits:.1} bits per character, {least:.1} are asked for"),
            Refusal::Placeholder => f.write_str("the value is a placeholder"),
            Refusal::Value => f.write_str("no value that it can use follows on the line"),
            Refusal::Structure => f.write_str("nothing is assigned, or not in a form that is known"),
            Refusal::Judge(refusal) => refusal.fmt(f),
            Refusal::Path => f.write_str("nothing in such a file is a secret without a shape"),
        }
    }
}

impl Catalog {
    /// Tells what every detector makes of every keyword on a line (from 1) or of what stands there.
    pub fn explain(&self, chunk: &[u8], path: &[u8], line: usize) -> Vec<Attempt> {
        let Some(span) = Lines::new(chunk).span(line) else { return Vec::new() };
        let class = PathClass::of(path);
        let content = Content::of(chunk);
        let mut kept = self.unsettled(chunk, content);
        self.settle(&mut kept);
        let mut hits = Vec::new();
        // Every keyword, whatever follows it: what does is among the reasons.
        Prefilter::new(self.prefilter().keywords().map(|keyword| keyword.text)).search(chunk, 0, chunk.len(), |hit| hits.push(hit));
        hits.sort_unstable();
        let mut attempts = Vec::new();
        for hit in hits {
            let keyword = Span::new(hit.start, hit.start + self.prefilter().keyword_len(hit.keyword));
            for &number in self.callees(hit.keyword) {
                let mut found = Vec::new();
                self.run_at(chunk, content, hit, number, &mut found);
                let is_here = keyword.overlaps(span) || found.iter().any(|m| m.secret.overlaps(span));
                if !is_here {
                    continue;
                }
                let detector = self.detector(number).id.to_string();
                if found.is_empty() {
                    let refusal = self.refusal(chunk, content, hit, number);
                    attempts.push(Attempt { detector, keyword, end: End::Refused(refusal) });
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
            confidence: Confidence::of(evidence.probability()),
            evidence,
            covered_by: above.filter(|_| !stays).map(|other| self.id_of(other).to_owned()),
        }
    }

    /// Takes the steps of a detector that found nothing, up to the one that refused.
    fn refusal(&self, chunk: &[u8], content: Content, hit: Hit, number: u32) -> Refusal {
        let detector = self.detector(number);
        if content == Content::Binary && !detector.is_self_identifying() {
            return Refusal::Binary;
        }
        let keyword = Span::new(hit.start, hit.start + self.prefilter().keyword_len(hit.keyword));
        let run = Run { catalog: self, chunk, number, detector, keyword, word: self.keyword(hit.keyword) };
        match &detector.find {
            Find::Token { boundary, .. } => {
                let start = keyword.start.saturating_sub(detector.reach.before as usize);
                let end = chunk.len().min(keyword.start + detector.reach.after as usize);
                let whole = self.pattern(number).and_then(|pattern| {
                    let input = Input::new(chunk).span(start..end);
                    let whole = pattern.search(&input)?;
                    Some(super::group(pattern, &input, &whole))
                });
                whole.map_or(Refusal::Pattern, |secret| run.unreal(secret, run.is_free(secret, *boundary)))
            }
            Find::Value { .. } | Find::Slot { .. } => Refusal::Value,
            Find::Structure { structure, profile } => run.unread(*structure, *profile),
        }
    }
}

impl Run<'_> {
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
            Ok(seen) => {
                let model = self.catalog.model();
                judge::Refusal::Unlikely {
                    most: judge::probability(model.odds(seen.class, seen.signs) + model.best_path(seen.class, seen.form.is_bare)),
                }
            }
        })
    }
}
