//! Which batches of signed statements the store needs: what nothing refers to any more goes with the change that made it so.
//!
//! Of the personal secrets of others, which nobody can look into, the records say which batches they need.

use std::collections::{BTreeSet, HashSet};

use super::changes::Changes;
use super::layout::{self, Item, SIGNATURES};
use super::record::RecordError;
use super::signed::{Block, Signed, What};
use super::{Vault, VaultError};
use crate::crypto::Batch;
use crate::domain::{SecretId, VaultId};
use crate::store::{Store, StoreError};

/// What was stated, and in which batches.
#[derive(Default)]
pub(super) struct Stated {
    statements: HashSet<[u8; 32]>,
    batches: BTreeSet<[u8; 16]>,
}

impl Stated {
    /// Adds `block` of what has the id `id` in `vault`.
    pub(super) fn add(&mut self, vault: VaultId, what: What, id: [u8; 16], block: &Block) {
        self.statements.insert(block.statement(vault, what, id));
        self.batches.insert(block.mark.batch);
    }

    fn add_all(&mut self, vault: VaultId, id: SecretId, signed: &Signed) {
        signed.blocks().for_each(|(what, block)| self.add(vault, what, id.0, block));
    }
}

impl Changes {
    /// Removes from `store` the batches that say nothing but what is in `gone`, and that nothing in `left` is signed with.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn drop_batches(&mut self, store: &dyn Store, gone: &Stated, left: &Stated) -> Result<(), RecordError> {
        for id in gone.batches.difference(&left.batches) {
            let item = Item::Batch(*id);
            let Some(stored) = layout::read(store, item)? else { continue };
            let is_gone = |leaf: &[u8; 32]| gone.statements.contains(leaf);
            if Batch::decode(&stored.bytes).is_ok_and(|batch| batch.leaves.iter().all(is_gone)) {
                self.remove_batch(item, &stored);
            }
        }
        Ok(())
    }
}

impl Vault {
    /// Takes the batches away that are not needed once `id` was signed as `new` in the place of `old`, with the revisions in
    /// `went` gone and those in `stayed` kept.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(super) fn drop_batches_of(
        &self,
        changes: &mut Changes,
        id: SecretId,
        (old, new): (&Signed, &Signed),
        (went, stayed): (&[Item], &[Item]),
    ) -> Result<(), VaultError> {
        let vault = self.file.vault;
        let (mut gone, mut left) = (Stated::default(), Stated::default());
        gone.add_all(vault, id, old);
        left.add_all(vault, id, new);
        for item in went {
            self.signed_of(*item)?.iter().for_each(|signed| gone.add_all(vault, id, signed));
        }
        for item in stayed {
            // What cannot be read may need any of them.
            let Some(signed) = self.signed_of(*item)? else { return Ok(()) };
            left.add_all(vault, id, &signed);
        }
        Ok(changes.drop_batches(&*self.store, &gone, &left)?)
    }

    fn signed_of(&self, item: Item) -> Result<Option<Signed>, RecordError> {
        let Some(stored) = layout::read(&*self.store, item)? else { return Ok(None) };
        Ok(self.sealer.open_record(item, &stored.bytes).ok().and_then(|opened| opened.signed))
    }
}

/// The ids of all batches in `store`.
///
/// # Errors
/// When the engine cannot read.
pub(super) fn batches_in(store: &dyn Store) -> Result<Vec<[u8; 16]>, StoreError> {
    let mut found = Vec::new();
    store.scan(SIGNATURES, &mut |key, _| {
        found.extend(key.strip_prefix(SIGNATURES).and_then(|id| <[u8; 16]>::try_from(id).ok()));
        true
    })?;
    Ok(found)
}
