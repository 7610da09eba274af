//! Reading a store on the way in: every header is opened, and all records together are held against the manifest.
//!
//! One thread reads, others open: at 100,000 records most of the time goes into hashing and decryption.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use super::documents::{Document, Documents, FoundDocuments};
use super::index::Index;
use super::layout::{self, Item, KEPT, MANIFEST, RECORDS, Stored};
use super::record::{Closed, Opened, Record, RecordError, Sealer, revision_of};
use super::refused::Refused;
use super::report::{Progress, Step, Watch};
use super::signed::{Known, Seen, Signed, Verifier};
use crate::crypto::{self, Manifest, SetHash};
use crate::domain::organization::{Organization, Tampering};
use crate::domain::{Header, SecretId, State};
use crate::host::memory::{Depth, leaving_no_trace};
use crate::store::{Entry, Revision, Store, StoreError};

/// Records that go to an opener at once.
const BATCH: usize = 128;
/// Threads that open, besides the one that reads. More would wait for the reader.
const MAX_OPENERS: usize = 3;

/// What was found in a store.
#[derive(Default)]
pub(super) struct Loaded {
    /// Every header that could be opened and whose signatures count.
    pub(super) index: Index,
    /// Personal records of others.
    pub(super) closed: Vec<Closed>,
    /// The documents that could be opened.
    pub(super) documents: Documents,
    /// The manifest and its revision in the store, if there is one that can be opened.
    pub(super) manifest: Option<(Manifest, Revision)>,
    /// Whether records, kept revisions and documents are exactly those that the manifest counts.
    pub(super) whole: bool,
    /// What somebody wrote who had no right to.
    pub(super) refused: Vec<Refused>,
    /// What is known now to be verified.
    pub(super) known: Known,
    /// Records whose values are sealed for their registrars alone.
    pub(super) for_registrars: Vec<SecretId>,
}

/// What records are checked against.
#[derive(Clone, Copy)]
pub(super) struct Check<'a> {
    /// Who may do what.
    pub(super) organization: &'a Organization,
    /// What was verified before.
    pub(super) known: &'a Known,
}

/// Records to be opened; `None` is one that could not even be put together.
type Batch = Vec<Option<(Item, Stored)>>;

/// Opens everything in `store` that `sealer` can open, and holds it against `check`, where there are members to have signed
/// it. Damage is reported in the answer.
///
/// # Errors
/// When the engine cannot read.
pub(super) fn load(
    store: &dyn Store,
    sealer: &Sealer,
    check: Option<&Check<'_>>,
    watch: Watch<'_>,
) -> Result<Loaded, StoreError> {
    let manifest = store.get(MANIFEST)?.and_then(|entry| {
        let manifest = sealer.open_manifest(&entry.bytes).ok()?;
        Some((manifest, entry.revision))
    });
    let total = manifest.as_ref().map_or(0, |(manifest, _)| manifest.records);
    let nothing = Known::nothing(sealer.epoch());
    let opened = open_all(store, sealer, check.map_or(&nothing, |check| check.known), total, watch)?;
    let mut set = SetHash::resume(&sealer.keys().manifest, opened.set);
    let verifier = check.map(|check| Verifier::new(sealer.vault(), sealer.epoch(), check.organization, store));
    let known = check.map_or(&nothing, |check| check.known);
    let FoundDocuments { documents, broken, refused } =
        Documents::load(store, sealer, verifier.as_ref(), known, &mut set)?;
    let found = opened.records.len() + opened.closed.len() + opened.refused.len() + opened.unreadable.len();
    let whole = opened.broken + broken == 0
        && (check.is_some() || opened.unreadable.is_empty())
        && manifest.is_some_and(|(m, _)| m.set == set.value() && m.records == u64::try_from(found).unwrap_or(0));
    let mut loaded = Loaded { documents, manifest, whole, refused, ..Loaded::default() };
    if whole {
        // It is what was counted, to the last byte: no damage.
        let forged = opened.unreadable.iter().map(|id| Refused::unnamed(*id, Tampering::Forged));
        loaded.refused.extend(forged);
    }
    loaded.take_in(opened, check.zip(verifier.as_ref()));
    Ok(loaded)
}

