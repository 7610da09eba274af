//! `strongroom app remove NAME`: its secrets stay.

use super::{find, show};
use crate::cli::args::AppNamedArgs;
use crate::cli::{Failed, call, output, unlock};
use crate::service::{Door, Request};

pub(super) fn run(args: &AppNamedArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let application = find(door, &args.name)?;
    call(door, Request::RemoveApplication { id: application.id, revision: application.revision })?;
    output::remark(&format!("Removed {}. The secrets that it named stay as they are.", application.name));
    if args.json { show::json(&application, door) } else { Ok(()) }
}
