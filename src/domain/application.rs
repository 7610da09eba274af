//! Applications: what outside depends on secrets, and which field goes where.

use serde::{Deserialize, Serialize};

use super::{ApplicationId, SecretId, Stamp};

/// Something outside that depends on secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Its identity, random and for ever.
    pub id: ApplicationId,
    /// Goes up by one with every change; a change names the revision it was made from.
    pub revision: u64,
    /// The name, unique among applications.
    pub name: Box<str>,
    /// A line of what it is, perhaps empty.
    pub description: Box<str>,
    /// What it needs, in the order entered.
    pub bindings: Vec<Binding>,
    /// When it was added, and by whom.
    pub created: Stamp,
    /// When this revision was written, and by whom.
    pub modified: Stamp,
}

impl Application {
    /// Whether it depends on the secret.
    pub fn needs(&self, secret: SecretId) -> bool {
        self.bindings.iter().any(|binding| binding.secret == secret)
    }
}

/// An application as it is entered: what the vault adds itself is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationDraft {
    /// The name.
    pub name: Box<str>,
    /// A line of what it is, perhaps empty.
    pub description: Box<str>,
    /// What it needs.
    pub bindings: Vec<Binding>,
}

/// Where a field of a secret goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Where it goes.
    pub target: BindingTarget,
    /// The secret.
    pub secret: SecretId,
    /// The field: the schema's key, the key of a pair, or a file name.
    pub field: Box<str>,
}

/// The place that a field goes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BindingTarget {
    /// The environment variable of this name.
    Variable(Box<str>),
    /// The HTTP header of this name.
    Header(Box<str>),
    /// A file; the variable of this name holds its path.
    File(Box<str>),
    /// A host that git or docker asks for, such as `git.example.com` or `ada@git.example.com:8443/group`.
    Host(Box<str>),
}

impl BindingTarget {
    /// The word for its kind in commands and JSON.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Variable(_) => "env",
            Self::Header(_) => "header",
            Self::File(_) => "file",
            Self::Host(_) => "host",
        }
    }

    /// The name of the variable, header or host.
    pub fn name(&self) -> &str {
        match self {
            Self::Variable(name) | Self::Header(name) | Self::File(name) | Self::Host(name) => name,
        }
    }
}
