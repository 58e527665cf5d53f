//! Megabytes a second of the stages that see every byte: `cargo bench --bench engine`.
//!
//! The text is this crate's own source, repeated, with a sample of every detector strewn in: code as it is, with more
//! secrets than any code has. Each stage runs until two seconds have passed; the best round counts, as noise only slows.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use staunch::chunk::Content;
use staunch::detect::prefilter::Prefilter;
use staunch::detect::{Catalog, sample};

fn main() {
    let catalog = Catalog::shipped();
    let text = text(&catalog);
    let words: Vec<String> = catalog.detectors().flat_map(|detector| detector.keywords.iter().map(ToString::to_string)).collect();
    let extra: Vec<String> = (0..2_000u32).map(|number| format!("made-up-{:x}", number.wrapping_mul(2_654_435_761))).collect();
    let all = || words.iter().map(String::as_str);
    let own = Prefilter::new(all());
    let larger = Prefilter::new(all().chain(extra.iter().map(String::as_str)));
    println!("text: {:.1} MB, {} keywords", text.len() as f64 / 1e6, words.len());
    report("build the prefilter", 0, || drop(black_box(Prefilter::new(all()))));
    report("prefilter", text.len(), || search(&own, &text));
    report("prefilter, 2,000 more keywords", text.len(), || search(&larger, &text));
    report("all stages", text.len(), || drop(black_box(catalog.matches(&text, Content::Text))));
}

fn search(prefilter: &Prefilter, text: &[u8]) {
    let mut hits = 0u64;
    prefilter.search(text, 0, text.len(), |_| hits += 1);
    black_box(hits);
}

/// Runs a stage again and again and prints its best time.
fn report(stage: &str, bytes: usize, mut run: impl FnMut()) {
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while start.elapsed() < Duration::from_secs(2) {
        let round = Instant::now();
        run();
        best = best.min(round.elapsed());
    }
    if bytes == 0 {
        println!("{stage:<32} {:>9.1} µs", best.as_secs_f64() * 1e6);
    } else {
        println!("{stage:<32} {:>9.0} MB/s", bytes as f64 / 1e6 / best.as_secs_f64());
    }
}

fn text(catalog: &Catalog) -> Vec<u8> {
    let mut source = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
    let mut text = Vec::new();
    for (seed, detector) in (0..).zip(catalog.detectors()) {
        text.extend_from_slice(&source[(seed as usize * 7_919) % source.len()..]);
        for template in detector.leaks.iter() {
            text.extend_from_slice(&sample::expand(template, detector, seed).text);
            text.push(b'\n');
        }
        if text.len() > 32_000_000 {
            break;
        }
    }
    text
}

fn read(folder: &Path, into: &mut Vec<u8>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.extend(fs::read(&path).unwrap_or_default());
        }
    }
}
