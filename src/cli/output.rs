//! Where reports go, and how the run ends.

use staunch::count::counted;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use staunch::bounded;
use staunch::here::Here;
use staunch::report::document::Subject;
use staunch::report::{self, Document, Files, LeftOut, Page, Render, Report, Template};
use staunch::verdict::Outcome;

use super::args::CommonArgs;
use super::exit::{Exit, Failure, chain, tell};

/// One report: how and where.
pub(super) struct Target {
    report: Chosen,
    is_pretty: bool,
    file: Option<PathBuf>,
}

/// A format that ships, or one of the user's own.
enum Chosen {
    Shipped(&'static dyn Report),
    Own(Box<Template>),
}

impl Chosen {
    fn report(&self) -> &dyn Report {
        match self {
            Chosen::Shipped(report) => *report,
            Chosen::Own(template) => &**template,
        }
    }
}

/// How paths and places are written, and what is said of what was scanned.
#[derive(Default)]
pub(super) struct Form {
    pub(super) here: Here,
    pub(super) subject: Subject,
    pub(super) files: Files,
}

/// Reads `--format` and `-o`, before any work is done.
pub(super) fn targets(args: &CommonArgs) -> Result<Vec<Target>, Failure> {
    targets_of(&args.format, args.output.as_deref())
}

/// The same for commands that do not scan.
pub(super) fn targets_of(formats: &[String], output: Option<&Path>) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for spec in formats {
        let (name, file) = spec.split_once('=').map_or((spec.as_str(), None), |(name, file)| (name, Some(PathBuf::from(file))));
        targets.push(target(name, file)?);
    }
    match output {
        Some(file) => match targets.iter_mut().find(|target| target.file.is_none()) {
            Some(target) => target.file = Some(file.to_owned()),
            None => targets.push(target(format_of(file), Some(file.to_owned()))?),
        },
        None if targets.is_empty() => targets.push(target("pretty", None)?),
        None => {}
    }
    if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
        return Err(Failure::with_hint("several formats would go to standard output", "give all but one a file: --format sarif=out.sarif"));
    }
    Ok(targets)
}

/// The same for a command that is read on the screen, whatever else it writes.
pub(super) fn targets_beside_screen(args: &CommonArgs) -> Result<Vec<Target>, Failure> {
    let mut targets = targets(args)?;
    if targets.iter().all(|target| target.file.is_some()) {
        targets.push(target("pretty", None)?);
    }
    Ok(targets)
}

/// Writes annotations of GitHub to standard output, which is where it looks for them.
pub(super) fn annotate(outcome: &Outcome, page: &Page) -> Result<(), Failure> {
    let target = target("github", None)?;
    let mut out = BufWriter::new(io::stdout().lock());
    Ok(target.report.report().write(outcome, page, &mut out).and_then(|()| out.flush())?)
}

fn target(name: &str, file: Option<PathBuf>) -> Result<Target, Failure> {
    if let Some(template) = name.strip_prefix("template:") {
        let hint = "name a template that is there: --format template:FILE";
        let source =
            bounded::read_text(Path::new(template), Template::MAX_BYTES).map_err(|error| Failure::with_hint(chain(&error), hint))?;
        let source = source.ok_or_else(|| Failure::with_hint(format!("{template:?} is not there"), hint))?;
        let own = Template::new(Path::new(template), source)?;
        return Ok(Target { report: Chosen::Own(Box::new(own)), is_pretty: false, file });
    }
    let Some(report) = report::named(name) else {
        let names: Vec<&str> = report::FORMATS.iter().map(|(name, _)| *name).collect();
        let hint = format!("formats are {}, and template:FILE", names.join(", "));
        return Err(Failure::with_hint(format!("there is no format {name:?}"), hint));
    };
    Ok(Target { report: Chosen::Shipped(report), is_pretty: name == "pretty", file })
}

fn format_of(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => "html",
        Some("json") => "json",
        Some("jsonl") => "jsonl",
        Some("sarif") => "sarif",
        Some("md") => "markdown",
        Some("csv") => "csv",
        Some("xml") => "junit",
        _ => "pretty",
    }
}

