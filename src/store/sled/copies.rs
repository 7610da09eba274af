//! Copies of stores that were not closed cleanly, made before sled rewrites them in place.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::errors::io as failed;
use super::room;
use crate::host::files::{FileError, parent, private_dir, sync_dir};
use crate::store::StoreError;

/// How many copies are kept.
const KEPT: usize = 3;

/// A copy that is being made; never taken for a whole one.
const UNFINISHED: &str = ".unfinished";

/// Copies the store in `dir` to `copies/<now>` beside it (or the next free second), on the disk when this returns, and
/// removes all but the newest copies.
///
/// `None` when the disk has no room for it: a copy is a precaution, and must not be what fills the disk.
pub(super) fn make(dir: &Path, now: i64) -> Result<Option<PathBuf>, StoreError> {
    let copies = parent(dir).join("copies");
    private_dir(&copies)?;
    let unfinished = copies.join(UNFINISHED);
    remove_tree(&unfinished)?;
    let size = tree_size(dir).map_err(|e| failed(dir.display().to_string(), e))?;
    if room::free(dir)? < room::RESERVE + size {
        return Ok(None);
    }
    match copy_tree(dir, &unfinished) {
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::StorageFull => {
            remove_tree(&unfinished)?;
            return Ok(None);
        }
        copied => copied?,
    }
    let copy = free_name(&copies, now);
    fs::rename(&unfinished, &copy).map_err(|e| failed(copy.display().to_string(), e))?;
    prune(&copies)?;
    sync_dir(&copies)?;
    sync_dir(parent(dir))?;
    Ok(Some(copy))
}

/// Removes a directory and what is in it, if it is there.
pub(super) fn remove_tree(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(path.display().to_string(), e)),
        _ => Ok(()),
    }
}

fn tree_size(dir: &Path) -> io::Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() { tree_size(&entry.path())? } else { metadata.len() };
    }
    Ok(size)
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), FileError> {
    DirBuilder::new().mode(0o700).create(to).map_err(FileError::at(to))?;
    for entry in fs::read_dir(from).map_err(FileError::at(from))? {
        let entry = entry.map_err(FileError::at(from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(FileError::at(&source))?;
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_file() {
            copy_file(&source, &target).map_err(FileError::at(&source))?;
        } else {
            return Err(FileError::NotRegular(source));
        }
    }
    sync_dir(to)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

fn free_name(copies: &Path, now: i64) -> PathBuf {
    let mut second = now.max(0);
    while copies.join(second.to_string()).exists() {
        second += 1;
    }
    copies.join(second.to_string())
}

fn prune(copies: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(copies).map_err(|e| failed(copies.display().to_string(), e))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut seconds: Vec<u64> = names.filter_map(|name| name.parse().ok()).collect();
    seconds.sort_unstable_by(|a, b| b.cmp(a));
    seconds.iter().skip(KEPT).try_for_each(|second| remove_tree(&copies.join(second.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_three_newest_whole_copies() {
        let place = tempfile::tempdir().unwrap();
        let store = place.path().join("store-1");
        fs::create_dir_all(store.join("blobs")).unwrap();
        fs::write(store.join("blobs/7"), b"page").unwrap();
        fs::create_dir_all(place.path().join("copies/.unfinished")).unwrap();
        fs::set_permissions(place.path().join("copies"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        for now in [9, 10, 10, 10] {
            fs::write(store.join("db"), now.to_string()).unwrap();
            make(&store, now).unwrap().unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(place.path().join("copies")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["10", "11", "12"]);
        assert_eq!(fs::read(place.path().join("copies/12/blobs/7")).unwrap(), b"page");
    }
}
