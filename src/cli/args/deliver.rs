//! The command line of what uses secrets.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Unlocking;

/// What can be done with secrets that are put to use.
#[derive(Debug, Subcommand)]
pub enum UseCommand {
    /// Run a program with secrets in its environment, or in files that are gone with it
    Run(RunArgs),
    /// Put secrets into a template
    Inject(InjectArgs),
    /// Print a configuration for curl -K - with the header that carries the secret
    CurlConfig(CurlArgs),
    /// Exchange client credentials for an OAuth2 access token, and print that
    Token(TokenArgs),
    /// Write a certificate and its private key to two files
    Cert(CertArgs),
    /// Answer git: git config credential.helper strongroom, with a link git-credential-strongroom to this program
    GitCredential(HelperArgs),
    /// Answer docker, by a link docker-credential-strongroom to this program
    DockerCredential(HelperArgs),
}

/// `strongroom run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Give it what this application is bound to: variables and files
    #[arg(long, value_name = "NAME")]
    pub app: Option<String>,
    /// Put what REF (strongroom://NAME/FIELD) stands for into the variable VAR
    #[arg(long, value_name = "VAR=REF")]
    pub env: Vec<String>,
    /// Set the variables of the .env file F, where a value may be a reference
    #[arg(long, value_name = "F")]
    pub env_file: Option<PathBuf>,
    /// Put it into a file in memory, and the path of that into VAR
    #[arg(long, value_name = "VAR=REF")]
    pub file: Vec<String>,
    /// Use expired secrets all the same
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
    /// The program and its arguments, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// `strongroom inject`
#[derive(Debug, Args)]
pub struct InjectArgs {
    /// The template, with {{ strongroom://NAME/FIELD }} where values go ("-": standard input)
    #[arg(short = 'i', long = "in", value_name = "TEMPLATE")]
    pub template: PathBuf,
    /// The file to write [default: standard output, unless that is a terminal; "-": standard output]
    #[arg(short = 'o', long = "out", value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Replace OUT if it is there already
    #[arg(long)]
    pub force: bool,
    /// Use expired secrets all the same
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom curl-config`
#[derive(Debug, Args)]
pub struct CurlArgs {
    /// The secret: its name, or its id
    #[arg(required_unless_present = "app")]
    pub name: Option<String>,
    /// All headers that this application is bound to, instead of one secret
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub app: Option<String>,
    /// Use it although it is expired
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The client credentials: their name, or their id
    pub name: String,
    /// As JSON, with the time when it expires
    #[arg(long)]
    pub json: bool,
    /// Ask for another one although the agent keeps one that is good still
    #[arg(long)]
    pub anew: bool,
    /// Trust the certificates in F (PEM) and no others, for a server with a private authority
    #[arg(long, value_name = "F")]
    pub ca_file: Option<PathBuf>,
    /// Use them although they are expired
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom cert`
#[derive(Debug, Args)]
pub struct CertArgs {
    /// The certificate: its name, or its id
    pub name: String,
    /// The file to write the certificate and its chain to; it must not exist yet
    #[arg(long, value_name = "F")]
    pub cert: PathBuf,
    /// The file to write the private key to; it must not exist yet
    #[arg(long, value_name = "F")]
    pub key: PathBuf,
    /// Use it although it is expired
    #[arg(long)]
    pub allow_expired: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// What git or docker wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Helping {
    /// A credential.
    Get,
    /// To hand one over for keeping.
    Store,
    /// To have one forgotten.
    Erase,
    /// Which there are; docker alone asks that.
    List,
}

/// `strongroom git-credential` and `strongroom docker-credential`
#[derive(Debug, Args)]
pub struct HelperArgs {
    /// What is wanted
    pub wanted: Helping,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}
