//! The organization: members, invitations, permissions, personal secrets.

use std::collections::BTreeSet;

use strongroom::domain::organization::{
    Grants, InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest,
    Permissions, Reach, Rights, Role, Tampering, ToRotate, Unlawful,
};
use strongroom::domain::{InvitationId, MemberId, RequestId, SecretId, Stamp, Timestamp};
use strongroom::service::{CredentialKind, DoorError, OpenReport, Progress, Response, Step};
use strongroom::tui::harness::{Harness, START};

use super::stage::{Outside, Stage, unlocked_by};
use super::states::{select, unlock};
use super::{From, NEW, PASSPHRASE, Scene, scene};

const DAY: i64 = 86_400;
const ADA: MemberId = MemberId([1; 16]);
const BEN: MemberId = MemberId([2; 16]);
const CARLA: MemberId = MemberId([3; 16]);
const GRACE: MemberId = MemberId([4; 16]);
const FINGERPRINT: &str = "7K3M-9QTX-2FHA-B6WD";
const CODE: &str = "7K3M-9QTX-2FHA-B6WD-0VZE-RN5J-C8PY";

type Answer = Result<Response, DoorError>;

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
fn with(change: impl FnOnce(&mut OrganizationView), answers: impl IntoIterator<Item = Answer>) -> Stage {
    let mut stage = Stage::open(answers);
    let mut view = organization(&mut stage);
    change(&mut view);
    stage.with_uses(Outside { organization: Some(view), ..Outside::default() })
}

fn staffed() -> Stage {
    with(|_| {}, [])
}

fn answering(answer: Answer) -> Stage {
    with(|_| {}, [answer])
}

fn alone() -> Stage {
    with(
        |view| {
            view.members.truncate(1);
            (view.invitations, view.requests) = (Vec::new(), Vec::new());
        },
        [],
    )
}

fn unreadable() -> Stage {
    let mut stage = Stage::open([]);
    let organization = Some(organization(&mut stage));
    stage.with_uses(Outside { organization, fails: true, ..Outside::default() })
}

/// As Grace, who is a Member.
fn grace() -> Stage {
    let mut stage = Stage::locked([]);
    let mut view = organization(&mut stage);
    view.me = Rights { member: GRACE, role: Role::Member, grants: grants(&ids(&mut stage)) };
    view.invitations.clear();
    view.requests.truncate(1);
    stage.answer(Ok(unlocked_by("Grace Hopper", view.me.clone(), OpenReport::default())));
    let outside = Outside { organization: Some(view), ..Outside::default() };
    stage.with_uses(outside).with_personal("maps-tiles", GRACE).with_personal("status-page", GRACE)
}

fn grace_asking_nothing() -> Stage {
    let mut stage = Stage::locked([]);
    let mut view = organization(&mut stage);
    view.me = Rights { member: GRACE, role: Role::Member, grants: Grants::default() };
    (view.invitations, view.requests) = (Vec::new(), Vec::new());
    stage.answer(Ok(unlocked_by("Grace Hopper", view.me.clone(), OpenReport::default())));
    stage.with_uses(Outside { organization: Some(view), ..Outside::default() })
}

fn personal() -> Stage {
    staffed().with_personal("maps-tiles", ADA).with_personal("billing-service", ADA)
}

fn invited() -> Stage {
    let invitation = invitation(5, "Barbara Liskov", Role::Member, 7, InvitationState::Open);
    answering(Ok(Response::Invited { invitation, code: CODE.into() }))
}

