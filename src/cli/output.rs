//! Data on stdout, everything else on stderr; colour and progress only on a terminal.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::Failed;
use super::exit::Exit;
use crate::domain::text::sanitize;
use crate::host::answer::in_words;
use crate::service::{Progress, Step};

/// Writes data.
///
/// # Errors
/// When stdout cannot take it; a closed pipe is no error but the end.
pub(super) fn data(text: &str) -> Result<(), Failed> {
    match io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("standard output does not take the data: {}. Send it elsewhere.", in_words(&error));
            Err(Failed::new(Exit::Failure, message))
        }
        _ => Ok(()),
    }
}

/// Writes a remark, sanitized.
pub(super) fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{}", sanitize(text));
}

/// Shows how far long work has come, on a line that wipes itself.
pub(super) fn progress(progress: Progress) {
    if !io::stderr().is_terminal() {
        return;
    }
    let words = match progress.step {
        Step::DerivingKey => "Deriving the key",
        Step::OpeningStore => "Opening the store",
        Step::ReadingRecords => "Reading",
        Step::Rewriting => "Sealing anew",
        Step::BackingUp => "Backing up",
        Step::Restoring => "Restoring",
        Step::Examining => "Examining",
    };
    let count = if progress.total > 0 { format!(" {} of {}", progress.done, progress.total) } else { "…".to_owned() };
    let _ = write!(io::stderr(), "\r{words}{count}\x1b[K");
}

/// Wipes the line of progress.
pub(super) fn progress_done() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}
