//! Signals for whoever has the terminal in their hands: meanwhile they come here, and before and after that they do
//! what they always do.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;

use super::sync::hold;

/// The ones that end, stop or continue a program.
const CAUGHT: [i32; 6] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT];

/// Whether signals do what they always do: always, but while a [`Caught`] exists.
static BY_DEFAULT: AtomicBool = AtomicBool::new(true);

/// While this exists, the signals that end, stop or continue a program do nothing but come here. One at a time.
pub struct Caught(SignalDelivery<UnixStream, SignalOnly>);

impl Caught {
    /// Catches them from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn begin() -> io::Result<Self> {
        keep_defaults()?;
        let (read, write) = UnixStream::pair()?;
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, CAUGHT)?;
        BY_DEFAULT.store(false, Ordering::SeqCst);
        Ok(Self(delivery))
    }

    /// The number of a signal that has come, if any has.
    pub fn take(&mut self) -> Option<i32> {
        self.0.pending().next()
    }
}

/// Readable when a signal has come; [`Caught::take`] says which.
impl AsFd for Caught {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_read().as_fd()
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        BY_DEFAULT.store(true, Ordering::SeqCst);
    }
}

/// Installs what makes signals do what they always do. It stays: one that was listened to once, and is no more, would
/// be ignored for ever.
fn keep_defaults() -> io::Result<()> {
    static INSTALLED: Mutex<bool> = Mutex::new(false);
    let mut installed = hold(&INSTALLED);
    if !*installed {
        CAUGHT.into_iter().try_for_each(|signal| register_conditional_default(signal, &BY_DEFAULT).map(drop))?;
        *installed = true;
    }
    Ok(())
}
