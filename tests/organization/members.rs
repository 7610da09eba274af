//! How somebody becomes a member, what they may do then, and how that ends.

use strongroom::domain::organization::{InvitationState, MemberState, Permission, Reach, Role, Unlawful};
use strongroom::domain::{Delivery, Scope};
use strongroom::service::{Credential, CredentialKind, DoorError, Request};

use crate::support::{ADA, Organization, current, passphrase, target, value_of};

#[test]
fn whoever_is_invited_accepts_and_is_admitted_is_in_with_a_passphrase_of_their_own() {
    let mut org = Organization::founded();
    let (invitation, code) = org.invite("Grace", Role::Member).unwrap();
    assert_eq!(org.state_of(invitation), Some(InvitationState::Open));
    // Nobody has to be in for that.
    org.call(Request::Lock).unwrap();
    let fingerprint = org.accept(&code, "Grace").unwrap();
    assert!(matches!(org.try_enter("Grace"), Err(DoorError::WrongCredential { .. })), "not before being admitted");
    org.enter(ADA);
    assert_eq!(org.state_of(invitation), Some(InvitationState::Accepted { fingerprint: fingerprint.clone() }));
    let other = fingerprint.replace(fingerprint.chars().next().unwrap(), "0");
    let admit =
        |fingerprint: &str| Request::Admit { invitation, fingerprint: fingerprint.into(), current: current(ADA) };
    assert!(matches!(org.call(admit(&format!("{other}1"))), Err(DoorError::OtherFingerprint)));
    org.call(admit(&fingerprint.to_lowercase().replace('-', " "))).unwrap();
    assert_eq!(org.state_of(invitation), None);

    assert_eq!(org.enter("Grace").tampered, []);
    let view = org.view();
    assert_eq!((view.me.role, &*view.name), (Role::Member, "Northwind"));
    assert_eq!(view.members.iter().map(|member| &*member.name).collect::<Vec<_>>(), [ADA, "Grace"]);
    // The name finds the slot, and is no proof.
    org.call(Request::Lock).unwrap();
    let as_ada = Credential::Named { member: ADA.into(), passphrase: passphrase("Grace") };
    let refused = org.call(Request::Unlock(as_ada));
    assert!(matches!(refused, Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, .. })));
}

#[test]
fn a_code_counts_once() {
    let mut org = Organization::founded();
    let (invitation, code) = org.invite("Grace", Role::Member).unwrap();
    org.accept(&code, "Grace").unwrap();
    let again = org.accept(&code, "Mallory");
    assert!(matches!(again, Err(DoorError::Invalid { ref field, .. }) if &**field == "code"), "{again:?}");
    org.call(Request::Withdraw(invitation)).unwrap();
    assert!(matches!(org.accept(&code, "Grace"), Err(DoorError::WrongCode)));
    assert!(matches!(org.accept(&"AAAA".into(), "Grace"), Err(DoorError::Invalid { .. })));
}

#[test]
fn a_member_uses_what_is_shared_and_nothing_else() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    let shared = org.register("shared", Scope::Organization).unwrap();
    let other = org.register("other", Scope::Organization).unwrap();
    org.grant("Grace", &[Permission::Use], Reach::Named([shared.id].into())).unwrap();
    org.enter("Grace");
    assert_eq!(org.headers().len(), 2, "what may not be used is visible");
    assert_eq!(org.deliver(shared.id, Delivery::Run).unwrap(), value_of("shared"));
    for (id, how) in [(shared.id, Delivery::Reveal), (other.id, Delivery::Run), (other.id, Delivery::Get)] {
        let refused = org.deliver(id, how);
        let Err(DoorError::NotPermitted { member, who_can, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((&*member, &who_can[..]), ("Grace", &[ADA.into()][..]));
    }
    assert!(matches!(org.call(Request::Deactivate(target(&shared))), Err(DoorError::NotPermitted { .. })));
}

#[test]
fn what_is_asked_for_can_be_granted() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    let secret = org.register("deploy", Scope::Organization).unwrap();
    org.enter("Grace");
    org.call(Request::AskPermission { permission: Permission::Reveal, secret: Some(secret.id) }).unwrap();
    org.call(Request::AskPermission { permission: Permission::Reveal, secret: Some(secret.id) }).unwrap();
    assert_eq!(org.view().requests.len(), 1, "asking again changes nothing");
    org.enter(ADA);
    let request = org.view().requests[0].clone();
    org.call(Request::AnswerRequest { id: request.id, grant: true }).unwrap();
    assert_eq!(org.view().requests, []);
    org.enter("Grace");
    assert_eq!(org.deliver(secret.id, Delivery::Reveal).unwrap(), value_of("deploy"));
}

