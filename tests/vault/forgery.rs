//! A header written by somebody who can write to the vault's directory and knows no secret.

use std::fs;

use strongroom::crypto::{Anchor, Slot, VaultFile, VaultKey};
use strongroom::domain::SecretBytes;
use strongroom::host::SeededEntropy;
use strongroom::service::{Credential, DoorError};

use crate::support::{Bench, PASSPHRASE, draft};

/// Grants a key of the forger's to every slot, which takes nothing but what lies in the open.
fn forge(bytes: &[u8], epoch: u64) -> Vec<u8> {
    let entropy = SeededEntropy::new(66);
    let real = VaultFile::decode(bytes).unwrap();
    let key = VaultKey::generate(&entropy).unwrap();
    let mut forged = VaultFile::new(real.vault, epoch, &key);
    forged.slots = real.slots;
    let grant = |slot: &mut Slot| slot.grant(real.vault, epoch, &key, &entropy);
    forged.slots.iter_mut().try_for_each(grant).unwrap();
    forged.profile = real.profile;
    forged.encode(&key, &Anchor::generate(&entropy).unwrap()).unwrap()
}

#[test]
fn a_key_that_a_stranger_granted_opens_nothing_and_costs_nothing() {
    let mut bench = Bench::open();
    let header = bench.register(draft("kept", "1"));
    bench.call(strongroom::service::Request::Lock).unwrap();
    let path = bench.place().header();
    let real = fs::read(&path).unwrap();
    for epoch in [1, 2] {
        fs::write(&path, forge(&real, epoch)).unwrap();
        for credential in [bench.recovery.clone(), Credential::Passphrase(SecretBytes::from(PASSPHRASE))] {
            let Err(DoorError::Damaged(cause)) = bench.unlock_with(credential) else { panic!("opened") };
            assert!(cause.contains("somebody who cannot open this vault"), "{cause}");
        }
    }
    fs::write(&path, real).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None, "nothing was tidied away on the forger's word");
    assert_eq!(bench.reveal(&header, "value").unwrap(), "1");
}
