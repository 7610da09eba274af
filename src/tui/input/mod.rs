//! From the terminal's bytes to [`Event`]s.
//!
//! One thread blocks until something arrives and hands it on; it has a timer only while a lone escape is held back (see
//! [`Decoder`]). The bytes may be a secret's, so they are read and decoded here: crossterm's reader keeps copies of what
//! was pasted in memory that it never wipes, and its poll by edges forgets a key that comes with a change of size.

mod decoder;
mod event;
mod sequence;

pub use decoder::Decoder;
pub use event::{Code, Event, Key};

use std::io::{self, Read};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use zeroize::{Zeroize, Zeroizing};

use super::terminal::Tty;

/// How much is read at once, in bytes.
const PIECE: usize = 4096;

/// How long a lone escape is held back: over SSH the rest of an arrow key may come in a later packet.
pub fn escape_hold(over_ssh: bool) -> Duration {
    Duration::from_millis(if over_ssh { 100 } else { 30 })
}

/// Starts the input thread, which calls `sink` for each event as it happens. When input ends, for whatever reason, its
/// last event is [`Event::HangUp`].
///
/// The terminal must be in raw mode. `hold` is [`escape_hold`]'s answer.
///
/// # Errors
/// When there is no terminal to read from, or the system has no thread to give.
pub fn spawn<S>(hold: Duration, sink: S) -> io::Result<JoinHandle<()>>
where
    S: Fn(Event) + Send + 'static,
{
    let keyboard = Tty::keyboard()?;
    Builder::new().name("input".to_owned()).spawn(move || {
        let last = HangUpAtEnd(sink);
        // An error says that the terminal is gone, which is what dropping `last` reports.
        let _ = forward(keyboard, Decoder::new(hold), &last.0);
    })
}

/// Reports the end of input even when the thread panics: nobody could type any more.
struct HangUpAtEnd<S: Fn(Event)>(S);

impl<S: Fn(Event)> Drop for HangUpAtEnd<S> {
    fn drop(&mut self) {
        (self.0)(Event::HangUp);
    }
}

fn forward(mut keyboard: Tty, mut decoder: Decoder, sink: &impl Fn(Event)) -> io::Result<()> {
    let mut buffer = Zeroizing::new([0; PIECE]);
    loop {
        let patience = decoder.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let events = if keyboard.readable_within(patience)? {
            let length = keyboard.read(&mut *buffer)?;
            if length == 0 {
                return Ok(());
            }
            let events = decoder.take(&buffer[..length], Instant::now());
            buffer[..length].zeroize();
            events
        } else {
            decoder.expire(Instant::now())
        };
        events.into_iter().for_each(sink);
    }
}
