//! A value, whole: all that a file, a descriptor or standard input holds.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
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

/// All of standard input, at most `most` bytes; `None` when that is a terminal, which would show what is typed: then it is asked for.
///
/// # Errors
/// As [`of_file`].
pub(in crate::cli) fn of_input(most: usize) -> Result<Option<SecretBytes>, Failed> {
    if io::stdin().is_terminal() { Ok(None) } else { of_any_input(most).map(Some) }
}

/// All of standard input, at most `most` bytes, typed in the clear where that is a terminal.
///
/// # Errors
/// As [`of_file`].
pub(in crate::cli) fn of_any_input(most: usize) -> Result<SecretBytes, Failed> {
    let name = "standard input";
    let input = line::input().map_err(|error| file_failed(Path::new(name), error))?;
    read(name, &input, most)
}

/// All of what is open as `number`.
///
/// # Errors
/// As [`of_file`], and when nothing to be read is open there.
pub(in crate::cli) fn of_descriptor(number: u32) -> Result<SecretBytes, Failed> {
    let file = descriptor::open(number)?;
    read(&descriptor::name(number), &file, MAX_VALUE)
}

fn read(name: &str, mut from: &File, most: usize) -> Result<SecretBytes, Failed> {
    let mut value = SecretBytes::default();
    let mut piece = Zeroizing::new([0; 8192]);
    loop {
        match from.read(&mut *piece) {
            Ok(0) => return Ok(value),
            Ok(length) if value.len() + length > most => {
                let message = format!("{name}: more than {}, which is the most. Use less.", size(most));
                return Err(Failed::new(Exit::Failure, message));
            }
            Ok(length) => value.push(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(file_failed(Path::new(name), error)),
        }
    }
}

/// A limit in the larger unit that it is whole in.
fn size(limit: usize) -> String {
    if limit >= 1 << 20 { format!("{} MiB", limit >> 20) } else { format!("{} KiB", limit >> 10) }
}
