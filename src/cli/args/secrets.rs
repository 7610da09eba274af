//! Verbs that manage secrets.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::{
    AppCommand, AuditArgs, CheckArgs, CompleteNamesArgs, CompletionsArgs, EditArgs, ManArgs, RegisterArgs, Unlocking,
};
use crate::domain::kind::SCHEMAS;
use crate::domain::{Kind, Settings, Status};
use crate::form::generate::DEFAULT_LENGTH;

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// List the secrets, never a value
    List(ListArgs),
    /// Tell everything of a secret but its value, and where it is applied
    Show(NamedArgs),
    /// Hand a value over: print it, write it to a file, or send it to the clipboard
    Get(GetArgs),
    /// Register a secret
    #[command(subcommand)]
    Register(RegisterArgs),
    /// Change a secret: only what is given changes
    Edit(EditArgs),
    /// Give a secret another name
    Rename(RenameArgs),
    /// Put a secret out of use until it is reactivated
    Deactivate(NamedArgs),
    /// Put a secret back in use
    Reactivate(NamedArgs),
    /// Take a secret's value out of the vault, at once and for good
    Delete(DeleteArgs),
    /// List the earlier values of a secret that are kept
    History(NamedArgs),
    /// Print a value that nobody has to think up; nothing is stored
    Generate(GenerateArgs),
    /// Tell or change what is set for the whole vault
    Settings(SettingsArgs),
    /// Applications: what depends on secrets, and which field goes where
    #[command(subcommand)]
    App(AppCommand),
    /// Tell who did what, when and from where
    Audit(AuditArgs),
    /// Tell a monitoring system of expired and expiring secrets
    Check(CheckArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(ManArgs),
    /// For the completions of a shell: the names that begin so.
    #[command(hide = true)]
    CompleteNames(CompleteNamesArgs),
    /// For get --clip: overwrites the terminal's clipboard after a while.
    #[command(hide = true)]
    ClearClipboard(ClearClipboardArgs),
}

impl SecretsCommand {
    /// Whether it is asked again and again, by a monitoring system or a shell: no agent is started for it.
    pub fn only_looks(&self) -> bool {
        matches!(self, Self::Check(_) | Self::CompleteNames(_))
    }
}

/// `strongroom list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only names with these words in them; capital letters count when there are some
    #[arg(value_name = "FIND")]
    pub find: Vec<String>,
    /// Only secrets of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = PossibleValuesParser::new(OfKind::words()).try_map(|text| text.parse::<OfKind>()))]
    pub kind: Option<OfKind>,
    /// Only secrets of this status
    #[arg(long, value_name = "STATUS", value_parser = PossibleValuesParser::new(OfStatus::words()).try_map(|text| text.parse::<OfStatus>()))]
    pub status: Option<OfStatus>,
    /// Only your personal secrets
    #[arg(long, conflicts_with = "organization")]
    pub personal: bool,
    /// Only secrets of the organization
    #[arg(long)]
    pub organization: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// A type, by its word in commands.
#[derive(Debug, Clone, Copy)]
pub struct OfKind(pub Kind);

impl FromStr for OfKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = SCHEMAS.iter().find(|schema| schema.slug == text);
        found.map(|schema| Self(schema.kind)).ok_or_else(|| one_of(Self::words()))
    }
}

impl OfKind {
    fn words() -> impl Iterator<Item = &'static str> {
        SCHEMAS.iter().map(|schema| schema.slug)
    }
}

/// A status, by its word in JSON.
#[derive(Debug, Clone, Copy)]
pub struct OfStatus(pub &'static str);

impl FromStr for OfStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::words().find(|slug| *slug == text).map(Self).ok_or_else(|| one_of(Self::words()))
    }
}

impl OfStatus {
    fn words() -> impl Iterator<Item = &'static str> {
        let all = [
            Status::Active,
            Status::ExpiresSoon(0),
            Status::NotYetValid,
            Status::Expired,
            Status::Inactive,
            Status::Deleted,
        ];
        all.into_iter().map(Status::slug)
    }
}

fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    format!("one of {}", words.collect::<Vec<_>>().join(", "))
}

/// A verb that takes the name of a secret and nothing else.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// The secret: its name or id
    pub name: String,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom get`
#[derive(Debug, Args)]
pub struct GetArgs {
    /// The secret: its name, its id, or strongroom://NAME/FIELD
    pub name: String,
    /// Which field, of several: the schema's word, the key of a pair, or a file name
    #[arg(long, value_name = "F")]
    pub field: Option<String>,
    /// Send it to the terminal's clipboard, which is overwritten after 45 s
    #[arg(short, long, conflicts_with = "out")]
    pub clip: bool,
    /// Write it to a new file that only you can read
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// As JSON, with the secret's name, field, revision and status
    #[arg(long, conflicts_with_all = ["clip", "out"])]
    pub json: bool,
    /// The value that it had at this revision, as strongroom history shows it
    #[arg(long, value_name = "N")]
    pub revision: Option<u64>,
    /// Although it is expired; the audit log says so
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom rename`
#[derive(Debug, Args)]
pub struct RenameArgs {
    /// The secret: its name or id
    pub name: String,
    /// The new name
    pub new: String,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom delete`
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// The secret: its name or id
    pub name: String,
    /// Do not ask for the name once more
    #[arg(long)]
    pub yes: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom generate`
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// How many letters and digits
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LENGTH as u16, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub length: u16,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `strongroom settings`
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// How many earlier values of a secret are kept; 0 keeps none
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=i64::from(Settings::MOST_REVISIONS)))]
    pub keep_revisions: Option<u16>,
    /// For how many days events of the audit log are kept; 0 is for ever
    #[arg(long, value_name = "N")]
    pub audit_days: Option<u32>,
    /// How many MiB the audit log may take before its oldest events go
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Settings::MOST_MIB)))]
    pub audit_mib: Option<u32>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom clear-clipboard`, which get --clip starts.
#[derive(Debug, Args)]
pub struct ClearClipboardArgs {
    /// After so many seconds.
    pub seconds: u64,
}
