//! `--passphrase-command`: what a program of the person's choice prints, such as a password manager.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use zeroize::Zeroizing;

use super::line;
use crate::cli::Failed;
use crate::cli::exit::Exit;
use crate::domain::SecretBytes;
use crate::host::answer::in_words;

/// How messages call it. What the command is, and what it printed, is nobody's business.
const NAME: &str = "--passphrase-command";

/// The first line that `command` prints, run by the shell. It has our input and our terminal, to ask there if it wants.
///
/// # Errors
/// When it cannot be run, does not end well, or prints no passphrase.
pub(super) fn first_line(command: &OsStr) -> Result<SecretBytes, Failed> {
    let (line, status) = run(command).map_err(|error| {
        let message = format!("{NAME}: it cannot be run: {}. Is there a shell, sh?", in_words(&error));
        Failed::new(Exit::Failure, message)
    })?;
    if !status.success() {
        let message = format!("{NAME}: it {}; what it printed is not used. Run it by hand to see why.", ended(status));
        return Err(Failed::new(Exit::Failure, message));
    }
    line::checked(NAME, line)
}

fn run(command: &OsStr) -> io::Result<(Option<SecretBytes>, ExitStatus)> {
    let mut child = Command::new("sh").arg("-c").arg(command).stdout(Stdio::piped()).spawn()?;
    let printed = child.stdout.take().map_or(Ok(None), printed_by);
    // It is waited for whatever it printed: nothing of it stays behind.
    let status = child.wait()?;
    Ok((printed?, status))
}

/// The first line of `output`, when all of it can be read.
fn printed_by(mut output: ChildStdout) -> io::Result<Option<SecretBytes>> {
    let line = line::first_line(&mut output)?;
    drain(output).map(|()| line)
}

/// Reads the rest, so that a program which prints more is not ended by a closed pipe.
fn drain(mut from: impl Read) -> io::Result<()> {
    let mut rest = Zeroizing::new([0; 4096]);
    loop {
        match from.read(&mut *rest) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
    }
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "did not end well".to_owned(),
    }
}
