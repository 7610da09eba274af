//! `strongroom unlock`: the agent keeps the vault open for screens and commands.

use super::args::{Idle, UnlockArgs};
use super::{Failed, call, output, unexpected};
use crate::domain::time::span;
use crate::service::{Door, Request, Response, Session, VaultStatus};

pub(super) fn run(args: &UnlockArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let session = super::unlock(door, &args.unlocking)?;
    let session = match args.idle {
        Some(idle) => lock_after(door, idle)?,
        None => session,
    };
    let until = session.locks_in.map_or_else(
        || "It stays open until it is locked.".to_owned(),
        |seconds| format!("It is locked after {} without use.", span(seconds.into())),
    );
    output::remark(&format!("The vault of {} is unlocked. {until}", session.organization));
    Ok(())
}

fn lock_after(door: &mut dyn Door, idle: Idle) -> Result<Session, Failed> {
    match call(door, Request::LockAfter(idle.0))? {
        Response::Status(VaultStatus::Unlocked(session)) => Ok(session),
        _ => Err(unexpected()),
    }
}
