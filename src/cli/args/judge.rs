//! Arguments of what is asked of the judge: why a line is reported, how well it does, what it learns.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::ConfidenceArg;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ExplainArgs {
    /// The file and the line, FILE:LINE, or the file alone, whose lines are told in short; `-` is standard input.
    #[arg(value_name = "FILE[:LINE]")]
    pub(in crate::cli) place: String,
    /// The line, where it does not stand behind the file.
    #[arg(value_name = "LINE")]
    pub(in crate::cli) line: Option<String>,
    /// What standard input is called; its ending tells the grammar.
    #[arg(long, value_name = "NAME", default_value = "stdin")]
    pub(in crate::cli) stdin_name: String,
    /// Exit 1 for what is at least this sure.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub(in crate::cli) min_confidence: ConfidenceArg,
    /// More detectors: a file or a folder of files.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) detectors: Vec<PathBuf>,
    /// The configuration [default: .staunch.yaml at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Print secrets in full. Nothing else does.
    #[arg(long)]
    pub(in crate::cli) show_secrets: bool,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct JudgeArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: JudgeCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum JudgeCommand {
    /// Score the judge on labelled places: precision and recall at each level.
    Eval(JudgeEvalArgs),
    /// Write a table of labels of what was suppressed as a false positive, by `.staunch.yaml` and by comments.
    Export {
        /// Files and folders.
        #[arg(value_name = "PATH", default_value = ".")]
        paths: Vec<PathBuf>,
        /// Somebody looked at everything: label what is still reported as secrets.
        #[arg(long)]
        reviewed: bool,
        /// Where the table is written.
        #[arg(long, short, value_name = "FILE", default_value = "labels.csv")]
        output: PathBuf,
    },
    /// Learn weights from labelled places; a build embeds them from src/detect/judge/weights.tsv.
    Train {
        #[command(flatten)]
        labels: LabelArgs,
        /// Where the table of weights is written.
        #[arg(long, short, value_name = "FILE", default_value = "weights.tsv")]
        output: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LabelArgs {
    /// The table of labels: FilePath, LineStart, LineEnd, GroundTruth (T or F), Category, separated by commas.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) labels: PathBuf,
    /// Where the files are that it names.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) files: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct JudgeEvalArgs {
    #[command(flatten)]
    pub(in crate::cli) labels: LabelArgs,
    /// Learn anew, N times, each time without some repositories, and score these; 0 scores the weights that ship.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) folds: usize,
    /// Score these weights.
    #[arg(long, value_name = "FILE", conflicts_with = "folds")]
    pub(in crate::cli) weights: Option<PathBuf>,
    /// List what is judged wrongly at medium confidence instead.
    #[arg(long)]
    pub(in crate::cli) mistakes: bool,
    /// Also score each repository.
    #[arg(long)]
    pub(in crate::cli) repositories: bool,
    /// Also learn without each family of signs.
    #[arg(long)]
    pub(in crate::cli) ablate: bool,
    /// Also learn from fewer repositories.
    #[arg(long)]
    pub(in crate::cli) curve: bool,
}
