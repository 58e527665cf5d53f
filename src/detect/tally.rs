//! How often each detector is called, what it makes of that, and how long it takes: for those who write detectors.

use std::time::{Duration, Instant};

use super::Catalog;
use super::encoded::Decoder;
use crate::chunk::Content;
use crate::detector::Detector;

/// What a run cost and brought, by detector and by keyword.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    bytes: u64,
    /// By number of the detector.
    detectors: Vec<Count>,
    /// By number of the keyword: how often it occurred.
    keywords: Vec<u64>,
}

/// What one detector cost and brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Keywords at which it was run.
    pub candidates: u64,
    /// Values that it found there.
    pub matches: u64,
    /// Those that no more telling match covers.
    pub kept: u64,
    /// How long all that took.
    pub time: Duration,
}

impl Tally {
    /// Returns how many bytes were looked at.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the count of each detector that was run, the dearest first.
    pub fn detectors<'c>(&self, catalog: &'c Catalog) -> Vec<(&'c Detector, Count)> {
        let counted = catalog.detectors().map(AsRef::as_ref).zip(self.detectors.iter().copied());
        let mut counted: Vec<(&Detector, Count)> = counted.filter(|(_, count)| count.candidates > 0).collect();
        counted.sort_by(|(a, left), (b, right)| right.time.cmp(&left.time).then_with(|| a.id.cmp(&b.id)));
        counted
    }

    /// Returns how often each keyword occurred, the most common first.
    pub fn keywords<'c>(&self, catalog: &'c Catalog) -> Vec<(&'c str, u64)> {
        let counted = (0u32..).zip(self.keywords.iter().copied()).filter(|(_, count)| *count > 0);
        let mut counted: Vec<(&str, u64)> = counted.map(|(number, count)| (catalog.keyword(number), count)).collect();
        counted.sort_by(|(a, left), (b, right)| right.cmp(left).then(a.cmp(b)));
        counted
    }

    fn count(&mut self, number: u32) -> &mut Count {
        &mut self.detectors[number as usize]
    }
}

impl Catalog {
    /// Looks at a chunk as a scan does, and adds to a tally what each detector did.
    pub fn tally(&self, chunk: &[u8], tally: &mut Tally) {
        tally.bytes += chunk.len() as u64;
        tally.detectors.resize(self.detectors().len(), Count::default());
        tally.keywords.resize(self.prefilter().keywords().len(), 0);
        let content = Content::of(chunk);
        let mut hits = Vec::new();
        self.prefilter().search(chunk, 0, chunk.len(), |hit| hits.push(hit));
        let (mut matches, mut decoder) = (Vec::new(), Decoder::default());
        for hit in hits {
            tally.keywords[hit.keyword as usize] += 1;
            for &callee in self.callees(hit.keyword) {
                let before = matches.len();
                let start = Instant::now();
                self.run_at(chunk, content, hit, callee, &mut decoder, &mut matches);
                let time = start.elapsed();
                let count = tally.count(callee.detector());
                count.time += time;
                count.candidates += 1;
                count.matches += (matches.len() - before) as u64;
            }
        }
        self.settle(&mut matches);
        matches.iter().for_each(|m| tally.count(m.detector).kept += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::detect::{Catalog, sample};

    #[test]
    fn candidates_matches_and_keywords_are_counted() {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().find(|detector| detector.id == "github-pat-classic").expect("it ships");
        let leak = sample::expand(&detector.leaks[0], detector, 1).text;
        let mut tally = Tally::default();
        catalog.tally(&[&leak[..], b"\nghp_tooShort42\n"].concat(), &mut tally);
        catalog.tally(b"nothing", &mut tally);
        let (_, count) = *tally.detectors(&catalog).iter().find(|(own, _)| own.id == detector.id).expect("it was run");
        assert_eq!((count.candidates, count.matches, count.kept), (2, 1, 1));
        assert_eq!(tally.keywords(&catalog).iter().find(|(word, _)| *word == "ghp_"), Some(&("ghp_", 2)));
        assert_eq!(tally.bytes(), leak.len() as u64 + 16 + 7);
    }
}
