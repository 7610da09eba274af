//! Several members at one open vault: what is one's own changes hands, and nothing of it stays behind.

use std::sync::Arc;

use strongroom::domain::organization::{Permission, Reach};
use strongroom::domain::{Delivery, Header, Order, Reference, Scope, SecretId};
use strongroom::vault::{Vault, VaultError};

use crate::office::{ADA, BEN, credential, draft, passphrase, permissions, vault};

fn names(vault: &Vault) -> Vec<String> {
    let mut names: Vec<String> = vault.headers().iter().map(|header| header.name.to_string()).collect();
    names.sort();
    names
}

fn value(vault: &mut Vault, id: SecretId) -> Result<String, VaultError> {
    let order = Order::of(Delivery::Get, Reference { secret: id.into(), field: Some("value".into()) });
    let part = vault.hand_over(&order.wants[0], &order)?;
    Ok(part.bytes.expose_text().unwrap().to_owned())
}

fn register(vault: &mut Vault, name: &str, scope: Scope) -> Arc<Header> {
    vault.register(draft(name, scope)).unwrap()
}

#[test]
fn each_opens_their_own_and_nobody_else_s() {
    let (mut vault, ada, ben) = vault();
    let hers = register(&mut vault, "hers", Scope::Personal);
    let shared = register(&mut vault, "shared", Scope::Organization);
    vault.seat(&credential(BEN), &|_| {}).unwrap();
    assert_eq!((vault.seated(), names(&vault)), (ben, vec!["shared".to_owned()]));
    assert!(matches!(vault.header(hers.id), Err(VaultError::NotFound)));
    assert!(value(&mut vault, hers.id).is_err());
    assert!(matches!(value(&mut vault, shared.id), Err(VaultError::NotPermitted { .. })));
    let his = register(&mut vault, "his", Scope::Personal);
    for _ in 0..3 {
        vault.sit(ada).unwrap();
        assert_eq!(names(&vault), ["hers", "shared"]);
        assert_eq!(value(&mut vault, hers.id).unwrap(), "value of hers");
        assert_eq!(value(&mut vault, shared.id).unwrap(), "value of shared");
        assert!(value(&mut vault, his.id).is_err());
        vault.sit(ben).unwrap();
        assert_eq!(names(&vault), ["his", "shared"]);
        assert_eq!(value(&mut vault, his.id).unwrap(), "value of his");
    }
    assert_eq!(vault.report().tampered, []);
}

#[test]
fn what_one_may_changes_while_they_stand() {
    let (mut vault, ada, ben) = vault();
    let shared = register(&mut vault, "shared", Scope::Organization);
    vault.seat(&credential(BEN), &|_| {}).unwrap();
    let (mine, use_it) = (Reach::Named([shared.id].into()), permissions(&[Permission::Use, Permission::Reveal]));
    vault.sit(ada).unwrap();
    vault.grant(ben, use_it, &mine).unwrap();
    vault.sit(ben).unwrap();
    assert_eq!(value(&mut vault, shared.id).unwrap(), "value of shared");
    // What Members register is sealed for them first, and then for all.
    let bens = register(&mut vault, "of-ben", Scope::Organization);
    vault.sit(ada).unwrap();
    assert_eq!(value(&mut vault, bens.id).unwrap(), "value of of-ben");
    vault.revoke(ben, use_it, &mine, &|_| {}).unwrap();
    let epoch_of_others = register(&mut vault, "in-the-new-epoch", Scope::Organization);
    vault.sit(ben).unwrap();
    assert!(matches!(value(&mut vault, shared.id), Err(VaultError::NotPermitted { .. })));
    assert!(vault.header(epoch_of_others.id).is_ok());
    let later = register(&mut vault, "later", Scope::Personal);
    assert_eq!(value(&mut vault, later.id).unwrap(), "value of later");
}

#[test]
fn whoever_is_removed_or_leaves_has_no_seat() {
    let (mut vault, ada, ben) = vault();
    let hers = register(&mut vault, "hers", Scope::Personal);
    vault.seat(&credential(BEN), &|_| {}).unwrap();
    register(&mut vault, "his", Scope::Personal);
    assert!(vault.leave(ben), "Ada stays");
    assert_eq!((vault.seated(), names(&vault)), (ada, vec!["hers".to_owned()]));
    assert!(matches!(vault.sit(ben), Err(VaultError::Locked)));
    vault.seat(&credential(BEN), &|_| {}).unwrap();
    vault.sit(ada).unwrap();
    vault.remove_member(ben, Some(&credential(ADA)), &|_| {}).unwrap();
    assert!(matches!(vault.sit(ben), Err(VaultError::Locked)));
    assert_eq!(vault.seated(), ada);
    assert!(vault.seat(&credential(BEN), &|_| {}).is_err());
    assert_eq!(value(&mut vault, hers.id).unwrap(), "value of hers");
    assert!(!vault.leave(ada), "nobody is left");
}

#[test]
fn a_wrong_passphrase_and_a_wrong_name_move_nobody() {
    let (mut vault, ada, _) = vault();
    let wrong = strongroom::vault::Credential::Named { member: ADA.into(), passphrase: passphrase(BEN) };
    assert!(matches!(vault.seat(&wrong, &|_| {}), Err(VaultError::WrongCredential { .. })));
    assert_eq!(vault.seated(), ada);
    register(&mut vault, "still-writable", Scope::Personal);
    vault.seat(&credential(ADA), &|_| {}).unwrap();
    assert_eq!((vault.seated(), names(&vault)), (ada, vec!["still-writable".to_owned()]));
}
