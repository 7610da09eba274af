//! The terminal's modes: entered once, undone on every way out.

use std::io::{self, Write};
use std::panic;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use rustix::termios::Termios;
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level::emulate_default_handler;

use super::Tty;
use crate::host::panics::epitaph;
use crate::host::sync::hold;

/// How long an orderly way out waits for a slow terminal to take the farewell.
const SLOW_LINK: Duration = Duration::from_secs(5);

/// Owns the terminal's modes while the screens are up, and gives it back when dropped: raw mode, the alternate screen,
/// a hidden cursor, bracketed paste and focus reports. The mouse is left to the terminal, so that selecting text works.
#[derive(Debug)]
pub struct TerminalGuard(Restorer);

impl TerminalGuard {
    /// Enters the modes.
    ///
    /// # Errors
    /// When the terminal refuses; it is then as it was.
    pub fn enter(tty: Tty) -> io::Result<Self> {
        let guard = Self(Restorer(Arc::new(Modes { tty, original: Mutex::new(None) })));
        guard.resume()?;
        Ok(guard)
    }

    /// A handle that gives the terminal back from elsewhere: the panic hook, the last words of a
    /// process that is told to end.
    pub fn restorer(&self) -> Restorer {
        self.0.clone()
    }

    /// Gives the terminal back as it was. The second time does nothing.
    ///
    /// # Errors
    /// When the terminal is gone; everything that could be undone then is.
    pub fn leave(&self) -> io::Result<()> {
        self.0.leave(SLOW_LINK)
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does, and enters again when it is
    /// continued. The caller then draws everything anew.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn suspend(&self) -> io::Result<()> {
        self.leave()?;
        emulate_default_handler(SIGTSTP)?;
        self.resume()
    }

    /// Enters the modes again, whatever they are now: the process may have been stopped and
    /// continued (SIGSTOP, SIGCONT) by others, who know nothing of them.
    ///
    /// # Errors
    /// When the terminal refuses; it is then as it was.
    pub fn resume(&self) -> io::Result<()> {
        self.0.0.enter().inspect_err(|_| drop(self.leave()))
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        // Nothing is left to do about a terminal that is gone.
        let _ = self.leave();
    }
}

/// Gives the terminal back, from any thread.
#[derive(Debug, Clone)]
pub struct Restorer(Arc<Modes>);

impl Restorer {
    /// Gives the terminal back as it was, unless that was done already. A terminal that takes no
    /// output within `patience` gets its settings back, but not the escape sequences.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn leave(&self, patience: Duration) -> io::Result<()> {
        self.0.leave(patience)
    }
}

#[derive(Debug)]
struct Modes {
    tty: Tty,
    /// The settings to go back to, while the modes are entered.
    original: Mutex<Option<Termios>>,
}

impl Modes {
    fn enter(&self) -> io::Result<()> {
        let mut original = self.original();
        let before = match original.as_ref() {
            Some(before) => before.clone(),
            None => self.tty.termios()?,
        };
        let mut raw = before.clone();
        raw.make_raw();
        *original = Some(before);
        self.tty.set_termios(&raw)?;
        self.tty.clone().write_all(&entry()?)
    }

    fn leave(&self, patience: Duration) -> io::Result<()> {
        let mut original = self.original();
        let Some(before) = original.take() else { return Ok(()) };
        // The settings first: they never wait, and a shell without them is worse off.
        let set = self.tty.set_termios(&before);
        if self.tty.writable_within(patience) {
            self.tty.clone().write_all(&exit()?)?;
        }
        set
    }

    fn original(&self) -> MutexGuard<'_, Option<Termios>> {
        hold(&self.original)
    }
}

fn entry() -> io::Result<Vec<u8>> {
    let mut sequence = Vec::new();
    queue!(sequence, EnterAlternateScreen, DisableMouseCapture, Hide, EnableBracketedPaste, EnableFocusChange)?;
    Ok(sequence)
}

fn exit() -> io::Result<Vec<u8>> {
    let mut sequence = Vec::new();
    queue!(sequence, EndSynchronizedUpdate, DisableFocusChange, DisableBracketedPaste, ResetColor, Show)?;
    queue!(sequence, LeaveAlternateScreen)?;
    Ok(sequence)
}

/// Makes a panic of this thread give the terminal back first, and then say where the bug is. What
/// the panic says is never printed: it may hold a secret. Panics of other threads are silent: who
/// joins a thread tells of them, on a screen that is still up.
pub fn install_panic_hook(restorer: Restorer) {
    let screens = thread::current().id();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == screens {
            // The bug is the news, whether or not the terminal is still there.
            let _ = restorer.leave(SLOW_LINK);
            let _ = writeln!(io::stderr(), "{}", epitaph(panic));
        }
    }));
}
