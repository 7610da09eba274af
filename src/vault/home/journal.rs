//! A file that only grows at its end.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, OFlags, fallocate};

use crate::host::files::{FileError, open_flags};
use crate::host::owner::{self, Owner};
use crate::vault::VaultError;

/// So many bytes are asked for ahead, where the file system knows how: on a full disk some hundred events are taken yet.
const AHEAD: u64 = 64 * 1024;

/// Bytes that are added to and never changed.
pub trait Journal: Send {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Fills `into` with what is there from `at` on.
    ///
    /// # Errors
    /// When there is not so much, or it cannot be read.
    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), VaultError>;

    /// Adds `bytes` at the end, all or none.
    ///
    /// # Errors
    /// When they cannot be written, or when it was removed or changed by others while it was open: nobody might ever read them.
    fn append(&mut self, bytes: &[u8]) -> Result<(), VaultError>;

    /// What was added is on the disk when this returns.
    ///
    /// # Errors
    /// When that is not certain.
    fn sync(&mut self) -> Result<(), VaultError>;

    /// Takes away what is there from `size` on.
    ///
    /// # Errors
    /// When it remains.
    fn cut(&mut self, size: u64) -> Result<(), VaultError>;
}

/// A journal in a file.
pub(super) struct FileJournal {
    file: File,
    path: PathBuf,
    size: u64,
    /// Up to here there is room on the disk for certain.
    room: u64,
}

impl FileJournal {
    /// The journal at `path`; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, FileError> {
        match private_file(OpenOptions::new().read(true).write(true), path) {
            Err(error) if error.is_not_found() => Ok(None),
            opened => Self::of(opened?, path).map(Some),
        }
    }

    /// An empty one at `path`, in the place of what is there.
    pub(super) fn make(path: &Path) -> Result<Self, FileError> {
        let file = private_file(OpenOptions::new().read(true).write(true).create(true).truncate(true), path)?;
        Self::of(file, path)
    }

    fn of(file: File, path: &Path) -> Result<Self, FileError> {
        let size = file.metadata().map_err(FileError::at(path))?.len();
        Ok(Self { file, path: path.to_path_buf(), size, room: 0 })
    }

    /// Asks for room, so that what comes later finds some when the disk is full. Not every file system can do so.
    fn make_room(&mut self, more: u64) {
        let wanted = more + AHEAD;
        if self.size + more > self.room && fallocate(&self.file, FallocateFlags::KEEP_SIZE, self.size, wanted).is_ok() {
            self.room = self.size + wanted;
        }
    }

    /// Whether it is as we left it.
    fn check_untouched(&self) -> Result<(), VaultError> {
        let metadata = self.file.metadata().map_err(self.failed())?;
        match (metadata.nlink(), metadata.len()) {
            (1.., size) if size == self.size => Ok(()),
            (0, _) => Err(self.failed()(std::io::Error::other("it was removed while it was open"))),
            _ => Err(self.failed()(std::io::Error::other("others changed it while it was open"))),
        }
    }

    fn failed(&self) -> impl Fn(std::io::Error) -> VaultError + '_ {
        |error| VaultError::io(&self.path, &error)
    }
}

impl Journal for FileJournal {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), VaultError> {
        match self.file.read_exact_at(into, at) {
            // Cut by somebody while it is open here: what is gone reads as zeros, which are nothing that was added.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && at + into.len() as u64 <= self.size => {
                into.fill(0);
                Ok(())
            }
            read => read.map_err(self.failed()),
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.check_untouched()?;
        let more = bytes.len() as u64;
        self.make_room(more);
        if let Err(error) = self.file.write_all_at(bytes, self.size) {
            // Where that fails, too, nothing more is added before the next opening.
            let _ = self.file.set_len(self.size);
            return Err(self.failed()(error));
        }
        self.size += more;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), VaultError> {
        self.file.sync_data().map_err(self.failed())
    }

    fn cut(&mut self, size: u64) -> Result<(), VaultError> {
        self.file.set_len(size).map_err(self.failed())?;
        (self.size, self.room) = (size, 0);
        Ok(())
    }
}

/// Opens the regular file at `path`, which is ours alone, and waits for nothing.
pub(super) fn private_file(options: &mut OpenOptions, path: &Path) -> Result<File, FileError> {
    let flags = open_flags(OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY);
    let file = options.mode(0o600).custom_flags(flags).open(path).map_err(FileError::at(path))?;
    let metadata = file.metadata().map_err(FileError::at(path))?;
    if !metadata.is_file() {
        return Err(FileError::NotRegular(path.to_path_buf()));
    }
    Owner::from(&metadata).check(path, owner::USE)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_there_and_what_is_cut_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        assert!(FileJournal::open(&path).unwrap().is_none());
        let mut journal = FileJournal::make(&path).unwrap();
        journal.append(b"one").unwrap();
        journal.append(b"two").unwrap();
        journal.sync().unwrap();
        journal.cut(4).unwrap();
        journal.append(b"o").unwrap();
        drop(journal);
        let journal = FileJournal::open(&path).unwrap().unwrap();
        let mut read = [0; 5];
        journal.read(0, &mut read).unwrap();
        assert_eq!((&read, journal.size()), (b"oneto", 5));
        assert!(journal.read(1, &mut read).is_err());
        std::fs::write(&path, b"on").unwrap();
        journal.read(0, &mut read).unwrap();
        assert_eq!(&read, &[0; 5], "what somebody cut meanwhile reads as nothing that was added");
        std::fs::write(&path, b"oneto").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"oneto", "the room ahead does not count");
    }

    #[test]
    fn nothing_is_added_to_one_that_others_removed_or_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = FileJournal::make(&path).unwrap();
        journal.append(b"one").unwrap();
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(2).unwrap();
        assert!(journal.append(b"two").unwrap_err().to_string().contains("others changed it"));
        std::fs::remove_file(&path).unwrap();
        assert!(journal.append(b"two").unwrap_err().to_string().contains("it was removed"));
    }

    #[test]
    fn a_link_and_a_file_of_others_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("journal"), dir.path().join("link"));
        std::fs::write(&path, b"").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(FileJournal::open(&path), Err(FileError::Readable { .. })));
        assert!(FileJournal::open(&link).is_err());
    }
}
