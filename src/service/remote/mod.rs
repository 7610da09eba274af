//! The door to a vault that an agent has: every request goes over its socket.

mod line;
mod place;
mod start;

use std::process::Child;
use std::time::{Duration, Instant};

use super::request::{DoorError, News, Progress, Request, Response};
use super::wire::{Call, WireError};
use super::{Door, Listener};
use line::{Line, lost};

pub use place::{AgentPlace, InUse};
pub use start::{READY, Starter};

/// How long one waits for an agent that is just being started by somebody else, or just ending.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two looks whether such an agent is there.
const PAUSE: Duration = Duration::from_millis(20);

/// What is said when an order was sent and no answer came.
const ENDED: &str =
    "the agent ended while it worked on this: unlock the vault and look whether it was done before you do it again";

/// The door of the vault at a place, wherever its agent is at the moment.
pub struct Remote {
    place: AgentPlace,
    starter: Starter,
    line: Option<Line>,
    /// The agent that we started, to be waited for once it has ended.
    child: Option<Child>,
}

/// Who has the vault at the moment.
pub enum Running {
    /// Its agent, and this is the door to it.
    Agent(Remote),
    /// Somebody who cannot be asked: whether it is locked is not known.
    OutOfReach(InUse),
    /// Nobody: it is locked.
    Nobody,
}

impl Remote {
    /// The door behind the agent at `place`, which is started with `starter` when it is needed and not there.
    pub fn new(place: AgentPlace, starter: Starter) -> Self {
        Self { place, starter, line: None, child: None }
    }

    /// The same, if an agent runs already. One that is just coming or ending is waited for.
    ///
    /// # Errors
    /// When there is one, but it is not to be trusted, or of another version.
    pub fn to_running(place: AgentPlace, starter: Starter) -> Result<Running, DoorError> {
        let begun = Instant::now();
        loop {
            if let Some(line) = Line::connect(&place)? {
                return Ok(Running::Agent(Self { place, starter, line: Some(line), child: None }));
            }
            if place.vault.is_out_of_reach() {
                return Err(not_there(&place));
            }
            match place.in_use()? {
                None => return Ok(Running::Nobody),
                Some(InUse::Agent(_)) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Some(in_use) => return Ok(Running::OutOfReach(in_use)),
            }
        }
    }

    fn line(&mut self) -> Result<&mut Line, DoorError> {
        let line = match self.line.take() {
            Some(line) => line,
            None => self.connect()?,
        };
        Ok(self.line.insert(line))
    }

    /// A line to the agent that runs, or to a new one.
    fn connect(&mut self) -> Result<Line, DoorError> {
        let begun = Instant::now();
        loop {
            if let Some(line) = Line::connect(&self.place)? {
                return Ok(line);
            }
            if self.place.vault.is_out_of_reach() {
                return Err(not_there(&self.place));
            }
            let agent = self.place.agent()?;
            match agent {
                Some(holder) if begun.elapsed() > PATIENCE => return Err(DoorError::Held(holder)),
                None if begun.elapsed() > PATIENCE => return Err(lost(&WireError::Closed)),
                // It is just coming, or just ending: another one would find its lock held.
                Some(_) => std::thread::sleep(PAUSE),
                None if self.start_one()? => {}
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    /// Starts an agent unless the one that we started still runs; whether the new one goes on. One that ended at once has
    /// found another that was just coming, or just ending.
    fn start_one(&mut self) -> Result<bool, DoorError> {
        let runs = |child: &mut Child| matches!(child.try_wait(), Ok(None));
        if self.child.as_mut().is_some_and(runs) {
            return Ok(false);
        }
        let child = self.child.insert(self.starter.start(&self.place)?);
        Ok(runs(child))
    }

    /// Sends `call`, over a new line when the agent of the old one has ended: what was not sent whole, it did not do.
    fn send(&mut self, call: &Call) -> Result<&mut Line, DoorError> {
        let begun = Instant::now();
        loop {
            match self.line()?.send(call) {
                Ok(()) => return self.line(),
                Err(WireError::TooLong(bytes)) => {
                    return Err(DoorError::System(format!("{bytes} bytes are too many at once")));
                }
                Err(error) => {
                    self.line = None;
                    if begun.elapsed() > PATIENCE {
                        return Err(lost(&error));
                    }
                }
            }
        }
    }
}

impl Door for Remote {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        let again = request.can_be_repeated();
        let call = Call::Request(request);
        let begun = Instant::now();
        loop {
            let error = match self.send(&call)?.answer(progress) {
                Ok(answer) => return answer,
                Err(error) => error,
            };
            self.line = None;
            match error {
                WireError::Closed if again && begun.elapsed() < PATIENCE => {}
                WireError::Closed => return Err(DoorError::Agent(ENDED.into())),
                error => return Err(lost(&error)),
            }
        }
    }

    fn is_shared(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.is_shared)
    }

    fn listen(&mut self) -> Result<Option<Box<dyn Listener>>, DoorError> {
        let mut line = Line::connect(&self.place)?.ok_or_else(|| lost(&WireError::Closed))?;
        line.send(&Call::Listen).map_err(|error| lost(&error))?;
        // Before the agent says so, a change could go unheard that a listing made meanwhile does not show.
        line.answer(&|_| {}).map_err(|error| lost(&error))??;
        Ok(Some(Box::new(NewsLine(line))))
    }
}

/// What is said where only an agent of another user could have the vault.
fn not_there(place: &AgentPlace) -> DoorError {
    let (vault, dir) = (place.vault.vault.display(), place.system_dir().display());
    DoorError::Agent(format!(
        "{vault} is another user's, and no system-wide agent serves it in {dir}. Whoever runs this machine starts one with \
         systemctl start strongroom, or as that user with strongroom agent --system"
    ))
}

/// A line that the agent tells news on.
struct NewsLine(Line);

impl Listener for NewsLine {
    fn next(&mut self) -> Result<News, DoorError> {
        self.0.news()
    }
}
