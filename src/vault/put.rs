//! The one way to change a secret: record, pieces and manifest in one batch.

use std::sync::Arc;

use super::changes::Changes;
use super::history::kept_of;
use super::layout::{self, Item, MANIFEST};
use super::record::{Closed, Link, Opened, SealedValue, Sealer};
use super::signed::Signing;
use super::{Vault, VaultError};
use crate::crypto::Manifest;
use crate::domain::{Header, Value};
use crate::store::Batch;

/// What becomes of the value.
pub(super) enum Fate<'v> {
    /// It stays as it is, sealed.
    Keep,
    /// This one takes its place.
    Set(&'v Value),
    /// It is removed.
    Remove,
}

impl Vault {
    /// Writes `header` in the place of what is there under its id, and does to the value what `fate` says.
    /// When this returns, the change is on the disk.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::DiskFull`] and others; nothing was changed then.
    pub(super) fn put(&mut self, header: Header, fate: Fate<'_>) -> Result<Arc<Header>, VaultError> {
        self.check_writable()?;
        if !Sealer::fits(&header) {
            return Err(too_long());
        }
        let item = Item::Record(header.id);
        let stored = layout::read(&*self.store, item)?;
        let old = stored.as_ref().map(|stored| self.sealer.open_record(item, &stored.bytes)).transpose()?;
        if old.as_ref().map_or(0, |old| old.header.revision) + 1 != header.revision {
            return Err(VaultError::Damaged("the store was changed by somebody else".into()));
        }
        let value = self.value_for(&header, &fate, old.as_ref())?;
        let mut signing = self.signer.begin(&*self.tools.entropy)?;
        let signed = signing.record(&header, old.as_ref(), value.commitment.as_ref());
        let record = self.sealer.seal_record(&header, &signed, &value, &*self.tools.entropy)?;
        let mut changes = self.changes();
        let before = old.as_ref().map(|old| old.header.revision).zip(stored.as_ref());
        changes.write(item, header.revision, &record, before)?;
        changes.sign(signing.finish(&*self.tools.entropy)?)?;
        if let Some(old) = old.as_ref().zip(stored.as_ref()) {
            let (went, stayed) = self.keep_earlier(&mut changes, &fate, old)?;
            if let Some(before) = &old.0.signed {
                self.drop_batches_of(&mut changes, header.id, (before, &signed), (&went, &stayed))?;
            }
        }
        let kept = if value.pieces.is_empty() { value.link.pieces() } else { 0 };
        let had = old.as_ref().map_or(0, |old| old.link.pieces());
        replace_pieces(&mut changes, item, value.pieces, kept, had);
        self.make(changes)?;
        self.known.learn_record(header.id, &signed);
        let header = Arc::new(header);
        self.index.insert(header.clone());
        Ok(header)
    }

    /// Writes `deleted` in the place of the personal secret of somebody else that had `revision`, and removes its value.
    pub(super) fn put_closed(&mut self, deleted: &Closed, revision: u64, signing: Signing) -> Result<(), VaultError> {
        let (item, entropy) = (Item::Record(deleted.id), &*self.tools.entropy);
        let stored = layout::read(&*self.store, item)?.ok_or(VaultError::NotFound)?;
        let record = self.sealer.seal_closed(deleted, entropy)?;
        let mut changes = self.changes();
        changes.write(item, deleted.revision, &record, Some((revision, &stored)))?;
        changes.sign(signing.finish(entropy)?)?;
        changes.remove_pieces(&*self.store, item)?;
        for kept in kept_of(&*self.store, deleted.id)? {
            changes.remove(&*self.store, kept)?;
        }
        self.make(changes)
    }

    /// Writes `batch` together with `manifest`, and remembers the new state outside the vault.
    pub(super) fn commit(&mut self, mut batch: Batch, manifest: Manifest) -> Result<(), VaultError> {
        let sealed = self.sealer.seal_manifest(&manifest, &*self.tools.entropy)?;
        batch.swap(MANIFEST, self.manifest_stored, sealed);
        self.store.commit(batch)?;
        self.manifest_stored += 1;
        self.manifest = manifest;
        self.remember();
        Ok(())
    }

    /// The sealed value that the record of `header` shall have.
    fn value_for(&self, header: &Header, fate: &Fate<'_>, old: Option<&Opened<'_>>) -> Result<SealedValue, VaultError> {
        let entropy = &*self.tools.entropy;
        match (fate, old) {
            (Fate::Set(value), _) => Ok(self.sealer.seal_value(header, value, header.revision, entropy)?),
            (Fate::Keep, Some(old)) if old.link == Link::None || old.fits_beside(header) => Ok(SealedValue::kept(old)),
            (Fate::Keep, Some(old)) => match self.sealer.open_plain(old, &*self.store)? {
                None => Ok(SealedValue::none()),
                Some(plain) => {
                    let set_at = old.link.set_at().unwrap_or(header.revision);
                    Ok(self.sealer.seal_plain(header, &plain, set_at, entropy)?)
                }
            },
            (Fate::Keep, None) | (Fate::Remove, _) => Ok(SealedValue::none()),
        }
    }
}

/// A header that does not fit what is stored.
fn too_long() -> VaultError {
    VaultError::invalid("name", "Use fewer or shorter fields: together they are too long.")
}

/// Puts `pieces` in the place of the `had` ones, of which the first `kept` stay as they are.
fn replace_pieces(changes: &mut Changes, item: Item, pieces: Vec<Vec<u8>>, kept: u32, had: u32) {
    let mut next = kept;
    for piece in pieces {
        changes.piece(item, next, piece);
        next += 1;
    }
    (next..had).for_each(|n| changes.remove_piece(item, n));
}
