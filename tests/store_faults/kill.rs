//! kill -9 at random moments: while creating, opening, writing and closing.

use std::io::Read;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use strongroom::host::{Entropy, SeededEntropy};
use strongroom::store::Store;
use strongroom::store::sled::SledStore;

use crate::writer::{self, Expected};

/// How many kills a normal run makes; `STRONGROOM_KILLS` asks for more.
const KILLS: u32 = 300;

/// How many kills one store has to survive.
const KILLS_PER_STORE: u32 = 20;

/// The latest moment of a kill, in microseconds after the process was started.
const LATEST: u64 = 60_000;

#[test]
fn no_kill_loses_an_acknowledged_batch() {
    let kills = std::env::var("STRONGROOM_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let moments = SeededEntropy::new(u64::from(std::process::id()));
    let (mut left, mut batches) = (kills, 0);
    while left > 0 {
        let rounds = left.min(KILLS_PER_STORE);
        batches += torments_one_store(rounds, &moments);
        left -= rounds;
    }
    println!("{kills} kills, {batches} batches written, none lost");
    // A writer that is always killed before it writes would prove nothing.
    assert!(batches > u64::from(kills) / 10, "only {batches} batches");
}

fn torments_one_store(kills: u32, moments: &SeededEntropy) -> u64 {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    let (mut expected, mut acknowledged) = (Expected::default(), 0);
    for n in 0..kills {
        acknowledged = writes_and_dies(&dir, random(moments) % LATEST).max(acknowledged);
        // Every other time the next writer finds the store as the kill left it.
        if n % 2 == 0 {
            let (store, _) = SledStore::open(&dir).unwrap();
            acknowledged = expected.check(&store, acknowledged);
            if n % 4 == 0 {
                Box::new(store).close().unwrap();
            }
        }
    }
    let (store, _) = SledStore::open(&dir).unwrap();
    expected.check(&store, acknowledged)
}

/// Runs a writer for so many microseconds; returns its last acknowledgement.
fn writes_and_dies(dir: &Path, after: u64) -> u64 {
    let mut child = writer::command(dir).spawn().unwrap();
    sleep(Duration::from_micros(after));
    child.kill().unwrap();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    writer::last_ack(&output)
}

fn random(source: &SeededEntropy) -> u64 {
    let mut bytes = [0; 8];
    source.fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}
