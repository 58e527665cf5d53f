//! `staunch explain`: why something on a line is or is not reported.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

use staunch::chunk::within;
use staunch::count::counted;
use staunch::detect::Catalog;
use staunch::detect::explain::{Attempt, End};
use staunch::detect::judge::PathClass;
use staunch::finding::{Clue, Confidence, Evidence};
use staunch::git::MAX_OBJECT_BYTES;
use staunch::report;
use staunch::scan;
use staunch::secret::Secret;
use staunch::span::{Lines, Span};
use staunch::verdict::{Disposition, Verdict};

use super::args::{CommonArgs, ConfidenceArg, ExplainArgs, ReadingArgs};
use super::exit::{Exit, Failure};
use super::setup;

/// What is asked about: a file or a member of an archive, and of it a line, where one is named.
struct Asked {
    file: String,
    member: Option<String>,
    line: Option<usize>,
}

impl Asked {
    /// Takes `ARCHIVE!/MEMBER` apart, as reports write it.
    fn of(place: &str, line: Option<usize>) -> Self {
        let is_packed = |archive: &str| !Path::new(place).exists() && Path::new(archive).is_file();
        match place.split_once("!/").filter(|(archive, _)| is_packed(archive)) {
            Some((archive, member)) => Asked { file: archive.to_owned(), member: Some(member.to_owned()), line },
            None => Asked { file: place.to_owned(), member: None, line },
        }
    }
}

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let asked = asked(args)?;
    let (name, bytes) = read(args, &asked.file)?;
    let reading = ReadingArgs { detectors: args.detectors.clone(), config: args.config.clone(), ..ReadingArgs::default() };
    // What is told of a place is told with its level.
    let common = CommonArgs::of_reading(&reading, ConfidenceArg::Low);
    let mut setup = setup::standing(&common)?;
    let outcome = setup.scanner.scan_bytes(&name, bytes.as_slice(), setup.baseline.as_mut())?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (title, text) = match &asked.member {
        None => (name.clone(), bytes),
        Some(member) => {
            let hint = format!("`staunch explain {name}` names those in which something is");
            let text =
                scan::member(&bytes, &name, member).ok_or_else(|| Failure::with_hint(format!("{name} has no member {member:?}"), hint))?;
            (within(&name, member), text.into_bytes())
        }
    };
    let page = Page { name: &title, is_piped: asked.file == "-", bytes: &text, shows_secrets: args.show_secrets };
    let (here, packed): (Vec<&Verdict>, Vec<&Verdict>) =
        outcome.verdicts.iter().partition(|verdict| verdict.finding.member.as_ref().map(|member| member.to_string()) == asked.member);
    for skip in &outcome.coverage.skips {
        writeln!(out, "{}: {}", report::plain(&skip.what), report::plain(&skip.why.to_string()))?;
    }
    let catalog = setup.scanner.catalog();
    let told = match asked.line {
        Some(line) => page.line(catalog, &here, line, &mut out)?,
        None if asked.member.is_none() && !packed.is_empty() => packed_in(&name, packed, &mut out)?,
        None => page.whole(catalog, here, &mut out)?,
    };
    out.flush()?;
    let least = setup::confidence(args.min_confidence);
    let counts = |verdict: &&&Verdict| verdict.disposition == Disposition::Reported && verdict.finding.confidence >= least;
    Ok(if told.iter().any(|verdict| counts(&verdict)) { Exit::Findings } else { Exit::Clean })
}

/// Reads `FILE:LINE`, `FILE LINE` or `FILE`.
fn asked(args: &ExplainArgs) -> Result<Asked, Failure> {
    let is_file = args.place == "-" || Path::new(&args.place).exists();
    let (file, line) = match (&args.line, args.place.rsplit_once(':')) {
        (Some(line), _) => (args.place.as_str(), line.as_str()),
        (None, Some((file, line))) if !is_file => (file, line),
        (None, _) => return Ok(Asked::of(&args.place, None)),
    };
    let number = line.parse().ok().filter(|&line| line > 0);
    let hint = "name a file and a line: `staunch explain config/app.yml:12`";
    match number {
        Some(line) => Ok(Asked::of(file, Some(line))),
        None => Err(Failure::with_hint(format!("{line:?} is no number of a line"), hint)),
    }
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
    Ok((name.to_owned(), staunch::chunk::Readable::of(bytes).into_bytes()))
}

const NOTHING: &str = "nothing is reported here, at whatever level";

/// Says what becomes of a finding, and in which commands.
fn told(verdict: &Verdict) -> String {
    let finding = &verdict.finding;
    let fate = match &verdict.disposition {
        Disposition::Reported => match finding.confidence {
            Confidence::High => "reported by every command".to_owned(),
            Confidence::Medium => "reported by scan, audit and ci, and not by check and hooks of git".to_owned(),
            Confidence::Low => "reported with --min-confidence low only".to_owned(),
        },
        Disposition::Baselined => "not reported, since the baseline knows it".to_owned(),
        Disposition::AllowedInline { reason } => format!("allowed by a comment ({reason})"),
        Disposition::Allowed { reason } => format!("allowed by the configuration ({reason})"),
    };
    // The reason of an allowance is the repository's.
    report::plain(&format!("{fate}: {} with {} confidence", finding.detector.id, finding.confidence.word()))
}

/// Tells of an archive in which of its members something is.
fn packed_in<'v>(archive: &str, verdicts: Vec<&'v Verdict>, out: &mut impl io::Write) -> Result<Vec<&'v Verdict>, Failure> {
    writeln!(out, "{}", report::plain(archive))?;
    for verdict in &verdicts {
        let member = verdict.finding.member.as_ref().map(|member| member.to_string()).unwrap_or_default();
        writeln!(out, "{}:{}: {}", report::plain(&within(archive, member)), verdict.finding.start.line, told(verdict))?;
    }
    Ok(verdicts)
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

