//! The rewrite: everything is sealed again under a new key into a fresh store, which then takes the old one's place.
//!
//! The new store is written and synced whole; then the replacement of `vault.header` makes it count;
//! then the old one goes. A crash at any moment leaves the old vault or the new one, and at
//! most a directory that the next opening removes. Sweep, new passphrase, repair and restore all come down to this.

use std::sync::Arc;

use super::changes::Changes;
use super::codec::encode_profile;
use super::documents::{Document, Documents};
use super::history::{all_kept, among};
use super::index::Index;
use super::layout::{self, Item, MANIFEST};
use super::record::{SealedValue, Sealer};
use super::report::{Progress, Step, Watch};
use super::{Profile, Vault, VaultError};
use crate::crypto::{Manifest, Slot, VaultFile, VaultKey};
use crate::domain::{Header, SlotId, State};
use crate::store::Store;

/// Bytes that are committed at once.
const BATCH_BYTES: usize = 512 * 1024;

/// What becomes of the old store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Old {
    /// It is removed, with all copies: no key opens them any more.
    Removed,
    /// It stays where it is, to be set aside.
    Kept,
}

/// Which earlier values a rewrite takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earlier {
    /// As many as the settings say: one that cannot be read stops it.
    All,
    /// Of them, those that can be read.
    Readable,
}

/// What a rewrite takes over.
pub(super) struct Kept<'s> {
    /// Secrets in the vault's own store.
    pub(super) own: Vec<Arc<Header>>,
    /// Secrets in another store of the same epoch.
    pub(super) more: Option<(&'s dyn Store, Vec<Arc<Header>>)>,
    /// What there is besides secrets.
    pub(super) documents: Documents,
    /// Of the earlier values.
    pub(super) earlier: Earlier,
}

impl Kept<'_> {
    pub(super) fn len(&self) -> u64 {
        self.own.len() as u64 + self.more.as_ref().map_or(0, |(_, headers)| headers.len() as u64)
    }
}

/// A store that is being filled, and what it holds so far.
pub(super) struct Fresh {
    sealer: Sealer,
    store: Box<dyn Store>,
    changes: Changes,
    changed_bytes: usize,
    records: Vec<Arc<Header>>,
}

impl Vault {
    /// Seals every secret that `keeps` says yes to under a new epoch, which is granted to `slots`.
    /// `watch` is also called between the steps at the end, as if each were one more record.
    ///
    /// # Errors
    /// When something cannot be read or written: the vault is as it was then.
    pub(super) fn rewrite(
        &mut self,
        slots: Vec<Slot>,
        keeps: &dyn Fn(&Header) -> bool,
        old: Old,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        let own = self.index.headers().filter(|header| keeps(header)).cloned().collect();
        let documents = self.documents.clone();
        self.rewrite_of(slots, &Kept { own, more: None, documents, earlier: Earlier::All }, old, watch)
    }

    /// As [`Vault::rewrite`], of what `kept` names.
    pub(super) fn rewrite_of(
        &mut self,
        slots: Vec<Slot>,
        kept: &Kept<'_>,
        old: Old,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.check_certain()?;
        let total = kept.len() + 2;
        let tell = |done| watch(Progress { step: Step::Rewriting, done, total });
        let key = VaultKey::generate(&*self.tools.entropy)?;
        let (file, profile) = self.new_file(self.file.epoch + 1, &key, slots)?;
        let bytes = file.encode(&key, &self.anchor)?;
        let sealer = Sealer::new(file.vault, file.epoch, &key);

        let (fresh, manifest) = match self.fill(sealer, kept, file.epoch, &tell) {
            Ok(filled) => filled,
            Err(error) => return Err(self.give_up(file.epoch, error)),
        };
        self.carry_forms(&fresh, file.epoch);
        let log = match self.carry_audit(fresh.sealer(), file.epoch) {
            Ok(log) => log,
            Err(error) => return Err(self.give_up(file.epoch, error)),
        };
        tell(total - 2);
        self.exchange(&bytes, file.epoch)?;
        tell(total - 1);
        self.profile = profile;
        self.adopt_audit(log);
        self.documents.clone_from(&kept.documents);
        self.adopt(file, fresh, manifest, old);
        self.home.remove_damaged_forms();
        tell(total);
        Ok(())
    }

