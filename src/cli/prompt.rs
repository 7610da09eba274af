//! Getting a passphrase or a recovery key: from a file, from standard input, or from a hidden prompt.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::fd::AsFd;
use std::path::Path;

use zeroize::Zeroizing;

use super::exit::Exit;
use super::{Failed, file_failed, hidden, output, shown};
use crate::domain::SecretBytes;
use crate::form::strength::strength;

/// Longest passphrase or recovery key, in bytes; the screens take no longer one either.
pub(super) const MAX: usize = 1024;

/// A secret that a command needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// What is asked at a terminal.
    pub(super) question: &'static str,
    /// The option that names a file to read it from instead.
    pub(super) option: &'static str,
}

/// The first line of `file` (`-` is standard input), or what is typed at the prompt when there is no file.
///
/// # Errors
/// When the line cannot be read, is empty or too long, when there is no terminal to ask at, or when the person gives up.
pub(super) fn secret(file: Option<&Path>, wanted: Wanted) -> Result<SecretBytes, Failed> {
    let Some(path) = file.filter(|path| !is_typed(path)) else { return hidden::ask(wanted) };
    let name = if is_input(path) { Path::new("standard input") } else { path };
    let line = open(path).and_then(|from| first_line(&from)).map_err(|error| file_failed(name, error))?;
    let Some(line) = line else {
        let message = format!("{}: its first line is longer than {MAX} bytes. Is it the right file?", shown(name));
        return Err(Failed::new(Exit::Failure, message));
    };
    if line.is_empty() {
        let message = format!("{}: its first line is empty. Write the secret into it.", shown(name));
        return Err(Failed::new(Exit::WrongKey, message));
    }
    Ok(line)
}

/// A new passphrase; what is typed at a prompt is asked twice.
///
/// # Errors
/// As [`secret`], and when the two are not the same.
pub(super) fn new_secret(file: Option<&Path>, wanted: Wanted) -> Result<SecretBytes, Failed> {
    let first = secret(file, wanted)?;
    let again = Wanted { question: "The same again: ", ..wanted };
    if file.is_none_or(is_typed) && hidden::ask(again)? != first {
        let message = "the second passphrase is not the same as the first: nothing was changed. Start again.";
        return Err(Failed::new(Exit::Aborted, message));
    }
    Ok(first)
}

/// Says on stderr that `passphrase` is easy to guess, if it is; it is taken all the same. `known` is what a guesser would
/// try first.
pub(super) fn warn_if_weak(passphrase: &SecretBytes, known: &[&str]) {
    let strength = strength(passphrase.expose(), known);
    if strength.is_weak() {
        output::remark(&format!(
            "Warning: this passphrase is {}: guessing it takes {}. Four or more uncommon words are better.",
            strength.word, strength.crack_time
        ));
    }
}

fn is_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether a person types it: at a terminal, standard input would show it.
fn is_typed(path: &Path) -> bool {
    is_input(path) && io::stdin().is_terminal()
}

/// Without the buffer of the standard library, which keeps what it read and is never wiped.
fn open(path: &Path) -> io::Result<File> {
    if is_input(path) { Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?)) } else { File::open(path) }
}

/// The bytes up to the end of the line, and not one more is read: what follows is for others. `None` when there are
/// more than [`MAX`].
fn first_line(mut from: impl Read) -> io::Result<Option<SecretBytes>> {
    let mut line = SecretBytes::with_capacity(MAX);
    let mut byte = Zeroizing::new([0]);
    loop {
        match from.read(&mut *byte) {
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) if line.len() == MAX => return Ok(None),
            Ok(_) => line.push(&*byte),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if line.expose().last() == Some(&b'\r') {
        line.splice(line.len() - 1, 1, b"");
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut text: &[u8]) -> (Option<SecretBytes>, &[u8]) {
        (first_line(&mut text).unwrap(), text)
    }

    #[test]
    fn the_first_line_is_read_and_nothing_after_it() {
        assert_eq!(read(b"one two\r\nthree"), (Some("one two".into()), &b"three"[..]));
        assert_eq!(read(b"one"), (Some("one".into()), &b""[..]));
        assert_eq!(read(b"\n"), (Some("".into()), &b""[..]));
    }

    #[test]
    fn a_line_that_is_too_long_is_not_cut() {
        assert_eq!(read(&[b'x'; MAX]).0.map(|line| line.len()), Some(MAX));
        assert_eq!(read(&[b'x'; MAX + 1]).0, None);
    }
}