impl Loaded {
    /// Takes in what is verified of `found`, and refuses the rest.
    fn take_in(&mut self, found: Found, check: Option<(&Check<'_>, &Verifier<'_>)>) {
        let Found { records, closed, refused, .. } = found;
        self.refused.extend(refused);
        self.known = check.map(|(check, _)| check.known.clone()).unwrap_or_default();
        if let Some((_, verifier)) = check {
            let unknown = records.iter().filter_map(|read| read.unknown.as_ref());
            verifier.prepare(unknown.flat_map(Signed::blocks).map(|(_, block)| block.mark.batch));
        }
        let mut good = Vec::with_capacity(records.len());
        for Read { header, unknown, for_registrar } in records {
            let checked = unknown.map_or(Ok(()), |signed| self.verify(&header, &signed, check));
            match checked {
                Ok(()) => {
                    self.for_registrars.extend(for_registrar.then_some(header.id));
                    good.push(header);
                }
                Err(why) => self.refused.push(Refused::of(&header, why)),
            }
        }
        self.index = good.into_iter().collect();
        for closed in closed {
            match check.map_or(Ok(()), |check| check_closed(&closed, check)) {
                Ok(()) => self.closed.push(closed),
                Err(why) => self.refused.push(Refused::unnamed(closed.id, why)),
            }
        }
        if self.whole && self.known.epoch() == check.map_or(0, |(_, verifier)| verifier.epoch()) {
            self.refuse_removed();
        }
        self.learn_documents();
    }

    fn learn_documents(&mut self) {
        for document in Document::ALL {
            let revision = self.documents.revision(document);
            match self.documents.signed(document) {
                Some((_, block)) if !self.known.has_document(document, revision, block) => {
                    self.known.learn_document(document, revision, block);
                }
                _ => {}
            }
        }
    }

    /// Whether the record, which is not known in this form, was written by those who may.
    fn verify(
        &mut self,
        header: &Header,
        signed: &Signed,
        check: Option<(&Check<'_>, &Verifier<'_>)>,
    ) -> Result<(), Tampering> {
        let Some((check, verifier)) = check else { return Ok(()) };
        let told = signed.told(header.id).map_err(|_| Tampering::Mixed)?;
        let seen = Seen::of(signed, &told);
        check.known.check(header.id, &seen)?;
        verifier.check(header.id, signed)?;
        self.known.learn(header.id, seen);
        Ok(())
    }

    /// Refuses that records are gone which were here in this epoch: only a new one leaves any out.
    fn refuse_removed(&mut self) {
        let gone = |id: &SecretId| {
            let is_closed = self.closed.iter().any(|closed| closed.id == *id);
            let is_refused = self.refused.iter().any(|refused| refused.id == Some(*id));
            self.index.get(*id).is_none() && !is_closed && !is_refused && Document::of(*id).is_none()
        };
        let gone: Vec<SecretId> = self.known.ids().filter(gone).collect();
        self.refused.extend(gone.into_iter().map(|id| Refused::unnamed(id, Tampering::Removed)));
        let is_gone = |document: &Document| {
            self.documents.revision(*document) == 0 && self.known.of(SecretId(document.id())).is_some()
        };
        let gone = Document::ALL.into_iter().filter(is_gone);
        self.refused.extend(gone.map(|document| Refused::document(document.word(), Tampering::Removed)));
    }
}

/// Whether what nobody here can open says only what it may, and can have come after what somebody opened here.
fn check_closed(closed: &Closed, (check, verifier): (&Check<'_>, &Verifier<'_>)) -> Result<(), Tampering> {
    verifier.check_closed(closed)?;
    let seen = check.known.of(closed.id);
    seen.map_or(Ok(()), |seen| seen.precedes_closed(closed.owner, closed.revision))
}

