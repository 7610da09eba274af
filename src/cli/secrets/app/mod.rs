//! `strongroom app`: what depends on secrets, and which field goes where.

mod add;
mod bindings;
mod edit;
mod list;
mod remove;
mod show;

use std::sync::Arc;

use serde::Serialize;

use crate::cli::args::AppCommand;
use crate::cli::{Failed, call, no_application, unexpected};
use crate::domain::{Application, Binding, Header, Reference, SecretId, SecretRef, Timestamp};
use crate::service::{Door, Request, Response};

pub(super) fn run(command: &AppCommand, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    match command {
        AppCommand::Add(args) => add::run(args, door),
        AppCommand::List(args) => list::run(args, door),
        AppCommand::Show(args) => show::run(args, door, now),
        AppCommand::Edit(args) => edit::run(args, door),
        AppCommand::Remove(args) => remove::run(args, door),
    }
}

/// An application as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    id: String,
    name: &'a str,
    description: &'a str,
    revision: u64,
    bindings: Vec<ToldBinding<'a>>,
}

/// Where a field goes; the name of a secret that is not among those at hand is null.
#[derive(Serialize)]
struct ToldBinding<'a> {
    target: &'static str,
    name: &'a str,
    secret_id: String,
    secret: Option<&'a str>,
    field: &'a str,
    reference: String,
}

impl<'a> Told<'a> {
    /// What `application` needs, with the names of `secrets`.
    pub(super) fn of(application: &'a Application, secrets: &'a [Arc<Header>]) -> Self {
        Self {
            id: application.id.to_string(),
            name: &application.name,
            description: &application.description,
            revision: application.revision,
            bindings: application.bindings.iter().map(|binding| told_binding(binding, secrets)).collect(),
        }
    }
}

fn told_binding<'a>(binding: &'a Binding, secrets: &'a [Arc<Header>]) -> ToldBinding<'a> {
    ToldBinding {
        target: binding.target.slug(),
        name: binding.target.name(),
        secret_id: binding.secret.to_string(),
        secret: name_of(binding.secret, secrets),
        field: &binding.field,
        reference: reference_to(binding, secrets).to_string(),
    }
}

fn name_of(id: SecretId, secrets: &[Arc<Header>]) -> Option<&str> {
    secrets.iter().find(|header| header.id == id).map(|header| &*header.name)
}

/// By the name; of one that was deleted by its id, for another one may have the name now.
fn reference_to(binding: &Binding, secrets: &[Arc<Header>]) -> Reference {
    let living = secrets.iter().filter(|header| header.state.deleted().is_none());
    let name = living.into_iter().find(|header| header.id == binding.secret).map(|header| &*header.name);
    let secret = name.map_or(SecretRef::Id(binding.secret), SecretRef::from);
    Reference { secret, field: Some(binding.field.clone()) }
}

fn applications(door: &mut dyn Door) -> Result<Vec<Arc<Application>>, Failed> {
    match call(door, Request::Applications)? {
        Response::Applications(applications) => Ok(applications),
        _ => Err(unexpected()),
    }
}

/// The application called `name`, or that has this id.
fn find(door: &mut dyn Door, name: &str) -> Result<Arc<Application>, Failed> {
    let all = applications(door)?;
    let named = all.iter().find(|application| *application.name == *name);
    let found = named.or_else(|| all.iter().find(|application| application.id.to_string() == name));
    found.cloned().ok_or_else(|| no_application(name))
}

fn headers(door: &mut dyn Door) -> Result<Vec<Arc<Header>>, Failed> {
    match call(door, Request::List)? {
        Response::Headers(headers) => Ok(headers),
        _ => Err(unexpected()),
    }
}

/// Asks for a change of an application; the application as it is then.
fn change(door: &mut dyn Door, request: Request) -> Result<Arc<Application>, Failed> {
    match call(door, request)? {
        Response::Application(application) => Ok(application),
        _ => Err(unexpected()),
    }
}
