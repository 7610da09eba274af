//! From the terminal's bytes to [`Event`]s.
//!
//! One thread blocks until something arrives and hands it on; it has a timer only while a
//! lone escape is held back (see [`EscapeAssembler`]).

mod convert;
mod escape;
mod event;

pub use escape::EscapeAssembler;
pub use event::{Code, Event, Key};

use std::io;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How long a lone escape is held back: over SSH the rest of an arrow key may come in a later packet.
pub fn escape_hold(over_ssh: bool) -> Duration {
    Duration::from_millis(if over_ssh { 100 } else { 30 })
}

/// Starts the input thread, which calls `sink` for each event as it happens. When input ends, for
/// whatever reason, its last event is [`Event::HangUp`].
///
/// The terminal must be in raw mode. `hold` is [`escape_hold`]'s answer.
///
/// # Errors
/// When the system has no thread to give.
pub fn spawn<S>(hold: Duration, sink: S) -> io::Result<JoinHandle<()>>
where
    S: Fn(Event) + Send + 'static,
{
    Builder::new().name("input".to_owned()).spawn(move || {
        let last = HangUpAtEnd(sink);
        // An error says that the terminal is gone, which is what dropping `last` reports.
        let _ = forward(EscapeAssembler::new(hold), &last.0);
    })
}

/// Reports the end of input even when the thread panics: nobody could type any more.
struct HangUpAtEnd<S: Fn(Event)>(S);

impl<S: Fn(Event)> Drop for HangUpAtEnd<S> {
    fn drop(&mut self) {
        (self.0)(Event::HangUp);
    }
}

fn forward(mut assembler: EscapeAssembler, sink: &impl Fn(Event)) -> io::Result<()> {
    loop {
        let ready = match assembler.deadline() {
            Some(deadline) => crossterm::event::poll(deadline.saturating_duration_since(Instant::now()))?,
            None => true,
        };
        let events = if !ready {
            assembler.expire(Instant::now())
        } else if let Some(event) = convert::convert(crossterm::event::read()?) {
            assembler.take(event, Instant::now())
        } else {
            Vec::new()
        };
        events.into_iter().for_each(sink);
    }
}
