//! A question at the terminal, whose answer is not shown. Whatever ends it, the echo comes back first.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGTSTP};
use signal_hook::low_level::{emulate_default_handler, signal_name};
use zeroize::Zeroizing;

use super::typing::{After, type_key};
use crate::cli::Failed;
use crate::cli::exit::Exit;
use crate::domain::SecretBytes;
use crate::host::answer::in_words;
use crate::host::signals::Caught;

/// The rest of an escape sequence or of a paste, and the kernel's word of a hang-up, come within this time.
const REST: Duration = Duration::from_millis(100);

/// Asks `question` at the terminal; the answer has at most `most` bytes. `otherwise` says what to do where there is none.
///
/// # Errors
/// When there is no terminal, nothing is typed, the person gives up, or a signal ends the program.
pub(super) fn ask(question: &str, most: usize, otherwise: impl Fn() -> Failed) -> Result<SecretBytes, Failed> {
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(|_| otherwise())?;
    let mut prompt = Prompt::begin(terminal, question).map_err(|_| otherwise())?;
    prompt.line(most).unwrap_or_else(|error| Err(prompt.broken(&error)))
}

/// Nothing typed is shown, and keys and signals come here, for as long as this lives.
struct Prompt<'a> {
    terminal: File,
    question: &'a str,
    before: Termios,
    // Dropped last: the terminal has its settings back before a signal can end us.
    signals: Caught,
}

/// What comes in.
enum Input {
    Key(u8),
    Signal(i32),
}

impl<'a> Prompt<'a> {
    fn begin(terminal: File, question: &'a str) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let prompt = Self { terminal, question, before, signals: Caught::begin()? };
        prompt.hide()?;
        Ok(prompt)
    }

    /// Reads keys until Enter. An error of the system is outside, why there is no line is inside.
    fn line(&mut self, most: usize) -> io::Result<Result<SecretBytes, Failed>> {
        let mut line = SecretBytes::with_capacity(most);
        loop {
            let after = match self.next()? {
                Input::Key(key) => type_key(&mut line, key, most),
                Input::Signal(SIGTSTP) => After::Stop,
                Input::Signal(SIGCONT) => After::Again(None),
                Input::Signal(number) => return Ok(Err(ended(number))),
            };
            match after {
                After::More => {}
                After::Done if line.is_empty() => return Ok(Err(nothing_typed())),
                After::Done => return Ok(Ok(line)),
                After::GivenUp => return Ok(Err(given_up())),
                After::StopAll => self.stop_all()?,
                After::Stop => self.stop()?,
                After::Again(why) => {
                    line.splice(0, line.len(), b"");
                    self.again(why)?;
                }
            }
        }
    }

    /// Waits for a key or a signal.
    fn next(&mut self) -> io::Result<Input> {
        loop {
            if let Some(number) = self.signals.take() {
                return Ok(Input::Signal(number));
            }
            if self.is_typed_within(None)? {
                return Ok(match self.read() {
                    Some(key) => Input::Key(key),
                    None => Input::Signal(self.late_signal().unwrap_or(SIGHUP)),
                });
            }
        }
    }

    /// Waits for a key (or the end of the terminal); false when a signal or the end of the time comes first.
    fn is_typed_within(&self, limit: Option<Duration>) -> io::Result<bool> {
        let mut watched = [PollFd::new(&self.terminal, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
        wait(&mut watched, limit)?;
        Ok(!watched[0].revents().is_empty())
    }

    /// One byte; `None` when the terminal is gone.
    fn read(&self) -> Option<u8> {
        let mut byte = Zeroizing::new([0]);
        loop {
            match (&self.terminal).read(&mut *byte) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(1) => return Some(byte[0]),
                _ => return None,
            }
        }
    }

    /// The signal that says why the terminal is gone; it may be a moment late.
    fn late_signal(&mut self) -> Option<i32> {
        // What comes of the wait, the next line tells.
        let _ = wait(&mut [PollFd::new(&self.signals, PollFlags::IN)], Some(REST));
        self.signals.take()
    }

    /// The terminal refused something, most likely because it is gone.
    fn broken(&mut self, error: &io::Error) -> Failed {
        self.late_signal().map_or_else(|| broken(error), ended)
    }

    /// Asks once more, from the start: forgets what came together with the key that was refused.
    fn again(&self, why: Option<&str>) -> io::Result<()> {
        if let Some(why) = why {
            while self.is_typed_within(Some(REST))? && self.read().is_some() {}
            self.say(&format!("\n{why} Start again.\n"));
        }
        // Over the question, when it still stands there.
        self.say("\r");
        self.hide()
    }

    /// Ctrl-Z is for everybody in the foreground; it comes back to us as a signal.
    fn stop_all(&self) -> io::Result<()> {
        self.show()?;
        Ok(kill_current_process_group(Signal::TSTP)?)
    }

    /// Stops until somebody continues us, which is a signal again.
    fn stop(&self) -> io::Result<()> {
        self.show()?;
        self.say("\n");
        emulate_default_handler(SIGTSTP)
    }

    fn hide(&self) -> io::Result<()> {
        let mut quiet = self.before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        self.set(&quiet)?;
        self.say(self.question);
        Ok(())
    }

    fn show(&self) -> io::Result<()> {
        self.set(&self.before)
    }

    /// Puts settings into force at once: waiting for output to drain could take for ever. What was typed before
    /// belongs to nobody: not to the shell, and not to the next question.
    fn set(&self, settings: &Termios) -> io::Result<()> {
        tcsetattr(&self.terminal, OptionalActions::Now, settings)?;
        Ok(tcflush(&self.terminal, QueueSelector::IFlush)?)
    }

    fn say(&self, text: &str) {
        // A terminal that takes no words may still give keys.
        let _ = (&self.terminal).write_all(text.as_bytes());
    }
}

impl Drop for Prompt<'_> {
    fn drop(&mut self) {
        // Nothing is left to do about a terminal that is gone.
        let _ = self.show();
        self.say("\n");
    }
}

pub(super) fn wait(watched: &mut [PollFd<'_>], limit: Option<Duration>) -> io::Result<()> {
    let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
    match poll(watched, limit.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn nothing_typed() -> Failed {
    Failed::new(Exit::WrongKey, "nothing was typed, and an empty passphrase opens nothing. Start again.")
}

pub(super) fn given_up() -> Failed {
    Failed::new(Exit::Aborted, "given up: nothing was changed.")
}

pub(super) fn ended(signal: i32) -> Failed {
    let name = signal_name(signal).unwrap_or("a signal");
    Failed::new(Exit::Signal(signal), format!("ended by {name}: nothing was changed."))
}

pub(super) fn broken(error: &io::Error) -> Failed {
    let message = format!("the terminal cannot be asked: {}. Use another one, or a file.", in_words(error));
    Failed::new(Exit::Failure, message)
}
