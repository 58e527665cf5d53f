//! Several reports as one, and what became of credentials between two: the fingerprint tells which are the same.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::gather;
use crate::report::document::{Credential, Document, Place, Shared, State};
use crate::verdict::Notice;

/// Makes one report of several; each credential and each place is in it once.
pub fn merge(documents: Vec<Document>) -> Document {
    let mut merged = Document::empty();
    let mut scopes = Vec::new();
    let mut commits = HashSet::new();
    let mut all = Vec::new();
    for document in documents {
        merged.complete &= document.complete;
        merged.subject.kind = merged.subject.kind.max(document.subject.kind);
        commits.insert((document.subject.commit, document.subject.branch));
        for (id, kind) in document.detectors {
            merged.detectors.entry(id).or_insert(kind);
        }
        merged.suppressed.extend(document.suppressed);
        merged.notices.extend(document.notices);
        let coverage = &mut merged.coverage;
        coverage.commits += document.coverage.commits;
        coverage.blobs += document.coverage.blobs;
        coverage.bytes += document.coverage.bytes;
        coverage.known += document.coverage.known;
        coverage.skipped.extend(document.coverage.skipped);
        scopes.push(document.coverage.scope);
        all.extend(document.credentials);
    }
    if commits.len() == 1 {
        (merged.subject.commit, merged.subject.branch) = commits.into_iter().next().unwrap_or_default();
    }
    scopes.sort();
    scopes.dedup();
    merged.coverage.scope = scopes.join("; ");
    merged.coverage.skipped.sort_by(|one, other| other.incomplete.cmp(&one.incomplete).then_with(|| one.cmp(other)));
    merged.coverage.skipped.dedup();
    merged.notices.sort();
    merged.notices.dedup();
    merged.credentials = credentials(all);
    let mut seen = HashSet::new();
    merged.suppressed.retain(|place| seen.insert((place.fingerprint.clone(), key(place))));
    merged
}

/// Joins what has the same identity; who knows more of it speaks for it.
fn credentials(all: Vec<Credential>) -> Vec<Credential> {
    let mut order: HashMap<Shared, usize> = HashMap::new();
    let mut merged: Vec<Credential> = Vec::new();
    for mut credential in all {
        let number = *order.entry(credential.fingerprint.clone()).or_insert(merged.len());
        let Some(known) = merged.get_mut(number) else {
            merged.push(credential);
            continue;
        };
        if knowledge(&credential) > knowledge(known) {
            std::mem::swap(known, &mut credential);
        }
        gather::absorb(known, &credential);
        let more: Vec<Place> = credential.places.iter().map(|place| known.below(credential.at(place))).collect();
        known.places.extend(more);
    }
    for credential in &mut merged {
        let mut seen = HashSet::new();
        credential.places.retain(|place| seen.insert(key(place)));
    }
    // Stable: what was most telling in its own report stays before what was less so.
    merged.sort_by(|one, other| {
        let rank = |credential: &Credential| {
            let tenths = credential.score.map_or(0, |score| (score * 10.0).round() as i64);
            (Reverse(credential.severity), Reverse(tenths), Reverse(credential.confidence), !credential.places.iter().any(Place::is_shown))
        };
        let place = |credential: &Credential| credential.lead().map(|lead| (Shared::from(lead.top_path()), lead.line));
        rank(one).cmp(&rank(other)).then_with(|| (place(one), &one.fingerprint).cmp(&(place(other), &other.fingerprint)))
    });
    merged
}

/// A detector of ours knows more than a rule of another scanner, and evidence more than none.
fn knowledge(credential: &Credential) -> (bool, usize) {
    (!credential.detector.contains('/'), credential.evidence.len())
}

/// What makes a place another place.
fn key(place: &Place) -> (Shared, Option<Shared>, usize, usize, Option<Shared>) {
    // Scanners count columns in different ways, so a line has a credential of one identity once.
    let path = place.from_top.as_ref().unwrap_or(&place.path);
    (Shared::clone(path), place.member().cloned(), place.line, place.end_line, place.commit.clone())
}

/// Says what became of credentials between two reports: all of the new one, and those of the old one that are gone.
pub fn diff(old: Document, new: Document) -> Document {
    let before: HashSet<Shared> = old.credentials.iter().map(|credential| Shared::clone(&credential.fingerprint)).collect();
    let after: HashSet<Shared> = new.credentials.iter().map(|credential| Shared::clone(&credential.fingerprint)).collect();
    let mut notices = new.notices;
    if !new.complete {
        let what = "the new report is not complete: what it lacks need not be fixed".to_owned();
        notices.push(Notice { place: "report diff".into(), what });
    }
    let mut detectors: BTreeMap<_, _> = old.detectors;
    detectors.extend(new.detectors);
    let state = |credential: &Credential| if before.contains(&credential.fingerprint) { State::Open } else { State::New };
    let mut credentials: Vec<Credential> =
        new.credentials.into_iter().map(|credential| Credential { state: Some(state(&credential)), ..credential }).collect();
    let gone = old.credentials.into_iter().filter(|credential| !after.contains(&credential.fingerprint));
    credentials.extend(gone.map(|credential| Credential { state: Some(State::Fixed), ..credential }));
    credentials.sort_by_key(|credential| credential.state);
    Document { credentials, detectors, notices, ..new }
}
