//! A secret: a header that may be listed and a value that may only be delivered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lifecycle::TOMBSTONE_DAYS;
use super::{Kind, MemberId, SecretBytes, SecretId, Timestamp};

/// Whose secret it is. Organization secrets belong to all members, personal ones to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Shared by the organization.
    Organization,
    /// In the profile of the owner alone.
    Personal,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When it was done.
    pub at: Timestamp,
    /// The member's name at that time, so that a tombstone can tell it years later. Many headers share one.
    pub by: Arc<str>,
}

/// The part of the status that is stored; expiry derives from the dates and the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// In use.
    Active,
    /// Put out of use, reversibly.
    Inactive(Stamp),
    /// A tombstone: the value is gone, the name stays in the listing for 30 days.
    Deleted(Stamp),
}

impl State {
    /// When it was deleted, and by whom.
    pub fn deleted(&self) -> Option<&Stamp> {
        match self {
            Self::Deleted(stamp) => Some(stamp),
            Self::Active | Self::Inactive(_) => None,
        }
    }

    /// When a tombstone leaves the listing; `None` while the secret lives.
    pub fn gone_at(&self) -> Option<Timestamp> {
        self.deleted().map(|stamp| stamp.at.plus_days(TOMBSTONE_DAYS))
    }
}

/// A field of the schema that is not secret, with what was entered: shown freely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicField {
    /// The schema's key of the field, such as `header_name`. Many headers share one.
    pub key: Arc<str>,
    /// What was entered.
    pub text: Box<str>,
}

/// One piece of a value, as the header tells of it: its name and size, never its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The schema's key (`value`, `client_secret`, `private_key`), the key of a pair, or a file name.
    pub name: Box<str>,
    /// Size in bytes.
    pub size: u32,
}

/// Everything about a secret that a listing may show. Sealed apart from the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its identity, random and for ever.
    pub id: SecretId,
    /// Goes up by one with every change; a change names the revision it was made from.
    pub revision: u64,
    /// The name, unique among secrets that are not deleted.
    pub name: Box<str>,
    /// The type.
    pub kind: Kind,
    /// Personal or organization.
    pub scope: Scope,
    /// Whose secret it is.
    pub owner: MemberId,
    /// Who wrote this revision.
    pub author: MemberId,
    /// When it was registered, and by whom.
    pub created: Stamp,
    /// When this revision was written, and by whom.
    pub modified: Stamp,
    /// When the present value was set.
    pub value_set: Timestamp,
    /// Good until the end of this second; `None` is never.
    pub expires: Option<Timestamp>,
    /// Not good before this second (a certificate's), if it says so.
    pub not_before: Option<Timestamp>,
    /// Active, inactive or a tombstone.
    pub state: State,
    /// The value can be used but is never displayed again.
    pub write_only: bool,
    /// The private key is encrypted with a passphrase of its own, which strongroom does not know.
    pub encrypted_key: bool,
    /// The fields that are not secret, in schema order.
    pub public: Vec<PublicField>,
    /// What the value consists of, in order.
    pub parts: Vec<Part>,
}

impl Header {
    /// The text of the non-secret field `key`, if it was filled in.
    pub fn public(&self, key: &str) -> Option<&str> {
        self.public.iter().find(|f| &*f.key == key).map(|f| &*f.text)
    }

    /// Whether there is a field or a part called `field`.
    pub fn has(&self, field: &str) -> bool {
        self.public(field).is_some() || self.parts.iter().any(|part| *part.name == *field)
    }

    /// What can be asked for: the parts, then the fields that are not secret. How pairs got in is no field that anybody needs.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let is_told = |key: &str| self.kind.schema().field(key).is_none_or(|field| !field.is_choice());
        let public = self.public.iter().map(|field| &*field.key).filter(move |key| is_told(key));
        self.parts.iter().map(|part| &*part.name).chain(public)
    }
}

/// The value of a secret: named parts, in the order of [`Header::parts`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value(pub Vec<(Box<str>, SecretBytes)>);

impl Value {
    /// The bytes of the part called `name`.
    pub fn part(&self, name: &str) -> Option<&SecretBytes> {
        self.0.iter().find(|(n, _)| &**n == name).map(|(_, bytes)| bytes)
    }

    /// What a header tells of this value.
    pub fn outline(&self) -> Vec<Part> {
        let size = |bytes: &SecretBytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.iter().map(|(name, bytes)| Part { name: name.clone(), size: size(bytes) }).collect()
    }
}

/// An earlier value of a secret, kept with the header that belonged to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRevision {
    /// The revision that set the value.
    pub set_at: u64,
    /// The header of the last revision that had it.
    pub header: Arc<Header>,
}
