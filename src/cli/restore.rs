//! `strongroom restore FILE`: the vault from a backup.

use std::fs::File;

use super::args::RestoreArgs;
use super::credential::{self, Otherwise, Wanted};
use super::exit::Exit;
use super::words::count;
use super::{Failed, absolute, as_written, call, file_failed, output, shown, unexpected};
use crate::service::{Door, DoorError, Request, Response, VaultStatus};

const PASSPHRASE: Wanted =
    Wanted { question: "Passphrase of the backup: ", option: "--passphrase-file", otherwise: Otherwise::Missing };
const RECOVERY_KEY: Wanted =
    Wanted { question: "Recovery key of the backup: ", option: "--recovery-key-file", otherwise: Otherwise::Missing };

pub(super) fn run(args: &RestoreArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check(args, door)?;
    let credential = match &args.recovery_key_file {
        Some(file) => credential::recovery_key(file, RECOVERY_KEY)?,
        None => credential::unlocking(&args.unlocking, PASSPHRASE)?,
    };
    let request = Request::Restore { file: absolute(&args.file), credential, replace: args.yes };
    let answer = call(door, request).map_err(|error| failed(args, error))?;
    let Response::Restored { records, machine_slots, set_aside } = answer else { return Err(unexpected()) };
    output::remark(&format!("Restored {} from {}.", count(records, "record"), shown(&args.file)));
    if machine_slots > 0 {
        output::remark(&format!(
            "Machine keys that open it again, as on that day, removed since or not: {machine_slots}. See strongroom slot list."
        ));
    }
    if let Some(place) = set_aside {
        output::remark(&format!("The vault that was there has been put to {}.", shown(&place)));
    }
    Ok(())
}

/// What can be said before a passphrase is asked for; the door makes sure of it.
fn check(args: &RestoreArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let is_there = !matches!(call(door, Request::Status)?, Response::Status(VaultStatus::Absent));
    if is_there && !args.yes {
        return Err(DoorError::VaultExists.into());
    }
    let metadata = args.file.metadata().map_err(|error| file_failed(&args.file, error))?;
    if !metadata.is_file() {
        return Err(DoorError::File { file: args.file.clone(), cause: "not a regular file".to_owned() }.into());
    }
    File::open(&args.file).map(drop).map_err(|error| file_failed(&args.file, error))
}

/// What goes wrong here is about the backup, not about the vault.
fn failed(args: &RestoreArgs, error: DoorError) -> Failed {
    let file = shown(&args.file);
    let of_the_day = "It takes the passphrase, the recovery key or a machine key of the day it was made.";
    let error = as_written(error, &args.file);
    match error {
        DoorError::WrongCredential { .. } => {
            Failed::new(Exit::WrongKey, format!("that does not open {file}. {of_the_day}"))
        }
        // A recovery key or a machine key that is none.
        DoorError::Invalid { .. } => {
            Failed::new(Exit::WrongKey, format!("{error}. Compare it with what was written down."))
        }
        DoorError::Damaged(why) => {
            Failed::new(Exit::Damaged, format!("nothing was restored from {file}: {why}. Take another backup."))
        }
        DoorError::File { file: ref about, .. } if *about == args.file => {
            Failed::new(Exit::Failure, format!("{error}. Name a file that strongroom backup has written."))
        }
        other => other.into(),
    }
}
