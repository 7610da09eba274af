//! On signatures, and on what counts for earlier epochs.

use super::records::{begin, next, plant, sealed, signed_of, stored, write};
use super::{Attack, Base, refusal};
use crate::crypto::Identity;
use crate::domain::organization::{Act, Permission, Reach};
use crate::domain::{Header, SecretId, Stamp};
use crate::store::Batch;
use crate::vault::Vault;
use crate::vault::hostile::world::{ADA, BOB, MALLORY, World, new_value};
use crate::vault::layout::{self, Item};
use crate::vault::signed::{Signed, Signer, Signing, What, content_of};

pub(super) const ATTACKS: &[Attack] = &[
    Attack { name: "a signature removed with its batch", run: batch_removed, expected: "it is not signed" },
    Attack {
        name: "the signature of a batch stripped",
        run: signature_stripped,
        expected: "its signature does not fit it",
    },
    Attack { name: "the id of a batch used again", run: batch_replaced, expected: "its signature does not fit it" },
    Attack {
        name: "the author swapped",
        run: author_swapped,
        expected: "it names another author than the one who signed it",
    },
    Attack {
        name: "the name of another under it",
        run: name_swapped,
        expected: "it names another author than the one who signed it",
    },
    Attack {
        name: "signed with a key that nobody has",
        run: unknown_key,
        expected: "nobody in the organization has the key that signed it",
    },
    Attack {
        name: "signed with the key of somebody who was removed",
        run: removed_member,
        expected: "the key that signed it had been removed before",
    },
    Attack {
        name: "signed with a key that its member gave up",
        run: removed_key,
        expected: "the key that signed it had been removed before",
    },
    Attack {
        name: "a record of an earlier epoch that was not taken over",
        run: earlier_epoch,
        expected: "it is of an earlier epoch, and was not taken over into this one",
    },
    Attack {
        name: "signed in the name of an earlier epoch",
        run: backdated,
        expected: "it is of an earlier epoch, and was not taken over into this one",
    },
    Attack {
        name: "the list of what was taken over edited",
        run: list_edited,
        expected: "the list of what was taken over into this epoch is not the one that was signed",
    },
];

/// Replaces what lies in the store beside the records, which nothing counts.
fn overwrite(vault: &mut Vault, item: Item, bytes: Option<&[u8]>) {
    let there = layout::read(&*vault.store, item).unwrap();
    let mut batch = Batch::default();
    match bytes {
        Some(bytes) => layout::write(&mut batch, item, bytes, there.as_ref()).unwrap(),
        None => layout::remove(&mut batch, item, &there.unwrap()),
    }
    vault.store.commit(batch).unwrap();
}

fn batch_of(vault: &Vault, id: SecretId) -> [u8; 16] {
    signed_of(vault, id).content.mark.batch
}

fn batch_removed(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| overwrite(vault, Item::Batch(batch_of(vault, base.target)), None));
    refusal(world.open_fresh(ADA), base.target)
}

fn signature_stripped(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let item = Item::Batch(batch_of(vault, base.target));
        let mut bytes = stored(vault, item);
        let end = bytes.len();
        bytes[end - 100..].fill(0);
        overwrite(vault, item, Some(&bytes));
    });
    refusal(world.open_fresh(ADA), base.target)
}

fn batch_replaced(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let item = Item::Batch(batch_of(vault, base.target));
        let mut signing = begin(vault);
        signing.add(What::Content, base.target, "anything".into());
        let batch = signing.finish(&*vault.tools.entropy).unwrap();
        overwrite(vault, item, Some(&batch.bytes));
    });
    refusal(world.open_fresh(ADA), base.target)
}

/// A new content of the target as `header` has it, signed in `signing`.
fn edited(vault: &mut Vault, header: &Header, mut signing: Signing) {
    let old = signed_of(vault, header.id);
    let bytes = stored(vault, Item::Record(header.id));
    let commitment = vault.sealer.open_record(Item::Record(header.id), &bytes).unwrap().commitment();
    let bytes = content_of(header, &old.birth.bytes, commitment.as_ref());
    let content = signing.add(What::Content, header.id, bytes);
    write(vault, header, &Signed { content, ..old }, header.id, signing);
}

fn author_swapped(base: &Base) -> String {
    let mut world = base.world.fork();
    let ada = world.members[ADA];
    world.with(MALLORY, |vault| {
        let header = Header { author: ada, ..next(vault, base.target) };
        let signing = begin(vault);
        edited(vault, &header, signing);
    });
    refusal(world.open(ADA), base.target)
}

