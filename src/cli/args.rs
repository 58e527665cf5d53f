//! The command line; help, completions and man page derive from it.

mod common;
mod dossier;
mod hook;
mod judge;
mod report;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

pub(super) use common::{CommonArgs, ConfidenceArg, FilterArgs, LevelArgs, MarkArgs, ReadingArgs, SeverityArg};
pub(super) use dossier::{
    LedgerArgs, LedgerCommand, LedgerReportArgs, LedgerSetArgs, LedgerSyncArgs, LedgerWhere, PurgeArgs, PurgeCommand, PurgePlanArgs,
    PurgeVerifyArgs, RotateArgs, RunbookArgs, StageArg,
};
pub(super) use hook::{AgentArgs, HookArgs, HookCommand, HookInstallArgs, HookRunArgs, OnTimeoutArg};
pub(super) use judge::{ExplainArgs, JudgeArgs, JudgeCommand, JudgeEvalArgs, LabelArgs};
pub(super) use report::{
    BitbucketArgs, DefectDojoArgs, GithubArgs, ReportArgs, ReportCommand, ReportOutArgs, UploadArgs, UploadCommand, UploadCommonArgs,
};

/// Stops secrets leaking into git, and tells you how to kill the ones that did.
///
/// Exit codes: 0 clean, 1 findings, 2 could not tell.
#[derive(Debug, Parser)]
#[command(name = "staunch", version, propagate_version = true, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check what a commit adds: the staged changes, or the commits of a range.
    Check(CheckArgs),
    /// Check what a CI job is about: finds the base of the change by itself, and looks at more where it is not known.
    Ci(CiArgs),
    /// Scan files and folders, or standard input.
    Scan(ScanArgs),
    /// Audit every object of a repository: all refs, stashes, messages, unreachable objects.
    Audit(AuditArgs),
    /// List, explain and test detectors.
    Detectors(DetectorsArgs),
    /// Allow a credential that is none, or that is dead: adds it to .staunch.yaml and touches nothing else there.
    Allow(AllowArgs),
    /// Write earlier reports, ours or other scanners', in another format; merge and compare them.
    Report(ReportArgs),
    /// Say what to do about one credential, in order, with everything filled in that is known. The secret is never printed.
    Rotate(Box<RotateArgs>),
    /// Keep track of what became of each credential, in a file of the repository.
    Ledger(LedgerArgs),
    /// Plan how to take a credential out of the history, and prove that it is gone. Rewrites nothing.
    Purge(PurgeArgs),
    /// Bring a report to GitHub, Bitbucket or DefectDojo: the only command that talks to a network.
    Upload(UploadArgs),
    /// Carry over what other scanners were told to keep silent about, and list what cannot be.
    Migrate(MigrateArgs),
    /// Keep a list of known credentials, so that only new ones are reported.
    Baseline(BaselineArgs),
    /// Say why something on a line is or is not reported: every detector there, with its reasons and their weights.
    Explain(ExplainArgs),
    /// Learn what tells secrets from other values, and measure it, on labelled places of your own.
    Judge(JudgeArgs),
    /// Have git ask staunch before it commits, merges and pushes.
    Hook(HookArgs),
    /// Say whether the hooks really run here, and what keeps them from it.
    Doctor,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CheckArgs {
    /// Check the commits of a range, such as origin/main..HEAD, one by one.
    #[arg(long, value_name = "A..B", conflicts_with = "unpushed")]
    pub(super) range: Option<String>,
    /// Check the commits of a revision that no remote-tracking branch has [default: HEAD].
    #[arg(long, value_name = "REV", num_args = 0..=1, default_missing_value = "HEAD")]
    pub(super) unpushed: Option<String>,
    /// Go through the findings one by one, where there is a terminal, and allow false alarms.
    #[arg(long)]
    pub(super) interactive: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CiArgs {
    /// What was there before the change [default: what the CI service says].
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
    /// The change itself [default: what the CI service says, or HEAD].
    #[arg(long, value_name = "REV")]
    pub(super) head: Option<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ScanArgs {
    /// Files and folders; `-` reads standard input [default: the current folder].
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Read standard input, and call it so in reports; its ending tells the grammar.
    #[arg(long, value_name = "NAME")]
    pub(super) stdin_name: Option<String>,
    /// Read what .gitignore and its kin leave out.
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Read hidden files too; this is the default, because .env and .npmrc are hidden.
    #[arg(long, overrides_with = "no_hidden")]
    pub(super) hidden: bool,
    /// Leave hidden files out.
    #[arg(long)]
    pub(super) no_hidden: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AuditArgs {
    /// The repository, bare or not.
    #[arg(value_name = "REPO", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Audit this repository as well, and tell which credentials they share. May be repeated.
    #[arg(long, value_name = "REPO", conflicts_with = "state")]
    pub(super) with: Vec<PathBuf>,
    /// Remember in this file which blobs are clean, and look only at others next time; the report stays the same.
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Look at all bytes of every object, not only at what is new in it: slower, with the same result.
    #[arg(long)]
    pub(super) in_full: bool,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct DetectorsArgs {
    #[command(subcommand)]
    pub(super) command: DetectorsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum DetectorsCommand {
    /// List all detectors: those that ship and those of one's own.
    List(OwnDetectorsArgs),
    /// Show one detector and how to revoke and replace what it finds.
    Show {
        /// The detector's id.
        id: String,
        #[command(flatten)]
        own: OwnDetectorsArgs,
    },
    /// Run the samples of detectors: of a file, or of all that ship.
    Test {
        /// Detector files, or folders of them.
        files: Vec<PathBuf>,
    },
    /// Say what a second reader would: common keywords, wide reach, overlaps, samples too much alike.
    ///
    /// Exits 1 when there is something to say.
    Check {
        /// Detector files, or folders of them [default: all that ship].
        files: Vec<PathBuf>,
        /// Count keywords in the files of this folder, to tell which are common.
        #[arg(long, value_name = "DIR")]
        text: Option<PathBuf>,
    },
    /// Show candidates, matches and time of each detector on real text, the dearest first.
    Stats {
        #[command(flatten)]
        own: OwnDetectorsArgs,
        /// Files and folders, or with --history a repository.
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// Read every object of a repository, each in full.
        #[arg(long)]
        history: bool,
        /// Show so many detectors and keywords [0: all].
        #[arg(long, value_name = "COUNT", default_value_t = 30)]
        top: usize,
    },
    /// Print the JSON Schema of a detector file, or of the configuration.
    Schema {
        /// Print the schema of .staunch.yaml.
        #[arg(long)]
        config: bool,
    },
}

#[derive(Debug, ClapArgs)]
pub(super) struct OwnDetectorsArgs {
    /// More detectors: a file or a folder of files. Those that the .staunch.yaml of the repository around names are known as well.
    #[arg(long, value_name = "PATH")]
    pub(super) detectors: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct AllowArgs {
    /// The credential: its fingerprint, or the first eight digits and more of it.
    pub(super) fingerprint: String,
    /// Why it may stay.
    #[arg(long, value_name = "WHY")]
    pub(super) reason: String,
    /// Only at this path or glob, seen from the top of the repository.
    #[arg(long, value_name = "GLOB")]
    pub(super) path: Option<String>,
    /// Who answers for it.
    #[arg(long, value_name = "WHO")]
    pub(super) owner: Option<String>,
    /// The last day on which it is allowed, such as 2027-03-31.
    #[arg(long, value_name = "DATE")]
    pub(super) expires: Option<String>,
    /// The configuration [default: .staunch.yaml at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// More detectors: a file or a folder of files. They find what is named by its first digits.
    #[arg(long, value_name = "PATH")]
    pub(super) detectors: Vec<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct MigrateArgs {
    /// Files of gitleaks, Betterleaks, detect-secrets or Kingfisher [default: those at the top of the repository].
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Put the entries into .staunch.yaml instead of showing them.
    #[arg(long)]
    pub(super) write: bool,
    /// Make entries of what is at least this sure.
    #[arg(long, value_name = "LEVEL", default_value = "medium")]
    pub(super) min_confidence: ConfidenceArg,
    /// More detectors: a file or a folder of files.
    #[arg(long, value_name = "PATH")]
    pub(super) detectors: Vec<PathBuf>,
    /// The configuration [default: .staunch.yaml at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// How many threads; 0 is one for each core.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
}

#[derive(Debug, ClapArgs)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    pub(super) command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Make a baseline of all that an audit finds now.
    Create(BaselineOf),
    /// Add what an audit finds now.
    Update(BaselineOf),
    /// Remove what an audit finds no more.
    Prune(BaselineWhere),
}

#[derive(Debug, ClapArgs)]
pub(super) struct BaselineOf {
    #[command(flatten)]
    pub(super) level: LevelArgs,
    #[command(flatten)]
    pub(super) at: BaselineWhere,
}

#[derive(Debug, ClapArgs)]
pub(super) struct BaselineWhere {
    /// The repository, bare or not.
    #[arg(value_name = "REPO", default_value = ".")]
    pub(super) repo: PathBuf,
    /// Look at all bytes of every object, not only at what is new in it: slower, with the same result.
    #[arg(long)]
    pub(super) in_full: bool,
    /// The baseline [default: .staunch-baseline at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(super) marks: MarkArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}
