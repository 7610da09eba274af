//! `strongroom app edit NAME`: only what is given changes.

use super::bindings::{parse, resolve};
use super::{change, find, show};
use crate::cli::args::AppEditArgs;
use crate::cli::exit::Exit;
use crate::cli::words::count;
use crate::cli::{Failed, output, unlock};
use crate::domain::{Application, ApplicationDraft, Binding};
use crate::service::{Door, Request};

pub(super) fn run(args: &AppEditArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let wanted = parse(&args.bindings)?;
    if wanted.is_empty() && args.remove.is_empty() && args.name.is_none() && args.description.is_none() {
        let message = "nothing is said of what shall change. See strongroom app edit --help.";
        return Err(Failed::new(Exit::Usage, message));
    }
    unlock(door, &args.unlocking)?;
    let before = find(door, &args.application)?;
    let new = resolve(door, wanted)?;
    let text = |given: &Option<String>, stored: &str| given.as_deref().unwrap_or(stored).into();
    let draft = ApplicationDraft {
        name: text(&args.name, &before.name),
        description: text(&args.description, &before.description),
        bindings: bindings(&before, &args.remove, new)?,
    };
    let request = Request::EditApplication { id: before.id, revision: before.revision, draft };
    let edited = change(door, request)?;
    let fields = count(edited.bindings.len() as u64, "field");
    output::remark(&format!("Changed {}, which depends on {fields}.", edited.name));
    if args.json { show::json(&edited, door) } else { Ok(()) }
}

/// Without what is removed, with what is new: in the place of what went to the same target, else at the end.
fn bindings(before: &Application, remove: &[String], new: Vec<Binding>) -> Result<Vec<Binding>, Failed> {
    let unknown = remove.iter().find(|name| !before.bindings.iter().any(|binding| binding.target.name() == **name));
    if let Some(name) = unknown {
        let message = format!("--remove: {} has nothing that goes to {name:?}. See strongroom app show.", before.name);
        return Err(Failed::new(Exit::NotFound, message));
    }
    let stays = |binding: &&Binding| !remove.iter().any(|name| binding.target.name() == *name);
    let mut bindings: Vec<Binding> = before.bindings.iter().filter(stays).cloned().collect();
    for binding in new {
        match bindings.iter_mut().find(|there| there.target == binding.target) {
            Some(there) => *there = binding,
            None => bindings.push(binding),
        }
    }
    Ok(bindings)
}
