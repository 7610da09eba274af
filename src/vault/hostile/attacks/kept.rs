//! On earlier values, names, the documents, and what is said of a value.

use super::records::{begin, next, plant, signed_of, stored};
use super::{Attack, Base};
use crate::domain::organization::{Permission, Reach, Role, Tampering};
use crate::domain::{Header, Scope, SecretId, SecretRef, Settings};
use crate::store::Batch;
use crate::vault::Vault;
use crate::vault::documents::Document;
use crate::vault::hostile::world::{ADA, BOB, MALLORY, World, draft, refused_document, value};
use crate::vault::layout::{self, Item};
use crate::vault::put::Fate;
use crate::vault::record::SealedValue;
use crate::vault::signed::{Signed, What};

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "a hostile value planted as an earlier one",
        run: kept_planted,
        expected: "the vault was tampered with: its author was not permitted to edit",
    },
    Attack {
        name: "the same, after everything was sealed anew",
        run: kept_laundered,
        expected: "the value that \"target\" had at revision 1 is not kept",
    },
    Attack {
        name: "an earlier value of a secret of one's own",
        run: kept_of_another,
        expected: "the vault was tampered with: its parts belong to different secrets, revisions or scopes",
    },
    Attack { name: "a deleted secret served from an earlier revision", run: undeleted, expected: "it stays deleted" },
    Attack {
        name: "a second secret of the same name",
        run: same_name,
        expected: "there are two secrets called \"target\": name the one that is meant by its id",
    },
    Attack {
        name: "the settings put back",
        run: settings_put_back,
        expected: "revision 1 was put back: 2 was seen here",
    },
    Attack { name: "the settings removed", run: settings_removed, expected: "it was removed from the store" },
    Attack { name: "a value said to be its registrar's", run: said_registrars, expected: "nobody waits for it" },
];

/// Mallory, who may use it, puts a value of her own where the first one is kept.
fn with_kept(base: &Base) -> World {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let header = Header { revision: 1, ..next(vault, base.target) };
        let hostile = vault.sealer.seal_value(&header, &value("hostile"), 1, &*vault.tools.entropy).unwrap();
        let old = signed_of(vault, base.target);
        let mut signing = begin(vault);
        let bytes = crate::vault::signed::content_of(&header, &old.birth.bytes, hostile.commitment.as_ref());
        let content = signing.add(What::Content, base.target, bytes);
        let signed = Signed { content, ..old };
        let record = vault.sealer.seal_record(&header, &signed, &hostile, &*vault.tools.entropy).unwrap();
        let mut changes = vault.changes();
        changes.sign(signing.finish(&*vault.tools.entropy).unwrap()).unwrap();
        vault.make(changes).unwrap();
        plant(vault, Item::Kept(base.target, 1), 1, &record);
    });
    world
}

/// What comes of asking for the value of `id` at its first revision.
fn first_value(vault: &Vault, id: SecretId) -> String {
    match vault.at_revision(&vault.header(id).unwrap(), 1) {
        Ok((_, header)) => format!("it was handed over, as {} wrote it", header.author),
        Err(error) => error.to_string(),
    }
}

fn kept_planted(base: &Base) -> String {
    first_value(&with_kept(base).open(ADA).unwrap(), base.target)
}

fn kept_laundered(base: &Base) -> String {
    let mut world = with_kept(base);
    let bob = world.members[BOB];
    world.with(ADA, |ada| ada.remove_member(bob, None, &|_| {}).unwrap());
    first_value(&world.open(ADA).unwrap(), base.target)
}

fn kept_of_another(base: &Base) -> String {
    let mut world = base.with(&[Permission::Register]);
    world.with(MALLORY, |vault| {
        let stamp = vault.stamp().unwrap();
        let (header, value) = vault.new_secret(draft("target", Scope::Organization), &stamp).unwrap();
        let header = Header { id: base.target, ..header };
        let value = vault.sealer.seal_value(&header, &value, 1, &*vault.tools.entropy).unwrap();
        let mut signing = begin(vault);
        let signed = signing.record(&header, None, value.commitment.as_ref());
        let record = vault.sealer.seal_record(&header, &signed, &value, &*vault.tools.entropy).unwrap();
        let mut changes = vault.changes();
        changes.sign(signing.finish(&*vault.tools.entropy).unwrap()).unwrap();
        vault.make(changes).unwrap();
        plant(vault, Item::Kept(base.target, 1), 1, &record);
        let mut noise = stored(vault, Item::Record(base.second));
        noise[60] ^= 1;
        plant(vault, Item::Record(base.second), 2, &noise);
    });
    first_value(&world.open(ADA).unwrap(), base.target)
}

