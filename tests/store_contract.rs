//! What every engine promises, run over every engine.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use strongroom::store::sled::{MAX_ENTRY, OpenedAs, SledStore};
use strongroom::store::{Batch, Entry, MemoryStore, Op, Store, StoreError};

/// When everything here happens: copies are named after it.
const NOW: i64 = 1_790_000_000;

/// An engine, and how to close it and open it again on what it kept.
trait Engine {
    fn store(&mut self) -> &mut dyn Store;
    fn reopen(&mut self);
}

struct Memory(MemoryStore);

impl Engine for Memory {
    fn store(&mut self) -> &mut dyn Store {
        &mut self.0
    }

    fn reopen(&mut self) {}
}

struct Sled {
    store: Option<Box<SledStore>>,
    place: tempfile::TempDir,
}

impl Sled {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (store, how) = SledStore::open(&place.path().join("store"), NOW).unwrap();
        assert_eq!(how, OpenedAs::New);
        Self { store: Some(Box::new(store)), place }
    }
}

impl Engine for Sled {
    fn store(&mut self) -> &mut dyn Store {
        self.store.as_deref_mut().unwrap()
    }

    fn reopen(&mut self) {
        self.store.take().unwrap().close().unwrap();
        let (store, how) = SledStore::open(&self.place.path().join("store"), NOW).unwrap();
        assert_eq!(how, OpenedAs::Clean);
        self.store = Some(Box::new(store));
    }
}

fn engines() -> Vec<Box<dyn Engine>> {
    vec![Box::new(Memory(MemoryStore::default())), Box::new(Sled::new())]
}

fn everything(store: &dyn Store, prefix: &[u8]) -> Vec<(Vec<u8>, Entry)> {
    let mut found = Vec::new();
    let visit = &mut |key: &[u8], entry| {
        found.push((key.to_vec(), entry));
        true
    };
    store.scan(prefix, visit).unwrap();
    found
}

fn put(store: &mut dyn Store, key: &str, bytes: &[u8]) {
    let mut batch = Batch::default();
    batch.put(key, bytes.to_vec());
    store.commit(batch).unwrap();
}

fn entry(revision: u64, bytes: &[u8]) -> Entry {
    Entry { revision, bytes: bytes.to_vec() }
}

#[test]
fn revisions_count_the_writes_of_a_key() {
    for mut engine in engines() {
        put(engine.store(), "k", b"one");
        put(engine.store(), "k", b"two");
        assert_eq!(engine.store().get(b"k").unwrap(), Some(entry(2, b"two")));
        let mut batch = Batch::default();
        batch.remove("k");
        engine.store().commit(batch).unwrap();
        assert_eq!(engine.store().get(b"k").unwrap(), None);
        put(engine.store(), "k", b"again");
        engine.reopen();
        assert_eq!(engine.store().get(b"k").unwrap(), Some(entry(1, b"again")));
    }
}

#[test]
fn one_failed_expectation_stops_the_whole_batch() {
    for mut engine in engines() {
        put(engine.store(), "k", b"one");
        let mut batch = Batch::default();
        batch.put("other", b"x".to_vec());
        batch.swap("k", 7, b"two".to_vec());
        let refused = engine.store().commit(batch).unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { expected: 7, found: 1 }));
        assert_eq!(everything(engine.store(), b""), [(b"k".to_vec(), entry(1, b"one"))]);

        let mut batch = Batch::default();
        batch.swap("k", 1, b"two".to_vec());
        batch.swap("new", 0, b"x".to_vec());
        engine.store().commit(batch).unwrap();
        assert_eq!(engine.store().get(b"k").unwrap(), Some(entry(2, b"two")));
    }
}

#[test]
fn operations_on_one_key_see_each_other() {
    for mut engine in engines() {
        let mut batch = Batch::default();
        batch.swap("k", 0, b"one".to_vec());
        batch.swap("k", 1, b"two".to_vec());
        batch.put("gone", b"x".to_vec());
        batch.remove("gone");
        engine.store().commit(batch).unwrap();
        assert_eq!(everything(engine.store(), b""), [(b"k".to_vec(), entry(2, b"two"))]);
    }
}

