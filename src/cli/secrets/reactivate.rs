//! `strongroom reactivate NAME`: it may be used again.

use super::{change_of, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::NamedArgs;
use crate::domain::{Status, Timestamp};
use crate::service::{Door, Request, Target};

pub(super) fn run(args: &NamedArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    let target = Target { id: header.id, revision: header.revision };
    let header = change_of(&header, door, Request::Reactivate(target))?;
    let status = Status::of(&header, now);
    let done = match status.is_usable() {
        true => format!("Reactivated {}: it may be used again.", header.name),
        false => {
            format!("Reactivated {}; its status is {}, so it is still delivered to nobody.", header.name, status.word())
        }
    };
    tell(&header, &done, args.json, now)
}
