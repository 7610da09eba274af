//! The rewrite: everything is sealed again under a new key into a fresh store, which then takes the old one's place.
//!
//! The new store is written and synced whole; then the replacement of `vault.header` makes it count;
//! then the old one goes. A crash at any moment leaves the old vault or the new one, and at
//! most a directory that the next opening removes. Sweep, new passphrase, repair and restore all come down to this.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::Changes;
use super::chest::{Chest, Values};
use super::codec::decode_value;
use super::documents::{Document, Documents};
use super::history::{all_kept, among};
use super::index::Index;
use super::layout::{self, Item, MANIFEST};
use super::members::HeaderParts;
use super::organization::MembershipLog;
use super::record::{Closed, Opened, RecordError, SealedValue, Sealer};
use super::report::{Progress, Step, Watch};
use super::signed::{Held, Known, Signed, SignedBatch, Signer, Signing, TakenOver, Verifier, What};
use super::{Profile, Vault, VaultError};
use crate::crypto::{self, Identity, Manifest, PersonalKey, Slot, VaultFile, VaultKey};
use crate::domain::organization::{Act, MemberKey, PublicKeys};
use crate::domain::{Header, SecretBytes, SecretId, SlotId, State};
use crate::host::Entropy;
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
    /// Personal secrets of others.
    pub(super) closed: Vec<SecretId>,
    /// Secrets in another store of the same epoch.
    pub(super) more: Option<(&'s dyn Store, Vec<Arc<Header>>)>,
    /// What there is besides secrets.
    pub(super) documents: Documents,
    /// Of the earlier values.
    pub(super) earlier: Earlier,
}

impl Kept<'_> {
    pub(super) fn len(&self) -> u64 {
        self.own.len() as u64
            + self.closed.len() as u64
            + self.more.as_ref().map_or(0, |(_, headers)| headers.len() as u64)
    }
}

/// What is different in the organization after a rewrite.
pub(super) struct Renewal {
    /// The ways in.
    pub(super) slots: Vec<Slot>,
    /// What goes into the membership log first.
    pub(super) acts: Vec<Act>,
    /// The key that signs from now on, when it is another.
    pub(super) seat: Option<(SlotId, Identity)>,
}

impl Renewal {
    /// Nothing but `slots`.
    pub(super) fn of(slots: Vec<Slot>) -> Self {
        Self { slots, acts: Vec::new(), seat: None }
    }
}

/// The store that is copied from, and what checks the signatures in it.
type Source<'a> = (&'a dyn Store, Option<&'a Verifier<'a>>);

/// A store that is being filled, and what it holds so far.
pub(super) struct Fresh {
    sealer: Sealer,
    signer: Signer,
    personal: PersonalKey,
    store: Box<dyn Store>,
    changes: Changes,
    changed_bytes: usize,
    records: Vec<Arc<Header>>,
    closed: Vec<Closed>,
    /// What is known to be verified of them: whoever copies has looked at it.
    known: Known,
    /// The statements of all that was signed before.
    taken_over: Vec<[u8; 32]>,
    /// The batches that these statements are in.
    batches: BTreeSet<[u8; 16]>,
    /// What is signed only now, in a vault that nobody signed for before.
    signing: Option<Signing>,
    documents: Documents,
}

impl Vault {
    /// Seals every secret that `keeps` says yes to under a new epoch, which is granted as `renewal` and the membership log
    /// want it. `watch` is also called between the steps at the end, as if each were one more record.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`] when a Member is in; others when something cannot be read or written: the vault is as
    /// it was then.
    pub(super) fn rewrite(
        &mut self,
        renewal: Renewal,
        keeps: &dyn Fn(&Header) -> bool,
        old: Old,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        let own = self.index.headers().filter(|header| keeps(header)).cloned().collect();
        let closed = self.closed.values().filter(|closed| !self.is_over(closed)).map(|closed| closed.id).collect();
        let documents = self.documents.clone();
        let kept = Kept { own, closed, more: None, documents, earlier: Earlier::All };
        self.rewrite_of(renewal, &kept, old, watch)
    }

    /// Whether the personal secret of somebody else was deleted long enough ago.
    fn is_over(&self, closed: &Closed) -> bool {
        let gone_at = closed.deletion().and_then(|deletion| deletion.state.gone_at());
        gone_at.is_some_and(|gone| self.now() >= gone)
    }

