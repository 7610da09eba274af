//! How an agent begins: in the foreground under a service manager, or away from the terminal of the command that needs it.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

use super::{AgentError, Setup, run};
use crate::service::READY;

/// Serves in the foreground; `told` is called with the socket's directory once clients can connect. A service manager that
/// asked for it (`NOTIFY_SOCKET`, see sd_notify(3)) is told, too.
///
/// # Errors
/// As [`run`].
pub fn in_foreground(setup: Setup, told: impl FnOnce(&Path)) -> Result<Option<i32>, AgentError> {
    run(setup, |dir| {
        if let Some(socket) = env::var_os("NOTIFY_SOCKET") {
            // A manager that hears nothing says so itself.
            let _ = notify(&socket);
        }
        told(dir);
    })
}

/// Serves away from any terminal. Whoever started it reads one line from its standard output: [`READY`], also when
/// another agent serves the vault already, or why it does not.
///
/// # Errors
/// As [`run`]; the line has told it.
pub fn away(setup: Setup) -> Result<Option<i32>, AgentError> {
    // Whoever leads a session already has left the terminal.
    let _ = rustix::process::setsid();
    let ended = run(setup, |_| say(READY));
    match &ended {
        Err(AgentError::Another(_)) => say(READY),
        // It was ready long ago: nobody reads any more.
        Ok(_) | Err(AgentError::Overdue) => {}
        Err(error) => say(&error.to_string()),
    }
    ended
}

/// The starter may have gone in the meantime.
fn say(word: &str) {
    let _ = writeln!(io::stdout(), "{word}");
}

fn notify(socket: &OsStr) -> io::Result<()> {
    UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address(socket)?).map(drop)
}

/// Linux knows names that are in no directory; they are written with an `@`.
#[cfg(target_os = "linux")]
fn address(socket: &OsStr) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(socket),
    }
}

#[cfg(not(target_os = "linux"))]
fn address(socket: &OsStr) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(socket)
}
