//! The agent: the process that owns an unlocked vault. Screens and commands are its clients, through the one door.
//!
//! * `hub` has the vault and carries out requests, one at a time (`turn`); `serve` speaks with one client.
//! * `newsroom` tells everybody what happened (`told` says what, `users` to whom of several); `clients` knows who is there; `alarm` keeps the deadlines.
//! * `vigil` locks the vault when the login session that opened it ends (`logins`) and when the machine sleeps; it asks
//!   `logind`, where there is one.
//! * `events` is the log. Every client has a thread of its own that blocks in a read: an idle agent is never woken by us.

mod alarm;
mod clients;
mod events;
mod hub;
mod launch;
mod logind;
mod logins;
mod newsroom;
mod serve;
mod told;
mod turn;
mod users;
mod vigil;

use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::Builder;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::host::bus::BusAddress;
use crate::host::files::{self, FileError};
use crate::host::lock::{LockError, VaultLock};
use crate::host::socket::{Open, Socket, SocketDir};
use crate::host::{Clock, SystemClock};
use crate::service::{AgentPlace, Service};
pub use launch::{away, in_foreground};

use events::EventLog;
use hub::Hub;
use logins::Logins;

/// How long an agent that a command started waits for the next one.
pub const LINGER: Duration = Duration::from_secs(60);

/// What an agent is told at its start.
pub struct Setup {
    /// Where it is met.
    pub place: AgentPlace,
    /// The vault's door in this process.
    pub service: Service,
    /// Where events are written, if anywhere.
    pub log: Option<PathBuf>,
    /// The bus that logind is on.
    pub bus: BusAddress,
    /// For one that a command started: it ends when the vault has been locked, and nobody connected, for so long, and not
    /// with the terminal of that command.
    pub linger: Option<Duration>,
}

/// Why there is no agent, or why it ended.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Another agent has the vault.
    #[error("process {0} is the agent of this vault already; kill {0} ends it, and locks the vault first")]
    Another(u32),
    /// A file, a directory or the socket is not as it should be.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system refused.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// It served, and ended with a request in hand that kept the vault from being locked.
    #[error("a request took too long to lock the vault, so the agent ended, and the keys with it")]
    Overdue,
}

/// What ends an agent.
enum End {
    Signal(i32),
    Unused,
    /// The vault could not be locked in time.
    Overdue,
}

/// Serves the vault until a signal comes, or, for one that a command started, until nobody needs it. `ready` is called with
/// the socket's directory as soon as clients can connect. The vault is then locked and the socket gone. Gives the number of
/// the signal.
///
/// # Errors
/// [`AgentError`], before `ready` is called; but for [`AgentError::Overdue`], which comes at the end, so that a service
/// manager starts another.
pub fn run(setup: Setup, ready: impl FnOnce(&Path)) -> Result<Option<i32>, AgentError> {
    let Setup { place, service, log, bus, linger } = setup;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    files::private_dir(&place.vault.state)?;
    let _only = claim(&place, service.is_for_users(), clock.now())?;
    let log = EventLog::open(log.as_deref(), clock.clone())?;
    let (end, ended) = mpsc::channel();
    watch_signals(end.clone(), linger.is_some())?;
    let (dirs, name) = (listening_dirs(&place, service.is_for_users()), place.socket_name());
    let doorways = dirs.iter().map(|(dir, open)| listen(dir, &name, *open)).collect::<Result<Vec<_>, _>>()?;
    let (doorways, listeners): (Vec<_>, Vec<_>) = doorways.into_iter().unzip();
    let quit = end.clone();
    let quit = Box::new(move || drop(quit.send(End::Overdue)));
    let hub = Arc::new(Hub::new(service, clock, log, Logins::new(bus)?, quit)?);
    start_threads(&hub, listeners, end, linger)?;
    hub.log.write(format_args!("start pid={}", std::process::id()));
    ready(&dirs[0].0);
    let why = ended.recv().unwrap_or(End::Unused);
    // Whoever finds no socket any more may be sure that the vault is locked.
    if !matches!(why, End::Overdue) {
        hub.end("end");
    }
    doorways.iter().for_each(|(dir, socket)| dir.remove(&name, socket));
    hub.log.write(format_args!("end"));
    hub.log.finish();
    match why {
        End::Signal(number) => Ok(Some(number)),
        End::Unused => Ok(None),
        End::Overdue => Err(AgentError::Overdue),
    }
}

