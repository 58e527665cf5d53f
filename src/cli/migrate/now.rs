//! What other scanners silence by a pattern, a word or a commit, as entries for the credentials that are there now.

use std::collections::BTreeSet;

use regex_automata::meta::Regex;
use staunch::config::Allow;
use staunch::secret::Fingerprint;
use staunch::verdict::{Provenance, Verdict};

/// Something that silences whatever it matches.
pub(super) struct Silenced {
    pub(super) what: What,
    /// Its line in the file.
    pub(super) line: usize,
    /// The line of the list it is in.
    pub(super) list: usize,
    /// How messages name it.
    pub(super) shown: String,
    /// The detectors of which it speaks; all where there are none.
    pub(super) detectors: Vec<String>,
    pub(super) reason: String,
}

/// How it says what it silences.
pub(super) enum What {
    /// The secret holds a match.
    Regex(Box<Regex>),
    /// The secret holds the word, in whatever case.
    Word(String),
    /// A commit of this name, or one that begins so, brought it.
    Commit(String),
}

/// Says of what silences nothing that it is left behind; the words of one list, of which there may be a thousand, on one line.
pub(super) fn idle(left: &[Silenced]) -> Vec<(usize, String)> {
    let is_word = |silenced: &Silenced| matches!(silenced.what, What::Word(_));
    let lists = left.chunk_by(|one, next| is_word(one) && is_word(next) && one.list == next.list);
    let told = lists.map(|list| {
        let shown = list.iter().take(SHOWN_WORDS).map(|silenced| silenced.shown.as_str()).collect::<Vec<_>>().join(", ");
        let more = if list.len() > SHOWN_WORDS { format!(" and {} more", list.len() - SHOWN_WORDS) } else { String::new() };
        (list[0].line, format!("{shown}{more}: nothing that is found here now; allow what comes by its fingerprint"))
    });
    told.collect()
}

/// So many words of a list are shown.
const SHOWN_WORDS: usize = 3;

impl Silenced {
    /// Returns an entry for each credential that it silences.
    pub(super) fn entries(&self, verdicts: &[Verdict]) -> Vec<Allow> {
        let found: BTreeSet<Fingerprint> =
            verdicts.iter().filter(|verdict| self.speaks_of(verdict)).map(|verdict| verdict.finding.fingerprint).collect();
        found.into_iter().map(|fingerprint| Allow::credential(fingerprint, self.reason.clone())).collect()
    }

    fn speaks_of(&self, verdict: &Verdict) -> bool {
        let finding = &verdict.finding;
        if !self.detectors.is_empty() && !self.detectors.iter().any(|id| *id == finding.detector.id) {
            return false;
        }
        let secret = finding.secret.expose();
        match &self.what {
            What::Regex(regex) => regex.is_match(secret),
            What::Word(word) => !word.is_empty() && memchr::memmem::find(&secret.to_ascii_lowercase(), word.as_bytes()).is_some(),
            What::Commit(name) => {
                let Provenance::Known(commit) = &verdict.context.provenance else { return false };
                name.len() >= MIN_DIGITS && commit.id.to_string().starts_with(name.as_str())
            }
        }
    }
}

/// Fewer digits name no commit.
const MIN_DIGITS: usize = 7;
