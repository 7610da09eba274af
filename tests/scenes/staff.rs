//! The organization that the scenes have: who is in, who is invited, who asks for what.

use std::collections::BTreeSet;

use strongroom::domain::organization::{
    Grants, InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest,
    Permissions, Reach, Rights, Role, ToRotate,
};
use strongroom::domain::{InvitationId, MemberId, RequestId, SecretId, Stamp, Timestamp};
use strongroom::service::{DoorError, OpenReport, Response};
use strongroom::tui::harness::START;

use super::stage::{Outside, Stage, unlocked_by};

const DAY: i64 = 86_400;
const ADA: MemberId = MemberId([1; 16]);
const BEN: MemberId = MemberId([2; 16]);
const CARLA: MemberId = MemberId([3; 16]);
const GRACE: MemberId = MemberId([4; 16]);
const FINGERPRINT: &str = "7K3M-9QTX-2FHA-B6WD";
pub(super) const CODE: &str = "7K3M-9QTX-2FHA-B6WD-0VZE-RN5J-C8PY";

pub(super) type Answer = Result<Response, DoorError>;

fn stamp(days: i64, by: &str) -> Stamp {
    Stamp { at: Timestamp(START - days * DAY), by: by.into() }
}

fn member(id: MemberId, name: &str, role: Role, days: i64) -> MemberView {
    MemberView {
        id,
        name: name.into(),
        role,
        state: MemberState::Active,
        since: stamp(days, "Ada Park"),
        uid: None,
        grants: Grants::default(),
        keys: 2,
        personal: 0,
    }
}

fn one(permission: Permission) -> Permissions {
    [permission].into_iter().collect()
}

/// Grace may use all, see three, edit one.
fn grants(ids: &[SecretId]) -> Grants {
    let named = |count: usize| Reach::Named(ids.iter().take(count).copied().collect::<BTreeSet<_>>());
    let mut grants = Grants::default();
    grants.grant(one(Permission::Use), &Reach::All);
    grants.grant(one(Permission::Reveal), &named(3));
    grants.grant(one(Permission::Edit), &named(1));
    grants
}

fn invitation(id: u8, name: &str, role: Role, days: i64, state: InvitationState) -> InvitationView {
    InvitationView {
        id: InvitationId([id; 5]),
        name: name.into(),
        role,
        uid: None,
        made: stamp(7 - days, "Ada Park"),
        expires: Timestamp(START + days * DAY),
        state,
    }
}

fn members(ids: &[SecretId]) -> Vec<MemberView> {
    let ben = MemberView { personal: 1, uid: Some(1002), ..member(BEN, "Ben Okafor", Role::AccountManager, 160) };
    let removed = MemberState::Removed(stamp(12, "Ada Park"));
    vec![
        MemberView { personal: 3, uid: Some(1001), keys: 3, ..member(ADA, "Ada Park", Role::AccountHolder, 212) },
        ben,
        MemberView { keys: 1, grants: grants(ids), personal: 2, ..member(GRACE, "Grace Hopper", Role::Member, 9) },
        MemberView { state: removed, ..member(CARLA, "Carla Ruiz", Role::Member, 140) },
    ]
}

fn ids(stage: &mut Stage) -> Vec<SecretId> {
    ["payments-api", "crm-sync", "maps-tiles"].map(|name| stage.header(name).id).to_vec()
}

fn organization(stage: &mut Stage) -> OrganizationView {
    let ids = ids(stage);
    let ask = |id: u8, permission, secret, minutes: i64| PermissionRequest {
        id: RequestId([id; 5]),
        member: GRACE,
        permission,
        secret,
        at: Timestamp(START - minutes * 60),
    };
    let accepted = InvitationState::Accepted { fingerprint: FINGERPRINT.into() };
    OrganizationView {
        name: "Northwind Trading".into(),
        fingerprint: "M4WD-0VZE-RN5J-C8PY".into(),
        me: Rights::of(ADA, Role::AccountHolder),
        members: members(&ids),
        invitations: vec![
            invitation(1, "Joan Clarke", Role::Member, -1, InvitationState::Expired),
            invitation(2, "Hedy Lamarr", Role::AccountManager, 3, accepted),
            invitation(3, "Mallory", Role::Member, 4, InvitationState::Forged),
            invitation(4, "Radia Perlman", Role::Member, 6, InvitationState::Open),
        ],
        requests: vec![
            ask(1, Permission::Reveal, Some(stage.header("shop-staging").id), 125),
            ask(2, Permission::Register, None, 9),
        ],
        reseal_owed: false,
    }
}

