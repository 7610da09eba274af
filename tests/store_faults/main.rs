//! What a store goes through: kills, power cuts, a full disk, flipped bits. Every test checks the same promise:
//! what was acknowledged is there, whole batches or nothing, and the store opens again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/aloud.rs"]
mod aloud;
mod directories;
mod disk;
mod flips;
mod full_disk;
mod kill;
mod power_cut;
mod shim;
#[path = "../support/small_disk.rs"]
mod small_disk;
mod writer;

/// When everything here happens: copies are named after it.
const NOW: i64 = 1_790_000_000;

/// A directory for files whose syncs need not take time: in memory, where there is such a place.
fn fast_place() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// What the choices of a test depend on: a new seed each time, or the one in `STRONGROOM_SEED`. It is shown when the
/// test fails.
fn seed() -> u64 {
    let seed = std::env::var("STRONGROOM_SEED").map_or(u64::from(std::process::id()), |text| text.parse().unwrap());
    println!("STRONGROOM_SEED={seed} makes the same choices again");
    seed
}

/// The command that runs the ignored test called `name`, which is a process that other tests need.
fn child(name: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--nocapture", "--test-threads", "1"]);
    command.stdin(std::process::Stdio::null());
    command
}
