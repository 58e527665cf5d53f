//! `staunch explain`: why something on a line is or is not reported.

use std::io::{self, BufWriter, Read as _, Write as _};

use staunch::detect::explain::{Attempt, End};
use staunch::detect::judge::PathClass;
use staunch::finding::{Clue, Confidence, Evidence};
use staunch::git::MAX_OBJECT_BYTES;
use staunch::secret::Secret;
use staunch::span::{Lines, Span};
use staunch::verdict::{Disposition, Verdict};

use super::args::{CommonArgs, ExplainArgs, ReadingArgs};
use super::exit::{Exit, Failure};
use super::setup;

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let (path, line) = place(args)?;
    let (name, bytes) = read(args, &path)?;
    let reading = ReadingArgs { detectors: args.detectors.clone(), ..ReadingArgs::default() };
    let common = CommonArgs::of_reading(&reading, args.min_confidence);
    let mut setup = setup::standing(&common)?;
    let Some(span) = Lines::new(&bytes).span(line) else {
        let count = bytes.iter().filter(|&&b| b == b'\n').count() + 1;
        return Err(Failure::with_hint(format!("{name:?} has no line {line}"), format!("it has {count} lines")));
    };
    let attempts = setup.scanner.catalog().explain(&bytes, name.as_bytes(), line);
    let outcome = setup.scanner.scan_bytes(&name, &bytes, setup.baseline.as_mut())?;
    let here: Vec<&Verdict> = outcome.verdicts.iter().filter(|v| v.finding.start.line <= line && line <= v.finding.end.line).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let page = Page { bytes: &bytes, shows_secrets: args.show_secrets };
    writeln!(out, "{name}:{line}{}", kind(PathClass::of(name.as_bytes())))?;
    for verdict in &here {
        let finding = &verdict.finding;
        writeln!(out, "{}: {} with {} confidence", fate(&verdict.disposition), finding.detector.id, finding.confidence.word())?;
    }
    let least = setup::confidence(args.min_confidence);
    if here.is_empty() {
        writeln!(out, "nothing is reported here with {} confidence or more", least.word())?;
    }
    let (found, refused): (Vec<&Attempt>, Vec<&Attempt>) = attempts.iter().partition(|attempt| matches!(attempt.end, End::Found { .. }));
    for attempt in &found {
        page.found(attempt, least, &mut out)?;
    }
    // `pass` within the `password` that led to something needs no words.
    let is_part = |one: &&Attempt| found.iter().any(|other| other.detector == one.detector && other.keyword.overlaps(one.keyword));
    let refused: Vec<&Attempt> = refused.into_iter().filter(|attempt| !is_part(attempt)).collect();
    page.refused(&refused, span, &mut out)?;
    out.flush()?;
    Ok(if here.iter().any(|verdict| verdict.disposition == Disposition::Reported) { Exit::Findings } else { Exit::Clean })
}

/// Reads `FILE:LINE`, or `FILE LINE`.
fn place(args: &ExplainArgs) -> Result<(String, usize), Failure> {
    let (file, line) = match (&args.line, args.place.rsplit_once(':')) {
        (Some(line), _) => (args.place.as_str(), line.as_str()),
        (None, Some((file, line))) => (file, line),
        (None, None) => (args.place.as_str(), ""),
    };
    let number = line.parse().ok().filter(|&line| line > 0);
    let hint = "name a file and a line: `staunch explain config/app.yml:12`";
    number.map(|line| (file.to_owned(), line)).ok_or_else(|| Failure::with_hint(format!("{line:?} is no number of a line"), hint))
}

