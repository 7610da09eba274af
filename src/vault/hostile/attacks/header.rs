//! On the header file: slots, grants, rings, the epoch and what proves the file.

use super::{Attack, Base, failed};
use crate::crypto::{Identity, KdfCost, MachineKey, PersonalKey, Slot, SlotSecret, VaultFile, VaultKey, digest};
use crate::domain::organization::{Permission, Reach, Role};
use crate::vault::codec::encode_profile;
use crate::vault::hostile::world::{ADA, BOB, MALLORY, World, refused_document};
use crate::vault::unlock::EpochKeys;
use crate::vault::{Credential, Home, Look, Vault};

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "a slot for somebody else, with keys of one's own",
        run: foreign_slot,
        expected: "the vault was tampered with: a key slot is not one that the membership log names",
    },
    Attack {
        name: "such a slot is told of, and proves nothing",
        run: planted_slot,
        expected: "a key slot is not one that the membership log names",
    },
    Attack {
        name: "such a slot is granted nothing when its member rises",
        run: planted_slot_and_rise,
        expected: "it is not in the file any more",
    },
    Attack {
        name: "the public keys of a slot replaced",
        run: keys_replaced,
        expected: "that machine key does not open this vault",
    },
    Attack {
        name: "a slot given to another member",
        run: slot_claimed,
        expected: "that machine key does not open this vault",
    },
    Attack {
        name: "the grant of another slot copied",
        run: grant_copied,
        expected: "the vault is damaged: the key slot is damaged",
    },
    Attack {
        name: "the personal key of another slot copied",
        run: personal_copied,
        expected: "the vault is damaged: the key slot is damaged",
    },
    Attack {
        name: "a Member's slot upgraded to a root grant",
        run: upgraded,
        expected: "the vault is damaged: the vault header was written by somebody who cannot open this vault",
    },
    Attack {
        name: "the ring of another member copied",
        run: ring_copied,
        expected: "the vault is damaged: sealed data was changed, moved, or sealed with another key",
    },
    Attack {
        name: "an epoch begun by a Member",
        run: own_epoch,
        expected: "the vault was tampered with: the epoch and its key are not those that the membership log names",
    },
    Attack {
        name: "another key for the same epoch",
        run: own_key,
        expected: "the vault was tampered with: the epoch and its key are not those that the membership log names",
    },
    Attack {
        name: "the header and the store of an earlier epoch put back",
        run: epoch_downgrade,
        expected: "the vault was tampered with: an older membership log was put back: it has 7 entries, and 9 were seen here",
    },
    Attack {
        name: "the KDF of a slot weakened",
        run: weak_kdf,
        expected: "the vault is damaged: the key derivation cost is below the floor (8 KiB, 1 passes)",
    },
    Attack {
        name: "the KDF of a slot blown up",
        run: costly_kdf,
        expected: "the vault is damaged: the key derivation cost is above the ceiling (4194304 KiB, 3 passes)",
    },
    Attack {
        name: "the MAC stripped by a stranger",
        run: mac_stripped,
        expected: "the vault is damaged: the vault header was written by somebody who cannot open this vault",
    },
    Attack {
        name: "the version downgraded to 2",
        run: version_down,
        expected: "the vault is damaged: the vault header is damaged",
    },
    Attack {
        name: "a version to come",
        run: version_up,
        expected: "the vault is damaged: the vault has format version 4; this program knows version 3",
    },
    Attack { name: "a torn file", run: torn, expected: "the vault is damaged: the vault header is damaged" },
    Attack {
        name: "another file in its place",
        run: no_header,
        expected: "the vault is damaged: this is not a vault header",
    },
    Attack {
        name: "a key of Mallory's own granted to another Member",
        run: own_key_replaced,
        expected: "the vault was tampered with: the keys that were granted to the key slot are not those that its member had: somebody has replaced them",
    },
    Attack {
        name: "a personal key of Mallory's own granted to Ada",
        run: personal_replaced,
        expected: "the vault was tampered with: the keys that were granted to the key slot are not those that its member had: somebody has replaced them",
    },
];

/// Mallory writes the header file anew, which any member can.
pub(super) fn forge(world: &mut World, change: impl FnOnce(&mut Vault, &mut VaultFile)) {
    world.with(MALLORY, |vault| {
        let mut file = vault.file.clone();
        change(vault, &mut file);
        let common = vault.epoch_keys().unwrap().common(file.vault, file.epoch);
        let bytes = file.encode_with(&common, &vault.anchor).unwrap();
        vault.home.replace_header(&bytes).unwrap();
    });
}

