//! Bytes that were written once must be readable for ever: every format, committed.
//!
//! `STRONGROOM_REWRITE_VECTORS=1 cargo test --test vectors` writes them anew; a difference in
//! them is a break with every vault that exists, and needs a new format version.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::PathBuf;

use strongroom::crypto::{
    Anchor, Binding, Identity, KdfCost, Key, MachineKey, Manifest, PartTag, RecoveryKey, SetHash, Slot, SlotKind,
    SlotSecret, Subkeys, VaultFile, VaultKey, digest, open, seal,
};
use strongroom::domain::organization::{Act, MemberKey, PublicKeys};
use strongroom::domain::{MemberId, SecretBytes, SlotId, Timestamp, VaultId};
use strongroom::host::SeededEntropy;
use strongroom::vault::{MembershipLog, Pin, fingerprint_of};

const VAULT: VaultId = VaultId([0x11; 16]);
const EPOCH: u64 = 7;
const BINDING: Binding =
    Binding { format: 1, vault: VAULT, epoch: EPOCH, record: [0x22; 16], part: PartTag::HEADER, revision: 3 };

fn subkeys() -> Subkeys {
    VaultKey::from(Key::copy_of(&[0x33; 32])).subkeys(VAULT, EPOCH)
}

/// The committed text of `name`, after it has been compared with (or replaced by) `now`.
fn committed(name: &str, now: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text == now, "{name}: what is written today differs from the committed vector");
    text
}

/// As [`committed`], for bytes: stored as hex, 32 bytes to a line.
fn committed_bytes(name: &str, now: &[u8]) -> Vec<u8> {
    let mut hex = String::new();
    for line in now.chunks(32) {
        line.iter().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
        hex.push('\n');
    }
    bytes_of(&committed(name, &hex))
}

