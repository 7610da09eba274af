//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::domain::SlotId;

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
    RecoveryKey(PassphraseFrom),
    /// Keys for machines: add one, list what opens the vault, remove one
    #[command(subcommand)]
    Slot(SlotCommand),
    /// Check everything; change nothing unless asked to
    Doctor(DoctorArgs),
}

/// Where a command takes the passphrase from; without any, from $STRONGROOM_PASSPHRASE_FILE, the systemd credential, or the
/// hidden prompt.
#[derive(Debug, Args)]
pub struct PassphraseFrom {
    /// Read the passphrase from the first line of F ("-": standard input)
    #[arg(long, value_name = "F", group = "credential")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase from the first line of the file descriptor N, which is open already
    #[arg(long, value_name = "N", group = "credential")]
    pub passphrase_fd: Option<u32>,
    /// Run CMD (by sh -c) and take the first line that it prints as the passphrase
    #[arg(long, value_name = "CMD", group = "credential")]
    pub passphrase_command: Option<OsString>,
}

/// How a command gets the vault open.
#[derive(Debug, Args)]
pub struct Unlocking {
    /// With the passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseFrom,
    /// Open it with the machine key in the file F, without a passphrase
    #[arg(long, value_name = "F", group = "credential")]
    pub key_file: Option<PathBuf>,
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
    /// The new passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseFrom,
}

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
    pub passphrase: PassphraseFrom,
}

/// `strongroom slot`
#[derive(Debug, Subcommand)]
pub enum SlotCommand {
    /// Make a machine key: who can read its file can open the vault
    Add(SlotAddArgs),
    /// List what opens the vault: passphrases, the recovery key, machine keys
    List(SlotListArgs),
    /// Remove a machine key; the vault is sealed anew, and the key opens nothing any more
    Remove(SlotRemoveArgs),
}

/// `strongroom slot add`
#[derive(Debug, Args)]
pub struct SlotAddArgs {
    /// The file to write the key to; it must not exist yet
    #[arg(long, value_name = "F")]
    pub key_file: PathBuf,
    /// What it is for, such as the machine's name
    #[arg(long, value_name = "L")]
    pub label: Option<String>,
    /// The passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseFrom,
}

/// `strongroom slot list`
#[derive(Debug, Args)]
pub struct SlotListArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom slot remove`
#[derive(Debug, Args)]
pub struct SlotRemoveArgs {
    /// The key's id, as strongroom slot list shows it
    pub id: SlotId,
    /// The passphrase.
    #[command(flatten)]
    pub passphrase: PassphraseFrom,
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
