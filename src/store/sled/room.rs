//! Room on the disk: enough is kept free for the store to be opened again.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::errors::io;
use crate::host::files::{parent, remove_if_there};
use crate::store::StoreError;

/// The size of the ballast in bytes: what sled writes to open a store of 100,000 entries, and one segment to go on
/// with.
const BALLAST: u64 = 4 << 20;

/// What must be free, in bytes, for a batch to be begun, besides a multiple of the batch itself.
pub(super) const RESERVE: u64 = 4 << 20;

/// How many bytes sled may write for one byte of a batch, when it writes whole pages anew.
const AMPLIFICATION: u64 = 4;

/// Refuses a batch of `payload` bytes that the disk may be too full for. Without this, sled would find out half-way and
/// stop.
pub(super) fn check(dir: &Path, payload: usize) -> Result<(), StoreError> {
    let needed = u64::try_from(payload).unwrap_or(u64::MAX).saturating_mul(AMPLIFICATION).saturating_add(RESERVE);
    if free(dir)? < needed { Err(StoreError::Full) } else { Ok(()) }
}

/// The bytes that we may still write to the file system of `dir`.
pub(super) fn free(dir: &Path) -> Result<u64, StoreError> {
    let stat = statvfs(dir).map_err(|e| io(dir.display().to_string(), e.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Puts the ballast beside the store, where there is room for it and for more.
pub(super) fn lay_ballast(dir: &Path) {
    let path = ballast(dir);
    if path.exists() || !free(dir).is_ok_and(|free| free > 2 * BALLAST + RESERVE) {
        return;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let laid = file.is_ok_and(|file| fallocate(&file, FallocateFlags::empty(), 0, BALLAST).is_ok());
    if !laid {
        // A file system that cannot set room aside; then there is none.
        let _ = remove_if_there(&path);
    }
}

/// Throws the ballast overboard; says whether there was any.
pub(super) fn drop_ballast(dir: &Path) -> Result<bool, StoreError> {
    Ok(remove_if_there(&ballast(dir))?)
}

fn ballast(dir: &Path) -> PathBuf {
    parent(dir).join("ballast")
}
