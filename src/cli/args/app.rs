//! Applications.

use clap::{Args, Subcommand};

use super::Unlocking;

/// `strongroom app`
#[derive(Debug, Subcommand)]
pub enum AppCommand {
    /// Add an application
    Add(AppAddArgs),
    /// List the applications
    List(AppListArgs),
    /// Show an application: which field goes where
    Show(AppNamedArgs),
    /// Change an application: only what is given changes
    Edit(AppEditArgs),
    /// Remove an application; its secrets stay
    Remove(AppNamedArgs),
}

/// Where fields of secrets go. REF is strongroom://NAME/FIELD, or the plain name of a secret that has one field.
#[derive(Debug, Args)]
pub struct Bindings {
    /// The environment variable VAR gets the field REF
    #[arg(long, value_name = "VAR=REF")]
    pub env: Vec<String>,
    /// The HTTP header NAME gets the field REF
    #[arg(long, value_name = "NAME=REF")]
    pub header: Vec<String>,
    /// A file gets the field REF, and the variable VAR holds the file's path
    #[arg(long, value_name = "VAR=REF")]
    pub file: Vec<String>,
    /// git and docker get the field REF for this host, such as git.example.com
    #[arg(long, value_name = "HOST=REF")]
    pub host: Vec<String>,
}

/// `strongroom app add`
#[derive(Debug, Args)]
pub struct AppAddArgs {
    /// Its name
    pub name: String,
    /// A line of what it is
    #[arg(long, value_name = "T", default_value = "")]
    pub description: String,
    /// What it needs.
    #[command(flatten)]
    pub bindings: Bindings,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom app list`
#[derive(Debug, Args)]
pub struct AppListArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom app show` and `strongroom app remove`
#[derive(Debug, Args)]
pub struct AppNamedArgs {
    /// The application: its name or id
    pub name: String,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom app edit`
#[derive(Debug, Args)]
pub struct AppEditArgs {
    /// The application: its name or id
    pub application: String,
    /// Its new name
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// A line of what it is
    #[arg(long, value_name = "T")]
    pub description: Option<String>,
    /// What it needs besides; what goes there already is replaced.
    #[command(flatten)]
    pub bindings: Bindings,
    /// Take out what goes to this variable, header or host
    #[arg(long, value_name = "TARGET")]
    pub remove: Vec<String>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
