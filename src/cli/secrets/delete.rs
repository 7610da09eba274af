//! `strongroom delete NAME`: its value is taken out of the vault, at once and for good.

use std::io::{self, IsTerminal};

use super::{change_of, check_not_deleted, dependents, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::DeleteArgs;
use crate::cli::credential;
use crate::cli::exit::Exit;
use crate::domain::lifecycle::TOMBSTONE_DAYS;
use crate::domain::text::sanitize;
use crate::domain::{Header, Timestamp};
use crate::service::{Door, Request, Target};

pub(super) fn run(args: &DeleteArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    check_not_deleted(&header)?;
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !args.yes && !can_ask {
        let message =
            format!("deleting {} cannot be undone, and there is no terminal to confirm it at. Add --yes.", header.name);
        return Err(Failed::new(Exit::Usage, message));
    }
    dependents::tell(door, header.id, now)?;
    if !args.yes {
        confirm(&header)?;
    }
    let header = change_of(&header, door, Request::Delete(Target { id: header.id, revision: header.revision }))?;
    let done =
        format!("Deleted {}: its value is gone. Its name stays in the listing for {TOMBSTONE_DAYS} days.", header.name);
    tell(&header, &done, args.json, now)
}

/// The name has to be typed, as on the screen.
fn confirm(header: &Header) -> Result<(), Failed> {
    let name = sanitize(&header.name);
    let question = format!("The value is taken out of the vault for good. Type {name} to delete it: ");
    if credential::confirmation(&question)? != *header.name {
        return Err(Failed::new(Exit::Aborted, "that is not its name: nothing was deleted. Start again."));
    }
    Ok(())
}
