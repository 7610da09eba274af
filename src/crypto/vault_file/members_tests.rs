//! Header files of vaults with members, and what is refused.

use super::*;
use crate::crypto::{Identity, InvitationCode, KdfCost, PersonalKey, RecoveryKey, Ring, SlotSecret};
use crate::domain::InvitationId;
use crate::host::SeededEntropy;
use proptest::prelude::*;
use std::sync::LazyLock;

const VAULT: VaultId = VaultId([1; 16]);
const MEMBER: MemberId = MemberId([2; 16]);
/// Where the slots begin.
const SLOTS_AT: usize = 8 + 2 + 16 + 8 + DIGEST_LEN;

struct Sample {
    file: VaultFile,
    key: CommonKey,
    anchor: Anchor,
    bytes: Vec<u8>,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let entropy = SeededEntropy::new(1);
    let (root, anchor) = (VaultKey::generate(&entropy).unwrap(), Anchor::generate(&entropy).unwrap());
    let (key, values) = (root.common(VAULT, 1), root.values(VAULT, 1));
    let member = values.member(MEMBER);
    let mut slot = slot(&anchor, &entropy);
    slot.grant_member(VAULT, 1, &key, &member, &entropy).unwrap();
    slot.grant_personal(VAULT, &PersonalKey::generate(&entropy).unwrap(), &entropy).unwrap();
    slot.set_hint(9);
    let mut file = VaultFile::found(VAULT, 1, &key);
    file.slots.push(slot);
    file.rings.push((MEMBER, Ring::All(values).seal(&member, VAULT, 1, MEMBER, &entropy).unwrap()));
    file.invitations.push(invitation(&anchor, &entropy));
    (file.log, file.profile) = (b"sealed log".to_vec(), b"sealed profile".to_vec());
    let bytes = file.encode_with(&key, &anchor).unwrap();
    Sample { file, key, anchor, bytes }
});

fn slot(anchor: &Anchor, entropy: &SeededEntropy) -> Slot {
    let recovery = RecoveryKey::generate(entropy).unwrap();
    Slot::create(VAULT, MEMBER, SlotSecret::Recovery(&recovery), KdfCost::DEFAULT, anchor, entropy).unwrap()
}

fn invitation(anchor: &Anchor, entropy: &SeededEntropy) -> SealedInvitation {
    let (code, identity) = (InvitationCode::generate(entropy).unwrap(), Identity::generate(entropy).unwrap());
    SealedInvitation::create(VAULT, InvitationId([3; 5]), &code, &identity, anchor, &[4; 32], entropy).unwrap()
}

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
    assert_eq!(VaultFile { mac: file.mac, ..read.clone() }, *file);
    assert_eq!((read.version(), read.slots[0].hint()), (3, Some(9)));
    assert_eq!(read.verify_with(key, anchor), Ok(()));
    assert_eq!(read.encode_with(key, anchor).as_ref(), Ok(bytes));
}

#[test]
fn another_key_or_anchor_proves_nothing() {
    let Sample { key, anchor, bytes, .. } = &*SAMPLE;
    let entropy = SeededEntropy::new(2);
    let other = VaultKey::generate(&entropy).unwrap();
    let read = VaultFile::decode(bytes).unwrap();
    assert_eq!(read.verify_with(&other.common(VAULT, 1), anchor), Err(VaultFileError::Forged));
    assert_eq!(read.encode_with(&other.common(VAULT, 1), anchor), Err(VaultFileError::Forged));
    assert_eq!(read.verify_with(key, &Anchor::generate(&entropy).unwrap()), Err(VaultFileError::Forged));
}

#[test]
fn everything_in_it_is_proven_as_a_whole() {
    let Sample { key, anchor, bytes, .. } = &*SAMPLE;
    let read = VaultFile::decode(bytes).unwrap();
    let changes: [fn(&mut VaultFile); 8] = [
        |file| file.slots.clear(),
        |file| file.slots[0].take_grants_away(),
        |file| file.slots[0].set_hint(8),
        |file| file.rings.clear(),
        |file| file.rings[0].0 = MemberId([3; 16]),
        |file| file.invitations.clear(),
        |file| file.log.push(0),
        |file| file.profile.clear(),
    ];
    for change in changes {
        let mut changed = read.clone();
        change(&mut changed);
        assert_eq!(changed.verify_with(key, anchor), Err(VaultFileError::Forged));
    }
}

#[test]
fn the_two_kinds_of_file_do_not_pass_for_each_other() {
    let Sample { file, anchor, .. } = &*SAMPLE;
    // The same bytes as the key of both.
    let (old, new) = (VaultKey::from(Key::copy_of(&[5; 32])), CommonKey::from(Key::copy_of(&[5; 32])));
    let (without, with) = (VaultFile::new(VAULT, 1, &old), VaultFile::found(VAULT, 1, &new));
    assert_eq!((without.version(), with.version()), (2, 3));
    assert_eq!(without.encode_with(&new, anchor), Err(VaultFileError::Forged));
    assert_eq!(with.encode(&old, anchor), Err(VaultFileError::Forged));
    assert_eq!(with.verify(&old, anchor), Err(VaultFileError::Forged));
    assert_eq!(without.verify_with(&new, anchor), Err(VaultFileError::Forged));
    // A file without members has no room for what only the others have.
    for full in [
        VaultFile { rings: file.rings.clone(), ..without.clone() },
        VaultFile { invitations: file.invitations.clone(), ..without.clone() },
        VaultFile { log: file.log.clone(), ..without.clone() },
    ] {
        assert_eq!(full.encode(&old, anchor), Err(VaultFileError::TooLarge));
    }
}

