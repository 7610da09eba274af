//! The embedded default: sled 0.34, with the care that it needs.
//!
//! What sled leaves undone is done here: its `flush` is no fsync (`durable`), it cannot open after some crashes and
//! may damage a store while opening it (`opening`, `copies`, `snapshot`), it panics on damage (`errors`), and it cannot
//! open on a full disk (`room`). One process, one writer.

mod copies;
mod durable;
mod errors;
mod opening;
mod room;
mod snapshot;

use std::path::Path;

use sled::Db;

use self::durable::Files;
use self::errors::caught;
use super::plan::{Plan, plan};
use super::{Batch, Entry, Revision, Store, StoreError};
use crate::host::files::write_atomic;
use crate::host::panics::quietly;

pub use self::opening::OpenedAs;

/// The most bytes that a key and its entry may have together.
///
/// sled keeps up to 17 neighbouring entries in one page, and puts a page that is larger than a quarter of a segment
/// (256 KiB) in a file of its own which it never removes. With this limit no page grows that large.
pub const MAX_ENTRY: usize = 13 * 1024;

/// How often a scan has every entry looked up. sled counts the accesses to its cache in 256 shards, and lets go of pages
/// only when one shard has counted 64: a scan alone, with one access to each page, would keep 100,000 entries in memory.
const LOOK_UPS: usize = 4;

/// The length of the revision in front of the stored bytes.
const REVISION_LEN: usize = size_of::<Revision>();

/// A store in a directory of its own.
///
/// A failure while writing stops the store: what sled holds in memory may then differ from what is on the disk, and a
/// sync that failed once proves nothing when it succeeds later. Every later call returns [`StoreError::Stopped`];
/// opening again reads what is really there.
#[derive(Debug)]
pub struct SledStore {
    /// Always there, until `close` or `drop` takes it.
    db: Option<Db>,
    files: Files,
    stopped: Option<String>,
}

impl SledStore {
    /// Opens the store in `dir`, or creates it there when `dir` is missing or empty; the directory above must exist.
    /// The caller holds the vault's lock.
    ///
    /// A store that was not closed is first copied to `copies/<now>` beside `dir`, with `now` in seconds since the Unix
    /// epoch, unless there is a copy of it as it is. No copy makes way before [`SledStore::prune_copies`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the files are not what sled wrote, [`StoreError::Full`] when there is no room to
    /// open it even without the ballast, [`StoreError::Io`] otherwise.
    pub fn open(dir: &Path, now: i64) -> Result<(Self, OpenedAs), StoreError> {
        let (db, how) = opening::open(dir, now)?;
        let files = Files::open(dir)?;
        Ok((Self { db: Some(db), files, stopped: None }, how))
    }

    /// Removes all but the three newest copies of the store in `dir`. To be called only when that one is known to be
    /// whole: of a broken one, the older copies are the good ones.
    ///
    /// # Errors
    /// [`StoreError::Io`]; what could not be removed is removed by a later call.
    pub fn prune_copies(dir: &Path) -> Result<(), StoreError> {
        copies::prune(dir)
    }

    fn db(&self) -> Result<&Db, StoreError> {
        match (&self.db, &self.stopped) {
            (Some(db), None) => Ok(db),
            (_, cause) => Err(StoreError::Stopped(cause.clone().unwrap_or_default())),
        }
    }

    fn stop(&mut self, cause: StoreError) -> StoreError {
        let cause = match cause {
            StoreError::Stopped(cause) => cause,
            other => other.to_string(),
        };
        self.stopped = Some(cause.clone());
        StoreError::Stopped(cause)
    }
}

impl Store for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        let db = self.db()?;
        caught(|| db.get(key))?.map(|stored| decode(&stored)).transpose()
    }

    fn scan(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError> {
        let db = self.db()?;
        let mut entries = db.scan_prefix(prefix);
        // Only sled's part is caught: a panic in `visit` is the caller's, and goes on up.
        while let Some((key, stored)) = caught(|| entries.next().transpose())? {
            caught(|| (0..LOOK_UPS).try_for_each(|_| db.contains_key(&key).map(drop)))?;
            if !visit(&key, decode(&stored)?) {
                break;
            }
        }
        Ok(())
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        let db = self.db()?;
        let plan = plan(batch, |key| Ok(self.get(key)?.map_or(0, |entry| entry.revision)))?;
        if plan.is_empty() {
            return Ok(());
        }
        room::check(self.files.dir(), payload(&plan)?)?;
        apply(db, plan).and_then(|()| self.files.sync()).map_err(|e| self.stop(e))
    }

    fn close(mut self: Box<Self>) -> Result<(), StoreError> {
        let db = self.db()?;
        caught(|| db.flush())?;
        let db = self.db.take();
        caught(move || {
            drop(db);
            Ok(())
        })?;
        self.files.sync()?;
        write_atomic(&self.files.dir().join(opening::CLEAN), b"").map_err(StoreError::from)
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let db = self.db.take();
        // sled panics when its last sync fails; nobody was promised anything about it.
        let _ = quietly(move || drop(db));
    }
}

/// The size of what will be written, in bytes.
fn payload(plan: &Plan) -> Result<usize, StoreError> {
    let size = |(key, entry): (&Vec<u8>, &Option<Entry>)| key.len() + entry.as_ref().map_or(0, |e| e.bytes.len());
    match plan.iter().map(size).find(|size| *size > MAX_ENTRY) {
        Some(size) => Err(StoreError::Io {
            what: format!("an entry of {size} bytes (the limit is {MAX_ENTRY})"),
            source: std::io::ErrorKind::InvalidInput.into(),
        }),
        None => Ok(plan.iter().map(size).sum()),
    }
}

fn apply(db: &Db, plan: Plan) -> Result<(), StoreError> {
    let mut batch = sled::Batch::default();
    for (key, entry) in plan {
        match entry {
            Some(entry) => batch.insert(key, encode(&entry)),
            None => batch.remove(key),
        }
    }
    caught(|| db.apply_batch(batch).and_then(|()| db.flush().map(|_| ())))
}

fn encode(entry: &Entry) -> Vec<u8> {
    let mut stored = Vec::with_capacity(REVISION_LEN + entry.bytes.len());
    stored.extend_from_slice(&entry.revision.to_be_bytes());
    stored.extend_from_slice(&entry.bytes);
    stored
}

fn decode(stored: &[u8]) -> Result<Entry, StoreError> {
    let (revision, bytes) = stored
        .split_first_chunk::<REVISION_LEN>()
        .ok_or_else(|| StoreError::Damaged("an entry is shorter than its revision".into()))?;
    Ok(Entry { revision: Revision::from_be_bytes(*revision), bytes: bytes.to_vec() })
}
