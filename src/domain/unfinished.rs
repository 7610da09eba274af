//! A form that was left before it was submitted: what is not secret of it, to be offered again.

use serde::{Deserialize, Serialize};

use super::{Kind, SecretId, Timestamp, UnfinishedId};

/// What was entered, but for secret values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Which form it is, however often it is kept.
    pub id: UnfinishedId,
    /// The type.
    pub kind: Kind,
    /// The secret that it edits, and the revision that it began from; `None` registers a new one.
    pub edits: Option<(SecretId, u64)>,
    /// The name as it stands there, perhaps none yet.
    pub name: Box<str>,
    /// What was entered: the schema's key of the field, and its text.
    pub fields: Vec<(Box<str>, Box<str>)>,
    /// When it was kept.
    pub saved: Timestamp,
    /// The program that it stands in.
    pub keeper: Keeper,
}

/// A program that runs, or ran, on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeper {
    /// Its process.
    pub pid: u32,
    /// When that began, in the kernel's own count: the number alone may be another's by now.
    pub started: u64,
    /// Its terminal, such as `pts/3`, if it has one.
    pub terminal: Option<Box<str>>,
}
