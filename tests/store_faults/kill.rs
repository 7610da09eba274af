//! kill -9 at random moments: while creating, opening, writing and closing.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use strongroom::host::SeededEntropy;
use strongroom::store::Store;
use strongroom::store::sled::SledStore;

use crate::NOW;
use crate::disk::roll;
use crate::writer::{self, Expected};

/// How many kills a normal run makes; `STRONGROOM_KILLS` asks for more.
const KILLS: u32 = 300;

/// How many kills one store has to survive.
const KILLS_PER_STORE: u32 = 20;

/// How many batches the writer writes between opening and closing.
const BATCHES: u64 = 3;

/// A kill waits for fewer lines of the writer than this. It says three before it opens the store, then one for each
/// batch: a closing and an opening are among them.
const LINES: usize = 12;

/// The latest moment of a kill, in microseconds after the last line that it waits for.
const LATEST: usize = 15_000;

#[test]
fn no_kill_loses_an_acknowledged_batch() {
    let kills = std::env::var("STRONGROOM_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let moments = SeededEntropy::new(crate::seed());
    let (mut left, mut batches) = (kills, 0);
    while left > 0 {
        let rounds = left.min(KILLS_PER_STORE);
        batches += torments_one_store(rounds, &moments);
        left -= rounds;
    }
    println!("{kills} kills, {batches} batches written, none lost");
    // A writer that is always killed before it writes would prove nothing.
    assert!(batches > u64::from(kills), "only {batches} batches");
}

fn torments_one_store(kills: u32, moments: &SeededEntropy) -> u64 {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("store");
    let (mut expected, mut acknowledged) = (Expected::default(), 0);
    for n in 0..kills {
        acknowledged = writes_and_dies(&dir, moments).max(acknowledged);
        // Every other time the next writer finds the store as the kill left it.
        if n % 2 == 0 {
            let (store, _) = SledStore::open(&dir, NOW).unwrap();
            acknowledged = expected.check(&store, acknowledged);
            if n % 4 == 0 {
                Box::new(store).close().unwrap();
            }
        }
    }
    let (store, _) = SledStore::open(&dir, NOW).unwrap();
    expected.check(&store, acknowledged)
}

/// Runs a writer until it has said so many lines, and a little longer; returns its last acknowledgement.
///
/// A moment counted from what the writer does comes as often in the midst of it on a busy machine as on an idle one.
fn writes_and_dies(dir: &Path, moments: &SeededEntropy) -> u64 {
    let (lines, after) = (roll(moments) % LINES, roll(moments) % LATEST);
    let mut child = writer::command(dir, u64::MAX, BATCHES).spawn().unwrap();
    let (mut output, mut said) = (BufReader::new(child.stdout.take().unwrap()), Vec::new());
    for _ in 0..lines {
        let length = output.read_until(b'\n', &mut said).unwrap();
        assert!(length > 0, "the writer ended by itself after {:?}", String::from_utf8_lossy(&said));
    }
    sleep(Duration::from_micros(u64::try_from(after).unwrap()));
    child.kill().unwrap();
    output.read_to_end(&mut said).unwrap();
    child.wait().unwrap();
    writer::last_ack(&said)
}