fn slot_of<'f>(world: &World, file: &'f mut VaultFile, name: &str) -> &'f mut Slot {
    file.slots.iter_mut().find(|slot| slot.member() == world.members[name]).unwrap()
}

/// A slot that says it is Bob's, and opens with a machine key of Mallory's.
fn planted(base: &Base) -> (World, Credential) {
    let mut world = base.world.fork();
    let entropy = world.tools.entropy.clone();
    let (machine, identity) = (MachineKey::generate(&*entropy).unwrap(), Identity::generate(&*entropy).unwrap());
    let bob = world.members[BOB];
    forge(&mut world, |vault, file| {
        let (id, cost, secret) = (file.vault, vault.tools.cost, SlotSecret::Machine(&machine));
        let mut slot = Slot::create_for(id, bob, secret, cost, &identity, &vault.anchor, &*entropy).unwrap();
        let EpochKeys::Member(common, own) = vault.epoch_keys().unwrap() else { panic!("she is a Member") };
        slot.grant_member(id, file.epoch, &common, &own, &*entropy).unwrap();
        file.slots.insert(0, slot);
    });
    (world, Credential::Machine(machine.to_text()))
}

fn foreign_slot(base: &Base) -> String {
    let (world, key) = planted(base);
    let home: Box<dyn Home> = Box::new(world.home.clone());
    failed(Vault::open(home, &key, Look::Use, world.tools.clone(), &|_| {}))
}

fn planted_slot(base: &Base) -> String {
    let (world, key) = planted(base);
    let bob = world.open(BOB).unwrap();
    assert!(bob.prove(&key, &|_| {}).is_err());
    refused_document(&bob, "a key slot").map_or("nothing".into(), |why| why.to_string())
}

fn planted_slot_and_rise(base: &Base) -> String {
    let (mut world, _) = planted(base);
    let bob = world.members[BOB];
    world.with(ADA, |ada| ada.change_role(bob, Role::AccountManager, None, &|_| {}).unwrap());
    let file = VaultFile::decode(&world.home.header().unwrap().unwrap()).unwrap();
    let of_bob = file.slots.iter().filter(|slot| slot.member() == bob).count();
    if of_bob == 1 { "it is not in the file any more".into() } else { format!("{of_bob} slots of Bob") }
}

fn keys_replaced(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |_, file| {
        let mallorys = slot_of(&before, file, MALLORY).clone();
        slot_of(&before, file, BOB).take_keys_of(&mallorys);
    });
    failed(world.open(BOB))
}

fn slot_claimed(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |_, file| slot_of(&before, file, BOB).claim(before.members[ADA]));
    failed(world.open(BOB))
}

fn grant_copied(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |_, file| {
        let bobs = slot_of(&before, file, BOB).clone();
        slot_of(&before, file, MALLORY).take_grant_of(&bobs);
    });
    failed(world.open(MALLORY))
}

fn personal_copied(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |_, file| {
        let mallorys = slot_of(&before, file, MALLORY).clone();
        slot_of(&before, file, BOB).take_personal_of(&mallorys);
    });
    failed(world.open(BOB))
}

fn upgraded(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |vault, file| {
        let (id, epoch, entropy) = (file.vault, file.epoch, &*vault.tools.entropy);
        let root = VaultKey::generate(entropy).unwrap();
        slot_of(&before, file, MALLORY).grant_root(id, epoch, &root, entropy).unwrap();
    });
    failed(world.open(MALLORY))
}

/// Whoever comes in on a machine that never saw them cannot know: nobody signs what is granted.
fn own_key_replaced(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |vault, file| {
        let (id, epoch, entropy) = (file.vault, file.epoch, &*vault.tools.entropy);
        let common = vault.epoch_keys().unwrap().common(id, epoch);
        let own = VaultKey::generate(entropy).unwrap().values(id, epoch).member(before.members[BOB]);
        slot_of(&before, file, BOB).grant_member(id, epoch, &common, &own, entropy).unwrap();
        file.set_ring(before.members[BOB], None);
    });
    failed(world.open(BOB))
}