/// Makes the directories in which the agent of `place` is met, and takes the locks beside its sockets. Where another agent
/// has one of them, as one with a state directory of its own may, there is none of ours at all: whoever looks there finds
/// that one, which has the vault.
fn claim(place: &AgentPlace, for_users: bool, now: i64) -> Result<Vec<VaultLock>, AgentError> {
    let claim = |(dir, open): &(PathBuf, Open)| -> Result<VaultLock, AgentError> {
        match open {
            Open::ToUs => files::private_dir(dir)?,
            Open::ToAll => SocketDir::make_shared(dir)?,
        }
        // Before anything is put in a directory that is not ours.
        drop(open_dir(dir, *open)?);
        VaultLock::acquire(&place.lock_beside(dir), now).map_err(|error| match error {
            LockError::Held(held) => AgentError::Another(held.pid),
            LockError::File(error) => error.into(),
        })
    };
    // The state directory's first: what it tells of is ours alone.
    let mut dirs = listening_dirs(place, for_users);
    if for_users {
        // One of ours for us alone is not met there, but must not be beside this one.
        dirs.push((place.lock_dir(), Open::ToUs));
    }
    dirs.iter().rev().map(claim).collect()
}

/// Where the agent of `place` listens, and to whom.
fn listening_dirs(place: &AgentPlace, for_users: bool) -> Vec<(PathBuf, Open)> {
    if for_users {
        return vec![(place.system_dir().to_path_buf(), Open::ToAll)];
    }
    place.socket_dirs().into_iter().map(|dir| (dir, Open::ToUs)).collect()
}

fn open_dir(path: &Path, open: Open) -> Result<SocketDir, FileError> {
    if open == Open::ToAll { SocketDir::open_shared(path) } else { SocketDir::open(path) }
}

/// Listens at `name` in the directory at `path`.
fn listen(path: &Path, name: &str, open: Open) -> Result<((SocketDir, Socket), UnixListener), FileError> {
    let dir = open_dir(path, open)?;
    let (listener, socket) = dir.listen(name, open)?;
    Ok(((dir, socket), listener))
}

fn watch_signals(end: Sender<End>, spawned: bool) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGQUIT, SIGHUP])?;
    Builder::new().name("signals".to_owned()).spawn(move || {
        // The terminal that a command was typed at may go: others still use what it started.
        let ends = |signal: &i32| !(spawned && matches!(*signal, SIGHUP | SIGINT | SIGQUIT));
        let _ = signals.forever().find(ends).map(|signal| end.send(End::Signal(signal)));
    })?;
    Ok(())
}

fn start_threads(
    hub: &Arc<Hub>,
    listeners: Vec<UnixListener>,
    end: Sender<End>,
    linger: Option<Duration>,
) -> std::io::Result<()> {
    let for_alarm = hub.clone();
    Builder::new().name("alarm".to_owned()).spawn(move || {
        let leave = || drop(end.send(End::Unused));
        alarm::keep(&for_alarm, linger.map(|linger| (linger, &leave as &dyn Fn())));
    })?;
    let for_vigil = hub.clone();
    Builder::new().name("vigil".to_owned()).spawn(move || vigil::keep(&for_vigil))?;
    for listener in listeners {
        let hub = hub.clone();
        Builder::new().name("accept".to_owned()).spawn(move || accept(&hub, &listener))?;
    }
    Ok(())
}

fn accept(hub: &Arc<Hub>, listener: &UnixListener) {
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Out of descriptors, for one: others have to go first.
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        if hub.is_ending() {
            // Closed before it is greeted, it knows that nothing was done, and waits for our end.
            continue;
        }
        let for_client = hub.clone();
        let served = Builder::new().name("client".to_owned()).spawn(move || serve::serve(&for_client, stream));
        if let Err(error) = served {
            hub.log.write(format_args!("refused: no thread for a client: {error}"));
        }
    }
}
