//! A backup: the header file and every entry of the store, as they are, sealed; then a MAC over all of it.
//!
//! `magic (8) ‖ version (u16) ‖ vault.header (length u32, bytes) ‖ entries (1, key, bytes: each after its length u32) ‖ 0 ‖ MAC (32)`.
//! The MAC is keyed from the manifest's subkey, so a cut or a mixture of two backups is noticed, besides all that the manifest notices.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::report::{Progress, Step, Watch};
use super::{Vault, VaultError};
use crate::crypto::{Key, KeyedHash, MAX_FILE, Subkeys};
use crate::host::files;

/// One entry of the store as a backup holds it.
type KeyAndBytes = (Vec<u8>, Vec<u8>);

const MAGIC: &[u8; 8] = b"strongbk";
const VERSION: u16 = 1;
const ENTRY: u8 = 1;
const END: u8 = 0;
/// Most bytes of a key, and of an entry: more than any store has.
const MAX_KEY: usize = 64;
const MAX_ENTRY: usize = 64 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSize {
    /// Secrets and tombstones in it.
    pub records: u64,
    /// Size of the file.
    pub bytes: u64,
}

impl Vault {
    /// Writes a backup to `path`, where there must be nothing yet; readable by its owner only. It is on the disk when this
    /// returns. What opens the vault now opens the backup, for ever. Everything is read first, to the last piece: a backup
    /// that could not be restored is none. The audit log is not in it.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] for a vault in trouble, [`VaultError::Damaged`] when something cannot be read,
    /// [`VaultError::File`], [`VaultError::DiskFull`]; no file is left then.
    pub fn backup(&self, path: &Path, watch: Watch<'_>) -> Result<BackupSize, VaultError> {
        self.check_writable()?;
        self.permit_managing("back up the vault")?;
        self.check_whole(watch)?;
        let header = self.home.header()?.ok_or(VaultError::NoVault)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(|error| VaultError::io(path, &error))?;
        let written = self.write_backup(Writer::new(file, path, &self.sealer.keys().manifest), &header, watch);
        if written.is_err() {
            // The first failure is the one to report.
            let _ = std::fs::remove_file(path);
        }
        let bytes = written?;
        files::sync_dir(files::parent(path))?;
        Ok(BackupSize { records: self.manifest.records, bytes })
    }

    fn write_backup(&self, mut to: Writer<'_>, header: &[u8], watch: Watch<'_>) -> Result<u64, VaultError> {
        to.bytes(MAGIC)?;
        to.bytes(&VERSION.to_le_bytes())?;
        to.sized(header)?;
        let total = self.manifest.records;
        let mut result = Ok(());
        let mut done = 0;
        self.store.scan(b"", &mut |key, entry| {
            done += u64::from(key.starts_with(super::layout::RECORDS));
            watch(Progress { step: Step::BackingUp, done, total });
            result = to.bytes(&[ENTRY]).and_then(|()| to.sized(key)).and_then(|()| to.sized(&entry.bytes));
            result.is_ok()
        })?;
        result?;
        to.finish()
    }
}

fn mac(key: &Key) -> KeyedHash {
    KeyedHash::new(key, "strongroom 1 backup")
}

/// Writes and hashes.
struct Writer<'p> {
    file: BufWriter<File>,
    path: &'p Path,
    mac: KeyedHash,
    written: u64,
}

impl<'p> Writer<'p> {
    fn new(file: File, path: &'p Path, key: &Key) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, file), path, mac: mac(key), written: 0 }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.mac.part(bytes);
        self.put(bytes)
    }

    fn sized(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        let len = u32::try_from(bytes.len()).map_err(|_| VaultError::Damaged("an entry is too large".into()))?;
        self.put(&len.to_le_bytes())?;
        self.bytes(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.written += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| VaultError::io(self.path, &error))
    }

    fn finish(mut self) -> Result<u64, VaultError> {
        self.bytes(&[END])?;
        let mac = self.mac.clone().finish();
        self.put(&*mac)?;
        let sync = |file: &mut BufWriter<File>| file.flush().and_then(|()| file.get_ref().sync_all());
        sync(&mut self.file).map_err(|error| VaultError::io(self.path, &error))?;
        Ok(self.written)
    }
}

/// A backup that is being read. Nothing in it is proven before [`Reader::next`] gave `None`.
pub(super) struct Reader {
    file: BufReader<File>,
    header: Vec<u8>,
    mac: Option<KeyedHash>,
}

impl Reader {
    /// Opens the backup at `path` and reads its header file.
    pub(super) fn open(path: &Path) -> Result<Self, VaultError> {
        // Asked first: opening a pipe would wait for its other end.
        let metadata = std::fs::metadata(path).map_err(|error| VaultError::io(path, &error))?;
        if !metadata.is_file() {
            return Err(VaultError::File { file: path.to_path_buf(), cause: "not a regular file".into() });
        }
        let file = File::open(path).map_err(|error| VaultError::io(path, &error))?;
        let mut reader = Self { file: BufReader::with_capacity(1 << 16, file), header: Vec::new(), mac: None };
        if reader.array::<8>().ok().as_ref() != Some(MAGIC) {
            return Err(VaultError::File { file: path.to_path_buf(), cause: "not a strongroom backup".into() });
        }
        let version = u16::from_le_bytes(reader.array()?);
        if version != VERSION {
            let cause = format!("a backup of version {version}; this program knows version {VERSION}");
            return Err(VaultError::File { file: path.to_path_buf(), cause });
        }
        reader.header = reader.sized(MAX_FILE)?;
        Ok(reader)
    }

    /// The bytes of `vault.header` in it.
    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    /// From here on everything read is held against the MAC under the key of `keys`.
    pub(super) fn prove_with(&mut self, keys: &Subkeys) {
        let mut mac = mac(&keys.manifest);
        [MAGIC, &VERSION.to_le_bytes()[..], &self.header].into_iter().for_each(|part| mac.part(part));
        self.mac = Some(mac);
    }

    /// The next entry, key and bytes; `None` at the end, when everything before it has proven to be whole.
    pub(super) fn next(&mut self) -> Result<Option<KeyAndBytes>, VaultError> {
        let tag = self.array::<1>()?;
        self.hash(&tag);
        match tag[0] {
            ENTRY => {
                let (key, bytes) = (self.sized(MAX_KEY)?, self.sized(MAX_ENTRY)?);
                self.hash(&key);
                self.hash(&bytes);
                Ok(Some((key, bytes)))
            }
            END => self.check_end().map(|()| None),
            _ => Err(damaged()),
        }
    }

    fn check_end(&mut self) -> Result<(), VaultError> {
        let found: [u8; 32] = self.array()?;
        let expected = self.mac.take().map(KeyedHash::finish);
        let at_end = self.file.read(&mut [0]).is_ok_and(|read| read == 0);
        if at_end && expected.is_some_and(|mac| *mac == found) { Ok(()) } else { Err(damaged()) }
    }

    fn hash(&mut self, part: &[u8]) {
        if let Some(mac) = &mut self.mac {
            mac.part(part);
        }
    }

    fn sized(&mut self, cap: usize) -> Result<Vec<u8>, VaultError> {
        let len = usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| damaged())?;
        if len > cap {
            return Err(damaged());
        }
        let mut bytes = vec![0; len];
        self.file.read_exact(&mut bytes).map_err(|_| damaged())?;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], VaultError> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).map_err(|_| damaged())?;
        Ok(bytes)
    }
}

fn damaged() -> VaultError {
    VaultError::Damaged("the backup is cut or was changed".into())
}