fn personal_replaced(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |vault, file| {
        let entropy = &*vault.tools.entropy;
        let own = PersonalKey::generate(entropy).unwrap();
        let id = file.vault;
        slot_of(&before, file, ADA).grant_personal(id, &own, entropy).unwrap();
    });
    failed(world.open(ADA))
}

fn ring_copied(base: &Base) -> String {
    let mut world = base.world.fork();
    world.grant(BOB, &[Permission::Reveal], &Reach::All);
    let (bob, mallory) = (world.members[BOB], world.members[MALLORY]);
    forge(&mut world, |_, file| {
        let bobs = file.ring(bob).unwrap().to_vec();
        file.set_ring(mallory, Some(bobs));
    });
    failed(world.open(MALLORY))
}

/// Mallory makes a key, grants it to everybody, and seals anew what she can open.
fn forged_epoch(base: &Base, next: u64) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let entropy = vault.tools.entropy.clone();
        let (id, epoch) = (vault.file.vault, vault.file.epoch + next);
        let root = VaultKey::generate(&*entropy).unwrap();
        let common = root.common(id, epoch);
        let mut file = VaultFile::found(id, epoch, &common);
        for mut slot in vault.file.slots.clone() {
            slot.grant_root(id, epoch, &root, &*entropy).unwrap();
            file.slots.push(slot);
        }
        let chest = vault.sealer.chest().clone();
        let sealer = crate::vault::record::Sealer::new(id, epoch, &common, chest);
        file.log = sealer.seal_log(&vault.log.as_ref().unwrap().encode(), &*entropy).unwrap();
        file.profile = sealer.seal_profile(&encode_profile(&vault.profile), &*entropy).unwrap();
        let bytes = file.encode_with(&common, &vault.anchor).unwrap();
        vault.home.replace_header(&bytes).unwrap();
    });
    let fresh = failed(world.open_fresh(ADA));
    assert_eq!(failed(world.open(ADA)), fresh);
    fresh
}

fn own_epoch(base: &Base) -> String {
    forged_epoch(base, 1)
}

fn own_key(base: &Base) -> String {
    forged_epoch(base, 0)
}

fn epoch_downgrade(base: &Base) -> String {
    let mut world = base.world.fork();
    let before = world.home.fork();
    let mallory = world.members[MALLORY];
    world.with(ADA, |ada| {
        ada.revoke(mallory, [Permission::Use].into_iter().collect(), &Reach::All, &|_| {}).unwrap();
    });
    world.home = before;
    failed(world.open(ADA))
}

fn with_kdf(base: &Base, cost: KdfCost) -> String {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |_, file| slot_of(&before, file, BOB).have_cost(cost));
    let home: Box<dyn Home> = Box::new(world.home.clone());
    failed(Vault::open(home, &Credential::Passphrase("anything".into()), Look::Use, world.tools.clone(), &|_| {}))
}

fn weak_kdf(base: &Base) -> String {
    with_kdf(base, KdfCost { memory_kib: 8, passes: 1, lanes: 1 })
}

fn costly_kdf(base: &Base) -> String {
    with_kdf(base, KdfCost { memory_kib: 4 * 1024 * 1024, ..KdfCost::DEFAULT })
}

/// A stranger changes bytes and makes the checksum right again.
fn mended(base: &Base, change: impl FnOnce(&mut [u8])) -> String {
    let mut world = base.world.fork();
    let mut bytes = world.home.header().unwrap().unwrap();
    let end = bytes.len() - 32;
    change(&mut bytes[..end]);
    let checksum = digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum);
    world.home.replace_header(&bytes).unwrap();
    failed(world.open(ADA))
}

fn mac_stripped(base: &Base) -> String {
    mended(base, |bytes| bytes.iter_mut().rev().take(32).for_each(|byte| *byte = 0))
}

fn version_down(base: &Base) -> String {
    mended(base, |bytes| bytes[8] = 2)
}

fn version_up(base: &Base) -> String {
    mended(base, |bytes| bytes[8] = 4)
}

fn torn(base: &Base) -> String {
    let mut world = base.world.fork();
    let bytes = world.home.header().unwrap().unwrap();
    world.home.replace_header(&bytes[..bytes.len() - 100]).unwrap();
    failed(world.open(ADA))
}

fn no_header(base: &Base) -> String {
    let mut world = base.world.fork();
    world.home.replace_header(b"something else").unwrap();
    failed(world.open(ADA))
}
