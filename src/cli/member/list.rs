//! `strongroom member list`: members, invitations, and the permissions that were asked for.

use std::borrow::Cow;

use serde::Serialize;

use super::secrets::Names;
use super::{SHORT, organization, told, user, words};
use crate::cli::args::MemberListArgs;
use crate::cli::table::{facts, table};
use crate::cli::{Failed, output, unlock};
use crate::domain::date::relative;
use crate::domain::organization::{
    InvitationState, InvitationView, MemberState, MemberView, OrganizationView, PermissionRequest,
};
use crate::domain::{MemberId, Timestamp};
use crate::service::Door;

/// The organization as `--json` prints it.
#[derive(Serialize)]
struct Told<'a> {
    organization: &'a str,
    fingerprint: &'a str,
    members: Vec<told::Member<'a>>,
    invitations: Vec<told::Invitation<'a>>,
    requests: Vec<told::Request<'a>>,
    reseal_owed: bool,
}

pub(super) fn run(args: &MemberListArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let names = Names::ask(door)?;
    output::data(&if args.json { json(&view, &names) } else { text(&view, &names, now) })?;
    if view.reseal_owed {
        output::remark(
            "A key was changed or removed: the vault is sealed anew when a Holder or Manager next unlocks it.",
        );
    }
    Ok(())
}

pub(super) fn json(view: &OrganizationView, names: &Names) -> String {
    let member = |id: MemberId| view.members.iter().find(|member| member.id == id).map(|member| &*member.name);
    output::json(&Told {
        organization: &view.name,
        fingerprint: &view.fingerprint,
        members: view.members.iter().map(|member| told::Member::of(member, |id| names.of(id))).collect(),
        invitations: view.invitations.iter().map(told::Invitation::of).collect(),
        requests: view.requests.iter().map(|one| told::Request::of(one, member, |id| names.of(id))).collect(),
        reseal_owed: view.reseal_owed,
    })
}

/// A section for each kind of them that there is, after what the members can compare with each other.
pub(super) fn text(view: &OrganizationView, names: &Names, now: Timestamp) -> String {
    let members: Vec<_> = view.members.iter().map(member).collect();
    let about = [("Organization", &view.name), ("Fingerprint", &view.fingerprint)];
    let about = about.map(|(label, text)| (label.to_owned(), text.to_string()));
    let mut out = format!("{}\n", facts(&about));
    out += &table(["Member", "Role", "Status", "Since", "Unix user", "Id"], &members);
    let invitations: Vec<_> = view.invitations.iter().map(|one| invitation(one, now)).collect();
    if !invitations.is_empty() {
        out += &format!("\n{}", table(["Invited", "Role", "Status", "Until", "Invitation"], &invitations));
    }
    let requests: Vec<_> = view.requests.iter().map(|one| request(one, view, names, now)).collect();
    if !requests.is_empty() {
        out += &format!("\n{}", table(["Asked by", "Permission", "For", "When", "Request"], &requests));
    }
    out
}

fn member(member: &MemberView) -> [Cow<'_, str>; 6] {
    let mut id = member.id.to_string();
    id.truncate(SHORT);
    let since = match &member.state {
        MemberState::Active => &member.since,
        MemberState::Removed(stamp) => stamp,
    };
    [
        (&*member.name).into(),
        member.role.label().into(),
        words::state_of_member(&member.state).into(),
        since.at.date().to_string().into(),
        member.uid.map_or("-".into(), |uid| user::in_words(uid).into()),
        id.into(),
    ]
}

fn invitation(invitation: &InvitationView, now: Timestamp) -> [Cow<'_, str>; 5] {
    let word = words::state_of_invitation(&invitation.state);
    let status = match &invitation.state {
        InvitationState::Accepted { fingerprint } => format!("{word}: {fingerprint}").into(),
        InvitationState::Forged => format!("{word}: withdraw it").into(),
        _ => word.into(),
    };
    [
        (&*invitation.name).into(),
        invitation.role.label().into(),
        status,
        format!("{} ({})", invitation.expires.date(), relative(invitation.expires, now)).into(),
        invitation.id.to_string().into(),
    ]
}

fn request<'a>(
    request: &PermissionRequest,
    view: &OrganizationView,
    names: &'a Names,
    now: Timestamp,
) -> [Cow<'a, str>; 5] {
    let secret = request
        .secret
        .map_or(Cow::Borrowed("all secrets"), |id| names.of(id).map_or_else(|| id.to_string().into(), Cow::Borrowed));
    [
        words::name_of(view, request.member).into(),
        request.permission.word().into(),
        secret,
        relative(request.at, now).into(),
        request.id.to_string().into(),
    ]
}
