//! Copies of stores that were not closed cleanly, made before sled rewrites them in place.
//!
//! Only the vault can tell whether a store is whole. Until it has said so ([`prune`]), nothing that was copied before
//! makes way, however often a broken store is looked at, killed and looked at again.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::durable::LOG;
use super::errors::io as failed;
use super::room;
use crate::host::files::{copy_tree, parent, private_dir, remove_tree, sync_dir};
use crate::store::StoreError;

/// How many copies are kept of a store that is whole.
const KEPT: usize = 3;

/// How many there are at most while it is not known to be whole.
const MOST: usize = KEPT + 1;

/// A copy that is being made; never taken for a whole one.
const UNFINISHED: &str = ".unfinished";

/// How much is compared at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Copies the store in `dir` to `copies/<now>` beside it (later than the newest copy, whatever the clock says), on the
/// disk when this returns. When nothing has changed since the newest copy, it is that one.
///
/// `None` when there are enough that nobody has called whole, or when the disk has no room: a copy is a precaution, and
/// must not be what fills the disk.
pub(super) fn make(dir: &Path, now: i64) -> Result<Option<PathBuf>, StoreError> {
    let copies = beside(dir);
    match make_in(&copies, dir, now) {
        Err(StoreError::Full) => {
            remove_tree(&copies.join(UNFINISHED))?;
            Ok(None)
        }
        made => made,
    }
}

fn make_in(copies: &Path, dir: &Path, now: i64) -> Result<Option<PathBuf>, StoreError> {
    private_dir(copies)?;
    let unfinished = copies.join(UNFINISHED);
    remove_tree(&unfinished)?;
    let made = newest_first(copies)?;
    if let Some(newest) = made.first().map(|second| named(copies, *second))
        && is_unchanged(dir, &newest)
    {
        return Ok(Some(newest));
    }
    let size = tree_size(dir).map_err(|e| failed(dir.display().to_string(), e))?;
    if made.len() >= MOST || room::free(dir)? < room::RESERVE + size {
        return Ok(None);
    }
    copy_tree(dir, &unfinished)?;
    let copy = named(copies, made.first().map_or(now, |newest| now.max(newest.saturating_add(1))));
    fs::rename(&unfinished, &copy).map_err(|e| failed(copy.display().to_string(), e))?;
    sync_dir(copies)?;
    Ok(Some(copy))
}

/// Removes all but the newest copies of the store in `dir`, which is whole.
pub(super) fn prune(dir: &Path) -> Result<(), StoreError> {
    let copies = beside(dir);
    for second in newest_first(&copies)?.into_iter().skip(KEPT) {
        remove_tree(&named(&copies, second))?;
    }
    Ok(())
}

fn beside(dir: &Path) -> PathBuf {
    parent(dir).join("copies")
}

fn named(copies: &Path, second: i64) -> PathBuf {
    copies.join(second.to_string())
}

/// The seconds after which the copies are named.
fn newest_first(copies: &Path) -> Result<Vec<i64>, StoreError> {
    let entries = match fs::read_dir(copies) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| failed(copies.display().to_string(), e))?,
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut seconds: Vec<i64> = names.filter_map(|name| name.parse().ok()).collect();
    seconds.sort_unstable_by(|a, b| b.cmp(a));
    Ok(seconds)
}

/// Whether `copy` holds what the store in `dir` holds now. Only the log counts: all else is made from it.
fn is_unchanged(dir: &Path, copy: &Path) -> bool {
    // What cannot be read is not known to be the same.
    is_same_file(&dir.join(LOG), &copy.join(LOG)).unwrap_or(false)
}

fn is_same_file(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut piece, mut twin) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let length = one.read(&mut piece)?;
        other.read_exact(&mut twin[..length])?;
        if length == 0 || piece[..length] != twin[..length] {
            return Ok(length == 0);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that is a file, which is all that a copy needs, and what was left by a crash.
    fn place() -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let store = place.path().join("store-1");
        fs::create_dir_all(store.join("blobs")).unwrap();
        private_dir(&place.path().join("copies/.unfinished")).unwrap();
        (place, store)
    }

    /// Writes `log` into the store and makes a copy; gives the name of the copy.
    fn copy_of(store: &Path, log: &str, now: i64) -> Option<String> {
        fs::write(store.join(LOG), log).unwrap();
        let copy = make(store, now).unwrap()?;
        assert_eq!(fs::read_to_string(copy.join(LOG)).unwrap(), log);
        Some(copy.file_name()?.to_str()?.to_owned())
    }

    fn there(store: &Path) -> Vec<i64> {
        newest_first(&beside(store)).unwrap()
    }

    #[test]
    fn the_three_newest_copies_of_a_whole_store_are_kept() {
        let (_place, store) = place();
        for now in [9, 10, 10, 10] {
            copy_of(&store, &format!("at {now}, after {:?}", there(&store)), now).unwrap();
            prune(&store).unwrap();
        }
        assert_eq!(there(&store), [12, 11, 10]);
    }

    #[test]
    fn a_store_that_has_not_changed_is_not_copied_again() {
        let (_place, store) = place();
        copy_of(&store, "good", 10).unwrap();
        for now in 11..20 {
            assert_eq!(copy_of(&store, "broken", now).as_deref(), Some("11"));
        }
        assert_eq!(there(&store), [11, 10]);
    }

    #[test]
    fn a_broken_store_that_changes_at_every_look_pushes_no_copy_out() {
        let (_place, store) = place();
        for now in 1..=3 {
            copy_of(&store, &format!("good {now}"), now).unwrap();
        }
        prune(&store).unwrap();
        assert_eq!(copy_of(&store, "as the crash left it", 4).as_deref(), Some("4"));
        for now in 5..20 {
            assert_eq!(copy_of(&store, &format!("broken in way {now}"), now), None);
        }
        assert_eq!(there(&store), [4, 3, 2, 1]);
    }

    #[test]
    fn a_clock_that_was_put_back_does_not_make_the_new_copy_the_oldest() {
        let (_place, store) = place();
        for now in [1000, 1001, 1002, 7] {
            copy_of(&store, &format!("at {now}"), now).unwrap();
            prune(&store).unwrap();
        }
        assert_eq!(there(&store), [1003, 1002, 1001]);
        assert_eq!(fs::read_to_string(beside(&store).join("1003").join(LOG)).unwrap(), "at 7");
    }
}
