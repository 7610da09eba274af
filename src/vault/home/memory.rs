//! A home that is gone when the program ends: for the demo, and for tests.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Home, Journal};
use crate::domain::{InvitationId, Timestamp, VaultId};
use crate::host::sync::hold;
use crate::store::{Batch, Entry, MemoryStore, Store, StoreError};
use crate::vault::VaultError;
use crate::vault::witness::Witness;

/// A home in memory. Clones share what is in it, so that a vault can be closed and opened again.
#[derive(Default, Clone)]
pub struct MemoryHome(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    header: Option<Vec<u8>>,
    stores: BTreeMap<u64, MemoryStore>,
    forms: BTreeMap<u64, Vec<u8>>,
    audits: BTreeMap<u64, Bytes>,
    new_audits: BTreeMap<u64, Bytes>,
    witness: Option<(VaultId, Witness)>,
    mark: Option<(VaultId, Vec<u8>)>,
    pin: Option<(VaultId, Vec<u8>)>,
    known: Option<(VaultId, Vec<u8>)>,
    acceptances: BTreeMap<InvitationId, Vec<u8>>,
}

/// Bytes of a journal.
type Bytes = Arc<Mutex<Vec<u8>>>;

impl MemoryHome {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        // Every change is one assignment: a panic elsewhere cannot leave half of one.
        hold(&self.0)
    }

    fn handle(&self, epoch: u64) -> Box<dyn Store> {
        Box::new(Handle { home: self.clone(), epoch })
    }
}

impl Home for MemoryHome {
    fn header(&self) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.shelf().header.clone())
    }

    fn replace_header(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.shelf().header = Some(bytes.to_vec());
        Ok(())
    }

    fn epochs(&self) -> Vec<u64> {
        self.shelf().stores.keys().copied().collect()
    }

    fn make_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        self.shelf().stores.insert(epoch, MemoryStore::default());
        Ok(self.handle(epoch))
    }

    fn open_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        if !self.shelf().stores.contains_key(&epoch) {
            return Err(VaultError::Damaged("the store is missing".into()));
        }
        Ok(self.handle(epoch))
    }

    fn remove_store(&mut self, epoch: u64) -> Result<(), VaultError> {
        self.shelf().stores.remove(&epoch);
        Ok(())
    }

    fn remove_copies(&mut self) -> Result<(), VaultError> {
        Ok(())
    }

    fn prepare_set_aside(&mut self, _epoch: u64, _now: Timestamp) -> Result<(), VaultError> {
        Ok(())
    }

    fn set_aside_store(&mut self, epoch: u64) -> Result<(), VaultError> {
        self.remove_store(epoch)
    }

    fn tidy(&mut self, epoch: u64) {
        let mut shelf = self.shelf();
        shelf.stores.retain(|kept, _| *kept == epoch);
        shelf.audits.retain(|kept, _| *kept == epoch);
    }

    fn look_into_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        self.open_store(epoch)
    }

    fn forms(&self, epoch: u64) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.shelf().forms.get(&epoch).cloned())
    }

    fn write_forms(&mut self, epoch: u64, bytes: &[u8]) -> Result<(), VaultError> {
        self.shelf().forms.insert(epoch, bytes.to_vec());
        Ok(())
    }

    fn remove_forms(&mut self, epoch: u64) -> Result<(), VaultError> {
        self.shelf().forms.remove(&epoch);
        Ok(())
    }

    fn set_forms_aside(&mut self, epoch: u64) -> Result<PathBuf, VaultError> {
        self.remove_forms(epoch)?;
        Ok(PathBuf::from("forms-damaged"))
    }

    fn audit(&self, epoch: u64) -> Result<Option<Box<dyn Journal>>, VaultError> {
        let there = self.shelf().audits.get(&epoch).cloned();
        Ok(there.map(|bytes| Box::new(MemoryJournal(bytes)) as Box<dyn Journal>))
    }

    fn make_audit(&mut self, epoch: u64) -> Result<Box<dyn Journal>, VaultError> {
        let bytes = Bytes::default();
        self.shelf().new_audits.insert(epoch, bytes.clone());
        Ok(Box::new(MemoryJournal(bytes)))
    }

    fn put_audit(&mut self, epoch: u64) -> Result<(), VaultError> {
        let mut shelf = self.shelf();
        let made = shelf.new_audits.remove(&epoch).ok_or_else(|| VaultError::System("no audit log was made".into()))?;
        shelf.audits.insert(epoch, made);
        Ok(())
    }

    fn remove_audit(&mut self, epoch: u64) -> Result<(), VaultError> {
        self.shelf().audits.remove(&epoch);
        Ok(())
    }

    fn set_audit_aside(&mut self, epoch: u64, now: Timestamp) -> Result<PathBuf, VaultError> {
        self.remove_audit(epoch)?;
        Ok(PathBuf::from(format!("audit-damaged-{}", now.0)))
    }

    fn audit_mark(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(of_vault(&self.shelf().mark, vault))
    }

    fn remember_audit(&mut self, vault: VaultId, mark: &[u8]) -> Result<(), VaultError> {
        self.shelf().mark = Some((vault, mark.to_vec()));
        Ok(())
    }

    fn organization_pin(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(of_vault(&self.shelf().pin, vault))
    }

    fn remember_organization(&mut self, vault: VaultId, pin: &[u8]) -> Result<(), VaultError> {
        self.shelf().pin = Some((vault, pin.to_vec()));
        Ok(())
    }

    fn known(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(of_vault(&self.shelf().known, vault))
    }

    fn remember_known(&mut self, vault: VaultId, known: &[u8]) -> Result<(), VaultError> {
        self.shelf().known = Some((vault, known.to_vec()));
        Ok(())
    }

    fn acceptances(&self) -> Vec<Vec<u8>> {
        self.shelf().acceptances.values().cloned().collect()
    }

    fn put_acceptance(&mut self, id: InvitationId, bytes: &[u8]) -> Result<(), VaultError> {
        self.shelf().acceptances.insert(id, bytes.to_vec());
        Ok(())
    }

    fn remove_acceptance(&mut self, id: InvitationId) {
        self.shelf().acceptances.remove(&id);
    }

    fn copies(&self) -> Vec<Timestamp> {
        Vec::new()
    }

    fn open_copy(&mut self, _made: Timestamp) -> Result<Box<dyn Store>, VaultError> {
        Err(VaultError::Damaged("there are no copies in memory".into()))
    }

    fn witness(&self, vault: VaultId) -> Result<Option<Witness>, VaultError> {
        Ok(self.shelf().witness.filter(|(about, _)| *about == vault).map(|(_, witness)| witness))
    }

    fn remember(&mut self, vault: VaultId, witness: &Witness) -> Result<(), VaultError> {
        self.shelf().witness = Some((vault, *witness));
        Ok(())
    }
}

