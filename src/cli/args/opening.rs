//! What opens the vault.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// The heading of these options in the help.
const OPENING: &str = "What opens the vault, where it is locked";

/// Where a command takes the passphrase from; without any, from $STRONGROOM_PASSPHRASE_FILE, the systemd credential, or the
/// hidden prompt.
#[derive(Debug, Args)]
#[command(next_help_heading = OPENING)]
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
#[command(next_help_heading = OPENING)]
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
    pub(in crate::cli) fn is_given(&self) -> bool {
        let PassphraseFrom { passphrase_file, passphrase_fd, passphrase_command } = &self.passphrase;
        passphrase_file.is_some() || passphrase_fd.is_some() || passphrase_command.is_some() || self.key_file.is_some()
    }
}
