//! One client: its requests, one after the other, or its listening.

use std::cell::{Cell, OnceCell};
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::hub::Hub;
use super::newsroom::Mailbox;
use crate::domain::audit::Origin;
use crate::host::owner::our_uid;
use crate::host::socket::{Peer, Until, peer, takes_more};
use crate::service::wire::{self, Call, Hello, MAX_CALL, MAX_REPLY, PROTOCOL, Reply, WireError};
use crate::service::{Progress, Request, Response, origin_of};

/// A client that has not taken a message whole after so long is let go: it may hold a value, and the vault may be locked.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// One that connects and says nothing is let go after so long.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Progress is told no more often than this.
const PROGRESS_EVERY: Duration = Duration::from_millis(30);

/// Serves one connection until it ends, in whatever way. No other one notices.
pub(super) fn serve(hub: &Arc<Hub>, stream: UnixStream) {
    let Ok(peer) = peer(&stream) else { return };
    if peer.uid != our_uid() && !hub.is_for_users() {
        return hub.log.write(format_args!("refused uid={} pid={}", peer.uid, peer.pid));
    }
    let Some(_knocked) = hub.clients.knock(peer) else {
        return hub.log.write(format_args!("refused {}: too many connections of that user", Of(peer)));
    };
    if let Err(error) = greet(&stream) {
        return hub.log.write(format_args!("refused {}: {error}", Of(peer)));
    }
    let Some(number) = hub.clients.enter(peer, hub.now()) else {
        refuse(&stream);
        return hub.log.write(format_args!("refused {}: too many clients", Of(peer)));
    };
    // It is gone in the end, whatever happens to this thread.
    let _entered = Entered { hub, number };
    hub.alarm();
    hub.log.write(format_args!("connect {}", Of(peer)));
    match converse(hub, &stream, peer) {
        Ok(()) | Err(WireError::Closed) => hub.log.write(format_args!("disconnect {}", Of(peer))),
        Err(error) => hub.log.write(format_args!("disconnect {}: {error}", Of(peer))),
    }
}

/// Whoever is at the other end, as the log tells it.
struct Of(Peer);

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid={} uid={}", self.0.pid, self.0.uid)
    }
}

/// A client among the others.
struct Entered<'a> {
    hub: &'a Hub,
    number: u64,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.hub.clients.leave(self.number);
        self.hub.alarm();
    }
}

/// A box for news that is closed in the end.
struct Subscribed<'a> {
    hub: &'a Hub,
    mailbox: Arc<Mailbox>,
}

impl Drop for Subscribed<'_> {
    fn drop(&mut self) {
        self.hub.newsroom.unsubscribe(&self.mailbox);
    }
}

fn say(stream: &UnixStream, reply: &Reply) -> Result<(), WireError> {
    wire::send(&mut Until::new(stream, WRITE_TIMEOUT), reply, MAX_REPLY)
}

fn greet(mut stream: &UnixStream) -> Result<(), WireError> {
    stream.set_read_timeout(Some(HELLO_TIMEOUT))?;
    let theirs = Hello::receive(&mut stream)?;
    Hello::ours().send(&mut Until::new(stream, WRITE_TIMEOUT))?;
    stream.set_read_timeout(None)?;
    if theirs.protocol == PROTOCOL { Ok(()) } else { Err(WireError::OtherVersion(theirs.protocol)) }
}

/// Tells one client too many so. It has to have asked something first: what is closed before that, it cannot read.
fn refuse(mut stream: &UnixStream) {
    // One that has gone need not be told.
    let _ = stream.set_read_timeout(Some(HELLO_TIMEOUT));
    if wire::receive(&mut stream, MAX_CALL).is_ok() {
        let _ = say(stream, &Reply::Busy);
    }
}

fn converse(hub: &Arc<Hub>, mut stream: &UnixStream, peer: Peer) -> Result<(), WireError> {
    let origin = OnceCell::new();
    while !hub.is_ending() {
        let call = wire::decode(&wire::receive(&mut stream, MAX_CALL)?)?;
        match call {
            Call::Request(request) => answer(hub, stream, (peer, &origin), request)?,
            Call::Listen if hub.is_ending() => return Ok(()),
            Call::Listen => return listen(hub, stream, peer.uid),
        }
    }
    Ok(())
}

fn answer(
    hub: &Hub,
    stream: &UnixStream,
    (peer, origin): (Peer, &OnceCell<Origin>),
    request: Request,
) -> Result<(), WireError> {
    let word = request.word();
    let who = || origin.get_or_init(|| origin_of(peer.pid, peer.uid)).clone();
    if word.is_some() {
        // Now, once: while the vault is in our hands, nobody waits for a file system that hangs.
        who();
    }
    let last = Cell::new(None::<Instant>);
    let progress = |progress: Progress| {
        // The vault is in our hands meanwhile: one that does not read must not make the others wait.
        if last.get().is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) && takes_more(stream) {
            last.set(Some(Instant::now()));
            // One that is gone is noticed at the answer.
            let _ = say(stream, &Reply::Progress(progress));
        }
    };
    let opens = matches!(request, Request::Unlock(_) | Request::Create { .. });
    let login = if opens { hub.logins.of(peer.pid) } else { None };
    let answer = hub.call(request, (peer.uid, login), &who, &progress);
    if let Some(word) = word {
        let came = if answer.is_ok() { "done" } else { "refused" };
        hub.log.write(format_args!("{word} {came} {}", Of(peer)));
    }
    say(stream, &Reply::Answer(answer))
}

/// Tells news until the client is gone, which is noticed by its silence ending.
fn listen(hub: &Arc<Hub>, mut stream: &UnixStream, uid: u32) -> Result<(), WireError> {
    let subscribed = Subscribed { hub, mailbox: hub.newsroom.subscribe(uid) };
    // Whoever hears this misses nothing from now on.
    say(stream, &Reply::Answer(Ok(Response::Done)))?;
    let (for_thread, to) = (subscribed.mailbox.clone(), stream.try_clone()?);
    let teller = Builder::new().name("news".to_owned()).spawn(move || {
        while let Some(news) = for_thread.take() {
            if say(&to, &Reply::News(news)).is_err() {
                let _ = to.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    })?;
    let ended = wire::receive(&mut stream, MAX_CALL);
    drop(subscribed);
    let _ = teller.join();
    match ended {
        Err(error) => Err(error),
        Ok(_) => Err(WireError::Io(io::Error::other("a listener does not speak"))),
    }
}
