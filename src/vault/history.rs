//! Earlier values: what an edit replaces is kept for a while, with the header that belonged to it.
//!
//! Its sealed bytes are moved as they are, and open still, for they are bound to the revision. The settings say how many
//! are kept of a secret; those that are too many go with its next change, and with the next rewrite. A secret that is
//! deleted loses all of them at once.
//!
//! What is removed here can be opened by nobody who asks the vault; but the embedded store goes on holding the bytes that it
//! let go of, and the key that opens them is there until a rewrite (a sweep, a new passphrase) removes both.

use std::sync::Arc;

use super::changes::Changes;
use super::layout::{self, Item, KEPT, Stored};
use super::put::Fate;
use super::record::{Opened, RecordError};
use super::signed::Verifier;
use super::{Vault, VaultError};
use crate::domain::organization::Tampering;
use crate::domain::{Header, KeptRevision, SecretId};
use crate::store::{Store, StoreError};

impl Vault {
    /// The earlier values of a secret that are kept, the newest first.
    ///
    /// # Errors
    /// [`VaultError::NotFound`], [`VaultError::Damaged`].
    pub fn history(&self, id: SecretId) -> Result<Vec<KeptRevision>, VaultError> {
        let name = &self.header(id)?.name;
        let mut kept = Vec::new();
        for item in kept_of(&*self.store, id)? {
            let opened = self.open_item(item, |opened| (opened.link.set_at(), Arc::new(opened.header)));
            let (set_at, header) = opened.map_err(|error| VaultError::from(error).about(name))?;
            kept.push(KeptRevision { set_at: set_at.unwrap_or(header.revision), header });
        }
        Ok(kept)
    }

    /// The record with the value that the secret had at `revision`, and its header. Fields that are not secret are those
    /// that went with the value in the end.
    ///
    /// # Errors
    /// [`VaultError::NoRevision`], [`VaultError::Damaged`].
    pub(super) fn at_revision(&self, present: &Header, revision: u64) -> Result<(Item, Arc<Header>), VaultError> {
        let had_it = |opened: Opened<'_>| {
            // Without a value nothing tells since when the fields are as they are.
            let since = opened.link.set_at().unwrap_or(opened.header.revision);
            (since..=opened.header.revision).contains(&revision).then(|| Arc::new(opened.header))
        };
        let earlier = kept_of(&*self.store, present.id)?;
        for item in std::iter::once(self.item_of(present.id)).chain(earlier) {
            let found = self.open_item(item, had_it);
            if let Some(header) = found.map_err(|error| VaultError::from(error).about(&present.name))? {
                return Ok((item, header));
            }
        }
        Err(VaultError::NoRevision { secret: present.name.clone(), revision })
    }

    /// The revision that set the value of a secret; `None` when it has none any more.
    pub(super) fn value_set_at(&self, id: SecretId) -> Result<Option<u64>, RecordError> {
        self.open_item(self.item_of(id), |opened| opened.link.set_at())
    }

    fn open_item<T>(&self, item: Item, look: impl Fn(Opened<'_>) -> T) -> Result<T, RecordError> {
        let stored = layout::read(&*self.store, item)?.ok_or(RecordError::Piece)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        self.check_earlier(&opened, self.verifier_of(&*self.store).as_ref())?;
        Ok(look(opened))
    }

    /// Checks the signatures of records in `store`, of a vault that has members.
    pub(super) fn verifier_of<'a>(&'a self, store: &'a dyn Store) -> Option<Verifier<'a>> {
        let log = self.log.as_ref()?;
        Some(Verifier::new(self.file.vault, self.file.epoch, log.organization(), store))
    }

    /// Whether what is kept was written by those who might, and is of the secret that is there now: nobody looked at it when
    /// the vault was opened.
    pub(super) fn check_earlier(
        &self,
        opened: &Opened<'_>,
        verifier: Option<&Verifier<'_>>,
    ) -> Result<(), RecordError> {
        let (Item::Kept(id, _), Some(verifier), Some(signed)) = (opened.item, verifier, &opened.signed) else {
            return Ok(());
        };
        if self.known.of(id).is_some_and(|seen| !seen.has_birth_of(signed)) {
            return Err(Tampering::Mixed.into());
        }
        Ok(verifier.check(id, signed).map(drop)?)
    }

    /// Keeps the value of `old` when it is replaced, and removes what is too much then. Gives the revisions that went, and
    /// those that stay.
    pub(super) fn keep_earlier(
        &self,
        changes: &mut Changes,
        fate: &Fate<'_>,
        (old, stored): (&Opened<'_>, &Stored),
    ) -> Result<(Vec<Item>, Vec<Item>), VaultError> {
        let most = match fate {
            Fate::Remove => 0,
            Fate::Keep | Fate::Set(_) => usize::from(self.settings().kept_revisions),
        };
        let keeps = most > 0 && matches!(fate, Fate::Set(_)) && self.is_worth_keeping(old)?;
        if keeps {
            let item = Item::Kept(old.header.id, old.header.revision);
            changes.write(item, old.header.revision, &stored.bytes, None)?;
            for n in 0..old.link.pieces() {
                let piece = self.store.get(&old.item.piece_key(n))?.ok_or(RecordError::Piece)?;
                changes.piece(item, n, piece.bytes);
            }
        }
        let mut stay = kept_of(&*self.store, old.header.id)?;
        let go = stay.split_off(stay.len().min(most - usize::from(keeps)));
        go.iter().try_for_each(|item| changes.remove(&*self.store, *item))?;
        // The one that is kept from now on is still where it was.
        stay.extend(keeps.then_some(old.item));
        Ok((go, stay))
    }

    /// Whether there is a value, and one that can be read: what is damaged may always be replaced.
    fn is_worth_keeping(&self, old: &Opened<'_>) -> Result<bool, VaultError> {
        match self.sealer.open_value(old, &*self.store) {
            Ok(_) => Ok(old.link.set_at().is_some()),
            Err(RecordError::Store(error)) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }
}

/// The kept revisions of the secret `id`, the newest first.
pub(super) fn kept_of(store: &dyn Store, id: SecretId) -> Result<Vec<Item>, StoreError> {
    let mut kept = kept_under(store, &[KEPT, &id.0].concat())?;
    kept.reverse();
    Ok(kept)
}

/// Every kept revision, by secret; of one secret, the oldest first.
pub(super) fn all_kept(store: &dyn Store) -> Result<Vec<Item>, StoreError> {
    kept_under(store, KEPT)
}

/// Of `all`, those of the secret `id`.
pub(super) fn among(all: &[Item], id: SecretId) -> &[Item] {
    let start = all.partition_point(|item| *item < Item::Kept(id, 0));
    let end = all.partition_point(|item| *item <= Item::Kept(id, u64::MAX));
    &all[start..end]
}

fn kept_under(store: &dyn Store, prefix: &[u8]) -> Result<Vec<Item>, StoreError> {
    let mut kept = Vec::new();
    store.scan(prefix, &mut |key, _| {
        kept.extend(Item::of(key));
        true
    })?;
    Ok(kept)
}
