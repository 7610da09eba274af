//! Power cuts: unsynced writes are lost, all of them or at random, after every step that the writer took.

use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom::host::SeededEntropy;
use strongroom::host::panics::quietly;
use strongroom::store::Store;
use strongroom::store::sled::SledStore;

use crate::NOW;
use crate::disk::{Disk, Note, roll};
use crate::shim::Shim;
use crate::writer::{self, Expected, batch};

/// How often the writer is started on what a power cut has left of its last run.
const GENERATIONS: u32 = 3;

/// How often the writer opens the store in each of its lives.
const ROUNDS: u64 = 4;

fn made_store(place: &Path) -> PathBuf {
    let dir = place.join("store");
    let (mut store, _) = SledStore::open(&dir, NOW).unwrap();
    for n in 1..=5 {
        store.commit(batch(n)).unwrap();
    }
    Box::new(store).close().unwrap();
    dir
}

/// Runs the writer on the store in `dir` under the shim; returns the disk as it was before, and what happened to it.
fn observed(shim: &Shim, dir: &Path, mut writer: Command) -> (Disk, Vec<Note>) {
    let disk = Disk::load(dir);
    (disk, shim.observe(dir, &mut writer))
}

/// Names the step when a check fails, for that cannot be seen otherwise.
struct Step(usize, &'static str);

impl Drop for Step {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("power cut after note {}, {}", self.0, self.1);
        }
    }
}

/// Cuts the power once with nothing unsynced left, and twice with some of it.
fn survives(n: usize, disk: &Disk, expected: &mut Expected, acknowledged: u64, luck: &SeededEntropy) {
    for (what, luck) in [("all lost", None), ("some lost", Some(luck)), ("some lost again", Some(luck))] {
        let _step = Step(n, what);
        let place = crate::fast_place();
        let dir = place.path().join("store");
        disk.write_after_power_cut(&dir, luck);
        let (store, _) = SledStore::open(&dir, NOW).unwrap();
        expected.check(&store, acknowledged);
    }
}

/// Cuts the power after each note of an opening and one in `every` of the rest, checks what is left, and returns how
/// many batches were acknowledged in the end.
fn cuts_everywhere(disk: &mut Disk, notes: &[Note], start: u64, every: usize, luck: &SeededEntropy) -> u64 {
    let (mut acknowledged, mut expected) = (start, Expected::default());
    let mut opening = false;
    for (n, note) in notes.iter().enumerate() {
        disk.apply(note);
        match note {
            Note::Said { text } => {
                acknowledged = acknowledged.max(writer::last_ack(text));
                opening = false;
            }
            Note::Open { path, .. } => opening |= path.ends_with("/conf"),
            Note::Close { .. } => {}
            _ if opening || n.is_multiple_of(every) => survives(n, disk, &mut expected, acknowledged, luck),
            _ => {}
        }
    }
    acknowledged
}

fn survives_power_cuts(test: &str, batches: u64, every: usize) {
    let place = crate::fast_place();
    let Some(shim) = Shim::build(test, place.path()) else { return };
    let luck = SeededEntropy::new(crate::seed());
    let mut dir = made_store(place.path());
    let mut acknowledged = 5;
    for generation in 0..GENERATIONS {
        let (mut disk, notes) = observed(&shim, &dir, writer::command(&dir, ROUNDS, batches));
        let end = notes.len() - roll(&luck) % (notes.len() / 2);
        let before = acknowledged;
        acknowledged = cuts_everywhere(&mut disk, &notes[..end], before, every, &luck);
        assert!(acknowledged > before + batches, "{} batches acknowledged", acknowledged - before);
        dir = place.path().join(format!("generation-{generation}"));
        disk.write_after_power_cut(&dir, Some(&luck));
    }
}

#[test]
fn no_power_cut_loses_an_acknowledged_batch() {
    survives_power_cuts("no_power_cut_loses_an_acknowledged_batch", 10, 1);
}

/// Long enough for the log to fill several of sled's segments and to use some of them again.
#[test]
fn no_power_cut_in_a_long_life_loses_an_acknowledged_batch() {
    survives_power_cuts("no_power_cut_in_a_long_life_loses_an_acknowledged_batch", 200, 97);
}

/// The proof that these tests can fail: without our syncs, the same power cuts lose what was acknowledged.
#[test]
fn a_writer_that_does_not_sync_is_caught() {
    let place = crate::fast_place();
    let Some(shim) = Shim::build("a_writer_that_does_not_sync_is_caught", place.path()) else { return };
    let dir = made_store(place.path());
    let (mut disk, notes) = observed(&shim, &dir, writer::careless_command(&dir, 10));
    let luck = SeededEntropy::new(1);
    let caught = quietly(|| cuts_everywhere(&mut disk, &notes, 5, 1, &luck)).unwrap_err().to_string();
    assert!(caught.starts_with("batch 6 was acknowledged, the store ends with 5"), "{caught}");
}

#[test]
fn nothing_is_acknowledged_after_a_failed_sync() {
    let place = crate::fast_place();
    let Some(shim) = Shim::build("nothing_is_acknowledged_after_a_failed_sync", place.path()) else { return };
    let luck = SeededEntropy::new(1);
    for failing in [1_u64, 2, 3, 5, 8, 13, 21] {
        let place = crate::fast_place();
        let dir = made_store(place.path());
        let mut writer = writer::command(&dir, ROUNDS, 10);
        writer.env("SHIM_FAIL_SYNC", failing.to_string());
        let (mut disk, notes) = observed(&shim, &dir, writer);
        let acknowledged = cuts_everywhere(&mut disk, &notes, 5, 1, &luck);
        assert!(acknowledged < 45, "sync {failing} did not fail");
    }
}
