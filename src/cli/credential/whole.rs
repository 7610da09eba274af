//! A value, whole: all that a file, a descriptor or standard input holds.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::{descriptor, line};
use crate::cli::exit::Exit;
use crate::cli::{Failed, file_failed};
use crate::domain::SecretBytes;
use crate::domain::text::MAX_VALUE;
use crate::host::files::{Links, read_capped};
use crate::service::DoorError;

/// All of the regular file at `path`.
///
/// # Errors
/// When it cannot be read, or is larger than a value may be.
pub(in crate::cli) fn of_file(path: &Path) -> Result<SecretBytes, Failed> {
    let bytes = read_capped(path, MAX_VALUE, Links::Follow).map_err(DoorError::from)?;
    Ok(bytes.as_slice().into())
}

/// All of standard input; `None` when that is a terminal, which would show what is typed: then it is asked for.
///
/// # Errors
/// As [`of_file`].
pub(in crate::cli) fn of_input() -> Result<Option<SecretBytes>, Failed> {
    let name = "standard input";
    let input = line::input().map_err(|error| file_failed(Path::new(name), error))?;
    if input.is_terminal() { Ok(None) } else { read(name, &input).map(Some) }
}

/// All of what is open as `number`.
///
/// # Errors
/// As [`of_file`], and when nothing to be read is open there.
pub(in crate::cli) fn of_descriptor(number: u32) -> Result<SecretBytes, Failed> {
    let file = descriptor::open(number)?;
    read(&descriptor::name(number), &file)
}

fn read(name: &str, mut from: &File) -> Result<SecretBytes, Failed> {
    let mut value = SecretBytes::default();
    let mut piece = Zeroizing::new([0; 8192]);
    loop {
        match from.read(&mut *piece) {
            Ok(0) => return Ok(value),
            Ok(length) if value.len() + length > MAX_VALUE => {
                let message =
                    format!("{name}: more than 1 MiB, which is the most that a value has. Use a smaller one.");
                return Err(Failed::new(Exit::Failure, message));
            }
            Ok(length) => value.push(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(file_failed(Path::new(name), error)),
        }
    }
}
