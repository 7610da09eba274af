//! `--passphrase-fd`: a file that whoever started us has opened already.
//!
//! It is opened once more by its name under `/proc`, read to the end of the line without a buffer, and closed. A pipe gives
//! what is in it; a file, sealed in memory or not, is read from its beginning. The number itself stays as it was handed
//! to us: it is not ours to close.

use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{OFlags, fcntl_setfl};

use super::line;
use crate::cli::exit::Exit;
use crate::cli::{Failed, file_failed};
use crate::domain::SecretBytes;
use crate::host::files::open_flags;

/// The first line of what is open as `number`.
///
/// # Errors
/// When nothing is, when it cannot be read or is a terminal, or when the line is no passphrase.
pub(super) fn first_line(number: u32) -> Result<SecretBytes, Failed> {
    let name = name(number);
    let read = line::first_line(open(number)?).map_err(|error| file_failed(Path::new(&name), error))?;
    line::checked(&name, read)
}

/// How messages call it.
pub(in crate::cli) fn name(number: u32) -> String {
    format!("file descriptor {number}")
}

/// What is open as `number`, to be read.
///
/// # Errors
/// When nothing is, when it cannot be read, or when it is a terminal.
pub(super) fn open(number: u32) -> Result<File, Failed> {
    let name = name(number);
    let refused = |why: &str| Failed::new(Exit::Usage, format!("{name}: {why}"));
    let file = match number {
        0 => line::input(),
        1 | 2 => return Err(refused("output goes there. Open another one, such as 3< FILE.")),
        _ if !is_handed_over(number) => return Err(refused("nothing to be read is open there. Open it: 3< FILE.")),
        _ => reopen(number),
    };
    let file = file.map_err(|error| file_failed(Path::new(&name), error))?;
    if file.is_terminal() {
        return Err(refused("a terminal would show what is typed. Leave the option out to be asked."));
    }
    Ok(file)
}

/// Whether `number` was open for reading when we were started: what we open ourselves is closed when a program starts, and
/// no business of the person's.
fn is_handed_over(number: u32) -> bool {
    let told = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
    let flags = told.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
    flags
        .map(OFlags::from_bits_retain)
        .is_some_and(|flags| !flags.contains(OFlags::CLOEXEC) && flags & OFlags::RWMODE != OFlags::WRONLY)
}

/// Opens it without waiting for somebody at the other end of a named pipe, who may have come and gone; from then on, reading
/// waits.
fn reopen(number: u32) -> io::Result<File> {
    let flags = open_flags(OFlags::NONBLOCK | OFlags::NOCTTY);
    let path = format!("/proc/self/fd/{number}");
    let file =
        File::options().read(true).custom_flags(flags).open(path).map_err(|error| match error.raw_os_error() {
            // What the kernel says about a socket.
            Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => {
                io::Error::new(ErrorKind::Unsupported, "a socket cannot be read here")
            }
            _ => error,
        })?;
    fcntl_setfl(&file, OFlags::empty())?;
    Ok(file)
}
