//! The rules, pure: no I/O, no encryption, no clock of its own (now is an argument).

mod bytes;
pub mod certificate;
pub mod date;
mod draft;
mod id;
pub mod keyvalue;
pub mod kind;
pub mod lifecycle;
mod secret;
pub mod text;
pub mod time;
mod unfinished;
pub mod web;

pub use bytes::SecretBytes;
pub use draft::{Change, Draft, PartChange};
pub use id::{MemberId, SecretId, SlotId, UnfinishedId, VaultId};
pub use kind::Kind;
pub use lifecycle::Status;
pub use secret::{Header, Part, PublicField, Scope, Stamp, State, Value};
pub use time::Timestamp;
pub use unfinished::{Keeper, Unfinished};
