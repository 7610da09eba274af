//! The device: one descriptor for the modes, the size, the writing and the hang-up.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

use super::Output;

/// The terminal that the person sits at. Clones share the descriptor.
#[derive(Debug, Clone)]
pub struct Tty(Arc<File>);

impl Tty {
    /// Standard output, which must be a terminal: to be asked first, as nothing here does it.
    ///
    /// # Errors
    /// When there is no descriptor to give.
    pub fn open() -> io::Result<Self> {
        Ok(Self(Arc::new(File::from(io::stdout().as_fd().try_clone_to_owned()?))))
    }

    /// What the person types at: standard input when it is a terminal, else the controlling terminal.
    ///
    /// # Errors
    /// When there is no terminal at all.
    pub fn keyboard() -> io::Result<Self> {
        let stdin = io::stdin();
        let file =
            if stdin.is_terminal() { File::from(stdin.as_fd().try_clone_to_owned()?) } else { File::open("/dev/tty")? };
        Ok(Self(Arc::new(file)))
    }

    /// Whether something was typed, or the terminal is gone, within `limit`; without one, waits for that.
    ///
    /// # Errors
    /// When the kernel refuses to watch the descriptor.
    pub(in crate::tui) fn readable_within(&self, limit: Option<Duration>) -> io::Result<bool> {
        self.poll(PollFlags::IN, limit).map(|events| !events.is_empty())
    }

    /// Blocks, without a timer, until the terminal is gone (the connection broke, its window closed).
    ///
    /// # Errors
    /// When the kernel refuses to watch the descriptor.
    pub fn wait_for_hang_up(&self) -> io::Result<()> {
        // No event is asked for: hang-up and error are always reported, typed keys never are.
        self.poll(PollFlags::empty(), None).map(|_| ())
    }

    /// Whether the terminal is gone.
    pub(in crate::tui) fn is_hung_up(&self) -> bool {
        self.poll(PollFlags::empty(), Some(Duration::ZERO)).is_ok_and(|events| !events.is_empty())
    }

    /// Whether the terminal takes output within `limit`; a stopped or dead one does not.
    pub(super) fn writable_within(&self, limit: Duration) -> bool {
        let ready = self.poll(PollFlags::OUT, Some(limit));
        ready.is_ok_and(|events| events.contains(PollFlags::OUT) && !events.contains(PollFlags::HUP))
    }

    /// The line discipline's settings.
    pub(super) fn termios(&self) -> io::Result<Termios> {
        Ok(tcgetattr(&*self.0)?)
    }

    /// Puts settings into force at once: waiting for output to drain could take for ever.
    pub(super) fn set_termios(&self, termios: &Termios) -> io::Result<()> {
        Ok(tcsetattr(&*self.0, OptionalActions::Now, termios)?)
    }

    fn poll(&self, events: PollFlags, limit: Option<Duration>) -> io::Result<PollFlags> {
        let limit = limit.and_then(|d| Timespec::try_from(d).ok());
        let mut watched = [PollFd::new(&*self.0, events)];
        loop {
            match poll(&mut watched, limit.as_ref()) {
                Ok(_) => return Ok(watched[0].revents()),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Read for Tty {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&*self.0).read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Somebody we share the descriptor with made it non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.poll(PollFlags::IN, None)?;
                }
                done => return done,
            }
        }
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match (&*self.0).write(bytes) {
                // Somebody we share the descriptor with made it non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.poll(PollFlags::OUT, None)?;
                }
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Tty {
    fn size(&self) -> io::Result<Size> {
        let size = tcgetwinsize(&*self.0)?;
        Ok(Size::new(size.ws_col, size.ws_row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portable_pty::{PtySize, native_pty_system};
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;
    use std::sync::mpsc;
    use std::thread;

    #[test]
    fn a_hang_up_is_noticed_and_typing_is_not() {
        let size = PtySize { rows: 5, cols: 7, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let not_ours = crate::host::files::open_flags(rustix::fs::OFlags::NOCTTY);
        let name = pair.master.tty_name().unwrap();
        let slave = OpenOptions::new().read(true).write(true).custom_flags(not_ours).open(name).unwrap();
        let tty = Tty(Arc::new(slave));
        assert_eq!(tty.size().unwrap(), Size::new(7, 5));
        assert!(tty.writable_within(Duration::ZERO) && !tty.is_hung_up());
        let (told, gone) = mpsc::channel();
        let watched = tty.clone();
        thread::spawn(move || told.send(watched.wait_for_hang_up().is_ok()));
        let mut keyboard = pair.master.take_writer().unwrap();
        keyboard.write_all(b"typed\n").unwrap();
        assert!(gone.recv_timeout(Duration::from_millis(50)).is_err());
        drop((keyboard, pair));
        assert_eq!(gone.recv_timeout(Duration::from_secs(10)), Ok(true));
        assert!(tty.is_hung_up() && !tty.writable_within(Duration::ZERO));
    }
}
