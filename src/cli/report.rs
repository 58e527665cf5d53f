//! `staunch report`: earlier reports in another format, several as one, or what changed between two.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use staunch::chunk::{Content, Origin};
use staunch::detect::Catalog;
use staunch::detector::Detector;
use staunch::git::Repo;
use staunch::report::document::{self, State};
use staunch::report::read::{self, Taking};
use staunch::report::{Document, Files};
use staunch::secret::Fingerprints;

use super::args::{ReportArgs, ReportCommand, ReportOutArgs};
use super::exit::{Exit, Failure};
use super::{output, setup, subject};

/// The largest report that is read.
const MAX_REPORT_BYTES: u64 = 1 << 30;

pub(super) fn run(args: ReportArgs) -> Result<Exit, Failure> {
    match args.command {
        Some(ReportCommand::Schema) => {
            let text = serde_json::to_string_pretty(&document::json_schema()).map_err(Failure::new)?;
            writeln!(io::stdout(), "{text}")?;
            Ok(Exit::Clean)
        }
        Some(ReportCommand::Diff { old, new, out }) => {
            let targets = output::targets_of(&out.format, out.output.as_deref())?;
            let reader = Reader::new();
            let document = read::diff(reader.read(&old)?, reader.read(&new)?);
            let has_news = document.credentials.iter().any(|credential| credential.state == Some(State::New));
            finish(&document, &targets, &out, has_news)
        }
        None => {
            let targets = output::targets_of(&args.out.format, args.out.output.as_deref())?;
            let reader = Reader::new();
            let mut documents = args.inputs.iter().map(|input| reader.read(input)).collect::<Result<Vec<_>, _>>()?;
            let document = if documents.len() == 1 { documents.swap_remove(0) } else { read::merge(documents) };
            finish(&document, &targets, &args.out, !document.credentials.is_empty())
        }
    }
}

fn finish(document: &Document, targets: &[output::Target], args: &ReportOutArgs, has_news: bool) -> Result<Exit, Failure> {
    for target in targets {
        output::write_document(target, document, args.with_suppressed, files_here())?;
    }
    match (document.complete || args.allow_incomplete, has_news && !args.exit_zero) {
        (false, _) => Ok(Exit::CouldNotTell),
        (true, true) => Ok(Exit::Findings),
        (true, false) => Ok(Exit::Clean),
    }
}

/// The files of the repository around, in which a report's places may be.
pub(super) fn files_here() -> Files {
    let top = Repo::around(Path::new(".")).ok().map_or_else(|| PathBuf::from("."), |repo| setup::top_of(&repo));
    subject::on_disk(top)
}

/// Reads reports, with what is needed to take over those of other scanners.
pub(super) struct Reader {
    catalog: Catalog,
    identities: Fingerprints,
}

impl Reader {
    pub(super) fn new() -> Self {
        Reader { catalog: Catalog::shipped(), identities: Fingerprints::new(setup::key()) }
    }

    /// Reads `FILE`, `-`, or `NAME=FILE`, whose paths are then below `NAME`.
    pub(super) fn read(&self, input: &str) -> Result<Document, Failure> {
        let (folder, file) = match input.split_once('=') {
            Some((folder, file)) if !Path::new(input).exists() => (Some(folder), file),
            _ => (None, input),
        };
        let mut document = self.parse(file, &bytes(file)?)?;
        if let Some(folder) = folder {
            read::below(&mut document, folder.trim_end_matches('/'));
        }
        Ok(document)
    }

    /// Reads the bytes of a report.
    pub(super) fn parse(&self, name: &str, bytes: &[u8]) -> Result<Document, Failure> {
        let recognise = |value: &[u8]| self.recognise(value);
        Ok(read::read(name, bytes, &Taking { identities: &self.identities, recognise: &recognise })?)
    }

    /// Returns the detector that knows a value by itself.
    fn recognise(&self, value: &[u8]) -> Option<Arc<Detector>> {
        let matches = self.catalog.matches(value, Content::Text);
        let findings = self.catalog.findings(value, &Origin::File { path: "".into() }, &matches, &self.identities);
        let whole = findings.into_iter().find(|finding| finding.secret.expose() == value)?;
        Some(whole.detector).filter(|detector| detector.is_self_identifying())
    }
}

/// Reads a file, or standard input.
pub(super) fn bytes(file: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |cause: io::Error| Failure::with_hint(format!("{file}: {cause}"), "name a report that is there, or `-`");
    let mut bytes = Vec::new();
    let source: Box<dyn io::Read> =
        if file == "-" { Box::new(io::stdin().lock()) } else { Box::new(std::fs::File::open(file).map_err(unreadable)?) };
    source.take(MAX_REPORT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_REPORT_BYTES {
        return Err(Failure::with_hint(format!("{file} is longer than {MAX_REPORT_BYTES} bytes"), "report less, or in several parts"));
    }
    Ok(bytes)
}
