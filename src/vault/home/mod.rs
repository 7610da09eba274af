//! Where a vault keeps its header, its stores and its witness.
//!
//! A vault on disk is a directory:
//!
//! ```text
//! vault.header    who can open it, and the epoch
//! vault.lock      who has it open
//! store-<epoch>/  the records; only the one that vault.header names counts
//! copies/         stores as they were before one that was not closed cleanly was opened
//! damaged-<time>/ a store that a copy took the place of
//! ```
//!
//! The replacement of `vault.header` is what makes a rewrite take effect; the stores of other
//! epochs are what an interrupted one left behind.

mod dir;
mod memory;

use super::VaultError;
use super::witness::Witness;
use crate::domain::{Timestamp, VaultId};
use crate::store::Store;

pub use dir::{DirHome, Place};
pub use memory::MemoryHome;

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

    /// Puts the closed store of `epoch` where nobody takes it for a live one.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_aside_store(&mut self, epoch: u64, now: Timestamp) -> Result<(), VaultError>;

    /// Removes what interrupted work left beside the store of `epoch`, and copies that are not needed any more. To be
    /// called only when that one is known to be whole.
    fn tidy(&mut self, epoch: u64);

    /// When the copies that there are were made, the newest first.
    fn copies(&self) -> Vec<Timestamp>;

    /// The copy made at `made`, to be read; the copy itself is left as it is.
    ///
    /// # Errors
    /// As [`Home::open_store`].
    fn open_copy(&mut self, made: Timestamp) -> Result<Box<dyn Store>, VaultError>;

    /// Removes what [`Home::open_copy`] needed; the stores it gave must be closed.
    fn clear_scratch(&mut self);

    /// What this machine remembers of `vault`, if anything.
    fn witness(&self, vault: VaultId) -> Option<Witness>;

    /// Remembers `witness`. A failure is not reported: without a witness an older store goes
    /// unnoticed, and nothing else is lost.
    fn remember(&mut self, vault: VaultId, witness: &Witness);
}
