//! The vault: the use cases over encryption and store, one file each.
//!
//! A [`Vault`] is open as long as it exists; dropping it forgets every key. Where its files
//! are is the business of a [`Home`]. All that is changed goes through one function
//! (`Vault::make`), which writes what is changed and the manifest in one batch, and all that
//! re-seals goes through `Vault::rewrite`.

mod applications;
mod audit;
mod backup;
mod batches;
mod changes;
mod chest;
mod codec;
mod create;
mod deliver;
mod demo;
mod doctor;
mod documents;
mod edit;
mod error;
mod export;
mod history;
mod home;
#[cfg(test)]
mod hostile;
mod import;
mod index;
mod layout;
mod lifecycle;
mod load;
mod members;
mod opening;
mod organization;
mod passphrase;
mod profile;
mod proof;
mod put;
mod record;
mod recovery;
mod refused;
mod register;
mod repair;
mod report;
mod restore;
mod rewrite;
mod rules;
mod seats;
mod settings;
mod signed;
mod slots;
mod sweep;
mod unfinished;
mod unlock;
mod whole;
mod witness;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::crypto::{Anchor, KdfCost, Manifest, VaultFile};
use crate::domain::audit::Origin;
use crate::domain::organization::Rights;
use crate::domain::{Header, MemberId, SecretId, Timestamp};
use crate::host::{Clock, Entropy};
use crate::store::{Revision, Store};

pub use audit::Deed;
pub use backup::BackupSize;
pub use create::Founding;
pub use deliver::Part;
pub use demo::demo;
pub use doctor::examine_files;
pub use error::VaultError;
pub use export::{Export, open_export};
pub use home::{DirHome, Home, Journal, MemoryHome, Place};
pub use import::Imported;
pub use members::Accepted;
pub use organization::{MembershipLog, Pin, fingerprint_of};
pub use passphrase::MIN_PASSPHRASE;
pub use profile::{Member, Profile, SlotNote};
pub use proof::Proof;
pub use report::{
    ClockTrouble, Credential, CredentialKind, Finding, Holder, OpenReport, Progress, Refusal, Repaired, SlotInfo, Step,
    StoreTrouble, Verdict, Watch,
};
pub use restore::{Hold, Restored, Restoring, prepare as prepare_restoring};
pub use sweep::{Sweep, Swept};
pub use unlock::Look;
pub use witness::Witness;

use audit::{Audit, Farewell};
use documents::Documents;
use index::Index;
use record::{Closed, Sealer};
use refused::Refused;
use seats::Seat;
use signed::{Known, Signer};

/// What varies between runs, injected.
#[derive(Clone)]
pub struct Tools {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives keys, nonces and ids.
    pub entropy: Arc<dyn Entropy>,
    /// What a guess at a new passphrase shall cost.
    pub cost: KdfCost,
}

/// An open vault.
pub struct Vault {
    tools: Tools,
    // Before the store, which a disk that stands still can keep from closing.
    anchor: Anchor,
    sealer: Sealer,
    /// Who is in, and with which key.
    signer: Signer,
    /// Who is in the organization; none in a vault of an older format, which is only looked at then.
    log: Option<MembershipLog>,
    profile: Profile,
    index: Index,
    /// Personal secrets of others.
    closed: BTreeMap<SecretId, Closed>,
    /// What somebody wrote who had no right to.
    refused: Vec<Refused>,
    /// What was verified.
    known: Known,
    /// Whose values are sealed for their registrars alone.
    for_registrars: Vec<SecretId>,
    documents: Documents,
    // Before the home, whose lock must outlive the store.
    store: Box<dyn Store>,
    home: Box<dyn Home>,
    file: VaultFile,
    me: MemberId,
    /// The others who are in.
    seats: BTreeMap<MemberId, Seat>,
    /// How often the header file was changed since the vault was opened, and as of which of them the keys are of whoever is
    /// in.
    header_changes: u64,
    seated_as_of: u64,
    manifest: Manifest,
    /// The revision of the manifest in the store; 0 when there is none.
    manifest_stored: Revision,
    trouble: Option<StoreTrouble>,
    /// Why this machine cannot remember the state, if it cannot.
    memory_failed: Option<Box<str>>,
    /// It was opened with the recovery key, and no new passphrase has been set since.
    owes_passphrase: bool,
    /// The clock jumped ahead, and nobody has said yet that it is right: no write may make it look so.
    clock_doubted: bool,
    audit: Audit,
    /// Which of two stores counts is known only after the next opening: nothing may be written.
    in_doubt: bool,
}

impl Vault {
    /// The organization and its members.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The member who opened it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when the profile does not know the owner of the slot.
    pub fn member(&self) -> Result<&Member, VaultError> {
        let stranger = || VaultError::Damaged("the key slot belongs to nobody in the profile".into());
        self.profile.member(self.me).ok_or_else(stranger)
    }

    /// What the member who is in may do.
    ///
    /// # Errors
    /// As [`Vault::member`].
    pub fn rights(&self) -> Result<Rights, VaultError> {
        let Some(log) = &self.log else { return Ok(Rights::of(self.me, self.member()?.role)) };
        let rights = log.organization().rights(self.me);
        rights.ok_or_else(|| VaultError::Damaged("whoever is in is no member any more".into()))
    }

