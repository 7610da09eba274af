//! `strongroom register TYPE NAME`: a new secret.

use super::fields::Filling;
use super::{change, tell};
use crate::cli::args::RegisterArgs;
use crate::cli::{Failed, call, unlock};
use crate::domain::{Draft, Scope, State, Timestamp};
use crate::service::{Details, Door, DoorError, Request, Response};

pub(super) fn run(args: &RegisterArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let filling = Filling::register(args.kind, &args.name, &args.fields, now)?;
    let scope = if args.personal { Scope::Personal } else { Scope::Organization };
    unlock(door, &args.unlocking)?;
    check_free(door, args.name.trim(), scope)?;
    let draft = Draft { scope, ..filling.read()?.draft(now)? };
    let header = change(door, Request::Register(draft))?;
    let whose = if header.scope == Scope::Personal { ", which is yours alone" } else { "" };
    tell(&header, &format!("Registered {}, {}{whose}.", header.name, header.kind.label()), args.json, now)
}

/// Said before a value is asked for; the vault makes sure of it. One of the organization and a personal one may have the
/// same name.
fn check_free(door: &mut dyn Door, name: &str, scope: Scope) -> Result<(), Failed> {
    let is_taken = match call(door, Request::Details(name.into())) {
        Ok(Response::Details(Details { header, .. })) => {
            *header.name == *name && header.scope == scope && !matches!(header.state, State::Deleted(_))
        }
        Err(DoorError::Ambiguous(_)) => true,
        _ => false,
    };
    if is_taken { Err(DoorError::NameTaken(name.into()).into()) } else { Ok(()) }
}
