//! Keys for machines.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{MemberPassphrase, Unlocking};
use crate::domain::SlotId;

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
    pub passphrase: MemberPassphrase,
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
    pub passphrase: MemberPassphrase,
}
