//! `strongroom inject`: values into a template. What is missing or refused leaves nothing behind.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::path::Path;

use super::hand_over;
use super::template::Template;
use crate::cli::args::InjectArgs;
use crate::cli::credential::whole;
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, shown, unlock};
use crate::domain::{Delivery, Order, Reference, SecretBytes, Want};
use crate::host::files::{FileError, Links, read_capped};
use crate::host::put::{Existing, put};
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
        .map_err(|error| Failed::new(Exit::Usage, format!("{}: {error}.", name(&args.template))))?;
    unlock(door, &args.unlocking)?;
    let (once, places) = each_once(template.references());
    let wants = once.into_iter().map(|reference| Want { reference: reference.clone(), revision: None });
    let order = Order { allow_expired: args.allow_expired, ..Order::new(Delivery::Inject, wants.collect()) };
    if order.wants.is_empty() {
        output::remark(&format!(
            "Warning: no reference found in {}: it stays as it is. Write {{{{ strongroom://NAME/FIELD }}}} where a value goes.",
            name(&args.template)
        ));
    }
    let handed = if order.wants.is_empty() { Vec::new() } else { hand_over(door, order)? };
    let filled = template.filled(places.iter().filter_map(|at| Some(&handed.get(*at)?.bytes)));
    match file {
        Some(path) => write(path, &filled, args.force),
        None => print(&filled, &handed),
    }
}

/// Each of `references` once, and for all of them where among those it is: no value is asked for twice.
fn each_once<'a>(references: impl Iterator<Item = &'a Reference>) -> (Vec<&'a Reference>, Vec<usize>) {
    let (mut once, mut at) = (Vec::new(), HashMap::new());
    let place = |reference: &'a Reference| {
        *at.entry(reference.to_string()).or_insert_with(|| {
            once.push(reference);
            once.len() - 1
        })
    };
    let places = references.map(place).collect();
    (once, places)
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

/// How messages call the template.
fn name(path: &Path) -> String {
    if path == Path::new(DASH) { "standard input".to_owned() } else { shown(path) }
}

fn read(path: &Path) -> Result<SecretBytes, Failed> {
    if path != Path::new(DASH) {
        let text = read_capped(path, MAX, Links::Follow).map_err(DoorError::from)?;
        return Ok(text.as_slice().into());
    }
    whole::of_any_input(MAX)
}

fn write(path: &Path, filled: &SecretBytes, force: bool) -> Result<(), Failed> {
    let how = if force { Existing::Replace } else { Existing::Keep };
    match put(path, filled.expose(), how) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_asked_for_twice() {
        let all = ["strongroom://a/x", "strongroom://b", "strongroom://a/x", "strongroom://a"];
        let references: Vec<Reference> = all.iter().map(|text| text.parse().unwrap()).collect();
        let (once, places) = each_once(references.iter());
        assert_eq!((once.len(), &places[..]), (3, &[0, 1, 0, 2][..]));
    }
}
