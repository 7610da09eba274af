//! The names of secrets, for grants and requests, which know them by their ids.

use std::collections::HashMap;

use crate::cli::{Failed, call, unexpected};
use crate::domain::{Find, SecretId};
use crate::service::{Door, Request, Response};

/// Names by id.
pub(super) struct Names(HashMap<SecretId, Box<str>>);

impl Names {
    /// Of all secrets.
    pub(super) fn ask(door: &mut dyn Door) -> Result<Self, Failed> {
        let Response::Found(found) = call(door, Request::Find(Find::default()))? else { return Err(unexpected()) };
        Ok(Self(found.into_iter().map(|secret| (secret.id, secret.name)).collect()))
    }

    pub(super) fn of(&self, id: SecretId) -> Option<&str> {
        self.0.get(&id).map(|name| &**name)
    }
}
