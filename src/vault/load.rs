//! Reading a store on the way in: every header is opened, and all records together are held against the manifest.
//!
//! One thread reads, others open: at 100,000 records most of the time goes into hashing and decryption.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::documents::{Documents, FoundDocuments};
use super::index::Index;
use super::layout::{self, Item, KEPT, MANIFEST, RECORDS, Stored};
use super::record::{RecordError, Sealer};
use super::report::{Progress, Step, Watch};
use crate::crypto::{self, Manifest, SetHash};
use crate::domain::{Header, State};
use crate::host::memory::{Depth, leaving_no_trace};
use crate::store::{Entry, Revision, Store, StoreError};

/// Records that go to an opener at once.
const BATCH: usize = 128;
/// Threads that open, besides the one that reads. More would wait for the reader.
const MAX_OPENERS: usize = 3;

/// What was found in a store.
pub(super) struct Loaded {
    /// Every header that could be opened.
    pub(super) index: Index,
    /// The documents that could be opened.
    pub(super) documents: Documents,
    /// The manifest and its revision in the store, if there is one that can be opened.
    pub(super) manifest: Option<(Manifest, Revision)>,
    /// Whether records, kept revisions and documents are exactly those that the manifest counts.
    pub(super) whole: bool,
}

/// Records to be opened; `None` is one that could not even be put together.
type Batch = Vec<Option<(Item, Stored)>>;

/// Opens everything in `store` that `sealer` can open. Damage is reported in the answer.
///
/// # Errors
/// When the engine cannot read.
pub(super) fn load(store: &dyn Store, sealer: &Sealer, watch: Watch<'_>) -> Result<Loaded, StoreError> {
    let manifest = store.get(MANIFEST)?.and_then(|entry| {
        let manifest = sealer.open_manifest(&entry.bytes).ok()?;
        Some((manifest, entry.revision))
    });
    let total = manifest.as_ref().map_or(0, |(manifest, _)| manifest.records);
    let opened = open_all(store, sealer, total, watch)?;
    let mut set = SetHash::resume(&sealer.keys().manifest, opened.set);
    let FoundDocuments { documents, broken } = Documents::load(store, sealer, &mut set)?;
    let index: Index = opened.records.into_iter().collect();
    let whole = opened.broken + broken == 0
        && manifest.is_some_and(|(m, _)| m.set == set.value() && m.records == u64::try_from(index.len()).unwrap_or(0));
    Ok(Loaded { index, documents, manifest, whole })
}

/// What the openers found, together or one of them.
#[derive(Default)]
struct Found {
    records: Vec<Arc<Header>>,
    broken: u64,
    set: [u8; 32],
}

impl Found {
    fn add(&mut self, other: Found) {
        self.records.extend(other.records);
        self.broken += other.broken;
        self.set.iter_mut().zip(other.set).for_each(|(sum, byte)| *sum ^= byte);
    }
}

fn open_all(store: &dyn Store, sealer: &Sealer, total: u64, watch: Watch<'_>) -> Result<Found, StoreError> {
    let openers = thread::available_parallelism().map_or(1, usize::from).min(MAX_OPENERS);
    let (send, receive) = sync_channel(2 * openers);
    let receive = Mutex::new(receive);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..openers)
            .map(|_| {
                // The stack of a thread that has ended is kept, as it is, for the next one.
                scope.spawn(|| leaving_no_trace(Depth::Records, || open_batches(&receive, sealer)))
            })
            .collect();
        let read = read_all(store, &send, total, watch);
        drop(send);
        let mut found = Found::default();
        for thread in threads {
            // An opener that panicked took records with it: count that as a broken one.
            found.add(thread.join().unwrap_or(Found { broken: 1, ..Found::default() }));
        }
        read.map(|()| found)
    })
}

fn read_all(store: &dyn Store, send: &SyncSender<Batch>, total: u64, watch: Watch<'_>) -> Result<(), StoreError> {
    let mut batch = Batch::with_capacity(BATCH);
    let mut cut = Vec::new();
    let mut done = 0;
    let mut failed = None;
    let mut visit = |key: &[u8], entry: Entry| {
        match Item::of(key) {
            // The engine is busy scanning: what is spread over several entries is read afterwards.
            Some(item) if layout::is_cut(&entry) => cut.push((item, entry)),
            Some(item) => match join(store, item, entry) {
                Ok(record) => batch.push(record),
                Err(error) => failed = Some(error),
            },
            None => batch.push(None),
        }
        if failed.is_some() {
            return false;
        }
        if batch.len() < BATCH {
            return true;
        }
        done += batch.len() as u64;
        watch(Progress { step: Step::ReadingRecords, done: done.min(total), total });
        send.send(std::mem::replace(&mut batch, Batch::with_capacity(BATCH))).is_ok()
    };
    store.scan(RECORDS, &mut visit)?;
    store.scan(KEPT, &mut visit)?;
    failed.map_or(Ok(()), Err)?;
    for (item, entry) in cut {
        batch.push(join(store, item, entry)?);
    }
    // Fails only when every opener panicked, which the joining notices.
    let _ = send.send(batch);
    Ok(())
}

