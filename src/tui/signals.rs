//! Signals and the hang-up, as [`Event`]s, and the promise that the process ends.
//!
//! Both threads block without a timer: an idle program is never woken by them.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, Builder};
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::input::Event;
use super::terminal::{Output, Tty};
use crate::host::sync::hold;

/// How long the screens have to end by themselves after a hang-up or a termination.
const GRACE: Duration = Duration::from_millis(800);
/// How long the last words may take when they have not.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// What shells report for a death by signal: this plus its number.
pub const KILLED: i32 = 128;

/// Watches signals and the terminal, and calls `sink` for each: [`Event::Suspend`], [`Event::Resumed`],
/// [`Event::Resize`] (once at the start, too), [`Event::Terminate`], [`Event::HangUp`].
///
/// After the last two the process must end. If it has not within 0.8 s (the screens may be stuck
/// in a write to a dead terminal), `last_words` is called, which gives the terminal back, and the
/// process exits with 128 plus the signal's number within the second. Nothing is wiped or closed then:
/// the kernel takes back the memory and the vault's lock with the process, and the next opening finds
/// a store that was not closed.
///
/// # Errors
/// When the signals cannot be watched or the system has no thread to give.
pub fn watch<S, L>(tty: Tty, sink: S, last_words: L) -> io::Result<()>
where
    S: Fn(Event) + Clone + Send + 'static,
    L: FnOnce() + Send + 'static,
{
    let end =
        End(Arc::new(Ending { begun: AtomicBool::new(false), last_words: Mutex::new(Some(Box::new(last_words))) }));
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH])?;
    let (signal_end, signal_sink, signal_tty) = (end.clone(), sink.clone(), tty.clone());
    Builder::new().name("signals".to_owned()).spawn(move || {
        // It may have changed before anybody watched.
        tell_size(&signal_tty, &signal_sink);
        for signal in signals.forever() {
            report(signal, &signal_tty, &signal_sink, &signal_end);
        }
    })?;
    Builder::new().name("hang-up".to_owned()).spawn(move || {
        // Where hang-ups cannot be watched, SIGHUP still tells of them.
        if tty.wait_for_hang_up().is_ok() {
            sink(Event::HangUp);
            end.within_grace(SIGHUP);
        }
    })?;
    Ok(())
}

fn report(signal: i32, tty: &Tty, sink: &impl Fn(Event), end: &End) {
    match signal {
        SIGTSTP => sink(Event::Suspend),
        // The kernel sends this one along with the SIGHUP of a broken connection.
        SIGCONT if tty.is_hung_up() => {}
        SIGCONT => sink(Event::Resumed),
        SIGWINCH => tell_size(tty, sink),
        SIGHUP => {
            sink(Event::HangUp);
            end.within_grace(SIGHUP);
        }
        other => {
            sink(Event::Terminate(other));
            end.within_grace(other);
        }
    }
}

fn tell_size(tty: &Tty, sink: &impl Fn(Event)) {
    // A terminal that has no size any more is gone, which the other thread tells.
    if let Ok(size) = tty.size() {
        sink(Event::Resize { columns: size.width, rows: size.height });
    }
}

#[derive(Clone)]
struct End(Arc<Ending>);

struct Ending {
    begun: AtomicBool,
    last_words: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl End {
    /// Ends the process after the grace, unless it ends by itself. Only the first call counts.
    fn within_grace(&self, signal: i32) {
        if self.0.begun.swap(true, Ordering::SeqCst) {
            return;
        }
        thread::sleep(GRACE);
        self.speak();
        process::exit(KILLED + signal);
    }

    /// Runs the last words beside this thread: they may block on what the screens hold.
    fn speak(&self) {
        let words = hold(&self.0.last_words).take();
        let (done, wait) = mpsc::channel();
        let spoken = words.map(|words| {
            thread::spawn(move || {
                words();
                done.send(())
            })
        });
        if spoken.is_some() {
            // The time is over either way.
            let _ = wait.recv_timeout(LAST_WORDS);
        }
    }
}
