//! The arguments of `staunch hook`, which are many.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::{CommonArgs, FilterArgs, ReadingArgs};

#[derive(Debug, ClapArgs)]
pub(in super::super) struct HookArgs {
    #[command(subcommand)]
    pub(in super::super) command: HookCommand,
}

#[derive(Debug, Subcommand)]
pub(in super::super) enum HookCommand {
    /// Install hooks beside whatever is there, which is run as well.
    Install(HookInstallArgs),
    /// Remove them, and put back what was there.
    Uninstall {
        /// Remove what was installed for all repositories.
        #[arg(long)]
        global: bool,
        /// Remove what a coding agent was told.
        #[arg(long, value_name = "NAME")]
        agent: Option<String>,
    },
    /// Say which are installed and will run.
    Status,
    /// What a hook runs: looks at what git is about to do, and stops it with exit code 1.
    Run(Box<HookRunArgs>),
    /// What a coding agent runs: looks at what it is about to send, run or write, and answers in its own protocol.
    Agent(Box<AgentArgs>),
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct HookInstallArgs {
    /// Which hooks [default: those of commits, merges and pushes; pre-receive in a bare repository].
    #[arg(long = "type", short = 't', value_name = "NAME")]
    pub(in super::super) types: Vec<String>,
    /// For all repositories of this user: in a folder that core.hooksPath names.
    #[arg(long)]
    pub(in super::super) global: bool,
    /// By name in git's configuration instead of scripts; git 2.54 or newer runs them, beside those of any manager.
    #[arg(long)]
    pub(in super::super) configured: bool,
    /// Have a coding agent ask instead: claude-code, codex, copilot, cursor, gemini or vs-code.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["types", "configured"])]
    pub(in super::super) agent: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct AgentArgs {
    /// Which agent asks [default: what its message looks like].
    #[arg(long, value_name = "NAME")]
    pub(in super::super) agent: Option<String>,
    #[command(flatten)]
    pub(in super::super) filter: FilterArgs,
    #[command(flatten)]
    pub(in super::super) reading: ReadingArgs,
}

#[derive(Debug, ClapArgs)]
pub(in super::super) struct HookRunArgs {
    /// The hook, such as pre-commit.
    #[arg(value_name = "NAME")]
    pub(in super::super) name: String,
    /// What git passes to it.
    #[arg(value_name = "ARGS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(in super::super) args: Vec<std::ffi::OsString>,
    /// Stop looking after so many milliseconds [default: 4500 on GitHub Enterprise Server, none elsewhere].
    #[arg(long, value_name = "N")]
    pub(in super::super) budget_ms: Option<u64>,
    /// What becomes of a push that could not be checked in that time.
    #[arg(long, value_name = "WHAT", default_value = "block")]
    pub(in super::super) on_timeout: OnTimeoutArg,
    /// Go through the findings one by one, where there is a terminal, and allow false alarms.
    #[arg(long)]
    pub(in super::super) interactive: bool,
    #[command(flatten)]
    pub(in super::super) common: CommonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum OnTimeoutArg {
    Block,
    Accept,
}
