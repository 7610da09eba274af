//! Putting a file where a person wants one, among other people's files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, linkat, renameat_with};
use rustix::io::Errno;

use super::files::{FileError, parent, remove_if_there, sync_dir, write_new};

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and that is an error.
    Keep,
    /// The new one takes its place.
    Replace,
}

/// Puts a file with `bytes` at `path`, whole or not at all, synced, readable by its owner only; in a directory of other
/// people's files, where nothing else is touched. Until it is there it has no name, where the file system can do that: whoever
/// is killed meanwhile leaves nothing behind, but for the moment in which it takes the place of another one.
///
/// # Errors
/// [`FileError::Io`], with [`io::ErrorKind::AlreadyExists`] for one that is kept; [`FileError::NotRegular`] for what is
/// there and no file, such as a link.
pub fn put(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), FileError> {
    match fs::symlink_metadata(path) {
        Ok(there) if existing == Existing::Replace && !there.is_file() => {
            return Err(FileError::NotRegular(path.to_path_buf()));
        }
        _ => {}
    }
    let written = match nameless(parent(path)).map(|file| put_nameless(file, path, bytes, existing)) {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) if existing == Existing::Keep && error.kind() == io::ErrorKind::AlreadyExists => {
            Err(FileError::at(path)(error))
        }
        // Not every file system gives a name to what has none.
        _ => put_named(path, bytes, existing),
    };
    written.and_then(|()| sync_dir(parent(path)))
}

/// A file in `dir` that has no name; `None` where there can be none.
fn nameless(dir: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    rustix::fs::open(dir, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

fn put_nameless(mut file: File, path: &Path, bytes: &[u8], existing: Existing) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()?;
    let source = format!("/proc/self/fd/{}", file.as_raw_fd());
    let name = |at: &Path| Ok(linkat(CWD, &*source, CWD, at, AtFlags::SYMLINK_FOLLOW)?);
    match existing {
        Existing::Keep => name(path),
        Existing::Replace => {
            let beside = beside(path);
            name(&beside)?;
            // The first failure is the one to report.
            fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
        }
    }
}

fn put_named(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), FileError> {
    let temporary = beside(path);
    // Of one of our number that was killed.
    remove_if_there(&temporary)?;
    let put =
        write_new(&temporary, bytes).and_then(|()| place(&temporary, path, existing).map_err(FileError::at(path)));
    put.map_err(|error| {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
        named(error, &temporary, path)
    })
}

/// A hidden name beside `path`. Two of us in one directory do not get into each other's way.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn place(temporary: &Path, path: &Path, existing: Existing) -> io::Result<()> {
    if existing == Existing::Replace {
        return fs::rename(temporary, path);
    }
    match renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE) {
        // Some file systems cannot do that, but a second name is never given over another file either.
        Err(Errno::INVAL) => fs::hard_link(temporary, path).and_then(|()| fs::remove_file(temporary)),
        renamed => Ok(renamed?),
    }
}

/// `error`, said of the file that a person named.
fn named(error: FileError, temporary: &Path, path: &Path) -> FileError {
    match error {
        FileError::Io { path: about, source } if about == temporary => FileError::at(path)(source),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn where_no_file_can_be_without_a_name_it_is_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        put_named(&path, b"one", Existing::Keep).unwrap();
        let kept = put_named(&path, b"two", Existing::Keep).unwrap_err();
        assert!(matches!(&kept, FileError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists));
        put_named(&path, b"two", Existing::Replace).unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (&b"two"[..], 0o600));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn what_one_of_our_number_left_behind_is_in_nobodys_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        for existing in [Existing::Replace, Existing::Keep] {
            fs::write(beside(&path), b"left").unwrap();
            put(&path, b"new", existing).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new");
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn put_leaves_what_is_there_or_replaces_it_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        put(&path, b"one", Existing::Keep).unwrap();
        let kept = put(&path, b"two", Existing::Keep).unwrap_err();
        assert!(matches!(&kept, FileError::Io { path: about, source }
            if *about == path && source.kind() == io::ErrorKind::AlreadyExists));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        put(&path, b"two", Existing::Replace).unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), mode(&path)), (&b"two"[..], 0o600));
        symlink(&path, dir.path().join("link")).unwrap();
        let link = dir.path().join("link");
        assert!(matches!(put(&link, b"three", Existing::Replace), Err(FileError::NotRegular(_))));
        assert!(put(&link, b"three", Existing::Keep).is_err());
        let nowhere = put(&dir.path().join("no/where"), b"x", Existing::Keep).unwrap_err();
        assert!(nowhere.is_not_found() && nowhere.to_string().contains("no/where:"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside");
    }
}
