//! What a form yields: a secret to be registered, or a change to one.

use serde::{Deserialize, Serialize};

use super::{Kind, PublicField, Scope, SecretBytes, Timestamp, Value};

/// A secret before it is registered. Valid in itself; whether the name is free only the vault knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The type.
    pub kind: Kind,
    /// Personal or organization.
    pub scope: Scope,
    /// The name.
    pub name: Box<str>,
    /// The fields that are not secret, in schema order; empty ones left out.
    pub public: Vec<PublicField>,
    /// The value.
    pub value: Value,
    /// Good until the end of this second; `None` is never.
    pub expires: Option<Timestamp>,
    /// Not good before this second.
    pub not_before: Option<Timestamp>,
    /// The value shall never be displayed again.
    pub write_only: bool,
    /// The private key is encrypted with a passphrase of its own.
    pub encrypted_key: bool,
}

/// What becomes of one part of a value in an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PartChange {
    /// It stays as it is; nobody has to see it for that.
    Keep,
    /// It gets these bytes.
    Set(SecretBytes),
}

/// An edit: the header's new content, and what becomes of each part of the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The name, new or as before.
    pub name: Box<str>,
    /// All fields that are not secret, in schema order.
    pub public: Vec<PublicField>,
    /// All parts that the value shall have, in order; parts not named here are removed.
    pub parts: Vec<(Box<str>, PartChange)>,
    /// The new end; `None` is never.
    pub expires: Option<Timestamp>,
    /// The new beginning.
    pub not_before: Option<Timestamp>,
    /// Can be set, never unset.
    pub write_only: bool,
    /// The private key is encrypted with a passphrase of its own.
    pub encrypted_key: bool,
}
