//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A secrets manager that lives in the terminal.
///
/// Without a command it opens the screens; the first time it makes a vault.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, max_term_width = 100)]
pub struct Cli {
    /// Where the vault is [default: $STRONGROOM_VAULT, else strongroom in $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, global = true, value_name = "DIR", display_order = 100)]
    pub vault: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look round in a throw-away vault with samples; nothing is kept
    Demo,
    /// Make a vault without the screens; prints the recovery key once
    Init(InitArgs),
    /// List the secrets, never a value
    List(ListArgs),
    /// Write an encrypted backup
    Backup(BackupArgs),
    /// Make the vault from a backup
    Restore(RestoreArgs),
    /// Change your passphrase; the vault is sealed anew
    Passphrase(PassphraseArgs),
    /// Make a new recovery key; the old one opens nothing any more
    RecoveryKey(Unlocking),
    /// Check everything; change nothing unless asked to
    Doctor(DoctorArgs),
}

/// How a command gets the vault open.
#[derive(Debug, Args)]
pub struct Unlocking {
    /// Read the passphrase from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub passphrase_file: Option<PathBuf>,
}

/// `strongroom init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The organization's name
    #[arg(long, value_name = "O")]
    pub organization: String,
    /// Your name; you become the organization's Account Holder
    #[arg(long, value_name = "N")]
    pub name: String,
    /// The passphrase.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// The passphrase.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist yet
    pub file: PathBuf,
    /// The passphrase.
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
    #[arg(long, value_name = "F", conflicts_with = "passphrase_file")]
    pub recovery_key_file: Option<PathBuf>,
    /// The passphrase.
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
    pub unlocking: Unlocking,
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
    /// The passphrase.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
