//! A new recovery key in the place of the old one.

use std::sync::Arc;

use strongroom::domain::SecretBytes;
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{Credential, CredentialKind, Door, DoorError, Request, Response, Service};

use crate::support::{Bench, PASSPHRASE, START, draft};

fn new_key(door: &mut dyn Door) -> Credential {
    let Response::RecoveryKey(key) = door
        .call(Request::ChangeRecoveryKey { current: Some(Credential::Passphrase(PASSPHRASE.into())) }, &|_| {})
        .unwrap()
    else {
        panic!("no key")
    };
    Credential::Recovery(key)
}

#[test]
fn the_new_one_opens_and_the_old_one_opens_nothing_any_more() {
    let mut bench = Bench::open();
    let header = bench.register(draft("kept", "s3cr3t"));
    let new = new_key(&mut bench.service);
    assert_eq!(bench.reveal(&header, "value").unwrap(), "s3cr3t");
    bench.call(Request::Lock).unwrap();
    let old = bench.unlock();
    assert!(matches!(old, Err(DoorError::WrongCredential { kind: CredentialKind::Recovery, .. })), "{old:?}");
    let report = bench.unlock_with(new).unwrap();
    assert_eq!((report.trouble, report.needs_new_passphrase), (None, true));
    assert_eq!(bench.reveal(&header, "value").unwrap(), "s3cr3t");
    bench.unlock_with(Credential::Passphrase(SecretBytes::from(PASSPHRASE))).unwrap();
}

#[test]
fn who_is_not_in_gets_none() {
    let mut bench = Bench::locked();
    assert!(matches!(bench.call(Request::ChangeRecoveryKey { current: None }), Err(DoorError::Locked)));
    bench.unlock_with(Credential::Passphrase(PASSPHRASE.into())).unwrap();
    let ask = |current: &str| Request::ChangeRecoveryKey { current: Some(Credential::Passphrase(current.into())) };
    assert!(matches!(bench.call(ask("a guess")), Err(DoorError::WrongCredential { .. })), "it could set a passphrase");
}

#[test]
fn the_demo_opens_afterwards_too() {
    let clock = Arc::new(FixedClock::at(START));
    let mut demo = Service::demo(clock, Arc::new(SeededEntropy::new(1))).unwrap();
    new_key(&mut demo);
    demo.call(Request::Lock, &|_| {}).unwrap();
    let anything = Credential::Passphrase(SecretBytes::from("anything"));
    assert!(matches!(demo.call(Request::Unlock(anything), &|_| {}), Ok(Response::Unlocked { .. })));
}
