//! Whose a file or a directory is, and who else may use it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FileType, Stat};

use super::files::FileError;

/// What others may do with something of ours that is private: nothing.
pub const USE: u32 = 0o077;
/// What others may not do with something of ours that they may read.
pub const WRITE: u32 = 0o022;

/// The user of this process.
pub fn our_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whose something is, and what it lets whom do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    mode: u32,
}

impl Owner {
    /// Whose it is.
    pub fn uid(self) -> u32 {
        self.uid
    }

    /// Whether anybody but its owner may change it.
    pub fn lets_others_write(self) -> bool {
        self.mode & WRITE != 0
    }

    /// Makes sure that what stands at `path` is ours, and that others may do nothing of `refused` with it: [`USE`] or
    /// [`WRITE`].
    ///
    /// # Errors
    /// [`FileError::Foreign`]; [`FileError::Exposed`] for a directory, [`FileError::Readable`] for anything else.
    pub fn check(self, path: &Path, refused: u32) -> Result<(), FileError> {
        let (path, mode) = (path.to_path_buf(), self.mode & 0o7777);
        if self.uid != our_uid() {
            return Err(FileError::Foreign { path, owner: self.uid });
        }
        match FileType::from_raw_mode(self.mode) {
            _ if mode & refused == 0 => Ok(()),
            FileType::Directory => Err(FileError::Exposed { path, mode }),
            _ => Err(FileError::Readable { path, mode }),
        }
    }
}

impl From<&Metadata> for Owner {
    fn from(metadata: &Metadata) -> Self {
        Self { uid: metadata.uid(), mode: metadata.mode() }
    }
}

impl From<&Stat> for Owner {
    fn from(stat: &Stat) -> Self {
        Self { uid: stat.st_uid, mode: stat.st_mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: u32 = 0o100_000;
    const DIRECTORY: u32 = 0o040_000;

    fn check(uid: u32, mode: u32, refused: u32) -> Result<(), FileError> {
        Owner { uid, mode }.check(Path::new("/x"), refused)
    }

    #[test]
    fn what_is_another_s_is_refused_however_private() {
        let other = our_uid() ^ 1;
        assert!(matches!(check(other, FILE | 0o600, USE), Err(FileError::Foreign { owner, .. }) if owner == other));
    }

    #[test]
    fn what_others_may_do_counts() {
        let us = our_uid();
        assert!(check(us, FILE | 0o600, USE).is_ok() && check(us, FILE | 0o644, WRITE).is_ok());
        assert!(matches!(check(us, FILE | 0o640, USE), Err(FileError::Readable { mode: 0o640, .. })));
        assert!(matches!(check(us, FILE | 0o646, WRITE), Err(FileError::Readable { mode: 0o646, .. })));
        assert!(matches!(check(us, DIRECTORY | 0o710, USE), Err(FileError::Exposed { mode: 0o710, .. })));
    }
}
