//! A process that writes numbered batches and says so, made to be killed; and what its store must then hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use strongroom::store::sled::SledStore;
use strongroom::store::{Batch, Store};

use crate::NOW;

/// Tells the child which store to write to; without it, the "test" below does nothing.
const STORE: &str = "STRONGROOM_TEST_STORE";
/// How many batches it writes between opening and closing, and how many times it does so.
const BATCHES: &str = "STRONGROOM_TEST_BATCHES";
const ROUNDS: &str = "STRONGROOM_TEST_ROUNDS";

/// The command that runs [`writes_batches`] on the store in `dir`, for so many rounds of so many batches.
pub(crate) fn command(dir: &Path, rounds: u64, batches: u64) -> Command {
    with_orders(crate::child("writer::writes_batches"), dir, rounds, batches)
}

/// The command that runs [`writes_without_our_syncs`] on the store in `dir`, for so many batches.
pub(crate) fn careless_command(dir: &Path, batches: u64) -> Command {
    with_orders(crate::child("writer::writes_without_our_syncs"), dir, 1, batches)
}

fn with_orders(mut command: Command, dir: &Path, rounds: u64, batches: u64) -> Command {
    command.env(STORE, dir).env(ROUNDS, rounds.to_string()).env(BATCHES, batches.to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// The number of the last batch that `output` acknowledges; 0 when it acknowledges none.
pub(crate) fn last_ack(output: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(output);
    // A line that the kill cut short is no acknowledgement.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().filter_map(|line| line.strip_prefix("ack ")?.parse().ok()).next_back().unwrap_or(0)
}

/// What a store holds after batches 1 to `last`, computed anew.
#[derive(Default)]
pub(crate) struct Expected {
    last: u64,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Expected {
    /// Checks that `store` holds batches 1 to n whole, in order, with n at least `acknowledged`; returns n.
    pub(crate) fn check(&mut self, store: &dyn Store, acknowledged: u64) -> u64 {
        let last = last_batch(store);
        assert!(last >= acknowledged, "batch {acknowledged} was acknowledged, the store ends with {last}");
        self.advance(last);
        let mut found = BTreeMap::new();
        let visit = &mut |key: &[u8], entry: strongroom::store::Entry| {
            found.insert(key.to_vec(), entry.bytes);
            true
        };
        store.scan(b"", visit).unwrap();
        assert!(found == self.entries, "batch {last} is not whole: {}", self.difference(&found));
        last
    }

    fn advance(&mut self, last: u64) {
        if last < self.last {
            *self = Self::default();
        }
        for n in self.last + 1..=last {
            for op in batch(n).0 {
                match op.put {
                    Some(bytes) => self.entries.insert(op.key, bytes),
                    None => self.entries.remove(&op.key),
                };
            }
        }
        self.last = last;
    }

    fn difference(&self, found: &BTreeMap<Vec<u8>, Vec<u8>>) -> String {
        let differs = self.entries.keys().chain(found.keys()).find(|key| self.entries.get(*key) != found.get(*key));
        format!(
            "{} entries of {}, differs at {:?}",
            found.len(),
            self.entries.len(),
            differs.map(|k| String::from_utf8_lossy(k))
        )
    }
}

/// The number of the last batch in `store`; 0 when it is empty.
pub(crate) fn last_batch(store: &dyn Store) -> u64 {
    store.get(b"last").unwrap().map_or(0, |entry| u64::from_le_bytes(entry.bytes.try_into().unwrap()))
}

/// Batch `n`: overwrites some keys, adds one, removes an older one; every 16th one is large.
pub(crate) fn batch(n: u64) -> Batch {
    let mut batch = Batch::default();
    let filler = |i: u64| {
        let length = usize::try_from((n * 7919 + i * 131) % 3000).unwrap();
        let mut bytes = n.to_le_bytes().to_vec();
        bytes.resize(8 + length, n.to_le_bytes()[0]);
        bytes
    };
    for i in 0..if n.is_multiple_of(16) { 40 } else { 3 } {
        batch.put(format!("w/{}/{i}", n % 8), filler(i));
    }
    batch.put(format!("d/{n}"), filler(n));
    batch.remove(format!("d/{}", n.saturating_sub(20)));
    batch.put("last", n.to_le_bytes().to_vec());
    batch
}

/// What the parent told this process: the store and a number; nothing when it is run as a test.
fn orders(number: &str) -> Option<(PathBuf, u64)> {
    let dir = std::env::var_os(STORE)?.into();
    println!();
    Some((dir, std::env::var(number).unwrap().parse().unwrap()))
}

#[test]
#[ignore = "the child process of other tests"]
fn writes_batches() {
    let (Some((dir, rounds)), Some((_, batches))) = (orders(ROUNDS), orders(BATCHES)) else { return };
    for round in 0..rounds {
        let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
        let first = last_batch(&store) + 1;
        for n in first..first + batches {
            if let Err(e) = store.commit(batch(n)) {
                println!("failed {e}");
                return;
            }
            println!("ack {n}");
        }
        // Every other round ends as a crash would.
        if round % 2 == 0 {
            Box::new(store).close().unwrap();
        }
    }
}

/// Writes as the store does, and relies on what sled calls a flush.
#[test]
#[ignore = "the child process of another test"]
fn writes_without_our_syncs() {
    let Some((dir, batches)) = orders(BATCHES) else { return };
    let db = sled::Config::new().path(&dir).segment_size(1 << 20).flush_every_ms(None).open().unwrap();
    let first = u64::from_le_bytes(db.get("last").unwrap().unwrap()[8..].try_into().unwrap()) + 1;
    for n in first..first + batches {
        let mut writes = sled::Batch::default();
        for op in batch(n).0 {
            match op.put {
                // A revision comes first.
                Some(bytes) => writes.insert(op.key, [&1_u64.to_be_bytes(), &bytes[..]].concat()),
                None => writes.remove(op.key),
            }
        }
        db.apply_batch(writes).unwrap();
        db.flush().unwrap();
        println!("ack {n}");
    }
}