/// What one machine remembers.
#[cfg(test)]
#[derive(Clone, Default)]
pub(in crate::vault) struct Memory {
    witness: Option<(VaultId, Witness)>,
    mark: Option<(VaultId, Vec<u8>)>,
    pub(in crate::vault) pin: Option<(VaultId, Vec<u8>)>,
    pub(in crate::vault) known: Option<(VaultId, Vec<u8>)>,
}

#[cfg(test)]
impl MemoryHome {
    /// Another home with the same in it.
    pub(in crate::vault) fn fork(&self) -> Self {
        let shelf = self.shelf();
        let deep = |audits: &BTreeMap<u64, Bytes>| {
            audits.iter().map(|(epoch, bytes)| (*epoch, Arc::new(Mutex::new(hold(bytes).clone())))).collect()
        };
        Self(Arc::new(Mutex::new(Shelf {
            header: shelf.header.clone(),
            stores: shelf.stores.clone(),
            forms: shelf.forms.clone(),
            audits: deep(&shelf.audits),
            new_audits: BTreeMap::new(),
            witness: shelf.witness,
            mark: shelf.mark.clone(),
            pin: shelf.pin.clone(),
            known: shelf.known.clone(),
            acceptances: shelf.acceptances.clone(),
        })))
    }

    /// What this machine remembers now.
    pub(in crate::vault) fn memory(&self) -> Memory {
        let shelf = self.shelf();
        let (witness, mark) = (shelf.witness, shelf.mark.clone());
        Memory { witness, mark, pin: shelf.pin.clone(), known: shelf.known.clone() }
    }

    /// Goes on at the machine that remembers `memory`.
    pub(in crate::vault) fn move_to(&self, memory: Memory) {
        let mut shelf = self.shelf();
        (shelf.witness, shelf.mark, shelf.pin, shelf.known) = (memory.witness, memory.mark, memory.pin, memory.known);
    }
}

/// The bytes of `memory`, when they are about `vault`.
fn of_vault(memory: &Option<(VaultId, Vec<u8>)>, vault: VaultId) -> Option<Vec<u8>> {
    memory.as_ref().filter(|(of, _)| *of == vault).map(|(_, bytes)| bytes.clone())
}

/// A journal that stays on the shelf.
struct MemoryJournal(Bytes);

impl Journal for MemoryJournal {
    fn size(&self) -> u64 {
        hold(&self.0).len() as u64
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), VaultError> {
        let bytes = hold(&self.0);
        let from = usize::try_from(at).unwrap_or(usize::MAX);
        let there = bytes.get(from..).and_then(|rest| rest.get(..into.len()));
        into.copy_from_slice(there.ok_or_else(|| VaultError::Damaged("the audit log ends too early".into()))?);
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        hold(&self.0).extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), VaultError> {
        Ok(())
    }

    fn cut(&mut self, size: u64) -> Result<(), VaultError> {
        hold(&self.0).truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(())
    }
}

/// A store that stays on the shelf when it is closed.
struct Handle {
    home: MemoryHome,
    epoch: u64,
}

impl Handle {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut shelf = self.home.shelf();
        work(shelf.stores.get_mut(&self.epoch).ok_or_else(|| StoreError::Stopped("it was removed".into()))?)
    }
}

impl Store for Handle {
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        self.with(|store| store.get(key))
    }

    fn scan(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError> {
        self.with(|store| store.scan(prefix, visit))
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.with(|store| store.commit(batch))
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}
