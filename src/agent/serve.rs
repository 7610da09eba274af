//! One client: its requests, one after the other, or its listening.

use std::cell::Cell;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::hub::Hub;
use crate::host::socket::{Peer, our_uid, peer, takes_more};
use crate::service::wire::{self, Call, Hello, MAX_CALL, MAX_REPLY, PROTOCOL, Reply, WireError};
use crate::service::{Progress, Request, Response};

/// A client that takes nothing for so long is let go.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// One that connects and says nothing is let go after so long.
const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Progress is told no more often than this.
const PROGRESS_EVERY: Duration = Duration::from_millis(30);

/// Serves one connection until it ends, in whatever way. No other one notices.
pub(super) fn serve(hub: &Arc<Hub>, stream: UnixStream) {
    let Ok(peer) = peer(&stream) else { return };
    if peer.uid != our_uid() {
        return hub.log.write(format_args!("refused uid={} pid={}", peer.uid, peer.pid));
    }
    if let Err(error) = greet(&stream) {
        return hub.log.write(format_args!("refused pid={}: {error}", peer.pid));
    }
    let Some(number) = hub.clients.enter(peer, hub.now()) else {
        refuse(&stream);
        return hub.log.write(format_args!("refused pid={}: too many clients", peer.pid));
    };
    hub.alarm();
    hub.log.write(format_args!("connect pid={}", peer.pid));
    match converse(hub, &stream, peer) {
        Ok(()) | Err(WireError::Closed) => hub.log.write(format_args!("disconnect pid={}", peer.pid)),
        Err(error) => hub.log.write(format_args!("disconnect pid={}: {error}", peer.pid)),
    }
    hub.clients.leave(number);
    hub.alarm();
}

fn greet(mut stream: &UnixStream) -> Result<(), WireError> {
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    stream.set_read_timeout(Some(HELLO_TIMEOUT))?;
    let theirs = Hello::receive(&mut stream)?;
    Hello::ours().send(&mut stream)?;
    stream.set_read_timeout(None)?;
    if theirs.protocol == PROTOCOL { Ok(()) } else { Err(WireError::OtherVersion(theirs.protocol)) }
}

/// Tells one client too many so. It has to have asked something first: what is closed before that, it cannot read.
fn refuse(mut stream: &UnixStream) {
    // One that has gone need not be told.
    let _ = stream.set_read_timeout(Some(HELLO_TIMEOUT));
    if wire::receive(&mut stream, MAX_CALL).is_ok() {
        let _ = wire::send(&mut stream, &Reply::Busy, MAX_REPLY);
    }
}

fn converse(hub: &Arc<Hub>, mut stream: &UnixStream, peer: Peer) -> Result<(), WireError> {
    while !hub.is_ending() {
        let call = wire::decode(&wire::receive(&mut stream, MAX_CALL)?)?;
        match call {
            Call::Request(request) => answer(hub, stream, peer, request)?,
            Call::Listen => return listen(hub, stream),
        }
    }
    Ok(())
}

fn answer(hub: &Hub, mut stream: &UnixStream, peer: Peer, request: Request) -> Result<(), WireError> {
    let word = request.word();
    let last = Cell::new(None::<Instant>);
    let progress = |progress: Progress| {
        // The vault is in our hands meanwhile: one that does not read must not make the others wait.
        if last.get().is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) && takes_more(stream) {
            last.set(Some(Instant::now()));
            // One that is gone is noticed at the answer.
            let _ = wire::send(&mut &*stream, &Reply::Progress(progress), MAX_REPLY);
        }
    };
    let opens = matches!(request, Request::Unlock(_) | Request::Create { .. });
    let login = if opens { hub.logins.of(peer.pid) } else { None };
    let answer = hub.call(request, login, &progress);
    if let Some(word) = word {
        let came = if answer.is_ok() { "done" } else { "refused" };
        hub.log.write(format_args!("{word} {came} pid={}", peer.pid));
    }
    wire::send(&mut stream, &Reply::Answer(answer), MAX_REPLY)
}

/// Tells news until the client is gone, which is noticed by its silence ending.
fn listen(hub: &Arc<Hub>, mut stream: &UnixStream) -> Result<(), WireError> {
    let mailbox = hub.newsroom.subscribe();
    // Whoever hears this misses nothing from now on.
    wire::send(&mut stream, &Reply::Answer(Ok(Response::Done)), MAX_REPLY)
        .inspect_err(|_| hub.newsroom.unsubscribe(&mailbox))?;
    let (for_thread, mut to) = (mailbox.clone(), stream.try_clone()?);
    let teller = Builder::new().name("news".to_owned()).spawn(move || {
        while let Some(news) = for_thread.take() {
            if wire::send(&mut to, &Reply::News(news), MAX_REPLY).is_err() {
                let _ = to.shutdown(std::net::Shutdown::Both);
                return;
            }
        }
    })?;
    let ended = wire::receive(&mut stream, MAX_CALL);
    hub.newsroom.unsubscribe(&mailbox);
    let _ = teller.join();
    match ended {
        Err(error) => Err(error),
        Ok(_) => Err(WireError::Io(io::Error::other("a listener does not speak"))),
    }
}
