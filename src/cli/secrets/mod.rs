//! Verbs that manage secrets: one file per verb.

mod app;
mod audit;
mod check;
mod completions;
mod deactivate;
mod delete;
mod dependents;
mod edit;
mod fields;
mod generate;
mod get;
mod history;
mod list;
mod man;
mod reactivate;
mod register;
mod rename;
mod settings;
mod show;
mod told;

use std::sync::Arc;

use super::args::{SecretsCommand, Unlocking};
use super::exit::Exit;
use super::{Failed, call, output, unexpected, unlock, words};
use crate::domain::lifecycle::TransitionError;
use crate::domain::reference::SCHEME;
use crate::domain::{Header, Reference, State, Timestamp};
use crate::service::{Details, Door, DoorError, Request, Response};

pub(super) fn run(command: &SecretsCommand, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    let now = Timestamp(now);
    match command {
        SecretsCommand::Check(args) => check::run(args, door, now),
        SecretsCommand::List(args) => list::run(args, door, now),
        SecretsCommand::Show(args) => show::run(args, door, now),
        SecretsCommand::Get(args) => get::run(args, door),
        SecretsCommand::Register(args) => register::run(args, door, now),
        SecretsCommand::Edit(args) => edit::run(args, door, now),
        SecretsCommand::Rename(args) => rename::run(args, door, now),
        SecretsCommand::Deactivate(args) => deactivate::run(args, door, now),
        SecretsCommand::Reactivate(args) => reactivate::run(args, door, now),
        SecretsCommand::Delete(args) => delete::run(args, door, now),
        SecretsCommand::History(args) => history::run(args, door, now),
        SecretsCommand::Generate(args) => generate::run(args),
        SecretsCommand::Settings(args) => settings::run(args, door),
        SecretsCommand::App(command) => app::run(command, door, now),
        SecretsCommand::Audit(args) => audit::run(args, door, now),
        SecretsCommand::Completions(args) => completions::run(args.shell),
        SecretsCommand::CompleteNames(args) => completions::names::run(args, door),
        SecretsCommand::Man(args) => man::run(args.dir.as_deref()),
        SecretsCommand::ClearClipboard(args) => get::clear_clipboard(args.seconds),
    }
}

pub(super) fn without_door(command: &SecretsCommand, failed: Failed) -> Result<(), Failed> {
    match command {
        SecretsCommand::Check(args) => check::unknown(&failed, args.json),
        SecretsCommand::CompleteNames(_) => Ok(()),
        _ => Err(failed),
    }
}

/// What a person means by `text`: a reference when it begins as one, else a name or an id.
///
/// # Errors
/// When it begins as a reference and is none.
fn reference(text: &str) -> Result<Reference, Failed> {
    if !text.starts_with(SCHEME) {
        return Ok(Reference { secret: text.into(), field: None });
    }
    text.parse().map_err(|error| Failed::new(Exit::Usage, format!("{text}: {error}.")))
}

/// The secret that `text` names, deleted or not.
pub(super) fn find(door: &mut dyn Door, text: &str) -> Result<Details, Failed> {
    let Reference { secret, field: _ } = reference(text)?;
    match call(door, Request::Details(secret))? {
        Response::Details(details) => Ok(details),
        _ => Err(unexpected()),
    }
}

/// Opens the vault and finds the secret that `text` names.
fn open_and_find(door: &mut dyn Door, unlocking: &Unlocking, text: &str) -> Result<Arc<Header>, Failed> {
    reference(text)?;
    unlock(door, unlocking)?;
    Ok(find(door, text)?.header)
}

/// Asks for a change of a secret; the header as it is then.
fn change(door: &mut dyn Door, request: Request) -> Result<Arc<Header>, Failed> {
    match call(door, request)? {
        Response::Changed(header) => Ok(header),
        _ => Err(unexpected()),
    }
}

/// Asks for a change of the secret that is as `before` says; what its state has against that names it.
fn change_of(before: &Header, door: &mut dyn Door, request: Request) -> Result<Arc<Header>, Failed> {
    match call(door, request) {
        Err(DoorError::Transition(why)) => Err(not_in_this_state(before, why)),
        Ok(Response::Changed(header)) => Ok(header),
        Ok(_) => Err(unexpected()),
        Err(error) => Err(error.into()),
    }
}

/// Nobody can change what is deleted.
fn check_not_deleted(header: &Header) -> Result<(), Failed> {
    match header.state {
        State::Deleted(_) => Err(not_in_this_state(header, TransitionError::Deleted)),
        _ => Ok(()),
    }
}

fn not_in_this_state(header: &Header, why: TransitionError) -> Failed {
    Failed::new(Exit::of(&DoorError::Transition(why)), words::transition(&header.name, why))
}

/// Says what was done, on stderr; with `json` also what the secret is now, on stdout.
fn tell(header: &Header, done: &str, json: bool, now: Timestamp) -> Result<(), Failed> {
    output::remark(done);
    if json { output::data(&output::json(&told::Secret::of(header, now))) } else { Ok(()) }
}
