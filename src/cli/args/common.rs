//! Arguments that many commands take, in three groups: each command takes those that it heeds, and no other.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

/// What a command takes that scans and writes reports.
#[derive(Debug, Default, ClapArgs)]
pub(in crate::cli) struct CommonArgs {
    /// The format: pretty, html, json, jsonl, sarif, github, markdown, csv, junit, gitlab, gitlab-codequality,
    /// bitbucket, sonarqube, toon, or template:FILE; FORMAT=FILE writes to a file. May be repeated.
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    pub(in crate::cli) format: Vec<String>,
    /// Write the report to a file, whole or not at all, readable by its owner only.
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) filter: FilterArgs,
    /// Write what is suppressed as well, marked as such, in formats that have a place for it (SARIF).
    #[arg(long)]
    pub(in crate::cli) with_suppressed: bool,
    /// Print secrets in full. Nothing else does.
    #[arg(long)]
    pub(in crate::cli) show_secrets: bool,
    /// Exit 0 when there are findings.
    #[arg(long)]
    pub(in crate::cli) exit_zero: bool,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
}

impl CommonArgs {
    /// What a command takes that only reads, at a least confidence.
    pub(in crate::cli) fn of_reading(reading: &ReadingArgs, least: ConfidenceArg) -> Self {
        let level = LevelArgs { min_confidence: Some(least), ..LevelArgs::default() };
        let filter = FilterArgs { level, ..FilterArgs::default() };
        CommonArgs { filter, reading: reading.clone(), ..CommonArgs::default() }
    }
}

/// What counts of what is found. Commands that prove that something is gone do not take it.
#[derive(Debug, Default, ClapArgs)]
pub(in crate::cli) struct FilterArgs {
    #[command(flatten)]
    pub(in crate::cli) level: LevelArgs,
    /// The baseline [default: .staunch-baseline at the top of the repository, if there is one].
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Report what the baseline knows as well.
    #[arg(long)]
    pub(in crate::cli) no_baseline: bool,
    #[command(flatten)]
    pub(in crate::cli) marks: MarkArgs,
}

/// Which marks in comments count.
#[derive(Debug, Default, ClapArgs)]
pub(in crate::cli) struct MarkArgs {
    /// Heed only our own mark in comments, staunch:allow, and not those of other scanners.
    #[arg(long, conflicts_with = "no_inline_allow")]
    pub(in crate::cli) own_markers_only: bool,
    /// Heed no mark in comments; this is the default of the hooks of a server.
    #[arg(long)]
    pub(in crate::cli) no_inline_allow: bool,
}

/// What is worth telling.
#[derive(Debug, Default, ClapArgs)]
pub(in crate::cli) struct LevelArgs {
    /// Report findings at least this sure [default: high for check and hooks, medium elsewhere].
    #[arg(long, value_name = "LEVEL")]
    pub(in crate::cli) min_confidence: Option<ConfidenceArg>,
    /// Report findings at least this severe.
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    pub(in crate::cli) min_severity: SeverityArg,
}

/// How what is there is read.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct ReadingArgs {
    /// More detectors: a file or a folder of files.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) detectors: Vec<PathBuf>,
    /// The configuration [default: .staunch.yaml at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Do not exit 2 because something could not be read.
    #[arg(long)]
    pub(in crate::cli) allow_incomplete: bool,
    /// Print nothing when there is nothing to report, and no progress.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// How many threads; 0 is one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) threads: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ConfidenceArg {
    Low,
    Medium,
    High,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SeverityArg {
    #[default]
    Low,
    Medium,
    High,
    Critical,
}
