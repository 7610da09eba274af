//! Header files of every version, and what is refused.

use super::*;
use crate::crypto::{KdfCost, MachineKey, RecoveryKey, SlotSecret};
use crate::domain::MemberId;
use crate::host::SeededEntropy;
use proptest::prelude::*;
use std::sync::LazyLock;

const VAULT: VaultId = VaultId([1; 16]);

struct Sample {
    file: VaultFile,
    key: VaultKey,
    anchor: Anchor,
    bytes: Vec<u8>,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let entropy = SeededEntropy::new(1);
    let key = VaultKey::generate(&entropy).unwrap();
    let anchor = Anchor::generate(&entropy).unwrap();
    let recovery = RecoveryKey::generate(&entropy).unwrap();
    let (member, secret) = (MemberId([2; 16]), SlotSecret::Recovery(&recovery));
    let mut slot = Slot::create(VAULT, member, secret, KdfCost::DEFAULT, &anchor, &entropy).unwrap();
    slot.grant(VAULT, 1, &key, &entropy).unwrap();
    let mut file = VaultFile::new(VAULT, 1, &key);
    file.slots.push(slot);
    file.profile = b"sealed elsewhere".to_vec();
    let bytes = file.encode(&key, &anchor).unwrap();
    Sample { file, key, anchor, bytes }
});

/// `bytes` with the checksum made right again, as somebody without the key can.
fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - DIGEST_LEN;
    let checksum = digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn is_read_back_and_proven() {
    let Sample { file, key, anchor, bytes } = &*SAMPLE;
    let read = VaultFile::decode(bytes).unwrap();
    assert_eq!((&read.slots, &read.profile), (&file.slots, &file.profile));
    assert_eq!(read.verify(key, anchor), Ok(()));
    assert_eq!(read.encode(key, anchor).as_ref(), Ok(bytes));
}

#[test]
fn another_key_proves_nothing() {
    let other = VaultKey::generate(&SeededEntropy::new(2)).unwrap();
    let read = VaultFile::decode(&SAMPLE.bytes).unwrap();
    assert_eq!(read.verify(&other, &SAMPLE.anchor), Err(VaultFileError::Forged));
    assert_eq!(read.encode(&other, &SAMPLE.anchor), Err(VaultFileError::Forged));
}

#[test]
fn a_key_that_a_stranger_granted_proves_nothing() {
    let entropy = SeededEntropy::new(3);
    let theirs = VaultKey::generate(&entropy).unwrap();
    let mut forged = VaultFile::new(VAULT, 2, &theirs);
    forged.slots.clone_from(&SAMPLE.file.slots);
    // Granting needs the public key alone, and that lies in the open.
    forged.slots[0].grant(VAULT, 2, &theirs, &entropy).unwrap();
    let bytes = forged.encode(&theirs, &Anchor::generate(&entropy).unwrap()).unwrap();
    let read = VaultFile::decode(&bytes).unwrap();
    assert_eq!(read.verify(&theirs, &SAMPLE.anchor), Err(VaultFileError::Forged));
}

#[test]
fn a_slot_that_was_slipped_in_is_noticed() {
    let Sample { file, key, anchor, bytes } = &*SAMPLE;
    let mut read = VaultFile::decode(bytes).unwrap();
    read.slots.push(file.slots[0].clone());
    assert_eq!(read.verify(key, anchor), Err(VaultFileError::Forged));
}

#[test]
fn a_newer_version_is_named() {
    let mut bytes = SAMPLE.bytes.clone();
    bytes[MAGIC.len()] = 4;
    assert_eq!(VaultFile::decode(&bytes), Err(VaultFileError::Damaged));
    assert_eq!(VaultFile::decode(&mended(bytes)), Err(VaultFileError::UnknownVersion { found: 4, known: VERSION }));
    let mut none = SAMPLE.bytes.clone();
    none[MAGIC.len()] = 0;
    assert_eq!(VaultFile::decode(&mended(none)), Err(VaultFileError::UnknownVersion { found: 0, known: VERSION }));
}

#[test]
fn the_version_is_proven_too() {
    let Sample { key, anchor, bytes, .. } = &*SAMPLE;
    let mut older = bytes.clone();
    older[MAGIC.len()] = 1;
    let read = VaultFile::decode(&mended(older)).unwrap();
    assert_eq!(read.verify(key, anchor), Err(VaultFileError::Forged));
    assert_eq!(
        read.encode(key, anchor).as_ref(),
        Ok(bytes),
        "what is written anew is of the last version without members"
    );
}

#[test]
fn the_first_version_has_no_machine_slots() {
    let Sample { file, key, anchor, .. } = &*SAMPLE;
    let entropy = SeededEntropy::new(4);
    let machine = MachineKey::generate(&entropy).unwrap();
    let secret = SlotSecret::Machine(&machine);
    let slot = Slot::create(VAULT, MemberId([2; 16]), secret, KdfCost::DEFAULT, anchor, &entropy).unwrap();
    let with_one = VaultFile { slots: vec![slot], ..file.clone() };
    let mut bytes = with_one.encode(key, anchor).unwrap();
    assert!(VaultFile::decode(&bytes).unwrap().verify(key, anchor).is_ok());
    bytes[MAGIC.len()] = 1;
    assert_eq!(VaultFile::decode(&mended(bytes)), Err(VaultFileError::Damaged));
}

#[test]
fn caps_hold_when_writing_and_reading() {
    let Sample { file, key, anchor, bytes } = &*SAMPLE;
    let mut full = VaultFile { slots: vec![file.slots[0].clone(); MAX_SLOTS], ..file.clone() };
    full.profile = vec![0; MAX_PROFILE];
    let written = full.encode(key, anchor).unwrap();
    assert!(written.len() <= MAX_FILE);
    assert!(VaultFile::decode(&written).is_ok());
    full.slots.push(file.slots[0].clone());
    assert_eq!(full.encode(key, anchor), Err(VaultFileError::TooLarge));
    let mut hostile = bytes.clone();
    hostile[66..70].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(VaultFile::decode(&mended(hostile)), Err(VaultFileError::Damaged));
}

#[test]
fn other_files_are_no_vault() {
    assert_eq!(VaultFile::decode(b""), Err(VaultFileError::NotAVault));
    assert_eq!(VaultFile::decode(b"[package]\nname = "), Err(VaultFileError::NotAVault));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_flip_and_cut_is_noticed(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let Sample { key, anchor, bytes: good, .. } = &*SAMPLE;
        let at = at.index(good.len());
        prop_assert!(VaultFile::decode(&good[..at]).is_err());
        let mut flipped = good.clone();
        flipped[at] ^= 1 << bit;
        prop_assert!(VaultFile::decode(&flipped).is_err());
        if at < good.len() - DIGEST_LEN {
            let forged = VaultFile::decode(&mended(flipped)).and_then(|file| file.verify(key, anchor));
            prop_assert!(forged.is_err());
        }
    }
}
