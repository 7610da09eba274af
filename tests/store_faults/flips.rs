//! Flipped bits and cut files: opening never panics, hangs, takes much memory or makes anything up. Whether anything is
//! missing is for the vault's manifest to tell (`tests/vault/damage.rs`).

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use strongroom::store::sled::SledStore;
use strongroom::store::{Batch, Store, StoreError};

use crate::NOW;
use crate::aloud::say;

/// The longest that opening and reading a damaged store may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most memory that a process which opens damaged stores may ever have had, in KiB.
const MEMORY: u64 = 600 * 1024;

/// How many places are damaged in the long tail of zeros that the log ends with; `STRONGROOM_FAULTS=all` damages all of
/// them. What comes before the tail is always cut at every length, and every bit of it is flipped.
const IN_THE_TAIL: usize = 5000;

/// What the child process gets: the closed store, and which share of how many of the faults is its own.
const STORE: &str = "STRONGROOM_TEST_STORE";
const SHARE: &str = "STRONGROOM_TEST_SHARE";
const SHARES: &str = "STRONGROOM_TEST_SHARES";

/// How many times the small store is opened and written to.
const SESSIONS: u8 = 8;

/// What is written in session `n`: as a vault would, a manifest and a record, and at times one record less.
fn batch(n: u8) -> Batch {
    let mut batch = Batch::default();
    batch.put("m", vec![n; 120]);
    batch.put(format!("r/{n}"), vec![0x80 | n; 100]);
    if n.is_multiple_of(3) {
        batch.remove(format!("r/{}", n - 2));
    }
    batch
}

/// All that was ever written.
fn written() -> BTreeSet<(Vec<u8>, Vec<u8>)> {
    (1..=SESSIONS).flat_map(|n| batch(n).0).filter_map(|op| Some((op.key, op.put?))).collect()
}

fn small_store(place: &Path) -> PathBuf {
    let dir = place.join("pristine");
    for n in 1..=SESSIONS {
        let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
        store.commit(batch(n)).unwrap();
        Box::new(store).close().unwrap();
    }
    dir
}

/// The name and the bytes of every file of the store, the mark of a closed one left out.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.path().is_file() && entry.file_name() != "clean");
    let mut files: Vec<_> = files.map(|e| (e.file_name().into(), fs::read(e.path()).unwrap())).collect();
    files.sort();
    files
}

#[derive(Clone, Copy)]
enum Damage {
    /// This bit of the byte is turned over.
    Flip(usize),
    /// The file ends before the byte.
    Cut,
}

/// A byte of a file, and what is to be done at it.
struct Place<'f> {
    file: &'f Path,
    at: usize,
    damages: Vec<Damage>,
}

/// What happens to one file of a store that is opened as if after a crash or (`clean`) as closed.
struct Fault<'f> {
    file: &'f Path,
    at: usize,
    damage: Damage,
    clean: bool,
}

impl<'f> Place<'f> {
    fn faults(self) -> impl Iterator<Item = Fault<'f>> {
        let Self { file, at, damages } = self;
        let both = damages.into_iter().flat_map(|damage| [(damage, true), (damage, false)]);
        both.map(move |(damage, clean)| Fault { file, at, damage, clean })
    }
}

impl Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let damage = match self.damage {
            Damage::Flip(bit) => format!("bit {bit} flipped"),
            Damage::Cut => "cut".to_owned(),
        };
        let state = if self.clean { "a closed store" } else { "a store after a crash" };
        write!(f, "{} of {state}, {damage} at {}", self.file.display(), self.at)
    }
}

/// The places that are damaged in the order of the files.
fn places(files: &[(PathBuf, Vec<u8>)]) -> impl Iterator<Item = Place<'_>> {
    let all = std::env::var("STRONGROOM_FAULTS").is_ok_and(|faults| faults == "all");
    files.iter().flat_map(move |(file, bytes)| {
        let tail = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let step = if all { 1 } else { (bytes.len() - tail).div_ceil(IN_THE_TAIL).max(1) };
        let place = move |at, bits: std::ops::Range<usize>| Place {
            file,
            at,
            damages: bits.map(Damage::Flip).chain([Damage::Cut]).collect(),
        };
        let filled = (0..tail).map(move |at| place(at, 0..8));
        filled.chain((tail..bytes.len()).step_by(step).map(move |at| place(at, at % 8..at % 8 + 1)))
    })
}

