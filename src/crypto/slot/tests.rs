//! Slots of every kind, and what is refused.

use super::*;
use crate::crypto::{CommonKey, MemberKey, PersonalKey, VaultKey};
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

fn written_as(slot: &Slot, version: u16) -> Vec<u8> {
    let mut writer = Writer::new();
    slot.write(&mut writer, version);
    writer.as_bytes().to_vec()
}

fn read_as(bytes: &[u8], version: u16) -> Result<Slot, WireError> {
    let mut reader = Reader::new(bytes);
    let slot = Slot::read(&mut reader, version)?;
    reader.finish().map(|()| slot)
}

fn written(slot: &Slot) -> Vec<u8> {
    written_as(slot, 2)
}

fn read(bytes: &[u8]) -> Result<Slot, WireError> {
    read_as(bytes, 2)
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
    let mut full = Slot { lock, ..of_member().0 };
    full.set_hint(1);
    assert_eq!(written_as(&full, 3).len(), Slot::MAX_LEN);
}

const EPOCH: u64 = 7;

/// The sample with what a Member is granted, and those keys.
fn of_member() -> (Slot, CommonKey, MemberKey, PersonalKey) {
    let entropy = SeededEntropy::new(8);
    let (common, values) = (SAMPLE.key.common(VAULT, EPOCH), SAMPLE.key.values(VAULT, EPOCH));
    let (member, personal) = (values.member(MEMBER), PersonalKey::generate(&entropy).unwrap());
    let mut slot = SAMPLE.slot.clone();
    slot.grant_member(VAULT, EPOCH, &common, &member, &entropy).unwrap();
    slot.grant_personal(VAULT, &personal, &entropy).unwrap();
    (slot, common, member, personal)
}

fn of_holder() -> Slot {
    let mut slot = SAMPLE.slot.clone();
    slot.grant_root(VAULT, EPOCH, &SAMPLE.key, &SeededEntropy::new(9)).unwrap();
    slot
}

#[test]
fn a_member_gets_what_was_granted() {
    let (mut slot, common, member, personal) = of_member();
    slot.set_hint(5);
    let slot = read_as(&written_as(&slot, 3), 3).unwrap();
    let Granted::Member { common: c, member: m } = slot.granted(VAULT, EPOCH, &SAMPLE.identity).unwrap() else {
        panic!()
    };
    assert_eq!((c.expose(), m.expose()), (common.expose(), member.expose()));
    let own = slot.personal(VAULT, &SAMPLE.identity).unwrap().unwrap();
    assert_eq!((own.expose(), slot.hint()), (personal.expose(), Some(5)));
}

#[test]
fn a_holder_gets_the_vault_key() {
    let slot = read_as(&written_as(&of_holder(), 3), 3).unwrap();
    let Granted::Root(key) = slot.granted(VAULT, EPOCH, &SAMPLE.identity).unwrap() else { panic!() };
    assert_eq!(key.expose(), SAMPLE.key.expose());
    assert!(slot.personal(VAULT, &SAMPLE.identity).unwrap().is_none());
}

#[test]
fn grants_open_in_their_vault_epoch_member_and_slot_alone() {
    let other = Identity::generate(&SeededEntropy::new(10)).unwrap();
    let theirs = MemberId([4; 16]);
    for slot in [of_member().0, of_holder()] {
        let moved = Slot { member: theirs, ..slot.clone() };
        // The same identity in a slot that says it is another's.
        let posing = Slot { public: other.public().clone(), ..slot.clone() };
        for wrong in [
            slot.granted(OTHER, EPOCH, &SAMPLE.identity),
            slot.granted(VAULT, EPOCH + 1, &SAMPLE.identity),
            slot.granted(VAULT, EPOCH, &other),
            moved.granted(VAULT, EPOCH, &SAMPLE.identity),
            posing.granted(VAULT, EPOCH, &SAMPLE.identity),
        ] {
            assert!(matches!(wrong, Err(SlotError::Damaged)));
        }
    }
    let slot = of_member().0;
    let moved = Slot { member: theirs, ..slot.clone() };
    let posing = Slot { public: other.public().clone(), ..slot.clone() };
    for wrong in [
        slot.personal(OTHER, &SAMPLE.identity),
        slot.personal(VAULT, &other),
        moved.personal(VAULT, &SAMPLE.identity),
        posing.personal(VAULT, &SAMPLE.identity),
    ] {
        assert!(matches!(wrong, Err(SlotError::Damaged)));
    }
}

