//! The program at a real terminal: threads, channels, one loop.
//!
//! The loop blocks until something arrives; it has a timer only while the app names a deadline. What
//! has piled up is taken in together and drawn once.

pub mod files;
mod worker;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use ratatui::Terminal;
use signal_hook::consts::SIGHUP;

use super::app::{App, Msg, Now, Setup};
use super::input::{self, Event};
use super::layer::{Effect, LayerId, Millis};
use super::signals;
use super::terminal::{FrameBackend, TerminalGuard, Tty, install_panic_hook};
use crate::domain::{Keeper, Timestamp};
use crate::host::clipboard::{NotSent, Route};
use crate::host::memory::{Depth, leaving_no_trace};
use crate::host::{Clock, place, process};
use crate::service::{Door, VaultStatus};
use worker::Worker;

/// A message on its way to the loop. In a box, for a channel keeps the places of messages that have passed through it,
/// as they were, and some are keys of a passphrase; a box is freed, and so wiped, when it is opened.
type Boxed = Box<Msg>;

/// What the program needs besides its [`Setup`].
pub struct Program {
    /// What the app is told at its start.
    pub setup: Setup,
    /// The vault behind its door.
    pub door: Box<dyn Door>,
    /// What the door says of the vault now.
    pub status: VaultStatus,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Whether the terminal is at the far end of an SSH connection.
    pub over_ssh: bool,
    /// What stands between us and the clipboard.
    pub route: Route,
}

/// Why the screens ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The person quit.
    Quit,
    /// A signal, by its number; SIGHUP stands for a terminal that is gone, too.
    Signal(i32),
}

impl Ended {
    /// What `msg` ends the program with, if it does so from outside.
    fn by(msg: &Msg) -> Option<Self> {
        match msg {
            Msg::Event(Event::Terminate(signal)) => Some(Self::Signal(*signal)),
            Msg::Event(Event::HangUp) => Some(Self::Signal(SIGHUP)),
            _ => None,
        }
    }
}

/// Runs the screens until the person quits, a signal says so or the terminal is gone. The vault is
/// then closed and the terminal as it was.
///
/// # Errors
/// When there is no terminal, or it refuses.
pub fn run(program: Program) -> io::Result<Ended> {
    let tty = Tty::open()?;
    match screens(tty.clone(), program) {
        // Whatever failed first, this is why.
        Err(_) if tty.is_hung_up() => Ok(Ended::Signal(SIGHUP)),
        ended => ended,
    }
}

fn screens(tty: Tty, program: Program) -> io::Result<Ended> {
    let guard = TerminalGuard::enter(tty.clone())?;
    install_panic_hook(guard.restorer());
    let (sender, inbox) = mpsc::channel();
    let mut screen = Screen::new(tty.clone(), &program)?;
    let size = screen.terminal.size()?;
    let setup = Setup { size: (size.width, size.height), ..program.setup };
    let (mut app, effects) = App::new(setup, program.status, screen.now());
    app.set_keeper(this_program());
    screen.draw(&app)?;
    let worker = Worker::start(program.door, sender.clone())?;
    listen(&tty, &guard, &sender, program.over_ssh)?;
    let mut outside = Outside { guard, worker, sender };
    let done = converse(&mut app, &mut screen, &mut outside, &inbox, effects);
    let left = outside.guard.leave();
    done.and_then(|ended| left.map(|()| ended))
}

/// Whose the forms are that are kept: another session finds out by it whether they stand here still.
fn this_program() -> Keeper {
    let pid = std::process::id();
    Keeper { pid, started: process::started(pid), terminal: place::terminal_name() }
}

/// The loop: what has come in, taken together, then a frame.
fn converse(
    app: &mut App,
    screen: &mut Screen,
    outside: &mut Outside,
    inbox: &Receiver<Boxed>,
    first: Vec<(LayerId, Effect)>,
) -> io::Result<Ended> {
    let mut open = outside.carry_out(first, app, screen)?;
    let mut ended = None;
    while open {
        let Some(first) = screen.wait(inbox, app.deadline()) else { break };
        for msg in std::iter::once(first).chain(inbox.try_iter().map(|boxed| *boxed)) {
            ended = ended.or(Ended::by(&msg));
            let effects = app.update(msg, screen.now());
            open = outside.carry_out(effects, app, screen)?;
            if !open {
                // What was typed after it finds no screen any more.
                break;
            }
        }
        if open {
            screen.draw(app)?;
        }
    }
    Ok(ended.unwrap_or(Ended::Quit))
}

