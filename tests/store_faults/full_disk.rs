//! A disk that is full: nothing acknowledged is lost, and the store opens even with no byte free.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use strongroom::store::sled::{OpenedAs, SledStore};
use strongroom::store::{Store, StoreError};

use crate::writer::{Expected, batch, last_batch};

/// A small file system of its own; unmounted when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` when we may not mount.
    fn mount(size: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=700");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "strongroom-test"]).arg(place.path()).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(place))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Writes until there is not one byte left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for block in [1 << 20, 4096, 1] {
        let full = loop {
            if let Err(e) = file.write_all(&vec![0xAA; block]) {
                break e;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }
}

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
    let Some(disk) = SmallDisk::mount("40m") else {
        return crate::skip("a_full_disk_loses_nothing", "mounting a file system needs root");
    };
    let (dir, filler) = (disk.path().join("store"), disk.path().join("filler"));
    let mut expected = Expected::default();
    let (mut store, _) = SledStore::open(&dir).unwrap();
    assert!(disk.path().join("ballast").exists());
    for n in 1..=200 {
        store.commit(batch(n)).unwrap();
    }

    fill(&filler);
    let (last, refused) = write_until_refused(&mut store);
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert_eq!(last, 200);
    // Refused, not broken: it still reads, and writes again once there is room.
    assert_eq!(expected.check(&store, 200), 200);
    fs::remove_file(&filler).unwrap();
    store.commit(batch(201)).unwrap();

    drop(store);
    fill(&filler);
    let (store, how) = SledStore::open(&dir).unwrap();
    assert_eq!(how, OpenedAs::Unclean { copy: None });
    assert_eq!(expected.check(&store, 201), 201);
    drop(store);

    fs::remove_file(&filler).unwrap();
    let (mut store, _) = SledStore::open(&dir).unwrap();
    store.commit(batch(202)).unwrap();
    assert!(disk.path().join("ballast").exists(), "laid again when there is room");
    expected.check(&store, 202);
}

#[test]
fn writing_until_the_disk_is_full_loses_nothing() {
    let Some(disk) = SmallDisk::mount("24m") else {
        return crate::skip("writing_until_the_disk_is_full_loses_nothing", "mounting a file system needs root");
    };
    let dir = disk.path().join("store");
    let (mut store, _) = SledStore::open(&dir).unwrap();
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
    let (store, _) = SledStore::open(&dir).unwrap();
    let mut found = 0;
    let count = &mut |_: &[u8], _| {
        found += 1;
        true
    };
    store.scan(b"k/", count).unwrap();
    assert_eq!(found, keys);
}
