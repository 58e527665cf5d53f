//! The rule that the walk through deltas rests on: what a detector makes of a keyword depends on the bytes within its reach alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::encoded::Decoder;
use super::index::Callee;
use super::prefilter::Hit;
use super::{Catalog, Match, sample};
use crate::chunk::Content;
use crate::detector::Reach;

/// What may say something of a secret, open or close the form it stands in, or be its other half.
const PIECES: [&str; 44] = [
    "user: admin\n",
    "echo 'Zq7vX2mK' | ",
    "\"",
    "'",
    "`",
    "password",
    " is ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    "\n",
    "\r\n",
    "\\n",
    "\\",
    "<td>",
    "</td>",
    "|",
    "value: x\n",
    "\"value\": \"",
    "INSERT INTO t (a, b",
    ") VALUES ('x', ",
    " == ",
    ".equals(",
    "Zq7vX2mKt9wR",
    " = ",
    ": ",
    "// ",
    "# ",
    "\t",
    "-----",
    "10.0.0.7",
    "example.com",
    ";",
    "@",
    "login",
    "test",
    "| a | b |\n|---|---|\n",
    "name",
    "-p ",
    "secret_key",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn noise(&mut self, bytes: usize) -> Vec<u8> {
        let mut noise = Vec::new();
        while noise.len() < bytes {
            noise.extend_from_slice(PIECES[self.below(PIECES.len())].as_bytes());
        }
        noise.truncate(bytes);
        noise
    }
}

/// Returns the same text with other noise beyond the reach around a keyword.
fn changed(chunk: &[u8], hit: Hit, reach: Reach, random: &mut Random) -> Vec<u8> {
    let from = hit.start.saturating_sub(reach.before as usize);
    let to = chunk.len().min(hit.start + reach.after as usize + 1);
    [&random.noise(from), &chunk[from..to], &random.noise(chunk.len() - to)].concat()
}

fn told(catalog: &Catalog, chunk: &[u8], hit: Hit, callee: Callee) -> Vec<String> {
    let mut matches: Vec<Match> = Vec::new();
    catalog.run_at(chunk, Content::Text, hit, callee, &mut Decoder::default(), &mut matches);
    matches.iter().map(|m| format!("{:?} {:?} {:?} {:.4}", m.secret, m.normal, m.form, m.evidence.odds())).collect()
}

/// The samples of all detectors, and secrets as they stand in files of every day.
fn texts(catalog: &Catalog, seed: u64) -> Vec<Vec<u8>> {
    let everyday = [include_str!("../../testdata/life/pairs.txt"), include_str!("../../testdata/life/grammars.txt")];
    let blocks = everyday.iter().flat_map(|file| file.split("\n\n")).map(|block| block.replace("\n+ ", "\n").replace("\n- ", "\n"));
    let some = catalog.detectors().next().expect("there are detectors");
    let mut texts: Vec<Vec<u8>> = blocks.map(|block| sample::expand(&block, some, seed).text).collect();
    for detector in catalog.detectors() {
        texts.extend(detector.leaks.iter().map(|template| sample::expand(template, detector, seed).text));
    }
    for detector in catalog.detectors().filter(|detector| !detector.encoded.is_empty()) {
        let encoded = STANDARD.encode(sample::expand(&detector.leaks[0], detector, seed).text);
        let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
        texts.push(if seed.is_multiple_of(2) { encoded.into_bytes() } else { lines.join(&b"\n  "[..]) });
    }
    texts
}

#[test]
fn nothing_beyond_the_reach_of_a_keyword_changes_what_is_made_of_it() {
    const NEAR: u32 = 4_300;
    const ROUNDS: u64 = 3;
    let catalog = Catalog::shipped();
    let (mut compared, mut found) = (0, 0);
    for round in 0..ROUNDS {
        let mut random = Random(round);
        for text in texts(&catalog, round) {
            let (before, behind) = (random.below(400), random.below(400));
            let chunk = [random.noise(before), text, random.noise(behind)].concat();
            let mut hits = Vec::new();
            catalog.prefilter().search_while(&chunk, &|| true, |hit| hits.push(hit));
            let calls = hits.iter().flat_map(|hit| catalog.callees(hit.keyword).iter().map(move |&callee| (*hit, callee)));
            for (hit, callee) in calls {
                let (called, reach) = (catalog.detector(callee.detector()), catalog.reach(callee));
                if reach.before.max(reach.after) > NEAR {
                    // Nothing of such a text lies beyond its reach.
                    continue;
                }
                let other = changed(&chunk, hit, reach, &mut random);
                let here = told(&catalog, &chunk, hit, callee);
                (compared, found) = (compared + 1, found + here.len());
                let shown = || [&chunk, &other].map(|text| String::from_utf8_lossy(text).into_owned()).join("\n---\n");
                assert_eq!(here, told(&catalog, &other, hit, callee), "{} at {}\n{}", called.id, hit.start, shown());
            }
        }
    }
    assert!(compared > 50_000 && found > 5_000, "{compared} compared, {found} found");
}