    fn fill(
        &mut self,
        sealer: Sealer,
        kept: &Kept<'_>,
        epoch: u64,
        tell: &dyn Fn(u64),
    ) -> Result<(Fresh, Manifest), VaultError> {
        let mut fresh = Fresh::new(sealer, self.home.make_store(epoch)?);
        let mut done = 0;
        let own = (&*self.store, &kept.own);
        for (from, headers) in std::iter::once(own).chain(kept.more.as_ref().map(|(store, headers)| (*store, headers)))
        {
            let earlier = all_kept(from)?;
            for header in headers {
                tell(done);
                done += 1;
                let copied = self.copy_record(header, from, &mut fresh);
                let copied =
                    copied.and_then(|()| self.copy_earlier(among(&earlier, header.id), header, kept, from, &mut fresh));
                copied.map_err(|error| error.about(&header.name))?;
            }
        }
        Document::ALL.into_iter().try_for_each(|document| self.copy_document(document, &kept.documents, &mut fresh))?;
        let manifest = self.finish(&mut fresh)?;
        Ok((fresh, manifest))
    }

    /// Replaces the header: the one step that makes the new store count.
    fn exchange(&mut self, bytes: &[u8], epoch: u64) -> Result<(), VaultError> {
        let Err(error) = self.home.replace_header(bytes) else { return Ok(()) };
        if self.home.header().is_ok_and(|now| now.as_deref() != Some(bytes)) {
            return Err(self.give_up(epoch, error));
        }
        // The new header is there, but may not survive a power cut: both stores stay, and neither is written to.
        self.in_doubt = true;
        Err(error)
    }

    fn give_up(&mut self, epoch: u64, error: VaultError) -> VaultError {
        // What cannot be removed now is removed by the next opening.
        let _ = self.home.remove_store(epoch).and_then(|()| self.home.remove_forms(epoch));
        let _ = self.home.remove_audit(epoch);
        error
    }

    /// Opens the record of `header` and its value in `from`, and seals both for the fresh store.
    fn copy_record(&self, header: &Arc<Header>, from: &dyn Store, fresh: &mut Fresh) -> Result<(), VaultError> {
        if self.copy(Item::Record(header.id), from, fresh)? != **header {
            return Err(changed());
        }
        fresh.records.push(header.clone());
        Ok(())
    }

    /// Does so with the newest of the kept revisions in `earlier`, as many as the settings say. A tombstone has none,
    /// whatever is put beside it.
    fn copy_earlier(
        &self,
        earlier: &[Item],
        header: &Header,
        kept: &Kept<'_>,
        from: &dyn Store,
        fresh: &mut Fresh,
    ) -> Result<(), VaultError> {
        let is_deleted = matches!(header.state, State::Deleted(_));
        let most = if is_deleted { 0 } else { usize::from(kept.documents.settings.kept_revisions) };
        for item in earlier.iter().rev().take(most) {
            match self.copy(*item, from, fresh) {
                Err(VaultError::Damaged(_)) if kept.earlier == Earlier::Readable => {}
                copied => drop(copied?),
            }
        }
        Ok(())
    }

    /// Opens `item` and its value in `from`, and seals both for the fresh store. Gives its header.
    fn copy(&self, item: Item, from: &dyn Store, fresh: &mut Fresh) -> Result<Header, VaultError> {
        let entropy = &*self.tools.entropy;
        let stored = layout::read(from, item)?.ok_or_else(changed)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        let sealed = match opened.link.set_at() {
            None => SealedValue::none(),
            Some(revision) => {
                let value = self.sealer.open_value(&opened, from)?;
                fresh.sealer.seal_value(&opened.header, &value, revision, entropy)?
            }
        };
        let record = fresh.sealer.seal_record(&opened.header, &sealed.link, &sealed.inline, entropy)?;
        fresh.add(item, opened.header.revision, &record, sealed.pieces)?;
        Ok(opened.header)
    }

