//! Snapshots: where sled begins to read its log.
//!
//! While it opens a store, sled writes a snapshot, renames it into place, and then wipes the parts of the log that this
//! snapshot knows to be free. It does not sync the directory in between. After a power cut the older snapshot may be
//! back while the log is wiped already, and the store does not open any more, or has lost its end
//! (`tests/store_faults/power_cut.rs` shows both). sled offers no hook there, but it says in its log that it has
//! renamed the file: we listen for that, and sync the directory on the spot.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};

use log::{LevelFilter, Log, Metadata, Record};

use super::errors::io;
use crate::host::files::{remove_if_there, sync_dir};
use crate::host::sync::hold;
use crate::store::StoreError;

/// The part of sled that speaks, and how it begins the sentence that we wait for.
const SPEAKER: &str = "sled::pagecache::snapshot";
const SENTENCE: &str = "renamed snapshot to ";

thread_local! {
    /// The store that this thread is opening.
    static OPENING: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// Runs `open`, which lets sled open the store in `dir`, and syncs `dir` when sled has put a snapshot there.
///
/// This takes the process's logger, which nothing else here uses.
pub(super) fn made_durable<T>(dir: &Path, open: impl FnOnce() -> T) -> T {
    static LISTEN: Once = Once::new();
    static ALONE: Mutex<()> = Mutex::new(());
    // Where somebody else listens already, the file system's own order of writes has to do.
    LISTEN.call_once(|| drop(log::set_logger(&Listener)));
    // The level is the process's: two openings at once would set it back under each other.
    let _alone = hold(&ALONE);
    let level = log::max_level();
    log::set_max_level(LevelFilter::Trace);
    OPENING.set(Some(dir.to_path_buf()));
    let opened = open();
    OPENING.set(None);
    log::set_max_level(level);
    opened
}

/// Removes what a kill left of an unfinished snapshot: sled would take it for a whole one, and never open again.
pub(super) fn remove_unfinished(dir: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(dir).map_err(|e| io(dir.display().to_string(), e))? {
        let path = entry.map_err(|e| io(dir.display().to_string(), e))?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

struct Listener;

impl Log for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == SPEAKER
    }

    /// # Panics
    /// When the directory cannot be synced: it must not go on to wipe anything, and `caught` is waiting for it.
    fn log(&self, record: &Record<'_>) {
        if record.target() == SPEAKER && begins(record.args(), SENTENCE) {
            let dir = OPENING.take();
            if let Some(Err(e)) = dir.as_deref().map(sync_dir) {
                panic!("{e}");
            }
            OPENING.set(dir);
        }
    }

    fn flush(&self) {}
}

/// Whether the text begins with `start`; looks at its first piece only, since there is a sentence for every page.
fn begins(text: &fmt::Arguments<'_>, start: &'static str) -> bool {
    struct FirstPiece(&'static str, bool);
    impl Write for FirstPiece {
        fn write_str(&mut self, piece: &str) -> fmt::Result {
            self.1 = piece.starts_with(self.0);
            Err(fmt::Error)
        }
    }
    let mut first = FirstPiece(start, false);
    // It always "fails", so that nothing more is formatted.
    let _ = first.write_fmt(*text);
    first.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_known_by_its_beginning() {
        let path = String::from("/x/snap.1");
        assert!(begins(&format_args!("renamed snapshot to {path}"), SENTENCE));
        assert!(!begins(&format_args!("wrote snapshot to {path}"), SENTENCE));
    }
}
