//! What all tests here need: drafts, passphrases, and a vault in memory with three members.

use std::sync::Arc;

use strongroom::crypto::KdfCost;
use strongroom::domain::organization::{Permission, Permissions, Reach, Role};
use strongroom::domain::{Draft, Kind, MemberId, PublicField, Scope, SecretBytes, Value};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::vault::{Credential, Founding, MemoryHome, Tools, Vault};

pub(crate) const ADA: &str = "Ada";
pub(crate) const BEN: &str = "Ben";
/// When every test begins that has a clock of its own.
pub(crate) const START: i64 = 1_790_000_000;

/// The passphrase of the member called so.
pub(crate) fn passphrase(name: &str) -> SecretBytes {
    format!("correct horse of {name}").as_str().into()
}

/// What opens the vault for the member called so.
pub(crate) fn credential(name: &str) -> Credential {
    Credential::Named { member: name.into(), passphrase: passphrase(name) }
}

/// An API key called `name`, whose value is `value of NAME`.
pub(crate) fn draft(name: &str, scope: Scope) -> Draft {
    Draft {
        scope,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        value: Value(vec![("value".into(), format!("value of {name}").as_str().into())]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

pub(crate) fn permissions(list: &[Permission]) -> Permissions {
    list.iter().copied().collect()
}

/// A vault in memory that Ada made and Ben is a Member of, with Ada at it.
pub(crate) fn vault() -> (Vault, MemberId, MemberId) {
    let (clock, entropy) = (Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(1)));
    let tools = Tools { clock, entropy, cost: KdfCost::DEFAULT };
    let ada = passphrase(ADA);
    let founding = Founding { organization: "Northwind", member: ADA, passphrase: Some(&ada) };
    let (mut vault, _) = Vault::create(Box::new(MemoryHome::default()), founding, tools, &|_| {}).unwrap();
    let founder = vault.seated();
    let (invitation, code) = vault.invite(BEN, Role::Member, Some(1002), 7).unwrap();
    let accepted = vault.accept_here(&code, &passphrase(BEN), &|_| {}).unwrap();
    vault.admit(invitation.id, &accepted.fingerprint, Some(&credential(ADA)), &|_| {}).unwrap();
    let ben = vault.bound_to(1002).unwrap();
    vault.grant(ben, permissions(&[Permission::Register]), &Reach::All).unwrap();
    (vault, founder, ben)
}
