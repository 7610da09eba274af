//! `strongroom app add NAME`.

use super::bindings::{parse, resolve};
use super::{change, show};
use crate::cli::args::AppAddArgs;
use crate::cli::words::count;
use crate::cli::{Failed, output, unlock};
use crate::domain::ApplicationDraft;
use crate::service::{Door, Request};

pub(super) fn run(args: &AppAddArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let wanted = parse(&args.bindings)?;
    unlock(door, &args.unlocking)?;
    let draft = ApplicationDraft {
        name: args.name.as_str().into(),
        description: args.description.as_str().into(),
        bindings: resolve(door, wanted)?,
    };
    let added = change(door, Request::AddApplication(draft))?;
    output::remark(&format!("Added {}, which depends on {}.", added.name, count(added.bindings.len() as u64, "field")));
    if args.json { show::json(&added, door) } else { Ok(()) }
}
