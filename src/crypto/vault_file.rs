//! `vault.header`: the small file beside the store that says who can open it.
//!
//! `magic (8) ‖ version (u16) ‖ vault id (16) ‖ epoch (u64) ‖ commitment (32) ‖ slots (count u32, then each) ‖
//! sealed profile (length u32, then bytes) ‖ MAC (32) ‖ checksum (32)`. The MAC is keyed with the
//! vault key and the [`Anchor`], and covers all before it. The checksum is plain BLAKE2b-256 over all before it, MAC included. In every version to
//! come the file begins with magic and version and ends with that checksum, so a torn file is
//! told from one that is too new, and neither is taken for a wrong passphrase.

use orion::util::secure_cmp;

use super::hash::{digest, keyed};
use super::wire::{Reader, WireError, Writer};
use super::{Anchor, Slot, SlotKind, VaultKey};
use crate::domain::VaultId;

/// The version that this program writes. In version 1 there were no machine slots; all else is the same.
pub const VERSION: u16 = 2;
/// The oldest version that it reads.
const OLDEST: u16 = 1;
/// Most slots in a file.
pub const MAX_SLOTS: usize = 64;
/// Most bytes of the sealed profile.
pub const MAX_PROFILE: usize = 64 * 1024;
/// Most bytes of the whole file: no more need be read.
pub const MAX_FILE: usize = FIXED_LEN + MAX_SLOTS * Slot::MAX_LEN + MAX_PROFILE;

const MAGIC: &[u8; 8] = b"strongrm";
const DIGEST_LEN: usize = 32;
const FIXED_LEN: usize = MAGIC.len() + 2 + 16 + 8 + DIGEST_LEN + 4 + 4 + 2 * DIGEST_LEN;

/// Why a header file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultFileError {
    /// It does not begin as a header file does.
    #[error("this is not a vault header")]
    NotAVault,
    /// Written by a program that knows more.
    #[error("the vault has format version {found}; this program knows version {known}")]
    UnknownVersion {
        /// The version of the file.
        found: u16,
        /// The version of this program.
        known: u16,
    },
    /// Torn or flipped: the bytes are not what was written.
    #[error("the vault header is damaged")]
    Damaged,
    /// Written by somebody who never opened this vault, or with another key than the one it commits to.
    #[error("the vault header was written by somebody who cannot open this vault")]
    Forged,
    /// More slots or a larger profile than the file can hold.
    #[error("the vault header holds at most {MAX_SLOTS} key slots and {MAX_PROFILE} bytes of profile")]
    TooLarge,
}

/// What `vault.header` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultFile {
    /// The vault.
    pub vault: VaultId,
    /// The epoch of its key, from 1 on.
    pub epoch: u64,
    /// The commitment to that key.
    pub commitment: [u8; 32],
    /// The ways in.
    pub slots: Vec<Slot>,
    /// The names of the organization and its members, sealed with the subkey `profile`.
    pub profile: Vec<u8>,
    /// The version that it was read as: the MAC covers it.
    version: u16,
    mac: [u8; DIGEST_LEN],
}

impl VaultFile {
    /// The header of `epoch` of `vault`, whose key is `key`, with no slot and no profile yet.
    pub fn new(vault: VaultId, epoch: u64, key: &VaultKey) -> Self {
        let commitment = key.commitment(vault, epoch);
        let (slots, profile) = (Vec::new(), Vec::new());
        Self { vault, epoch, commitment, slots, profile, version: VERSION, mac: [0; DIGEST_LEN] }
    }

    /// The bytes of the file, of version [`VERSION`] whatever it was read as, with a fresh MAC under `key` and `anchor`.
    ///
    /// # Errors
    /// [`VaultFileError::TooLarge`]; [`VaultFileError::Forged`] when `key` is not the one committed to.
    pub fn encode(&self, key: &VaultKey, anchor: &Anchor) -> Result<Vec<u8>, VaultFileError> {
        if self.slots.len() > MAX_SLOTS || self.profile.len() > MAX_PROFILE {
            return Err(VaultFileError::TooLarge);
        }
        self.check_commitment(key)?;
        let mut body = self.body(VERSION);
        body.extend_from_slice(&self.mac_of(&body, key, anchor));
        body.extend_from_slice(&digest(&body));
        Ok(body)
    }

