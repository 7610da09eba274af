//! Where a vault keeps its header, its stores and its witness.
//!
//! A vault on disk is a directory:
//!
//! ```text
//! vault.header    who can open it, and the epoch
//! vault.lock      who has it open
//! store-<epoch>/  the records; only the one that vault.header names counts
//! forms-<epoch>   unfinished forms, sealed; only those of the epoch that vault.header names count
//! forms-damaged   such a file that could not be read
//! acceptance-<invitation> what somebody handed in who accepted an invitation
//! audit-<epoch>   the audit log, sealed event by event; only that of the epoch that vault.header names counts
//! audit-damaged-<time> such a file that no event could be added to
//! copies/         stores as they were before one that was not closed cleanly was opened
//! damaged-<epoch>-<time>/ a damaged store and the header that opens it: a vault to look into
//! ```
//!
//! The replacement of `vault.header` is what makes a rewrite take effect; the stores of other
//! epochs are what an interrupted one left behind.

mod dir;
mod journal;
mod memory;
mod place;

use std::path::PathBuf;

use super::VaultError;
use super::witness::Witness;
use crate::domain::{InvitationId, Timestamp, VaultId};
use crate::store::Store;

pub use dir::DirHome;
pub use journal::Journal;
#[cfg(test)]
pub(super) use memory::Memory;
pub use memory::MemoryHome;
pub use place::Place;

/// The header and the stores of one vault, held by one process. Whoever has it may write.
pub trait Home: Send {
    /// The bytes of `vault.header`, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn header(&self) -> Result<Option<Vec<u8>>, VaultError>;

    /// Puts `bytes` in the place of `vault.header`: all or nothing, on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace_header(&mut self, bytes: &[u8]) -> Result<(), VaultError>;

    /// The epochs of all stores that are there.
    fn epochs(&self) -> Vec<u64>;

    /// An empty store for `epoch`, in the place of what an interrupted rewrite left there.
    ///
    /// # Errors
    /// When it cannot be made.
    fn make_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError>;

    /// The store of `epoch`.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it is missing or cannot be opened; others when the system refuses.
    fn open_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError>;

    /// Removes the store of `epoch`, which must be closed.
    ///
    /// # Errors
    /// When something of it remains.
    fn remove_store(&mut self, epoch: u64) -> Result<(), VaultError>;

    /// Removes all copies: they are of epochs that no key opens any more.
    ///
    /// # Errors
    /// When something of them remains.
    fn remove_copies(&mut self) -> Result<(), VaultError>;

    /// Makes the place for the damaged store of `epoch`, which is about to be replaced, and keeps the header there that
    /// opens it.
    ///
    /// # Errors
    /// When it cannot be made.
    fn prepare_set_aside(&mut self, epoch: u64, now: Timestamp) -> Result<(), VaultError>;

    /// Puts the closed store of `epoch` in the place that was prepared for it.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_aside_store(&mut self, epoch: u64) -> Result<(), VaultError>;

    /// Removes what interrupted work left beside the store of `epoch`, or sets it aside where a place was prepared for it,
    /// and copies that are not needed any more. To be called only when the store of `epoch` is known to be whole.
    fn tidy(&mut self, epoch: u64);

    /// The store of `epoch`, to be looked at: what is on the disk stays as it is, byte for byte.
    ///
    /// # Errors
    /// As [`Home::open_store`].
    fn look_into_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError>;

    /// The sealed forms of `epoch`, if there are any.
    ///
    /// # Errors
    /// When there are, but they cannot be read.
    fn forms(&self, epoch: u64) -> Result<Option<Vec<u8>>, VaultError>;

    /// Puts `bytes` in the place of the forms of `epoch`: all or nothing, on the disk when this returns.
    ///
    /// # Errors
    /// When they cannot be written.
    fn write_forms(&mut self, epoch: u64, bytes: &[u8]) -> Result<(), VaultError>;

    /// Removes the forms of `epoch`.
    ///
    /// # Errors
    /// When they remain.
    fn remove_forms(&mut self, epoch: u64) -> Result<(), VaultError>;

    /// Takes the forms of `epoch`, which nobody can read, out of the way; says where they are.
    ///
    /// # Errors
    /// When they cannot be moved.
    fn set_forms_aside(&mut self, epoch: u64) -> Result<PathBuf, VaultError>;

    /// Removes what was set aside so, where anything is kept of it: what sealed it counts no more.
    fn remove_damaged_forms(&mut self) {}

    /// The audit log of `epoch`, if there is one.
    ///
    /// # Errors
    /// When there is something, but it cannot be opened.
    fn audit(&self, epoch: u64) -> Result<Option<Box<dyn Journal>>, VaultError>;

    /// An empty audit log for `epoch`, which counts once [`Home::put_audit`] has put it in its place.
    ///
    /// # Errors
    /// When it cannot be made.
    fn make_audit(&mut self, epoch: u64) -> Result<Box<dyn Journal>, VaultError>;

    /// Puts the audit log that was made, and synced, in the place of that of `epoch`.
    ///
    /// # Errors
    /// When it cannot be put there.
    fn put_audit(&mut self, epoch: u64) -> Result<(), VaultError>;

    /// Removes the audit log of `epoch`.
    ///
    /// # Errors
    /// When it remains.
    fn remove_audit(&mut self, epoch: u64) -> Result<(), VaultError>;

    /// Takes the audit log of `epoch`, which no event can be added to, out of the way; says where it is.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_audit_aside(&mut self, epoch: u64, now: Timestamp) -> Result<PathBuf, VaultError>;

    /// What this machine has pinned of the membership log of `vault`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    fn organization_pin(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError>;

    /// Pins `pin` of it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn remember_organization(&mut self, vault: VaultId, pin: &[u8]) -> Result<(), VaultError>;

    /// What this machine has verified of `vault`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    fn known(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError>;

    /// Remembers `known`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn remember_known(&mut self, vault: VaultId, known: &[u8]) -> Result<(), VaultError>;

    /// What was handed in for invitations: bytes that anybody may have written.
    fn acceptances(&self) -> Vec<Vec<u8>>;

    /// Hands `bytes` in for the invitation `id`, in the place of what was handed in before: on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    fn put_acceptance(&mut self, id: InvitationId, bytes: &[u8]) -> Result<(), VaultError>;

    /// Removes what was handed in for the invitation `id`.
    fn remove_acceptance(&mut self, id: InvitationId);

    /// What this machine remembers of the audit log of `vault`: the bytes, if there are any.
    ///
    /// # Errors
    /// When there are, but they cannot be read.
    fn audit_mark(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError>;

    /// Remembers `mark`, which is always of the same length. Only the first time synced: after a power cut it may be an older
    /// one.
    ///
    /// # Errors
    /// When it cannot be written: a log that is cut would go unnoticed, and nothing else is lost.
    fn remember_audit(&mut self, vault: VaultId, mark: &[u8]) -> Result<(), VaultError>;

    /// When the copies that there are were made, the newest first.
    fn copies(&self) -> Vec<Timestamp>;

    /// The copy made at `made`, to be read; the copy itself is left as it is.
    ///
    /// # Errors
    /// As [`Home::open_store`].
    fn open_copy(&mut self, made: Timestamp) -> Result<Box<dyn Store>, VaultError>;

    /// What this machine remembers of `vault`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    fn witness(&self, vault: VaultId) -> Result<Option<Witness>, VaultError>;

    /// Remembers `witness`.
    ///
    /// # Errors
    /// When it cannot be written: an older store would go unnoticed, and nothing else is lost.
    fn remember(&mut self, vault: VaultId, witness: &Witness) -> Result<(), VaultError>;
}
