//! Import and export.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Unlocking;

/// Which tool wrote what is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportSource {
    /// Lines of KEY=value: one secret with all of them
    Dotenv,
    /// A list of secrets, as export --plaintext writes it; or one flat object: one secret
    Json,
    /// A table with a column name, and perhaps type, expires, write_only; each other column is a field
    Csv,
    /// A password store of pass: its folder [default: $PASSWORD_STORE_DIR, else ~/.password-store]
    Pass,
    /// The CSV of KeePass or KeePassXC
    Keepass,
    /// The JSON of Bitwarden, not encrypted
    Bitwarden,
    /// An encrypted export of strongroom
    Strongroom,
}

/// `strongroom import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Which tool wrote it
    #[arg(value_enum)]
    pub source: ImportSource,
    /// The file ("-": standard input), or the folder of pass
    pub file: Option<PathBuf>,
    /// What to call the secret, where the file is one secret [default: the file's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Into your own profile: sealed to you alone, nobody else of the organization reads them
    #[arg(long)]
    pub personal: bool,
    /// Say what would be imported and what skipped; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Read the passphrase of the encrypted export from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub export_passphrase_file: Option<PathBuf>,
    /// The report as JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write; it must not exist yet
    pub file: PathBuf,
    /// Do not encrypt it: JSON that people and other tools can read
    #[arg(long, conflicts_with = "export_passphrase_file")]
    pub plaintext: bool,
    /// Say yes to a file in the clear
    #[arg(long)]
    pub yes: bool,
    /// Read the passphrase that shall open the export from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub export_passphrase_file: Option<PathBuf>,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
