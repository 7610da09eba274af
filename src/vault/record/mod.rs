//! How one secret is sealed: a record, and the pieces of a large value beside it.
//!
//! `format (u8) ‖ revision (u64) ‖ length of the sealed header (u32) ‖ sealed header ‖ sealed value, if small`. A personal
//! record has two sealed headers: one that everybody can open, which says whose it is, and one for its owner alone.
//! The sealed header has the signed blocks, and tells where the value is ([`Link`]). A value that does not fit is cut into
//! pieces, each sealed under its own number; the link holds how many and a digest over all of them.
//! A change of the header alone leaves the sealed value as it is.

mod error;
mod frame;
mod records;
mod sealer;
mod shapes;
mod values;

pub(super) use error::RecordError;
pub(super) use frame::revision_of;
pub(super) use sealer::Sealer;
pub(super) use shapes::{Closed, Link, Opened, Record, SealedValue, personal_name};
