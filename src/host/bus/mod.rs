//! D-Bus, as far as one needs it who asks and listens: a connection that blocks, without a runtime of its own.

mod address;
mod message;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io::{self, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::cmsg_space;
use rustix::io::retry_on_intr;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use serde::Serialize;
use zbus::DynamicType;

pub use address::BusAddress;
pub use message::{Kind, Message, Method};

/// How long the bus, or one that is called, may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Most signals that are kept while an answer is waited for.
const MOST_WAITING: usize = 256;
/// Longest line while both sides introduce themselves.
const MAX_LINE: usize = 512;

/// The bus itself.
const BUS: Method<'_> =
    Method { of: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", name: "" };

/// Why the bus is of no use.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// There is none, or it is gone, or it does not answer.
    #[error("{}", super::answer::in_words(.0))]
    Io(#[from] io::Error),
    /// It does not let us in.
    #[error("not let in")]
    Unwelcome,
    /// It says what makes no sense, or too much.
    #[error("not understood")]
    Malformed,
    /// The one that was called says no, in the words of the bus for it.
    #[error("refused")]
    Refused(Box<str>),
}

/// A connection to a bus.
#[derive(Debug)]
pub struct Bus {
    stream: UnixStream,
    serial: u32,
    /// Signals that came while an answer was waited for.
    waiting: VecDeque<Message>,
}

impl Bus {
    /// Connects, introduces ourselves and says hello.
    ///
    /// # Errors
    /// When there is no bus, or it does not let us in.
    pub fn connect(address: &BusAddress) -> Result<Self, BusError> {
        let stream = address.connect()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        introduce(&stream)?;
        let mut bus = Self { stream, serial: 0, waiting: VecDeque::new() };
        bus.call(&Method { name: "Hello", ..BUS }, &())?;
        Ok(bus)
    }

    /// Calls `method` with `body`, and waits for the answer.
    ///
    /// # Errors
    /// [`BusError::Refused`]; any other one is the end of this connection.
    pub fn call<B: Serialize + DynamicType>(&mut self, method: &Method<'_>, body: &B) -> Result<Message, BusError> {
        self.serial = self.serial.wrapping_add(1).max(1);
        let bytes = message::encode(method, self.serial, body)?;
        self.stream.write_all(&bytes)?;
        let start = Instant::now();
        loop {
            let message = self.receive()?;
            match message.kind {
                Kind::Reply(serial) if serial == self.serial => return Ok(message),
                Kind::Refusal(serial) if serial == self.serial => return Err(BusError::Refused(message.name)),
                Kind::Signal if self.waiting.len() < MOST_WAITING => self.waiting.push_back(message),
                Kind::Signal => return Err(BusError::Malformed),
                _ => {}
            }
            if start.elapsed() > PATIENCE {
                return Err(io::Error::from(io::ErrorKind::TimedOut).into());
            }
        }
    }

    /// Signals that fit `rule` come from now on.
    ///
    /// # Errors
    /// As [`Bus::call`].
    pub fn listen(&mut self, rule: &str) -> Result<(), BusError> {
        self.call(&Method { name: "AddMatch", ..BUS }, &rule).map(drop)
    }

    /// The unique name of whoever has `name` at the moment, if anybody has.
    ///
    /// # Errors
    /// As [`Bus::call`].
    pub fn owner(&mut self, name: &str) -> Result<Option<String>, BusError> {
        match self.call(&Method { name: "GetNameOwner", ..BUS }, &name) {
            Ok(answer) => answer.read().map(Some),
            Err(BusError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A signal that came while an answer was waited for.
    pub fn waiting(&mut self) -> Option<Message> {
        self.waiting.pop_front()
    }

    /// The next message, once the connection is readable.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub fn receive(&mut self) -> Result<Message, BusError> {
        let mut fds = Vec::new();
        let mut start = [0; message::START];
        self.fill(&mut start, &mut fds)?;
        let mut bytes = vec![0; message::length(&start)?];
        let (head, rest) = bytes.split_at_mut(message::START);
        head.copy_from_slice(&start);
        self.fill(rest, &mut fds)?;
        message::decode(&bytes, fds)
    }

    /// Reads as many bytes, and the descriptors that come with them.
    fn fill(&self, mut bytes: &mut [u8], fds: &mut Vec<OwnedFd>) -> Result<(), BusError> {
        while !bytes.is_empty() {
            let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(16))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let read = retry_on_intr(|| {
                let mut into = [IoSliceMut::new(bytes)];
                recvmsg(&self.stream, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)
            });
            let read = read.map_err(io::Error::from)?.bytes;
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(came) = message {
                    fds.extend(came);
                }
            }
            match bytes.split_at_mut_checked(read) {
                Some((_, rest)) if read > 0 => bytes = rest,
                _ => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            }
        }
        Ok(())
    }
}

/// Readable when a message has come, or the bus is gone.
impl AsFd for Bus {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Tells the bus who we are, which it checks with the kernel, and that we take descriptors.
fn introduce(stream: &UnixStream) -> Result<(), BusError> {
    let uid: String = super::owner::our_uid().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
    say(stream, &format!("\0AUTH EXTERNAL {uid}\r\n"))?;
    heard(stream, b"OK ")?;
    say(stream, "NEGOTIATE_UNIX_FD\r\n")?;
    heard(stream, b"AGREE_UNIX_FD")?;
    say(stream, "BEGIN\r\n")
}

fn say(mut stream: &UnixStream, words: &str) -> Result<(), BusError> {
    Ok(stream.write_all(words.as_bytes())?)
}

/// Reads a line, which has to begin with `words`.
fn heard(mut stream: &UnixStream, words: &[u8]) -> Result<(), BusError> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut byte = [0];
        // Not a byte more: what follows may be a message.
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
        if line.len() > MAX_LINE {
            return Err(BusError::Malformed);
        }
    }
    if line.starts_with(words) { Ok(()) } else { Err(BusError::Unwelcome) }
}
