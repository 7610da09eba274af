//! Opening a vault: from a credential to the key, from the key to the headers.

use super::codec::decode_profile;
use super::index::Index;
use super::load::{Loaded, load};
use super::record::Sealer;
use super::report::{Credential, OpenReport, Progress, Step, StoreTrouble, Watch};
use super::witness::Witness;
use super::{Home, Sweep, Tools, Vault, VaultError};
use crate::crypto::{
    Anchor, Manifest, RecoveryKey, Slot, SlotError, SlotKind, SlotSecret, Unsealed, VaultFile, VaultKey,
};
use crate::domain::{MemberId, SecretBytes};
use crate::store::{MemoryStore, Revision, Store};

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
        let bytes = home.header()?.ok_or(VaultError::NoVault)?;
        let entered = unlock_file(&bytes, credential, watch)?;
        let mut vault = Self::enter(home, entered, tools, watch)?;
        let mut report = vault.report();
        report.needs_new_passphrase = matches!(credential, Credential::Recovery(_));
        if vault.trouble.is_none() {
            vault.home.tidy(vault.file.epoch);
            // A sweep that fails changes nothing and is tried again at the next opening: it must not keep anybody out.
            let swept = vault.sweep(Sweep::IfClockIsSound, watch).unwrap_or_default();
            (report.swept, report.clock) = (swept.swept, swept.clock);
        }
        Ok((vault, report))
    }

    /// Opens the store that belongs to a header whose key is known.
    pub(super) fn enter(
        mut home: Box<dyn Home>,
        entered: Entered,
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<Self, VaultError> {
        let Entered { file, key, anchor, member } = entered;
        let sealer = Sealer::new(file.vault, file.epoch, &key);
        let profile = decode_profile(&sealer.open_profile(&file.profile)?)
            .map_err(|error| VaultError::Damaged(error.to_string()))?;
        watch(Progress { step: Step::OpeningStore, done: 0, total: 0 });
        let (store, loaded) = open_and_load(&mut *home, &file, &sealer, watch)?;
        let witness = home.witness(file.vault);
        let trouble = trouble(&loaded, witness, || newest_good_copy(&mut *home, &sealer));
        let (manifest, manifest_stored) = loaded.manifest.unwrap_or_else(|| (unknown_manifest(witness), 0));
        let index = loaded.index;
        let (me, in_doubt) = (member, false);
        let vault = Self {
            tools,
            store,
            home,
            file,
            anchor,
            sealer,
            profile,
            me,
            index,
            manifest,
            manifest_stored,
            trouble,
            in_doubt,
        };
        vault.member()?;
        Ok(vault)
    }

    /// What an opening would report now.
    pub fn report(&self) -> OpenReport {
        OpenReport { trouble: self.trouble.clone(), ..OpenReport::default() }
    }

    /// Takes the older store for the real one: from here on the generations go up from the newest ever seen.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] when the trouble is not a rollback; others when it cannot be written.
    pub fn accept_rollback(&mut self) -> Result<(), VaultError> {
        let Some(StoreTrouble::RolledBack { last_seen, .. }) = self.trouble else {
            return self.check_writable();
        };
        let manifest = Manifest { generation: last_seen + 1, last_seen: self.now().0, ..self.manifest };
        self.commit(crate::store::Batch::default(), manifest)?;
        self.trouble = None;
        self.home.tidy(self.file.epoch);
        Ok(())
    }
}

/// The vault key that `credential` opens in a header file, proven to belong to it.
pub(super) fn unlock_file(bytes: &[u8], credential: &Credential, watch: Watch<'_>) -> Result<Entered, VaultError> {
    let file = VaultFile::decode(bytes)?;
    let (slot, unsealed) = match credential {
        Credential::Passphrase(passphrase) => {
            watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
            open_slot(&file, SlotKind::Passphrase, SlotSecret::Passphrase(passphrase))?
        }
        Credential::Recovery(text) => {
            let key = parse_recovery(text)?;
            open_slot(&file, SlotKind::Recovery, SlotSecret::Recovery(&key))?
        }
    };
    let Unsealed { identity, anchor } = unsealed;
    let (key, member) = (slot.vault_key(file.vault, file.epoch, &identity)?, slot.member());
    file.verify(&key, &anchor)?;
    Ok(Entered { file, key, anchor, member })
}

fn parse_recovery(text: &SecretBytes) -> Result<RecoveryKey, VaultError> {
    RecoveryKey::parse(text.expose()).map_err(|error| VaultError::invalid("recovery_key", error.to_string()))
}

fn open_slot<'f>(
    file: &'f VaultFile,
    kind: SlotKind,
    secret: SlotSecret<'_>,
) -> Result<(&'f Slot, Unsealed), VaultError> {
    for slot in file.slots.iter().filter(|slot| slot.kind() == kind) {
        match slot.open(file.vault, secret) {
            Err(SlotError::WrongSecret) => {}
            opened => return Ok((slot, opened?)),
        }
    }
    Err(VaultError::WrongCredential { recovery: kind == SlotKind::Recovery, wait_seconds: 0 })
}

/// The store that `file` names, and what is in it; an empty one in the place of one that cannot be opened.
fn open_and_load(
    home: &mut dyn Home,
    file: &VaultFile,
    sealer: &Sealer,
    watch: Watch<'_>,
) -> Result<(Box<dyn Store>, Loaded), VaultError> {
    let opened = home.open_store(file.epoch).and_then(|store| {
        let loaded = load(&*store, sealer, watch)?;
        Ok((store, loaded))
    });
    match opened {
        Err(VaultError::Damaged(_)) => {
            let nothing = Loaded { index: Index::default(), manifest: None, whole: false };
            Ok((Box::new(MemoryStore::default()), nothing))
        }
        other => other,
    }
}

fn trouble(
    loaded: &Loaded,
    witness: Option<Witness>,
    copy: impl FnOnce() -> Option<crate::domain::Timestamp>,
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

/// When the newest copy that is whole was made.
pub(super) fn newest_good_copy(home: &mut dyn Home, sealer: &Sealer) -> Option<crate::domain::Timestamp> {
    let newest = home.copies().into_iter().find(|made| open_good_copy(home, sealer, *made).is_some());
    home.clear_scratch();
    newest
}

/// A copy that is whole: its store, and what it holds.
type GoodCopy = (Box<dyn Store>, Index, (Manifest, Revision));

/// The copy made at `made` and what is in it, if its manifest verifies completely.
pub(super) fn open_good_copy(home: &mut dyn Home, sealer: &Sealer, made: crate::domain::Timestamp) -> Option<GoodCopy> {
    let store = home.open_copy(made).ok()?;
    let loaded = load(&*store, sealer, &|_| {}).ok().filter(|loaded| loaded.whole)?;
    Some((store, loaded.index, loaded.manifest?))
}

/// What stands for a manifest that is lost: only its generation matters, so that the next one goes up.
fn unknown_manifest(witness: Option<Witness>) -> Manifest {
    let (generation, records, set) = witness.map_or((0, 0, [0; 32]), |w| (w.generation, w.records, w.set));
    Manifest { generation, records, set, last_seen: 0 }
}