/// Returns what the file is called, and its bytes.
fn read(args: &ExplainArgs, path: &str) -> Result<(String, Vec<u8>), Failure> {
    let unreadable = |cause: io::Error| Failure::with_hint(format!("{path}: {cause}"), "name a file that can be read, or `-`");
    // It may be a pipe, so its size is known when it was read.
    let (name, input): (&str, Box<dyn io::Read>) = match path {
        "-" => (&args.stdin_name, Box::new(io::stdin().lock())),
        path => (path, Box::new(std::fs::File::open(path).map_err(unreadable)?)),
    };
    let mut bytes = Vec::new();
    input.take(MAX_OBJECT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_OBJECT_BYTES {
        return Err(Failure::new(format!("{path}: larger than {} MiB, which is not read elsewhere either", MAX_OBJECT_BYTES >> 20)));
    }
    Ok((name.to_owned(), staunch::chunk::readable(bytes)))
}

fn fate(disposition: &Disposition) -> String {
    match disposition {
        Disposition::Reported => "reported".to_owned(),
        Disposition::Baselined => "not reported, since the baseline knows it".to_owned(),
        Disposition::AllowedInline { reason } => format!("allowed by a comment ({reason})"),
        Disposition::Allowed { reason } => format!("allowed by the configuration ({reason})"),
    }
}

/// What the path says of the file.
fn kind(class: PathClass) -> String {
    let said = [
        (class.is_test, "tests or examples"),
        (class.is_template, "a template"),
        (class.is_docs, "documentation"),
        (class.is_vendored, "code of others"),
        (class.is_translation, "a translation"),
        (class.is_lock, "written by a package manager"),
        (class.is_minified, "minified or generated"),
    ];
    let said: Vec<&str> = said.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

struct Page<'p> {
    bytes: &'p [u8],
    shows_secrets: bool,
}

impl Page<'_> {
    fn found(&self, attempt: &Attempt, least: Confidence, out: &mut impl io::Write) -> io::Result<()> {
        let End::Found { secret, evidence, confidence, covered_by } = &attempt.end else { return Ok(()) };
        let shown = if self.shows_secrets {
            String::from_utf8_lossy(secret.of(self.bytes)).escape_debug().to_string()
        } else {
            Secret::new(secret.of(self.bytes)).mask()
        };
        let column = self.column(*secret);
        writeln!(out, "\n{} at column {column}: {shown}", attempt.detector)?;
        sum(evidence, out)?;
        let probability = evidence.probability();
        let level = confidence.map_or("less than low confidence", Confidence::word);
        write!(out, "  {:+.2}  together: probability {probability:.2}, {level}", evidence.odds())?;
        let is_enough = confidence.is_some_and(|confidence| confidence >= least);
        match covered_by {
            Some(other) => writeln!(out, "; {other} says more of the same bytes"),
            None if is_enough => writeln!(out, "; {} is asked for", least.word()),
            None => writeln!(out, "; not reported, {} is asked for", least.word()),
        }
    }

    fn refused(&self, refused: &[&Attempt], line: Span, out: &mut impl io::Write) -> io::Result<()> {
        if refused.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nturned away:")?;
        let mut said = std::collections::BTreeSet::new();
        for attempt in refused {
            let End::Refused(refusal) = &attempt.end else { continue };
            let word = String::from_utf8_lossy(attempt.keyword.of(self.bytes)).into_owned();
            let text = format!("  {} at {word:?}: {refusal}", attempt.detector);
            if attempt.keyword.overlaps(line) && said.insert(text.clone()) {
                writeln!(out, "{text}")?;
            }
        }
        Ok(())
    }

    fn column(&self, span: Span) -> usize {
        Lines::new(self.bytes).position(span.start).column
    }
}

/// Each reason with its weight, the heaviest first.
fn sum(evidence: &Evidence, out: &mut impl io::Write) -> io::Result<()> {
    let mut clues: Vec<Clue> = Vec::new();
    for clue in evidence.clues() {
        match clues.iter_mut().find(|other| other.what == clue.what) {
            Some(same) => same.weight += clue.weight,
            None => clues.push(*clue),
        }
    }
    clues.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
    clues.iter().try_for_each(|clue| writeln!(out, "  {:+.2}  {}", clue.weight, clue.what))
}
