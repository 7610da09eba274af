//! Verbs that manage secrets.

use clap::Args;

use super::Unlocking;

/// `strongroom list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
