//! On records: moved, mixed, put back, replaced, removed.

use super::{Attack, Base, refusal};
use crate::domain::organization::Permission;
use crate::domain::{Header, Scope, SecretId, Stamp, State, Timestamp};
use crate::store::Batch;
use crate::vault::Vault;
use crate::vault::hostile::world::{ADA, BOB, MALLORY, NOW, World, draft, new_value};
use crate::vault::layout::{self, Item};
use crate::vault::record::{Closed, SealedValue, revision_of};
use crate::vault::signed::{Signed, Signer, Signing, What, deletion_of};

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "a record overwritten with noise",
        run: noise,
        expected: "it was written by somebody who has not the key for it: it does not open",
    },
    Attack {
        name: "a record moved to another id",
        run: moved,
        expected: "it was written by somebody who has not the key for it: it does not open",
    },
    Attack {
        name: "a record sealed anew under another id",
        run: moved_and_sealed,
        expected: "its signature does not fit it",
    },
    Attack {
        name: "a record moved to another revision",
        run: other_revision,
        expected: "its parts belong to different secrets, revisions or scopes",
    },
    Attack {
        name: "a personal record moved to the organization",
        run: made_shared,
        expected: "its parts belong to different secrets, revisions or scopes",
    },
    Attack {
        name: "a record of the organization made personal",
        run: made_personal,
        expected: "another record was put in the place of the one that was seen here",
    },
    Attack {
        name: "the owner of a personal record changed",
        run: owner_changed,
        expected: "another record was put in the place of the one that was seen here",
    },
    Attack {
        name: "the inside of a personal record replaced",
        run: inside_replaced,
        expected: "it was written by somebody who has not the key for it: it does not open",
    },
    Attack {
        name: "a personal record deleted in an epoch long over",
        run: deleted_in_the_past,
        expected: "it is of an earlier epoch, and was not taken over into this one",
    },
    Attack { name: "a record removed", run: removed, expected: "it was removed from the store" },
    Attack { name: "an older record put back", run: put_back, expected: "revision 2 was put back: 3 was seen here" },
    Attack {
        name: "an existing secret registered again",
        run: registered_again,
        expected: "another record was put in the place of the one that was seen here",
    },
    Attack {
        name: "the same behind a newer state",
        run: registered_again_with_state,
        expected: "another record was put in the place of the one that was seen here",
    },
    Attack {
        name: "the state put back behind a newer content",
        run: state_put_back,
        expected: "revision 0 was put back: 3 was seen here",
    },
    Attack {
        name: "the content put back behind a newer state",
        run: content_put_back,
        expected: "revision 2 was put back: 4 was seen here",
    },
    Attack {
        name: "another content under the revision that was seen",
        run: same_revision,
        expected: "another record was put in the place of the one that was seen here",
    },
    Attack { name: "a record of the format that nobody signed", run: old_format, expected: "it is not signed" },
    Attack {
        name: "the value of another secret",
        run: value_swapped,
        expected: "the vault was tampered with: its value is not the one that was signed",
    },
    Attack {
        name: "the pieces of a value swapped",
        run: pieces_swapped,
        expected: "the vault is damaged: sealed data was changed, moved, or sealed with another key",
    },
];

/// What lies in the store as `item`.
pub(super) fn stored(vault: &Vault, item: Item) -> Vec<u8> {
    layout::read(&*vault.store, item).unwrap().unwrap().bytes
}

/// Writes `bytes` as `item` at `revision`, and counts them.
pub(super) fn plant(vault: &mut Vault, item: Item, revision: u64, bytes: &[u8]) {
    let there = layout::read(&*vault.store, item).unwrap();
    let old = there.as_ref().map(|stored| (revision_of(&stored.bytes).unwrap(), stored));
    let mut changes = vault.changes();
    changes.write(item, revision, bytes, old).unwrap();
    vault.make(changes).unwrap();
}

/// The record of `header` with `signed` and the value of `of`, sealed by whoever is in.
pub(super) fn sealed(vault: &Vault, header: &Header, signed: &Signed, of: SecretId) -> Vec<u8> {
    let bytes = stored(vault, Item::Record(of));
    let opened = vault.sealer.open_record(Item::Record(of), &bytes).unwrap();
    vault.sealer.seal_record(header, signed, &SealedValue::kept(&opened), &*vault.tools.entropy).unwrap()
}

pub(super) fn signed_of(vault: &Vault, id: SecretId) -> Signed {
    let bytes = stored(vault, Item::Record(id));
    vault.sealer.open_record(Item::Record(id), &bytes).unwrap().signed.unwrap()
}

pub(super) fn begin(vault: &Vault) -> Signing {
    vault.signer.begin(&*vault.tools.entropy).unwrap()
}

/// Writes the record of `header` with the value of `of`, and what was signed of it.
pub(super) fn write(vault: &mut Vault, header: &Header, signed: &Signed, of: SecretId, signing: Signing) {
    let record = sealed(vault, header, signed, of);
    let batch = signing.finish(&*vault.tools.entropy).unwrap();
    let mut changes = vault.changes();
    changes.sign(batch).unwrap();
    vault.make(changes).unwrap();
    plant(vault, Item::Record(header.id), header.revision, &record);
}