    /// As [`Vault::rewrite`], of what `kept` names.
    pub(super) fn rewrite_of(
        &mut self,
        renewal: Renewal,
        kept: &Kept<'_>,
        old: Old,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.check_certain()?;
        self.check_holds_root()?;
        let total = kept.len() + 2;
        let tell = |done| watch(Progress { step: Step::Rewriting, done, total });
        let root = VaultKey::generate(&*self.tools.entropy)?;
        let epoch = self.file.epoch + 1;
        let Renewal { slots, acts, seat } = renewal;
        let mut log = self.log_with(&slots, acts)?;
        let (fresh, manifest) = match self.fill(&root, seat, kept, epoch, &tell) {
            Ok(filled) => filled,
            Err(error) => return Err(self.give_up(epoch, error)),
        };
        let prepared = self.new_header(&root, &mut log, &fresh, slots);
        let (file, profile, bytes) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Err(self.give_up(epoch, error)),
        };
        self.carry_forms(&fresh, log.organization(), epoch);
        let audit = match self.carry_audit(fresh.sealer(), epoch) {
            Ok(log) => log,
            Err(error) => return Err(self.give_up(epoch, error)),
        };
        tell(total - 2);
        self.exchange(&bytes, epoch)?;
        tell(total - 1);
        self.profile = profile;
        self.log = Some(log);
        self.adopt_audit(audit);
        self.adopt(file, fresh, manifest, old);
        self.home.remove_damaged_forms();
        tell(total);
        Ok(())
    }

    /// The membership log with `acts`; of a vault without one, that begins with whoever is in and their `slots`.
    fn log_with(&self, slots: &[Slot], acts: Vec<Act>) -> Result<MembershipLog, VaultError> {
        let Signer { vault, slot, identity, member, .. } = &self.signer;
        let mut log = match &self.log {
            Some(log) => log.clone(),
            None => {
                let keys = self.file.slots.iter().map(key_of).collect();
                let (organization, name) = (self.profile.organization.clone(), self.member()?.name.clone());
                let founded = Act::Founded { organization, member: *member, name, keys };
                let mut log = MembershipLog::found(*vault, founded, self.now(), *slot, identity, &*self.tools.entropy)?;
                for slot in slots.iter().filter(|slot| !self.file.slots.iter().any(|old| old.id() == slot.id())) {
                    let added = Act::KeyAdded(key_of(slot));
                    log.append(added, self.now(), self.signer.slot, identity, &*self.tools.entropy)?;
                }
                log
            }
        };
        for act in acts {
            log.append(act, self.now(), *slot, identity, &*self.tools.entropy)?;
        }
        Ok(log)
    }

    /// The header of the epoch that `fresh` is filled for.
    fn new_header(
        &self,
        root: &VaultKey,
        log: &mut MembershipLog,
        fresh: &Fresh,
        slots: Vec<Slot>,
    ) -> Result<(VaultFile, Profile, Vec<u8>), VaultError> {
        let entropy = &*self.tools.entropy;
        let Signer { epoch, slot, identity, .. } = &fresh.signer;
        let taken_over = crypto::digest(&TakenOver::encode(fresh.taken_over.clone()));
        let key = root.common(self.file.vault, *epoch).commitment(self.file.vault, *epoch);
        log.append(Act::EpochBegun { epoch: *epoch, key, taken_over }, self.now(), *slot, identity, entropy)?;
        let profile = self.profile_of(&slots).of_members(log.organization());
        let parts = HeaderParts {
            root,
            sealer: &fresh.sealer,
            log,
            slots,
            profile: &profile,
            invitations: self.file.invitations.clone(),
            personal: Some((self.me, &fresh.personal)),
        };
        let file = parts.build(entropy)?;
        let bytes = file.encode_with(&root.common(file.vault, file.epoch), &self.anchor)?;
        Ok((file, profile, bytes))
    }

    fn fill(
        &mut self,
        root: &VaultKey,
        seat: Option<(SlotId, Identity)>,
        kept: &Kept<'_>,
        epoch: u64,
        tell: &dyn Fn(u64),
    ) -> Result<(Fresh, Manifest), VaultError> {
        let mut fresh = self.fresh(root, seat, kept.documents.clone(), epoch)?;
        let mut done = 0;
        let own = (&*self.store, &kept.own);
        for (from, headers) in std::iter::once(own).chain(kept.more.as_ref().map(|(store, headers)| (*store, headers)))
        {
            let (earlier, verifier) = (all_kept(from)?, self.verifier_of(from));
            let from = (from, verifier.as_ref());
            for header in headers {
                tell(done);
                done += 1;
                let copied = self.copy_record(header, from, &mut fresh);
                let copied =
                    copied.and_then(|()| self.copy_earlier(among(&earlier, header.id), header, kept, from, &mut fresh));
                copied.map_err(|error| error.about(&header.name))?;
            }
            copy_signatures(from.0, &mut fresh)?;
        }
        let earlier = all_kept(&*self.store)?;
        for id in &kept.closed {
            tell(done);
            done += 1;
            self.copy_closed(*id, among(&earlier, *id), &mut fresh)?;
        }
        Document::ALL.into_iter().try_for_each(|document| self.copy_document(document, &kept.documents, &mut fresh))?;
        copy_signatures(&*self.store, &mut fresh)?;
        kept.more.iter().try_for_each(|(store, _)| copy_signatures(*store, &mut fresh))?;
        let manifest = self.finish(&mut fresh)?;
        Ok((fresh, manifest))
    }

    /// A store for `epoch` with nothing in it.
    fn fresh(
        &mut self,
        root: &VaultKey,
        seat: Option<(SlotId, Identity)>,
        documents: Documents,
        epoch: u64,
    ) -> Result<Fresh, VaultError> {
        let (vault, entropy) = (self.file.vault, &*self.tools.entropy);
        let personal = PersonalKey::generate(entropy)?;
        let chest = Chest::new(self.me, Values::All(root.values(vault, epoch)), Some(personal.clone()));
        let sealer = Sealer::new(vault, epoch, &root.common(vault, epoch), chest);
        let mut signer = Signer { epoch, ..self.signer.clone() };
        if let Some((slot, identity)) = seat {
            (signer.slot, signer.identity) = (slot, identity);
        }
        let changes = Changes::of(&sealer, [0; 32]);
        let signing = Some(signer.begin(entropy)?);
        Ok(Fresh {
            store: self.home.make_store(epoch)?,
            known: Known::nothing(epoch),
            documents,
            sealer,
            signer,
            personal,
            changes,
            signing,
            changed_bytes: 0,
            records: Vec::new(),
            closed: Vec::new(),
            taken_over: Vec::new(),
            batches: BTreeSet::new(),
        })
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

    /// Opens the record of `header` and its value in `from`, and seals both for the fresh store. Of one that is refused,
    /// that is the revision which is served in its place.
    fn copy_record(&self, header: &Arc<Header>, from: Source<'_>, fresh: &mut Fresh) -> Result<(), VaultError> {
        let served = self.refused.iter().any(|refused| refused.id == Some(header.id));
        let item = if served { Item::Kept(header.id, header.revision) } else { Item::Record(header.id) };
        if self.copy((item, Item::Record(header.id)), from, fresh)? != **header {
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
        from: Source<'_>,
        fresh: &mut Fresh,
    ) -> Result<(), VaultError> {
        let is_deleted = matches!(header.state, State::Deleted(_));
        let most = if is_deleted { 0 } else { usize::from(kept.documents.settings.kept_revisions) };
        let older =
            earlier.iter().filter(|item| matches!(item, Item::Kept(_, revision) if *revision < header.revision));
        for item in older.rev().take(most) {
            match self.copy((*item, *item), from, fresh) {
                Err(VaultError::Damaged(_)) if kept.earlier == Earlier::Readable => {}
                // Whoever might not write it gets nothing into the next epoch.
                Err(VaultError::Tampered(_)) => {}
                copied => drop(copied?),
            }
        }
        Ok(())
    }

    /// Opens `item` and its value in `from`, and seals both for the fresh store as `to`. Gives its header.
    fn copy(
        &self,
        (item, to): (Item, Item),
        (from, verifier): Source<'_>,
        fresh: &mut Fresh,
    ) -> Result<Header, VaultError> {
        let entropy = &*self.tools.entropy;
        let stored = layout::read(from, item)?.ok_or_else(changed)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        self.check_earlier(&opened, verifier)?;
        let sealed = match (opened.link.set_at(), self.sealer.open_plain(&opened, from)?) {
            (Some(revision), Some(plain)) => fresh.seal_value(&opened, &plain, revision, entropy)?,
            _ => SealedValue::none(),
        };
        let signed = match &opened.signed {
            Some(signed) => {
                fresh.take_over(opened.header.id, signed);
                signed.clone()
            }
            None => fresh.sign_anew(&opened, &sealed),
        };
        let record = fresh.sealer.seal_record(&opened.header, &signed, &sealed, entropy)?;
        if let Item::Record(id) = to {
            fresh.known.learn_record(id, &signed);
        }
        fresh.add(to, opened.header.revision, &record, sealed.pieces)?;
        Ok(opened.header)
    }

    /// Seals the personal secret `id` of somebody else anew on the outside, with its `earlier` values: what is in them stays.
    fn copy_closed(&self, id: SecretId, earlier: &[Item], fresh: &mut Fresh) -> Result<(), VaultError> {
        for item in std::iter::once(&Item::Record(id)).chain(earlier) {
            let stored = layout::read(&*self.store, *item)?.ok_or_else(changed)?;
            let (record, outer) =
                fresh.sealer.reseal_closed(&self.sealer, *item, &stored.bytes, &*self.tools.entropy)?;
            fresh.batches.extend(outer.batches);
            let mut pieces = Vec::new();
            self.store.scan(&item.pieces(), &mut |_, entry| {
                pieces.push(entry.bytes);
                true
            })?;
            fresh.add(*item, outer.revision, &record, pieces)?;
        }
        let Some(closed) = self.closed.get(&id) else { return Err(changed()) };
        if let Some(block) = &closed.deleted {
            fresh.taken_over.push(block.statement(self.file.vault, What::State, id.0));
            fresh.batches.insert(block.mark.batch);
        }
        fresh.closed.push(closed.clone());
        Ok(())
    }

    /// Seals `document` for the fresh store, if it was ever written.
    fn copy_document(&self, document: Document, of: &Documents, fresh: &mut Fresh) -> Result<(), VaultError> {
        let revision = of.revision(document);
        if revision == 0 {
            return Ok(());
        }
        let (author, block) = match of.signed(document) {
            Some((author, block)) => {
                fresh.taken_over.push(block.statement(self.file.vault, What::Document, document.id()));
                fresh.batches.insert(block.mark.batch);
                (*author, block.clone())
            }
            None => (self.me, fresh.signing().document(document, revision, &of.encode(document))),
        };
        let sealed = fresh.sealer.seal_document(document, revision, (author, &block), &*self.tools.entropy)?;
        fresh.known.learn_document(document, revision, &block);
        fresh.documents.sign(document, author, block);
        fresh.add(Item::Document(document), revision, &sealed, Vec::new())
    }

    fn finish(&self, fresh: &mut Fresh) -> Result<Manifest, VaultError> {
        if let Some(signing) = fresh.signing.take().filter(|signing| !signing.is_empty()) {
            fresh.changes.sign(signing.finish(&*self.tools.entropy)?)?;
        }
        fresh.changes.take_over(&TakenOver::encode(fresh.taken_over.clone()))?;
        let manifest = Manifest {
            generation: self.manifest.generation + 1,
            records: (fresh.records.len() + fresh.closed.len()) as u64,
            set: fresh.changes.set(),
            last_seen: self.seen_now(),
        };
        let sealed = fresh.sealer.seal_manifest(&manifest, &*self.tools.entropy)?;
        fresh.changes.put(MANIFEST, sealed);
        fresh.flush()?;
        Ok(manifest)
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
        self.signer = fresh.signer;
        self.documents = fresh.documents;
        self.index = fresh.records.into_iter().collect::<Index>();
        self.closed = fresh.closed.into_iter().map(|closed| (closed.id, closed)).collect();
        self.refused.clear();
        let before = std::mem::replace(&mut self.known, fresh.known);
        self.known.hold_as(&before);
        let held = Held::of(self.file.epoch, None, self.sealer.chest().personal());
        self.known.hold(self.me, held);
        self.header_changes += 1;
        self.seated_as_of = self.header_changes;
        (self.manifest, self.manifest_stored) = (manifest, 1);
        self.remember();
        self.remember_organization();
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
    /// What seals for its epoch.
    pub(super) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Seals the plaintext of the value of `opened`; that of a vault that nobody signed for gets a salt first.
    fn seal_value(
        &self,
        opened: &Opened<'_>,
        plain: &SecretBytes,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, VaultError> {
        Ok(match opened.signed {
            Some(_) => self.sealer.seal_plain(&opened.header, plain, revision, entropy)?,
            None => self.sealer.seal_value(
                &opened.header,
                &decode_value(plain).map_err(RecordError::from)?,
                revision,
                entropy,
            )?,
        })
    }

    /// Takes over what was signed of the secret `id`.
    fn take_over(&mut self, id: SecretId, signed: &Signed) {
        self.taken_over.extend(signed.statements(self.sealer.vault(), id));
        self.batches.extend(signed.blocks().map(|(_, block)| block.mark.batch));
    }

    /// Signs the record, which nobody has signed yet, for whoever rewrites.
    fn sign_anew(&mut self, opened: &Opened<'_>, value: &SealedValue) -> Signed {
        self.signing().record(&opened.header, None, value.commitment.as_ref())
    }

    fn signing(&mut self) -> &mut Signing {
        self.signing.as_mut().expect("it is finished last")
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

/// Copies the batches of signatures that are needed, of those that are in `from`.
fn copy_signatures(from: &dyn Store, fresh: &mut Fresh) -> Result<(), VaultError> {
    let mut there = BTreeSet::new();
    for id in &fresh.batches {
        let Some(stored) = layout::read(from, Item::Batch(*id))? else { continue };
        there.insert(*id);
        // One that signed several records may have come with the first of them.
        if fresh.store.get(&Item::Batch(*id).key())?.is_some() {
            continue;
        }
        fresh.changes.sign(SignedBatch { id: *id, bytes: stored.bytes })?;
    }
    fresh.batches.retain(|id| !there.contains(id));
    fresh.flush()
}

/// The key of a slot, as the membership log names it.
pub(super) fn key_of(slot: &Slot) -> MemberKey {
    MemberKey { slot: slot.id(), public: PublicKeys(slot.public().to_bytes()) }
}
