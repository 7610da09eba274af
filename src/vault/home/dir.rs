//! A home on disk: the vault's directory, behind its lock.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::journal::FileJournal;
use super::place::{Place, numbers_in, store_name, write_mark};
use super::{Home, Journal};
use crate::domain::{InvitationId, Timestamp, VaultId};
use crate::host::files::{self, FileError, Links};
use crate::host::lock::VaultLock;
use crate::store::Store;
use crate::store::sled::SledStore;
use crate::vault::VaultError;
use crate::vault::witness::Witness;

/// Most bytes of a file of unfinished forms.
const MAX_FORMS: usize = 16 * 1024 * 1024;

/// A vault's directory, which nobody else can write to while this exists.
pub struct DirHome {
    place: Place,
    _lock: VaultLock,
    now: Timestamp,
    /// What is remembered of the audit log, once something was: every event is.
    mark: Option<(VaultId, File)>,
}

impl DirHome {
    /// Takes the lock of the vault at `place`; makes the directory, private to its owner, when it is missing.
    ///
    /// # Errors
    /// [`VaultError::Held`] when another process has it; [`VaultError::File`] when the directory is
    /// not ours or open to others.
    pub fn acquire(place: Place, now: Timestamp) -> Result<Self, VaultError> {
        files::private_dir(&place.vault)?;
        let lock = VaultLock::acquire(&place.lock(), now.0)?;
        Ok(Self { place, _lock: lock, now, mark: None })
    }

    /// Removes what was opened only to be looked at.
    fn clear_scratch(&self) {
        // What cannot be removed now is so at the next opening.
        let _ = files::remove_tree(&self.place.scratch());
    }

    /// The directory of the store of `epoch`, which must be there: the engine would make an empty one.
    fn existing_store(&self, epoch: u64) -> Result<PathBuf, VaultError> {
        let dir = self.place.store(epoch);
        if !dir.join("db").is_file() {
            return Err(VaultError::Damaged(format!("{} is missing", dir.display())));
        }
        files::check_private_dir(&dir)?;
        Ok(dir)
    }

    /// Opens a copy of the store in `dir`: the engine writes even when it only reads.
    fn open_in_scratch(&self, dir: &Path, name: &str) -> Result<Box<dyn Store>, VaultError> {
        let scratch = self.place.scratch().join(name);
        files::remove_tree(&scratch)?;
        files::private_dir(&scratch)?;
        let copied = scratch.join("store");
        files::copy_tree(dir, &copied)?;
        self.open(&copied)
    }

    fn open(&self, dir: &Path) -> Result<Box<dyn Store>, VaultError> {
        let (store, _) = SledStore::open(dir, self.now.0)?;
        Ok(Box::new(store))
    }
}

impl Drop for DirHome {
    fn drop(&mut self) {
        self.clear_scratch();
    }
}

impl Home for DirHome {
    fn header(&self) -> Result<Option<Vec<u8>>, VaultError> {
        self.place.read_header()
    }

    fn replace_header(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        // The name of the new store's directory must be on the disk before a header that names it.
        files::sync_dir(&self.place.vault)?;
        Ok(files::write_atomic(&self.place.header(), bytes)?)
    }

    fn epochs(&self) -> Vec<u64> {
        self.place.epochs()
    }

