//! The three calls to the kernel that no safe wrapper makes as we need them.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

/// The process, 0 when it is none that we can see, and the user at the other end of `stream`. The wrapper at hand takes no
/// process 0, which the kernel tells of a peer in another namespace.
pub(super) fn peer(stream: &UnixStream) -> io::Result<(u32, u32)> {
    let mut told = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut length = libc::socklen_t::try_from(size_of::<libc::ucred>()).unwrap_or_default();
    let (name, to) = (libc::SO_PEERCRED, (&raw mut told).cast());
    // SAFETY: the kernel writes no more than `length` bytes to `told`, for which any bytes will do; both outlive the call.
    let answer = unsafe { libc::getsockopt(stream.as_raw_fd(), libc::SOL_SOCKET, name, to, &raw mut length) };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((told.pid.unsigned_abs(), told.uid))
}

/// Sets whether the descriptor `number` is closed when a program starts; whether that was changed.
pub(super) fn close_on_exec(number: RawFd, closed: bool) -> io::Result<bool> {
    // SAFETY: it is used in this function alone, for calls that look at one flag of it, and whose number is not -1: those
    // that the callers name were open when we were started, and nobody here closes them.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let flags = fcntl_getfd(fd)?;
    if flags.contains(FdFlags::CLOEXEC) == closed {
        return Ok(false);
    }
    fcntl_setfd(fd, flags ^ FdFlags::CLOEXEC)?;
    Ok(true)
}

/// From now on `signal` does nothing.
pub(super) fn ignore(signal: i32) {
    // SAFETY: no handler is installed: what is handed in is a number, and a signal that cannot be ignored is refused.
    let _ = unsafe { libc::signal(signal, libc::SIG_IGN) };
}
