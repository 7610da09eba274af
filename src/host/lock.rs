//! One process at a time: the lock file of a vault, and who holds it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::files::{FileError, open_flags};

/// The most that is read of a lock file; a note takes less than 100 bytes.
const NOTE_LIMIT: u64 = 1024;
/// After so long, whoever only asked who holds a lock has let go of it: see [`holder`].
const ASKED: Duration = Duration::from_millis(5);

/// Who holds a lock, as the holder noted it down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Its process; 0 when the note is missing or unreadable.
    pub pid: u32,
    /// Its terminal, such as `pts/3`, if it has one.
    pub terminal: Option<Box<str>>,
    /// Since when, in seconds since the Unix epoch.
    pub since: i64,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it: another process, or another part of this one.
    #[error("in use by process {}", .0.pid)]
    Held(Held),
    /// The lock file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A lock that is held until this is dropped, or the process ends in whatever way.
///
/// The kernel keeps the lock (`flock`), so a dead holder never blocks anybody. The file stays where it is:
/// removing it would let two processes hold two files of the same name.
#[derive(Debug)]
pub struct VaultLock {
    file: File,
}

impl VaultLock {
    /// Takes the lock at `path`, whose file is created when missing, and notes down who and since when (`now`, in
    /// seconds since the Unix epoch), if that can be written.
    ///
    /// # Errors
    /// [`LockError::Held`] at once when somebody has it; [`LockError::File`] when the file cannot be opened or locked.
    pub fn acquire(path: &Path, now: i64) -> Result<Self, LockError> {
        let mut file = open(path)?;
        match take(&file) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(LockError::Held(read_note(&mut file))),
            Err(e) => return Err(FileError::at(path)(e.into()).into()),
        }
        let me = Held { pid: std::process::id(), terminal: super::place::terminal_name(), since: now };
        let mut lock = Self { file };
        // A full disk has no room for the note, and must not keep anybody out: the lock holds without.
        let _ = lock.write(&note(&me));
        Ok(lock)
    }

    fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())
    }
}

/// Takes the lock; one that is only being asked for by [`holder`] is tried again.
fn take(file: &File) -> Result<(), Errno> {
    let take = || flock(file, FlockOperation::NonBlockingLockExclusive);
    match take() {
        Err(Errno::WOULDBLOCK) => {
            std::thread::sleep(ASKED);
            take()
        }
        taken => taken,
    }
}

/// Who holds the lock at `path`, if anybody does. Nothing is written; the lock is shared for the moment that it takes.
///
/// # Errors
/// [`FileError`] when the file cannot be opened or asked.
pub fn holder(path: &Path) -> Result<Option<Held>, FileError> {
    let mut file = match open_as(path, OpenOptions::new().read(true)) {
        Err(error) if error.is_not_found() => return Ok(None),
        file => file?,
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(None),
        Err(Errno::WOULDBLOCK) => Ok(Some(read_note(&mut file))),
        Err(e) => Err(FileError::at(path)(e.into())),
    }
}

impl Drop for VaultLock {
    fn drop(&mut self) {
        // A stale note is harmless, the next holder overwrites it.
        let _ = self.file.set_len(0);
        // Closing the file is not enough: a process that is just being started still has it open, too.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    open_as(path, OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600))
}

fn open_as(path: &Path, options: &mut OpenOptions) -> Result<File, FileError> {
    let flags = open_flags(OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY);
    let file = options.custom_flags(flags).open(path).map_err(FileError::at(path))?;
    if !file.metadata().map_err(FileError::at(path))?.is_file() {
        return Err(FileError::NotRegular(path.to_path_buf()));
    }
    Ok(file)
}

fn note(holder: &Held) -> String {
    let terminal = holder.terminal.as_deref().unwrap_or_default();
    format!("pid {}\nterminal {terminal}\nsince {}\n", holder.pid, holder.since)
}

fn read_note(file: &mut File) -> Held {
    let mut text = String::new();
    // An unreadable note reads as "nobody we know": the lock is held all the same.
    let _ = file.take(NOTE_LIMIT).read_to_string(&mut text);
    parse_note(&text)
}

fn parse_note(text: &str) -> Held {
    let mut holder = Held::default();
    for (word, rest) in text.lines().filter_map(|line| line.split_once(' ')) {
        match word {
            "pid" => holder.pid = rest.parse().unwrap_or_default(),
            "terminal" if !rest.is_empty() => holder.terminal = Some(rest.into()),
            "since" => holder.since = rest.parse().unwrap_or_default(),
            _ => {}
        }
    }
    holder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.lock");
        let first = VaultLock::acquire(&path, 1_700_000_000).unwrap();
        let Err(LockError::Held(holder)) = VaultLock::acquire(&path, 1_700_000_009) else {
            panic!("two holders at once");
        };
        assert_eq!((holder.pid, holder.since), (std::process::id(), 1_700_000_000));
        drop(first);
        assert_eq!(std::fs::read(&path).unwrap(), b"");
        VaultLock::acquire(&path, 1_700_000_010).unwrap();
    }

    #[test]
    fn a_process_that_is_just_being_started_does_not_keep_a_lock_that_was_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.lock");
        let lock = VaultLock::acquire(&path, 1).unwrap();
        // Between fork and exec, a child has what this is.
        let _inherited = lock.file.try_clone().unwrap();
        drop(lock);
        VaultLock::acquire(&path, 2).unwrap();
    }

    #[test]
    fn who_only_asks_keeps_nobody_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.lock");
        assert_eq!(holder(&path).unwrap(), None);
        assert!(!path.exists(), "asking makes no file");
        let asked = open(&path).unwrap();
        flock(&asked, FlockOperation::LockShared).unwrap();
        let asking = std::thread::spawn(move || {
            std::thread::sleep(ASKED / 5);
            drop(asked);
        });
        let _lock = VaultLock::acquire(&path, 7).unwrap();
        asking.join().unwrap();
        assert_eq!(holder(&path).unwrap().map(|held| held.since), Some(7));
    }

    #[test]
    fn the_note_of_a_dead_holder_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.lock");
        std::fs::write(
            &path,
            "pid 999999\nterminal pts/99\nsince 1\nand a longer line than ours will ever be, to be cut\n",
        )
        .unwrap();
        let _lock = VaultLock::acquire(&path, 42).unwrap();
        let holder = parse_note(&std::fs::read_to_string(&path).unwrap());
        assert_eq!(holder, Held { pid: std::process::id(), terminal: crate::host::place::terminal_name(), since: 42 });
    }

    #[test]
    fn a_note_survives_the_round_trip_and_nonsense_is_no_panic() {
        let holder = Held { pid: 7, terminal: Some("pts/3".into()), since: 1_700_000_000 };
        assert_eq!(parse_note(&note(&holder)), holder);
        assert_eq!(parse_note("pid \u{0}\n\nsince 9999999999999999999999\nterminal \n"), Held::default());
    }

    #[test]
    fn a_link_in_its_place_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.lock");
        std::os::unix::fs::symlink("elsewhere", &path).unwrap();
        assert!(matches!(VaultLock::acquire(&path, 0), Err(LockError::File(_))));
        assert!(!dir.path().join("elsewhere").exists());
    }
}
