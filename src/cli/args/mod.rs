//! The command line: one file per family of verbs.

mod agent;
mod app;
mod deliver;
mod fields;
mod member;
mod opening;
mod period;
mod secrets;
mod slot;
mod transfer;
mod vault;
mod watching;

pub use agent::AgentArgs;
pub(super) use agent::{Idle, StatusArgs, UnlockArgs};
pub(super) use app::{AppAddArgs, AppCommand, AppEditArgs, AppListArgs, AppNamedArgs, Bindings};
pub use deliver::UseCommand;
pub(super) use deliver::{CertArgs, CurlArgs, HelperArgs, Helping, InjectArgs, RunArgs, TokenArgs};
pub(super) use fields::{EditArgs, FieldArgs, RegisterArgs, flag};
pub(super) use member::{
    AcceptArgs, AdmitArgs, AnswerArgs, AskArgs, BindArgs, GrantArgs, InviteArgs, MemberCommand, MemberListArgs,
    MemberRemoveArgs, MemberShowArgs, PermissionAnswer, RoleArgs, UnixUser, WithdrawArgs,
};
pub(super) use opening::{MemberPassphrase, PassphraseFrom, Unlocking};
pub(super) use period::{Period, When};
pub use secrets::SecretsCommand;
pub(super) use secrets::{DeleteArgs, GenerateArgs, GetArgs, ListArgs, NamedArgs, RenameArgs, SettingsArgs};
pub(super) use slot::{SlotAddArgs, SlotCommand, SlotListArgs, SlotRemoveArgs};
pub(super) use transfer::{ExportArgs, ImportArgs, ImportSource};
pub(super) use vault::{BackupArgs, DoctorArgs, InitArgs, PassphraseArgs, RestoreArgs};
pub(super) use watching::{
    AuditArgs, AuditCommand, AuditVerifyArgs, CheckArgs, CompleteNamesArgs, CompletedShell, CompletionsArgs, ManArgs,
};

use std::path::PathBuf;

use clap::{Parser, Subcommand};

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
    /// With secrets.
    #[command(flatten)]
    Secrets(SecretsCommand),
    /// Import secrets from the files of other tools
    Import(ImportArgs),
    /// Export secrets to a file, encrypted unless told otherwise
    Export(ExportArgs),
    /// With secrets that are put to use.
    #[command(flatten)]
    Use(UseCommand),
    /// Write an encrypted backup
    Backup(BackupArgs),
    /// Make the vault from a backup
    Restore(RestoreArgs),
    /// Change your passphrase; the vault is sealed anew
    Passphrase(PassphraseArgs),
    /// Make a new recovery key; the old one opens nothing any more
    RecoveryKey(MemberPassphrase),
    /// Keys for machines: add one, list what opens the vault, remove one
    #[command(subcommand)]
    Slot(SlotCommand),
    /// Members: invite, admit and remove them, and say who may do what
    #[command(subcommand)]
    Member(MemberCommand),
    /// Check everything; change nothing unless asked to
    Doctor(DoctorArgs),
}
