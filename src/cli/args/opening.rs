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

impl PassphraseFrom {
    fn is_given(&self) -> bool {
        let Self { passphrase_file, passphrase_fd, passphrase_command } = self;
        passphrase_file.is_some() || passphrase_fd.is_some() || passphrase_command.is_some()
    }
}

/// A member's passphrase: whose, and where from.
#[derive(Debug, Args)]
#[command(next_help_heading = OPENING)]
pub struct MemberPassphrase {
    /// Where from.
    #[command(flatten)]
    pub from: PassphraseFrom,
    /// The member whose passphrase it is [default: $STRONGROOM_MEMBER, else whose it turns out to be]
    #[arg(long, value_name = "NAME")]
    pub member: Option<String>,
}

/// How a command gets the vault open.
#[derive(Debug, Args)]
#[command(next_help_heading = OPENING)]
pub struct Unlocking {
    /// With the passphrase.
    #[command(flatten)]
    pub passphrase: MemberPassphrase,
    /// Open it with the machine key in the file F, without a passphrase
    #[arg(long, value_name = "F", group = "credential", conflicts_with = "member")]
    pub key_file: Option<PathBuf>,
}

impl Unlocking {
    /// Whether an option says what opens the vault.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.passphrase.from.is_given() || self.key_file.is_some()
    }
}
