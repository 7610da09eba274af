//! Repair: what is whole goes on, and what is missing comes back from the newest good copy, where it is there.

use std::collections::HashSet;
use std::sync::Arc;

use super::load::Check;
use super::report::{Repaired, StoreTrouble, Watch};
use super::rewrite::{Earlier, Kept, Old, Renewal};
use super::unlock::{GoodCopy, open_newest_good_copy};
use super::{Vault, VaultError};
use crate::domain::{Header, SecretId};

impl Vault {
    /// Makes a whole store of what can be read of a damaged one, and of what the newest good copy has besides. The damaged
    /// store is set aside with the header that opens it, not removed: that directory is a vault to look into.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] when the store is not damaged, and nothing in it is refused; others when it cannot be written. The vault stays as it is
    /// then.
    pub fn repair(&mut self, watch: Watch<'_>) -> Result<Repaired, VaultError> {
        let expected = match self.trouble {
            Some(StoreTrouble::Damaged { expected, .. }) => expected,
            // What is refused goes, and what is served in its place stays.
            None if !self.refused.is_empty() => self.manifest.records,
            _ => return Err(VaultError::NotFound),
        };
        let check = self.log.as_ref().map(|log| Check { organization: log.organization(), known: &self.known });
        let copy = open_newest_good_copy(&mut *self.home, &self.sealer, check.as_ref());
        let kept = self.what_is_left(copy.as_ref());
        let whole = kept.own.len() as u64;
        let brought_back = kept.len() - whole;

        let (before, epoch) = (self.manifest, self.file.epoch);
        self.manifest.generation = self.newest_generation(copy.as_ref());
        let prepared = self.home.prepare_set_aside(epoch, self.now());
        let repaired =
            prepared.and_then(|()| self.rewrite_of(Renewal::of(self.file.slots.clone()), &kept, Old::Kept, watch));
        if repaired.is_err() {
            self.manifest = before;
        }
        repaired?;
        self.trouble = None;
        // What fails here, the next opening does: it is known where the store belongs.
        let _ = self.home.set_aside_store(epoch);
        drop(copy);
        self.home.tidy(self.file.epoch);
        Ok(Repaired { whole, brought_back, lost: expected.saturating_sub(whole + brought_back) })
    }

    /// Whatever can be read to the last piece, here or else in `copy`.
    fn what_is_left<'c>(&self, copy: Option<&'c GoodCopy>) -> Kept<'c> {
        let readable = self.index.headers().filter(|header| self.open_whole(self.item_of(header.id)).is_ok());
        let own: Vec<Arc<Header>> = readable.cloned().collect();
        let here: HashSet<SecretId> = own.iter().map(|header| header.id).collect();
        let more = copy.map(|copy| {
            let missing = copy.index.headers().filter(|header| !here.contains(&header.id));
            (&*copy.store, missing.cloned().collect())
        });
        let mut documents = self.documents.clone();
        copy.iter().for_each(|copy| documents.take_newer(&copy.documents));
        let closed = self.closed.keys().copied().collect();
        Kept { own, closed, more, documents, earlier: Earlier::Readable }
    }

    /// The newest generation that anybody here has seen: what is repaired is a later state than that.
    fn newest_generation(&self, copy: Option<&GoodCopy>) -> u64 {
        let seen = self.home.witness(self.file.vault).ok().flatten().map_or(0, |witness| witness.generation);
        let copied = copy.map_or(0, |copy| copy.manifest.0.generation);
        self.manifest.generation.max(copied).max(seen)
    }
}
