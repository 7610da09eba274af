//! A file with a key in it: made before there is a key, and read only when nobody else could have read it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::files::{FileError, Links, open_regular, parent, read_open, sync_dir};
use super::owner::{self, Owner};

/// A new file that still waits for its key. Dropped without one, the file is gone again.
#[derive(Debug)]
pub struct NewKeyFile {
    path: PathBuf,
    file: File,
    filled: bool,
}

impl NewKeyFile {
    /// Makes an empty file at `path`, where there must be nothing, readable by its owner only.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        Ok(Self { path: path.to_path_buf(), file: made.map_err(FileError::at(path))?, filled: false })
    }

    /// Writes `key` into it. It is on the disk, and so is its name, when this returns.
    ///
    /// # Errors
    /// [`FileError::Io`]; the file is gone then.
    pub fn fill(mut self, key: &[u8]) -> Result<(), FileError> {
        self.file.write_all(key).and_then(|()| self.file.sync_all()).map_err(FileError::at(&self.path))?;
        sync_dir(parent(&self.path))?;
        self.filled = true;
        Ok(())
    }
}

impl Drop for NewKeyFile {
    fn drop(&mut self) {
        if !self.filled {
            // What stays behind when this fails is no key that opens anything.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The bytes of the key file at `path`, at most `max` of them, in memory that is wiped.
///
/// # Errors
/// As [`read_capped`](super::files::read_capped) without links; [`FileError::Foreign`] and [`FileError::Readable`] when
/// somebody else owns it or may use it.
pub fn read(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open_regular(path, Links::Refuse)?;
    // Of the file that is open: the name may be somebody else's by now.
    Owner::from(&file.metadata().map_err(FileError::at(path))?).check(path, owner::USE)?;
    read_open(&file, path, max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn a_key_is_written_for_its_owner_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        NewKeyFile::create(&path).unwrap().fill(b"key").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(&**read(&path, 3).unwrap(), b"key");
        assert!(matches!(read(&path, 2), Err(FileError::TooBig { max: 2, .. })));
    }

    #[test]
    fn nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("key"), dir.path().join("link"));
        fs::write(&path, b"mine").unwrap();
        symlink("nowhere", &link).unwrap();
        assert!(NewKeyFile::create(&path).is_err() && NewKeyFile::create(&link).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }

    #[test]
    fn a_file_without_its_key_goes_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        drop(NewKeyFile::create(&path).unwrap());
        assert!(!path.exists());
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        fs::write(&path, b"").unwrap();
        let begun = NewKeyFile { path: path.clone(), file: full, filled: false };
        assert!(begun.fill(b"key").is_err() && !path.exists());
    }

    #[test]
    fn what_others_may_have_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("key"), dir.path().join("link"));
        fs::write(&path, b"key").unwrap();
        symlink("key", &link).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o602] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path, 9), Err(FileError::Readable { mode: found, .. }) if found == mode));
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(read(&path, 9).is_ok() && read(&link, 9).is_err());
        }
        assert!(matches!(read(dir.path(), 9), Err(FileError::NotRegular(_))));
    }
}
