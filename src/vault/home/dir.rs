//! A home on disk: the vault's directory, behind its lock.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::journal::{FileJournal, private_file};
use super::{Home, Journal};
use crate::crypto::{MAX_FILE, digest};
use crate::domain::{Timestamp, VaultId};
use crate::host::files::{self, FileError, Links};
use crate::host::lock::VaultLock;
use crate::store::Store;
use crate::store::sled::SledStore;
use crate::vault::VaultError;
use crate::vault::witness::{self, Witness};

/// Most bytes of what is remembered of an audit log.
const MAX_MARK: usize = 256;
/// Most bytes of a file of unfinished forms.
const MAX_FORMS: usize = 4 * 1024 * 1024;

/// Where the files of one vault are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The vault's own directory.
    pub vault: PathBuf,
    /// The directory for what this machine remembers of vaults.
    pub state: PathBuf,
}

impl Place {
    /// `vault.header`.
    pub fn header(&self) -> PathBuf {
        self.vault.join("vault.header")
    }

    /// `vault.lock`.
    pub fn lock(&self) -> PathBuf {
        self.vault.join("vault.lock")
    }

    /// The mark of a vault that is being restored and not yet whole.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.vault.join("unfinished")
    }

    /// The store of `epoch`.
    pub fn store(&self, epoch: u64) -> PathBuf {
        self.vault.join(store_name(epoch))
    }

    /// The unfinished forms of `epoch`.
    pub fn forms(&self, epoch: u64) -> PathBuf {
        self.vault.join(format!("forms-{epoch}"))
    }

    /// Unfinished forms that could not be read.
    pub fn damaged_forms(&self) -> PathBuf {
        self.vault.join("forms-damaged")
    }

    /// The audit log of `epoch`.
    pub fn audit(&self, epoch: u64) -> PathBuf {
        self.vault.join(format!("audit-{epoch}"))
    }

    /// One that is being written to take its place.
    fn new_audit(&self, epoch: u64) -> PathBuf {
        self.vault.join(format!("audit-{epoch}.new"))
    }

    /// The copies of stores that were not closed cleanly.
    pub fn copies(&self) -> PathBuf {
        self.vault.join("copies")
    }

    /// The file with what this machine remembers of the vault called `id` at this place. A backup that was restored
    /// elsewhere is another vault: it goes its own way, and makes nothing older of this one.
    fn witness_file(&self, id: VaultId) -> PathBuf {
        self.memory_file(id, "witness")
    }

    /// The same of its audit log.
    pub fn mark_file(&self, id: VaultId) -> PathBuf {
        self.memory_file(id, "audit")
    }

    fn memory_file(&self, id: VaultId, ending: &str) -> PathBuf {
        let place = std::path::absolute(&self.vault).unwrap_or_else(|_| self.vault.clone());
        let [a, b, c, d, ..] = digest(place.as_os_str().as_bytes());
        self.state.join(format!("{id}-{:08x}.{ending}", u32::from_be_bytes([a, b, c, d])))
    }

    /// What this machine remembers of the audit log of the vault called `id`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn audit_mark(&self, id: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        match files::read_capped(&self.mark_file(id), MAX_MARK, Links::Refuse) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The file that [`Place::audit_mark`] reads, to be written over.
    fn open_mark(&self, id: VaultId) -> Result<File, FileError> {
        files::private_dir(&self.state)?;
        private_file(OpenOptions::new().write(true).create(true).truncate(false), &self.mark_file(id))
    }

    /// Remembers `mark` of the audit log of the vault called `id`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember_audit(&self, id: VaultId, mark: &[u8]) -> Result<(), VaultError> {
        let written = self.open_mark(id).and_then(|file| write_mark(&file, mark).map_err(FileError::at(&self.state)));
        Ok(written?)
    }

    /// What this machine remembers of the vault called `id`, if anything. A vault that was moved here is known by the
    /// newest state that was seen of it elsewhere.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn witness(&self, id: VaultId) -> Result<Option<Witness>, VaultError> {
        let path = self.witness_file(id);
        match files::read_capped(&path, witness::LEN, Links::Refuse) {
            Err(error) if error.is_not_found() => Ok(self.witness_elsewhere(id)),
            Err(error) => Err(error.into()),
            Ok(bytes) => Witness::decode(id, &bytes)
                .map(Some)
                .ok_or_else(|| VaultError::File { file: path, cause: "it is torn, or about another vault".into() }),
        }
    }

    fn witness_elsewhere(&self, id: VaultId) -> Option<Witness> {
        let files = fs::read_dir(&self.state).into_iter().flatten().flatten().map(|entry| entry.path());
        let read = |path: PathBuf| files::read_capped(&path, witness::LEN, Links::Refuse).ok();
        let seen = files.filter(|path| path.extension().is_some_and(|ending| ending == "witness")).filter_map(read);
        seen.filter_map(|bytes| Witness::decode(id, &bytes)).max_by_key(|witness| witness.generation)
    }

    /// Remembers `witness`. Not synced: a power cut may bring an older one back, which is harmless, or a torn one, which
    /// is told of.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember(&self, id: VaultId, witness: &Witness) -> Result<(), VaultError> {
        let path = self.witness_file(id);
        files::private_dir(&self.state)?;
        let beside = path.with_extension("new");
        fs::write(&beside, witness.encode(id)).map_err(FileError::at(&beside))?;
        Ok(fs::rename(&beside, &path).map_err(FileError::at(&path))?)
    }

    /// Whether there is a vault.
    ///
    /// # Errors
    /// When that cannot be told, such as for want of permission: it must not be taken for "no".
    pub fn has_vault(&self) -> Result<bool, VaultError> {
        let header = self.header();
        match header.symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(VaultError::io(&header, &error)),
        }
    }

    /// The bytes of `vault.header`, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read, or is no regular file.
    pub fn read_header(&self) -> Result<Option<Vec<u8>>, VaultError> {
        match files::read_capped(&self.header(), MAX_FILE, Links::Refuse) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The epochs of all stores that are there, the live one included, in order.
    pub(crate) fn epochs(&self) -> Vec<u64> {
        let mut epochs: Vec<u64> = numbers_in(&self.vault, "store-");
        epochs.sort_unstable();
        epochs
    }

    /// The places of damaged stores: each with the epoch of its store, which may not be there yet.
    fn set_aside(&self) -> Vec<(u64, PathBuf)> {
        let names = fs::read_dir(&self.vault).into_iter().flatten().flatten();
        let place = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let (epoch, _) = name.strip_prefix("damaged-")?.split_once('-')?;
            Some((epoch.parse().ok()?, entry.path()))
        };
        names.filter_map(place).collect()
    }

    fn scratch(&self) -> PathBuf {
        self.vault.join("scratch")
    }
}

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
        let file = match self.mark.take().filter(|(of, _)| *of == vault) {
            Some((_, file)) => file,
            None => self.place.open_mark(vault)?,
        };
        write_mark(&file, mark).map_err(FileError::at(&self.place.mark_file(vault)))?;
        self.mark = Some((vault, file));
        Ok(())
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

/// In one step: a reader sees the old one or the new one.
fn write_mark(file: &File, mark: &[u8]) -> std::io::Result<()> {
    file.write_all_at(mark, 0)
}

fn store_name(epoch: u64) -> String {
    format!("store-{epoch}")
}

/// The numbers after `prefix` in the names that are in `dir`.
fn numbers_in<N: std::str::FromStr>(dir: &Path, prefix: &str) -> Vec<N> {
    let names = fs::read_dir(dir).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect()
}