/// Writes all reports and returns how the run ends.
pub(super) fn finish(outcome: &Outcome, targets: &[Target], args: &CommonArgs, form: &Form, elapsed: Duration) -> Result<Exit, Failure> {
    let exit = exit_of(outcome, args);
    for target in targets {
        write(target, outcome, args, form, elapsed)?;
    }
    if exit == Exit::CouldNotTell {
        tell("error", "not everything could be read, so this is no clean result");
        tell("hint", "the report names what is missing; --allow-incomplete accepts it");
    }
    Ok(exit)
}

/// Writes one report; a pretty one says nothing where there is nothing to say and that was asked for.
pub(super) fn write(target: &Target, outcome: &Outcome, args: &CommonArgs, form: &Form, elapsed: Duration) -> Result<(), Failure> {
    let has_findings = outcome.reported().next().is_some();
    let mut page = Page {
        show_secrets: args.show_secrets,
        is_colored: false,
        here: form.here.clone(),
        subject: form.subject.clone(),
        files: form.files.clone(),
        with_suppressed: args.with_suppressed,
        started: started(elapsed),
        elapsed,
    };
    let is_silent = args.reading.quiet && !has_findings && outcome.coverage.is_complete() && outcome.notices.is_empty();
    if is_silent && target.is_pretty && target.file.is_none() {
        return Ok(());
    }
    send(target, &mut page, |page, out| write_report(target, outcome, page, out))
}

/// Writes an earlier report.
pub(super) fn write_document(target: &Target, document: &Document, with_suppressed: bool, files: Files) -> Result<(), Failure> {
    let render = target.report.report().of_documents();
    let mut page = Page { with_suppressed, files, started: started(Duration::ZERO), ..Page::default() };
    send(target, &mut page, |page, out| render_within(render, document, page, out))
}

/// Writes to a file, or to standard output in its colours.
fn send(target: &Target, page: &mut Page, write: impl Fn(&Page, &mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    if let Some(file) = &target.file {
        return write_file(file, |out| write(page, out));
    }
    page.is_colored = wants_color();
    let mut out = BufWriter::new(io::stdout().lock());
    match write(page, &mut out).and_then(|()| out.flush()) {
        // Nobody reads the rest; the exit code and reports in files still say what was found.
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Returns when a run began; a build that must be repeatable says itself what time it is.
fn started(elapsed: Duration) -> Timestamp {
    let stated = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
    stated.unwrap_or_else(|| Timestamp::now().checked_sub(elapsed).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Writes a report, and tells what its readers would refuse.
fn write_report(target: &Target, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let report = target.report.report();
    if report.is_of_scans() {
        return report.write(outcome, page, out);
    }
    render_within(report.of_documents(), &Document::of(outcome, page), page, out)
}

/// Writes a document, and tells what the readers of the format would refuse.
fn render_within(render: &dyn Render, document: &Document, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    if let Some(LeftOut { credentials, limit }) = render.left_out(document, page) {
        tell("warning", &format!("{} of lower severity left out of the report: {limit}", counted(credentials, "credential")));
    }
    render.render(document, page, out)
}

/// Writes something other than a report to standard output; that nobody reads it to the end is no failure.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Decides how a run ends.
pub(super) fn exit_of(outcome: &Outcome, args: &CommonArgs) -> Exit {
    let has_findings = outcome.reported().next().is_some();
    match (has_findings && !args.exit_zero, outcome.coverage.is_complete() || args.reading.allow_incomplete) {
        (_, false) => Exit::CouldNotTell,
        (true, true) => Exit::Findings,
        (false, true) => Exit::Clean,
    }
}

fn wants_color() -> bool {
    io::stdout().is_terminal() && anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Writes a file whole or not at all, readable by its owner only: a report names where secrets are.
pub(super) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let fail = |cause: io::Error| Failure::with_hint(format!("{}: {cause}", path.display()), "the file was left as it was");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.exists() && !path.is_file() {
        // A pipe or `/dev/stdout` cannot be replaced.
        let mut out = BufWriter::new(File::options().write(true).open(path).map_err(fail)?);
        return write(&mut out).and_then(|()| out.flush()).map_err(fail);
    }
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    {
        let mut out = BufWriter::new(file.as_file_mut());
        write(&mut out).and_then(|()| out.flush()).map_err(fail)?;
    }
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
