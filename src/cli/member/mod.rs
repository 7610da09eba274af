//! `strongroom member`: who belongs to the organization, and who may do what.

mod accept;
mod admit;
mod answer;
mod ask;
mod bind;
mod grant;
mod invite;
mod list;
mod remove;
mod role;
mod secrets;
mod show;
#[cfg(test)]
mod tests;
mod told;
mod user;
mod withdraw;
mod words;

use std::io::{self, IsTerminal};

use super::args::MemberCommand;
use super::{Failed, call, unexpected};
use crate::domain::Timestamp;
use crate::domain::organization::{InvitationView, MemberState, MemberView, OrganizationView};
use crate::service::{Door, DoorError, Request, Response};

/// So many digits name a member, as the list shows them; more will do, too.
const SHORT: usize = 10;

pub(super) fn run(command: &MemberCommand, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    let now = Timestamp(now);
    match command {
        MemberCommand::Invite(args) => invite::run(args, door),
        MemberCommand::Accept(args) => accept::run(args, door),
        MemberCommand::Admit(args) => admit::run(args, door),
        MemberCommand::List(args) => list::run(args, door, now),
        MemberCommand::Show(args) => show::run(args, door),
        MemberCommand::Role(args) => role::run(args, door),
        MemberCommand::Grant(args) => grant::grant(args, door),
        MemberCommand::Revoke(args) => grant::revoke(args, door),
        MemberCommand::Bind(args) => bind::run(args, door),
        MemberCommand::Withdraw(args) => withdraw::run(args, door),
        MemberCommand::Remove(args) => remove::run(args, door),
        MemberCommand::Ask(args) => ask::run(args, door),
        MemberCommand::Answer(args) => answer::run(args, door),
    }
}

/// The organization as it is.
pub(super) fn organization(door: &mut dyn Door) -> Result<Box<OrganizationView>, Failed> {
    change(door, Request::Organization)
}

/// Asks for a change of the organization; as it is then.
fn change(door: &mut dyn Door, request: Request) -> Result<Box<OrganizationView>, Failed> {
    match call(door, request)? {
        Response::Organization(view) => Ok(view),
        _ => Err(unexpected()),
    }
}

/// The member called `who`, or that has this id, or the only one whose id begins so. One who was removed gives way to
/// others of the name.
///
/// # Errors
/// When there is none, or more than one.
fn find<'a>(view: &'a OrganizationView, who: &str) -> Result<&'a MemberView, Failed> {
    let named = |member: &&&MemberView| *member.name == *who;
    let by_id = |member: &&&MemberView| who.len() >= SHORT && member.id.to_string().starts_with(&who.to_lowercase());
    let (present, gone): (Vec<&MemberView>, Vec<&MemberView>) =
        view.members.iter().partition(|member| member.state == MemberState::Active);
    let all = || present.iter().chain(&gone);
    let found: Vec<&MemberView> = match (present.iter().find(named), gone.iter().filter(named).collect::<Vec<_>>()) {
        (Some(member), _) => vec![*member],
        (None, gone) if !gone.is_empty() => gone.into_iter().copied().collect(),
        _ => all().filter(by_id).copied().collect(),
    };
    match found[..] {
        [only] => Ok(only),
        _ => Err(DoorError::NoMember(who.into()).into()),
    }
}

/// The same among those who were not removed.
fn find_present<'a>(view: &'a OrganizationView, who: &str) -> Result<&'a MemberView, Failed> {
    let member = find(view, who)?;
    if member.state == MemberState::Active { Ok(member) } else { Err(DoorError::NoMember(who.into()).into()) }
}

/// The invitation with this id, or of somebody of this name.
///
/// # Errors
/// When there is none.
fn find_invitation<'a>(view: &'a OrganizationView, which: &str) -> Result<&'a InvitationView, Failed> {
    let named = view.invitations.iter().find(|invitation| *invitation.name == *which);
    let found = named.or_else(|| view.invitations.iter().find(|one| one.id.to_string() == which.to_lowercase()));
    found.ok_or_else(|| match which.parse() {
        Ok(id) => DoorError::NoInvitation(id).into(),
        Err(_) => words::no_invitation(which),
    })
}

/// Whether a person can be asked something that is shown while it is typed.
fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}
