//! The first line of a file or of standard input, and what may be in it.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::fd::AsFd;
use std::path::Path;

use zeroize::Zeroizing;

use super::MAX;
use crate::cli::exit::Exit;
use crate::cli::{Failed, file_failed, shown};
use crate::domain::SecretBytes;
use crate::service::Credential;

/// The first line of the file at `path`; `-` is standard input, and `None` when that is a terminal: what is typed there
/// would be seen, so it is asked for.
///
/// # Errors
/// When the line cannot be read, is empty or too long, or is no line for people.
pub(super) fn of_file(path: &Path) -> Result<Option<SecretBytes>, Failed> {
    if is_typed(path) {
        return Ok(None);
    }
    let name = name(path);
    let file = if is_input(path) { input() } else { File::open(path) };
    let line = file.and_then(first_line).map_err(|error| file_failed(Path::new(&name), error))?;
    checked(&name, line).map(Some)
}

/// Whether `path` stands for a terminal, where a person types.
pub(super) fn is_typed(path: &Path) -> bool {
    is_input(path) && io::stdin().is_terminal()
}

fn is_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// How messages call it.
pub(super) fn name(path: &Path) -> String {
    if is_input(path) { "standard input".to_owned() } else { shown(path) }
}

/// Standard input, without the buffer of the standard library, which keeps what it read and is never wiped.
pub(super) fn input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The line that was read from what is called `name`, when it can be a passphrase or a recovery key.
///
/// # Errors
/// When it is too long, empty, or the beginning of a machine key.
pub(super) fn checked(name: &str, line: Option<SecretBytes>) -> Result<SecretBytes, Failed> {
    let Some(line) = line else {
        let message = format!("{name}: its first line is longer than {MAX} bytes. Is it the right file?");
        return Err(Failed::new(Exit::Failure, message));
    };
    if line.is_empty() {
        let message = format!("{name}: its first line is empty. Write the secret into it.");
        return Err(Failed::new(Exit::WrongKey, message));
    }
    if Credential::is_machine_key(line.expose()) {
        let message = format!("{name}: it holds a machine key, which is no passphrase. Name it with --key-file.");
        return Err(Failed::new(Exit::WrongKey, message));
    }
    Ok(line)
}

/// The bytes up to the end of the line, and not one more is read: what follows is for others. `None` when there are
/// more than [`MAX`].
pub(super) fn first_line(mut from: impl Read) -> io::Result<Option<SecretBytes>> {
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