fn undeleted(base: &Base) -> String {
    let mut world = base.world.fork();
    let old = world.with(MALLORY, |vault| stored(vault, Item::Kept(base.target, 1)));
    world.with(ADA, |ada| drop(ada.delete(base.target, 2).unwrap()));
    world.with(MALLORY, |vault| {
        plant(vault, Item::Kept(base.target, 1), 1, &old);
        let mut noise = stored(vault, Item::Record(base.target));
        noise[60] ^= 1;
        plant(vault, Item::Record(base.target), 3, &noise);
    });
    let vault = world.open(ADA).unwrap();
    let (why, served) = crate::vault::hostile::world::refused(&vault, base.target).unwrap();
    assert_eq!((why, vault.header(base.target).is_err()), (Tampering::Forged, true));
    served.map_or("it stays deleted".into(), |revision| format!("revision {revision} is served"))
}

fn same_name(base: &Base) -> String {
    let mut world = base.with(&[Permission::Register]);
    world.with(MALLORY, |vault| {
        let stamp = vault.stamp().unwrap();
        let (header, value) = vault.new_secret(draft("target", Scope::Organization), &stamp).unwrap();
        vault.put(header, Fate::Set(&value)).unwrap();
    });
    world.open(ADA).unwrap().find(&SecretRef::Named("target".into())).unwrap_err().to_string()
}

/// Ada sets something twice; Mallory goes back to what was there first.
fn with_old_settings(base: &Base, put: impl FnOnce(&mut Vault, Vec<u8>)) -> String {
    let mut world = base.world.fork();
    let item = Item::Document(Document::Settings);
    let set = |ada: &mut Vault, kept_revisions| {
        ada.change_settings(Settings { kept_revisions, ..ada.settings() }).unwrap();
    };
    world.with(ADA, |ada| set(ada, 7));
    let old = world.with(MALLORY, |vault| stored(vault, item));
    world.with(ADA, |ada| set(ada, 9));
    world.with(MALLORY, |vault| put(vault, old));
    refused_document(&world.open(ADA).unwrap(), "the settings").map_or("it was taken".into(), |why| why.to_string())
}

/// Takes the settings out of the count, and gives what a batch needs to go on.
fn uncounted(vault: &Vault) -> crate::crypto::SetHash {
    let item = Item::Document(Document::Settings);
    let mut set = crate::crypto::SetHash::resume(&vault.sealer.keys().manifest, vault.manifest.set);
    set.toggle(&Document::Settings.id(), 2, &crate::crypto::digest(&stored(vault, item)));
    set
}

fn commit(vault: &mut Vault, batch: Batch, set: [u8; 32]) {
    let generation = vault.manifest.generation + 1;
    let manifest = crate::crypto::Manifest { generation, set, ..vault.manifest };
    vault.commit(batch, manifest).unwrap();
}

fn settings_put_back(base: &Base) -> String {
    with_old_settings(base, |vault, old| {
        let mut set = uncounted(vault);
        set.toggle(&Document::Settings.id(), 1, &crate::crypto::digest(&old));
        let mut batch = Batch::default();
        let there = layout::read(&*vault.store, Item::Document(Document::Settings)).unwrap();
        layout::write(&mut batch, Item::Document(Document::Settings), &old, there.as_ref()).unwrap();
        commit(vault, batch, set.value());
    })
}

fn settings_removed(base: &Base) -> String {
    with_old_settings(base, |vault, _| {
        let set = uncounted(vault);
        let mut batch = Batch::default();
        batch.remove(Item::Document(Document::Settings).key());
        commit(vault, batch, set.value());
    })
}

fn said_registrars(base: &Base) -> String {
    let mut world = base.world.fork();
    world.with(MALLORY, |vault| {
        let bytes = stored(vault, Item::Record(base.target));
        let opened = vault.sealer.open_record(Item::Record(base.target), &bytes).unwrap();
        let value = SealedValue { for_registrar: true, ..SealedValue::kept(&opened) };
        let (header, signed) = (opened.header.clone(), opened.signed.clone().unwrap());
        let record = vault.sealer.seal_record(&header, &signed, &value, &*vault.tools.entropy).unwrap();
        plant(vault, Item::Record(base.target), 2, &record);
    });
    let bob = world.members[BOB];
    let mut ada = world.open(ADA).unwrap();
    ada.settle_organization(&|_| {}).unwrap();
    ada.grant(bob, [Permission::Use].into_iter().collect(), &Reach::All).unwrap();
    ada.change_role(bob, Role::AccountManager, None, &|_| {}).unwrap();
    ada.value(base.target).map_or("nobody waits for it".into(), |_| "it was handed over".into())
}
