//! The verbs that use secrets: what they get has passed the gate, whole or not at all.

mod bound;
mod cert;
mod curl;
mod docker;
mod git;
mod given;
mod inject;
mod launch;
mod run;
mod template;
mod token;
mod token_server;

pub use launch::Launch;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::args::UseCommand;
use super::exit::Exit;
use super::{Failed, Then, call, output, unexpected};
use crate::domain::{Header, Order, Status};
use crate::service::{Details, Door, Handed, Request, Response};

/// Carries out `command` at `door`.
///
/// # Errors
/// [`Failed`], with the exit code and what to say.
pub(super) fn run(command: &UseCommand, door: &mut dyn Door, now: i64) -> Result<Then, Failed> {
    let done = match command {
        UseCommand::Run(args) => return run::run(args, door).map(Then::Start),
        UseCommand::DockerCredential(args) => return docker::run(args, door).map(Then::End),
        UseCommand::Inject(args) => inject::run(args, door),
        UseCommand::CurlConfig(args) => curl::run(args, door),
        UseCommand::Token(args) => token::run(args, door, now),
        UseCommand::Cert(args) => cert::run(args, door),
        UseCommand::GitCredential(args) => git::run(args, door),
    };
    done.map(|()| Then::End(Exit::Ok))
}

/// Ends `command`, whose vault cannot be reached because of `failed`.
///
/// # Errors
/// `failed`, unless it was said where docker looks.
pub(super) fn without_door(command: &UseCommand, failed: Failed) -> Result<Then, Failed> {
    match command {
        UseCommand::DockerCredential(_) => docker::tell(&failed).map(Then::End),
        _ => Err(failed),
    }
}

/// What `order` wants; says on stderr what expires soon.
///
/// # Errors
/// What the door says.
fn hand_over(door: &mut dyn Door, order: Order) -> Result<Vec<Handed>, Failed> {
    let wanted = order.wants.len();
    let Response::Delivered { handed, .. } = call(door, Request::Deliver(order))? else { return Err(unexpected()) };
    if handed.len() != wanted {
        return Err(unexpected());
    }
    let mut told = BTreeSet::new();
    let once = handed.iter().filter(|one| told.insert(one.header.id));
    once.for_each(|one| warn(&one.header.name, one.status));
    Ok(handed)
}

/// The header of the secret called `name`.
fn header(door: &mut dyn Door, name: &str) -> Result<Arc<Header>, Failed> {
    match call(door, Request::Details(name.into()))? {
        Response::Details(Details { header, .. }) => Ok(header),
        _ => Err(unexpected()),
    }
}

/// Says on stderr that the secret called `name` will not be much longer, or should not have been any more.
pub(super) fn warn(name: &str, status: Status) {
    let warning = match status {
        Status::ExpiresSoon(0) => "expires today",
        Status::ExpiresSoon(1) => "expires tomorrow",
        Status::ExpiresSoon(days) => &format!("expires in {days} days"),
        Status::Expired => "is expired, and is used all the same",
        _ => return,
    };
    output::remark(&format!("Warning: {name} {warning}."));
}
