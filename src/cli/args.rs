//! The command line.

mod transfer;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::domain::SlotId;

pub(super) use transfer::{ExportArgs, ImportArgs, ImportSource};

/// A secrets manager that lives in the terminal.
///
/// Without a command it opens the screens; the first time it makes a vault.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, max_term_width = 100)]
pub struct Cli {
    /// Where the vault is [default: $STRONGROOM_VAULT, else strongroom in $XDG_DATA_HOME or ~/.local/share]
    #[arg(long, global = true, value_name = "DIR", display_order = 100)]
    pub vault: Option<PathBuf>,
    /// Work on the vault in this process, without an agent; nothing stays unlocked afterwards
    #[arg(long, global = true, display_order = 101)]
    pub no_agent: bool,
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
    /// Unlock the vault: the agent keeps it open for screens and commands
    Unlock(UnlockArgs),
    /// Lock the vault: the agent forgets every key
    Lock,
    /// Tell whether the vault is locked, until when, and who is connected
    Status(StatusArgs),
    /// Serve the vault in the foreground, for a service manager; commands start an agent by themselves
    Agent(AgentArgs),
    /// List the secrets, never a value
    List(ListArgs),
    /// Import secrets from the files of other tools
    Import(ImportArgs),
    /// Export secrets to a file, encrypted unless told otherwise
    Export(ExportArgs),
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

impl Unlocking {
    /// Whether an option says what opens the vault.
    pub(super) fn is_given(&self) -> bool {
        let PassphraseFrom { passphrase_file, passphrase_fd, passphrase_command } = &self.passphrase;
        passphrase_file.is_some() || passphrase_fd.is_some() || passphrase_command.is_some() || self.key_file.is_some()
    }
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

/// How long the vault stays open without a request: `90s`, `15m`, `8h`, `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle(pub Option<u32>);

impl FromStr for Idle {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self(None));
        }
        let wrong = "write a number and s, m or h, such as 15m, or never";
        let mut units = [('s', 1), ('m', 60), ('h', 3600)].into_iter();
        let split = units.find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
        let (number, seconds) = split.ok_or(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong)?;
        let seconds = number.checked_mul(seconds).filter(|seconds| *seconds <= 30 * 86_400);
        seconds.filter(|seconds| *seconds > 0).map(|seconds| Self(Some(seconds))).ok_or("between 1s and 720h")
    }
}

/// `strongroom unlock`
#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// Lock again after so long without a request: 90s, 15m, 8h, never [default: what the agent was started with, else 15m]
    #[arg(long, value_name = "TIME")]
    pub idle: Option<Idle>,
    /// The passphrase.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `strongroom agent`
#[derive(Debug, Args)]
pub struct AgentArgs {
    /// Lock the vault after so long without a request: 90s, 15m, 8h, never
    #[arg(long, value_name = "TIME", default_value = "15m")]
    pub idle: Idle,
    /// Append events to F: times, processes and what they asked for, no names and no values
    #[arg(long, value_name = "F")]
    pub log: Option<PathBuf>,
    /// A command started it: it leaves the terminal, and ends when nobody needs it any more.
    #[arg(long, hide = true)]
    pub spawned: bool,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let read = |text: &str| text.parse::<Idle>().map(|idle| idle.0);
        assert_eq!(read("90s"), Ok(Some(90)));
        assert_eq!(read("15m"), Ok(Some(900)));
        assert_eq!(read("8h"), Ok(Some(28_800)));
        assert_eq!(read("never"), Ok(None));
        for wrong in ["", "15", "m", "-1m", "0s", "1d", "1.5h", "721h", "4294967295h", "15mm"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
