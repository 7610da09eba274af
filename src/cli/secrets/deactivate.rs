//! `strongroom deactivate NAME`: from now on the gate lets nothing of it through.

use super::{change_of, dependents, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::NamedArgs;
use crate::domain::Timestamp;
use crate::service::{Door, Request, Target};

pub(super) fn run(args: &NamedArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    let target = Target { id: header.id, revision: header.revision };
    let header = change_of(&header, door, Request::Deactivate(target))?;
    tell(
        &header,
        &format!("Deactivated {}: it is delivered to nobody until it is reactivated.", header.name),
        args.json,
        now,
    )?;
    dependents::tell(door, header.id, now)
}
