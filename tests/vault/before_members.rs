//! A vault that was made before there were members: it opens as ever, and is brought to the present format on the way in.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use strongroom::crypto::{
    self, Binding, Granted, KdfCost, MachineKey, RecoveryKey, Slot, SlotKind, SlotSecret, Unsealed, VaultFile,
};
use strongroom::domain::organization::{Act, MemberState, Role};
use strongroom::domain::{Delivery, Order, Reference, SecretBytes, SecretRef};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::Credential;
use strongroom::store::{Batch, Store};
use strongroom::vault::{Home, MembershipLog, MemoryHome, OpenReport, Tools, Vault, VaultError};

use crate::failures::{FailingHome, Fuse};
use crate::support::{PASSPHRASE, START, draft};

/// The backups that were made before there were members, and the version of the header in each.
const BACKUPS: [(&str, u16); 2] = [("backup.bin", 1), ("backup-2.bin", 2)];

/// The vault that was backed up as `name`, as it lay on a disk, with a passphrase and a machine key besides its recovery key.
struct Old {
    home: MemoryHome,
    ways: [Credential; 3],
}

fn tools() -> Tools {
    let (clock, entropy) = (Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(12)));
    Tools { clock, entropy, cost: KdfCost::DEFAULT }
}

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// The bytes that follow their length.
fn sized<'b>(from: &mut &'b [u8]) -> &'b [u8] {
    let (len, rest) = from.split_first_chunk().unwrap();
    let (bytes, rest) = rest.split_at(u32::from_le_bytes(*len).try_into().unwrap());
    *from = rest;
    bytes
}

/// The header file and the entries of the store in a backup.
fn unpacked(backup: &[u8]) -> (&[u8], Batch) {
    let (mut from, mut batch) = (&backup[8 + 2..], Batch::default());
    let header = sized(&mut from);
    while from[0] == 1 {
        from = &from[1..];
        let key = sized(&mut from);
        batch.put(key.to_vec(), sized(&mut from).to_vec());
    }
    (header, batch)
}

/// A header of version 2 with two more ways in.
fn with_more_ways(header: &[u8], recovery: &RecoveryKey, machine: &MachineKey) -> Vec<u8> {
    let (mut file, entropy) = (VaultFile::decode(header).unwrap(), SeededEntropy::new(13));
    let slot = &file.slots[0];
    let Unsealed { identity, anchor } = slot.open(file.vault, SlotSecret::Recovery(recovery)).unwrap();
    let (member, key) = (slot.member(), slot.vault_key(file.vault, file.epoch, &identity).unwrap());
    let passphrase = SecretBytes::from(PASSPHRASE);
    for secret in [SlotSecret::Passphrase(&passphrase), SlotSecret::Machine(machine)] {
        let made = Slot::create(file.vault, member, secret, KdfCost::DEFAULT, &anchor, &entropy);
        let mut slot = made.unwrap();
        slot.grant(file.vault, file.epoch, &key, &entropy).unwrap();
        file.slots.push(slot);
    }
    file.encode(&key, &anchor).unwrap()
}

impl Old {
    fn of(name: &str) -> Self {
        let backup = fs::read(vectors().join(name)).unwrap();
        let text = SecretBytes::new(fs::read(vectors().join("backup-key.txt")).unwrap());
        let recovery = RecoveryKey::parse(text.expose()).unwrap();
        let machine = MachineKey::generate(&SeededEntropy::new(14)).unwrap();
        let (header, entries) = unpacked(&backup);
        let epoch = VaultFile::decode(header).unwrap().epoch;
        let mut home = MemoryHome::default();
        home.replace_header(&with_more_ways(header, &recovery, &machine)).unwrap();
        home.make_store(epoch).unwrap().commit(entries).unwrap();
        let passphrase = Credential::Passphrase(PASSPHRASE.into());
        Self { home, ways: [Credential::Recovery(text), passphrase, Credential::Machine(machine.to_text())] }
    }

    fn file(&self) -> VaultFile {
        VaultFile::decode(&self.home.header().unwrap().unwrap()).unwrap()
    }

    fn unlock(&self, way: &Credential) -> (Vault, OpenReport) {
        Vault::unlock(Box::new(self.home.clone()), way, tools(), &|_| {}).unwrap()
    }

    fn store(&self) -> Box<dyn Store> {
        self.home.clone().open_store(self.file().epoch).unwrap()
    }

    /// The same on another machine, which has never seen it.
    fn elsewhere(&self) -> Self {
        let (mut home, mut entries) = (MemoryHome::default(), Batch::default());
        let copied = self.store().scan(b"", &mut |key, entry| {
            entries.put(key.to_vec(), entry.bytes);
            true
        });
        copied.unwrap();
        home.replace_header(&self.home.header().unwrap().unwrap()).unwrap();
        home.make_store(self.file().epoch).unwrap().commit(entries).unwrap();
        Self { home, ways: self.ways.clone() }
    }

