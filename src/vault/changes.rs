//! What a change does to the store and, with it, to the set hash: whoever writes an item here cannot forget to count it.

use super::VaultError;
use super::layout::{self, Item, Stored};
use super::record::{RecordError, Sealer};
use super::signed::SignedBatch;
use crate::crypto::{self, Manifest, SetHash};
use crate::store::{Batch, Store};

use super::Vault;

/// Changes that are made together.
pub(super) struct Changes {
    batch: Batch,
    set: SetHash,
    /// How many records there are more than before.
    added: u64,
}

impl Changes {
    /// Changes of a store whose set hash is `set`.
    pub(super) fn of(sealer: &Sealer, set: [u8; 32]) -> Self {
        Self { batch: Batch::default(), set: SetHash::resume(&sealer.keys().manifest, set), added: 0 }
    }

    /// Writes `bytes` as `item` at `revision`, in the place of what it was: its revision, and how it lies in the store.
    ///
    /// # Errors
    /// [`RecordError::TooLarge`].
    pub(super) fn write(
        &mut self,
        item: Item,
        revision: u64,
        bytes: &[u8],
        old: Option<(u64, &Stored)>,
    ) -> Result<(), RecordError> {
        if let Some((revision, stored)) = old {
            self.toggle(item, revision, &stored.bytes);
        }
        self.toggle(item, revision, bytes);
        self.added += u64::from(old.is_none() && matches!(item, Item::Record(_)));
        layout::write(&mut self.batch, item, bytes, old.map(|(_, stored)| stored))
    }

    /// Writes the signatures that belong to what is written.
    ///
    /// # Errors
    /// [`RecordError::TooLarge`].
    pub(super) fn sign(&mut self, batch: SignedBatch) -> Result<(), RecordError> {
        layout::write(&mut self.batch, Item::Batch(batch.id), &batch.bytes, None)
    }

    /// Removes the batch `item`, which is `stored` so.
    pub(super) fn remove_batch(&mut self, item: Item, stored: &Stored) {
        layout::remove(&mut self.batch, item, stored);
    }

    /// Writes the list of statements that were taken over.
    ///
    /// # Errors
    /// [`RecordError::TooLarge`].
    pub(super) fn take_over(&mut self, statements: &[u8]) -> Result<(), RecordError> {
        layout::write(&mut self.batch, Item::TakenOver, statements, None)
    }

    /// Removes the kept revision `item` with all that belongs to it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn remove(&mut self, store: &dyn Store, item: Item) -> Result<(), RecordError> {
        let Item::Kept(_, revision) = item else { return Err(RecordError::Piece) };
        let stored = layout::read(store, item)?.ok_or(RecordError::Piece)?;
        self.toggle(item, revision, &stored.bytes);
        layout::remove(&mut self.batch, item, &stored);
        self.remove_pieces(store, item)
    }

    /// Removes all pieces of the value of `item`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn remove_pieces(&mut self, store: &dyn Store, item: Item) -> Result<(), RecordError> {
        store.scan(&item.pieces(), &mut |key, _| {
            self.batch.remove(key);
            true
        })?;
        Ok(())
    }

    /// Writes piece `n` of the value of `item`.
    pub(super) fn piece(&mut self, item: Item, n: u32, bytes: Vec<u8>) {
        self.batch.put(item.piece_key(n), bytes);
    }

    /// Removes piece `n` of the value of `item`.
    pub(super) fn remove_piece(&mut self, item: Item, n: u32) {
        self.batch.remove(item.piece_key(n));
    }

    /// The set hash as it is after the changes.
    pub(super) fn set(&self) -> [u8; 32] {
        self.set.value()
    }

    /// Makes in `store` the changes that were not made yet.
    ///
    /// # Errors
    /// When the engine cannot write.
    pub(super) fn flush(&mut self, store: &mut dyn Store) -> Result<(), VaultError> {
        Ok(store.commit(std::mem::take(&mut self.batch))?)
    }

    /// Writes something that is not counted.
    pub(super) fn put(&mut self, key: &[u8], bytes: Vec<u8>) {
        self.batch.put(key, bytes);
    }

    fn toggle(&mut self, item: Item, revision: u64, bytes: &[u8]) {
        let (id, revision) = item.element(revision);
        self.set.toggle(&id, revision, &crypto::digest(bytes));
    }
}

impl Vault {
    /// Changes of what this vault holds now.
    pub(super) fn changes(&self) -> Changes {
        Changes::of(&self.sealer, self.manifest.set)
    }

    /// Makes `changes` in one batch with the manifest that counts them. When this returns, they are on the disk.
    ///
    /// # Errors
    /// When it cannot be written; nothing was changed then.
    pub(super) fn make(&mut self, changes: Changes) -> Result<(), VaultError> {
        let manifest = Manifest {
            generation: self.manifest.generation + 1,
            records: self.manifest.records + changes.added,
            set: changes.set(),
            last_seen: self.seen_now(),
        };
        self.commit(changes.batch, manifest)
    }
}