/// The whole of `item`, which begins with `first`; `None` when it is not whole.
///
/// # Errors
/// When the system does not let it be read: that is no damage, and nothing to be repaired.
fn join(store: &dyn Store, item: Item, first: Entry) -> Result<Option<(Item, Stored)>, StoreError> {
    match layout::join(store, item, first) {
        Ok(stored) => Ok(Some((item, stored))),
        Err(RecordError::Store(error @ StoreError::Io { .. })) => Err(error),
        Err(_) => Ok(None),
    }
}

fn open_batches(batches: &Mutex<Receiver<Batch>>, sealer: &Sealer) -> Found {
    let mut found = Found::default();
    let mut set = SetHash::new(&sealer.keys().manifest);
    let mut shared = Shared::default();
    loop {
        let batch = batches.lock().ok().and_then(|receiver| receiver.recv().ok());
        let Some(batch) = batch else { break };
        for read in batch {
            let opened = read.and_then(|(item, stored)| {
                let revision = take_in(item, &stored, sealer, &mut shared, &mut found.records)?;
                let (id, counted) = item.element(revision);
                set.toggle(&id, counted, &crypto::digest(&stored.bytes));
                Some(())
            });
            found.broken += u64::from(opened.is_none());
        }
    }
    found.set = set.value();
    found
}

/// The revision of `item`; of the record of a secret, the header goes to the others. What is kept is not opened before
/// somebody asks for it: that nobody changed it, the set hash tells.
fn take_in(
    item: Item,
    stored: &Stored,
    sealer: &Sealer,
    shared: &mut Shared,
    headers: &mut Vec<Arc<Header>>,
) -> Option<u64> {
    if let Item::Kept(_, revision) = item {
        return Some(revision);
    }
    let mut header = sealer.open_record(item, &stored.bytes).ok()?.header;
    shared.share(&mut header);
    let revision = header.revision;
    headers.push(Arc::new(header));
    Some(revision)
}

/// The texts that headers have in common, such as names of members: each is kept once, which saves 10 MB at 100,000 headers.
#[derive(Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    /// Puts the texts that are known already in the place of those in `header`.
    fn share(&mut self, header: &mut Header) {
        self.one(&mut header.created.by);
        self.one(&mut header.modified.by);
        if let State::Inactive(stamp) | State::Deleted(stamp) = &mut header.state {
            self.one(&mut stamp.by);
        }
        header.public.iter_mut().for_each(|field| self.one(&mut field.key));
    }

    fn one(&mut self, text: &mut Arc<str>) {
        match self.0.get(text) {
            Some(known) => *text = known.clone(),
            None => drop(self.0.insert(text.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::VaultKey;
    use crate::domain::{SecretId, VaultId};
    use crate::host::SeededEntropy;
    use crate::store::{Batch as Changes, MemoryStore};

    /// A disk that gives the first entry of everything, and then no more.
    struct Failing(MemoryStore);

    impl Store for Failing {
        fn get(&self, key: &[u8]) -> Result<Option<Entry>, StoreError> {
            match key {
                MANIFEST => self.0.get(key),
                _ => Err(StoreError::Io { what: "the disk".into(), source: std::io::ErrorKind::Other.into() }),
            }
        }
        fn scan(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError> {
            self.0.scan(prefix, visit)
        }
        fn commit(&mut self, batch: Changes) -> Result<(), StoreError> {
            self.0.commit(batch)
        }
        fn close(self: Box<Self>) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_fails_is_no_damage_to_be_repaired() {
        let key = VaultKey::generate(&SeededEntropy::new(1)).unwrap();
        let sealer = Sealer::new(VaultId([1; 16]), 1, &key);
        let mut store = MemoryStore::default();
        let mut changes = Changes::default();
        layout::write(&mut changes, Item::Record(SecretId([1; 16])), &[7; 40_000], None).unwrap();
        store.commit(changes).unwrap();
        assert!(!load(&store, &sealer, &|_| {}).unwrap().whole, "on a good disk it is a record that nobody can open");
        assert!(matches!(load(&Failing(store), &sealer, &|_| {}), Err(StoreError::Io { .. })));
    }
}