fn removed() -> Stage {
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

fn accepting(answer: Answer) -> Stage {
    Stage::locked([answer])
}

fn accepted() -> Stage {
    accepting(Ok(Response::Accepted { member: "Hedy Lamarr".into(), fingerprint: FINGERPRINT.into() }))
}

fn not_permitted() -> DoorError {
    DoorError::NotPermitted {
        member: "Ada Park".into(),
        act: "reveal payments-api".into(),
        permission: Some(Permission::Reveal),
        who_can: vec!["Ben Okafor".into()],
    }
}

fn to_members(h: &mut Harness) {
    unlock(h);
    h.press("Esc Esc Down Enter");
}

fn to_grace(h: &mut Harness) {
    to_members(h);
    h.press("Down Down Enter");
}

fn to_hedy(h: &mut Harness) {
    to_members(h);
    h.press("Down Down Down Down Down");
}

fn fill_invitation(h: &mut Harness) {
    to_members(h);
    h.press("n").type_text("Barbara Liskov").press("Tab");
}

fn to_new_passphrase(h: &mut Harness) {
    h.press("^O").paste(CODE).press("Enter");
}

fn remove_grace(h: &mut Harness) {
    to_members(h);
    h.press("Down Down x").type_text("Grace Hopper").press("Tab").type_text(PASSPHRASE).press("Tab Tab Enter");
}

/// Each as a frame, like the screens.
pub(super) const ORGANIZATION: &[Scene] = &[
    // Members.
    scene("members", From::Staged(staffed), to_members),
    scene("members-at-a-request", From::Staged(staffed), |h| {
        to_members(h);
        h.press("End");
    }),
    scene("members-alone", From::Staged(alone), to_members),
    scene("members-reading", From::Staged(staffed), |h| {
        unlock(h);
        h.press("Esc Esc Down").hold().press("Enter");
    }),
    scene("members-unreadable", From::Staged(unreadable), to_members),
    scene("members-reseal-owed", From::Staged(|| with(|view| view.reseal_owed = true, [])), to_members),
    scene("members-ascii", From::StagedPlain(staffed), to_members),
    scene("members-as-a-member", From::Staged(grace), |h| {
        to_members(h);
        h.press("Down Down");
    }),
    scene("members-asking-nothing", From::Staged(grace_asking_nothing), to_members),
    scene("members-ask", From::Staged(grace), |h| {
        to_members(h);
        h.press("p Down");
    }),
    scene("members-help", From::Staged(staffed), |h| {
        to_members(h);
        h.press("?");
    }),
    // Inviting and accepting.
    scene("invite", From::Staged(staffed), fill_invitation),
    scene("invite-wrong", From::Staged(staffed), |h| {
        fill_invitation(h);
        h.press("Tab").type_text("barbara").press("^S");
    }),
    scene("invite-name-taken", From::Staged(|| answering(Err(DoorError::Unlawful(Unlawful::NameTaken)))), |h| {
        fill_invitation(h);
        h.press("^S");
    }),
    scene("invited", From::Staged(invited), |h| {
        fill_invitation(h);
        h.press("^S");
    }),
    scene("invited-hidden", From::Staged(invited), |h| {
        fill_invitation(h);
        h.press("^S v");
    }),
    scene("unlock-named", From::Locked, |h| drop(h.press("^N").type_text("Hedy Lamarr").screen())),
    scene("accept-code", From::Locked, |h| drop(h.press("^O").paste(CODE).screen())),
    scene("accept-wrong-code", From::Staged(|| accepting(Err(DoorError::WrongCode))), |h| {
        to_new_passphrase(h);
        h.paste(NEW).press("Tab").paste(NEW).press("Enter");
    }),
    scene("accept-passphrase", From::Locked, |h| {
        to_new_passphrase(h);
        h.type_text(NEW);
    }),
    scene("accepted", From::Staged(accepted), |h| {
        to_new_passphrase(h);
        h.paste(NEW).press("Tab").paste(NEW).press("Enter");
    }),
    // Deciding.
    scene("admit", From::Staged(staffed), |h| {
        to_hedy(h);
        h.press("a");
    }),
    scene("admit-chosen", From::Staged(staffed), |h| {
        to_hedy(h);
        h.press("a").type_text(PASSPHRASE).press("Enter Tab Tab");
    }),
    scene(
        "admit-wrong",
        From::Staged(|| {
            answering(Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 }))
        }),
        |h| {
            to_hedy(h);
            h.press("a").type_text("not it").press("Enter Tab Tab Enter");
        },
    ),
    scene("admit-ascii", From::StagedPlain(staffed), |h| {
        to_hedy(h);
        h.press("a");
    }),
    scene("invitation-open", From::Staged(staffed), |h| {
        to_hedy(h);
        h.press("Down Down x");
    }),
    scene("invitation-forged", From::Staged(staffed), |h| {
        to_hedy(h);
        h.press("Down Enter");
    }),
    scene("request-answer", From::Staged(staffed), |h| {
        to_members(h);
        h.press("End Up Enter");
    }),
    // One member, and all of them.
    scene("member", From::Staged(staffed), to_grace),
    scene("member-ascii", From::StagedPlain(staffed), to_grace),
    scene("member-holder", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Enter");
    }),
    scene("member-removed", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down Down Down Enter");
    }),
    scene("member-reach", From::Staged(staffed), |h| {
        to_grace(h);
        h.press("Down Enter Down Space");
    }),
    scene("member-less", From::Staged(staffed), |h| {
        to_grace(h);
        h.press("Enter Space Enter");
    }),
    scene("member-sealing", From::Staged(staffed), |h| {
        to_grace(h);
        h.press("Enter Space Enter Tab").hold().press("Enter");
        h.progress(Progress { step: Step::Rewriting, done: 6_234, total: 10_000 });
    }),
    scene("matrix", From::Staged(staffed), |h| {
        to_members(h);
        h.press("m Down Down");
    }),
    scene("matrix-ascii", From::StagedPlain(staffed), |h| {
        to_members(h);
        h.press("m");
    }),
    scene("role", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down Down r");
    }),
    scene("role-holder", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down r Up Enter");
    }),
    scene("role-down", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down r Down Enter");
    }),
    scene("remove-member", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down Down x").type_text("Grace");
    }),
    scene("remove-member-wrong-name", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down Down x").type_text("Ada").press("Tab").type_text("x").press("Tab Tab Enter");
    }),
    scene("remove-member-sealing", From::Staged(staffed), |h| {
        to_members(h);
        h.press("Down Down x").type_text("Grace Hopper").press("Tab").type_text(PASSPHRASE).press("Tab Tab");
        h.hold().press("Enter");
        h.progress(Progress { step: Step::Rewriting, done: 6_234, total: 10_000 });
    }),
    scene("rotate", From::Staged(removed), remove_grace),
    scene(
        "rotate-nothing",
        From::Staged(|| answering(Ok(Response::MemberRemoved { to_rotate: Vec::new() }))),
        remove_grace,
    ),
    // Not permitted.
    scene("listing-as-a-member", From::Staged(grace), |h| {
        unlock(h);
        h.press("Down Down");
    }),
    scene("more-options-as-a-member", From::Staged(grace), |h| {
        unlock(h);
        select(h, "payments");
        h.press("m");
    }),
    scene("not-permitted", From::Staged(grace), |h| {
        unlock(h);
        select(h, "newsletter");
        h.press("v");
    }),
    scene("not-permitted-looking", From::Staged(grace), |h| {
        unlock(h);
        select(h, "newsletter");
        h.hold().press("v");
    }),
    scene("not-permitted-asked", From::Staged(grace), |h| {
        unlock(h);
        select(h, "shop-staging");
        h.press("v");
    }),
    scene("not-permitted-role", From::Staged(grace), |h| {
        to_members(h);
        h.press("n");
    }),
    scene("not-permitted-by-the-door", From::Staged(|| answering(Err(not_permitted()))), |h| {
        unlock(h);
        select(h, "payments");
        h.press("y");
    }),
    scene(
        "tampered",
        From::Staged(|| answering(Err(DoorError::Tampered(Tampering::NotPermitted(Permission::Edit))))),
        |h| {
            unlock(h);
            select(h, "payments");
            h.press("y");
        },
    ),
    // Personal secrets.
    scene("listing-personal", From::Staged(personal), |h| {
        unlock(h);
        h.press("Down");
    }),
    scene("listing-personal-ascii", From::StagedPlain(personal), unlock),
    scene("filter-personal", From::Staged(personal), |h| {
        unlock(h);
        h.press("f End Space");
    }),
    scene("filtered-personal", From::Staged(personal), |h| {
        unlock(h);
        h.press("f End Space Enter");
    }),
    scene("detail-personal", From::Staged(personal), |h| {
        unlock(h);
        select(h, "maps");
        h.press("Enter");
    }),
    scene("form-scope", From::Staged(staffed), |h| {
        unlock(h);
        h.press("n Enter S-Tab Space");
    }),
    scene("form-scope-as-a-member", From::Staged(grace), |h| {
        unlock(h);
        h.press("n Enter S-Tab");
    }),
];
