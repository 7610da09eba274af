//! Opening a vault: from a credential to the key, from the key to the headers.

use super::audit::Audit;
use super::codec::decode_profile;
use super::documents::Documents;
use super::index::Index;
use super::load::{Loaded, load};
use super::proof::Proof;
use super::record::Sealer;
use super::report::{Credential, OpenReport, Progress, Step, StoreTrouble, Watch};
use super::witness::Witness;
use super::{Home, Sweep, Tools, Vault, VaultError};
use crate::crypto::{
    Anchor, KdfCost, KdfError, MachineKey, Manifest, RecoveryKey, Slot, SlotError, SlotKind, SlotSecret, Unsealed,
    VaultFile, VaultKey,
};
use crate::domain::lifecycle::{ClockVerdict, judge_clock};
use crate::domain::time::DAY;
use crate::domain::{MemberId, SecretBytes, Timestamp};
use crate::store::{Batch, MemoryStore, Revision, Store};

/// What a vault is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// To be used, and changed.
    Use,
    /// To be looked at: what is on the disk stays as it is.
    Only,
}

/// What [`unlock_file`] gives: the header, its key, what proved it, and whose slot it was.
pub(super) struct Entered {
    pub(super) file: VaultFile,
    pub(super) key: VaultKey,
    pub(super) anchor: Anchor,
    pub(super) member: MemberId,
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
        let mut vault = Self::enter(home, entered, look, tools, watch)?;
        vault.owes_passphrase = matches!(credential, Credential::Recovery(_));
        Ok(vault)
    }

    /// Whether `credential` opens this vault, which is open already.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`] (with no wait, as [`Vault::unlock`] has it).
    pub fn prove(&self, credential: &Credential, watch: Watch<'_>) -> Result<(), VaultError> {
        open_file(&self.file, credential, watch).map(drop)
    }

    /// Removes what is over or left over, and remembers that the vault was used now. Nothing of this may keep anybody out:
    /// what fails is reported, and tried again at the next opening.
    fn keep_house(&mut self, watch: Watch<'_>) -> OpenReport {
        let mut report = self.report();
        self.home.tidy(self.file.epoch);
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
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<Self, VaultError> {
        let Entered { file, key, anchor, member } = entered;
        let sealer = Sealer::new(file.vault, file.epoch, &key);
        let profile = decode_profile(&sealer.open_profile(&file.profile)?)
            .map_err(|error| VaultError::Damaged(error.to_string()))?;
        watch(Progress { step: Step::OpeningStore, done: 0, total: 0 });
        let (store, loaded) = open_and_load(&mut *home, look, &file, &sealer, watch)?;
        let (witness, memory_failed) = match home.witness(file.vault) {
            Ok(witness) => (witness, None),
            Err(error) => (None, Some(error.to_string().into())),
        };
        // Also one that is torn tells that the vault was seen here.
        let known = witness.is_some() || memory_failed.is_some();
        let trouble = trouble(&loaded, witness, || newest_good_copy(&mut *home, &sealer));
        let (manifest, manifest_stored) = loaded.manifest.unwrap_or_else(|| (unknown_manifest(witness), 0));
        let (index, documents) = (loaded.index, loaded.documents);
        let mark = home.audit_mark(file.vault).ok().flatten();
        let audit = Audit::new(file.vault, manifest.generation, known, mark);
        let mut vault = Self {
            tools,
            store,
            home,
            file,
            anchor,
            sealer,
            profile,
            me: member,
            index,
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
        let manifest = Manifest { generation: last_seen + 1, ..self.manifest };
        self.commit(Batch::default(), manifest)?;
        self.trouble = None;
        self.home.tidy(self.file.epoch);
        Ok(())
    }
}

/// The vault key that `credential` opens in a header file, proven to belong to it.
pub(super) fn unlock_file(bytes: &[u8], credential: &Credential, watch: Watch<'_>) -> Result<Entered, VaultError> {
    let file = VaultFile::decode(bytes)?;
    let (slot, Unsealed { identity, anchor }) = open_file(&file, credential, watch)?;
    let (key, member) = (slot.vault_key(file.vault, file.epoch, &identity)?, slot.member());
    file.verify(&key, &anchor)?;
    Ok(Entered { file, key, anchor, member })
}

/// The slot of `file` that `credential` opens, and what it keeps.
fn open_file<'f>(
    file: &'f VaultFile,
    credential: &Credential,
    watch: Watch<'_>,
) -> Result<(&'f Slot, Unsealed), VaultError> {
    match credential {
        Credential::Passphrase(passphrase) | Credential::Named { passphrase, .. } => {
            watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
            open_slot(file, SlotKind::Passphrase, SlotSecret::Passphrase(passphrase))
        }
        Credential::Recovery(text) => {
            let key = parse_recovery(text)?;
            open_slot(file, SlotKind::Recovery, SlotSecret::Recovery(&key))
        }
        Credential::Machine(text) => {
            let key = MachineKey::parse(text.expose());
            let key = key.map_err(|error| VaultError::no_proof(Proof::MachineKey, error.to_string()))?;
            open_slot(file, SlotKind::Machine, SlotSecret::Machine(&key))
        }
    }
}

