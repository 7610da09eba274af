//! The vault as a whole: made, saved, brought back, examined.

use std::path::PathBuf;

use clap::Args;

use super::{MemberPassphrase, PassphraseFrom, Unlocking};

/// `strongroom init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The organization's name
    #[arg(long, value_name = "O")]
    pub organization: String,
    /// Your name; you become the organization's Account Holder
    #[arg(long, value_name = "N")]
    pub name: String,
    /// The new passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseFrom,
}

/// `strongroom backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist yet
    pub file: PathBuf,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Go ahead although there is a vault already; that one is set aside, not removed
    #[arg(long)]
    pub yes: bool,
    /// Open the backup with the recovery key in the first line of F, not a passphrase
    #[arg(long, value_name = "F", group = "credential")]
    pub recovery_key_file: Option<PathBuf>,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom passphrase`
#[derive(Debug, Args)]
pub struct PassphraseArgs {
    /// Read the new passphrase from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub new_passphrase_file: Option<PathBuf>,
    /// The present passphrase.
    #[command(flatten)]
    pub passphrase: MemberPassphrase,
}

/// `strongroom doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Keep what is whole in a damaged store and bring back what a copy has; the damaged store is set aside
    #[arg(long)]
    pub repair: bool,
    /// Take an older state of the vault, which was put back, for the real one
    #[arg(long)]
    pub accept_older: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
