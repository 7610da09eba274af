//! Verbs that look on: the audit log, the check for monitoring systems, and what shells and readers of manuals need.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Period, Unlocking, When};

/// `strongroom audit`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AuditArgs {
    /// What else to do with it.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Only events about this secret: its name or id
    #[arg(long, value_name = "NAME")]
    pub secret: Option<String>,
    /// Only events from then on: so long ago (2h, 7d) or a date (2026-11-23)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// At most so many, the newest; 0 is all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom audit verify`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Hold every event against the others: an edit or a gap is found
    Verify(AuditVerifyArgs),
}

/// `strongroom audit verify`
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Warn of secrets that expire within this time
    #[arg(long, value_name = "TIME", default_value = "14d")]
    pub warn: Period,
    /// Take it as critical when secrets expire within this time
    #[arg(long, value_name = "TIME", default_value = "3d")]
    pub crit: Period,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// A shell with completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletedShell {
    /// Bash.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// `strongroom completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: CompletedShell,
}

/// `strongroom complete-names`, which completions run.
#[derive(Debug, Args)]
pub struct CompleteNamesArgs {
    /// Names of applications.
    #[arg(long, group = "what")]
    pub applications: bool,
    /// References to secrets and their fields.
    #[arg(long, group = "what")]
    pub references: bool,
    /// Names of members.
    #[arg(long, group = "what")]
    pub members: bool,
    /// Names of those who are invited.
    #[arg(long, group = "what")]
    pub invitations: bool,
    /// Ids of requests for a permission.
    #[arg(long, group = "what")]
    pub requests: bool,
    /// How the names begin.
    #[arg(default_value = "")]
    pub beginning: String,
}

/// `strongroom man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "D")]
    pub dir: Option<PathBuf>,
}
