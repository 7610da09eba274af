//! One of each of the messages about the organization.

use std::collections::BTreeSet;

use strongroom::domain::organization::{
    Grants, InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest,
    Permissions, Reach, Rights, Role, Tampering, ToRotate, Unlawful,
};
use strongroom::domain::{InvitationId, MemberId, RequestId};
use strongroom::service::{Credential, DoorError, Refusal, Request, Response};

use super::{AT, ID, stamp};

const MEMBER: MemberId = MemberId([0x44; 16]);
const INVITATION: InvitationId = InvitationId([0x88; 5]);
const REQUEST: RequestId = RequestId([0x99; 5]);

/// One of each request.
pub(super) fn requests() -> Vec<Request> {
    let current = || Some(Credential::Named { member: "Ada".into(), passphrase: "correct horse".into() });
    let permissions: Permissions = [Permission::Use, Permission::Reveal].into_iter().collect();
    let (member, some) = (MEMBER, Reach::Named(BTreeSet::from([ID])));
    vec![
        Request::Organization,
        Request::Invite { name: "Grace".into(), role: Role::Member, uid: Some(1000), days: 7 },
        Request::Invite { name: "Grace".into(), role: Role::AccountManager, uid: None, days: 7 },
        Request::Withdraw(INVITATION),
        Request::Accept { code: "ABCD-EFGH".into(), passphrase: "correct horse".into() },
        Request::Admit { invitation: INVITATION, fingerprint: "ABCD EFGH".into(), current: current() },
        Request::ChangeRole { member, role: Role::AccountHolder, current: None },
        Request::Grant { member, permissions, reach: Reach::All },
        Request::Grant { member, permissions, reach: some.clone() },
        Request::Revoke { member, permissions, reach: some },
        Request::BindMember { member, uid: Some(1000) },
        Request::BindMember { member, uid: None },
        Request::RemoveMember { member, current: current() },
        Request::AskPermission { permission: Permission::Reveal, secret: Some(ID) },
        Request::AskPermission { permission: Permission::Register, secret: None },
        Request::AnswerRequest { id: REQUEST, grant: true },
    ]
}

/// One of each response.
pub(super) fn responses() -> Vec<Response> {
    vec![
        Response::Organization(Box::new(view())),
        Response::Invited { invitation: invitation(InvitationState::Open), code: "ABCD-EFGH".into() },
        Response::Accepted { invitation: InvitationId([0x88; 5]), fingerprint: "ABCD EFGH".into() },
        Response::MemberRemoved { to_rotate: vec![to_rotate(), ToRotate { last_delivered: None, ..to_rotate() }] },
        Response::Asked(request(Permission::Reveal)),
    ]
}

/// One of each error, with each way to tamper and each rule of the log.
pub(super) fn errors() -> Vec<DoorError> {
    let not_permitted = |permission| DoorError::NotPermitted {
        member: "Grace".into(),
        act: "reveal deploy".into(),
        permission,
        who_can: vec!["Ada".into()],
    };
    let errors = vec![
        not_permitted(Some(Permission::Reveal)),
        not_permitted(None),
        DoorError::NoMember("Grace".into()),
        DoorError::NoInvitation(INVITATION),
        DoorError::NoRequest(REQUEST),
        DoorError::WrongCode,
        DoorError::OtherFingerprint,
        DoorError::Ambiguous("deploy".into()),
        DoorError::OtherMember("Ada".into()),
    ];
    let unlawful = unlawful().into_iter().map(DoorError::Unlawful);
    errors.into_iter().chain(unlawful).chain(tampering().into_iter().map(DoorError::Tampered)).collect()
}

/// Something that is stored and not served.
pub(super) fn refusal() -> Refusal {
    let (why, author) = (Tampering::NotPermitted(Permission::Edit), Some("Grace".into()));
    Refusal { what: "deploy".into(), why, author, served: Some(3) }
}

/// What one may do who founded the vault.
pub(super) fn rights() -> Rights {
    Rights::of(MemberId([1; 16]), Role::AccountHolder)
}

