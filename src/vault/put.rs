//! The one way to change a secret: record, pieces and manifest in one batch.

use std::sync::Arc;

use super::layout::{self, MANIFEST, Stored, piece_key};
use super::record::{Opened, SealedValue, Sealer};
use super::{Vault, VaultError};
use crate::crypto::{self, Manifest, SetHash};
use crate::domain::{Header, SecretId, Value};
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
        let stored = layout::read(&*self.store, header.id)?;
        let old = stored.as_ref().map(|stored| self.sealer.open_record(header.id, &stored.bytes)).transpose()?;
        if old.as_ref().map_or(0, |old| old.header.revision) + 1 != header.revision {
            return Err(VaultError::Damaged("the store was changed by somebody else".into()));
        }
        let value = self.value_for(&header, &fate, old.as_ref())?;
        let record = self.sealer.seal_record(&header, &value.link, &value.inline, &*self.tools.entropy)?;
        let manifest = self.manifest_after(&header, old.as_ref().zip(stored.as_ref()), &record);

        let mut batch = Batch::default();
        let kept = if value.pieces.is_empty() { value.link.pieces() } else { 0 };
        let had = old.as_ref().map_or(0, |old| old.link.pieces());
        layout::write(&mut batch, header.id, &record, stored.as_ref())?;
        replace_pieces(&mut batch, header.id, value.pieces, kept, had);
        self.commit(batch, manifest)?;

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
        let seal = |value| Ok(self.sealer.seal_value(header, value, header.revision, &*self.tools.entropy)?);
        match (fate, old) {
            (Fate::Set(value), _) => seal(value),
            (Fate::Keep, Some(old)) if old.fits_beside(header) => {
                Ok(SealedValue { link: old.link, inline: old.inline.to_vec(), pieces: Vec::new() })
            }
            (Fate::Keep, Some(old)) => seal(&self.sealer.open_value(old, &*self.store)?),
            (Fate::Keep, None) | (Fate::Remove, _) => Ok(SealedValue::none()),
        }
    }

    fn manifest_after(&self, header: &Header, old: Option<(&Opened<'_>, &Stored)>, record: &[u8]) -> Manifest {
        let mut set = SetHash::resume(&self.sealer.keys().manifest, self.manifest.set);
        if let Some((old, stored)) = old {
            set.toggle(&header.id.0, old.header.revision, &crypto::digest(&stored.bytes));
        }
        set.toggle(&header.id.0, header.revision, &crypto::digest(record));
        Manifest {
            generation: self.manifest.generation + 1,
            records: self.manifest.records + u64::from(old.is_none()),
            set: set.value(),
            last_seen: self.seen_now(),
        }
    }
}

/// A header that does not fit what is stored.
pub(super) fn too_long() -> VaultError {
    VaultError::invalid("name", "Use fewer or shorter fields: together they are too long.")
}

/// Puts `pieces` in the place of the `had` ones, of which the first `kept` stay as they are.
fn replace_pieces(batch: &mut Batch, id: SecretId, pieces: Vec<Vec<u8>>, kept: u32, had: u32) {
    let mut next = kept;
    for piece in pieces {
        batch.put(piece_key(id, next), piece);
        next += 1;
    }
    (next..had).for_each(|n| batch.remove(piece_key(id, n)));
}