/// The header that whoever is in would write next.
pub(super) fn next(vault: &Vault, id: SecretId) -> Header {
    let old = vault.header(id).unwrap();
    let modified = Stamp { at: Timestamp(NOW + 1), by: (*vault.member().unwrap().name).into() };
    Header { revision: old.revision + 1, author: vault.me, modified, ..(*old).clone() }
}

fn noise(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let mut bytes = stored(vault, Item::Record(base.target));
        bytes[60] ^= 1;
        plant(vault, Item::Record(base.target), 2, &bytes);
    });
    assert_eq!(world.open(ADA).unwrap().header(base.target).unwrap().revision, 1, "the earlier one is served");
    refusal(world.open_fresh(ADA), base.target)
}

fn moved(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let bytes = stored(vault, Item::Record(base.target));
        plant(vault, Item::Record(base.second), 2, &bytes);
    });
    refusal(world.open_fresh(ADA), base.second)
}

fn moved_and_sealed(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let header = Header { id: base.second, ..(*vault.header(base.target).unwrap()).clone() };
        let record = sealed(vault, &header, &signed_of(vault, base.target), base.target);
        plant(vault, Item::Record(base.second), 2, &record);
    });
    refusal(world.open_fresh(ADA), base.second)
}

fn other_revision(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let header = Header { revision: 5, ..(*vault.header(base.target).unwrap()).clone() };
        let record = sealed(vault, &header, &signed_of(vault, base.target), base.target);
        plant(vault, Item::Record(base.target), 5, &record);
    });
    refusal(world.open_fresh(ADA), base.target)
}

fn made_shared(base: &Base) -> String {
    let mut world = base.world.fork();
    let id = world.personal(MALLORY, "mine");
    world.with(MALLORY, |vault| {
        let header = Header { scope: Scope::Organization, ..(*vault.header(id).unwrap()).clone() };
        let record = sealed(vault, &header, &signed_of(vault, id), id);
        plant(vault, Item::Record(id), 1, &record);
    });
    refusal(world.open_fresh(ADA), id)
}

fn made_personal(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let closed = Closed {
            id: base.target,
            revision: 3,
            owner: vault.me,
            deleted: None,
            batches: Vec::new(),
            has_inner: true,
        };
        let record = vault.sealer.seal_around(&closed, b"anything", &*vault.tools.entropy);
        plant(vault, Item::Record(base.target), 3, &record);
    });
    refusal(world.open(ADA), base.target)
}

fn around_diary(base: &Base, owner: &str) -> World {
    let mut world = base.world.fork();
    let owner = world.members[owner];
    world.with(MALLORY, |vault| {
        let closed = Closed { revision: 2, owner, ..vault.closed[&base.diary].clone() };
        let record = vault.sealer.seal_around(&closed, b"anything", &*vault.tools.entropy);
        plant(vault, Item::Record(base.diary), 2, &record);
    });
    world
}

fn owner_changed(base: &Base) -> String {
    refusal(around_diary(base, MALLORY).open(BOB), base.diary)
}

fn inside_replaced(base: &Base) -> String {
    refusal(around_diary(base, BOB).open(BOB), base.diary)
}

fn deleted_in_the_past(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let signer = Signer { epoch: 0, ..vault.signer.clone() };
        let mut signing = signer.begin(&*vault.tools.entropy).unwrap();
        let block = signing.add(What::State, base.diary, deletion_of(2, vault.me, vault.stamp().unwrap()));
        let old = vault.closed[&base.diary].clone();
        let new = Closed { revision: 2, deleted: Some(block), has_inner: false, ..old };
        vault.put_closed(&new, 1, signing).unwrap();
    });
    let of_bob = refusal(world.open(BOB), base.diary);
    assert_eq!(refusal(world.open_fresh(ADA), base.diary), of_bob);
    of_bob
}

fn removed(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let item = Item::Record(base.target);
        let bytes = stored(vault, item);
        let mut set = crate::crypto::SetHash::resume(&vault.sealer.keys().manifest, vault.manifest.set);
        set.toggle(&base.target.0, 2, &crate::crypto::digest(&bytes));
        let mut batch = Batch::default();
        batch.remove(item.key());
        let manifest = vault.manifest;
        let (generation, records) = (manifest.generation + 1, manifest.records - 1);
        let manifest = crate::crypto::Manifest { generation, records, set: set.value(), ..manifest };
        vault.commit(batch, manifest).unwrap();
    });
    // Whoever never saw it cannot know.
    assert_eq!(refusal(world.open_fresh(ADA), base.target), "it was taken");
    refusal(world.open(ADA), base.target)
}

fn put_back(base: &Base) -> String {
    let mut world = base.world.fork();
    let old = world.with(MALLORY, |vault| stored(vault, Item::Record(base.target)));
    world.with(ADA, |ada| {
        let header = ada.header(base.target).unwrap();
        ada.edit(base.target, 2, new_value(&header, "third")).unwrap();
    });
    world.with(MALLORY, |vault| plant(vault, Item::Record(base.target), 2, &old));
    assert_eq!(refusal(world.open_fresh(ADA), base.target), "it was taken", "whoever never saw it cannot know");
    refusal(world.open(ADA), base.target)
}

