//! Slots of every kind, and what is refused.

use super::*;
use crate::host::SeededEntropy;
use proptest::prelude::*;
use std::sync::LazyLock;

const VAULT: VaultId = VaultId([1; 16]);
const OTHER: VaultId = VaultId([2; 16]);
const MEMBER: MemberId = MemberId([3; 16]);

/// A recovery slot: as a passphrase slot in all but the stretching, and quick.
struct Sample {
    slot: Slot,
    secret: RecoveryKey,
    identity: Identity,
    anchor: Anchor,
    key: VaultKey,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let entropy = SeededEntropy::new(1);
    let secret = RecoveryKey::generate(&entropy).unwrap();
    let key = VaultKey::generate(&entropy).unwrap();
    let anchor = Anchor::generate(&entropy).unwrap();
    let mut slot =
        Slot::create(VAULT, MEMBER, SlotSecret::Recovery(&secret), KdfCost::DEFAULT, &anchor, &entropy).unwrap();
    slot.grant(VAULT, 1, &key, &entropy).unwrap();
    let identity = slot.open(VAULT, SlotSecret::Recovery(&secret)).unwrap().identity;
    Sample { slot, secret, identity, anchor, key }
});

fn written(slot: &Slot) -> Vec<u8> {
    let mut writer = Writer::new();
    slot.write(&mut writer);
    writer.as_bytes().to_vec()
}

fn read(bytes: &[u8]) -> Result<Slot, WireError> {
    let mut reader = Reader::new(bytes);
    let slot = Slot::read(&mut reader)?;
    reader.finish().map(|()| slot)
}

#[test]
fn the_secret_leads_to_the_vault_key() {
    let s = &*SAMPLE;
    let unsealed = s.slot.open(VAULT, SlotSecret::Recovery(&s.secret)).unwrap();
    assert_eq!(unsealed.anchor.expose(), s.anchor.expose());
    let key = s.slot.vault_key(VAULT, 1, &unsealed.identity).unwrap();
    assert_eq!(key.expose(), s.key.expose());
}

#[test]
fn another_secret_does_not() {
    let s = &*SAMPLE;
    let other = RecoveryKey::generate(&SeededEntropy::new(2)).unwrap();
    let passphrase = SecretBytes::from("passphrase");
    let machine = MachineKey::generate(&SeededEntropy::new(1)).unwrap();
    for secret in [SlotSecret::Recovery(&other), SlotSecret::Passphrase(&passphrase), SlotSecret::Machine(&machine)] {
        assert!(matches!(s.slot.open(VAULT, secret), Err(SlotError::WrongSecret)));
    }
}

#[test]
fn a_machine_key_opens_its_own_slot_and_no_other() {
    let (s, entropy) = (&*SAMPLE, SeededEntropy::new(5));
    let [mine, theirs] = [(); 2].map(|()| MachineKey::generate(&entropy).unwrap());
    let [slot, other] = [&mine, &theirs].map(|key| {
        let secret = SlotSecret::Machine(key);
        Slot::create(VAULT, MEMBER, secret, KdfCost::DEFAULT, &s.anchor, &entropy).unwrap()
    });
    assert_eq!((slot.kind(), slot.cost()), (SlotKind::Machine, None));
    assert_eq!(slot.open(VAULT, SlotSecret::Machine(&mine)).unwrap().anchor.expose(), s.anchor.expose());
    assert_eq!(read(&written(&slot)), Ok(slot.clone()));
    for wrong in [&other, &s.slot] {
        assert!(matches!(wrong.open(VAULT, SlotSecret::Machine(&mine)), Err(SlotError::WrongSecret)));
    }
    assert!(slot.id() != other.id() && slot.id() == read(&written(&slot)).unwrap().id());
}

#[test]
fn a_slot_does_not_open_as_one_of_another_kind() {
    // The same 256 bits under both names.
    let (s, entropy) = (&*SAMPLE, SeededEntropy::new(6));
    let machine = MachineKey::generate(&SeededEntropy::new(7)).unwrap();
    let recovery = RecoveryKey::generate(&SeededEntropy::new(7)).unwrap();
    let secret = SlotSecret::Machine(&machine);
    let mut slot = Slot::create(VAULT, MEMBER, secret, KdfCost::DEFAULT, &s.anchor, &entropy).unwrap();
    let Lock::Machine { salt } = slot.lock else { panic!() };
    slot.lock = Lock::Recovery { salt };
    assert!(matches!(slot.open(VAULT, SlotSecret::Recovery(&recovery)), Err(SlotError::WrongSecret)));
}

#[test]
fn a_slot_opens_in_its_own_vault_only() {
    let s = &*SAMPLE;
    let opened = s.slot.open(OTHER, SlotSecret::Recovery(&s.secret));
    assert!(matches!(opened, Err(SlotError::WrongSecret)));
    assert!(matches!(s.slot.vault_key(OTHER, 1, &s.identity), Err(SlotError::Damaged)));
    assert!(matches!(s.slot.vault_key(VAULT, 2, &s.identity), Err(SlotError::Damaged)));
}

#[test]
fn a_new_epoch_is_granted_without_the_secret() {
    let s = &*SAMPLE;
    let entropy = SeededEntropy::new(3);
    let next = VaultKey::generate(&entropy).unwrap();
    let mut slot = s.slot.clone();
    slot.grant(VAULT, 2, &next, &entropy).unwrap();
    assert_eq!(slot.vault_key(VAULT, 2, &s.identity).unwrap().expose(), next.expose());
    assert!(matches!(slot.vault_key(VAULT, 1, &s.identity), Err(SlotError::Damaged)));
}

#[test]
fn without_a_grant_there_is_no_key() {
    let slot = Slot { grant: None, ..SAMPLE.slot.clone() };
    assert!(matches!(slot.vault_key(VAULT, 1, &SAMPLE.identity), Err(SlotError::NoGrant)));
    assert_eq!(read(&written(&slot)), Ok(slot));
}

#[test]
fn a_hostile_cost_is_refused_before_any_work() {
    let cost = KdfCost { memory_kib: u32::MAX, ..KdfCost::DEFAULT };
    let slot = Slot { lock: Lock::Passphrase { cost, salt: [0; SALT_LEN] }, ..SAMPLE.slot.clone() };
    let opened = read(&written(&slot)).unwrap().open(VAULT, SlotSecret::Passphrase(&SecretBytes::from("p")));
    assert!(matches!(opened, Err(SlotError::Cost(KdfError::TooCostly(_)))));
}

#[test]
fn lengths_are_as_announced() {
    let bare = Slot { grant: None, ..SAMPLE.slot.clone() };
    assert_eq!(written(&bare).len(), Slot::MIN_LEN);
    let lock = Lock::Passphrase { cost: KdfCost::DEFAULT, salt: [0; SALT_LEN] };
    assert_eq!(written(&Slot { lock, ..SAMPLE.slot.clone() }).len(), Slot::MAX_LEN);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_flip_and_cut_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let s = &*SAMPLE;
        let good = written(&s.slot);
        let at = at.index(good.len());
        prop_assert!(read(&good[..at]).is_err());
        let mut flipped = good;
        flipped[at] ^= 1 << bit;
        let key = read(&flipped).map_err(SlotError::from).and_then(|slot| {
            let unsealed = slot.open(VAULT, SlotSecret::Recovery(&s.secret))?;
            slot.vault_key(VAULT, 1, &unsealed.identity)
        });
        prop_assert!(key.is_err());
    }
}
