//! Arguments of `staunch report` and `staunch upload`, which need none of what a scan needs.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct ReportArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<ReportCommand>,
    /// Reports of staunch (json, jsonl, sarif), gitleaks, Betterleaks, Kingfisher or TruffleHog (json), or any SARIF; `-` reads
    /// standard input. NAME=FILE puts the paths of a report below NAME.
    #[arg(value_name = "[NAME=]FILE", required = true)]
    pub(in crate::cli) inputs: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) out: ReportOutArgs,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ReportOutArgs {
    /// The format, as for `scan`; FORMAT=FILE writes to a file. May be repeated.
    #[arg(long, short, value_name = "FORMAT[=FILE]")]
    pub(in crate::cli) format: Vec<String>,
    /// Write the report to a file, whole or not at all, readable by its owner only.
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Write what is suppressed as well, marked as such, in formats that have a place for it (SARIF).
    #[arg(long)]
    pub(in crate::cli) with_suppressed: bool,
    /// Exit 0 when there are credentials; for `diff`, new ones.
    #[arg(long)]
    pub(in crate::cli) exit_zero: bool,
    /// Do not exit 2 because something could not be read when the report was made.
    #[arg(long)]
    pub(in crate::cli) allow_incomplete: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ReportCommand {
    /// Say what is new, still open and fixed between two reports.
    Diff {
        /// The earlier report.
        #[arg(value_name = "OLD")]
        old: String,
        /// The later report.
        #[arg(value_name = "NEW")]
        new: String,
        #[command(flatten)]
        out: ReportOutArgs,
    },
    /// Print the JSON Schema of what `--format json` writes.
    Schema,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct UploadArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: UploadCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UploadCommand {
    /// To GitHub code scanning, with the token in GITHUB_TOKEN or GH_TOKEN.
    Github(GithubArgs),
    /// To Bitbucket Code Insights, with the token in BITBUCKET_TOKEN; Pipelines needs none.
    Bitbucket(BitbucketArgs),
    /// To DefectDojo, with the token in DEFECTDOJO_TOKEN.
    Defectdojo(DefectDojoArgs),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct UploadCommonArgs {
    /// The report: what `staunch report` reads; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub(in crate::cli) report: String,
    /// The repository [default: what the CI service says].
    #[arg(long, value_name = "OWNER/NAME")]
    pub(in crate::cli) repo: Option<String>,
    /// The commit [default: what the CI service says, or HEAD].
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) commit: Option<String>,
    /// Show what would be sent where, and send nothing.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct GithubArgs {
    #[command(flatten)]
    pub(in crate::cli) common: UploadCommonArgs,
    /// The full ref, such as refs/heads/main [default: what the CI service says, or the branch].
    #[arg(long = "ref", value_name = "REF")]
    pub(in crate::cli) reference: Option<String>,
    /// The base of the API; https://HOST/api/v3 for GitHub Enterprise Server [default: GITHUB_API_URL, or api.github.com].
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) api_url: Option<String>,
    /// Do not wait until GitHub has processed the report.
    #[arg(long)]
    pub(in crate::cli) no_wait: bool,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct BitbucketArgs {
    #[command(flatten)]
    pub(in crate::cli) common: UploadCommonArgs,
    /// The base of the API [default: api.bitbucket.org].
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) api_url: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct DefectDojoArgs {
    #[command(flatten)]
    pub(in crate::cli) common: UploadCommonArgs,
    /// The address of DefectDojo [default: DEFECTDOJO_URL].
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// The product, which is made where there is none.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) product: String,
    /// The engagement, which is made where there is none.
    #[arg(long, value_name = "NAME", default_value = "staunch")]
    pub(in crate::cli) engagement: String,
}
