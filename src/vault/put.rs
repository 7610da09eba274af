//! The one way to change a secret: record, pieces and manifest in one batch.

use std::sync::Arc;

use super::changes::Changes;
use super::layout::{self, Item, MANIFEST};
use super::record::{Opened, SealedValue, Sealer};
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
            return Err(VaultError::invalid("name", "Use fewer or shorter fields: together they are too long."));
        }
        let item = Item::Record(header.id);
        let stored = layout::read(&*self.store, item)?;
        let old = stored.as_ref().map(|stored| self.sealer.open_record(item, &stored.bytes)).transpose()?;
        if old.as_ref().map_or(0, |old| old.header.revision) + 1 != header.revision {
            return Err(VaultError::Damaged("the store was changed by somebody else".into()));
        }
        let value = self.value_for(&header, &fate, old.as_ref())?;
        let record = self.sealer.seal_record(&header, &value.link, &value.inline, &*self.tools.entropy)?;
        let mut changes = self.changes();
        let before = old.as_ref().map(|old| old.header.revision).zip(stored.as_ref());
        changes.write(item, header.revision, &record, before)?;
        if let Some(old) = old.as_ref().zip(stored.as_ref()) {
            self.keep_earlier(&mut changes, &fate, old)?;
        }
        let kept = if value.pieces.is_empty() { value.link.pieces() } else { 0 };
        let had = old.as_ref().map_or(0, |old| old.link.pieces());
        replace_pieces(&mut changes, item, value.pieces, kept, had);
        self.make(changes)?;
        let header = Arc::new(header);
        self.index.insert(header.clone());
        Ok(header)
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
        let seal = |value, set_at| Ok(self.sealer.seal_value(header, value, set_at, &*self.tools.entropy)?);
        match (fate, old) {
            (Fate::Set(value), _) => seal(value, header.revision),
            (Fate::Keep, Some(old)) if old.fits_beside(header) => {
                Ok(SealedValue { link: old.link, inline: old.inline.to_vec(), pieces: Vec::new() })
            }
            (Fate::Keep, Some(old)) => {
                let set_at = old.link.set_at().unwrap_or(header.revision);
                seal(&self.sealer.open_value(old, &*self.store)?, set_at)
            }
            (Fate::Keep, None) | (Fate::Remove, _) => Ok(SealedValue::none()),
        }
    }
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
