//! `staunch judge`: learning the weights of the judge from labelled places, and measuring it on one's own.

mod export;

use staunch::count::counted;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use staunch::bounded;
use staunch::detect::judge::lab::{Kind, Options, Score, Set};
use staunch::detect::judge::{Family, Model};
use staunch::finding::Confidence;

use super::args::{JudgeArgs, JudgeCommand, JudgeEvalArgs, LabelArgs};
use super::exit::{Exit, Failure, chain, tell};
use super::output;

pub(super) fn run(args: JudgeArgs) -> Result<Exit, Failure> {
    match args.command {
        JudgeCommand::Train { labels, output: path } => {
            let set = read(&labels)?;
            let model = set.train(&Options::default(), |_| true);
            output::write_file(&path, |out| out.write_all(model.text().as_bytes()))?;
            tell("weights", &format!("learned from {}, written to {}", counted(set.repositories().len(), "repository"), path.display()));
            Ok(Exit::Clean)
        }
        JudgeCommand::Eval(args) => eval(&args),
        JudgeCommand::Export { paths, reviewed, output } => export::run(&paths, reviewed, &output),
    }
}

fn read(labels: &LabelArgs) -> Result<Set, Failure> {
    let table = text(&labels.labels)?;
    Set::read(&table, &labels.files)
        .map_err(|error| Failure::with_hint(error.to_string(), "docs/judge.md describes the table of labels and where its files are"))
}

/// 256 MiB: a line is some 200 bytes, so this is a million labels.
const MAX_BYTES: u64 = 256 << 20;

fn text(path: &Path) -> Result<String, Failure> {
    let hint = "name a file of text that is there";
    let text = bounded::read_text(path, MAX_BYTES).map_err(|error| Failure::with_hint(chain(&error), hint))?;
    text.ok_or_else(|| Failure::with_hint(format!("{path:?} is not there"), hint))
}

fn eval(args: &JudgeEvalArgs) -> Result<Exit, Failure> {
    let set = read(&args.labels)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let options = Options::default();
    let score = match (&args.weights, args.folds) {
        (Some(path), _) => {
            let model = Model::parse(&text(path)?).map_err(Failure::new)?;
            set.score(&model, |_| true)
        }
        (None, 0) => set.score(Model::shipped(), |_| true),
        (None, folds) => set.cross_validate(&options, folds.max(2)),
    };
    if args.mistakes {
        let level = Confidence::Medium;
        for mistake in score.mistakes(level) {
            writeln!(out, "{}:{}\t{}", mistake.path, mistake.line, if mistake.is_missed { "missed" } else { "false" })?;
        }
        out.flush()?;
        return Ok(Exit::Clean);
    }
    levels(&score, &mut out)?;
    if args.repositories {
        repositories(&score, &mut out)?;
    }
    if args.ablate {
        let folds = args.folds.max(2);
        writeln!(out, "\nwithout          F1 at medium   macro")?;
        for family in Family::ALL {
            let score = set.cross_validate(&Options { without: Some(family), ..options.clone() }, folds);
            writeln!(out, "{:<16} {}", family.word(), both(&score))?;
        }
    }
    if args.curve {
        let folds = args.folds.max(2);
        writeln!(out, "\nlearned from     F1 at medium   macro")?;
        for share in [0.125, 0.25, 0.5, 0.75, 1.0] {
            let score = set.cross_validate_with(&options, folds, share);
            let count = set.repositories().len() as f64 * share * (1.0 - 1.0 / folds as f64);
            writeln!(out, "{:<16} {}", format!("{count:.0} repositories"), both(&score))?;
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// What is wanted: identifiers are no secrets.
const WANTED: [Kind; 3] = [Kind::Specific, Kind::Structural, Kind::Generic];

fn both(score: &Score) -> String {
    let count = score.count(Confidence::Medium, &WANTED);
    format!("{:<14.3} {:.3}", count.f1(), score.macro_f1(Confidence::Medium, &WANTED))
}

fn levels(score: &Score, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "level   kind         right  wrong missed  precision recall F1     macro F1")?;
    for level in Score::LEVELS.into_iter().rev() {
        for (name, kinds) in [("all", &WANTED[..]), ("specific", &WANTED[..1]), ("structural", &WANTED[1..2]), ("generic", &WANTED[2..])] {
            let count = score.count(level, kinds);
            writeln!(
                out,
                "{:<7} {name:<12} {:>5} {:>6} {:>6}  {:<9.3} {:<6.3} {:<6.3} {:.3}",
                level.word(),
                count.right,
                count.wrong,
                count.missed,
                count.precision(),
                count.recall(),
                count.f1(),
                score.macro_f1(level, kinds)
            )?;
        }
    }
    Ok(())
}

fn repositories(score: &Score, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "\nrepository       right  wrong missed  F1 at medium")?;
    for (name, count) in score.by_repository(Confidence::Medium, &WANTED) {
        writeln!(out, "{name:<16} {:>5} {:>6} {:>6}  {:.3}", count.right, count.wrong, count.missed, count.f1())?;
    }
    Ok(())
}
