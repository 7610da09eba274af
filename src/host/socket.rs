//! Unix sockets in directories that only their owner can enter, or where at least only their owner can put them.
//!
//! The directory is opened first and then only named through its descriptor: nobody can put another in its place, and a
//! path may be longer than a socket's address allows.

use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, renameat, statat, unlinkat};
use rustix::net::{SendFlags, send};

use super::files::FileError;
use super::owner::{self, Owner};
use super::raw;

/// Whoever is at the other end, as the kernel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The process that connected, or that listens; 0 when it is none that we can see, as in another namespace.
    pub pid: u32,
    /// Its user.
    pub uid: u32,
}

/// Who is at the other end of `stream`.
///
/// # Errors
/// When the kernel does not say.
pub fn peer(stream: &UnixStream) -> io::Result<Peer> {
    raw::peer(stream).map(|(pid, uid)| Peer { pid, uid })
}

/// Whether a few bytes can be sent on `stream` without waiting for whoever reads at the other end.
pub fn takes_more(stream: &UnixStream) -> bool {
    let mut fds = [PollFd::new(stream, PollFlags::OUT)];
    poll(&mut fds, Some(&Timespec::default())).is_ok() && fds[0].revents() == PollFlags::OUT
}

/// Writes to a stream until a deadline, however little is taken at a time.
#[derive(Debug)]
pub struct Until<'a> {
    stream: &'a UnixStream,
    deadline: Instant,
}

impl<'a> Until<'a> {
    /// Writes to `stream`; after `time` there is an error.
    pub fn new(stream: &'a UnixStream, time: Duration) -> Self {
        Self { stream, deadline: Instant::now() + time }
    }

    /// How long is left.
    fn left(&self) -> io::Result<Timespec> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Timespec::try_from(left).map_err(io::Error::other)
    }

    /// Waits until the other end takes more.
    fn wait(&self) -> io::Result<()> {
        let out =
            || poll(&mut [PollFd::new(self.stream, PollFlags::OUT)], Some(&self.left()?)).map_err(io::Error::from);
        match out() {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
            _ => Ok(()),
        }
    }
}

impl Write for Until<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        loop {
            self.left()?;
            // Tried first: a socket that has room for this may be too full to be called ready.
            match send(self.stream, bytes, flags) {
                Err(rustix::io::Errno::WOULDBLOCK) => self.wait()?,
                Err(rustix::io::Errno::INTR) => {}
                sent => return Ok(sent?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The file of a socket, whatever its name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    device: u64,
    inode: u64,
}

/// Who may connect to a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// We alone.
    ToUs,
    /// Everybody on this machine: the kernel tells who it is.
    ToAll,
}

/// A directory in which only its owner can put a socket, held open.
#[derive(Debug)]
pub struct SocketDir {
    fd: OwnedFd,
    path: PathBuf,
    owner: Owner,
}

impl SocketDir {
    /// Opens `path`, which only we may enter.
    ///
    /// # Errors
    /// [`FileError::Io`] (also when it is not there, or is a link), [`FileError::Foreign`], [`FileError::Exposed`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let dir = Self::open_any(path)?;
        dir.owner.check(path, owner::USE)?;
        Ok(dir)
    }

