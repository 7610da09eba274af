//! Deliveries: hand-overs of values, as they are ordered and as they are seen afterwards.

use serde::{Deserialize, Serialize};

use super::audit::Origin;
use super::{Reference, Timestamp};

/// How a value leaves the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Delivery {
    /// Shown on the screen for a few seconds.
    Reveal,
    /// Sent to the terminal's clipboard.
    Copy,
    /// Printed, or written to a file, by `get`.
    Get,
    /// Given to a program by `run`.
    Run,
    /// Written into a template by `inject`.
    Inject,
    /// Written into a configuration for curl.
    Curl,
    /// Exchanged for an OAuth2 token.
    Token,
    /// Written to the files of a certificate and its key.
    Cert,
    /// Told to git.
    Git,
    /// Told to docker.
    Docker,
    /// Written to an export.
    Export,
}

impl Delivery {
    /// Every way.
    pub const ALL: [Self; 11] = [
        Self::Reveal,
        Self::Copy,
        Self::Get,
        Self::Run,
        Self::Inject,
        Self::Curl,
        Self::Token,
        Self::Cert,
        Self::Git,
        Self::Docker,
        Self::Export,
    ];

    /// The word for it, in screens and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reveal => "reveal",
            Self::Copy => "copy",
            Self::Get => "get",
            Self::Run => "run",
            Self::Inject => "inject",
            Self::Curl => "curl-config",
            Self::Token => "token",
            Self::Cert => "cert",
            Self::Git => "git",
            Self::Docker => "docker",
            Self::Export => "export",
        }
    }

    /// Whether a person gets to see the value: a write-only one goes no such way.
    pub fn is_display(self) -> bool {
        matches!(self, Self::Reveal | Self::Copy | Self::Get | Self::Export)
    }
}

/// An order to hand values over: all of them, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What is wanted, in order.
    pub wants: Vec<Want>,
    /// How it leaves the vault.
    pub how: Delivery,
    /// The application that needs it, by name, where one is told.
    pub application: Option<Box<str>>,
    /// The program that gets it, where that is not whoever asks.
    pub command: Option<Box<str>>,
    /// An expired secret is handed over all the same.
    pub allow_expired: bool,
}

impl Order {
    /// An order of `wants` with nothing more to be said.
    pub fn new(how: Delivery, wants: Vec<Want>) -> Self {
        Self { wants, how, application: None, command: None, allow_expired: false }
    }

    /// An order of one part of one secret.
    pub fn of(how: Delivery, reference: Reference) -> Self {
        Self::new(how, vec![Want { reference, revision: None }])
    }
}

/// One thing that is wanted. A field that is not secret can be wanted, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// The secret and its field.
    pub reference: Reference,
    /// The value that it had at this revision, if it is kept still; `None` is the present one.
    pub revision: Option<u64>,
}

/// A delivery that took place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenDelivery {
    /// When the last one of its kind was.
    pub at: Timestamp,
    /// How.
    pub how: Delivery,
    /// Who asked, and from where.
    pub origin: Origin,
    /// The program that got it, where that was not whoever asked.
    pub command: Option<Box<str>>,
    /// The application that needed it, where one was told.
    pub application: Option<Box<str>>,
    /// The revision of the secret that was handed over.
    pub revision: u64,
    /// What was handed over was a value that has been replaced since.
    pub old_value: bool,
    /// How many there were by the same command of the same user on the same host.
    pub times: u64,
}
