//! A bell that one thread rings and another hears, among other things that it waits for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

/// Readable once it was rung, until somebody hears it.
#[derive(Debug)]
pub struct Bell(OwnedFd);

impl Bell {
    /// Nobody has rung yet.
    ///
    /// # Errors
    /// When the system has no descriptor to give.
    pub fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Whoever waits goes on; if nobody does, the next one. Rung twice is rung.
    pub fn ring(&self) {
        // Full is as good as written.
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    /// Not readable until it is rung again.
    pub fn hear(&self) {
        // Nothing to read is as good as read.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    #[test]
    fn it_rings_until_it_is_heard() {
        let bell = Bell::new().unwrap();
        let rings = || poll(&mut [PollFd::new(&bell, PollFlags::IN)], Some(&Timespec::default())).unwrap() == 1;
        assert!(!rings());
        bell.ring();
        bell.ring();
        assert!(rings() && rings());
        bell.hear();
        assert!(!rings());
        bell.hear();
    }
}