/// A record that could be opened.
struct Read {
    header: Arc<Header>,
    /// What is signed of it, when it is not known to be verified in this form.
    unknown: Option<Signed>,
    for_registrar: bool,
}

/// What the openers found, together or one of them.
#[derive(Default)]
struct Found {
    records: Vec<Read>,
    closed: Vec<Closed>,
    refused: Vec<Refused>,
    /// Records that do not open.
    unreadable: Vec<SecretId>,
    broken: u64,
    set: [u8; 32],
}

impl Found {
    fn add(&mut self, other: Found) {
        self.records.extend(other.records);
        self.closed.extend(other.closed);
        self.refused.extend(other.refused);
        self.unreadable.extend(other.unreadable);
        self.broken += other.broken;
        self.set.iter_mut().zip(other.set).for_each(|(sum, byte)| *sum ^= byte);
    }
}

fn open_all(
    store: &dyn Store,
    sealer: &Sealer,
    known: &Known,
    total: u64,
    watch: Watch<'_>,
) -> Result<Found, StoreError> {
    let openers = thread::available_parallelism().map_or(1, usize::from).min(MAX_OPENERS);
    let (send, receive) = sync_channel(2 * openers);
    let receive = Mutex::new(receive);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..openers)
            .map(|_| {
                // The stack of a thread that has ended is kept, as it is, for the next one.
                scope.spawn(|| leaving_no_trace(Depth::Records, || open_batches(&receive, sealer, known)))
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

fn open_batches(batches: &Mutex<Receiver<Batch>>, sealer: &Sealer, known: &Known) -> Found {
    let mut found = Found::default();
    let mut set = SetHash::new(&sealer.keys().manifest);
    let mut shared = Shared::default();
    loop {
        let batch = batches.lock().ok().and_then(|receiver| receiver.recv().ok());
        let Some(batch) = batch else { break };
        for read in batch {
            let opened = read.and_then(|(item, stored)| {
                let revision = found.take_in((item, &stored), sealer, known, &mut shared)?;
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

impl Found {
    /// The revision of `item`; of the record of a secret, the header goes to the others. What is kept is not opened before
    /// somebody asks for it: that nobody changed it, the set hash tells.
    fn take_in(
        &mut self,
        (item, stored): (Item, &Stored),
        sealer: &Sealer,
        known: &Known,
        shared: &mut Shared,
    ) -> Option<u64> {
        let id = match item {
            Item::Record(id) => id,
            Item::Kept(_, revision) => return Some(revision),
            Item::Document(_) | Item::Batch(_) | Item::TakenOver => return None,
        };
        let revision = revision_of(&stored.bytes)?;
        match sealer.open_any(item, &stored.bytes) {
            Ok(Record::Closed(closed)) => self.closed.push(closed),
            Ok(Record::Open(opened)) => {
                let Opened { mut header, signed, for_registrar, .. } = *opened;
                shared.share(&mut header);
                let header = Arc::new(header);
                let is_known = |signed: &Signed| known.has(id, revision, signed);
                let unknown = signed.filter(|signed| !is_known(signed));
                self.records.push(Read { header, unknown, for_registrar });
            }
            Err(RecordError::Tampered(why)) => self.refused.push(Refused::unnamed(id, why)),
            Err(_) => self.unreadable.push(id),
        }
        Some(revision)
    }
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
    use crate::domain::{MemberId, SecretId, VaultId};
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
        let sealer = Sealer::old(VaultId([1; 16]), 1, &key, MemberId([2; 16]));
        let mut store = MemoryStore::default();
        let mut changes = Changes::default();
        layout::write(&mut changes, Item::Record(SecretId([1; 16])), &[7; 40_000], None).unwrap();
        store.commit(changes).unwrap();
        assert!(
            !load(&store, &sealer, None, &|_| {}).unwrap().whole,
            "on a good disk it is a record that nobody can open"
        );
        assert!(matches!(load(&Failing(store), &sealer, None, &|_| {}), Err(StoreError::Io { .. })));
    }
}
