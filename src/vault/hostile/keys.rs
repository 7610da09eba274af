//! What a Member has no key for, they cannot open with all that they hold.

use super::world::{ADA, BOB, MALLORY, World};
use crate::crypto::{Granted, PartTag, Ring, VaultFile, open};
use crate::domain::organization::{Permission, Reach};
use crate::vault::Home;
use crate::vault::layout::{self, Item};
use crate::vault::record::RecordError;

#[test]
fn what_was_not_shared_opens_with_no_key_that_a_member_holds() {
    let mut world = World::founded();
    let (shared, other) = (world.shared("shared"), world.shared("other"));
    let diary = world.personal(BOB, "diary");
    world.grant(MALLORY, &[Permission::Use], &Reach::Named([shared].into()));
    world.grant(BOB, &[Permission::Use], &Reach::All);
    let file = VaultFile::decode(&world.home.header().unwrap().unwrap()).unwrap();
    let (id, epoch, bob) = (file.vault, file.epoch, world.members[BOB]);

    let mallory = world.open(MALLORY).unwrap();
    assert!(mallory.value(shared).is_ok());
    let (identity, chest) = (&mallory.signer.identity, mallory.sealer.chest());
    let crate::vault::chest::Values::Some { own, named } = chest.values_for_tests() else { panic!("she holds all") };
    let personal = chest.personal().unwrap();
    let common = mallory.epoch_keys().unwrap().common(id, epoch);
    let subkeys = common.subkeys(id, epoch);
    let shared_keys = named.iter().map(|(_, key)| key.clone());
    let hers = [subkeys.header, subkeys.manifest, subkeys.audit, subkeys.profile, subkeys.forms, subkeys.documents];
    let derived = [other, diary, shared].into_iter().flat_map(|id| [own.registered(id), personal.value(id)]);
    let keys: Vec<_> =
        hers.into_iter().chain(shared_keys).chain(derived).chain([personal.header(), own.ring()]).collect();

    // The value of a secret that was not shared, whatever key it is tried with.
    let stored = layout::read(&*mallory.store, Item::Record(other)).unwrap().unwrap();
    let opened = mallory.sealer.open_record(Item::Record(other), &stored.bytes).unwrap();
    assert!(matches!(mallory.sealer.open_value(&opened, &*mallory.store), Err(RecordError::NotShared)));
    let revision = opened.link.set_at().unwrap();
    let place = mallory.sealer.binding(other, PartTag::VALUE, revision);
    assert!(keys.iter().all(|key| open(key, &place, opened.inline).is_err()));
    let ada = world.open(ADA).unwrap();
    let right = ada.sealer.chest().opens(&opened.header, false).unwrap();
    assert!(open(&right, &place, opened.inline).is_ok(), "the right one does");

    // The personal record of another.
    let stored = layout::read(&*mallory.store, Item::Record(diary)).unwrap().unwrap();
    assert!(matches!(mallory.sealer.open_record(Item::Record(diary), &stored.bytes), Err(RecordError::Closed)));
    assert!(matches!(ada.sealer.open_record(Item::Record(diary), &stored.bytes), Err(RecordError::Closed)));

    // The ring of another, and their grants: of the epoch, of all its keys, of personal secrets.
    assert!(Ring::open(own, id, epoch, bob, file.ring(bob).unwrap()).is_err());
    let is_hers = |slot: &&crate::crypto::Slot| slot.member() == mallory.me;
    for slot in file.slots.iter().filter(|slot| !is_hers(slot)) {
        assert!(slot.granted(id, epoch, identity).is_err() && slot.personal(id, identity).is_err());
    }
    for slot in file.slots.iter().filter(is_hers) {
        assert!(matches!(slot.granted(id, epoch, identity), Ok(Granted::Member { .. })));
    }
}
