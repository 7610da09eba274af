//! Members, invitations and requests as `--json` prints them. Times are ISO 8601; what does not apply is null.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words;
use crate::domain::organization::{
    InvitationState, InvitationView, MemberState, MemberView, Permission, PermissionRequest, Reach,
};
use crate::domain::{MemberId, SecretId};

/// An invitation.
#[derive(Serialize)]
pub(super) struct Invitation<'a> {
    id: String,
    name: &'a str,
    role: &'static str,
    uid: Option<u32>,
    made: String,
    made_by: &'a str,
    expires: String,
    status: String,
    fingerprint: Option<&'a str>,
}

impl<'a> Invitation<'a> {
    pub(super) fn of(invitation: &'a InvitationView) -> Self {
        Self {
            id: invitation.id.to_string(),
            name: &invitation.name,
            role: invitation.role.word(),
            uid: invitation.uid,
            made: invitation.made.at.to_iso(),
            made_by: &invitation.made.by,
            expires: invitation.expires.to_iso(),
            status: words::state_of_invitation(&invitation.state).to_lowercase(),
            fingerprint: match &invitation.state {
                InvitationState::Accepted { fingerprint } => Some(fingerprint),
                _ => None,
            },
        }
    }
}

/// A member.
#[derive(Serialize)]
pub(super) struct Member<'a> {
    id: String,
    name: &'a str,
    role: &'static str,
    status: String,
    since: String,
    admitted_by: &'a str,
    removed: Option<String>,
    removed_by: Option<&'a str>,
    uid: Option<u32>,
    keys: u32,
    personal_secrets: u32,
    grants: BTreeMap<&'static str, Granted<'a>>,
}

/// How far a permission reaches.
#[derive(Serialize)]
struct Granted<'a> {
    all: bool,
    secrets: Vec<Secret<'a>>,
}

/// A secret; the name of one that is not at hand is null.
#[derive(Serialize)]
pub(super) struct Secret<'a> {
    id: String,
    name: Option<&'a str>,
}

impl<'a> Member<'a> {
    /// `member`, with the names of secrets from `name`.
    pub(super) fn of(member: &'a MemberView, name: impl Fn(SecretId) -> Option<&'a str>) -> Self {
        let removed = match &member.state {
            MemberState::Removed(stamp) => Some(stamp),
            MemberState::Active => None,
        };
        let granted = |permission: Permission| {
            let reach = member.grants.reach(permission)?;
            Some((permission.word(), Granted::of(reach, &name)))
        };
        Self {
            id: member.id.to_string(),
            name: &member.name,
            role: member.role.word(),
            status: words::state_of_member(&member.state).to_lowercase(),
            since: member.since.at.to_iso(),
            admitted_by: &member.since.by,
            removed: removed.map(|stamp| stamp.at.to_iso()),
            removed_by: removed.map(|stamp| &*stamp.by),
            uid: member.uid,
            keys: member.keys,
            personal_secrets: member.personal,
            grants: Permission::ALL.into_iter().filter_map(granted).collect(),
        }
    }
}

impl<'a> Granted<'a> {
    fn of(reach: &Reach, name: impl Fn(SecretId) -> Option<&'a str>) -> Self {
        match reach {
            Reach::All => Self { all: true, secrets: Vec::new() },
            Reach::Named(ids) => Self { all: false, secrets: ids.iter().map(|id| Secret::of(*id, &name)).collect() },
        }
    }
}

impl<'a> Secret<'a> {
    fn of(id: SecretId, name: impl Fn(SecretId) -> Option<&'a str>) -> Self {
        Self { id: id.to_string(), name: name(id) }
    }
}

/// Somebody who asks for a permission; for all secrets, `secret` is null.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    id: String,
    member: Option<&'a str>,
    member_id: String,
    permission: &'static str,
    secret: Option<Secret<'a>>,
    at: String,
}

impl<'a> Request<'a> {
    /// `request`, with names from `member` and `secret`.
    pub(super) fn of(
        request: &PermissionRequest,
        member: impl Fn(MemberId) -> Option<&'a str>,
        secret: impl Fn(SecretId) -> Option<&'a str>,
    ) -> Self {
        Self {
            id: request.id.to_string(),
            member: member(request.member),
            member_id: request.member.to_string(),
            permission: request.permission.word(),
            secret: request.secret.map(|id| Secret::of(id, secret)),
            at: request.at.to_iso(),
        }
    }
}
