//! What was found: a secret, how sure we are, why, and what may be shown of its surroundings.

use std::borrow::Cow;
use std::sync::Arc;

use bstr::{BStr, BString};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chunk::{Origin, Site};
use crate::detector::Detector;
use crate::secret::{Fingerprint, Secret};
use crate::span::{Position, Span};

/// How sure we are that a finding is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// As likely as not a placeholder or an example.
    Low,
    /// Worth a look.
    Medium,
    /// Worth stopping a commit.
    High,
}

impl Confidence {
    /// Returns the word used in reports and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// Returns the level of a probability, or nothing where it is not worth reporting.
    pub fn of(probability: f32) -> Option<Self> {
        match probability {
            p if p >= 0.8 => Some(Confidence::High),
            p if p >= 0.5 => Some(Confidence::Medium),
            p if p >= 0.3 => Some(Confidence::Low),
            _ => None,
        }
    }
}

/// One reason for or against, in log-odds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Clue {
    /// What was seen.
    pub what: &'static str,
    /// How much it counts; above zero speaks for a secret.
    pub weight: f32,
}

/// All reasons for and against one candidate.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Evidence(Vec<Clue>);

impl Evidence {
    /// Adds a reason.
    pub fn add(&mut self, what: &'static str, weight: f32) {
        self.0.push(Clue { what, weight });
    }

    /// Returns the reasons in the order they were found.
    pub fn clues(&self) -> &[Clue] {
        &self.0
    }

    /// Returns the log-odds that all reasons together amount to.
    pub fn odds(&self) -> f32 {
        self.0.iter().map(|clue| clue.weight).sum()
    }

    /// Returns the probability that all reasons together amount to.
    pub fn probability(&self) -> f32 {
        1.0 / (1.0 + (-self.odds()).exp())
    }
}

/// What a secret was read through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Base64, of either alphabet, in one line or in several.
    Base64,
}

impl Layer {
    /// Returns the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Base64 => "base64",
        }
    }
}

/// A piece of a line that may be shown: text, or a secret that is masked unless the user asked to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands, decoded.
    Text(String),
    /// A secret, this finding's or a neighbour's.
    Hidden(Secret),
    /// The same as it is encoded, of which a mask shows nothing: its first characters are more than those of the secret.
    HiddenEncoded(Secret),
}

/// A line around a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number, from 1.
    pub number: usize,
    /// What is on it, cut where it is very long.
    pub pieces: Vec<Piece>,
}

/// A secret at a place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What recognised it.
    pub detector: Arc<Detector>,
    /// The bytes.
    pub secret: Secret,
    /// The credential's identity.
    pub fingerprint: Fingerprint,
    /// How sure we are.
    pub confidence: Confidence,
    /// Why.
    pub evidence: Evidence,
    /// The chunk it is in.
    pub origin: Origin,
    /// The path of the member that it is in, where the chunk is an archive; positions are those in the member.
    pub member: Option<BString>,
    /// Its bytes in the chunk.
    pub span: Span,
    /// What these were read through, where they are not the secret itself.
    pub layer: Option<Layer>,
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
    /// The lines around it.
    pub excerpt: Vec<ExcerptLine>,
}

impl Finding {
    /// Returns the path of its text, as if an archive were a folder; nothing where there is none.
    pub fn path(&self) -> Option<Cow<'_, BStr>> {
        Site { origin: &self.origin, member: self.member.as_ref().map(AsRef::as_ref) }.path()
    }
}