    fn make_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        let dir = self.place.store(epoch);
        files::remove_tree(&dir)?;
        self.open(&dir)
    }

    fn open_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        let dir = self.existing_store(epoch)?;
        self.open(&dir)
    }

    fn remove_store(&mut self, epoch: u64) -> Result<(), VaultError> {
        files::remove_tree(&self.place.store(epoch))?;
        Ok(files::sync_dir(&self.place.vault)?)
    }

    fn remove_copies(&mut self) -> Result<(), VaultError> {
        Ok(files::remove_tree(&self.place.copies())?)
    }

    fn prepare_set_aside(&mut self, epoch: u64, now: Timestamp) -> Result<(), VaultError> {
        let header = self.header()?.ok_or(VaultError::NoVault)?;
        let aside = self.place.vault.join(format!("damaged-{epoch}-{}", now.0));
        files::private_dir(&aside)?;
        Ok(files::write_atomic(&aside.join("vault.header"), &header)?)
    }

    fn set_aside_store(&mut self, epoch: u64) -> Result<(), VaultError> {
        let waiting =
            self.place.set_aside().into_iter().find(|(of, dir)| *of == epoch && !dir.join(store_name(epoch)).exists());
        let (dir, Some((_, aside))) = (self.place.store(epoch), waiting) else { return Ok(()) };
        match fs::rename(&dir, aside.join(store_name(epoch))) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(VaultError::io(&dir, &error)),
            _ => files::sync_dir(&aside)?,
        }
        Ok(files::sync_dir(&self.place.vault)?)
    }

    fn tidy(&mut self, epoch: u64) {
        for other in self.place.epochs().into_iter().filter(|other| *other != epoch) {
            // What cannot be moved or removed now is so another time, and the doctor tells of it.
            let _ = self.set_aside_store(other).and_then(|()| Ok(files::remove_tree(&self.place.store(other))?));
        }
        for other in numbers_in(&self.place.vault, "forms-").into_iter().filter(|other| *other != epoch) {
            let _ = self.remove_forms(other);
        }
        for other in numbers_in(&self.place.vault, "audit-").into_iter().filter(|other| *other != epoch) {
            let _ = self.remove_audit(other);
        }
        let _ = files::remove_if_there(&self.place.new_audit(epoch));
        let empty = |(of, dir): &(u64, PathBuf)| !dir.join(store_name(*of)).exists();
        self.place.set_aside().iter().filter(|place| empty(place)).for_each(|(_, dir)| drop(files::remove_tree(dir)));
        let _ = SledStore::prune_copies(&self.place.store(epoch));
        self.clear_scratch();
    }

    fn look_into_store(&mut self, epoch: u64) -> Result<Box<dyn Store>, VaultError> {
        let dir = self.existing_store(epoch)?;
        self.open_in_scratch(&dir, "look")
    }

    fn forms(&self, epoch: u64) -> Result<Option<Vec<u8>>, VaultError> {
        match files::read_capped(&self.place.forms(epoch), MAX_FORMS, Links::Refuse) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn write_forms(&mut self, epoch: u64, bytes: &[u8]) -> Result<(), VaultError> {
        Ok(files::write_atomic(&self.place.forms(epoch), bytes)?)
    }

    fn remove_forms(&mut self, epoch: u64) -> Result<(), VaultError> {
        match files::remove_if_there(&self.place.forms(epoch))? {
            true => Ok(files::sync_dir(&self.place.vault)?),
            false => Ok(()),
        }
    }

    fn set_forms_aside(&mut self, epoch: u64) -> Result<PathBuf, VaultError> {
        let (from, to) = (self.place.forms(epoch), self.place.damaged_forms());
        fs::rename(&from, &to).map_err(|error| VaultError::io(&from, &error))?;
        Ok(to)
    }

    fn remove_damaged_forms(&mut self) {
        // What cannot be removed now is at the next rewrite, and the doctor tells of it.
        let _ = files::remove_if_there(&self.place.damaged_forms());
    }

    fn audit(&self, epoch: u64) -> Result<Option<Box<dyn Journal>>, VaultError> {
        Ok(FileJournal::open(&self.place.audit(epoch))?.map(|journal| Box::new(journal) as Box<dyn Journal>))
    }

    fn make_audit(&mut self, epoch: u64) -> Result<Box<dyn Journal>, VaultError> {
        Ok(Box::new(FileJournal::make(&self.place.new_audit(epoch))?))
    }

    fn put_audit(&mut self, epoch: u64) -> Result<(), VaultError> {
        let (new, path) = (self.place.new_audit(epoch), self.place.audit(epoch));
        fs::rename(&new, &path).map_err(|error| VaultError::io(&path, &error))?;
        Ok(files::sync_dir(&self.place.vault)?)
    }

    fn remove_audit(&mut self, epoch: u64) -> Result<(), VaultError> {
        let new = files::remove_if_there(&self.place.new_audit(epoch))?;
        match files::remove_if_there(&self.place.audit(epoch))? || new {
            true => Ok(files::sync_dir(&self.place.vault)?),
            false => Ok(()),
        }
    }

    fn set_audit_aside(&mut self, epoch: u64, now: Timestamp) -> Result<PathBuf, VaultError> {
        let from = self.place.audit(epoch);
        let name = |n: i64| self.place.vault.join(format!("audit-damaged-{}", now.0.saturating_add(n)));
        let to = (0..).map(name).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| name(0));
        fs::rename(&from, &to).map_err(|error| VaultError::io(&from, &error))?;
        Ok(to)
    }

    fn audit_mark(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        self.place.audit_mark(vault)
    }

    fn remember_audit(&mut self, vault: VaultId, mark: &[u8]) -> Result<(), VaultError> {
        let Some((_, file)) = self.mark.as_ref().filter(|(of, _)| *of == vault) else {
            self.mark = Some((vault, self.place.remember_audit(vault, mark)?));
            return Ok(());
        };
        Ok(write_mark(file, mark).map_err(FileError::at(&self.place.mark_file(vault)))?)
    }

    fn organization_pin(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        self.place.organization_pin(vault)
    }

    fn remember_organization(&mut self, vault: VaultId, pin: &[u8]) -> Result<(), VaultError> {
        self.place.remember_organization(vault, pin)
    }

    fn known(&self, vault: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        self.place.known(vault)
    }

    fn remember_known(&mut self, vault: VaultId, known: &[u8]) -> Result<(), VaultError> {
        self.place.remember_known(vault, known)
    }

    fn acceptances(&self) -> Vec<Vec<u8>> {
        self.place.acceptances()
    }

    fn put_acceptance(&mut self, id: InvitationId, bytes: &[u8]) -> Result<(), VaultError> {
        Ok(files::write_atomic(&self.place.acceptance(id), bytes)?)
    }

    fn remove_acceptance(&mut self, id: InvitationId) {
        // What cannot be removed counts no longer: its invitation is over.
        let _ = files::remove_if_there(&self.place.acceptance(id));
    }

    fn copies(&self) -> Vec<Timestamp> {
        let mut made: Vec<i64> = numbers_in(&self.place.copies(), "");
        made.sort_unstable_by(|a, b| b.cmp(a));
        made.into_iter().map(Timestamp).collect()
    }

    fn open_copy(&mut self, made: Timestamp) -> Result<Box<dyn Store>, VaultError> {
        self.open_in_scratch(&self.place.copies().join(made.0.to_string()), "copy")
    }

    fn witness(&self, vault: VaultId) -> Result<Option<Witness>, VaultError> {
        self.place.witness(vault)
    }

    fn remember(&mut self, vault: VaultId, witness: &Witness) -> Result<(), VaultError> {
        self.place.remember(vault, witness)
    }
}
