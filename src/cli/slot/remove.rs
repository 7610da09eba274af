//! `strongroom slot remove ID`: a machine key that opens nothing any more.

use crate::cli::args::SlotRemoveArgs;
use crate::cli::{Failed, call, output, unlock_for};
use crate::service::{Door, Request};

pub(super) fn run(args: &SlotRemoveArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let (_, current) = unlock_for(door, &args.passphrase)?;
    call(door, Request::RemoveSlot { id: args.id, current: Some(current) })?;
    output::remark(&format!("Removed {}. It opens nothing from now on, except backups made before.", args.id));
    Ok(())
}
