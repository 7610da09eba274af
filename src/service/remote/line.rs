//! One connection to an agent.

use std::os::unix::net::UnixStream;

use super::AgentPlace;
use crate::host::answer::in_words;
use crate::host::socket::{SocketDir, our_uid, peer};
use crate::service::wire::{self, Call, Hello, MAX_CALL, MAX_REPLY, PROTOCOL, Reply, WireError};
use crate::service::{DoorError, News, Progress, Response};

/// A connection on which both sides have said hello.
pub(super) struct Line(UnixStream);

impl Line {
    /// Connects to the agent of `place`, if one runs.
    ///
    /// # Errors
    /// When the socket, its directory or the process behind it is not to be trusted, or of another version.
    pub(super) fn connect(place: &AgentPlace) -> Result<Option<Self>, DoorError> {
        for dir in place.socket_dirs() {
            match SocketDir::open(&dir) {
                Err(error) if error.is_not_found() => {}
                dir => match dir?.connect(&place.socket_name())? {
                    Some(stream) => return Self::greet(stream).map(Some),
                    None => {}
                },
            }
        }
        Ok(None)
    }

    fn greet(mut stream: UnixStream) -> Result<Self, DoorError> {
        let peer = peer(&stream).map_err(|error| lost(&error.into()))?;
        if peer.uid != our_uid() {
            let why = format!("the agent's socket is served by user {}, not by you: nothing was sent to it", peer.uid);
            return Err(DoorError::System(why));
        }
        Hello::ours().send(&mut stream).map_err(|error| lost(&error))?;
        let theirs = Hello::receive(&mut stream).map_err(|error| lost(&error))?;
        if theirs.protocol != PROTOCOL {
            return Err(DoorError::System(format!(
                "the agent (process {}) is strongroom {}, which does not understand this one, {}. End it with kill {}: \
                 it locks the vault first",
                peer.pid,
                theirs.version,
                Hello::ours().version,
                peer.pid
            )));
        }
        Ok(Self(stream))
    }

    /// Sends a request.
    pub(super) fn send(&mut self, call: &Call) -> Result<(), WireError> {
        wire::send(&mut self.0, call, MAX_CALL)
    }

    /// The agent's answer to what was sent last.
    pub(super) fn answer(&mut self, progress: &dyn Fn(Progress)) -> Result<Result<Response, DoorError>, WireError> {
        loop {
            match wire::decode(&wire::receive(&mut self.0, MAX_REPLY)?)? {
                Reply::Progress(told) => progress(told),
                Reply::Answer(answer) => return Ok(answer),
                Reply::Busy => return Ok(Err(busy())),
                Reply::News(_) => return Err(WireError::Malformed),
            }
        }
    }

    /// The next news, on a line that has said [`Call::Listen`].
    pub(super) fn news(&mut self) -> Result<News, DoorError> {
        let reply = wire::receive(&mut self.0, MAX_REPLY).and_then(|frame| wire::decode(&frame));
        match reply.map_err(|error| lost(&error))? {
            Reply::News(news) => Ok(news),
            Reply::Busy => Err(busy()),
            Reply::Progress(_) | Reply::Answer(_) => Err(lost(&WireError::Malformed)),
        }
    }
}

/// What a broken line means to whoever asked.
pub(super) fn lost(error: &WireError) -> DoorError {
    let why = match error {
        WireError::Io(error) => in_words(error),
        other => other.to_string(),
    };
    DoorError::System(format!("the agent does not answer: {why}"))
}

fn busy() -> DoorError {
    DoorError::System("the agent has as many clients as it takes: close some, then try again".into())
}
