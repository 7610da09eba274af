//! A program that takes the place of this process: the same number, the same parent, the same terminal.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::cli::Failed;
use crate::cli::exit::Exit;
use crate::domain::SecretBytes;
use crate::host::answer::in_words;
use crate::host::as_started::AsStarted;
use crate::host::handed_over::Withheld;

/// What variables of ours begin with.
const OURS: &[u8] = b"STRONGROOM_";
/// What a file in memory is called where the kernel lists open files.
const FILE_NAME: &str = "strongroom";

/// A program and what it is given.
#[derive(Debug)]
pub struct Launch {
    pub(super) command: Vec<OsString>,
    pub(super) variables: Vec<(Box<str>, SecretBytes)>,
    pub(super) files: Vec<(Box<str>, SecretBytes)>,
}

impl Launch {
    /// Starts the program in the place of this process, as it was `before`; comes back only when that fails.
    ///
    /// The values are copied for the system call, into memory that goes with this program. The copy that the kernel makes
    /// is the program's environment: nobody can wipe it, and processes of the same user can read it.
    pub fn start(self, before: &AsStarted) -> Failed {
        let _withheld = Withheld::all_but(activated(|name| env::var_os(name)));
        let mut command = self.program();
        // Open until the program takes over, and then in its hands.
        let mut files = Vec::with_capacity(self.files.len());
        for (name, content) in &self.files {
            match in_memory(content) {
                Ok(file) => {
                    command.env(&**name, format!("/proc/self/fd/{}", file.as_raw_fd()));
                    files.push(file);
                }
                Err(error) => return no_file(name, &error),
            }
        }
        before.put_back();
        self.failed(&command.exec())
    }

    /// With the variables, and without ours.
    fn program(&self) -> Command {
        let mut command = Command::new(self.command.first().map_or(OsStr::new(""), OsString::as_os_str));
        command.args(self.command.iter().skip(1));
        for (name, _) in env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(OURS)) {
            command.env_remove(name);
        }
        for (name, value) in &self.variables {
            command.env(&**name, OsStr::from_bytes(value.expose()));
        }
        command
    }

    fn failed(&self, error: &io::Error) -> Failed {
        let program = self.command.first().map(|name| name.to_string_lossy()).unwrap_or_default();
        match error.kind() {
            ErrorKind::NotFound => {
                Failed::new(Exit::NoProgram, format!("{program}: there is no such program. Check its name and PATH."))
            }
            ErrorKind::ArgumentListTooLong => {
                let message = format!("{program}: all that it is given is too long. Give large values with --file.");
                Failed::new(Exit::CannotRun, message)
            }
            _ => {
                let message = format!("{program}: it cannot be run: {}. Is it a program?", in_words(error));
                Failed::new(Exit::CannotRun, message)
            }
        }
    }
}

/// How many descriptors, from 3 on, a service manager opened for the program and not for us: see `sd_listen_fds(3)`. It
/// tells by the number of the process, which stays the same.
fn activated(variable: impl Fn(&str) -> Option<OsString>) -> RawFd {
    let number = |name| variable(name)?.to_str()?.parse::<u32>().ok();
    let is_for_us = number("LISTEN_PID") == Some(std::process::id());
    number("LISTEN_FDS").filter(|_| is_for_us).and_then(|count| RawFd::try_from(count).ok()).unwrap_or_default()
}

/// A file without a name, that nobody can change, and that ends with the last process that has it open.
fn in_memory(content: &SecretBytes) -> io::Result<File> {
    let mut file = File::from(memfd_create(FILE_NAME, MemfdFlags::ALLOW_SEALING)?);
    // Programs that take private keys look at this, and it begins as 0777.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(content.expose())?;
    fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(file)
}

fn no_file(name: &str, error: &io::Error) -> Failed {
    let message = format!("{name}: no file can be made in memory: {}. Use a variable.", in_words(error));
    Failed::new(Exit::Failure, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_for_the_program_are_told_by_our_number() {
        let told = |pid: u32, count: &str| {
            activated(|name| Some(if name == "LISTEN_PID" { pid.to_string() } else { count.to_owned() }.into()))
        };
        let ours = std::process::id();
        assert_eq!([told(ours, "2"), told(ours, "x"), told(ours + 1, "2")], [2, 0, 0]);
        assert_eq!(activated(|_| None), 0);
    }
}