    /// Whether all is there as it was backed up, signed, and in the present format; whichever of `ways` opens it.
    fn check_settled(&self, epoch: u64, ways: &[Credential]) {
        let file = self.file();
        assert_eq!((file.version(), file.epoch, self.home.epochs()), (3, epoch, vec![epoch]));
        let mut formats = Vec::new();
        let read = self.store().scan(b"r/", &mut |_, entry| {
            formats.push(entry.bytes[2]);
            true
        });
        read.unwrap();
        assert_eq!(formats, [2; 6], "every record is one that is signed");
        // Nothing is known elsewhere: every signature is looked at.
        let elsewhere = self.elsewhere();
        for (at, way) in ways.iter().map(|way| (self, way)).chain([(&elsewhere, &ways[0])]) {
            let (vault, report) = at.unlock(way);
            assert_eq!((report.trouble, report.tampered, report.reseal_failed), (None, Vec::new(), None));
            check_values(&vault);
            check_organization(&vault);
        }
        assert_eq!(self.file(), file, "once is enough");
    }

    /// The acts of the membership log.
    fn acts(&self) -> Vec<Act> {
        let file = self.file();
        let Credential::Recovery(text) = &self.ways[0] else { panic!() };
        let recovery = RecoveryKey::parse(text.expose()).unwrap();
        let slot = file.slots.iter().find(|slot| slot.kind() == SlotKind::Recovery).unwrap();
        let Unsealed { identity, .. } = slot.open(file.vault, SlotSecret::Recovery(&recovery)).unwrap();
        let Ok(Granted::Root(root)) = slot.granted(file.vault, file.epoch, &identity) else { panic!() };
        let log = root.common(file.vault, file.epoch).subkeys(file.vault, file.epoch).log;
        let bytes = crypto::open(&log, &Binding::membership_log(file.vault, file.epoch), &file.log).unwrap();
        let log = MembershipLog::decode(bytes.expose(), file.vault, None).unwrap();
        log.entries().map(|entry| entry.act.clone()).collect()
    }
}

fn check_values(vault: &Vault) {
    let mut names: Vec<_> = vault.headers().iter().map(|header| header.name.to_string()).collect();
    names.sort();
    assert_eq!(names, ["active", "certificate", "deleted", "in pieces", "inactive", "large header"]);
    for (secret, field, len) in [("active", "value", 7), ("in pieces", "B", 9_000)] {
        let reference = Reference { secret: SecretRef::Named(secret.into()), field: Some(field.into()) };
        let handed = vault.deliver(&Order::of(Delivery::Reveal, reference)).unwrap();
        assert_eq!(handed[0].bytes.len(), len, "{secret}");
    }
}

fn check_organization(vault: &Vault) {
    let view = vault.organization().unwrap();
    let [member] = &view.members[..] else { panic!("{view:?}") };
    assert_eq!((&*view.name, &*member.name), ("Northwind Trading", "Ada Park"));
    assert_eq!((member.role, &member.state, member.keys), (Role::AccountHolder, &MemberState::Active, 3));
}

#[test]
fn a_vault_made_before_members_is_brought_along_by_whatever_opens_it_first() {
    for (name, version) in BACKUPS {
        for first in 0..3 {
            let old = Old::of(name);
            assert_eq!(
                VaultFile::decode(unpacked(&fs::read(vectors().join(name)).unwrap()).0).unwrap().version(),
                version
            );
            let (epoch, slots) = (old.file().epoch, old.file().slots);
            let (mut vault, report) = old.unlock(&old.ways[first]);
            assert_eq!((report.trouble, report.reseal_failed), (None, None));
            check_organization(&vault);
            let acts = old.acts();
            let [Act::Founded { keys, .. }, Act::EpochBegun { epoch: begun, .. }] = &acts[..] else {
                panic!("{acts:?}")
            };
            assert_eq!(*begun, epoch + 1);
            assert!(
                keys.iter().map(|key| key.slot).eq(slots.iter().map(Slot::id)),
                "every slot is a key of the founder"
            );
            old.check_settled(epoch + 1, &old.ways);
            vault.register(draft("new", "1")).unwrap();
        }
    }
}

#[test]
fn a_disk_that_fails_in_the_middle_leaves_the_old_vault() {
    for late in [false, true] {
        let mut failed = 0;
        while !settled_with_failure(failed, late) {
            failed += 1;
        }
        assert!(failed >= 3, "making the store, a batch, the header: {failed}");
    }
}

/// Opens the old vault with the write number `blown` failing; says whether it was brought along.
fn settled_with_failure(blown: i64, late: bool) -> bool {
    let old = Old::of("backup-2.bin");
    let (before, epoch) = (old.home.header().unwrap(), old.file().epoch);
    let home = FailingHome { inner: old.home.clone(), fuse: Fuse(Arc::new(AtomicI64::new(blown))), late };
    let fuse = home.fuse.clone();
    let opened = Vault::unlock(Box::new(home), &old.ways[0], tools(), &|_| {});
    fuse.0.store(i64::MIN, Ordering::SeqCst);
    let (mut vault, report) = opened.unwrap();
    assert_eq!(report.trouble, None, "write {blown}");
    check_values(&vault);
    if report.reseal_failed.is_some() {
        assert!(late || old.home.header().unwrap() == before);
        let refused = vault.register(draft("new", "1"));
        assert!(matches!(refused, Err(VaultError::ReadOnly | VaultError::System(_))), "{refused:?}");
    }
    drop(vault);
    let (vault, again) = old.unlock(&old.ways[0]);
    assert_eq!((again.trouble, again.reseal_failed), (None, None), "write {blown}");
    drop(vault);
    old.check_settled(epoch + 1, &old.ways[..1]);
    report.reseal_failed.is_none()
}
