//! The rules, pure: no I/O, no encryption, no clock of its own (now is an argument).

mod application;
pub mod audit;
mod bytes;
pub mod certificate;
pub mod date;
mod delivery;
mod draft;
pub mod export;
mod id;
pub mod import;
pub mod keyvalue;
pub mod kind;
pub mod lifecycle;
mod listed;
pub mod organization;
pub mod reference;
mod secret;
mod settings;
pub mod target;
pub mod text;
pub mod time;
mod unfinished;
pub mod web;

pub use application::{Application, ApplicationDraft, Binding, BindingTarget};
pub use bytes::SecretBytes;
pub use delivery::{Delivery, Order, SeenDelivery, Want};
pub use draft::{Change, Draft, PartChange};
pub use id::{ApplicationId, InvitationId, MemberId, RequestId, SecretId, SlotId, UnfinishedId, VaultId};
pub use kind::Kind;
pub use lifecycle::Status;
pub use listed::{Find, Listed};
pub use reference::{Reference, SecretRef};
pub use secret::{Header, KeptRevision, Part, PublicField, Scope, Stamp, State, Value};
pub use settings::Settings;
pub use time::Timestamp;
pub use unfinished::{Keeper, Unfinished};
