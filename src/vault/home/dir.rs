//! A home on disk: the vault's directory, behind its lock.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Home;
use crate::crypto::MAX_FILE;
use crate::domain::{Timestamp, VaultId};
use crate::host::files::{self, FileError, Links};
use crate::host::lock::VaultLock;
use crate::store::Store;
use crate::store::sled::SledStore;
use crate::vault::VaultError;
use crate::vault::witness::{self, Witness};

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

    /// The store of `epoch`.
    pub fn store(&self, epoch: u64) -> PathBuf {
        self.vault.join(format!("store-{epoch}"))
    }

    /// The copies of stores that were not closed cleanly.
    pub fn copies(&self) -> PathBuf {
        self.vault.join("copies")
    }

    /// The file with what this machine remembers of the vault called `id`.
    pub fn witness_file(&self, id: VaultId) -> PathBuf {
        self.state.join(format!("{id}.witness"))
    }

    /// What this machine remembers of the vault called `id`, if anything.
    pub(crate) fn witness(&self, id: VaultId) -> Option<Witness> {
        let bytes = files::read_capped(&self.witness_file(id), witness::LEN, Links::Refuse).ok()?;
        Witness::decode(id, &bytes)
    }

    /// Remembers `witness`, if that can be done.
    pub(crate) fn remember(&self, id: VaultId, witness: &Witness) {
        // See `Home::remember` for why a failure is not reported.
        let _ = self.write_witness(id, witness);
    }

    /// Not synced: a power cut may bring an older one back, which is harmless.
    fn write_witness(&self, id: VaultId, witness: &Witness) -> Result<(), FileError> {
        let path = self.witness_file(id);
        files::private_dir(&self.state)?;
        let beside = path.with_extension("new");
        fs::write(&beside, witness.encode(id)).map_err(FileError::at(&beside))?;
        fs::rename(&beside, &path).map_err(FileError::at(&path))
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

    fn scratch(&self) -> PathBuf {
        self.vault.join("scratch")
    }
}

/// A vault's directory, which nobody else can write to while this exists.
pub struct DirHome {
    place: Place,
    _lock: VaultLock,
    now: Timestamp,
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
        Ok(Self { place, _lock: lock, now })
    }

    fn open(&self, dir: &Path) -> Result<Box<dyn Store>, VaultError> {
        let (store, _) = SledStore::open(dir, self.now.0)?;
        Ok(Box::new(store))
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
        let dir = self.place.store(epoch);
        // The engine would make an empty one.
        if !dir.join("db").is_file() {
            return Err(VaultError::Damaged(format!("{} is missing", dir.display())));
        }
        files::check_private_dir(&dir)?;
        self.open(&dir)
    }

    fn remove_store(&mut self, epoch: u64) -> Result<(), VaultError> {
        files::remove_tree(&self.place.store(epoch))?;
        Ok(files::sync_dir(&self.place.vault)?)
    }

    fn remove_copies(&mut self) -> Result<(), VaultError> {
        Ok(files::remove_tree(&self.place.copies())?)
    }

    fn set_aside_store(&mut self, epoch: u64, now: Timestamp) -> Result<(), VaultError> {
        let dir = self.place.store(epoch);
        let aside = self.place.vault.join(format!("damaged-{}", now.0));
        match fs::rename(&dir, &aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(VaultError::io(&dir, &error)),
            _ => Ok(files::sync_dir(&self.place.vault)?),
        }
    }

    fn tidy(&mut self, epoch: u64) {
        let others = self.place.epochs().into_iter().filter(|other| *other != epoch);
        // What cannot be removed now is removed another time, and the doctor tells of it.
        others.for_each(|other| drop(files::remove_tree(&self.place.store(other))));
        let _ = SledStore::prune_copies(&self.place.store(epoch));
        self.clear_scratch();
    }

    fn copies(&self) -> Vec<Timestamp> {
        let mut made: Vec<i64> = numbers_in(&self.place.copies(), "");
        made.sort_unstable_by(|a, b| b.cmp(a));
        made.into_iter().map(Timestamp).collect()
    }

    fn open_copy(&mut self, made: Timestamp) -> Result<Box<dyn Store>, VaultError> {
        // The engine writes even when it only reads: it gets a copy of the copy.
        let scratch = self.place.scratch();
        files::remove_tree(&scratch)?;
        files::private_dir(&scratch)?;
        let dir = scratch.join("store");
        files::copy_tree(&self.place.copies().join(made.0.to_string()), &dir)?;
        self.open(&dir)
    }

    fn clear_scratch(&mut self) {
        drop(files::remove_tree(&self.place.scratch()));
    }

    fn witness(&self, vault: VaultId) -> Option<Witness> {
        self.place.witness(vault)
    }

    fn remember(&mut self, vault: VaultId, witness: &Witness) {
        self.place.remember(vault, witness);
    }
}

/// The numbers after `prefix` in the names that are in `dir`.
fn numbers_in<N: std::str::FromStr>(dir: &Path, prefix: &str) -> Vec<N> {
    let names = fs::read_dir(dir).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect()
}
