//! A process that writes numbered batches and says so, made to be killed; and what its store must then hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use strongroom::store::sled::SledStore;
use strongroom::store::{Batch, Store};

/// Tells the child which store to write to; without it, the "test" below does nothing.
const STORE: &str = "STRONGROOM_TEST_STORE";
/// How many batches it writes between opening and closing, and how many times it does so; both without end when not
/// set.
const BATCHES: &str = "STRONGROOM_TEST_BATCHES";
const ROUNDS: &str = "STRONGROOM_TEST_ROUNDS";

/// The command that runs [`writes_until_it_is_killed`] on the store in `dir`.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "writer::writes_until_it_is_killed", "--ignored", "--nocapture", "--test-threads", "1"])
        .env(STORE, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// As [`command`], for so many rounds of so many batches.
pub(crate) fn command_for(dir: &Path, rounds: u64, batches: u64) -> Command {
    let mut command = command(dir);
    command.env(ROUNDS, rounds.to_string()).env(BATCHES, batches.to_string());
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

#[test]
#[ignore = "the child process of other tests"]
fn writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(STORE) else { return };
    let number = |name| std::env::var(name).ok().map_or(u64::MAX, |text| text.parse().unwrap());
    println!();
    for round in 0..number(ROUNDS) {
        let (mut store, _) = SledStore::open(Path::new(&dir)).unwrap();
        let first = last_batch(&store) + 1;
        for n in first..first.saturating_add(number(BATCHES)) {
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
