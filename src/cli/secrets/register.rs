//! `strongroom register TYPE NAME`: a new secret.

use super::fields::Filling;
use super::{change, tell};
use crate::cli::args::RegisterArgs;
use crate::cli::{Failed, call, unlock};
use crate::domain::{Draft, Scope, State, Timestamp};
use crate::service::{Door, DoorError, Request, Response};

pub(super) fn run(args: &RegisterArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let filling = Filling::register(args.kind, &args.name, &args.fields, now)?;
    unlock(door, &args.unlocking)?;
    check_free(door, args.name.trim())?;
    let draft = filling.read()?.draft(now)?;
    let scope = if args.personal { Scope::Personal } else { draft.scope };
    let header = change(door, Request::Register(Draft { scope, ..draft }))?;
    let whose = if args.personal { ", which is yours alone" } else { "" };
    tell(&header, &format!("Registered {}, {}{whose}.", header.name, header.kind.label()), args.json, now)
}

/// Said before a value is asked for; the vault makes sure of it.
fn check_free(door: &mut dyn Door, name: &str) -> Result<(), Failed> {
    match call(door, Request::Details(name.into())) {
        Ok(Response::Details(found))
            if *found.header.name == *name && !matches!(found.header.state, State::Deleted(_)) =>
        {
            Err(DoorError::NameTaken(name.into()).into())
        }
        _ => Ok(()),
    }
}
