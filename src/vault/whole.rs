//! Whether everything that the vault holds can be read: every record, and every piece of its value.

use std::sync::Arc;

use super::history::{all_kept, among};
use super::layout::{self, Item};
use super::load::load;
use super::record::RecordError;
use super::report::{Progress, Step, Watch};
use super::{Vault, VaultError};
use crate::domain::Header;

/// What reading everything came to.
pub(super) struct Readable {
    /// How many entries of the store belong to what can be read, the manifest's own included.
    pub(super) entries: u64,
    /// What cannot be read, and why.
    pub(super) broken: Vec<(Arc<Header>, RecordError)>,
    /// Of which secrets an earlier value cannot be read, and why.
    pub(super) broken_earlier: Vec<(Arc<Header>, RecordError)>,
}

impl Vault {
    /// Reads everything.
    pub(super) fn read_all(&self, watch: Watch<'_>) -> Readable {
        let total = self.index.len() as u64;
        let entries = 1 + self.document_entries().unwrap_or(0);
        let mut readable = Readable { entries, broken: Vec::new(), broken_earlier: Vec::new() };
        // What cannot be read here, the manifest notices.
        let kept = all_kept(&*self.store).unwrap_or_default();
        for (header, done) in self.index.headers().zip(0..) {
            watch(Progress { step: Step::Examining, done, total });
            match self.open_whole(Item::Record(header.id)) {
                Ok(entries) => readable.entries += entries,
                Err(error) => readable.broken.push((header.clone(), error)),
            }
            for item in among(&kept, header.id) {
                match self.open_whole(*item) {
                    Ok(entries) => readable.entries += entries,
                    Err(error) => readable.broken_earlier.push((header.clone(), error)),
                }
            }
        }
        readable
    }

    /// Whether the store is whole: what the manifest counts is there, and can be read to the last piece.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], with the first secret that is not.
    pub(super) fn check_whole(&self, watch: Watch<'_>) -> Result<(), VaultError> {
        let readable = self.read_all(watch);
        if let Some((header, error)) = readable.broken.first() {
            let (count, total) = (readable.broken.len(), self.index.len());
            let cause = format!("{count} of {total} secrets cannot be read, such as {}: {error}", header.name);
            return Err(VaultError::Damaged(cause));
        }
        if let Some((header, error)) = readable.broken_earlier.first() {
            let count = readable.broken_earlier.len();
            let cause = format!("{count} earlier values cannot be read, such as one of {}: {error}", header.name);
            return Err(VaultError::Damaged(cause));
        }
        if load(&*self.store, &self.sealer, None, &|_| {})?.whole {
            return Ok(());
        }
        Err(VaultError::Damaged("the store no longer holds what its manifest counts".into()))
    }

    /// Opens the record `item` with its value; says over how many entries of the store it is spread.
    pub(super) fn open_whole(&self, item: Item) -> Result<u64, RecordError> {
        let stored = layout::read(&*self.store, item)?.ok_or(RecordError::Piece)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        self.sealer.open_value(&opened, &*self.store)?;
        Ok(stored.entries() + u64::from(opened.link.pieces()))
    }
}
