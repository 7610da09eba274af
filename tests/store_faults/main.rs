//! What a store goes through: kills, power cuts, a full disk, flipped bits. Every test checks the same promise:
//! what was acknowledged is there, whole batches or nothing, and the store opens again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod disk;
mod flips;
mod full_disk;
mod kill;
mod power_cut;
mod writer;

/// A directory for files whose syncs need not take time: in memory, where there is such a place.
fn fast_place() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// Says aloud that a test did not run; fails it when `STRONGROOM_NO_SKIPS` is set.
fn skip(test: &str, why: &str) {
    assert!(std::env::var_os("STRONGROOM_NO_SKIPS").is_none(), "{test} must not be skipped, but {why}");
    eprintln!("SKIPPED {test}: {why}");
}
