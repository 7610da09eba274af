//! The organization: members, invitations, permissions, personal secrets.

use strongroom::domain::organization::{Permission, Tampering, Unlawful};
use strongroom::service::{CredentialKind, DoorError, Progress, Response, Step};
use strongroom::tui::harness::Harness;

use super::staff::{
    CODE, accepted, accepting, alone, answering, grace, grace_asking_nothing, invited, not_permitted, personal,
    personal_of_ben, removed, staffed, unreadable, with,
};
use super::states::{select, unlock};
use super::{From, NEW, PASSPHRASE, Scene, scene};

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
    scene("member-unix-user", From::Staged(staffed), |h| {
        to_grace(h);
        h.press("u").type_text("1004");
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
    scene("palette-as-a-member", From::Staged(grace), |h| {
        unlock(h);
        select(h, "newsletter");
        h.press("^P");
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
    scene("not-permitted-personal", From::Staged(personal_of_ben), |h| {
        unlock(h);
        select(h, "maps");
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
