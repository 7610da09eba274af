//! What a request about the organization, or an edit, is recorded as.

use crate::domain::audit::{Action, Subject};
use crate::domain::organization::{PermissionRequest, Permissions, Reach};
use crate::domain::{Change, Header, InvitationId, MemberId, PartChange, RequestId, SecretId};
use crate::service::request::Request;
use crate::vault::Vault;

/// Most secrets that are named in a subject.
const MOST_NAMED: usize = 5;

/// What an edit does: it is an edit, it gives another name, or both.
pub(super) fn of_an_edit(before: &Header, change: &Change) -> (Action, Option<Action>) {
    match (before.name != change.name, changes_more(before, change)) {
        (true, true) => (Action::Edited, Some(Action::Renamed)),
        (true, false) => (Action::Renamed, None),
        (false, _) => (Action::Edited, None),
    }
}

fn changes_more(before: &Header, change: &Change) -> bool {
    let names = before.parts.iter().map(|part| &part.name);
    let stays = change.parts.iter().all(|(_, part)| *part == PartChange::Keep)
        && change.parts.iter().map(|(name, _)| name).eq(names);
    !stays
        || change.public != before.public
        || (change.expires, change.not_before) != (before.expires, before.not_before)
        || (change.write_only, change.encrypted_key) != (before.write_only, before.encrypted_key)
}

/// The action, and who and what it is about; `None` for what is not of the organization, or is not recorded.
pub(super) fn of_the_organization(request: &Request, vault: Option<&Vault>) -> Option<(Action, Subject)> {
    let named = Names(vault);
    let (action, subject) = match request {
        Request::Invite { name, role, .. } => (Action::Invited, format!("{name}: {}", role.label())),
        Request::Withdraw(id) => (Action::InvitationWithdrawn, named.invitation(*id)),
        Request::Accept { .. } => (Action::InvitationAccepted, String::new()),
        Request::Admit { invitation, .. } => (Action::Admitted, named.invitation(*invitation)),
        Request::ChangeRole { member, role, .. } => {
            (Action::RoleChanged, format!("{}: {}", named.member(*member), role.label()))
        }
        Request::Grant { member, permissions, reach } => {
            (Action::Granted, format!("{}: {}", named.member(*member), named.what(*permissions, reach)))
        }
        Request::Revoke { member, permissions, reach } => {
            (Action::Revoked, format!("{}: {}", named.member(*member), named.what(*permissions, reach)))
        }
        Request::BindMember { member, uid } => {
            let uid = uid.map_or_else(|| "no user".to_owned(), |uid| format!("uid {uid}"));
            (Action::MemberBound, format!("{}: {uid}", named.member(*member)))
        }
        Request::RemoveMember { member, .. } => (Action::MemberRemoved, named.member(*member)),
        Request::AskPermission { permission, secret } => {
            let secret = secret.map_or_else(|| "all secrets".to_owned(), |id| named.secret(id));
            (Action::PermissionAsked, format!("{} of {secret}", permission.word()))
        }
        Request::AnswerRequest { id, grant } => (
            Action::RequestAnswered,
            format!("{}: {}", named.request(*id), if *grant { "granted" } else { "declined" }),
        ),
        _ => return None,
    };
    Some((action, Subject::Other(subject.into())))
}

/// Names, as they are before the request is carried out; ids where there is none.
struct Names<'a>(Option<&'a Vault>);

impl Names<'_> {
    fn member(&self, id: MemberId) -> String {
        let known = self.0.and_then(|vault| vault.profile().member(id));
        known.map_or_else(|| id.to_string(), |member| member.name.to_string())
    }

    fn invitation(&self, id: InvitationId) -> String {
        let view = self.0.and_then(|vault| vault.organization().ok());
        let known = view.and_then(|view| view.invitations.into_iter().find(|invitation| invitation.id == id));
        known.map_or_else(|| id.to_string(), |invitation| invitation.name.to_string())
    }

    /// `Grace: reveal of deploy-token`.
    fn request(&self, id: RequestId) -> String {
        let view = self.0.and_then(|vault| vault.organization().ok());
        let known = view.and_then(|view| view.requests.into_iter().find(|request| request.id == id));
        known.map_or_else(
            || id.to_string(),
            |PermissionRequest { member, permission, secret, .. }| {
                let secret = secret.map_or_else(|| "all secrets".to_owned(), |id| self.secret(id));
                format!("{}: {} of {secret}", self.member(member), permission.word())
            },
        )
    }

    fn secret(&self, id: SecretId) -> String {
        let known = self.0.and_then(|vault| vault.header(id).ok());
        known.map_or_else(|| id.to_string(), |header| header.name.to_string())
    }

    /// `use, reveal of deploy-token`.
    fn what(&self, permissions: Permissions, reach: &Reach) -> String {
        let words: Vec<&str> = permissions.iter().map(|permission| permission.word()).collect();
        let secrets = match reach {
            Reach::All => "all secrets".to_owned(),
            Reach::Named(ids) => {
                let named: Vec<String> = ids.iter().take(MOST_NAMED).map(|id| self.secret(*id)).collect();
                match ids.len().saturating_sub(MOST_NAMED) {
                    0 => named.join(", "),
                    more => format!("{} and {more} more", named.join(", ")),
                }
            }
        };
        format!("{} of {secrets}", words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::organization::{Permission, Role};

    fn noted(request: &Request) -> (Action, String) {
        let (action, subject) = of_the_organization(request, None).unwrap();
        let Subject::Other(text) = subject else { panic!("{subject:?}") };
        (action, text.into())
    }

    #[test]
    fn who_and_what_is_told() {
        let invite = Request::Invite { name: "Grace".into(), role: Role::AccountManager, uid: None, days: 7 };
        assert_eq!(noted(&invite), (Action::Invited, "Grace: Account Manager".to_owned()));
        let permissions = [Permission::Use, Permission::Reveal].into_iter().collect();
        let grant = |reach| Request::Grant { member: MemberId([1; 16]), permissions, reach };
        let who = "01".repeat(16);
        assert_eq!(noted(&grant(Reach::All)).1, format!("{who}: use, reveal of all secrets"));
        let many: BTreeSet<SecretId> = (0..7).map(|n| SecretId([n; 16])).collect();
        assert!(noted(&grant(Reach::Named(many))).1.ends_with(" and 2 more"));
        assert!(of_the_organization(&Request::Organization, None).is_none());
    }
}
