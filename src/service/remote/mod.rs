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

pub use place::AgentPlace;
pub use start::{READY, Starter};

/// How long one waits for an agent that is just being started by somebody else, or just ending.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is said when an order was sent and no answer came.
const ENDED: &str = "the agent ended while it worked on this: unlock the vault and look whether it was done";

/// The door of the vault at a place, wherever its agent is at the moment.
pub struct Remote {
    place: AgentPlace,
    starter: Starter,
    line: Option<Line>,
    /// The agent that we started, to be waited for once it has ended.
    child: Option<Child>,
}

impl Remote {
    /// The door behind the agent at `place`, which is started with `starter` when it is needed and not there.
    pub fn new(place: AgentPlace, starter: Starter) -> Self {
        Self { place, starter, line: None, child: None }
    }

    /// The same, if an agent runs already.
    ///
    /// # Errors
    /// When there is one, but it is not to be trusted, or of another version.
    pub fn to_running(place: AgentPlace, starter: Starter) -> Result<Option<Self>, DoorError> {
        let line = Line::connect(&place)?;
        Ok(line.map(|line| Self { place, starter, line: Some(line), child: None }))
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
        let (begun, mut pause) = (Instant::now(), Duration::from_millis(5));
        loop {
            if let Some(line) = Line::connect(&self.place)? {
                return Ok(line);
            }
            if begun.elapsed() > PATIENCE {
                return Err(lost(&WireError::Closed));
            }
            if self.start_one()? {
                continue;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// Starts an agent unless the one that we started still runs. It may find another in its place that is just coming,
    /// or that is just ending: then one more has to be started.
    fn start_one(&mut self) -> Result<bool, DoorError> {
        let runs = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if !runs {
            self.child = Some(self.starter.start(&self.place)?);
        }
        Ok(!runs)
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
                WireError::Closed => return Err(DoorError::System(ENDED.into())),
                error => return Err(lost(&error)),
            }
        }
    }

    fn listen(&mut self) -> Result<Option<Box<dyn Listener>>, DoorError> {
        let mut line = Line::connect(&self.place)?.ok_or_else(|| lost(&WireError::Closed))?;
        line.send(&Call::Listen).map_err(|error| lost(&error))?;
        // Before the agent says so, a change could go unheard that a listing made meanwhile does not show.
        line.answer(&|_| {}).map_err(|error| lost(&error))??;
        Ok(Some(Box::new(NewsLine(line))))
    }
}

/// A line that the agent tells news on.
struct NewsLine(Line);

impl Listener for NewsLine {
    fn next(&mut self) -> Result<News, DoorError> {
        self.0.news()
    }
}
