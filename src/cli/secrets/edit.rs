//! `strongroom edit NAME`: only what is given changes.

use super::fields::Filling;
use super::{change_of, check_not_deleted, dependents, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::EditArgs;
use crate::cli::exit::Exit;
use crate::domain::{PartChange, Timestamp};
use crate::service::{Door, Request};

pub(super) fn run(args: &EditArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    if args.fields.given.is_empty() && args.fields.generate.is_none() && args.remove_pairs.is_empty() {
        let message =
            "nothing is said of what shall change. See strongroom edit --help; a new name is strongroom rename.";
        return Err(Failed::new(Exit::Usage, message));
    }
    let before = open_and_find(door, &args.unlocking, &args.name)?;
    check_not_deleted(&before)?;
    let filling = Filling::edit(&before, &args.fields, &args.remove_pairs, now)?;
    let changed = filling.read()?.change(now)?;
    // By its time it would be taken for the one before, where both were set within a second.
    let is_set = changed.parts.iter().any(|(_, part)| matches!(part, PartChange::Set(_)));
    let new_value = is_set || changed.parts.len() < before.parts.len();
    let request = Request::Edit { id: before.id, revision: before.revision, change: changed };
    let header = change_of(&before, door, request)?;
    tell(&header, &format!("Changed {}: revision {}.", header.name, header.revision), args.json, now)?;
    dependents::tell(door, header.id, now)?;
    if new_value { dependents::tell_of_old_values(door, header.id, now) } else { Ok(()) }
}
