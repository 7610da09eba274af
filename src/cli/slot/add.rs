//! `strongroom slot add`: a key in a file, which opens the vault without a passphrase.
//!
//! The file is made first, empty: when that fails there is no slot. When the key cannot be written into it, the slot is
//! removed again. Killed in between, a slot stays behind whose key nobody has.

use crate::cli::args::SlotAddArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, shown, unexpected, unlock_for};
use crate::domain::SlotId;
use crate::host::files::FileError;
use crate::host::key_file::NewKeyFile;
use crate::service::{Credential, Door, DoorError, Request, Response};

pub(super) fn run(args: &SlotAddArgs, door: &mut dyn Door) -> Result<(), Failed> {
    // Said before a passphrase is asked for; making the file makes sure of it.
    if args.key_file.symlink_metadata().is_ok() {
        return Err(DoorError::FileExists(args.key_file.clone()).into());
    }
    let (_, current) = unlock_for(door, &args.passphrase)?;
    let file = NewKeyFile::create(&args.key_file).map_err(DoorError::from)?;
    let label = args.label.as_deref().map(Into::into);
    let request = Request::AddSlot { current: Some(current.clone()), label };
    let Response::SlotAdded { slot, key } = call(door, request)? else { return Err(unexpected()) };
    file.fill(key.expose()).map_err(|error| take_back(door, slot.id, current, error))?;
    output::remark(&format!("Made the machine key {} in {}.", slot.id, shown(&args.key_file)));
    output::remark("Whoever can read that file can open the vault: keep it out of backups and off shared disks.");
    Ok(())
}

/// Removes the slot whose key could not be kept; says why it could not.
fn take_back(door: &mut dyn Door, id: SlotId, current: Credential, error: FileError) -> Failed {
    let failed = Failed::from(DoorError::from(error));
    match call(door, Request::RemoveSlot { id, current: Some(current) }) {
        Ok(_) => failed,
        Err(stays) => {
            let message = format!(
                "{} The slot {id} is still there, and nobody has its key: {stays}. Remove it with strongroom slot remove {id}.",
                failed.message
            );
            Failed::new(Exit::Failure, message)
        }
    }
}