fn parse_recovery(text: &SecretBytes) -> Result<RecoveryKey, VaultError> {
    RecoveryKey::parse(text.expose()).map_err(|error| VaultError::no_proof(Proof::RecoveryKey, error.to_string()))
}

fn open_slot<'f>(
    file: &'f VaultFile,
    kind: SlotKind,
    secret: SlotSecret<'_>,
) -> Result<(&'f Slot, Unsealed), VaultError> {
    check_work(file)?;
    for slot in file.slots.iter().filter(|slot| slot.kind() == kind) {
        match slot.open(file.vault, secret) {
            Err(SlotError::WrongSecret) => {}
            opened => return Ok((slot, opened?)),
        }
    }
    Err(VaultError::WrongCredential { kind: kind.into(), wait_seconds: 0 })
}

/// Whether a guess, which is tried at every slot, costs no more than the costliest single slot may: a hostile header
/// must not be able to multiply that.
fn check_work(file: &VaultFile) -> Result<(), SlotError> {
    let costs: Vec<KdfCost> = file.slots.iter().filter_map(Slot::cost).collect();
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
    watch: Watch<'_>,
) -> Result<(Box<dyn Store>, Loaded), VaultError> {
    let store = match look {
        Look::Use => home.open_store(file.epoch),
        Look::Only => home.look_into_store(file.epoch),
    };
    let opened = store.and_then(|store| {
        let loaded = load(&*store, sealer, watch)?;
        Ok((store, loaded))
    });
    match opened {
        Err(VaultError::Damaged(_)) => {
            let nothing =
                Loaded { index: Index::default(), documents: Documents::default(), manifest: None, whole: false };
            Ok((Box::new(MemoryStore::default()), nothing))
        }
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
pub(super) fn newest_good_copy(home: &mut dyn Home, sealer: &Sealer) -> Option<Timestamp> {
    open_newest_good_copy(home, sealer).map(|copy| copy.made)
}

/// The newest copy whose manifest verifies completely.
pub(super) fn open_newest_good_copy(home: &mut dyn Home, sealer: &Sealer) -> Option<GoodCopy> {
    home.copies().into_iter().find_map(|made| {
        let store = home.open_copy(made).ok()?;
        let loaded = load(&*store, sealer, &|_| {}).ok().filter(|loaded| loaded.whole)?;
        let Loaded { index, documents, manifest, .. } = loaded;
        Some(GoodCopy { made, store, index, documents, manifest: manifest? })
    })
}

/// What stands for a manifest that is lost: only its generation matters, so that the next one goes up.
fn unknown_manifest(witness: Option<Witness>) -> Manifest {
    let (generation, records, set) = witness.map_or((0, 0, [0; 32]), |w| (w.generation, w.records, w.set));
    Manifest { generation, records, set, last_seen: 0 }
}
