//! Flipped bits and cut files: opening never panics, hangs or takes much memory. Whether anything is missing is for the
//! vault's manifest to tell.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use strongroom::store::sled::{Settings, SledStore};
use strongroom::store::{Store, StoreError};

use crate::writer::{Expected, batch};

/// The longest that opening and reading a damaged store may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most memory that this whole process may ever have had, in KiB.
const MEMORY: u64 = 600 * 1024;

/// How many places are damaged in each file, spread over what it holds; `STRONGROOM_FLIPS` asks for more.
const FLIPS: usize = 500;

/// A closed store with a few batches in it, and the files that it is made of.
fn small_store(place: &Path) -> (PathBuf, Vec<PathBuf>) {
    let dir = place.join("pristine");
    for n in 1..=12 {
        let (mut store, _) = SledStore::open(&dir).unwrap();
        store.commit(batch(n)).unwrap();
        Box::new(store).close().unwrap();
    }
    let entries = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.metadata().unwrap().len() > 0 && entry.path().is_file());
    let files = files.map(|entry| entry.file_name().into()).collect();
    (dir, files)
}

/// Opens the store and reads all of it, in a thread of its own that may hang.
fn open_and_read(dir: PathBuf) -> Result<usize, StoreError> {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || {
        let read = || {
            let (store, _) = SledStore::open_with(&dir, Settings { cache: 4 << 20, now: 0 })?;
            let mut entries = 0;
            let count = &mut |_: &[u8], _| {
                entries += 1;
                true
            };
            store.scan(b"", count)?;
            Ok(entries)
        };
        // The receiver is gone only when the test has failed.
        let _ = sender.send(read());
    });
    let result = receiver.recv_timeout(PATIENCE);
    let result = result.unwrap_or_else(|e| panic!("a damaged store hangs, or panicked: {e}"));
    worker.join().unwrap();
    result
}

/// A copy of the store in which `file` was changed by `damage`, opened as if after a crash or (`clean`) as closed.
fn damaged(pristine: &Path, file: &Path, clean: bool, damage: impl Fn(&mut Vec<u8>)) -> Result<usize, StoreError> {
    let place = crate::fast_place();
    let dir = place.path().join("store");
    fs::create_dir_all(dir.join("blobs")).unwrap();
    for entry in fs::read_dir(pristine).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().is_file() && (clean || entry.file_name() != "clean") {
            fs::copy(entry.path(), dir.join(entry.file_name())).unwrap();
        }
    }
    let mut bytes = fs::read(dir.join(file)).unwrap();
    damage(&mut bytes);
    fs::write(dir.join(file), bytes).unwrap();
    open_and_read(dir)
}

#[test]
fn no_flip_and_no_cut_panics_hangs_or_eats_the_memory() {
    let place = crate::fast_place();
    let (pristine, files) = small_store(place.path());
    assert!(files.len() >= 3, "conf, db and a snapshot: {files:?}");
    let flips = std::env::var("STRONGROOM_FLIPS").map_or(FLIPS, |text| text.parse().unwrap());
    let (mut opened, mut refused) = (0, 0);
    for file in &files {
        let bytes = fs::read(pristine.join(file)).unwrap();
        let filled: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        for &at in filled.iter().step_by(filled.len().div_ceil(flips)) {
            for clean in [true, false] {
                let flip = damaged(&pristine, file, clean, |bytes| bytes[at] ^= 1 << (at % 8));
                let cut = damaged(&pristine, file, clean, |bytes| bytes.truncate(at));
                for result in [flip, cut] {
                    if result.is_ok() { opened += 1 } else { refused += 1 }
                }
            }
        }
    }
    println!("{opened} opened all the same, {refused} were refused");
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} were refused");
    assert!(peak_memory() < MEMORY, "{} KiB", peak_memory());

    // Nothing that happened to a damaged store spoils a whole one in the same process.
    let (store, _) = SledStore::open(&pristine).unwrap();
    assert_eq!(Expected::default().check(&store, 12), 12);
}

fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
