//! Members, roles and permissions in sentences.

use crate::cli::Failed;
use crate::cli::exit::Exit;
use crate::domain::organization::{
    InvitationState, MemberState, OrganizationView, Permission, Permissions, Reach, Role,
};
use crate::domain::text::sanitize;
use crate::domain::{MemberId, SecretId};

/// `an Account Holder`, `a Member`.
pub(super) fn a(role: Role) -> String {
    let article = if role.manages() { "an" } else { "a" };
    format!("{article} {}", role.label())
}

/// What follows from a role.
pub(super) fn what_follows(role: Role) -> &'static str {
    match role {
        Role::AccountHolder => "They may do everything, as you may: use and reveal all secrets, and remove anybody.",
        Role::AccountManager => "They have all secrets of the organization, and all members but the Account Holders.",
        Role::Member => "They have what is granted to them, and nothing else: see strongroom member grant.",
    }
}

/// `use, reveal`.
pub(super) fn list_of(permissions: Permissions) -> String {
    permissions.iter().map(Permission::word).collect::<Vec<_>>().join(", ")
}

/// `all secrets`, or the names of those at hand.
pub(super) fn secrets<'a>(reach: &Reach, name: impl Fn(SecretId) -> Option<&'a str>) -> String {
    match reach {
        Reach::All => "all secrets".to_owned(),
        Reach::Named(ids) => {
            let mut names: Vec<String> =
                ids.iter().map(|id| name(*id).map_or_else(|| id.to_string(), |name| sanitize(name).into())).collect();
            names.sort_unstable();
            names.join(", ")
        }
    }
}

/// A member's state in a word, for people and, in small letters, for JSON.
pub(super) fn state_of_member(state: &MemberState) -> &'static str {
    match state {
        MemberState::Active => "Active",
        MemberState::Removed(_) => "Removed",
    }
}

/// An invitation's state in a word, for people and, in small letters, for JSON.
pub(super) fn state_of_invitation(state: &InvitationState) -> &'static str {
    match state {
        InvitationState::Open => "Open",
        InvitationState::Accepted { .. } => "Accepted",
        InvitationState::Forged => "Forged",
        InvitationState::Expired => "Expired",
    }
}

/// The name of a member, of one who is not told of the id.
pub(super) fn name_of(view: &OrganizationView, id: MemberId) -> String {
    let found = view.members.iter().find(|member| member.id == id);
    found.map_or_else(|| id.to_string(), |member| sanitize(&member.name).into_owned())
}

/// No invitation is for anybody called `name`.
pub(super) fn no_invitation(name: &str) -> Failed {
    let message = format!("there is no invitation for {name:?}. See strongroom member list.");
    Failed::new(Exit::NotFound, message)
}
