//! Whether everything that the vault holds can be read: every record, every piece of its value, and what it is signed with.

use std::sync::Arc;

use super::batches::batches_in;
use super::history::{all_kept, among};
use super::layout::{self, Item};
use super::load::load;
use super::organization::MembershipLog;
use super::record::RecordError;
use super::report::{Progress, Step, Watch};
use super::signed::Verifier;
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
        let verifier = self.log.as_ref().map(|log| self.verifier(log));
        // What cannot be read here, the manifest notices.
        let kept = all_kept(&*self.store).unwrap_or_default();
        let entries = 1 + self.entries_besides(&kept, verifier.as_ref());
        let mut readable = Readable { entries, broken: Vec::new(), broken_earlier: Vec::new() };
        for (header, done) in self.index.headers().zip(0..) {
            watch(Progress { step: Step::Examining, done, total });
            let item = self.item_of(header.id);
            match self.open_signed(item, verifier.as_ref()) {
                Ok(entries) => readable.entries += entries,
                Err(error) => readable.broken.push((header.clone(), error)),
            }
            for kept in among(&kept, header.id).iter().filter(|kept| **kept != item) {
                match self.open_signed(*kept, verifier.as_ref()) {
                    Ok(entries) => readable.entries += entries,
                    Err(error) => readable.broken_earlier.push((header.clone(), error)),
                }
            }
        }
        readable
    }

    fn verifier<'a>(&'a self, log: &'a MembershipLog) -> Verifier<'a> {
        Verifier::new(self.file.vault, self.file.epoch, log.organization(), &*self.store)
    }

    /// How many entries belong to anything but the manifest and what this member can open. What cannot be read counts as none.
    fn entries_besides(&self, kept: &[Item], verifier: Option<&Verifier<'_>>) -> u64 {
        let refused = self.refused.iter().filter_map(|refused| refused.id).map(Item::Record);
        let closed =
            self.closed.keys().flat_map(|id| std::iter::once(Item::Record(*id)).chain(among(kept, *id).to_vec()));
        let unopened: u64 = refused.chain(closed).map(|item| self.entries_of(item)).sum();
        self.document_entries().unwrap_or(0)
            + unopened
            + verifier.map_or(0, |verifier| self.entries_of_signatures(verifier))
    }

    /// Over how many entries what was signed is spread: the batches that somebody in the organization signed, and the list of
    /// what was taken over.
    fn entries_of_signatures(&self, verifier: &Verifier<'_>) -> u64 {
        let batches = batches_in(&*self.store).unwrap_or_default();
        verifier.prepare(batches.iter().copied());
        let good = batches.into_iter().filter(|id| verifier.has_signed(*id)).map(Item::Batch);
        good.chain([Item::TakenOver]).map(|item| self.entries_of(item)).sum()
    }

    /// Over how many entries `item` and the pieces of its value are spread, whatever is in them.
    fn entries_of(&self, item: Item) -> u64 {
        let stored = layout::read(&*self.store, item).ok().flatten();
        let mut entries = stored.map_or(0, |stored| stored.entries());
        if matches!(item, Item::Record(_) | Item::Kept(..)) {
            let _ = self.store.scan(&item.pieces(), &mut |_, _| {
                entries += 1;
                true
            });
        }
        entries
    }

    /// As [`Vault::open_whole`], and holds what is signed of it against the signatures.
    fn open_signed(&self, item: Item, verifier: Option<&Verifier<'_>>) -> Result<u64, RecordError> {
        let stored = layout::read(&*self.store, item)?.ok_or(RecordError::Piece)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        if let (Some(verifier), Some(signed)) = (verifier, &opened.signed) {
            verifier.check(opened.header.id, signed)?;
        }
        self.open_whole(item)
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