/// An organization with somebody of each role and state.
fn view() -> OrganizationView {
    let states = [
        InvitationState::Open,
        InvitationState::Accepted { fingerprint: "ABCD EFGH".into() },
        InvitationState::Forged,
        InvitationState::Expired,
    ];
    let mut members: Vec<MemberView> = Role::ALL.map(|role| member(role, MemberState::Active)).into();
    members.push(member(Role::Member, MemberState::Removed(stamp())));
    // Each has an id of its own.
    members.iter_mut().zip(0x44..).for_each(|(member, n)| member.id = MemberId([n; 16]));
    let mut invitations = states.map(invitation);
    invitations.iter_mut().zip(0x88..).for_each(|(invitation, n)| invitation.id = InvitationId([n; 5]));
    OrganizationView {
        name: "acme".into(),
        fingerprint: "0123 4567".into(),
        me: rights(),
        members,
        invitations: invitations.into(),
        requests: Permission::ALL.map(request).into(),
        reseal_owed: true,
    }
}

fn member(role: Role, state: MemberState) -> MemberView {
    let mut grants = Grants::default();
    if !role.manages() {
        grants.grant([Permission::Use, Permission::Reveal].into_iter().collect(), &Reach::Named(BTreeSet::from([ID])));
        grants.grant(Permission::ALL[2..].iter().copied().collect(), &Reach::All);
    }
    let uid = (!role.manages()).then_some(1000);
    MemberView { id: MEMBER, name: "Grace".into(), role, state, since: stamp(), uid, grants, keys: 2, personal: 3 }
}

fn invitation(state: InvitationState) -> InvitationView {
    let (name, role, uid) = ("Grace".into(), Role::Member, Some(1000));
    InvitationView { id: INVITATION, name, role, uid, made: stamp(), expires: AT, state }
}

fn request(permission: Permission) -> PermissionRequest {
    let secret = permission.needs_value().then_some(ID);
    PermissionRequest { id: REQUEST, member: MEMBER, permission, secret, at: AT }
}

fn to_rotate() -> ToRotate {
    ToRotate { id: ID, name: "deploy".into(), last_delivered: Some(AT) }
}

fn unlawful() -> Vec<Unlawful> {
    vec![
        Unlawful::Foundation,
        Unlawful::UnknownKey,
        Unlawful::NeedsRole(Role::AccountHolder),
        Unlawful::NoMember,
        Unlawful::LastHolder,
        Unlawful::NameTaken,
        Unlawful::BadName,
        Unlawful::NoInvitation,
        Unlawful::Repeated,
        Unlawful::Key,
        Unlawful::NeedsNoGrant,
        Unlawful::Nothing,
        Unlawful::RegisterNamed,
        Unlawful::UidTaken,
        Unlawful::Epoch,
    ]
}

fn tampering() -> Vec<Tampering> {
    vec![
        Tampering::LogMissing,
        Tampering::LogOlder { found: 3, last_seen: 9 },
        Tampering::LogForked(3),
        Tampering::LogForeign,
        Tampering::LogBroken(3),
        Tampering::LogMalformed(3),
        Tampering::LogUnsigned(3),
        Tampering::LogUnlawful(3, Unlawful::NeedsRole(Role::AccountManager)),
        Tampering::SlotForeign,
        Tampering::Unsigned,
        Tampering::BadSignature,
        Tampering::UnknownKey,
        Tampering::RemovedKey,
        Tampering::OtherAuthor,
        Tampering::NotPermitted(Permission::Edit),
        Tampering::NotManaged,
        Tampering::OtherEpoch,
        Tampering::PutBack { found: 3, last_seen: 9 },
        Tampering::Removed,
        Tampering::Replaced,
        Tampering::Mixed,
        Tampering::OtherValue,
        Tampering::TakenOver,
        Tampering::EpochForeign,
        Tampering::KeysReplaced,
        Tampering::Forged,
    ]
}
