//! What is almost a credential is none: too short, with a strange letter, or of another provider.

use std::collections::{BTreeMap, BTreeSet};

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};
use staunch::chunk::Content;
use staunch::detect::sample;
use staunch::detector::{Category, Detector, Find};
use staunch::span::Span;

use crate::support::catalog;

/// How many instances of each sample are changed.
const SEEDS: std::ops::Range<u64> = 2_000..2_004;

/// The shapes of a secret by itself, where a detector has one: its pattern, and the group `secret` of that.
fn shape(detector: &Detector) -> Option<Vec<Regex>> {
    let (Find::Token { pattern, .. } | Find::Value { value: pattern, .. }) = &detector.find else { return None };
    let whole = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).expect("patterns that ship parse");
    let compiled = |hir: &Hir| Regex::builder().build_from_hir(hir).expect("patterns that ship compile");
    Some([Some(&whole), group(&whole)].into_iter().flatten().map(compiled).collect())
}

/// Returns what the group `secret` of a pattern holds.
fn group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => Some(&capture.sub),
        HirKind::Capture(capture) => group(&capture.sub),
        HirKind::Repetition(repetition) => group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(group),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// Returns whether a text is one match from its start to its end.
fn is_whole(shapes: &[Regex], text: &[u8]) -> bool {
    let input = Input::new(text).anchored(Anchored::Yes);
    shapes.iter().any(|shape| shape.search(&input).is_some_and(|found| found.end() == text.len()))
}

fn own(detector: &Detector, text: &[u8]) -> Vec<Span> {
    catalog().matches(text, Content::Text).iter().filter(|m| catalog().id_of(m) == detector.id).map(|m| m.span()).collect()
}

/// Changes every instance of every sample and returns those in which something was still found, and how many were looked at.
fn survivors(change: impl Fn(&[u8], Span) -> Vec<u8>, is_legal: impl Fn(&[Regex], &[u8], Span) -> bool) -> (Vec<String>, usize) {
    let (mut found, mut looked_at) = (BTreeSet::new(), 0);
    for detector in catalog().detectors() {
        let Some(shape) = shape(detector) else { continue };
        // What goes on in random bytes has no end that could come too early.
        let templates = detector.leaks.iter().filter(|template| !template.contains("{any:"));
        for (template, seed) in templates.flat_map(|template| SEEDS.map(move |seed| (template, seed))) {
            let instance = sample::expand(template, detector, seed);
            let secret = instance.secret.expect("it is marked");
            let changed = change(&instance.text, secret);
            if is_legal(&shape, &changed, secret) {
                continue;
            }
            looked_at += 1;
            if own(detector, &changed).iter().any(|span| span.start < secret.end && secret.start < span.end) {
                found.insert(format!("{}: {template:?}", detector.id));
            }
        }
    }
    (found.into_iter().collect(), looked_at)
}

#[test]
fn the_first_half_of_a_secret_is_none() {
    let half = |secret: Span| secret.start + secret.len() / 2;
    let change = |text: &[u8], secret: Span| [&text[..half(secret)], &text[secret.end..]].concat();
    let (found, looked_at) = survivors(change, |shape, text, secret| is_whole(shape, &text[secret.start..half(secret)]));
    assert!(found.is_empty(), "{} of {looked_at}:\n{}", found.len(), found.join("\n"));
    assert!(looked_at > 6_000, "only {looked_at} were tried");
}

#[test]
fn a_letter_of_no_alphabet_in_the_middle_spoils_a_secret() {
    let middle = |secret: Span| secret.start + secret.len() / 2;
    let change = |text: &[u8], secret: Span| [&text[..middle(secret)], b"\x01", &text[middle(secret) + 1..]].concat();
    let is_legal = |shape: &[Regex], text: &[u8], secret: Span| {
        let half = &text[secret.start..middle(secret)];
        is_whole(shape, half) || is_whole(shape, &text[secret.start..secret.end])
    };
    let (found, looked_at) = survivors(change, is_legal);
    assert!(found.is_empty(), "{} of {looked_at}:\n{}", found.len(), found.join("\n"));
    assert!(looked_at > 6_000, "only {looked_at} were tried");
}

/// Detectors that also fire on a sample of another provider, and why that is right.
const OVERLAPS: [(&str, &str, &str); 0] = [];

#[test]
fn no_detector_fires_on_the_sample_of_another_provider() {
    let providers: BTreeMap<&str, (&str, Category)> =
        catalog().detectors().map(|d| (d.id.as_ref(), (d.provider.as_ref(), d.category))).collect();
    let mut found = BTreeSet::new();
    for detector in catalog().detectors() {
        for (template, seed) in detector.leaks.iter().flat_map(|template| SEEDS.map(move |seed| (template, seed))) {
            let text = sample::expand(template, detector, seed).text;
            for other in catalog().matches(&text, Content::Text).iter().map(|m| catalog().id_of(m)) {
                let (provider, category) = providers[other];
                let is_declared = OVERLAPS.iter().any(|(own, stranger, _)| *own == detector.id && *stranger == other);
                if provider != detector.provider && category != Category::Generic && !is_declared {
                    found.insert(format!("{}: {other} fires on {template:?}", detector.id));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.into_iter().collect::<Vec<_>>().join("\n"));
}