#[test]
fn scan_keeps_to_the_prefix_and_stops_when_told() {
    for mut engine in engines() {
        for key in ["r/b", "r/a", "q", "r0", "r/"] {
            put(engine.store(), key, b"");
        }
        let keys: Vec<_> = everything(engine.store(), b"r/").into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [b"r/".to_vec(), b"r/a".to_vec(), b"r/b".to_vec()]);
        let mut seen = 0;
        let stop_at_two = &mut |_: &[u8], _| {
            seen += 1;
            seen < 2
        };
        engine.store().scan(b"", stop_at_two).unwrap();
        assert_eq!(seen, 2);
    }
}

#[test]
fn an_entry_of_the_greatest_size_fits_and_one_byte_more_is_refused() {
    let mut engine = Sled::new();
    let mut batch = Batch::default();
    batch.put("k", vec![7; MAX_ENTRY]);
    assert!(matches!(engine.store().commit(batch), Err(StoreError::Io { .. })));
    // Enough neighbours to fill pages, written over and over: none may end in a file of its own.
    for round in 0..3 {
        let mut batch = Batch::default();
        for n in 0..100 {
            batch.put(format!("c/{n:05}"), vec![round; MAX_ENTRY - 7]);
        }
        engine.store().commit(batch).unwrap();
    }
    engine.reopen();
    let blobs = std::fs::read_dir(engine.place.path().join("store/blobs")).unwrap().count();
    assert_eq!((everything(engine.store(), b"c/").len(), blobs), (100, 0));
}

#[test]
fn a_store_that_was_not_closed_is_copied_before_it_is_opened() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    put(&mut store, "k", b"kept");
    drop(store);
    let (store, how) = SledStore::open(&dir, NOW).unwrap();
    let OpenedAs::Unclean { copy: Some(copy) } = how else { panic!("{how:?}") };
    assert_eq!(store.get(b"k").unwrap(), Some(entry(1, b"kept")));
    let (copied, _) = SledStore::open(&copy, NOW).unwrap();
    assert_eq!(copied.get(b"k").unwrap(), Some(entry(1, b"kept")));
}

#[test]
fn a_store_without_its_log_is_damaged_not_new() {
    let mut engine = Sled::new();
    engine.reopen();
    engine.store.take().unwrap().close().unwrap();
    let dir = engine.place.path().join("store");
    std::fs::remove_file(dir.join("db")).unwrap();
    assert!(matches!(SledStore::open(&dir, NOW), Err(StoreError::Damaged(_))));
    assert!(!dir.join("db").exists());
}

#[test]
fn leftovers_of_a_crash_do_not_stand_in_the_way() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    std::fs::create_dir(place.path().join("store.new")).unwrap();
    std::fs::write(place.path().join("store.new/conf"), b"half").unwrap();
    let (store, _) = SledStore::open(&dir, NOW).unwrap();
    drop(store);
    std::fs::write(dir.join("snap.00000000000FFFFF.generating"), b"half").unwrap();
    SledStore::open(&dir, NOW).unwrap();
}

/// A key, the revision it must have, and the new bytes: an [`Op`] that can be printed.
type Step = (Vec<u8>, Option<u64>, Option<Vec<u8>>);

fn batches() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let key = vec(prop::sample::select(b"ab/\xff".as_slice()), 0..4);
    let put = prop_oneof![3 => (0..2000_usize, any::<u8>()).prop_map(|(n, byte)| Some(vec![byte; n])), 1 => Just(None)];
    let expect = prop_oneof![2 => Just(None), 1 => (0..4_u64).prop_map(Some)];
    vec(vec((key, expect, put), 0..6), 1..12)
}

type Model = BTreeMap<Vec<u8>, Entry>;

/// The contract in its plainest form; `false` when an expectation does not hold.
fn apply(model: &mut Model, steps: &[Step]) -> bool {
    let mut next = model.clone();
    for (key, expect, put) in steps {
        let revision = next.get(key).map_or(0, |entry| entry.revision);
        if expect.is_some_and(|expected| expected != revision) {
            return false;
        }
        match put {
            Some(bytes) => next.insert(key.clone(), entry(revision + 1, bytes)),
            None => next.remove(key),
        };
    }
    *model = next;
    true
}

