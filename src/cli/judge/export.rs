//! `staunch judge export`: what people said of findings, as a table of labels to measure with and to learn from.

use staunch::count::counted;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use staunch::chunk::Origin;
use staunch::detect::judge::lab::Kind;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::scan::FileOptions;
use staunch::verdict::{Disposition, Verdict};

use crate::cli::args::{CommonArgs, ConfidenceArg, ReadingArgs};
use crate::cli::exit::{Exit, Failure, shown, tell};
use crate::cli::{check, output, setup};

/// What somebody writes who holds that a finding is none.
const REASONS: [&str; 6] = ["false positive", "false-positive", "false alarm", "no secret", "not a secret", "no credential"];

/// A row of the table.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Label {
    path: String,
    first: usize,
    last: usize,
    /// From 0, where all is on one line.
    columns: Option<(usize, usize)>,
    is_true: bool,
    kind: &'static str,
}

pub(super) fn run(paths: &[PathBuf], is_reviewed: bool, table: &Path) -> Result<Exit, Failure> {
    // What was suppressed says something at every level; what nobody suppressed only where it is reported.
    let mut common = CommonArgs::of_reading(&ReadingArgs::default(), ConfidenceArg::Low);
    common.filter.no_baseline = true;
    let repo = Repo::around(Path::new(".")).ok();
    let top = repo.as_ref().map_or_else(|| PathBuf::from("."), setup::top_of);
    let here = repo.as_ref().map_or_else(Here::default, check::here);
    let setup = setup::setup(&common, &top, &here)?;
    let outcome = setup.scanner.scan(paths, &FileOptions::default(), None)?;
    let mut unwritable: BTreeSet<String> = BTreeSet::new();
    let labels: BTreeSet<Label> = outcome.verdicts.iter().filter_map(|verdict| label(verdict, is_reviewed, &mut unwritable)).collect();
    let (secrets, none) = (labels.iter().filter(|label| label.is_true).count(), labels.iter().filter(|label| !label.is_true).count());
    output::write_file(table, |out| write(&labels, out))?;
    tell("labels", &format!("{} and {}, written to {}", counted(none, "false positive"), counted(secrets, "secret"), table.display()));
    for path in unwritable {
        tell("warning", &format!("the table has no way to write the name of {}, so its labels are left out", shown(Path::new(&path))));
    }
    if labels.is_empty() {
        tell("hint", "a suppression counts whose reason says `false positive`");
    }
    Ok(Exit::Clean)
}

fn label(verdict: &Verdict, is_reviewed: bool, unwritable: &mut BTreeSet<String>) -> Option<Label> {
    let is_true = match &verdict.disposition {
        Disposition::AllowedInline { reason } | Disposition::Allowed { reason } => {
            let reason = reason.to_lowercase();
            REASONS.iter().any(|said| reason.contains(said)).then_some(false)
        }
        Disposition::Reported => is_reviewed.then_some(true),
        Disposition::Baselined => None,
    }?;
    let finding = &verdict.finding;
    let Origin::File { path } = &finding.origin else { return None };
    if finding.member.is_some() {
        return None;
    }
    let path = path.to_string();
    if path.contains('"') || path.contains(char::is_control) || path.contains(char::REPLACEMENT_CHARACTER) {
        unwritable.insert(path);
        return None;
    }
    let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
    let (first, last) = (finding.start.line, finding.end.line);
    let columns = (first == last).then_some((finding.start.column - 1, finding.end.column - 1));
    Some(Label { path, first, last, columns, is_true, kind: Kind::found_by(&finding.detector).word() })
}

fn write(labels: &BTreeSet<Label>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "FilePath,LineStart,LineEnd,GroundTruth,ValueStart,ValueEnd,Category")?;
    for Label { path, first, last, columns, is_true, kind } in labels {
        let (start, end) = columns.map_or_else(Default::default, |(start, end)| (start.to_string(), end.to_string()));
        let truth = if *is_true { "T" } else { "F" };
        writeln!(out, "\"{path}\",{first},{last},{truth},{start},{end},{kind}")?;
    }
    Ok(())
}