/// A longer file is told line by line: in such a one every other line has a keyword.
const MAX_WHOLE_BYTES: usize = 1 << 20;
/// So many lines that came to nothing are named.
const SHOWN_LINES: usize = 20;

struct Page<'p> {
    name: &'p str,
    is_piped: bool,
    bytes: &'p [u8],
    shows_secrets: bool,
}

impl Page<'_> {
    /// Tells all of a line; returns what is found there.
    fn line<'v>(
        &self,
        catalog: &Catalog,
        verdicts: &[&'v Verdict],
        line: usize,
        out: &mut impl io::Write,
    ) -> Result<Vec<&'v Verdict>, Failure> {
        let Some(span) = Lines::new(self.bytes).span(line) else {
            let count = self.bytes.iter().filter(|&&b| b == b'\n').count() + 1;
            return Err(Failure::with_hint(format!("{:?} has no line {line}", self.name), format!("it has {}", counted(count, "line"))));
        };
        let here: Vec<&Verdict> = verdicts.iter().copied().filter(|v| v.finding.start.line <= line && line <= v.finding.end.line).collect();
        let attempts = catalog.explain(self.bytes, self.name.as_bytes(), line);
        writeln!(out, "{}:{line}{}", report::plain(self.name), kind(PathClass::of(self.name.as_bytes())))?;
        here.iter().try_for_each(|verdict| writeln!(out, "{}", told(verdict)))?;
        if here.is_empty() {
            writeln!(out, "{NOTHING}")?;
        }
        let (found, refused): (Vec<&Attempt>, Vec<&Attempt>) =
            attempts.iter().partition(|attempt| matches!(attempt.end, End::Found { .. }));
        for attempt in &found {
            self.found(attempt, out)?;
        }
        // `pass` within the `password` that led to something needs no words.
        let is_part = |one: &&Attempt| found.iter().any(|other| other.detector == one.detector && other.keyword.overlaps(one.keyword));
        let refused: Vec<&Attempt> = refused.into_iter().filter(|attempt| !is_part(attempt)).collect();
        self.refused(&refused, span, out)?;
        Ok(here)
    }

    /// Tells in a few words of each line with something on it; returns what is found.
    fn whole<'v>(&self, catalog: &Catalog, verdicts: Vec<&'v Verdict>, out: &mut impl io::Write) -> Result<Vec<&'v Verdict>, Failure> {
        let name = self.name;
        if self.bytes.len() > MAX_WHOLE_BYTES {
            let hint = format!("name a line: `staunch explain {name}:12`");
            return Err(Failure::with_hint(format!("{name}: larger than {} MiB, too much to tell of", MAX_WHOLE_BYTES >> 20), hint));
        }
        writeln!(out, "{}{}", report::plain(name), kind(PathClass::of(name.as_bytes())))?;
        for verdict in &verdicts {
            writeln!(out, "line {}: {}", verdict.finding.start.line, told(verdict))?;
        }
        if verdicts.is_empty() {
            writeln!(out, "{NOTHING}")?;
        }
        let lines = Lines::new(self.bytes);
        let mut idle: BTreeSet<usize> = catalog.keywords_in(self.bytes).iter().map(|keyword| lines.line_of(keyword.start)).collect();
        idle.retain(|line| !verdicts.iter().any(|v| (v.finding.start.line..=v.finding.end.line).contains(line)));
        if !idle.is_empty() {
            let named: Vec<String> = idle.iter().take(SHOWN_LINES).map(usize::to_string).collect();
            let more = if idle.len() > SHOWN_LINES { ", …" } else { "" };
            let what = counted(idle.len(), "line");
            writeln!(out, "{what} with a keyword that came to nothing: {}{more}", named.join(", "))?;
        }
        let first = verdicts.first().map(|verdict| verdict.finding.start.line).or(idle.first().copied());
        if let Some(line) = first {
            let command = if self.is_piped { format!("staunch explain - {line}") } else { format!("staunch explain {name}:{line}") };
            writeln!(out, "`{}` says why", report::plain(&command))?;
        }
        Ok(verdicts)
    }

    fn found(&self, attempt: &Attempt, out: &mut impl io::Write) -> io::Result<()> {
        let End::Found { secret, layer, evidence, confidence, covered_by } = &attempt.end else { return Ok(()) };
        let shown = match layer {
            _ if self.shows_secrets => String::from_utf8_lossy(secret.of(self.bytes)).escape_debug().to_string(),
            // The first characters of what is encoded are more than those of the secret.
            Some(_) => format!("…({})", secret.len()),
            None => Secret::new(secret.of(self.bytes)).mask(),
        };
        let within = layer.map(|layer| format!(", in {}", layer.word())).unwrap_or_default();
        let column = self.column(*secret);
        writeln!(out, "\n{} at column {column}: {shown}{within}", attempt.detector)?;
        sum(evidence, out)?;
        let probability = evidence.probability();
        let level = confidence.map_or("less than low, so nobody reports it", Confidence::word);
        write!(out, "  {:+.2}  together: probability {probability:.2}, {level}", evidence.odds())?;
        match covered_by {
            Some(other) => writeln!(out, "; {other} says more of the same bytes"),
            None => writeln!(out),
        }
    }

    fn refused(&self, refused: &[&Attempt], line: Span, out: &mut impl io::Write) -> io::Result<()> {
        if refused.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nturned away:")?;
        let mut said = BTreeSet::new();
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
