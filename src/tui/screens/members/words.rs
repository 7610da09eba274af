//! What is said of members, invitations and reaches: a glyph and a word for each.

use ratatui::style::Style;

use crate::domain::organization::{
    InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest, Reach,
};
use crate::domain::{MemberId, SecretId, Timestamp};
use crate::tui::app::Shared;
use crate::tui::text::clean;
use crate::tui::theme::Theme;
use crate::tui::words::short;

/// Said in the place of somebody or something that is not there any more.
const GONE: &str = "(gone)";

/// A glyph and words, and how they are painted.
pub(super) type Told = (String, Style);

/// Since when somebody is a member, or is no more.
pub(super) fn state(member: &MemberView, theme: Theme) -> Told {
    match &member.state {
        MemberState::Active => (format!("{} since {}", theme.either("●", "*"), member.since.at.date()), theme.text()),
        MemberState::Removed(stamp) => (format!("{} removed {}", theme.cross(), stamp.at.date()), theme.dim()),
    }
}

/// How far an invitation is.
pub(super) fn invitation(invitation: &InvitationView, theme: Theme) -> Told {
    match invitation.state {
        InvitationState::Open => (format!("{} open", theme.either("○", "o")), theme.text()),
        InvitationState::Accepted { .. } => (format!("{} accepted: compare", theme.either("●", "*")), theme.good()),
        InvitationState::Forged => (format!("{} forged!", theme.cross()), theme.bad()),
        InvitationState::Expired => (format!("{} expired", theme.alert()), theme.warn()),
    }
}

/// Until when it counts: `expires in 3 d`.
pub(super) fn expires(invitation: &InvitationView, now: Timestamp) -> String {
    let verb = if invitation.expires.0 < now.0 { "expired" } else { "expires" };
    format!("{verb} {}", crate::domain::date::relative(invitation.expires, now))
}

/// `3 personal secrets`, or `3 personal` in brief; nothing where there is none.
pub(super) fn personal(count: u32, brief: bool) -> String {
    match (count, brief) {
        (0, _) => String::new(),
        (count, true) => format!("{count} personal"),
        (1, false) => "1 personal secret".to_owned(),
        (count, false) => format!("{count} personal secrets"),
    }
}

/// How far a permission reaches: `all`, `3 secrets`, `none`.
pub(super) fn reach(reach: Option<&Reach>, theme: Theme) -> Told {
    match reach {
        Some(Reach::All) => (format!("{} all", full(theme)), theme.good()),
        Some(Reach::Named(ids)) if ids.len() == 1 => (format!("{} 1 secret", half(theme)), theme.text()),
        Some(Reach::Named(ids)) => (format!("{} {} secrets", half(theme), ids.len()), theme.text()),
        None => (format!("{} none", empty(theme)), theme.dim()),
    }
}

/// The glyphs of a reach: all, some, none.
pub(super) fn full(theme: Theme) -> &'static str {
    theme.either("●", "*")
}

pub(super) fn half(theme: Theme) -> &'static str {
    theme.either("◐", "+")
}

pub(super) fn empty(theme: Theme) -> &'static str {
    theme.either("○", "-")
}

/// What a member may do, by role and grants.
pub(super) fn reach_of(member: &MemberView, permission: Permission) -> Option<&Reach> {
    if member.role.manages() { Some(&Reach::All) } else { member.grants.reach(permission) }
}

/// The name of the secret `id`.
pub(super) fn secret(id: SecretId, shared: &Shared) -> String {
    shared.header(id).map_or(GONE.to_owned(), |header| clean(&header.name).into_owned())
}

/// The name of the member `id`.
pub(super) fn name(id: MemberId, view: &OrganizationView) -> String {
    let member = view.members.iter().find(|member| member.id == id);
    member.map_or(GONE.to_owned(), |member| clean(&member.name).into_owned())
}

/// What is asked for: `reveal deploy-token`, `use all secrets`.
pub(super) fn wanted(request: &PermissionRequest, shared: &Shared) -> String {
    let secret = request.secret.map(|id| secret(id, shared));
    match (&secret, request.permission) {
        (Some(secret), permission) => format!("{} {}", permission.word(), short(secret)),
        (None, Permission::Register) => "register secrets".to_owned(),
        (None, permission) => format!("{} all secrets", permission.word()),
    }
}
