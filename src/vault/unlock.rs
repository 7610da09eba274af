//! Opening a vault: from a credential to the key, from the key to the headers.

use std::collections::BTreeMap;

use super::audit::Audit;
use super::documents::Documents;
use super::index::Index;
use super::load::{Check, Loaded, load};
use super::opening::{Opening, Pinned, known, leave_foreign_slots_out, serve_earlier, torn_memory};
use super::proof::Proof;
use super::record::Sealer;
use super::report::{Credential, OpenReport, Progress, Step, StoreTrouble, Watch};
use super::signed::{Known, Signer};
use super::witness::Witness;
use super::{Home, Sweep, Tools, Vault, VaultError};
use crate::crypto::{
    Anchor, CommonKey, Granted, Identity, KdfCost, KdfError, MachineKey, Manifest, MemberKey, RecoveryKey, Slot,
    SlotError, SlotKind, SlotSecret, Subkeys, Unsealed, VaultFile, VaultKey,
};
use crate::domain::lifecycle::{ClockVerdict, judge_clock};
use crate::domain::organization::Tampering;
use crate::domain::time::DAY;
use crate::domain::{MemberId, SecretBytes, SlotId, Timestamp, VaultId};
use crate::store::{Batch, MemoryStore, Revision, Store};

/// The first version of the header file that has members.
pub(super) const WITH_MEMBERS: u16 = 3;

/// What a vault is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To be used, and changed.
    Use,
    /// To be looked at: what is on the disk stays as it is.
    Only,
}

/// What [`unlock_file`] gives: the header, what it is proven with, and whose slot it was.
pub(super) struct Entered {
    pub(super) file: VaultFile,
    pub(super) keys: EpochKeys,
    pub(super) anchor: Anchor,
    pub(super) member: MemberId,
    pub(super) slot: SlotId,
    pub(super) identity: Identity,
}

impl Entered {
    /// The keys that seal what everybody in the organization can open.
    pub(super) fn subkeys(&self) -> Subkeys {
        let (vault, epoch) = (self.file.vault, self.file.epoch);
        match &self.keys {
            EpochKeys::Old(key) => key.subkeys(vault, epoch),
            keys => keys.common(vault, epoch).subkeys(vault, epoch),
        }
    }
}

/// The keys of an epoch, as one slot was granted them.
pub(super) enum EpochKeys {
    /// Of a vault of format 2 or older: the one key.
    Old(VaultKey),
    /// All of them.
    Root(VaultKey),
    /// Those of a Member.
    Member(CommonKey, MemberKey),
}

impl EpochKeys {
    /// The key that everybody in the organization has.
    pub(super) fn common(&self, vault: VaultId, epoch: u64) -> CommonKey {
        match self {
            Self::Old(key) | Self::Root(key) => key.common(vault, epoch),
            Self::Member(common, _) => common.clone(),
        }
    }

    /// Whether they are those that `file` commits to: anybody can grant keys of their own.
    pub(super) fn check(&self, file: &VaultFile) -> Result<(), VaultError> {
        let common = self.common(file.vault, file.epoch);
        let checked = common.check_commitment(file.vault, file.epoch, &file.commitment);
        checked.map_err(|_| VaultError::Tampered(Tampering::SlotForeign))
    }
}

