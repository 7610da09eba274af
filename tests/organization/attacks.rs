//! Attacks on the files of a vault, as somebody makes them who has only a shell. What takes a member's keys is tried inside
//! the library.

use std::fs;
use std::path::Path;

use strongroom::domain::organization::{InvitationState, Permission, Reach, Role, Tampering, Unlawful};
use strongroom::domain::{Delivery, Scope};
use strongroom::service::{Credential, DoorError, Request};

use crate::support::{ADA, Organization, current, value_of};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_vault_put_back_from_before_a_revocation_is_known_by_its_membership_log() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    let secret = org.register("deploy", Scope::Organization).unwrap();
    org.grant("Grace", &[Permission::Use], Reach::All).unwrap();
    org.call(Request::Lock).unwrap();
    let (vault, aside) = (org.vault_dir(), org.dir.path().join("aside"));
    copy(&vault, &aside);
    org.enter(ADA);
    org.revoke("Grace", &[Permission::Use], Reach::All).unwrap();
    org.enter("Grace");
    assert!(matches!(org.deliver(secret.id, Delivery::Run), Err(DoorError::NotPermitted { .. })));
    org.call(Request::Lock).unwrap();
    fs::remove_dir_all(&vault).unwrap();
    copy(&aside, &vault);
    for name in ["Grace", ADA] {
        assert!(matches!(org.try_enter(name), Err(DoorError::Tampered(Tampering::LogOlder { .. }))));
    }
    let recovery = Credential::Recovery(org.recovery.clone());
    assert!(matches!(org.call(Request::Unlock(recovery)), Err(DoorError::Tampered(Tampering::LogOlder { .. }))));
}

#[test]
fn what_was_handed_in_and_is_torn_or_late_admits_nobody() {
    let mut org = Organization::founded();
    let (invitation, code) = org.invite("Grace", Role::Member).unwrap();
    let fingerprint = org.accept(&code, "Grace").unwrap();
    let file = org.vault_dir().join(format!("acceptance-{invitation}"));
    let good = fs::read(&file).unwrap();
    let admit = Request::Admit { invitation, fingerprint, current: current(ADA) };
    fs::write(&file, &good[..good.len() - 1]).unwrap();
    assert_eq!(org.state_of(invitation), Some(InvitationState::Open));
    assert!(matches!(org.call(admit.clone()), Err(DoorError::NoInvitation(_))));
    fs::write(&file, &good).unwrap();
    org.clock.advance(8 * 24 * 3600);
    org.enter(ADA);
    assert_eq!(org.state_of(invitation), Some(InvitationState::Expired));
    assert!(matches!(org.call(admit), Err(DoorError::Unlawful(Unlawful::NoInvitation))));
    assert_eq!(org.view().members.len(), 1);
    let secret = org.register("deploy", Scope::Organization).unwrap();
    assert_eq!(org.deliver(secret.id, Delivery::Get).unwrap(), value_of("deploy"));
}
