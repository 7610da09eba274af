//! Where the files of a vault are, and what this machine remembers of it.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::journal::private_file;
use crate::crypto::{MAX_FILE, digest};
use crate::domain::{InvitationId, VaultId};
use crate::host::files::{self, FileError, Links};
use crate::vault::VaultError;
use crate::vault::witness::{self, Witness};

/// Most bytes of what is remembered of an audit log.
const MAX_MARK: usize = 256;
/// What the names of memories end with: of vaults, and of their audit logs.
const WITNESS: &str = "witness";
const MARK: &str = "audit";
/// Of their membership logs, and of what was verified of them.
const MEMBERS: &str = "members";
const KNOWN: &str = "known";
/// Most bytes of what was verified.
const MAX_KNOWN: usize = 256 * 1024 * 1024;
/// What the names of acceptances begin with.
const ACCEPTANCE: &str = "acceptance-";
/// Most bytes of one.
const MAX_ACCEPTANCE: usize = 64 * 1024;
/// Most of them that are looked at.
const MOST_ACCEPTANCES: usize = 64;

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
    pub(super) fn new_audit(&self, epoch: u64) -> PathBuf {
        self.vault.join(format!("audit-{epoch}.new"))
    }

    /// The copies of stores that were not closed cleanly.
    pub fn copies(&self) -> PathBuf {
        self.vault.join("copies")
    }

    /// The file with what this machine remembers of the vault called `id` at this place. A backup that was restored
    /// elsewhere is another vault: it goes its own way, and makes nothing older of this one.
    fn witness_file(&self, id: VaultId) -> PathBuf {
        self.memory_file(id, WITNESS)
    }

    /// The same of its audit log.
    pub fn mark_file(&self, id: VaultId) -> PathBuf {
        self.memory_file(id, MARK)
    }

    fn memory_file(&self, id: VaultId, ending: &str) -> PathBuf {
        let place = std::path::absolute(&self.vault).unwrap_or_else(|_| self.vault.clone());
        let [a, b, c, d, ..] = digest(place.as_os_str().as_bytes());
        self.state.join(format!("{id}-{:08x}.{ending}", u32::from_be_bytes([a, b, c, d])))
    }

    /// What this machine remembers of the audit log of the vault called `id`, if anything; of one that was moved here, what
    /// was remembered elsewhere.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn audit_mark(&self, id: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        match files::read_capped(&self.mark_file(id), MAX_MARK, Links::Refuse) {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            // Of one that was seen here before, it was removed.
            Err(error) if error.is_not_found() && self.witness_file(id).exists() => Ok(None),
            Err(error) if error.is_not_found() => Ok(self.mark_elsewhere(id)),
            Err(error) => Err(error.into()),
        }
    }

    /// Of a vault that was moved here: what lies beside the witness that counts.
    fn mark_elsewhere(&self, id: VaultId) -> Option<Vec<u8>> {
        let (witness, _) = self.newest_elsewhere(id)?;
        let mark = files::read_capped(&witness.with_extension(MARK), MAX_MARK, Links::Refuse);
        mark.ok().map(|bytes| bytes.to_vec())
    }

    /// The file that [`Place::audit_mark`] reads, to be written over.
    fn open_mark(&self, id: VaultId) -> Result<File, FileError> {
        files::private_dir(&self.state)?;
        private_file(OpenOptions::new().write(true).create(true).truncate(false), &self.mark_file(id))
    }

    /// Remembers `mark` of the audit log of the vault called `id`, on the disk: a power cut must not leave the witness alone.
    /// Gives the file, to be written over.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember_audit(&self, id: VaultId, mark: &[u8]) -> Result<File, VaultError> {
        let file = self.open_mark(id)?;
        let path = self.mark_file(id);
        write_mark(&file, mark).and_then(|()| file.sync_all()).map_err(FileError::at(&path))?;
        Ok(file)
    }

    /// What this machine has pinned of the membership log of the vault called `id`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn organization_pin(&self, id: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        read_memory(&self.memory_file(id, MEMBERS), MAX_MARK)
    }

    /// Pins `pin`, on the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember_organization(&self, id: VaultId, pin: &[u8]) -> Result<(), VaultError> {
        let path = self.memory_file(id, MEMBERS);
        if self.organization_pin(id).ok().flatten().as_deref() == Some(pin) {
            return Ok(());
        }
        files::private_dir(&self.state)?;
        Ok(files::write_atomic(&path, pin)?)
    }

    /// Pins nothing of it any more.
    ///
    /// # Errors
    /// When what was pinned cannot be removed.
    pub(crate) fn forget_organization(&self, id: VaultId) -> Result<(), VaultError> {
        forget(&self.memory_file(id, MEMBERS))
    }

    /// What this machine has verified of the vault called `id`, if anything.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn known(&self, id: VaultId) -> Result<Option<Vec<u8>>, VaultError> {
        read_memory(&self.memory_file(id, KNOWN), MAX_KNOWN)
    }

    /// Remembers `known`. Not synced: what a power cut takes is verified again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn remember_known(&self, id: VaultId, known: &[u8]) -> Result<(), VaultError> {
        let path = self.memory_file(id, KNOWN);
        files::private_dir(&self.state)?;
        let beside = path.with_extension("known.new");
        fs::write(&beside, known).map_err(FileError::at(&beside))?;
        Ok(fs::rename(&beside, &path).map_err(FileError::at(&path))?)
    }

    /// Remembers nothing of that any more: all is verified again.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn forget_known(&self, id: VaultId) -> Result<(), VaultError> {
        forget(&self.memory_file(id, KNOWN))
    }

    /// What was handed in for the invitation `id`.
    pub(super) fn acceptance(&self, id: InvitationId) -> PathBuf {
        self.vault.join(format!("{ACCEPTANCE}{id}"))
    }

    /// All that was handed in. What cannot be read, or is far too large, nobody meant.
    pub(super) fn acceptances(&self) -> Vec<Vec<u8>> {
        let names = fs::read_dir(&self.vault).into_iter().flatten().flatten();
        let of_name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(ACCEPTANCE);
        let read = |entry: fs::DirEntry| files::read_capped(&entry.path(), MAX_ACCEPTANCE, Links::Refuse).ok();
        names.filter(of_name).filter_map(read).map(|bytes| bytes.to_vec()).take(MOST_ACCEPTANCES).collect()
    }

    /// What this machine remembers of the vault called `id`, if anything. A vault that was moved here is known by the
    /// newest state that was seen of it elsewhere.
    ///
    /// # Errors
    /// When there is something, but it cannot be read.
    pub(crate) fn witness(&self, id: VaultId) -> Result<Option<Witness>, VaultError> {
        let path = self.witness_file(id);
        match files::read_capped(&path, witness::LEN, Links::Refuse) {
            Err(error) if error.is_not_found() => Ok(self.newest_elsewhere(id).map(|(_, witness)| witness)),
            Err(error) => Err(error.into()),
            Ok(bytes) => Witness::decode(id, &bytes)
                .map(Some)
                .ok_or_else(|| VaultError::File { file: path, cause: "it is torn, or about another vault".into() }),
        }
    }

    fn newest_elsewhere(&self, id: VaultId) -> Option<(PathBuf, Witness)> {
        let files = fs::read_dir(&self.state).into_iter().flatten().flatten().map(|entry| entry.path());
        let read = |path: PathBuf| {
            let bytes = files::read_capped(&path, witness::LEN, Links::Refuse).ok()?;
            Some((path, Witness::decode(id, &bytes)?))
        };
        let witnesses = files.filter(|path| path.extension().is_some_and(|ending| ending == WITNESS));
        witnesses.filter_map(read).max_by_key(|(_, witness)| witness.generation)
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

    /// Whether it is in a directory that we may not enter: nobody can say then what is there.
    pub fn is_out_of_reach(&self) -> bool {
        self.header().symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
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
    pub(super) fn set_aside(&self) -> Vec<(u64, PathBuf)> {
        let names = fs::read_dir(&self.vault).into_iter().flatten().flatten();
        let place = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let (epoch, _) = name.strip_prefix("damaged-")?.split_once('-')?;
            Some((epoch.parse().ok()?, entry.path()))
        };
        names.filter_map(place).collect()
    }

    pub(super) fn scratch(&self) -> PathBuf {
        self.vault.join("scratch")
    }
}

fn read_memory(path: &Path, most: usize) -> Result<Option<Vec<u8>>, VaultError> {
    match files::read_capped(path, most, Links::Refuse) {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn forget(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(VaultError::io(path, &error)),
        _ => Ok(()),
    }
}

/// In one step: a reader sees the old one or the new one.
pub(super) fn write_mark(file: &File, mark: &[u8]) -> std::io::Result<()> {
    file.write_all_at(mark, 0)
}

pub(super) fn store_name(epoch: u64) -> String {
    format!("store-{epoch}")
}

/// The numbers after `prefix` in the names that are in `dir`.
pub(super) fn numbers_in<N: std::str::FromStr>(dir: &Path, prefix: &str) -> Vec<N> {
    let names = fs::read_dir(dir).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter_map(|name| name.strip_prefix(prefix)?.parse().ok()).collect()
}