/// The demo with this organization, whose door answers this first to what changes something.
pub(super) fn with(change: impl FnOnce(&mut OrganizationView), answers: impl IntoIterator<Item = Answer>) -> Stage {
    let mut stage = Stage::open(answers);
    let mut view = organization(&mut stage);
    change(&mut view);
    stage.with_uses(Outside { organization: Some(view), ..Outside::default() })
}

pub(super) fn staffed() -> Stage {
    with(|_| {}, [])
}

pub(super) fn answering(answer: Answer) -> Stage {
    with(|_| {}, [answer])
}

pub(super) fn alone() -> Stage {
    with(
        |view| {
            view.members.truncate(1);
            (view.invitations, view.requests) = (Vec::new(), Vec::new());
        },
        [],
    )
}

pub(super) fn unreadable() -> Stage {
    let mut stage = Stage::open([]);
    let organization = Some(organization(&mut stage));
    stage.with_uses(Outside { organization, fails: true, ..Outside::default() })
}

/// As Grace, who is a Member.
pub(super) fn grace() -> Stage {
    let mut stage = Stage::locked([]);
    let mut view = organization(&mut stage);
    view.me = Rights { member: GRACE, role: Role::Member, grants: grants(&ids(&mut stage)) };
    view.invitations.clear();
    view.requests.truncate(1);
    stage.answer(Ok(unlocked_by("Grace Hopper", view.me.clone(), OpenReport::default())));
    let outside = Outside { organization: Some(view), ..Outside::default() };
    stage.with_uses(outside).with_personal("maps-tiles", GRACE).with_personal("status-page", GRACE)
}

pub(super) fn grace_asking_nothing() -> Stage {
    let mut stage = Stage::locked([]);
    let mut view = organization(&mut stage);
    view.me = Rights { member: GRACE, role: Role::Member, grants: Grants::default() };
    (view.invitations, view.requests) = (Vec::new(), Vec::new());
    stage.answer(Ok(unlocked_by("Grace Hopper", view.me.clone(), OpenReport::default())));
    stage.with_uses(Outside { organization: Some(view), ..Outside::default() })
}

pub(super) fn personal() -> Stage {
    staffed().with_personal("maps-tiles", ADA).with_personal("billing-service", ADA)
}

pub(super) fn personal_of_ben() -> Stage {
    staffed().with_personal("maps-tiles", BEN)
}

pub(super) fn invited() -> Stage {
    let invitation = invitation(5, "Barbara Liskov", Role::Member, 7, InvitationState::Open);
    answering(Ok(Response::Invited { invitation, code: CODE.into() }))
}

pub(super) fn removed() -> Stage {
    let mut stage = Stage::open([]);
    let mut rotate = |name: &str, hours: Option<i64>| ToRotate {
        id: stage.header(name).id,
        name: name.into(),
        last_delivered: hours.map(|hours| Timestamp(START - hours * 3600)),
    };
    let to_rotate = vec![
        rotate("crm-sync", Some(71)),
        rotate("legacy-sms-gateway", None),
        rotate("maps-tiles", None),
        rotate("payments-api", Some(2)),
        rotate("shop-production", Some(24 * 40)),
    ];
    answering(Ok(Response::MemberRemoved { to_rotate }))
}

pub(super) fn accepting(answer: Answer) -> Stage {
    Stage::locked([answer])
}

pub(super) fn accepted() -> Stage {
    accepting(Ok(Response::Accepted { invitation: InvitationId([1; 5]), fingerprint: FINGERPRINT.into() }))
}

pub(super) fn not_permitted() -> DoorError {
    DoorError::NotPermitted {
        member: "Ada Park".into(),
        act: "reveal payments-api".into(),
        permission: Some(Permission::Reveal),
        who_can: vec!["Ben Okafor".into()],
    }
}
