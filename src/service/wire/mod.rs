//! What goes over the agent's socket: the same [`Request`]s and answers, in frames.
//!
//! Each side first sends a [`Hello`] of fixed form, so that a program of another version is told so. Then the client sends
//! [`Call`]s, one at a time, and the agent [`Reply`]s. A frame is its length (four bytes, little-endian), then the message
//! in postcard's format. A frame that is too long or cannot be read ends the connection: what follows it has no meaning.

mod frame;
mod hello;

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::request::{DoorError, News, Progress, Request, Response};
use crate::domain::SecretBytes;

pub use frame::{receive, send};
pub use hello::{HELLO_LEN, Hello, PROTOCOL};

/// Longest frame that the agent takes, in bytes: a certificate bundle and its key, and a file of pairs, are far smaller.
pub const MAX_CALL: usize = 8 * 1024 * 1024;
/// Longest frame that a client takes, in bytes: the list of some hundred thousand secrets.
pub const MAX_REPLY: usize = 256 * 1024 * 1024;

/// What a client says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Call {
    /// A request at the door: any number of [`Reply::Progress`], then [`Reply::Answer`].
    Request(Request),
    /// From now on, after one [`Reply::Answer`], this connection is for [`Reply::News`] alone.
    Listen,
}

/// What the agent says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// How far the request in hand has come.
    Progress(Progress),
    /// The door's answer to it.
    Answer(Result<Response, DoorError>),
    /// What others did.
    News(News),
    /// To the first call: it has too many clients and takes no more; the connection ends.
    Busy,
}

/// Why there is no more to be had from a connection.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side has closed it.
    #[error("the connection was closed")]
    Closed,
    /// The operating system's word.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A frame longer than the limit, in bytes.
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
    /// A frame that says nothing we know.
    #[error("a frame cannot be read")]
    Malformed,
    /// The other side speaks this version of the protocol.
    #[error("the other side speaks version {0} of the protocol, this one {PROTOCOL}")]
    OtherVersion(u16),
    /// The other side is no strongroom at all.
    #[error("the other side does not speak our protocol")]
    Stranger,
}

/// The ways in which the system says that the other side is gone are one.
fn closed(error: std::io::Error) -> WireError {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => WireError::Closed,
        _ => error.into(),
    }
}

/// The message in `frame`.
///
/// # Errors
/// [`WireError::Malformed`], also for bytes after the message.
pub fn decode<'a, M: Deserialize<'a>>(frame: &'a SecretBytes) -> Result<M, WireError> {
    match postcard::take_from_bytes(frame.expose()) {
        Ok((message, [])) => Ok(message),
        _ => Err(WireError::Malformed),
    }
}