impl Vault {
    /// Opens the vault in `home` with `credential`, removes what interrupted work left behind, and sweeps.
    ///
    /// A store that is damaged, or older than what this machine saw last, is opened for reading only:
    /// the report says why. A recovery key opens everything; the front-end insists on a new passphrase then.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::WrongCredential`] (with no wait: who counts the guesses knows it),
    /// [`VaultError::Damaged`] when the header cannot be trusted.
    pub fn unlock(
        home: Box<dyn Home>,
        credential: &Credential,
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<(Self, OpenReport), VaultError> {
        let mut vault = Self::open(home, credential, Look::Use, tools, watch)?;
        let report = if vault.trouble.is_none() { vault.keep_house(watch) } else { vault.report() };
        Ok((vault, report))
    }

    /// Opens the vault in `home` with `credential` and does nothing else; to [`Look::Only`], on a copy of its store.
    ///
    /// # Errors
    /// As [`Vault::unlock`].
    pub fn open(
        home: Box<dyn Home>,
        credential: &Credential,
        look: Look,
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<Self, VaultError> {
        let bytes = home.header()?.ok_or(VaultError::NoVault)?;
        let entered = unlock_file(&bytes, credential, watch)?;
        let mut vault = Self::enter(home, entered, look, Pinned::Held, tools, watch)?;
        vault.check_named(credential)?;
        vault.owes_passphrase = matches!(credential, Credential::Recovery(_));
        Ok(vault)
    }

    /// Whether it is the one who was named: what helps to find the slot is no proof.
    fn check_named(&self, credential: &Credential) -> Result<(), VaultError> {
        self.check_called(credential, self.me)
    }

    /// The same of the member called `id`.
    pub(super) fn check_called(&self, credential: &Credential, id: MemberId) -> Result<(), VaultError> {
        let Credential::Named { member, .. } = credential else { return Ok(()) };
        let is_called = |name: &str| name.to_lowercase() == member.trim().to_lowercase();
        let is_right = self.profile.member(id).is_some_and(|member| is_called(&member.name));
        if is_right { Ok(()) } else { Err(wrong(SlotKind::Passphrase)) }
    }

    /// Whether `credential` opens this vault, which is open already.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`] (with no wait, as [`Vault::unlock`] has it); [`VaultError::OtherMember`] when it is
    /// that of another member than the one who is in.
    pub fn prove(&self, credential: &Credential, watch: Watch<'_>) -> Result<(), VaultError> {
        let (slot, _) = open_file(&self.file, credential, watch)?;
        if slot.member() == self.me { Ok(()) } else { Err(VaultError::OtherMember(self.member()?.name.clone())) }
    }

    /// Removes what is over or left over, and remembers that the vault was used now. Nothing of this may keep anybody out:
    /// what fails is reported, and tried again at the next opening.
    fn keep_house(&mut self, watch: Watch<'_>) -> OpenReport {
        let mut report = self.report();
        self.home.tidy(self.file.epoch);
        self.remember_organization();
        if let Err(error) = self.settle_organization(watch) {
            report.reseal_failed = Some(error.to_string().into());
        }
        match self.sweep(Sweep::IfClockIsSound, watch) {
            Ok(swept) => (report.swept, report.clock) = (swept.swept, swept.clock),
            Err(error) => report.sweep_failed = Some(error.to_string().into()),
        }
        self.note_use();
        report.memory_failed = report.memory_failed.or_else(|| self.memory_failed.clone());
        report
    }

    /// Lets the manifest tell that the vault was used today, so that a clock that jumped is known by the last use and not
    /// by the last change.
    fn note_use(&mut self) {
        let (last_seen, now) = (Timestamp(self.manifest.last_seen), self.now());
        let is_due = now.0 - last_seen.0 >= DAY && judge_clock(last_seen, now) == ClockVerdict::Sound;
        let manifest = Manifest { generation: self.manifest.generation + 1, last_seen: now.0, ..self.manifest };
        // On a full disk it is not noted: a clock that jumped is then asked about once too often.
        if !is_due || self.commit(Batch::default(), manifest).is_err() {
            self.remember();
        }
    }

    /// Opens the store that belongs to a header whose key is known.
    pub(super) fn enter(
        mut home: Box<dyn Home>,
        entered: Entered,
        look: Look,
        pinned: Pinned,
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<Self, VaultError> {
        let Entered { mut file, keys, anchor, member, slot, identity } = entered;
        let Opening { sealer, log, profile, held } =
            Opening::new(&*home, &file, keys, (member, slot, &identity), pinned)?;
        let foreign = log.as_ref().map(|log| leave_foreign_slots_out(&mut file, log));
        let signer = Signer { vault: file.vault, epoch: file.epoch, member, slot, identity };
        let mut verified = known(&*home, &file, &anchor);
        if let Some((log, held)) = log.as_ref().zip(held) {
            verified.held().check(member, &held, log).map_err(VaultError::Tampered)?;
            verified.hold(member, held);
        }
        let check = log.as_ref().map(|log| Check { organization: log.organization(), known: &verified });
        watch(Progress { step: Step::OpeningStore, done: 0, total: 0 });
        let (store, mut loaded) = open_and_load(&mut *home, look, &file, &sealer, check.as_ref(), watch)?;
        let (witness, mut memory_failed) = match home.witness(file.vault) {
            Ok(witness) => (witness, None),
            Err(error) => (None, Some(error.to_string().into())),
        };
        memory_failed = memory_failed.or_else(|| torn_memory(&*home, &file, &anchor));
        // Also one that is torn tells that the vault was seen here.
        let seen_here = witness.is_some() || memory_failed.is_some();
        let trouble = trouble(&loaded, witness, || newest_good_copy(&mut *home, &sealer, check.as_ref()));
        if let (Some(StoreTrouble::RolledBack { .. }), Some(check)) = (&trouble, &check) {
            // It is told of as a whole, and shown as it is: what was seen of its records since is no measure for them.
            loaded = load(&*store, &sealer, Some(&Check { known: &Known::nothing(0), ..*check }), watch)?;
        }
        serve_earlier(&mut loaded, &sealer, &*store, check.as_ref());
        loaded.refused.extend(foreign.flatten());
        let (manifest, manifest_stored) = loaded.manifest.unwrap_or_else(|| (unknown_manifest(witness), 0));
        let Loaded { index, documents, closed, refused, known, for_registrars, .. } = loaded;
        let mark = home.audit_mark(file.vault).ok().flatten();
        let audit = Audit::new(file.vault, manifest.generation, seen_here, mark);
        let mut vault = Self {
            tools,
            store,
            home,
            file,
            anchor,
            sealer,
            signer,
            log,
            profile,
            me: member,
            index,
            closed: closed.into_iter().map(|closed| (closed.id, closed)).collect(),
            refused,
            known,
            for_registrars,
            seats: BTreeMap::new(),
            header_changes: 0,
            seated_as_of: 0,
            documents,
            manifest,
            manifest_stored,
            trouble,
            memory_failed,
            owes_passphrase: false,
            clock_doubted: false,
            audit,
            in_doubt: false,
        };
        vault.member()?;
        if look == Look::Use {
            vault.bring_memory_along();
        }
        Ok(vault)
    }

    /// What an opening would report now.
    pub fn report(&self) -> OpenReport {
        OpenReport {
            trouble: self.trouble.clone(),
            memory_failed: self.memory_failed.clone(),
            needs_new_passphrase: self.owes_passphrase,
            tampered: self.refusals(),
            audit: self.audit_trouble(),
            ..OpenReport::default()
        }
    }

    /// Takes the older store for the real one: from here on the generations go up from the newest ever seen.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the trouble is not a rollback; others when it cannot be written.
    pub fn accept_rollback(&mut self) -> Result<(), VaultError> {
        let Some(StoreTrouble::RolledBack { last_seen, .. }) = self.trouble else {
            return self.check_writable();
        };
        self.permit_managing("accept an older vault")?;
        let manifest = Manifest { generation: last_seen + 1, ..self.manifest };
        self.commit(Batch::default(), manifest)?;
        self.trouble = None;
        self.take_for_real()?;
        self.home.tidy(self.file.epoch);
        Ok(())
    }
}

impl Vault {
    /// Looks at all records anew, as somebody who never saw a later state.
    fn take_for_real(&mut self) -> Result<(), VaultError> {
        let Some(log) = &self.log else { return Ok(()) };
        let check = Check { organization: log.organization(), known: &Known::nothing(self.file.epoch) };
        let mut loaded = load(&*self.store, &self.sealer, Some(&check), &|_| {})?;
        serve_earlier(&mut loaded, &self.sealer, &*self.store, Some(&check));
        let Loaded { index, documents, closed, refused, known, for_registrars, .. } = loaded;
        self.closed = closed.into_iter().map(|closed| (closed.id, closed)).collect();
        (self.index, self.documents, self.refused) = (index, documents, refused);
        let before = std::mem::replace(&mut self.known, known);
        self.known.hold_as(&before);
        self.for_registrars = for_registrars;
        Ok(())
    }
}

/// What `credential` opens in a header file: keys that are proven to belong to it.
pub(super) fn unlock_file(bytes: &[u8], credential: &Credential, watch: Watch<'_>) -> Result<Entered, VaultError> {
    let file = VaultFile::decode(bytes)?;
    let (slot, Unsealed { identity, anchor }) = open_file(&file, credential, watch)?;
    let (keys, member, slot) = (keys_of(&file, slot, &identity, &anchor)?, slot.member(), slot.id());
    Ok(Entered { file, keys, anchor, member, slot, identity })
}

fn keys_of(file: &VaultFile, slot: &Slot, identity: &Identity, anchor: &Anchor) -> Result<EpochKeys, VaultError> {
    if file.version() < WITH_MEMBERS {
        let key = slot.vault_key(file.vault, file.epoch, identity)?;
        file.verify(&key, anchor)?;
        return Ok(EpochKeys::Old(key));
    }
    let keys = granted_keys(file, slot, identity)?;
    file.verify_with(&keys.common(file.vault, file.epoch), anchor)?;
    Ok(keys)
}

/// The keys of the epoch that `slot` of a vault with members was granted: nothing is proven yet.
pub(super) fn granted_keys(file: &VaultFile, slot: &Slot, identity: &Identity) -> Result<EpochKeys, VaultError> {
    Ok(match slot.granted(file.vault, file.epoch, identity)? {
        Granted::Root(key) => EpochKeys::Root(key),
        Granted::Member { common, member } => EpochKeys::Member(common, member),
    })
}

/// The slot of `file` that `credential` opens, and what it keeps.
pub(super) fn open_file<'f>(
    file: &'f VaultFile,
    credential: &Credential,
    watch: Watch<'_>,
) -> Result<(&'f Slot, Unsealed), VaultError> {
    match credential {
        Credential::Passphrase(passphrase) => {
            watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
            open_slot(file, SlotKind::Passphrase, None, SlotSecret::Passphrase(passphrase))
        }
        Credential::Named { member, passphrase } => {
            watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
            let hint = Some(Slot::hint_of(file.vault, member));
            open_slot(file, SlotKind::Passphrase, hint, SlotSecret::Passphrase(passphrase))
        }
        Credential::Recovery(text) => {
            let key = parse_recovery(text)?;
            open_slot(file, SlotKind::Recovery, None, SlotSecret::Recovery(&key))
        }
        Credential::Machine(text) => {
            let key = MachineKey::parse(text.expose());
            let key = key.map_err(|error| VaultError::no_proof(Proof::MachineKey, error.to_string()))?;
            open_slot(file, SlotKind::Machine, None, SlotSecret::Machine(&key))
        }
    }
}

fn parse_recovery(text: &SecretBytes) -> Result<RecoveryKey, VaultError> {
    RecoveryKey::parse(text.expose()).map_err(|error| VaultError::no_proof(Proof::RecoveryKey, error.to_string()))
}

/// The slot of `kind` that `secret` opens; with a `hint`, only those that may be meant are tried.
fn open_slot<'f>(
    file: &'f VaultFile,
    kind: SlotKind,
    hint: Option<u8>,
    secret: SlotSecret<'_>,
) -> Result<(&'f Slot, Unsealed), VaultError> {
    let is_meant =
        |slot: &&Slot| slot.kind() == kind && (hint.is_none() || slot.hint().is_none() || slot.hint() == hint);
    let slots: Vec<&Slot> = file.slots.iter().filter(is_meant).collect();
    check_work(&slots)?;
    for slot in slots {
        match slot.open(file.vault, secret) {
            Err(SlotError::WrongSecret) => {}
            opened => return Ok((slot, opened?)),
        }
    }
    Err(wrong(kind))
}

fn wrong(kind: SlotKind) -> VaultError {
    VaultError::WrongCredential { kind: kind.into(), wait_seconds: 0 }
}

/// Whether a guess, which is tried at every one of `slots`, costs no more than the costliest single slot may: a hostile
/// header must not be able to multiply that.
fn check_work(slots: &[&Slot]) -> Result<(), SlotError> {
    let costs: Vec<KdfCost> = slots.iter().filter_map(|slot| slot.cost()).collect();
    let work: u64 = costs.iter().map(|cost| u64::from(cost.memory_kib) * u64::from(cost.passes)).sum();
    match costs.first() {
        Some(first) if work > KdfCost::MOST_WORK => Err(KdfError::TooCostly(*first).into()),
        _ => Ok(()),
    }
}

/// The store that `file` names, and what is in it; an empty one in the place of one that cannot be opened.
fn open_and_load(
    home: &mut dyn Home,
    look: Look,
    file: &VaultFile,
    sealer: &Sealer,
    check: Option<&Check<'_>>,
    watch: Watch<'_>,
) -> Result<(Box<dyn Store>, Loaded), VaultError> {
    let store = match look {
        Look::Use => home.open_store(file.epoch),
        Look::Only => home.look_into_store(file.epoch),
    };
    let opened = store.and_then(|store| {
        let loaded = load(&*store, sealer, check, watch)?;
        Ok((store, loaded))
    });
    match opened {
        Err(VaultError::Damaged(_)) => Ok((Box::new(MemoryStore::default()), Loaded::default())),
        other => other,
    }
}

fn trouble(
    loaded: &Loaded,
    witness: Option<Witness>,
    copy: impl FnOnce() -> Option<Timestamp>,
) -> Option<StoreTrouble> {
    let manifest = loaded.manifest.as_ref().map(|(manifest, _)| manifest);
    match (manifest, witness) {
        (Some(manifest), Some(witness)) if loaded.whole && witness.contradicts(manifest) => {
            Some(StoreTrouble::RolledBack { found: manifest.generation, last_seen: witness.generation })
        }
        (Some(_), _) if loaded.whole => None,
        _ => Some(StoreTrouble::Damaged {
            expected: manifest.map(|m| m.records).or(witness.map(|w| w.records)).unwrap_or(0),
            found: u64::try_from(loaded.index.len()).unwrap_or(u64::MAX),
            copy_from: copy(),
        }),
    }
}

/// A copy that is whole, and what it holds.
pub(super) struct GoodCopy {
    /// When it was made.
    pub(super) made: Timestamp,
    pub(super) store: Box<dyn Store>,
    pub(super) index: Index,
    pub(super) documents: Documents,
    pub(super) manifest: (Manifest, Revision),
}

/// When the newest copy that is whole was made.
pub(super) fn newest_good_copy(home: &mut dyn Home, sealer: &Sealer, check: Option<&Check<'_>>) -> Option<Timestamp> {
    open_newest_good_copy(home, sealer, check).map(|copy| copy.made)
}

/// The newest copy whose manifest verifies completely.
pub(super) fn open_newest_good_copy(
    home: &mut dyn Home,
    sealer: &Sealer,
    check: Option<&Check<'_>>,
) -> Option<GoodCopy> {
    home.copies().into_iter().find_map(|made| {
        let store = home.open_copy(made).ok()?;
        // What is older there than what is known is the reason why it is looked at.
        let nothing = Known::nothing(0);
        let check = check.map(|check| Check { known: &nothing, ..*check });
        let loaded = load(&*store, sealer, check.as_ref(), &|_| {}).ok().filter(|loaded| loaded.whole)?;
        let Loaded { index, documents, manifest, .. } = loaded;
        Some(GoodCopy { made, store, index, documents, manifest: manifest? })
    })
}

/// What stands for a manifest that is lost: only its generation matters, so that the next one goes up.
fn unknown_manifest(witness: Option<Witness>) -> Manifest {
    let (generation, records, set) = witness.map_or((0, 0, [0; 32]), |w| (w.generation, w.records, w.set));
    Manifest { generation, records, set, last_seen: 0 }
}
