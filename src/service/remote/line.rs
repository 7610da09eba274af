//! One connection to an agent.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::AgentPlace;
use crate::host::answer::in_words;
use crate::host::owner::our_uid;
use crate::host::socket::{SocketDir, peer};
use crate::service::wire::{self, Call, Hello, MAX_CALL, MAX_REPLY, PROTOCOL, Reply, WireError};
use crate::service::{DoorError, News, Progress, Response};

/// How long an agent may take to say hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection on which both sides have said hello.
pub(super) struct Line {
    stream: UnixStream,
    /// The agent serves several users.
    pub(super) is_shared: bool,
}

impl Line {
    /// Connects to the agent of `place`, if one runs.
    ///
    /// # Errors
    /// When the socket, its directory or the process behind it is not to be trusted, or of another version.
    pub(super) fn connect(place: &AgentPlace) -> Result<Option<Self>, DoorError> {
        for dir in place.socket_dirs() {
            match SocketDir::open(&dir) {
                Err(error) if error.is_not_found() => {}
                dir => {
                    let stream = dir?.connect(&place.socket_name())?;
                    let line = stream.map(|stream| Self::greet(stream, false)).transpose()?.flatten();
                    if line.is_some() {
                        return Ok(line);
                    }
                }
            }
        }
        Self::connect_shared(place)
    }

    /// Connects to the agent that serves the vault of `place` to several users, if one runs.
    fn connect_shared(place: &AgentPlace) -> Result<Option<Self>, DoorError> {
        let owner = match std::fs::metadata(&place.vault.vault) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
            // Where no vault is, nobody else may be told the passphrase of the one that is made there.
            Err(_) => return Ok(None),
            Ok(vault) => Some(vault.uid()),
        };
        let shared = SocketDir::connect_shared(place.system_dir(), &place.socket_name())?;
        let Some(stream) = shared else { return Ok(None) };
        let served_by = peer(&stream).map_err(|error| lost(&error.into()))?.uid;
        if served_by != 0 && owner.is_some_and(|owner| owner != served_by) {
            return Err(of_another_s_vault(served_by));
        }
        Self::greet(stream, true)
    }

    /// Says hello; `None` when the agent ended before it answered. Of one that `is_shared`, the directory has told that it
    /// is to be trusted.
    fn greet(mut stream: UnixStream, is_shared: bool) -> Result<Option<Self>, DoorError> {
        let peer = peer(&stream).map_err(|error| lost(&error.into()))?;
        if peer.uid != our_uid() && !is_shared {
            let why = format!(
                "the agent's socket is served by user {}, not by you: nothing was sent to it. Find out who put it there",
                peer.uid
            );
            return Err(DoorError::Agent(why));
        }
        let theirs = match exchange(&mut stream) {
            Err(WireError::Closed) => return Ok(None),
            theirs => theirs.map_err(|error| lost(&error))?,
        };
        if theirs.protocol != PROTOCOL {
            return Err(of_another_version(peer.pid, &theirs));
        }
        Ok(Some(Self { stream, is_shared }))
    }

    /// Sends a request.
    pub(super) fn send(&mut self, call: &Call) -> Result<(), WireError> {
        wire::send(&mut self.stream, call, MAX_CALL)
    }

    /// The agent's answer to what was sent last.
    pub(super) fn answer(&mut self, progress: &dyn Fn(Progress)) -> Result<Result<Response, DoorError>, WireError> {
        loop {
            match wire::decode(&wire::receive(&mut self.stream, MAX_REPLY)?)? {
                Reply::Progress(told) => progress(told),
                Reply::Answer(answer) => return Ok(answer),
                Reply::Busy => return Ok(Err(busy())),
                Reply::News(_) => return Err(WireError::Malformed),
            }
        }
    }

    /// The next news, on a line that has said [`Call::Listen`].
    pub(super) fn news(&mut self) -> Result<News, DoorError> {
        let reply = wire::receive(&mut self.stream, MAX_REPLY).and_then(|frame| wire::decode(&frame));
        match reply.map_err(|error| lost(&error))? {
            Reply::News(news) => Ok(news),
            Reply::Busy => Err(busy()),
            Reply::Progress(_) | Reply::Answer(_) => Err(lost(&WireError::Malformed)),
        }
    }
}

/// Whoever has the directory of all sockets can put any name there.
fn of_another_s_vault(uid: u32) -> DoorError {
    DoorError::Agent(format!(
        "the system-wide agent's socket for this vault is served by user {uid}, whose vault it is not: nothing was sent to \
         it. Find out who put it there"
    ))
}

/// Our hello for theirs. An agent answers at once, whatever it works on; one that was stopped never does.
fn exchange(stream: &mut UnixStream) -> Result<Hello, WireError> {
    stream.set_read_timeout(Some(HELLO_TIMEOUT))?;
    Hello::ours().send(stream)?;
    let theirs = Hello::receive(stream)?;
    stream.set_read_timeout(None)?;
    Ok(theirs)
}

/// `pid` is 0 when it is no process that we can see.
fn of_another_version(pid: u32, theirs: &Hello) -> DoorError {
    let (ours, theirs) = (Hello::ours().version, &theirs.version);
    let (process, end) = match pid {
        0 => (String::new(), "End it where it runs".to_owned()),
        pid => (format!(" (process {pid})"), format!("End it with kill {pid}")),
    };
    DoorError::Agent(format!(
        "the agent{process} is strongroom {theirs}, which does not understand this one, {ours}. {end}: it locks the \
         vault first"
    ))
}

/// What a broken line means to whoever asked.
pub(super) fn lost(error: &WireError) -> DoorError {
    let why = match error {
        WireError::Io(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            "it takes too long".to_owned()
        }
        WireError::Io(error) => in_words(error),
        other => other.to_string(),
    };
    DoorError::Agent(format!("the agent does not answer: {why}. Try again"))
}

fn busy() -> DoorError {
    DoorError::Agent("the agent has as many clients as it takes: close some, then try again".into())
}
