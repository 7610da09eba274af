//! Careful file access: whole files, replaced atomically, read within a limit, private to their owner.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::owner::{self, Owner};

/// Why a file could not be read or written. Every message begins with the path.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// A directory, pipe, device or socket stands where a file should.
    #[error("{}: not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// The file is larger than the reader allows.
    #[error("{}: larger than {max} bytes", path.display())]
    TooBig {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        max: usize,
    },
    /// A symbolic link, or a file, stands where a directory of our own should.
    #[error("{}: not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The file or directory belongs to another user.
    #[error("{}: belongs to user {owner}, not to you", path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Its owner's user id.
        owner: u32,
    },
    /// Other users may enter the directory.
    #[error("{}: open to other users (mode {mode:03o}, must be 700)", path.display())]
    Exposed {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Other users may use the file.
    #[error("{}: open to other users (mode {mode:03o}, must be 600)", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl FileError {
    /// Wraps the operating system's answer about `path`; made for `map_err`.
    pub fn at(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }

    /// Whether the file is simply not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Whether a reader goes through a symbolic link at the end of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Yes: the person named the file.
    Follow,
    /// No: the file is one of ours, and we make no links.
    Refuse,
}

/// From now on this process creates files that only their owner may use.
pub fn set_umask_077() {
    rustix::process::umask(Mode::from_raw_mode(0o077));
}

/// Puts a file with `bytes` in the place of `path`: a reader, or a crash at any moment, sees the
/// old file or the new one whole. It is on the disk when this returns, readable by its owner only.
///
/// Two writers of the same path must not run at once.
///
/// # Errors
/// [`FileError::Io`]; the old file is then still there, unless the very last step failed: the new
/// file is in place, but may not survive a power cut.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = temporary_name(path);
    remove_if_there(&temporary)?;
    let put = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path).map_err(FileError::at(path)));
    if let Err(e) = put {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
        return Err(e);
    }
    sync_dir(parent(path))
}

/// Creates `path`, which must not exist, with `bytes` in it, synced, readable by its owner only.
/// The directory is not synced.
///
/// # Errors
/// [`FileError::Io`]; a file that was begun may be left behind.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(FileError::at(path))
}

/// The bytes of the regular file at `path`, at most `max` of them, in memory that is wiped.
///
/// Never blocks on a pipe or a device: those are refused.
///
/// # Errors
/// [`FileError::NotRegular`] (also for a link, when they are refused), [`FileError::TooBig`], or [`FileError::Io`].
pub fn read_capped(path: &Path, max: usize, links: Links) -> Result<Zeroizing<Vec<u8>>, FileError> {
    read_open(&open_regular(path, links)?, path, max)
}

/// `flags` as the standard library takes them. The kernel's are bits: none may get lost on the way, such as the one that
/// refuses links.
pub fn open_flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

/// Opens the regular file at `path`, and waits for nothing.
pub(super) fn open_regular(path: &Path, links: Links) -> Result<File, FileError> {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    flags.set(OFlags::NOFOLLOW, links == Links::Refuse);
    let file = match OpenOptions::new().read(true).custom_flags(open_flags(flags)).open(path) {
        // What the kernel says about a link that is not to be followed.
        Err(error) if links == Links::Refuse && error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Err(FileError::NotRegular(path.to_path_buf()));
        }
        opened => opened.map_err(FileError::at(path))?,
    };
    if file.metadata().map_err(FileError::at(path))?.is_file() {
        return Ok(file);
    }
    Err(FileError::NotRegular(path.to_path_buf()))
}

