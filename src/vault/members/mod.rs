//! The members of the organization, and what they may do: the use cases around the membership log.

mod change;
mod header;
mod requests;
mod rights;
mod settle;

pub(super) use header::HeaderParts;
pub(super) use requests::{decode_requests, encode_requests};