fn name_swapped(base: &Base) -> String {
    let mut world = base.with(&[Permission::Edit]);
    world.with(MALLORY, |vault| {
        let header = next(vault, base.target);
        let modified = Stamp { by: ADA.into(), ..header.modified };
        let signing = begin(vault);
        edited(vault, &Header { modified, ..header }, signing);
    });
    refusal(world.open(ADA), base.target)
}

fn by(vault: &Vault, signer: &Signer) -> Signing {
    signer.begin(&*vault.tools.entropy).unwrap()
}

fn unknown_key(base: &Base) -> String {
    let mut world = base.with(&[Permission::Edit]);
    world.with(MALLORY, |vault| {
        let identity = Identity::generate(&*vault.tools.entropy).unwrap();
        let signer = Signer { slot: identity.public().slot(), identity, ..vault.signer.clone() };
        let (header, signing) = (next(vault, base.target), by(vault, &signer));
        edited(vault, &header, signing);
    });
    refusal(world.open(ADA), base.target)
}

/// What Bob signs with is no more; Mallory, who is in still, writes it for him.
fn planted_for(world: &mut World, id: SecretId, signer: &Signer) {
    world.with(MALLORY, |vault| {
        let signer = Signer { epoch: vault.file.epoch, ..signer.clone() };
        let header = Header { author: signer.member, ..next(vault, id) };
        let signing = by(vault, &signer);
        edited(vault, &header, signing);
    });
}

fn removed_member(base: &Base) -> String {
    let mut world = base.world.fork();
    world.grant(BOB, &[Permission::Edit], &Reach::All);
    let signer = world.with(BOB, |bob| bob.signer.clone());
    let bob = world.members[BOB];
    world.with(ADA, |ada| drop(ada.remove_member(bob, None, &|_| {}).unwrap()));
    planted_for(&mut world, base.target, &signer);
    refusal(world.open(ADA), base.target)
}

fn removed_key(base: &Base) -> String {
    let mut world = base.world.fork();
    world.grant(BOB, &[Permission::Edit], &Reach::All);
    let signer = world.with(BOB, |bob| {
        let signer = bob.signer.clone();
        bob.change_recovery_key(None, &|_| {}).unwrap();
        let mut change = bob.begin_change(vec![Act::KeyRemoved(signer.slot)]).unwrap();
        change.take_out(signer.slot);
        bob.make_change(change).unwrap();
        signer
    });
    world.with(ADA, |ada| ada.settle_organization(&|_| {}).unwrap());
    planted_for(&mut world, base.target, &signer);
    refusal(world.open(ADA), base.target)
}

/// Everything is sealed anew.
fn new_epoch(world: &mut World) {
    let bob = world.members[BOB];
    world.with(ADA, |ada| drop(ada.remove_member(bob, None, &|_| {}).unwrap()));
}

fn earlier_epoch(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(ADA, |ada| {
        let settings = crate::domain::Settings { kept_revisions: 0, ..ada.settings() };
        ada.change_settings(settings).unwrap();
    });
    let (signed, batch) = world.with(MALLORY, |vault| {
        let signed = signed_of(vault, base.target);
        let batch = stored(vault, Item::Batch(signed.content.mark.batch));
        (signed, batch)
    });
    world.with(ADA, |ada| {
        let header = ada.header(base.target).unwrap();
        ada.edit(base.target, 2, new_value(&header, "third")).unwrap();
    });
    new_epoch(&mut world);
    world.with(MALLORY, |vault| {
        let told = signed.told(base.target).unwrap();
        let record = sealed(vault, &told.header, &signed, base.target);
        overwrite(vault, Item::Batch(signed.content.mark.batch), Some(&batch));
        plant(vault, Item::Record(base.target), 2, &record);
    });
    refusal(world.open_fresh(ADA), base.target)
}

fn backdated(base: &Base) -> String {
    let mut world = base.with(&[Permission::Edit]);
    world.with(MALLORY, |vault| {
        let signer = Signer { epoch: 0, ..vault.signer.clone() };
        let (header, signing) = (next(vault, base.target), by(vault, &signer));
        edited(vault, &header, signing);
    });
    refusal(world.open(ADA), base.target)
}

fn list_edited(base: &Base) -> String {
    let mut world = base.world.fork();
    new_epoch(&mut world);
    world.with(MALLORY, |vault| {
        let mut list = stored(vault, Item::TakenOver);
        list[0] ^= 1;
        overwrite(vault, Item::TakenOver, Some(&list));
    });
    refusal(world.open_fresh(ADA), base.target)
}
