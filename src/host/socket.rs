//! Unix sockets in directories that only their owner can enter.
//!
//! The directory is opened first and then only named through its descriptor: nobody can put another in its place, and a
//! path may be longer than a socket's address allows.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, renameat, statat, unlinkat};
use rustix::net::sockopt::socket_peercred;

use super::files::FileError;

/// Whoever is at the other end, as the kernel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The process that connected, or that listens.
    pub pid: u32,
    /// Its user.
    pub uid: u32,
}

/// Who is at the other end of `stream`.
///
/// # Errors
/// When the kernel does not say.
pub fn peer(stream: &UnixStream) -> io::Result<Peer> {
    let peer = socket_peercred(stream)?;
    Ok(Peer { pid: peer.pid.as_raw_nonzero().get().unsigned_abs(), uid: peer.uid.as_raw() })
}

/// Whether a few bytes can be sent on `stream` without waiting for whoever reads at the other end.
pub fn takes_more(stream: &UnixStream) -> bool {
    let mut fds = [PollFd::new(stream, PollFlags::OUT)];
    poll(&mut fds, Some(&Timespec::default())).is_ok() && fds[0].revents() == PollFlags::OUT
}

/// The user of this process.
pub fn our_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A directory that only we can enter, held open.
#[derive(Debug)]
pub struct SocketDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl SocketDir {
    /// Opens `path`.
    ///
    /// # Errors
    /// [`FileError::Io`] (also when it is not there, or is a link), [`FileError::Foreign`], [`FileError::Exposed`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let at = |error: rustix::io::Errno| FileError::at(path)(error.into());
        let fd = openat(rustix::fs::CWD, path, flags, Mode::empty()).map_err(at)?;
        let stat = fstat(&fd).map_err(at)?;
        check_owner(path, stat.st_uid, stat.st_mode)?;
        Ok(Self { fd, path: path.to_path_buf() })
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
        check_owner(&path, stat.st_uid, stat.st_mode)?;
        match UnixStream::connect(self.through_fd(name)) {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
                Ok(None)
            }
            Err(error) => Err(FileError::at(&path)(error)),
        }
    }

    /// Listens at `name`, in the place of a socket that a dead process left there. The caller makes sure that no living
    /// one listens.
    ///
    /// # Errors
    /// When something that is not a socket has that name, or the system refuses.
    pub fn listen(&self, name: &str) -> Result<UnixListener, FileError> {
        let path = self.path.join(name);
        if path.symlink_metadata().is_ok_and(|there| !there.file_type().is_socket()) {
            return Err(FileError::at(&path)(io::Error::other("something that is not a socket has its name")));
        }
        let new = format!(".{name}.{}", std::process::id());
        let bound = || -> io::Result<UnixListener> {
            let _ = unlinkat(&self.fd, new.as_str(), AtFlags::empty());
            let listener = UnixListener::bind(self.through_fd(&new))?;
            fs::set_permissions(self.through_fd(&new), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            renameat(&self.fd, new.as_str(), &self.fd, name)?;
            Ok(listener)
        };
        bound().map_err(FileError::at(&path))
    }

    /// Removes the socket called `name`, so that nobody knocks in vain.
    pub fn remove(&self, name: &str) {
        let _ = unlinkat(&self.fd, name, AtFlags::empty());
    }

    fn through_fd(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.fd.as_fd().as_raw_fd()).into()
    }
}

fn check_owner(path: &Path, uid: u32, mode: u32) -> Result<(), FileError> {
    let path = path.to_path_buf();
    if uid != our_uid() {
        return Err(FileError::Foreign { path, owner: uid });
    }
    if mode & 0o077 != 0 {
        return Err(FileError::Exposed { path, mode: mode & 0o7777 });
    }
    Ok(())
}
