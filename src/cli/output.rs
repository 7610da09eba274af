//! Data on stdout, everything else on stderr; colour and progress only on a terminal.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Failed;
use super::exit::Exit;
use crate::domain::SecretBytes;
use crate::domain::text::{grouped, is_forbidden, sanitize};
use crate::host::answer::in_words;
use crate::service::{Progress, Step};

/// Progress is shown no more often than this.
const PROGRESS_EVERY: Duration = Duration::from_millis(60);
/// Cells of the bar.
const BAR: u64 = 20;

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

/// `value` as JSON that is safe to look at: what must not reach a terminal is written as `\u` escapes, which is the
/// same JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        match c {
            c if c != '\n' && is_forbidden(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| safe += &format!("\\u{unit:04x}"));
            }
            c => safe.push(c),
        }
    }
    safe + "\n"
}

/// Appends `text` as a string of JSON: the library's writer would keep it in buffers of its own.
pub(super) fn push_json(to: &mut SecretBytes, text: &str) {
    to.push(b"\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => to.push(format!("\\{c}").as_bytes()),
            c if c != ' ' && is_forbidden(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| to.push(format!("\\u{unit:04x}").as_bytes()));
            }
            c => to.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    to.push(b"\"");
}

/// `told`, an object, as JSON with one member more: the secret text in `bytes`.
pub(super) fn json_with(told: &impl Serialize, member: &str, bytes: &SecretBytes) -> SecretBytes {
    let text = json(told);
    let open = text.trim_end().strip_suffix('}').unwrap_or_default().trim_end();
    let mut out = SecretBytes::from(open);
    out.push(if open.ends_with('{') { b"\n  " } else { b",\n  " });
    push_json(&mut out, member);
    out.push(b": ");
    push_json(&mut out, bytes.expose_text().unwrap_or_default());
    out.push(b"\n}\n");
    out
}

/// Makes sure that somebody can read what is printed, before there is `what`, which is printed only once.
///
/// # Errors
/// When standard output is closed (the standard library puts the null device in its place then), or is thrown away.
pub(super) fn check_is_read(what: &str) -> Result<(), Failed> {
    let id = |file: File| file.metadata().map(|metadata| metadata.rdev());
    let null = File::open("/dev/null").and_then(id);
    match (io::stdout().as_fd().try_clone_to_owned().map(File::from).and_then(id), null) {
        (Ok(stdout), Ok(null)) if stdout == null => {
            let message = format!(
                "the {what} is printed once, and standard output is closed or /dev/null: nothing was changed. Send it to a \
                 terminal or a file."
            );
            Err(Failed::new(Exit::Usage, message))
        }
        _ => Ok(()),
    }
}

/// Prints bytes that are secret and nothing else, past the buffer of the standard library, which is never wiped.
///
/// # Errors
/// When standard output cannot take them; a closed pipe is no error but the end.
pub(super) fn value(bytes: &SecretBytes) -> Result<(), Failed> {
    let write = || File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(bytes.expose());
    match write() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("standard output does not take the data: {}. Send it elsewhere.", in_words(&error));
            Err(Failed::new(Exit::Failure, message))
        }
        _ => Ok(()),
    }
}

/// Prints a recovery key and nothing else, past the buffer of the standard library, which is never wiped.
///
/// # Errors
/// As [`once`].
pub(super) fn recovery_key(key: &SecretBytes) -> Result<(), Failed> {
    let next = "All else is done. Make a new one with strongroom recovery-key, and send it to a terminal or a file.";
    once("recovery key", &line_of(key), next)
}

/// `secret` and a line break.
pub(super) fn line_of(secret: &SecretBytes) -> SecretBytes {
    let mut line = SecretBytes::with_capacity(secret.len() + 1);
    line.push(secret.expose());
    line.push(b"\n");
    line
}

/// Prints `what` and nothing else, in the same way; `next` is what to do when nobody has got it.
///
/// # Errors
/// When it did not get out whole, whatever the reason: nobody has it then.
pub(super) fn once(what: &str, bytes: &SecretBytes, next: &str) -> Result<(), Failed> {
    let write = || File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(bytes.expose());
    write().map_err(|error| {
        let message = format!("the {what} was not printed, and nobody has it now: {}. {next}", in_words(&error));
        Failed::new(Exit::Failure, message)
    })
}

/// Writes a remark, sanitized.
pub(super) fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{}", sanitize(text));
}

