//! One connection to an agent.

use std::io::ErrorKind;
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
                dir => {
                    let line = dir?.connect(&place.socket_name())?.map(Self::greet).transpose()?.flatten();
                    if line.is_some() {
                        return Ok(line);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Says hello; `None` when the agent ended before it answered.
    fn greet(mut stream: UnixStream) -> Result<Option<Self>, DoorError> {
        let peer = peer(&stream).map_err(|error| lost(&error.into()))?;
        if peer.uid != our_uid() {
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
        Ok(Some(Self(stream)))
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
