//! `strongroom inject`: values into a template. What is missing or refused leaves nothing behind.

use std::io::{self, IsTerminal};
use std::path::Path;

use super::hand_over;
use super::template::Template;
use crate::cli::args::InjectArgs;
use crate::cli::credential::whole;
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, shown, unlock};
use crate::domain::{Delivery, Order, SecretBytes, Want};
use crate::host::files::{self, FileError, Links, read_capped};
use crate::service::{Door, DoorError, Handed};

/// Most bytes of a template.
const MAX: usize = 16 * 1024 * 1024;
/// What stands for standard input and output.
const DASH: &str = "-";

pub(super) fn run(args: &InjectArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let file = args.out.as_deref().filter(|path| *path != Path::new(DASH));
    check_out(args, file)?;
    let text = read(&args.template)?;
    let template = Template::read(text.expose())
        .map_err(|error| Failed::new(Exit::Usage, format!("{}: {error}.", shown(&args.template))))?;
    unlock(door, &args.unlocking)?;
    let wants = template.references().map(|reference| Want { reference: reference.clone(), revision: None });
    let order = Order { allow_expired: args.allow_expired, ..Order::new(Delivery::Inject, wants.collect()) };
    let handed = if order.wants.is_empty() { Vec::new() } else { hand_over(door, order)? };
    let filled = template.filled(handed.iter().map(|one| &one.bytes));
    match file {
        Some(path) => write(path, &filled, args.force),
        None => print(&filled, &handed),
    }
}

/// Where it goes, as far as that can be told before it is there.
fn check_out(args: &InjectArgs, file: Option<&Path>) -> Result<(), Failed> {
    match file {
        Some(path) if !args.force && path.symlink_metadata().is_ok() => Err(exists(path)),
        None if args.out.is_none() && io::stdout().is_terminal() => Err(Failed::new(
            Exit::Usage,
            "the values would be shown on the terminal. Name a file with -o, or add -o -.",
        )),
        _ => Ok(()),
    }
}

fn exists(path: &Path) -> Failed {
    let message = format!("{}: there is a file already. Choose another name, or add --force.", shown(path));
    Failed::new(Exit::Conflict, message)
}

fn read(path: &Path) -> Result<SecretBytes, Failed> {
    if path != Path::new(DASH) {
        let text = read_capped(path, MAX, Links::Follow).map_err(DoorError::from)?;
        return Ok(text.as_slice().into());
    }
    whole::of_any_input(MAX)
}

fn write(path: &Path, filled: &SecretBytes, force: bool) -> Result<(), Failed> {
    let how = if force { files::Existing::Replace } else { files::Existing::Keep };
    match files::put(path, filled.expose(), how) {
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        put => put.map_err(|error| DoorError::from(error).into()),
    }
}

/// What was asked for on a terminal is shown there, but for what may never be.
fn print(filled: &SecretBytes, handed: &[Handed]) -> Result<(), Failed> {
    if io::stdout().is_terminal() && handed.iter().any(|one| one.header.write_only) {
        return Err(DoorError::WriteOnly.into());
    }
    output::value(filled)
}