/// Puts the store into `dir`, over what the last fault left there, and damages it.
fn damage(dir: &Path, files: &[(PathBuf, Vec<u8>)], fault: &Fault<'_>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file()) {
        if files.iter().all(|(name, _)| *name != entry.file_name()) {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for (name, bytes) in files {
        let mut file = File::options().create(true).truncate(false).write(true).open(dir.join(name)).unwrap();
        let end = match fault.damage {
            Damage::Cut if name == fault.file => fault.at,
            _ => bytes.len(),
        };
        file.set_len(end.try_into().unwrap()).unwrap();
        file.write_all(&bytes[..end]).unwrap();
        if let Damage::Flip(bit) = fault.damage
            && name == fault.file
        {
            let flipped = bytes[fault.at] ^ 1 << bit;
            std::os::unix::fs::FileExt::write_all_at(&file, &[flipped], fault.at.try_into().unwrap()).unwrap();
        }
    }
    if fault.clean {
        File::create(dir.join("clean")).unwrap();
    }
}

/// Opens the store, and checks that everything in it was written once.
fn open_and_read(dir: &Path, written: &BTreeSet<(Vec<u8>, Vec<u8>)>, fault: &Fault<'_>) -> Result<(), StoreError> {
    let (store, _) = SledStore::open(dir, NOW)?;
    store.scan(b"", &mut |key, entry| {
        assert!(written.contains(&(key.to_vec(), entry.bytes)), "{fault}: {key:?} is made up");
        true
    })
}

/// Tries the faults of one share; says which one is next. Returns how many stores opened and how many were refused.
fn tries(pristine: &Path, share: usize, shares: usize, next: &Sender<String>) -> (u32, u32) {
    let (files, written, place) = (files(pristine), written(), crate::fast_place());
    let dir = place.path().join("store");
    fs::create_dir_all(dir.join("blobs")).unwrap();
    // No room need be set aside for a store that lives this long.
    File::create(place.path().join("ballast")).unwrap();
    let (mut opened, mut refused) = (0, 0);
    for fault in places(&files).skip(share).step_by(shares).flat_map(Place::faults) {
        next.send(fault.to_string()).unwrap();
        damage(&dir, &files, &fault);
        let result = open_and_read(&dir, &written, &fault);
        if result.is_ok() { opened += 1 } else { refused += 1 }
    }
    (opened, refused)
}

/// A process of its own: sled opens one store at a time in each.
#[test]
#[ignore = "the child process of another test"]
fn opens_a_share_of_the_damaged_stores() {
    let Some(pristine) = std::env::var_os(STORE).map(PathBuf::from) else { return };
    let [share, shares] = [SHARE, SHARES].map(|name| std::env::var(name).unwrap().parse().unwrap());
    let (sender, receiver) = channel();
    let trying = pristine.clone();
    let worker = thread::spawn(move || tries(&trying, share, shares, &sender));
    let mut fault = String::new();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(next) => fault = next,
            Err(RecvTimeoutError::Timeout) => panic!("hangs: {fault}"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let (opened, refused) = worker.join().unwrap_or_else(|_| panic!("panicked: {fault}"));
    println!("\ntried {opened} {refused}");
    assert!(peak_memory() < MEMORY, "{} KiB", peak_memory());
}

#[test]
fn no_flip_and_no_cut_panics_hangs_eats_the_memory_or_makes_anything_up() {
    let place = crate::fast_place();
    let pristine = small_store(place.path());
    let files = files(&pristine);
    assert!(files.len() >= 3, "conf, db and a snapshot: {files:?}");
    let shares = thread::available_parallelism().map_or(1, usize::from);
    let children: Vec<_> = (0..shares)
        .map(|share| {
            let mut child = crate::child("flips::opens_a_share_of_the_damaged_stores");
            child.env(STORE, &pristine).env(SHARE, share.to_string()).env(SHARES, shares.to_string());
            child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let (mut opened, mut refused) = (0, 0);
    for child in children {
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{said}{}", String::from_utf8_lossy(&ended.stderr));
        let tried = said.lines().find_map(|line| line.strip_prefix("tried ")?.split_once(' ')).unwrap();
        opened += tried.0.parse::<usize>().unwrap();
        refused += tried.1.parse::<usize>().unwrap();
    }
    let (tried, bytes) = (places(&files).count(), files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    say(&format!("{tried} of {bytes} bytes of a store damaged: {opened} opened all the same, {refused} were refused"));
    assert_eq!(opened + refused, places(&files).flat_map(Place::faults).count());
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} were refused");
}

fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