/// The bytes of `file`, which is at `path`, at most `max` of them.
pub(super) fn read_open(file: &File, path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let metadata = file.metadata().map_err(FileError::at(path))?;
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    // One byte of room past the end tells a file that has just grown, and the vector never moves, so it leaves no copy.
    let mut bytes = Zeroizing::new(vec![0; size.min(max) + 1]);
    let length = fill(file, &mut bytes).map_err(FileError::at(path))?;
    if length > size.min(max) {
        return Err(FileError::TooBig { path: path.to_path_buf(), max });
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Makes sure that `path` is a directory which only we can enter; creates it, and what is missing above it, with mode
/// 0700. What was created is on the disk when this returns.
///
/// # Errors
/// [`FileError::NotADirectory`] (also for a link to one), [`FileError::Foreign`], [`FileError::Exposed`] or
/// [`FileError::Io`].
pub fn private_dir(path: &Path) -> Result<(), FileError> {
    match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => create_dirs(path)?,
        Err(e) => return Err(FileError::at(path)(e)),
        Ok(_) => {}
    }
    check_private_dir(path)
}

/// Creates `path` and what is missing above it, from the top down, each synced into the directory above.
fn create_dirs(path: &Path) -> Result<(), FileError> {
    let above = parent(path);
    if !above.try_exists().map_err(FileError::at(above))? {
        create_dirs(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // Another process was faster; whether what it made will do is checked afterwards.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        created => created.map_err(FileError::at(path))?,
    }
    sync_dir(above)
}

/// Checks what [`private_dir`] ensures, and creates nothing.
///
/// # Errors
/// As [`private_dir`].
pub fn check_private_dir(path: &Path) -> Result<(), FileError> {
    let metadata = fs::symlink_metadata(path).map_err(FileError::at(path))?;
    if !metadata.is_dir() {
        return Err(FileError::NotADirectory(path.to_path_buf()));
    }
    Owner::from(&metadata).check(path, owner::USE)
}

/// Puts the names in the directory `path` on the disk: what was created, renamed or removed there.
///
/// # Errors
/// [`FileError::Io`].
pub fn sync_dir(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(FileError::at(path))
}

/// Removes the file at `path`; says whether there was one.
///
/// # Errors
/// [`FileError::Io`].
pub fn remove_if_there(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(FileError::at(path)(e)),
    }
}

/// Copies the directory `from` to `to`, which must not exist: everything in it readable by its owner only, and on the
/// disk when this returns. The directory above `to` is not synced.
///
/// # Errors
/// [`FileError::NotRegular`] for what is neither a file nor a directory, or [`FileError::Io`]; what was begun is left
/// behind.
pub fn copy_tree(from: &Path, to: &Path) -> Result<(), FileError> {
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

/// Removes the directory at `path` and all that is in it, if it is there.
///
/// # Errors
/// [`FileError::Io`]; a part of it may be gone then.
pub fn remove_tree(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(FileError::at(path)(e)),
        _ => Ok(()),
    }
}

/// The directory that `path` is in.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        Some(_) => Path::new("."),
        None => Path::new("/"),
    }
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

/// Reads until `buffer` is full or the file ends; says how many bytes came.
fn fill(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn no_flag_gets_lost() {
        assert_eq!(open_flags(OFlags::all()), -1);
    }

    #[test]
    fn write_atomic_replaces_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.header");
        fs::write(dir.path().join(".vault.header.new"), b"left over from a crash").unwrap();
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn write_atomic_keeps_the_old_file_when_it_fails() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir(&path).unwrap();
        assert!(write_atomic(&path, b"x").unwrap_err().to_string().starts_with(&path.display().to_string()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn read_capped_takes_exactly_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(&**read_capped(&path, 5, Links::Refuse).unwrap(), b"12345");
        assert!(matches!(read_capped(&path, 4, Links::Refuse), Err(FileError::TooBig { max: 4, .. })));
    }

    #[test]
    fn read_capped_refuses_what_is_no_regular_file_and_does_not_hang() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(matches!(read_capped(&pipe, 9, Links::Follow), Err(FileError::NotRegular(_))));
        assert!(matches!(read_capped(dir.path(), 9, Links::Follow), Err(FileError::NotRegular(_))));
        assert!(matches!(read_capped(Path::new("/dev/zero"), 9, Links::Follow), Err(FileError::NotRegular(_))));
    }

    #[test]
    fn read_capped_follows_links_only_where_asked() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        fs::write(dir.path().join("f"), b"x").unwrap();
        symlink("f", &link).unwrap();
        assert_eq!(&**read_capped(&link, 9, Links::Follow).unwrap(), b"x");
        assert!(matches!(read_capped(&link, 9, Links::Refuse), Err(FileError::NotRegular(_))));
    }

    #[test]
    fn private_dir_creates_0700_and_refuses_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("share/strongroom");
        private_dir(&path).unwrap();
        assert_eq!((mode(&path), mode(&dir.path().join("share"))), (0o700, 0o700));
        private_dir(&path).unwrap();

        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(private_dir(&path), Err(FileError::Exposed { mode: 0o750, .. })));

        let link = dir.path().join("link");
        symlink("share", &link).unwrap();
        assert!(matches!(private_dir(&link), Err(FileError::NotADirectory(_))));
    }

    #[test]
    fn copy_tree_copies_all_or_says_what_it_cannot() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::create_dir_all(from.join("blobs")).unwrap();
        fs::write(from.join("blobs/7"), b"page").unwrap();
        fs::set_permissions(from.join("blobs/7"), fs::Permissions::from_mode(0o644)).unwrap();
        copy_tree(&from, &to).unwrap();
        assert_eq!(fs::read(to.join("blobs/7")).unwrap(), b"page");
        assert_eq!((mode(&to), mode(&to.join("blobs/7"))), (0o700, 0o600));
        remove_tree(&to).unwrap();
        remove_tree(&to).unwrap();

        symlink("blobs", from.join("link")).unwrap();
        assert!(matches!(copy_tree(&from, &to), Err(FileError::NotRegular(path)) if path == from.join("link")));
    }
}