/// The line on stderr that says how far long work has come. Nothing is written unless a terminal is there to see it;
/// the line wipes itself when this goes.
pub(super) struct ProgressLine<W: Write> {
    to: Option<RefCell<W>>,
    last: Cell<Option<Instant>>,
}

impl ProgressLine<io::Stderr> {
    pub(super) fn on_stderr() -> Self {
        Self::on(io::stderr().is_terminal().then(io::stderr))
    }
}

impl<W: Write> ProgressLine<W> {
    fn on(to: Option<W>) -> Self {
        Self { to: to.map(RefCell::new), last: Cell::new(None) }
    }

    pub(super) fn show(&self, progress: Progress) {
        let Some(to) = &self.to else { return };
        if self.last.get().is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
            self.last.set(Some(Instant::now()));
            let _ = write!(to.borrow_mut(), "\r{}\x1b[K", words(progress));
        }
    }
}

impl<W: Write> Drop for ProgressLine<W> {
    fn drop(&mut self) {
        if let Some(to) = self.to.as_mut().filter(|_| self.last.get().is_some()) {
            let _ = write!(to.get_mut(), "\r\x1b[K");
        }
    }
}

fn words(progress: Progress) -> String {
    let words = match progress.step {
        Step::DerivingKey => "Deriving the key",
        Step::OpeningStore => "Opening the store",
        Step::ReadingRecords => "Reading",
        Step::Rewriting => "Sealing anew",
        Step::BackingUp => "Backing up",
        Step::Restoring => "Restoring",
        Step::Examining => "Examining",
        Step::Importing => "Importing",
    };
    if progress.total == 0 {
        return format!("{words}…");
    }
    let (done, total) = (grouped(progress.done), grouped(progress.total));
    format!("{words} {} {done} of {total}", bar(progress.done, progress.total))
}

/// How much of it is done, in cells.
fn bar(done: u64, total: u64) -> String {
    let full = usize::try_from(done.min(total) * BAR / total.max(1)).unwrap_or_default();
    let whole = usize::try_from(BAR).unwrap_or_default();
    format!("{}{}", "█".repeat(full), "░".repeat(whole - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_same_and_moves_no_terminal() {
        let nasty = "a\x1b[31m\u{9b}2Jb\u{202E}c\u{200B}d\u{E0041}é\u{7f}\n\"\\";
        let text = json(&[nasty]);
        assert_eq!(text, "[\n  \"a\\u001b[31m\\u009b2Jb\\u202ec\\u200bd\\udb40\\udc41é\\u007f\\n\\\"\\\\\"\n]\n");
        assert_eq!(serde_json::from_str::<[String; 1]>(&text).unwrap()[0], nasty);
    }

    #[test]
    fn a_bar_fills_with_what_is_done() {
        let told = |done, total| words(Progress { step: Step::Importing, done, total });
        assert_eq!(told(0, 0), "Importing…");
        assert_eq!(told(0, 10_000), format!("Importing {} 0 of 10,000", "░".repeat(20)));
        assert_eq!(told(4_691, 10_000), format!("Importing {}{} 4,691 of 10,000", "█".repeat(9), "░".repeat(11)));
        assert_eq!(told(11, 10), format!("Importing {} 11 of 10", "█".repeat(20)));
    }

    #[test]
    fn secret_text_is_written_as_json_that_reads_the_same() {
        let nasty = "a\x1b\u{9b}b\u{202E}\u{E0041}é\u{7f}\n\r\t\"\\ \u{0}";
        let mut out = SecretBytes::default();
        push_json(&mut out, nasty);
        assert_eq!(serde_json::from_slice::<String>(out.expose()).unwrap(), nasty);
        assert!(!out.expose_text().unwrap().contains(is_forbidden));
    }

    #[test]
    fn progress_is_not_written_for_every_record() {
        let mut seen = Vec::new();
        let line = ProgressLine::on(Some(&mut seen));
        let start = Instant::now();
        (0..10_000).for_each(|done| line.show(Progress { step: Step::Rewriting, done, total: 10_000 }));
        let most = 1 + start.elapsed().as_millis() / PROGRESS_EVERY.as_millis();
        drop(line);
        let text = String::from_utf8(seen).unwrap();
        let first = format!("\rSealing anew {} 0 of 10,000\x1b[K", "░".repeat(20));
        assert!(text.starts_with(&first) && text.ends_with("\r\x1b[K"), "{text}");
        assert!(text.matches("Sealing").count() as u128 <= most, "{text}");
    }
}
