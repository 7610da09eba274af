//! `strongroom unlock`: the agent keeps the vault open for screens and commands.

use super::args::{Idle, UnlockArgs, Unlocking};
use super::credential::{Otherwise, Wanted};
use super::{
    Failed, PASSPHRASE, PROOF, call, check_there, credential, is_for, output, status, unexpected, unlock_with,
};
use crate::domain::time::span_to_come;
use crate::service::{Credential, Door, Proof, Request, Response, Session, VaultStatus};

/// Nothing else unlocks it.
const WANTED: Wanted = Wanted { otherwise: Otherwise::Locked("Put"), ..PASSPHRASE };

pub(super) fn run(args: &UnlockArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let (session, credential) = match status(door)? {
        VaultStatus::Unlocked(session)
            if !args.unlocking.is_given() && is_for(&session, &args.unlocking.passphrase) =>
        {
            (session, None)
        }
        _ => {
            check_there(door)?;
            let credential = credential::unlocking(&args.unlocking, WANTED)?;
            (unlock_with(door, credential.clone(), &args.unlocking.passphrase)?, Some(credential))
        }
    };
    let session = match args.idle {
        Some(idle) => lock_after(door, idle, credential, &args.unlocking)?,
        None => session,
    };
    let until = session.locks_in.map_or_else(
        || "It stays open until it is locked.".to_owned(),
        |seconds| format!("It is locked after {} without use.", span_to_come(seconds)),
    );
    let for_whom = if door.is_shared() {
        format!(" for you, as {}, at the system-wide agent", session.member)
    } else {
        String::new()
    };
    output::remark(&format!("The vault of {} is unlocked{for_whom}. {until}", session.organization));
    Ok(())
}

/// A longer time than the present one takes what opens the vault, which is asked for only then.
fn lock_after(
    door: &mut dyn Door,
    Idle(seconds): Idle,
    credential: Option<Credential>,
    how: &Unlocking,
) -> Result<Session, Failed> {
    let knows = credential.is_some();
    let answer = match call(door, Request::LockAfter { seconds, credential }) {
        Err(error) if error.missing_proof() == Some(Proof::Credential) && !knows => {
            let credential = Some(credential::unlocking(how, PROOF)?);
            call(door, Request::LockAfter { seconds, credential })?
        }
        answer => answer?,
    };
    match answer {
        Response::Status(VaultStatus::Unlocked(session)) => Ok(session),
        _ => Err(unexpected()),
    }
}
