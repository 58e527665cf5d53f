//! What can be said of a pattern before it runs: its longest match, and whether a keyword is in each one.

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::Outline;

/// A pattern that was parsed; it is compiled elsewhere, when its first candidate appears.
pub(crate) struct Parsed(Hir);

impl Parsed {
    /// Parses a pattern over bytes.
    ///
    /// # Errors
    /// When the syntax is wrong; the message names the place in the pattern.
    pub(crate) fn new(pattern: &str) -> Result<Self, Box<regex_syntax::Error>> {
        regex_syntax::ParserBuilder::new().utf8(false).unicode(false).build().parse(pattern).map(Parsed).map_err(Box::new)
    }

    /// Returns what all matches have in common.
    pub(crate) fn outline(&self) -> Outline {
        Outline::of(&self.0)
    }

    /// Returns the length of the longest match in bytes, if there is one.
    pub(crate) fn max_bytes(&self) -> Option<usize> {
        self.0.properties().maximum_len()
    }

    /// Returns the length of the shortest match in bytes; zero when it may be empty.
    pub(crate) fn min_bytes(&self) -> usize {
        self.0.properties().minimum_len().unwrap_or(0)
    }

    /// Returns the names of its groups.
    pub(crate) fn groups(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut pending = vec![&self.0];
        while let Some(hir) = pending.pop() {
            if let HirKind::Capture(capture) = hir.kind() {
                names.extend(capture.name.as_deref());
            }
            pending.extend(hir.kind().subs());
        }
        names
    }

    /// Returns whether each match begins with one of the keywords (in any case).
    pub(crate) fn starts_with_any(&self, keywords: &[String]) -> bool {
        let mut extractor = Extractor::new();
        // Enough for a prefix with two alternations of a few letters; past it we search instead of anchoring.
        extractor.limit_total(2_000).limit_class(64).limit_literal_len(64);
        let prefixes = extractor.extract(&self.0);
        prefixes.literals().is_some_and(|literals| {
            !literals.is_empty()
                && literals.iter().all(|literal| {
                    let folded = literal.as_bytes().to_ascii_lowercase();
                    keywords.iter().any(|keyword| folded.starts_with(keyword.as_bytes()))
                })
        })
    }

    /// Returns how a keyword is written in the literals of the pattern.
    pub(crate) fn spellings(&self, keyword: &str) -> Vec<String> {
        let mut extractor = Extractor::new();
        extractor.limit_class(4).limit_literal_len(64);
        let mut runs = Vec::new();
        written(&self.0, &mut runs);
        let prefixes = extractor.extract(&self.0);
        runs.extend(prefixes.literals().unwrap_or_default().iter().map(|literal| literal.as_bytes().to_vec()));
        let spelled = |run: Vec<u8>| {
            let text = String::from_utf8(run).ok()?;
            let at = text.to_ascii_lowercase().find(keyword)?;
            Some(text[at..at + keyword.len()].to_owned())
        };
        let mut spellings: Vec<String> = runs.into_iter().filter_map(spelled).collect();
        spellings.sort_unstable();
        spellings.dedup();
        spellings
    }

    /// Returns whether each match begins with one of a few literals of three bytes or more.
    pub(crate) fn is_marked(&self) -> bool {
        let mut extractor = Extractor::new();
        extractor.limit_total(16).limit_class(2);
        let prefixes = extractor.extract(&self.0);
        prefixes.literals().is_some_and(|literals| !literals.is_empty() && literals.iter().all(|literal| literal.as_bytes().len() >= 3))
    }

    /// Returns whether it can be shown that each match holds one of the keywords (in any case).
    pub(crate) fn always_holds_any(&self, keywords: &[String]) -> bool {
        self.starts_with_any(keywords) || holds(&self.0, keywords)
    }
}

fn holds(hir: &Hir, keywords: &[String]) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => holds(&capture.sub, keywords),
        HirKind::Repetition(repetition) => repetition.min > 0 && holds(&repetition.sub, keywords),
        HirKind::Alternation(branches) => branches.iter().all(|branch| holds(branch, keywords)),
        HirKind::Concat(parts) => parts.iter().any(|part| holds(part, keywords)) || run_holds(parts.iter(), keywords),
        HirKind::Literal(_) | HirKind::Class(_) => run_holds(std::iter::once(hir), keywords),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// Collects the literals of a pattern.
fn written(hir: &Hir, runs: &mut Vec<Vec<u8>>) {
    match hir.kind() {
        HirKind::Literal(literal) => runs.push(literal.0.to_vec()),
        HirKind::Capture(capture) => written(&capture.sub, runs),
        HirKind::Repetition(repetition) => written(&repetition.sub, runs),
        HirKind::Alternation(parts) | HirKind::Concat(parts) => parts.iter().for_each(|part| written(part, runs)),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => {}
    }
}

/// Joins neighbouring literals and one-letter classes, and looks for a keyword in what results.
fn run_holds<'h>(parts: impl Iterator<Item = &'h Hir>, keywords: &[String]) -> bool {
    let mut run = String::new();
    let mut runs = Vec::new();
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => {
                run.push_str(&String::from_utf8_lossy(&literal.0).to_ascii_lowercase());
            }
            HirKind::Class(class) => match one_letter(class) {
                Some(letter) => run.push(char::from(letter)),
                None => runs.push(std::mem::take(&mut run)),
            },
            HirKind::Look(_) => {}
            HirKind::Empty | HirKind::Repetition(_) | HirKind::Capture(_) | HirKind::Concat(_) | HirKind::Alternation(_) => {
                runs.push(std::mem::take(&mut run))
            }
        }
    }
    runs.push(run);
    runs.iter().any(|run| keywords.iter().any(|keyword| run.contains(keyword.as_str())))
}

/// Returns the letter of a class such as `[aA]`, in lower case.
fn one_letter(class: &Class) -> Option<u8> {
    let Class::Bytes(bytes) = class else { return None };
    let mut letters = bytes.iter().flat_map(|range| range.start()..=range.end()).map(|b| b.to_ascii_lowercase());
    let first = letters.next()?;
    letters.all(|letter| letter == first).then_some(first)
}
