//! Arguments of `staunch rotate`, `ledger` and `purge`: what becomes of a credential after it was found.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::ReadingArgs;

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct RotateArgs {
    /// The credential: its fingerprint, or the first digits of it.
    #[arg(value_name = "FINGERPRINT")]
    pub(in crate::cli) finding: String,
    /// The repository, bare or not.
    #[arg(value_name = "REPO", default_value = ".")]
    pub(in crate::cli) repo: PathBuf,
    /// How far it got, where you know better than the repository: whether a host is public it cannot say.
    #[arg(long, value_name = "STAGE")]
    pub(in crate::cli) stage: Option<StageArg>,
    #[command(flatten)]
    pub(in crate::cli) runbook: RunbookArgs,
}

/// How a runbook is written.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct RunbookArgs {
    /// The format: text or markdown; FORMAT=FILE writes to a file.
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(in crate::cli) format: String,
    /// Write it to a file, whole or not at all, readable by its owner only.
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum StageArg {
    Staged,
    Committed,
    Private,
    Public,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LedgerArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LedgerCommand {
    /// Audit, and take over what is new, what came back and what is gone. Exit 1 when something is overdue.
    Sync(Box<LedgerSyncArgs>),
    /// Say what became of one credential.
    Set(LedgerSetArgs),
    /// List all entries, the overdue first. Exit 1 when something is overdue.
    Status(LedgerWhere),
    /// Sum up: how many are in which state, how long it takes to revoke them.
    Report(LedgerReportArgs),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LedgerWhere {
    /// The repository, bare or not.
    #[arg(long, value_name = "REPO", default_value = ".")]
    pub(in crate::cli) repo: PathBuf,
    /// The ledger [default: .staunch/ledger.yaml at the top of the repository].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ledger: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LedgerSyncArgs {
    /// Write nothing, and exit 1 as well when there is a credential that the ledger does not know: for CI.
    #[arg(long)]
    pub(in crate::cli) check: bool,
    #[command(flatten)]
    pub(in crate::cli) place: LedgerWhere,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LedgerSetArgs {
    /// The credential: its fingerprint, or the first digits of it.
    #[arg(value_name = "FINGERPRINT")]
    pub(in crate::cli) finding: String,
    /// open, acknowledged, rotated, revoked, removed, purged, or accepted with a reason and an end.
    #[arg(value_name = "STATE")]
    pub(in crate::cli) state: String,
    /// Why it is as it is.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) reason: Option<String>,
    /// Who answers for it.
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) owner: Option<String>,
    /// Where it is talked about.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) ticket: Option<String>,
    /// How you saw that it is dead.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) evidence: Option<String>,
    /// The day by which it is to be revoked.
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) due: Option<String>,
    /// The last day on which it is accepted.
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) place: LedgerWhere,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct LedgerReportArgs {
    /// The format: text, markdown or json.
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: String,
    #[command(flatten)]
    pub(in crate::cli) place: LedgerWhere,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct PurgeArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: PurgeCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PurgeCommand {
    /// Say whether it is worth it, what it touches, and how git filter-repo does it without the secret in a file.
    Plan(Box<PurgePlanArgs>),
    /// Prove afterwards that no object holds it, reachable or not. Exit 1 when one does.
    Verify(Box<PurgeVerifyArgs>),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct PurgePlanArgs {
    /// The credential: its fingerprint, or the first digits of it.
    #[arg(value_name = "FINGERPRINT")]
    pub(in crate::cli) finding: String,
    /// The repository, bare or not.
    #[arg(value_name = "REPO", default_value = ".")]
    pub(in crate::cli) repo: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) runbook: RunbookArgs,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct PurgeVerifyArgs {
    /// The credential: its fingerprint, or the first digits of it.
    #[arg(value_name = "FINGERPRINT")]
    pub(in crate::cli) finding: String,
    /// The repository, bare or not.
    #[arg(value_name = "REPO", default_value = ".")]
    pub(in crate::cli) repo: PathBuf,
    /// Read the value from standard input and look for its bytes, in UTF-16 and base64 too, also where no detector would see it.
    #[arg(long)]
    pub(in crate::cli) stdin: bool,
    #[command(flatten)]
    pub(in crate::cli) reading: ReadingArgs,
}