/// What was committed as `name` by an older version, which nobody can write any more.
fn of_old(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    bytes_of(&std::fs::read_to_string(path).unwrap())
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let hex = hex.replace('\n', "");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn recovery_key() {
    let text = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap().to_text();
    let text = committed("recovery-key.txt", &(text.expose_text().unwrap().to_owned() + "\n"));
    let read = RecoveryKey::parse(text.as_bytes()).unwrap();
    assert_eq!(read.to_text().expose_text().unwrap(), text.trim_end());
}

#[test]
fn machine_key() {
    let text = MachineKey::generate(&SeededEntropy::new(5)).unwrap().to_text();
    let text = committed("machine-key.txt", text.expose_text().unwrap());
    let read = MachineKey::parse(text.as_bytes()).unwrap();
    assert_eq!(read.to_text().expose_text().unwrap(), text);
}

#[test]
fn sealed_parts() {
    let (keys, value) = (subkeys(), VaultKey::from(Key::copy_of(&[0x33; 32])).old_value_key(VAULT, EPOCH));
    let parts = [
        ("sealed-header.hex", &keys.header, BINDING),
        ("sealed-value.hex", &value, Binding { part: PartTag::VALUE, ..BINDING }),
        ("sealed-audit.hex", &keys.audit, Binding { record: [0x44; 16], ..BINDING }),
    ];
    for (name, key, binding) in parts {
        let now = seal(key, &binding, name.as_bytes(), &SeededEntropy::new(2)).unwrap();
        let bytes = committed_bytes(name, &now);
        assert_eq!(open(key, &binding, &bytes).unwrap().expose(), name.as_bytes());
    }
}

#[test]
fn manifest() {
    let key = subkeys().manifest;
    let mut set = SetHash::new(&key);
    set.toggle(&[0x22; 16], 3, &digest(b"a record"));
    set.toggle(&[0x55; 16], 1, &digest(b"another"));
    let manifest = Manifest { generation: 9, records: 2, set: set.value(), last_seen: 1_790_000_000 };
    let now = manifest.seal(&key, &BINDING, &SeededEntropy::new(3)).unwrap();
    let bytes = committed_bytes("manifest.hex", &now);
    assert_eq!(Manifest::open(&key, &BINDING, &bytes), Ok(manifest));
}

/// A founder with a key, and what they do next.
#[test]
fn membership_log() {
    let (entropy, slot) = (SeededEntropy::new(6), SlotId([0x66; 5]));
    let identity = Identity::generate(&entropy).unwrap();
    let (member, at) = (MemberId([0x77; 16]), Timestamp(1_790_000_000));
    let keys = vec![MemberKey { slot, public: PublicKeys(identity.public().to_bytes()) }];
    let act = Act::Founded { organization: "Example Ltd".into(), member, name: "Ada".into(), keys };
    let mut log = MembershipLog::found(VAULT, act, at, slot, &identity, &entropy).unwrap();
    let acts = [Act::Bound { member, uid: Some(1000) }, Act::EpochBegun { epoch: EPOCH, taken_over: [0x88; 32] }];
    acts.into_iter().for_each(|act| log.append(act, at, slot, &identity, &entropy).unwrap());
    let bytes = committed_bytes("membership-log.hex", log.encode().expose());
    let pin = Pin::decode(&committed_bytes("pin.hex", &log.pin().encode())).unwrap();
    for pin in [None, Some(&pin)] {
        let read = MembershipLog::decode(&bytes, VAULT, pin).unwrap();
        assert_eq!((read.organization(), read.pin()), (log.organization(), log.pin()));
    }
    committed("fingerprint.txt", &(fingerprint_of(&pin.foundation) + "\n"));
}

/// How the machine slot of the header is called, for ever.
const SLOT_ID: &str = "45931408cd";

/// A header with a slot of each kind, at the real cost.
fn write_header(secrets: [SlotSecret<'_>; 3]) -> Vec<u8> {
    let entropy = SeededEntropy::new(4);
    let key = VaultKey::generate(&entropy).unwrap();
    let anchor = Anchor::generate(&entropy).unwrap();
    let mut file = VaultFile::new(VAULT, EPOCH, &key);
    for (member, secret) in (1..).zip(secrets) {
        let (member, cost) = (MemberId([member; 16]), KdfCost::DEFAULT);
        let mut slot = Slot::create(VAULT, member, secret, cost, &anchor, &entropy).unwrap();
        slot.grant(VAULT, EPOCH, &key, &entropy).unwrap();
        file.slots.push(slot);
    }
    file.profile = seal(&key.subkeys(VAULT, EPOCH).profile, &BINDING, b"Example Ltd", &entropy).unwrap();
    file.encode(&key, &anchor).unwrap()
}

/// Opens every slot of the header `bytes` with its secret, and checks all that is in it.
fn read_header(bytes: &[u8], secrets: &[SlotSecret<'_>]) -> VaultFile {
    let file = VaultFile::decode(bytes).unwrap();
    assert_eq!((file.vault, file.epoch, file.slots.len()), (VAULT, EPOCH, secrets.len()));
    assert_eq!((file.slots[0].kind(), file.slots[0].cost()), (SlotKind::Passphrase, Some(KdfCost::DEFAULT)));
    assert_eq!((file.slots[1].kind(), file.slots[1].member()), (SlotKind::Recovery, MemberId([2; 16])));
    for (slot, secret) in file.slots.iter().zip(secrets) {
        let unsealed = slot.open(VAULT, *secret).unwrap();
        let key = slot.vault_key(VAULT, EPOCH, &unsealed.identity).unwrap();
        assert_eq!(file.verify(&key, &unsealed.anchor), Ok(()));
        let profile = open(&key.subkeys(VAULT, EPOCH).profile, &BINDING, &file.profile).unwrap();
        assert_eq!(profile.expose(), b"Example Ltd");
        let written = file.encode(&key, &unsealed.anchor).unwrap();
        assert_eq!(written[8..10], 2_u16.to_le_bytes(), "what is written anew is of version 2");
        assert_eq!(VaultFile::decode(&written).unwrap().verify(&key, &unsealed.anchor), Ok(()));
        assert!(bytes[8..10] == 1_u16.to_le_bytes() || written == bytes);
    }
    file
}

#[test]
fn vault_header_of_version_1() {
    let passphrase = SecretBytes::from("correct horse battery staple");
    let recovery = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap();
    let secrets = [SlotSecret::Passphrase(&passphrase), SlotSecret::Recovery(&recovery)];
    read_header(&of_old("vault-header.hex"), &secrets);
}

#[test]
fn vault_header() {
    let passphrase = SecretBytes::from("correct horse battery staple");
    let recovery = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap();
    let machine = MachineKey::generate(&SeededEntropy::new(5)).unwrap();
    let secrets = [SlotSecret::Passphrase(&passphrase), SlotSecret::Recovery(&recovery), SlotSecret::Machine(&machine)];
    let file = read_header(&committed_bytes("vault-header-2.hex", &write_header(secrets)), &secrets);
    assert_eq!((file.slots[2].kind(), file.slots[2].cost()), (SlotKind::Machine, None));
    assert_eq!(file.slots[2].id().to_string(), SLOT_ID);
}