    /// Reads a file. Nothing in it is proven yet but that it is whole: see [`VaultFile::verify`].
    ///
    /// # Errors
    /// [`VaultFileError::NotAVault`], [`VaultFileError::Damaged`], [`VaultFileError::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, VaultFileError> {
        if !bytes.starts_with(MAGIC) {
            return Err(VaultFileError::NotAVault);
        }
        let (rest, checksum) = bytes.split_last_chunk().ok_or(VaultFileError::Damaged)?;
        if digest(rest) != *checksum {
            return Err(VaultFileError::Damaged);
        }
        let mut reader = Reader::new(&rest[MAGIC.len()..]);
        let found = reader.u16()?;
        if !(OLDEST..=VERSION).contains(&found) {
            return Err(VaultFileError::UnknownVersion { found, known: VERSION });
        }
        let file = Self::read(found, &mut reader)?;
        reader.finish()?;
        file.check_slots()?;
        Ok(file)
    }

    /// Proves, once a slot is open, that `key` is the key that the file commits to, and that somebody who had it and
    /// `anchor` wrote all that [`VaultFile::decode`] read. Fails after a change to a field.
    ///
    /// # Errors
    /// [`VaultFileError::Forged`].
    pub fn verify(&self, key: &VaultKey, anchor: &Anchor) -> Result<(), VaultFileError> {
        self.check_commitment(key)?;
        let mac = self.mac_of(&self.body(self.version), key, anchor);
        secure_cmp(&mac, &self.mac).map_err(|_| VaultFileError::Forged)
    }

    /// No version has slots that came later.
    fn check_slots(&self) -> Result<(), VaultFileError> {
        let has_machines = self.slots.iter().any(|slot| slot.kind() == SlotKind::Machine);
        if self.version < 2 && has_machines { Err(VaultFileError::Damaged) } else { Ok(()) }
    }

    fn check_commitment(&self, key: &VaultKey) -> Result<(), VaultFileError> {
        key.check_commitment(self.vault, self.epoch, &self.commitment).map_err(|_| VaultFileError::Forged)
    }

    fn mac_of(&self, body: &[u8], key: &VaultKey, anchor: &Anchor) -> [u8; DIGEST_LEN] {
        keyed(&anchor.mac_key(self.vault, self.epoch, key), "strongroom 1 mac", &[body])
    }

    fn body(&self, version: u16) -> Vec<u8> {
        let mut to = Writer::with_capacity(FIXED_LEN + self.slots.len() * Slot::MAX_LEN + self.profile.len());
        to.raw(MAGIC);
        to.u16(version);
        to.raw(&self.vault.0);
        to.u64(self.epoch);
        to.raw(&self.commitment);
        to.count(self.slots.len());
        self.slots.iter().for_each(|slot| slot.write(&mut to));
        to.bytes(&self.profile);
        to.as_bytes().to_vec()
    }

    fn read(version: u16, from: &mut Reader<'_>) -> Result<Self, WireError> {
        let (vault, epoch, commitment) = (VaultId(from.array()?), from.u64()?, from.array()?);
        let count = from.count(MAX_SLOTS, Slot::MIN_LEN)?;
        let slots = (0..count).map(|_| Slot::read(from)).collect::<Result<_, _>>()?;
        let profile = from.bytes(MAX_PROFILE)?.to_vec();
        Ok(Self { vault, epoch, commitment, slots, profile, version, mac: from.array()? })
    }
}

impl From<WireError> for VaultFileError {
    fn from(_: WireError) -> Self {
        VaultFileError::Damaged
    }
}

#[cfg(test)]
mod tests {
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
        bytes[MAGIC.len()] = 3;
        assert_eq!(VaultFile::decode(&bytes), Err(VaultFileError::Damaged));
        assert_eq!(VaultFile::decode(&mended(bytes)), Err(VaultFileError::UnknownVersion { found: 3, known: VERSION }));
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
        assert_eq!(read.encode(key, anchor).as_ref(), Ok(bytes), "what is written anew is of today's version");
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
}