fn follows_the_model(engine: &mut dyn Engine, batches: &[Vec<Step>]) -> Result<(), TestCaseError> {
    let mut model = Model::new();
    for (n, steps) in batches.iter().enumerate() {
        let expected = apply(&mut model, steps);
        let op = |(key, expect, put): Step| Op { key, expect, put };
        let batch = Batch(steps.iter().cloned().map(op).collect());
        prop_assert_eq!(engine.store().commit(batch).is_ok(), expected);
        if n % 4 == 3 {
            engine.reopen();
        }
        let listed: Vec<_> = model.iter().map(|(key, entry)| (key.clone(), entry.clone())).collect();
        prop_assert_eq!(everything(engine.store(), b""), listed);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_batches_leave_what_the_model_says(batches in batches()) {
        for mut engine in engines() {
            follows_the_model(engine.as_mut(), &batches)?;
        }
    }
}

/// Not a test of right or wrong: prints how long the unlock path reads. Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measures_a_hundred_thousand_entries() {
    let place = tempfile::tempdir().unwrap();
    let dir: &Path = &place.path().join("store");
    let (mut store, _) = SledStore::open(dir, NOW).unwrap();
    let start = std::time::Instant::now();
    for group in 0..100_u32 {
        let mut batch = Batch::default();
        for n in 0..1000_u32 {
            let id = (group * 1000 + n).wrapping_mul(2_654_435_761);
            batch.put(format!("r/{id:010}"), vec![n.to_le_bytes()[0]; 512]);
        }
        store.commit(batch).unwrap();
    }
    println!("write: {:?}", start.elapsed());
    Box::new(store).close().unwrap();
    let start = std::time::Instant::now();
    let (store, _) = SledStore::open(dir, NOW).unwrap();
    println!("open: {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let mut count = 0;
    store
        .scan(b"r/", &mut |_, _| {
            count += 1;
            true
        })
        .unwrap();
    assert_eq!(count, 100_000);
    println!("scan: {:?}", start.elapsed());
    println!("log: {} KiB", std::fs::metadata(dir.join("db")).unwrap().len() / 1024);
}

/// Prints what a durable commit of 1 KiB costs beside a bare append of 4 KiB and its sync, on the disk of the temporary
/// directory.
#[test]
#[ignore = "a measurement"]
fn measures_a_commit_beside_a_bare_append() {
    const ROUNDS: u32 = 200;
    let place = tempfile::tempdir().unwrap();
    let (mut store, _) = SledStore::open(&place.path().join("store"), NOW).unwrap();
    for n in 0..5000_u32 {
        let mut batch = Batch::default();
        batch.put(format!("r/{:010}", n.wrapping_mul(2_654_435_761)), vec![1; 512]);
        if n % 100 == 0 {
            store.commit(batch).unwrap();
        }
    }
    let (mut commits, mut appends) = (Vec::new(), Vec::new());
    let mut bare = std::fs::File::create(place.path().join("bare")).unwrap();
    for n in 0..ROUNDS {
        let start = std::time::Instant::now();
        std::io::Write::write_all(&mut bare, &[1; 4096]).unwrap();
        bare.sync_data().unwrap();
        appends.push(start.elapsed());
        let mut batch = Batch::default();
        batch.put(format!("r/{:010}", n.wrapping_mul(2_654_435_761)), vec![2; 900]);
        batch.put("m", vec![2; 120]);
        let start = std::time::Instant::now();
        store.commit(batch).unwrap();
        commits.push(start.elapsed());
    }
    commits.sort();
    appends.sort();
    let at = |times: &[std::time::Duration], part: usize| times[times.len() * part / 100];
    println!("append + fdatasync: median {:?}, 90 % {:?}", at(&appends, 50), at(&appends, 90));
    println!("commit:             median {:?}, 90 % {:?}", at(&commits, 50), at(&commits, 90));
}