    /// Seals `document` for the fresh store, if it was ever written.
    fn copy_document(&self, document: Document, of: &Documents, fresh: &mut Fresh) -> Result<(), VaultError> {
        let revision = of.revision(document);
        if revision == 0 {
            return Ok(());
        }
        let sealed = fresh.sealer.seal_document(document, revision, &of.encode(document), &*self.tools.entropy)?;
        fresh.add(Item::Document(document), revision, &sealed, Vec::new())
    }

    fn finish(&self, fresh: &mut Fresh) -> Result<Manifest, VaultError> {
        let manifest = Manifest {
            generation: self.manifest.generation + 1,
            records: fresh.records.len() as u64,
            set: fresh.changes.set(),
            last_seen: self.seen_now(),
        };
        let sealed = fresh.sealer.seal_manifest(&manifest, &*self.tools.entropy)?;
        fresh.changes.put(MANIFEST, sealed);
        fresh.flush()?;
        Ok(manifest)
    }

    fn new_file(&self, epoch: u64, key: &VaultKey, slots: Vec<Slot>) -> Result<(VaultFile, Profile), VaultError> {
        let profile = self.profile_of(&slots);
        let mut file = VaultFile::new(self.file.vault, epoch, key);
        file.slots = slots;
        file.slots.iter_mut().try_for_each(|slot| slot.grant(file.vault, epoch, key, &*self.tools.entropy))?;
        let sealer = Sealer::new(file.vault, epoch, key);
        file.profile = sealer.seal_profile(&encode_profile(&profile), &*self.tools.entropy)?;
        Ok((file, profile))
    }

    /// The profile of a vault with `slots`: those that are not in this one are new.
    fn profile_of(&self, slots: &[Slot]) -> Profile {
        let known: Vec<SlotId> = self.file.slots.iter().map(Slot::id).collect();
        let present: Vec<SlotId> = slots.iter().map(Slot::id).collect();
        let new: Vec<SlotId> = present.iter().filter(|id| !known.contains(id)).copied().collect();
        self.profile.noting(&present, &new, self.now())
    }

    /// The new header is in place: from here on nothing can go wrong but the removal of what is old.
    fn adopt(&mut self, file: VaultFile, fresh: Fresh, manifest: Manifest, old: Old) {
        let epoch = std::mem::replace(&mut self.file, file).epoch;
        self.sealer = fresh.sealer;
        self.index = fresh.records.into_iter().collect::<Index>();
        (self.manifest, self.manifest_stored) = (manifest, 1);
        self.remember();
        // What fails here is left over, which the next opening removes and the doctor tells of.
        let _ = std::mem::replace(&mut self.store, fresh.store).close();
        let _ = self.home.remove_forms(epoch);
        let _ = self.home.remove_audit(epoch);
        if old == Old::Removed {
            let _ = self.home.remove_store(epoch).and_then(|()| self.home.remove_copies());
        }
    }
}

fn changed() -> VaultError {
    VaultError::Damaged("it is no longer what it was when the vault was opened".into())
}

impl Fresh {
    fn new(sealer: Sealer, store: Box<dyn Store>) -> Self {
        let changes = Changes::of(&sealer, [0; 32]);
        Self { sealer, store, changes, changed_bytes: 0, records: Vec::new() }
    }

    /// What seals for its epoch.
    pub(super) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn add(&mut self, item: Item, revision: u64, bytes: &[u8], pieces: Vec<Vec<u8>>) -> Result<(), VaultError> {
        self.changed_bytes += bytes.len() + pieces.iter().map(Vec::len).sum::<usize>();
        self.changes.write(item, revision, bytes, None)?;
        pieces.into_iter().zip(0..).for_each(|(piece, n)| self.changes.piece(item, n, piece));
        if self.changed_bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), VaultError> {
        self.changed_bytes = 0;
        self.changes.flush(&mut *self.store)
    }
}