#[test]
fn an_older_version_in_its_place_proves_nothing() {
    let Sample { key, anchor, bytes, .. } = &*SAMPLE;
    let empty = VaultFile::found(VAULT, 1, key).encode_with(key, anchor).unwrap();
    for version in [1, 2] {
        for file in [bytes, &empty] {
            let mut older = file.clone();
            older[MAGIC.len()] = version;
            let read = VaultFile::decode(&mended(older));
            assert!(read.is_err() || read.is_ok_and(|file| file.verify_with(key, anchor).is_err()));
        }
    }
}

#[test]
fn each_member_has_one_ring() {
    let mut file = SAMPLE.file.clone();
    let other = MemberId([3; 16]);
    file.set_ring(other, Some(vec![1]));
    file.set_ring(MEMBER, Some(vec![2]));
    assert_eq!((file.ring(other), file.ring(MEMBER)), (Some(&[1][..]), Some(&[2][..])));
    file.set_ring(MEMBER, None);
    assert_eq!((file.ring(other), file.ring(MEMBER), file.rings.len()), (Some(&[1][..]), None, 1));
}

#[test]
fn caps_hold_when_writing() {
    let Sample { file, key, anchor, .. } = &*SAMPLE;
    let invitation = file.invitations[0].clone();
    let full = VaultFile {
        slots: vec![file.slots[0].clone(); MAX_SLOTS],
        rings: vec![(MEMBER, vec![0; 64 * 1024]); MAX_RINGS],
        invitations: vec![invitation.clone(); MAX_INVITATIONS],
        log: vec![0; MAX_LOG],
        profile: vec![0; MAX_PROFILE],
        ..file.clone()
    };
    let written = full.encode_with(key, anchor).unwrap();
    assert!(written.len() <= MAX_FILE && VaultFile::decode(&written).is_ok());
    let more: [fn(&mut VaultFile); 7] = [
        |file| file.slots.push(file.slots[0].clone()),
        |file| file.rings.push((MEMBER, vec![])),
        |file| file.rings[0].1 = vec![0; MAX_RING + 1],
        |file| file.invitations.push(file.invitations[0].clone()),
        |file| file.log.push(0),
        |file| file.profile.push(0),
        |file| file.rings[..32].iter_mut().for_each(|(_, ring)| *ring = vec![0; MAX_RING]),
    ];
    for add in more {
        let mut over = full.clone();
        add(&mut over);
        assert_eq!(over.encode_with(key, anchor), Err(VaultFileError::TooLarge));
    }
}

#[test]
fn lengths_that_lie_are_refused() {
    let Sample { file, key, anchor, .. } = &*SAMPLE;
    let bare = VaultFile { slots: vec![], invitations: vec![], ..file.clone() };
    let bytes = bare.encode_with(key, anchor).unwrap();
    let ring_len = bare.rings[0].1.len();
    let rings = SLOTS_AT + 4;
    let invitations = rings + 4 + 16 + 4 + ring_len;
    for (at, cap) in [
        (SLOTS_AT, MAX_SLOTS),
        (rings, MAX_RINGS),
        (rings + 4 + 16, MAX_RING),
        (invitations, MAX_INVITATIONS),
        (invitations + 4, MAX_LOG),
        (invitations + 4 + 4 + bare.log.len(), MAX_PROFILE),
    ] {
        let cap = u32::try_from(cap).unwrap();
        for lie in [cap, cap + 1, u32::MAX] {
            let mut hostile = bytes.clone();
            hostile[at..at + 4].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(VaultFile::decode(&mended(hostile)), Err(VaultFileError::Damaged), "{lie} at {at}");
        }
    }
    // Whole and within every other cap, but more than is read.
    let huge = VaultFile { rings: vec![(MEMBER, vec![0; MAX_RING]); 32], ..bare };
    let bytes = [&huge.body(VERSION)[..], &[0; 2 * DIGEST_LEN]].concat();
    assert_eq!(VaultFile::decode(&mended(bytes)), Err(VaultFileError::Damaged));
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
            let forged = VaultFile::decode(&mended(flipped)).and_then(|file| file.verify_with(key, anchor));
            prop_assert!(forged.is_err());
        }
    }

    #[test]
    fn nothing_makes_the_reader_panic(tail in proptest::collection::vec(any::<u8>(), 0..512), version in 1..4u8) {
        let bytes = [&MAGIC[..], &[version, 0], &[0; SLOTS_AT - 10], &tail, &[0; DIGEST_LEN]].concat();
        let _whatever = VaultFile::decode(&mended(bytes));
    }
}
