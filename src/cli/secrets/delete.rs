//! `strongroom delete NAME`: its value is taken out of the vault, at once and for good.

use std::io::{self, BufRead, IsTerminal, Write};

use super::{change, dependents, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::DeleteArgs;
use crate::cli::exit::Exit;
use crate::domain::lifecycle::{TOMBSTONE_DAYS, TransitionError};
use crate::domain::text::sanitize;
use crate::domain::{Header, State, Timestamp};
use crate::service::{Door, DoorError, Request, Target};

pub(super) fn run(args: &DeleteArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !args.yes && !can_ask {
        let message = "deleting cannot be undone, and there is no terminal to confirm it at. Add --yes.";
        return Err(Failed::new(Exit::Usage, message));
    }
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    if matches!(header.state, State::Deleted(_)) {
        return Err(DoorError::Transition(TransitionError::Deleted).into());
    }
    dependents::tell(door, header.id, now)?;
    if !args.yes {
        confirm(&header)?;
    }
    let header = change(door, Request::Delete(Target { id: header.id, revision: header.revision }))?;
    let done =
        format!("Deleted {}: its value is gone. Its name stays in the listing for {TOMBSTONE_DAYS} days.", header.name);
    tell(&header, &done, args.json, now)
}

/// The name has to be typed, as on the screen.
fn confirm(header: &Header) -> Result<(), Failed> {
    let name = sanitize(&header.name);
    let _ = write!(io::stderr(), "The value is taken out of the vault for good. Type {name} to delete it: ");
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    if read.is_err() || typed.trim_end_matches(['\n', '\r']) != &*header.name {
        return Err(Failed::new(Exit::Aborted, "that is not its name: nothing was deleted. Start again."));
    }
    Ok(())
}
