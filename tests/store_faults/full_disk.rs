//! A disk that is full: nothing acknowledged is lost, and the store opens even with no byte free.

use std::fs::File;

use strongroom::store::sled::{OpenedAs, SledStore};
use strongroom::store::{Store, StoreError};

use crate::NOW;
use crate::small_disk::SmallDisk;
use crate::writer::{Expected, batch, last_batch};

fn write_until_refused(store: &mut SledStore) -> (u64, StoreError) {
    let mut last = last_batch(store);
    loop {
        match store.commit(batch(last + 1)) {
            Ok(()) => last += 1,
            Err(refused) => return (last, refused),
        }
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let Some(disk) = SmallDisk::mount("a_full_disk_loses_nothing", "size=40m") else { return };
    let dir = disk.path().join("store");
    let mut expected = Expected::default();
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    assert!(disk.path().join("ballast").exists());
    for n in 1..=200 {
        store.commit(batch(n)).unwrap();
    }

    disk.fill();
    let (last, refused) = write_until_refused(&mut store);
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert_eq!(last, 200);
    // Refused, not broken: it still reads, and writes again once there is room.
    assert_eq!(expected.check(&store, 200), 200);
    disk.empty();
    store.commit(batch(201)).unwrap();

    drop(store);
    disk.fill();
    let (store, how) = SledStore::open(&dir, NOW).unwrap();
    assert_eq!(how, OpenedAs::Unclean { copy: None });
    assert_eq!(expected.check(&store, 201), 201);
    drop(store);

    disk.empty();
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    store.commit(batch(202)).unwrap();
    assert!(disk.path().join("ballast").exists(), "laid again when there is room");
    expected.check(&store, 202);
}

#[test]
fn a_disk_without_one_more_file_opens_without_a_copy() {
    let test = "a_disk_without_one_more_file_opens_without_a_copy";
    let Some(disk) = SmallDisk::mount(test, "size=40m,nr_inodes=64") else { return };
    let dir = disk.path().join("store");
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    for n in 1..=5 {
        store.commit(batch(n)).unwrap();
    }
    drop(store);
    disk.fill_with_files();
    let (store, how) = SledStore::open(&dir, NOW).unwrap();
    assert_eq!(how, OpenedAs::Unclean { copy: None });
    assert_eq!(Expected::default().check(&store, 5), 5);
    drop(store);

    disk.empty();
    let (_, how) = SledStore::open(&dir, NOW).unwrap();
    assert!(matches!(how, OpenedAs::Unclean { copy: Some(_) }), "{how:?}");
}

#[test]
fn writing_until_the_disk_is_full_loses_nothing() {
    let Some(disk) = SmallDisk::mount("writing_until_the_disk_is_full_loses_nothing", "size=24m") else { return };
    let dir = disk.path().join("store");
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    let filler = File::create(disk.path().join("filler")).unwrap();
    rustix::fs::fallocate(&filler, rustix::fs::FallocateFlags::empty(), 0, 12 << 20).unwrap();
    let mut keys = 0_u32;
    let refused = loop {
        let mut batch = strongroom::store::Batch::default();
        batch.put(format!("k/{keys:06}"), vec![7; 8000]);
        match store.commit(batch) {
            Ok(()) => keys += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert!(keys > 20, "full after {keys} entries already");
    Box::new(store).close().unwrap();
    let (store, _) = SledStore::open(&dir, NOW).unwrap();
    let mut found = 0;
    let count = &mut |_: &[u8], _| {
        found += 1;
        true
    };
    store.scan(b"k/", count).unwrap();
    assert_eq!(found, keys);
}