    /// What is wrong with the store, if anything: it is open for reading only then.
    pub fn trouble(&self) -> Option<&StoreTrouble> {
        self.trouble.as_ref()
    }

    /// Whether nothing can be changed: something is wrong with the store, or the vault is of an older format and could not be
    /// brought to this one.
    pub fn is_read_only(&self) -> bool {
        self.trouble.is_some() || self.log.is_none()
    }

    /// All headers, tombstones included, in no order that means anything.
    pub fn headers(&self) -> Vec<Arc<Header>> {
        self.index.headers().cloned().collect()
    }

    /// As [`Vault::headers`], one after the other.
    pub fn headers_iter(&self) -> impl Iterator<Item = &Arc<Header>> {
        self.index.headers()
    }

    /// The header of one secret.
    ///
    /// # Errors
    /// [`VaultError::NotFound`].
    pub fn header(&self, id: SecretId) -> Result<Arc<Header>, VaultError> {
        self.index.get(id).cloned().ok_or(VaultError::NotFound)
    }

    /// Forgets every key and every name, then closes the store and lets go of the lock.
    ///
    /// # Errors
    /// When the last sync fails; what was acknowledged is on the disk all the same.
    pub fn close(self) -> Result<(), VaultError> {
        self.close_with(None)
    }

    /// The same, and adds an event of `deed`, which `origin` asked for, if that can be.
    ///
    /// # Errors
    /// As [`Vault::close`]; nothing is said of the event.
    pub fn close_noting(self, origin: &Origin, deed: Deed) -> Result<(), VaultError> {
        let farewell = self.farewell(origin, deed);
        self.close_with(farewell)
    }

    fn close_with(mut self, farewell: Option<Farewell>) -> Result<(), VaultError> {
        // What cannot be remembered is verified again.
        let _ = self.remember_known();
        let Self {
            anchor,
            seats,
            sealer,
            signer,
            log,
            profile,
            index,
            documents,
            store,
            mut home,
            mut audit,
            file,
            ..
        } = self;
        audit.forget();
        drop((anchor, seats, sealer, signer, log, profile, index, documents));
        if let Some(farewell) = farewell {
            audit.say(&farewell, &mut *home, file.vault);
        }
        let closed = store.close();
        drop(home);
        Ok(closed?)
    }

    /// The header of `id`, when it still has the revision that the person saw.
    fn current(&self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let header = self.header(id)?;
        if header.revision == revision { Ok(header) } else { Err(VaultError::Conflict { current: header }) }
    }

    /// The time that a manifest written now shall tell: when the vault was last used.
    fn seen_now(&self) -> i64 {
        if self.clock_doubted { self.manifest.last_seen } else { self.now().0 }
    }

    /// Remembers the present state outside the vault.
    fn remember(&mut self) {
        let remembered = self.home.remember(self.file.vault, &Witness::of(&self.manifest));
        self.memory_failed = remembered.err().map(|error| error.to_string().into());
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.tools.clock.now())
    }

    fn stamp(&self) -> Result<crate::domain::Stamp, VaultError> {
        Ok(crate::domain::Stamp { at: self.now(), by: (*self.member()?.name).into() })
    }

    fn check_writable(&self) -> Result<(), VaultError> {
        self.check_certain()?;
        if self.is_read_only() { Err(VaultError::ReadOnly) } else { Ok(()) }
    }

    /// Whether it is known which store counts.
    fn check_certain(&self) -> Result<(), VaultError> {
        if self.in_doubt {
            return Err(VaultError::System("a rewrite was interrupted: lock the vault and unlock it again".into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::host::{FixedClock, SeededEntropy};
    use crate::store::{Batch, Entry, StoreError};

    /// Looks, when it is closed, whether the header is still there.
    struct Watching(Weak<Header>, Arc<AtomicBool>);

    impl Store for Watching {
        fn get(&self, _: &[u8]) -> Result<Option<Entry>, StoreError> {
            Ok(None)
        }

        fn scan(&self, _: &[u8], _: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError> {
            Ok(())
        }

        fn commit(&mut self, _: Batch) -> Result<(), StoreError> {
            Ok(())
        }

        fn close(self: Box<Self>) -> Result<(), StoreError> {
            self.1.store(self.0.upgrade().is_none(), Ordering::SeqCst);
            Ok(())
        }
    }

    #[test]
    fn nothing_is_known_any_more_when_the_store_is_closed() {
        let tools = Tools {
            clock: Arc::new(FixedClock::at(1_790_000_000)),
            entropy: Arc::new(SeededEntropy::new(1)),
            cost: KdfCost::DEFAULT,
        };
        let (mut vault, _) = demo(MemoryHome::default(), tools).unwrap();
        let header = Arc::downgrade(&vault.headers()[0]);
        let was_gone = Arc::new(AtomicBool::new(false));
        assert!(header.upgrade().is_some());
        vault.store = Box::new(Watching(header, was_gone.clone()));
        vault.close().unwrap();
        assert!(was_gone.load(Ordering::SeqCst));
    }
}
