//! Opening and creating, so that a crash at any moment leaves a store that opens.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use sled::Db;

use super::durable::LOG;
use super::errors::{caught, io};
use super::{copies, room, snapshot};
use crate::host::files::{parent, remove_if_there, remove_tree, sync_dir};
use crate::store::StoreError;

/// The mark of a store that was closed; it is there only while the store is not open.
pub(super) const CLEAN: &str = "clean";

/// The unit in which sled writes its log, in bytes. See [`super::MAX_ENTRY`].
const SEGMENT: usize = 1 << 20;

/// The memory that sled may use for pages it has read, in bytes. What a vault reads often it keeps itself.
const CACHE: u64 = 4 << 20;

/// sled's threads may hold the log for a moment after it was closed; how often and how long to wait for them.
const LOCKED_RETRIES: u32 = 200;
const LOCKED_PAUSE: Duration = Duration::from_millis(10);

/// In which state the store was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedAs {
    /// There was none; it is empty.
    New,
    /// It had been closed.
    Clean,
    /// It had not been closed: a crash, a kill or a power cut.
    Unclean {
        /// The copy of it as it was before it was opened; `None` when the disk has no room for one, or when there are
        /// enough already since it was last called whole.
        copy: Option<PathBuf>,
    },
}

/// Opens the store in `dir`, or creates it.
pub(super) fn open(dir: &Path, now: i64) -> Result<(Db, OpenedAs), StoreError> {
    let how = if is_missing(dir)? {
        create(dir)?;
        OpenedAs::New
    } else {
        with_ballast(dir, || prepare(dir, now))?
    };
    let db = with_ballast(dir, || start(dir))?;
    room::lay_ballast(dir);
    Ok((db, how))
}

/// Does `work`; on a full disk, once more without the ballast.
fn with_ballast<T>(dir: &Path, work: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    match work() {
        Err(StoreError::Full) if room::drop_ballast(dir)? => work(),
        done => done,
    }
}

/// Whether there is no store yet. A directory with something in it but no log is not taken for a new one.
fn is_missing(dir: &Path) -> Result<bool, StoreError> {
    match fs::read_dir(dir) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(true),
        Err(e) => Err(io(dir.display().to_string(), e)),
        Ok(_) if dir.join(LOG).is_file() => Ok(false),
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(_) => Err(StoreError::Damaged(format!("{} is missing", dir.join(LOG).display()))),
        },
    }
}

/// Makes an empty store under another name and moves it into place: sled syncs neither its settings nor its
/// directories.
fn create(dir: &Path) -> Result<(), StoreError> {
    let mut name = dir.as_os_str().to_owned();
    name.push(".new");
    let fresh = PathBuf::from(name);
    remove_tree(&fresh)?;
    DirBuilder::new().mode(0o700).create(&fresh).map_err(|e| io(fresh.display().to_string(), e))?;
    drop(start(&fresh)?);
    for entry in fs::read_dir(&fresh).map_err(|e| io(fresh.display().to_string(), e))? {
        let path = entry.map_err(|e| io(fresh.display().to_string(), e))?.path();
        // Opening a directory for reading and syncing it is the same call.
        sync_dir(&path)?;
    }
    sync_dir(&fresh)?;
    fs::rename(&fresh, dir).map_err(|e| io(dir.display().to_string(), e))?;
    Ok(sync_dir(parent(dir))?)
}

/// Takes away the mark of a clean store, and copies one that has none.
fn prepare(dir: &Path, now: i64) -> Result<OpenedAs, StoreError> {
    if remove_if_there(&dir.join(CLEAN))? {
        sync_dir(dir)?;
        return Ok(OpenedAs::Clean);
    }
    Ok(OpenedAs::Unclean { copy: copies::make(dir, now)? })
}

/// Lets sled open what is in `dir`.
fn start(dir: &Path) -> Result<Db, StoreError> {
    snapshot::remove_unfinished(dir)?;
    let config = sled::Config::new().path(dir).cache_capacity(CACHE).segment_size(SEGMENT).flush_every_ms(None);
    for _ in 0..LOCKED_RETRIES {
        match snapshot::made_durable(dir, || caught(|| config.open())) {
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::Other => sleep(LOCKED_PAUSE),
            opened => return opened,
        }
    }
    snapshot::made_durable(dir, || caught(|| config.open()))
}
