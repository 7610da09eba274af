//! The members of the organization, and what they may do: the use cases around the membership log.

mod accept;
mod change;
mod header;
mod invite;
mod manage;
mod requests;
mod rights;
mod settle;
mod view;

pub use accept::Accepted;
pub(super) use header::{HeaderParts, owner_of};
pub(super) use requests::{decode_requests, encode_requests};