#[test]
fn no_grant_passes_for_one_of_another_kind() {
    let (Some(Grant::Root(root)), old, personal) =
        (of_holder().grant, SAMPLE.slot.grant.clone(), of_member().0.personal)
    else {
        panic!()
    };
    let Some(Grant::Old(old)) = old else { panic!() };
    let with = |grant| Slot { grant: Some(grant), personal: None, ..SAMPLE.slot.clone() };
    for sealed in [old, personal.unwrap()] {
        for slot in [with(Grant::Root(sealed.clone())), with(Grant::Member(sealed))] {
            assert!(matches!(slot.granted(VAULT, EPOCH, &SAMPLE.identity), Err(SlotError::Damaged)));
        }
    }
    assert!(matches!(
        with(Grant::Old(root.clone())).vault_key(VAULT, EPOCH, &SAMPLE.identity),
        Err(SlotError::Damaged)
    ));
    let posing = Slot { personal: Some(root), ..SAMPLE.slot.clone() };
    assert!(matches!(posing.personal(VAULT, &SAMPLE.identity), Err(SlotError::Damaged)));
}

#[test]
fn a_new_grant_takes_the_place_of_the_one_before() {
    let (mut slot, common, member, _) = of_member();
    let entropy = SeededEntropy::new(11);
    slot.grant_root(VAULT, EPOCH, &SAMPLE.key, &entropy).unwrap();
    assert!(matches!(slot.granted(VAULT, EPOCH, &SAMPLE.identity), Ok(Granted::Root(_))));
    slot.grant_member(VAULT, EPOCH + 1, &common, &member, &entropy).unwrap();
    assert!(matches!(slot.granted(VAULT, EPOCH + 1, &SAMPLE.identity), Ok(Granted::Member { .. })));
    assert!(slot.personal(VAULT, &SAMPLE.identity).unwrap().is_some(), "the personal key outlives the epoch");
    slot.take_grants_away();
    assert!(matches!(slot.granted(VAULT, EPOCH + 1, &SAMPLE.identity), Err(SlotError::NoGrant)));
    assert!(slot.personal(VAULT, &SAMPLE.identity).unwrap().is_none());
}

#[test]
fn grants_of_one_version_are_none_in_another() {
    let (slot, ..) = of_member();
    assert!(matches!(slot.vault_key(VAULT, EPOCH, &SAMPLE.identity), Err(SlotError::NoGrant)));
    assert!(matches!(SAMPLE.slot.granted(VAULT, 1, &SAMPLE.identity), Err(SlotError::NoGrant)));
    let (older, newer) = (read(&written(&slot)).unwrap(), read_as(&written_as(&SAMPLE.slot, 3), 3).unwrap());
    assert!(older.grant.is_none() && older.personal.is_none() && newer.grant.is_none());
}

#[test]
fn a_hint_knows_the_vault_and_the_name_but_not_how_it_was_typed() {
    let hint = Slot::hint_of(VAULT, "Zoë Example");
    assert_eq!(hint, Slot::hint_of(VAULT, "  zoË example\n"));
    let others = (0..64).filter(|n| Slot::hint_of(VAULT, &format!("Zoë {n}")) == hint).count();
    assert!(others < 8, "{others} of 64");
    let vaults = (2..66).filter(|n| Slot::hint_of(VaultId([*n; 16]), "Zoë Example") == hint).count();
    assert!(vaults < 8, "{vaults} of 64");
}

#[test]
fn a_hint_is_given_without_the_secret() {
    let s = &*SAMPLE;
    let mut slot = s.slot.clone();
    assert_eq!(slot.hint(), None);
    slot.set_hint(Slot::hint_of(VAULT, "Zoë"));
    let slot = read_as(&written_as(&slot, 3), 3).unwrap();
    assert_eq!(slot.hint(), Some(Slot::hint_of(VAULT, "Zoë")));
    assert!(slot.open(VAULT, SlotSecret::Recovery(&s.secret)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_flip_and_cut_of_a_members_slot_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let s = &*SAMPLE;
        let mut bytes = written_as(&of_member().0, 3);
        let at = at.index(bytes.len());
        prop_assert!(read_as(&bytes[..at], 3).is_err());
        bytes[at] ^= 1 << bit;
        let keys = read_as(&bytes, 3).map_err(SlotError::from).and_then(|slot| {
            let unsealed = slot.open(VAULT, SlotSecret::Recovery(&s.secret))?;
            slot.granted(VAULT, EPOCH, &unsealed.identity)?;
            slot.personal(VAULT, &unsealed.identity)
        });
        prop_assert!(!matches!(keys, Ok(Some(_))));
    }

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