fn register_over(vault: &mut Vault, id: SecretId, state: Option<u64>) {
    let stamp = vault.stamp().unwrap();
    let (header, value) = vault.new_secret(draft("target", Scope::Organization), &stamp).unwrap();
    let header = Header { id, ..header };
    let value = vault.sealer.seal_value(&header, &value, 1, &*vault.tools.entropy).unwrap();
    let mut signing = begin(vault);
    let mut signed = signing.record(&header, None, value.commitment.as_ref());
    let newer = Header { revision: state.unwrap_or(1), ..header.clone() };
    if state.is_some() {
        let block = crate::vault::signed::state_of(&newer, &signed.birth.bytes);
        signed.state = Some(signing.add(What::State, id, block));
    }
    let record = vault.sealer.seal_record(&newer, &signed, &value, &*vault.tools.entropy).unwrap();
    let mut changes = vault.changes();
    changes.sign(signing.finish(&*vault.tools.entropy).unwrap()).unwrap();
    vault.make(changes).unwrap();
    plant(vault, Item::Record(id), newer.revision, &record);
}

fn registered_again(base: &Base) -> String {
    let mut world = base.with(&[Permission::Register]);
    world.with(MALLORY, |vault| register_over(vault, base.target, None));
    refusal(world.open(ADA), base.target)
}

fn registered_again_with_state(base: &Base) -> String {
    let mut world = base.with(&[Permission::Register, Permission::Deactivate]);
    world.with(MALLORY, |vault| register_over(vault, base.target, Some(3)));
    refusal(world.open(ADA), base.target)
}

fn state_put_back(base: &Base) -> String {
    let mut world = base.with(&[Permission::Edit]);
    world.with(MALLORY, |vault| {
        let header = Header { state: State::Active, ..next(vault, base.off) };
        let old = signed_of(vault, base.off);
        let mut signing = begin(vault);
        let bytes = crate::vault::signed::content_of(&header, &old.birth.bytes, None);
        let content = signing.add(What::Content, base.off, bytes);
        write(vault, &header, &Signed { content, state: None, ..old }, base.off, signing);
    });
    refusal(world.open(ADA), base.off)
}

fn content_put_back(base: &Base) -> String {
    let mut world = base.with(&[Permission::Deactivate]);
    let old = world.with(MALLORY, |vault| signed_of(vault, base.target));
    world.with(ADA, |ada| {
        let header = ada.header(base.target).unwrap();
        ada.edit(base.target, 2, new_value(&header, "third")).unwrap();
        let header = ada.header(base.target).unwrap();
        ada.edit(base.target, 3, new_value(&header, "fourth")).unwrap();
    });
    world.with(MALLORY, |vault| {
        let header = next(vault, base.target);
        let mut signing = begin(vault);
        let block = crate::vault::signed::state_of(&header, &old.birth.bytes);
        let state = Some(signing.add(What::State, base.target, block));
        write(vault, &header, &Signed { state, ..old }, base.target, signing);
    });
    refusal(world.open(ADA), base.target)
}

fn same_revision(base: &Base) -> String {
    let mut world = base.with(&[Permission::Edit]);
    world.with(MALLORY, |vault| {
        let header = Header { revision: 2, name: "renamed".into(), ..next(vault, base.target) };
        let old = signed_of(vault, base.target);
        let mut signing = begin(vault);
        let bytes = crate::vault::signed::content_of(&header, &old.birth.bytes, None);
        let content = signing.add(What::Content, base.target, bytes);
        write(vault, &header, &Signed { content, ..old }, base.target, signing);
    });
    refusal(world.open(ADA), base.target)
}

fn old_format(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let mut bytes = stored(vault, Item::Record(base.target));
        bytes[0] = 1;
        plant(vault, Item::Record(base.target), 2, &bytes);
    });
    refusal(world.open(ADA), base.target)
}

fn value_swapped(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let (target, other) = (vault.header(base.target).unwrap(), vault.value(base.second).unwrap());
        let other = vault.sealer.seal_value(&target, &other, 2, &*vault.tools.entropy).unwrap();
        let signed = signed_of(vault, base.target);
        let record = vault.sealer.seal_record(&target, &signed, &other, &*vault.tools.entropy).unwrap();
        plant(vault, Item::Record(base.target), 2, &record);
    });
    world.open(ADA).unwrap().value(base.target).unwrap_err().to_string()
}

fn pieces_swapped(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let item = Item::Record(base.large);
        let [one, two] = [0, 1].map(|n| vault.store.get(&item.piece_key(n)).unwrap().unwrap().bytes);
        let mut changes = vault.changes();
        changes.piece(item, 0, two);
        changes.piece(item, 1, one);
        vault.make(changes).unwrap();
    });
    world.open(ADA).unwrap().value(base.large).unwrap_err().to_string()
}
