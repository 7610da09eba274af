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
pub(super) use {cert::run as cert, curl::run as curl, docker::run as docker, git::run as git};
pub(super) use {inject::run as inject, run::run, token::run as token};

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Failed, call, output, unexpected};
use crate::domain::{Header, Order, Status};
use crate::service::{Details, Door, Handed, Request, Response};

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
fn warn(name: &str, status: Status) {
    let warning = match status {
        Status::ExpiresSoon(0) => "expires today",
        Status::ExpiresSoon(1) => "expires tomorrow",
        Status::ExpiresSoon(days) => &format!("expires in {days} days"),
        Status::Expired => "is expired, and is used all the same",
        _ => return,
    };
    output::remark(&format!("Warning: {name} {warning}."));
}
