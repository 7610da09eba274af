//! Getting a passphrase: from a file, from standard input, or from a hidden prompt.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Failed;
use super::exit::Exit;
use crate::domain::SecretBytes;

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const CTRL_U: u8 = 0x15;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
/// Longest passphrase or recovery key, in bytes.
const MAX: usize = 4096;

/// The first line of `file`, or what is typed at the prompt when there is no file.
///
/// # Errors
/// When the file cannot be read or is empty, when there is no terminal to ask at, or when the person gives up.
pub(super) fn secret(file: Option<&Path>, question: &str) -> Result<SecretBytes, Failed> {
    match file {
        Some(path) if path == Path::new("-") => read_line(&mut io::stdin().lock()),
        Some(path) => {
            let name = |error| Failed::new(Exit::Failure, format!("{}: {error}", path.display()));
            read_line(&mut File::open(path).map_err(name)?)
        }
        None => ask(question),
    }
}

/// A new passphrase, asked twice.
///
/// # Errors
/// As [`secret`], and when the two are not the same.
pub(super) fn new_secret(file: Option<&Path>, question: &str) -> Result<SecretBytes, Failed> {
    let first = secret(file, question)?;
    if file.is_none() && ask("The same again: ")? != first {
        return Err(Failed::new(Exit::Aborted, "The two passphrases are not the same: nothing was changed."));
    }
    Ok(first)
}

fn read_line(from: &mut impl Read) -> Result<SecretBytes, Failed> {
    let mut line = SecretBytes::with_capacity(MAX);
    let mut byte = [0];
    while line.len() < MAX && from.read(&mut byte).map_err(|error| Failed::new(Exit::Failure, error.to_string()))? == 1
    {
        if byte[0] == b'\n' {
            break;
        }
        line.push(&byte);
    }
    if line.expose().last() == Some(&b'\r') {
        line.splice(line.len() - 1, 1, b"");
    }
    if line.is_empty() { Err(Failed::new(Exit::WrongKey, "The passphrase is empty.")) } else { Ok(line) }
}

fn ask(question: &str) -> Result<SecretBytes, Failed> {
    let no_terminal = |_| Failed::new(Exit::Locked, "No terminal to ask at: give --passphrase-file F.");
    let terminal = File::options().read(true).write(true).open("/dev/tty").map_err(no_terminal)?;
    let hidden = Hidden::begin(&terminal).map_err(no_terminal)?;
    let _ = (&terminal).write_all(question.as_bytes());
    let line = type_line(&terminal);
    let _ = (&terminal).write_all(b"\n");
    drop(hidden);
    line
}

/// Reads keys one by one, since Ctrl-C must give the echo back before it ends anything.
fn type_line(mut terminal: &File) -> Result<SecretBytes, Failed> {
    let mut line = SecretBytes::with_capacity(MAX);
    let mut key = [0];
    loop {
        let read = terminal.read(&mut key).map_err(|error| Failed::new(Exit::Failure, error.to_string()))?;
        match key[0] {
            _ if read == 0 => return Err(given_up()),
            b'\r' | b'\n' if line.is_empty() => return Err(Failed::new(Exit::WrongKey, "The passphrase is empty.")),
            b'\r' | b'\n' => return Ok(line),
            CTRL_C => return Err(given_up()),
            CTRL_D if line.is_empty() => return Err(given_up()),
            CTRL_U => line.splice(0, line.len(), b""),
            BACKSPACE | DELETE => rub_out(&mut line),
            byte if line.len() < MAX => line.push(&[byte]),
            _ => {}
        }
    }
}

/// Takes the last character off, all its bytes.
fn rub_out(line: &mut SecretBytes) {
    let continues = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    let tail = line.expose().iter().rev().take_while(|byte| continues(byte)).count();
    let remove = (tail + 1).min(line.len());
    line.splice(line.len() - remove, remove, b"");
}

fn given_up() -> Failed {
    Failed::new(Exit::Aborted, "Given up: nothing was changed.")
}

/// Nothing typed is shown, and Ctrl-C is a key, for as long as this lives.
struct Hidden<'a>(&'a File, Termios);

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self(terminal, before))
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.0, OptionalActions::Flush, &self.1);
    }
}
