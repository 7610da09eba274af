//! Getting what sled wrote onto the disk: its own `flush` is `sync_file_range`, which a power cut does not respect.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::errors::io;
use crate::host::files::sync_dir;
use crate::store::StoreError;

/// The log, which holds everything.
pub(super) const LOG: &str = "db";
/// Pages too large for the log. [`super::MAX_ENTRY`] keeps us from making any, but a store may have some.
const BLOBS: &str = "blobs";

/// The files of an open store.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    log: File,
    synced_blobs: BTreeSet<OsString>,
}

impl Files {
    /// Opens the files of the store in `dir`, which sled has just opened, and syncs them.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(LOG);
        let log = File::open(&path).map_err(|e| io(path.display().to_string(), e))?;
        let mut files = Self { dir: dir.to_path_buf(), log, synced_blobs: BTreeSet::new() };
        files.sync()?;
        sync_dir(dir)?;
        Ok(files)
    }

    /// The directory of the store.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Puts everything that was written since the last time on the disk. Pages in files of their own go first: the log
    /// refers to them.
    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        let path = self.dir.join(BLOBS);
        self.sync_blobs(&path).map_err(|e| io(path.display().to_string(), e))?;
        self.log.sync_data().map_err(|e| io(self.dir.join(LOG).display().to_string(), e))
    }

    fn sync_blobs(&mut self, dir: &Path) -> std::io::Result<()> {
        let mut any = false;
        for entry in fs::read_dir(dir)? {
            let name = entry?.file_name();
            if !self.synced_blobs.contains(&name) {
                File::open(dir.join(&name))?.sync_all()?;
                self.synced_blobs.insert(name);
                any = true;
            }
        }
        if any { File::open(dir)?.sync_all() } else { Ok(()) }
    }
}