    /// Makes the directory at `path`, which others may enter, where it is not there; what is above it is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn make_shared(path: &Path) -> Result<(), FileError> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            // Whatever the umask says.
            made => made.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755))),
        }
        .map_err(FileError::at(path))
    }

    /// Opens `path`, which is ours, and which others may enter.
    ///
    /// # Errors
    /// As [`SocketDir::open`]; also when others may write to it.
    pub fn open_shared(path: &Path) -> Result<Self, FileError> {
        let dir = Self::open_any(path)?;
        dir.check_shared()?;
        if dir.owner.uid() != owner::our_uid() {
            return Err(FileError::Foreign { path: path.to_path_buf(), owner: dir.owner.uid() });
        }
        Ok(dir)
    }

    /// Connects to the socket called `name` in the directory at `path`, which may be anybody's; `None` when there is none, or
    /// nobody listens to it.
    ///
    /// # Errors
    /// When the directory is neither root's nor that of whoever listens, or others may write to it.
    pub fn connect_shared(path: &Path, name: &str) -> Result<Option<UnixStream>, FileError> {
        let dir = match Self::open_any(path) {
            Err(error) if error.is_not_found() => return Ok(None),
            dir => dir?,
        };
        // Where there is nothing to be trusted, nothing is asked of the directory.
        if statat(&dir.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_err() {
            return Ok(None);
        }
        dir.check_shared()?;
        let Some(stream) = dir.connect_to(name)? else { return Ok(None) };
        let served_by = peer(&stream).map_err(FileError::at(path))?.uid;
        let owner = dir.owner.uid();
        if owner == 0 || owner == served_by {
            return Ok(Some(stream));
        }
        let why = format!("it is user {owner}'s, and its socket is served by user {served_by}: nothing was sent to it");
        Err(FileError::at(path)(io::Error::other(why)))
    }

    fn check_shared(&self) -> Result<(), FileError> {
        if !self.owner.lets_others_write() {
            return Ok(());
        }
        Err(FileError::at(&self.path)(io::Error::other("others can write to it, so no socket in it is trusted")))
    }

    fn open_any(path: &Path) -> Result<Self, FileError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let at = |error: rustix::io::Errno| FileError::at(path)(error.into());
        let fd = openat(rustix::fs::CWD, path, flags, Mode::empty()).map_err(at)?;
        let owner = Owner::from(&fstat(&fd).map_err(at)?);
        Ok(Self { fd, path: path.to_path_buf(), owner })
    }

    /// Connects to the socket called `name`; `None` when there is none, or nobody listens to it.
    ///
    /// # Errors
    /// When it is not a socket, belongs to somebody else, or others can use it.
    pub fn connect(&self, name: &str) -> Result<Option<UnixStream>, FileError> {
        let path = self.path.join(name);
        let stat = match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            stat => stat.map_err(|error| FileError::at(&path)(error.into()))?,
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
            return Err(FileError::at(&path)(io::Error::other("not a socket")));
        }
        Owner::from(&stat).check(&path, owner::USE)?;
        self.connect_to(name)
    }

    fn connect_to(&self, name: &str) -> Result<Option<UnixStream>, FileError> {
        let path = self.path.join(name);
        match UnixStream::connect(self.through_fd(name)) {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
                Ok(None)
            }
            Err(error) => Err(FileError::at(&path)(error)),
        }
    }

    /// Listens at `name`, in the place of a socket that a dead process left there. The caller makes sure that no living
    /// one listens: it holds a lock on the name. What one that was killed here left half made is removed, too.
    ///
    /// # Errors
    /// When something that is not a socket has that name, or the system refuses.
    pub fn listen(&self, name: &str, open: Open) -> Result<(UnixListener, Socket), FileError> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_ok_and(|there| !there.file_type().is_socket()) {
            return Err(FileError::at(&path)(io::Error::other("something that is not a socket has its name")));
        }
        self.remove_half_made(name);
        let new = format!(".{name}.{}", std::process::id());
        let bound = || -> io::Result<(UnixListener, Socket)> {
            let listener = UnixListener::bind(self.through_fd(&new))?;
            let mode = if open == Open::ToAll { 0o666 } else { 0o600 };
            fs::set_permissions(self.through_fd(&new), fs::Permissions::from_mode(mode))?;
            let socket = self.socket(&new)?;
            renameat(&self.fd, new.as_str(), &self.fd, name)?;
            Ok((listener, socket))
        };
        bound().map_err(FileError::at(&path))
    }

    /// Removes the socket called `name`, so that nobody knocks in vain, if it is still `socket`: another may have taken
    /// the name.
    pub fn remove(&self, name: &str, socket: &Socket) {
        if self.socket(name).is_ok_and(|there| there == *socket) {
            let _ = unlinkat(&self.fd, name, AtFlags::empty());
        }
    }

    fn socket(&self, name: &str) -> io::Result<Socket> {
        let stat = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Socket { device: stat.st_dev, inode: stat.st_ino })
    }

    /// Removes what was bound and never got its name.
    fn remove_half_made(&self, name: &str) {
        let half_made = format!(".{name}.");
        for entry in fs::read_dir(self.through_fd("")).into_iter().flatten().flatten() {
            let is_one = entry.file_name().as_encoded_bytes().starts_with(half_made.as_bytes());
            if is_one && entry.file_type().is_ok_and(|kind| kind.is_socket()) {
                let _ = unlinkat(&self.fd, entry.file_name(), AtFlags::empty());
            }
        }
    }

    fn through_fd(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.fd.as_fd().as_raw_fd()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, SocketDir) {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let opened = SocketDir::open(dir.path()).unwrap();
        (dir, opened)
    }

    #[test]
    fn the_kernel_says_who_is_there() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(peer(&one).unwrap(), Peer { pid: std::process::id(), uid: crate::host::owner::our_uid() });
    }

    /// A reader that takes a little now and then would keep a limit on each single write from ever being over.
    #[test]
    fn a_slow_reader_is_not_waited_for_for_ever() {
        use std::io::Read;
        let (stream, mut other) = UnixStream::pair().unwrap();
        let reader = std::thread::spawn(move || {
            let mut taken = vec![0; 1024];
            while other.read(&mut taken).is_ok_and(|bytes| bytes > 0) {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let begun = Instant::now();
        let mut to = Until::new(&stream, Duration::from_millis(300));
        let error = to.write_all(&vec![7; 32 << 20]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        Until::new(&reader_gone(stream, reader), Duration::from_secs(1)).write_all(b"x").unwrap_err();
    }

    fn reader_gone(stream: UnixStream, reader: std::thread::JoinHandle<()>) -> UnixStream {
        stream.shutdown(std::net::Shutdown::Both).unwrap();
        reader.join().unwrap();
        stream
    }

    #[test]
    fn a_socket_of_that_name_that_is_another_s_stays() {
        let (dir, sockets) = directory();
        let (_first, first) = sockets.listen("a", Open::ToUs).unwrap();
        let (_second, second) = sockets.listen("a", Open::ToUs).unwrap();
        sockets.remove("a", &first);
        assert!(dir.path().join("a").exists());
        sockets.remove("a", &second);
        assert!(!dir.path().join("a").exists());
    }

    #[test]
    fn what_was_left_half_made_goes_and_nothing_else() {
        let (dir, sockets) = directory();
        drop(UnixListener::bind(dir.path().join(".a.999999999")).unwrap());
        drop(UnixListener::bind(dir.path().join(".b.999999999")).unwrap());
        fs::write(dir.path().join(".a.mine"), "").unwrap();
        sockets.listen("a", Open::ToUs).unwrap();
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".a.mine", ".b.999999999", "a"]);
    }
}
