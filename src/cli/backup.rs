//! `strongroom backup FILE`: everything, sealed as it is.

use std::path::Path;

use super::args::BackupArgs;
use super::exit::Exit;
use super::{Failed, absolute, as_written, call, output, shown, unexpected, unlock};
use crate::service::{Door, DoorError, Request, Response};

pub(super) fn run(args: &BackupArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if args.file == Path::new("-") {
        let message = "a backup goes to a file, where it is synced before it counts. Name one.";
        return Err(Failed::new(Exit::Usage, message));
    }
    // Said before a passphrase is asked for; the door makes sure of it.
    if args.file.symlink_metadata().is_ok() {
        return Err(DoorError::FileExists(args.file.clone()).into());
    }
    unlock(door, &args.unlocking)?;
    let answer = call(door, Request::Backup(absolute(&args.file)));
    let answer = answer.map_err(|error| as_written(error, &args.file))?;
    let Response::BackedUp { records, bytes } = answer else { return Err(unexpected()) };
    output::remark(&format!("Backed up {records} records, {bytes} bytes, sealed, to {}.", shown(&args.file)));
    output::remark("It opens with the passphrase, the recovery key and the machine keys of today, for ever.");
    Ok(())
}
