//! THE ONE DOOR: a [`Request`] goes in, a [`Response`] comes out.
//!
//! Every front-end speaks to the vault through it and in no other way, so what the vault refuses (a delivery that the
//! status gate does not let pass, a draft that breaks the schema, a guess too soon) is refused to all of them.

mod guesses;
mod idle;
mod local;
mod origin;
mod remote;
mod request;
mod response;
pub mod wire;

pub use idle::IDLE_LOCK;
pub use local::Service;
pub use origin::{of_our_own_accord, origin_of};
pub use remote::{AgentPlace, InUse, READY, Remote, Running, Starter};
pub use request::*;

/// The door, wherever the vault behind it is: in this process, or in the agent's.
pub trait Door: Send {
    /// Carries out one request; blocks until it is done, telling `progress` of long work.
    ///
    /// # Errors
    /// A [`DoorError`] that says why it was not done.
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Result<Response, DoorError>;

    /// Whether an agent is behind it that serves several users of this machine; known once something was asked.
    fn is_shared(&self) -> bool {
        false
    }

    /// A second line to the same door, on which it tells what others do; `None` where there are no others.
    ///
    /// # Errors
    /// A [`DoorError`] when there should be one and is none.
    fn listen(&mut self) -> Result<Option<Box<dyn Listener>>, DoorError> {
        Ok(None)
    }
}

/// Hears what others do at the same vault.
pub trait Listener: Send {
    /// Blocks until there is news.
    ///
    /// # Errors
    /// When the line is gone: there will be no news on it any more.
    fn next(&mut self) -> Result<News, DoorError>;
}
