//! What completions ask of the vault while it is unlocked: names of secrets and applications, and references.

use crate::cli::args::CompleteNamesArgs;
use crate::cli::{Failed, output};
use crate::domain::Reference;
use crate::domain::organization::{MemberState, MemberView, OrganizationView};
use crate::domain::reference::SCHEME;
use crate::domain::text::is_forbidden;
use crate::service::{Door, Request, Response, VaultStatus};

/// Prints the names that begin so, one a line. Nobody is asked for anything: what is locked has no names.
pub(in crate::cli::secrets) fn run(args: &CompleteNamesArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if !matches!(ask(door, Request::Status), Some(Response::Status(VaultStatus::Unlocked(_)))) {
        return Ok(());
    }
    let beginning = &*args.beginning;
    let words = match args {
        CompleteNamesArgs { applications: true, .. } => applications(door),
        CompleteNamesArgs { members: true, .. } => of_the_organization(door, |view| present(&view.members)),
        CompleteNamesArgs { invitations: true, .. } => {
            of_the_organization(door, |view| view.invitations.iter().map(|one| one.name.to_string()).collect())
        }
        CompleteNamesArgs { requests: true, .. } => {
            of_the_organization(door, |view| view.requests.iter().map(|one| one.id.to_string()).collect())
        }
        _ if args.references || beginning.starts_with(SCHEME) => references(beginning, door),
        _ => names(beginning, door),
    };
    let shown = words.iter().filter(|word| word.starts_with(beginning) && !word.contains(is_forbidden));
    output::data(&shown.map(|word| format!("{word}\n")).collect::<String>())
}

fn ask(door: &mut dyn Door, request: Request) -> Option<Response> {
    door.call(request, &|_| {}).ok()
}

fn applications(door: &mut dyn Door) -> Vec<String> {
    let Some(Response::Applications(all)) = ask(door, Request::Applications) else { return Vec::new() };
    let mut names: Vec<String> = all.iter().map(|application| application.name.to_string()).collect();
    names.sort_unstable();
    names
}

fn of_the_organization(door: &mut dyn Door, words: impl FnOnce(&OrganizationView) -> Vec<String>) -> Vec<String> {
    let Some(Response::Organization(view)) = ask(door, Request::Organization) else { return Vec::new() };
    words(&view)
}

fn present(members: &[MemberView]) -> Vec<String> {
    let present = members.iter().filter(|member| member.state == MemberState::Active);
    present.map(|member| member.name.to_string()).collect()
}

fn names(beginning: &str, door: &mut dyn Door) -> Vec<String> {
    let Some(Response::Names(names)) = ask(door, Request::Names(beginning.into())) else { return Vec::new() };
    names.iter().map(ToString::to_string).collect()
}

/// Secrets; or, when the secret is named and a slash follows, its fields.
fn references(beginning: &str, door: &mut dyn Door) -> Vec<String> {
    let named = beginning.strip_prefix(SCHEME).and_then(|rest| rest.split_once('/'));
    let Some(Ok(Reference { secret, .. })) = named.map(|(name, _)| format!("{SCHEME}{name}").parse::<Reference>())
    else {
        let all = names("", door).into_iter();
        return all.map(|name| Reference { secret: (&*name).into(), field: None }.to_string()).collect();
    };
    let Some(Response::Details(found)) = ask(door, Request::Details(secret.clone())) else { return Vec::new() };
    found
        .header
        .fields()
        .map(|field| Reference { secret: secret.clone(), field: Some(field.into()) }.to_string())
        .collect()
}