#[test]
fn whoever_was_removed_opens_nothing_and_can_be_invited_again() {
    let mut org = Organization::with(&[("Grace", Role::Member), ("Ben", Role::AccountManager)]);
    let read = org.register("read", Scope::Organization).unwrap();
    org.register("unread", Scope::Organization).unwrap();
    org.grant("Grace", &[Permission::Use], Reach::Named([read.id].into())).unwrap();
    org.enter("Grace");
    org.deliver(read.id, Delivery::Run).unwrap();
    org.register("diary", Scope::Personal).unwrap();
    org.enter("Ben");
    assert_eq!(org.member("Grace").personal, 1);
    let to_rotate = org.remove("Grace", "Ben").unwrap();
    assert_eq!(to_rotate.iter().map(|secret| &*secret.name).collect::<Vec<_>>(), ["read"]);
    assert!(to_rotate[0].last_delivered.is_some());
    assert!(matches!(org.try_enter("Grace"), Err(DoorError::WrongCredential { .. })));
    org.enter(ADA);
    let gone = org.view().members.into_iter().find(|member| &*member.name == "Grace").unwrap();
    assert!(matches!(gone.state, MemberState::Removed(ref stamp) if &*stamp.by == "Ben"));
    org.admit("Grace", Role::Member);
    org.enter("Grace");
    assert!(matches!(org.deliver(read.id, Delivery::Run), Err(DoorError::NotPermitted { .. })));
}

#[test]
fn the_last_account_holder_stays_until_the_role_is_handed_over() {
    let mut org = Organization::with(&[("Ben", Role::AccountManager)]);
    let (ada, ben) = (org.id(ADA), org.id("Ben"));
    let step_down = Request::ChangeRole { member: ada, role: Role::Member, current: current(ADA) };
    assert!(matches!(org.call(step_down.clone()), Err(DoorError::Unlawful(Unlawful::LastHolder))));
    org.call(Request::ChangeRole { member: ben, role: Role::AccountHolder, current: current(ADA) }).unwrap();
    let secret = org.register("deploy", Scope::Organization).unwrap();
    org.call(step_down).unwrap();
    assert!(matches!(org.deliver(secret.id, Delivery::Get), Err(DoorError::NotPermitted { .. })));
    org.enter("Ben");
    assert_eq!(org.deliver(secret.id, Delivery::Get).unwrap(), value_of("deploy"));
    assert!(!org.view().reseal_owed, "Ben has done it on the way in");
    assert!(matches!(
        org.call(Request::RemoveMember { member: ben, current: current("Ben") }),
        Err(DoorError::Invalid { .. })
    ));
}

#[test]
fn what_is_revoked_is_sealed_anew_under_keys_that_the_member_has_not() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    let secret = org.register("deploy", Scope::Organization).unwrap();
    org.grant("Grace", &[Permission::Use, Permission::Reveal], Reach::All).unwrap();
    org.enter("Grace");
    assert_eq!(org.deliver(secret.id, Delivery::Reveal).unwrap(), value_of("deploy"));
    org.enter(ADA);
    assert!(org.vault_dir().join("store-1").exists());
    org.revoke("Grace", &[Permission::Use, Permission::Reveal], Reach::All).unwrap();
    assert!(org.vault_dir().join("store-2").exists() && !org.vault_dir().join("store-1").exists());
    org.enter("Grace");
    assert!(matches!(org.deliver(secret.id, Delivery::Run), Err(DoorError::NotPermitted { .. })));
    assert_eq!(org.headers().len(), 1, "its name is seen still");
}

#[test]
fn an_invitation_is_over_after_its_days_and_the_recovery_key_is_the_holders() {
    let mut org = Organization::founded();
    let (invitation, code) = org.invite("Grace", Role::Member).unwrap();
    let fingerprint = org.accept(&code, "Grace").unwrap();
    org.clock.advance(8 * 86_400);
    assert_eq!(org.state_of(invitation), Some(InvitationState::Expired));
    let admit = Request::Admit { invitation, fingerprint, current: current(ADA) };
    assert!(matches!(org.call(admit), Err(DoorError::Unlawful(Unlawful::NoInvitation))));
    org.call(Request::Lock).unwrap();
    org.call(Request::Unlock(Credential::Recovery(org.recovery.clone()))).unwrap();
    assert_eq!(org.view().me.role, Role::AccountHolder);
}