/// Starts the threads that listen to keys, signals and the line.
fn listen(tty: &Tty, guard: &TerminalGuard, sender: &Sender<Boxed>, over_ssh: bool) -> io::Result<()> {
    let sink = |sender: Sender<Boxed>| {
        move |event: Event| {
            // A loop that has ended needs no events.
            let _ = sender.send(Box::new(Msg::Event(event)));
        }
    };
    let restorer = guard.restorer();
    signals::watch(tty.clone(), sink(sender.clone()), move || {
        let _ = restorer.leave(Duration::ZERO);
    })?;
    input::spawn(input::escape_hold(over_ssh), sink(sender.clone())).map(drop)
}

/// The terminal's screen and the two clocks.
struct Screen {
    tty: Tty,
    terminal: Terminal<FrameBackend<Tty>>,
    clock: Arc<dyn Clock>,
    started: Duration,
    route: Route,
}

impl Screen {
    fn new(tty: Tty, program: &Program) -> io::Result<Self> {
        let terminal = Terminal::new(FrameBackend::new(tty.clone())?)?;
        let (clock, route) = (program.clock.clone(), program.route);
        Ok(Self { tty, terminal, started: clock.uptime(), clock, route })
    }

    fn now(&self) -> Now {
        let since = self.clock.uptime().saturating_sub(self.started);
        Now { wall: Timestamp(self.clock.now()), mono: Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX) }
    }

    fn draw(&mut self, app: &App) -> io::Result<()> {
        self.terminal.draw(|frame| app.render(frame)).map(drop)
    }

    /// Frees the buffers of cells, which the binary's allocator wipes: an emptied cell may keep its character, as what
    /// says that it is empty is elsewhere in it.
    fn forget(&mut self) -> io::Result<()> {
        self.terminal = Terminal::new(FrameBackend::new(self.tty.clone())?)?;
        self.redraw()
    }

    fn redraw(&mut self) -> io::Result<()> {
        self.terminal.backend_mut().forget();
        self.terminal.clear()
    }

    /// The next message; a tick when `deadline` comes first; `None` when nobody can send any more.
    fn wait(&self, inbox: &Receiver<Boxed>, deadline: Option<Millis>) -> Option<Msg> {
        let Some(at) = deadline else { return inbox.recv().ok().map(|boxed| *boxed) };
        let left = Duration::from_millis(at.saturating_sub(self.now().mono));
        match inbox.recv_timeout(left) {
            Ok(boxed) => Some(*boxed),
            Err(RecvTimeoutError::Timeout) => Some(Msg::Tick),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }
}

/// Where effects go. The terminal is given back before the door's last work is waited for.
struct Outside {
    guard: TerminalGuard,
    worker: Worker,
    sender: Sender<Boxed>,
}

impl Outside {
    /// Carries out effects, and what follows from them at once; `false` when the program ends.
    fn carry_out(&mut self, effects: Vec<(LayerId, Effect)>, app: &mut App, screen: &mut Screen) -> io::Result<bool> {
        for (layer, effect) in effects {
            match effect {
                Effect::Ask(request) => self.worker.ask(layer, request),
                Effect::ReadFile(path) => {
                    worker::aside(&self.sender, move || Msg::File(layer, path.clone(), files::read(&path)));
                }
                Effect::ListFolder(path) => {
                    worker::aside(&self.sender, move || Msg::Folder(layer, path.clone(), files::list(&path)));
                }
                Effect::Copy(bytes) => {
                    let outcome = match screen.route.copy(bytes.expose()) {
                        Ok(sequence) => {
                            screen.terminal.backend_mut().send(&sequence)?;
                            Ok(Some(screen.route.advice().to_owned()))
                        }
                        Err(error @ NotSent::NoClipboard) => Err(format!("{error}: reveal the value with v")),
                        Err(error) => Err(error.to_string()),
                    };
                    let follow = app.update(Msg::Copied(outcome), screen.now());
                    self.carry_out(follow, app, screen)?;
                }
                Effect::ClearClipboard => {
                    if let Ok(sequence) = screen.route.clear() {
                        screen.terminal.backend_mut().send(&sequence)?;
                    }
                }
                Effect::Suspend => {
                    self.guard.suspend()?;
                    screen.redraw()?;
                }
                Effect::Resume => {
                    self.guard.resume()?;
                    screen.redraw()?;
                }
                Effect::Redraw => screen.redraw()?,
                Effect::Forget => leaving_no_trace(Depth::Records, || screen.forget())?,
                Effect::Quit => return Ok(false),
            }
        }
        Ok(true)
    }
}
