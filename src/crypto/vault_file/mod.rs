//! `vault.header`: the small file beside the store that says who can open it.
//!
//! `magic (8) ‖ version (u16) ‖ vault id (16) ‖ epoch (u64) ‖ commitment (32) ‖ slots (count u32, then each) ‖` in version 3:
//! `rings (count u32, each member id (16) ‖ length u32 ‖ bytes) ‖ invitations (count u32, then each) ‖ sealed membership
//! log (length u32, then bytes) ‖` in all: `sealed profile (length u32, then bytes) ‖ MAC (32) ‖ checksum (32)`.
//!
//! The MAC is keyed with the [`Anchor`] and a key of the epoch, and covers all before it: the vault key in versions 1 and 2,
//! in version 3 the [`CommonKey`], which every member has. It protects against strangers and against nobody else: the file
//! is what any member may write. That a slot is its member's, and what that member is and may do, the membership log proves,
//! which is signed; what a ring holds proves itself, for it opens nothing that it should not.
//!
//! The checksum is plain BLAKE2b-256 over all before it, MAC included. In every version to
//! come the file begins with magic and version and ends with that checksum, so a torn file is
//! told from one that is too new, and neither is taken for a wrong passphrase.

#[cfg(test)]
mod members_tests;
#[cfg(test)]
mod tests;

use orion::util::secure_cmp;

use super::hash::{digest, keyed};
use super::wire::{Reader, WireError, Writer};
use super::{Anchor, CommonKey, Key, SealedInvitation, Slot, SlotKind, VaultKey};
use crate::domain::{MemberId, VaultId};

/// The newest version, which vaults with members have. In version 1 there were no machine slots, in 1 and 2 no members but
/// one: no rings, invitations and log.
pub const VERSION: u16 = WITH_MEMBERS;
/// The first version with members.
pub(super) const WITH_MEMBERS: u16 = 3;
/// The version of a vault without, as it is written.
const WITHOUT_MEMBERS: u16 = 2;
/// The oldest version that is read.
const OLDEST: u16 = 1;
/// Most slots in a file.
pub const MAX_SLOTS: usize = 256;
/// Most rings in a file: no more Members than slots.
pub const MAX_RINGS: usize = MAX_SLOTS;
/// Most bytes of a ring: the fullest has room.
pub const MAX_RING: usize = 1024 * 1024;
/// Most invitations in a file.
pub const MAX_INVITATIONS: usize = 64;
/// Most bytes of the sealed membership log.
pub const MAX_LOG: usize = 8 * 1024 * 1024;
/// Most bytes of the sealed profile.
pub const MAX_PROFILE: usize = 256 * 1024;
/// Most bytes of the whole file: no more need be read.
pub const MAX_FILE: usize = 32 * 1024 * 1024;

const MAGIC: &[u8; 8] = b"strongrm";
const DIGEST_LEN: usize = 32;

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
    /// More than a file of its version can hold.
    #[error("the vault header holds at most {MAX_SLOTS} key slots, {MAX_INVITATIONS} invitations and {MAX_FILE} bytes")]
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
    /// The sealed [`Ring`](super::Ring) of each Member who has one.
    pub rings: Vec<(MemberId, Vec<u8>)>,
    /// The invitations that can still be accepted or admitted.
    pub invitations: Vec<SealedInvitation>,
    /// The membership log, sealed with the subkey `log`.
    pub log: Vec<u8>,
    /// The names of the organization and its members, sealed with the subkey `profile`.
    pub profile: Vec<u8>,
    /// The version that it was read as: the MAC covers it.
    version: u16,
    mac: [u8; DIGEST_LEN],
}

impl VaultFile {
    /// The header of `epoch` of `vault`, a vault without members whose key is `key`; with no slot and no profile yet.
    pub fn new(vault: VaultId, epoch: u64, key: &VaultKey) -> Self {
        Self::empty(vault, epoch, key.commitment(vault, epoch), WITHOUT_MEMBERS)
    }

    /// The header of `epoch` of `vault`, a vault with members whose common key is `key`; with nothing in it yet.
    pub fn found(vault: VaultId, epoch: u64, key: &CommonKey) -> Self {
        Self::empty(vault, epoch, key.commitment(vault, epoch), WITH_MEMBERS)
    }

    /// The version that it was read as, or begun as.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The sealed ring of `member`, when there is one.
    pub fn ring(&self, member: MemberId) -> Option<&[u8]> {
        self.rings.iter().find(|(of, _)| *of == member).map(|(_, sealed)| &sealed[..])
    }

    /// Puts `sealed` in the place of the ring of `member`; `None` takes it out.
    pub fn set_ring(&mut self, member: MemberId, sealed: Option<Vec<u8>>) {
        self.rings.retain(|(of, _)| *of != member);
        self.rings.extend(sealed.map(|sealed| (member, sealed)));
    }

    /// The bytes of the file of a vault without members, of version 2 also when it was read as 1, with a fresh MAC under
    /// `key` and `anchor`.
    ///
    /// # Errors
    /// [`VaultFileError::TooLarge`], also when there is something in it that only vaults with members have;
    /// [`VaultFileError::Forged`] when `key` is not the one committed to.
    pub fn encode(&self, key: &VaultKey, anchor: &Anchor) -> Result<Vec<u8>, VaultFileError> {
        self.written(WITHOUT_MEMBERS, &self.mac_key(key, anchor)?)
    }

    /// The bytes of the file of a vault with members, of version [`VERSION`], with a fresh MAC under `key` and `anchor`. A
    /// slot that has a grant of an older version alone has none in it.
    ///
    /// # Errors
    /// [`VaultFileError::TooLarge`]; [`VaultFileError::Forged`] when `key` is not the one committed to.
    pub fn encode_with(&self, key: &CommonKey, anchor: &Anchor) -> Result<Vec<u8>, VaultFileError> {
        self.written(VERSION, &self.mac_key_of_members(key, anchor)?)
    }

    /// Reads a file. Nothing in it is proven yet but that it is whole: see [`VaultFile::verify`] and
    /// [`VaultFile::verify_with`].
    ///
    /// # Errors
    /// [`VaultFileError::NotAVault`], [`VaultFileError::Damaged`], [`VaultFileError::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self, VaultFileError> {
        if !bytes.starts_with(MAGIC) {
            return Err(VaultFileError::NotAVault);
        }
        let (rest, checksum) = bytes.split_last_chunk().ok_or(VaultFileError::Damaged)?;
        if bytes.len() > MAX_FILE || digest(rest) != *checksum {
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

    /// Proves, once a slot of a vault without members is open, that `key` is the key that the file commits to, and that
    /// somebody who had it and `anchor` wrote all that [`VaultFile::decode`] read. Fails after a change to a field.
    ///
    /// # Errors
    /// [`VaultFileError::Forged`].
    pub fn verify(&self, key: &VaultKey, anchor: &Anchor) -> Result<(), VaultFileError> {
        self.check_mac(self.version < WITH_MEMBERS, &self.mac_key(key, anchor)?)
    }

    /// Proves, once a slot of a vault with members is open, that `key` is the key that the file commits to, and that somebody
    /// who had it and `anchor` wrote all that [`VaultFile::decode`] read: any member. Fails after a change to a field.
    ///
    /// # Errors
    /// [`VaultFileError::Forged`].
    pub fn verify_with(&self, key: &CommonKey, anchor: &Anchor) -> Result<(), VaultFileError> {
        self.check_mac(self.version >= WITH_MEMBERS, &self.mac_key_of_members(key, anchor)?)
    }

    fn empty(vault: VaultId, epoch: u64, commitment: [u8; DIGEST_LEN], version: u16) -> Self {
        let (slots, rings, invitations) = (Vec::new(), Vec::new(), Vec::new());
        let (log, profile, mac) = (Vec::new(), Vec::new(), [0; DIGEST_LEN]);
        Self { vault, epoch, commitment, slots, rings, invitations, log, profile, version, mac }
    }

    /// No version has slots that came later.
    fn check_slots(&self) -> Result<(), VaultFileError> {
        let has_machines = self.slots.iter().any(|slot| slot.kind() == SlotKind::Machine);
        if self.version < 2 && has_machines { Err(VaultFileError::Damaged) } else { Ok(()) }
    }

    /// The key of the MAC in a vault without members, when `key` is the one that the file commits to.
    fn mac_key(&self, key: &VaultKey, anchor: &Anchor) -> Result<Key, VaultFileError> {
        let checked = key.check_commitment(self.vault, self.epoch, &self.commitment);
        checked.map(|()| anchor.mac_key(self.vault, self.epoch, key)).map_err(|_| VaultFileError::Forged)
    }

    /// The same in a vault with members.
    fn mac_key_of_members(&self, key: &CommonKey, anchor: &Anchor) -> Result<Key, VaultFileError> {
        let checked = key.check_commitment(self.vault, self.epoch, &self.commitment);
        checked.map(|()| anchor.mac_key_of_members(self.vault, self.epoch, key)).map_err(|_| VaultFileError::Forged)
    }

    fn check_mac(&self, of_this_kind: bool, mac_key: &Key) -> Result<(), VaultFileError> {
        let mac = keyed(mac_key, "strongroom 1 mac", &[&self.body(self.version)]);
        if of_this_kind && secure_cmp(&mac, &self.mac).is_ok() { Ok(()) } else { Err(VaultFileError::Forged) }
    }

    fn written(&self, version: u16, mac_key: &Key) -> Result<Vec<u8>, VaultFileError> {
        if !self.has_room(version) {
            return Err(VaultFileError::TooLarge);
        }
        let mut body = self.body(version);
        body.extend_from_slice(&keyed(mac_key, "strongroom 1 mac", &[&body]));
        body.extend_from_slice(&digest(&body));
        if body.len() > MAX_FILE { Err(VaultFileError::TooLarge) } else { Ok(body) }
    }

    /// Whether everything in it fits into a file of `version`.
    fn has_room(&self, version: u16) -> bool {
        let of_members = self.rings.len() + self.invitations.len() + self.log.len();
        (version >= WITH_MEMBERS || of_members == 0)
            && self.slots.len() <= MAX_SLOTS
            && self.rings.len() <= MAX_RINGS
            && self.rings.iter().all(|(_, sealed)| sealed.len() <= MAX_RING)
            && self.invitations.len() <= MAX_INVITATIONS
            && self.log.len() <= MAX_LOG
            && self.profile.len() <= MAX_PROFILE
    }

    /// No body is longer.
    fn room(&self) -> usize {
        let rings: usize = self.rings.iter().map(|(_, sealed)| 16 + 4 + sealed.len()).sum();
        let (slots, invitations) = (self.slots.len() * Slot::MAX_LEN, self.invitations.len() * SealedInvitation::LEN);
        128 + slots + rings + invitations + self.log.len() + self.profile.len()
    }

    fn body(&self, version: u16) -> Vec<u8> {
        // Reserved in full: the writer wipes each buffer that it outgrows.
        let mut to = Writer::with_capacity(self.room());
        to.raw(MAGIC);
        to.u16(version);
        to.raw(&self.vault.0);
        to.u64(self.epoch);
        to.raw(&self.commitment);
        to.count(self.slots.len());
        self.slots.iter().for_each(|slot| slot.write(&mut to, version));
        if version >= WITH_MEMBERS {
            self.write_members(&mut to);
        }
        to.bytes(&self.profile);
        to.as_bytes().to_vec()
    }

    fn write_members(&self, to: &mut Writer) {
        to.count(self.rings.len());
        for (member, sealed) in &self.rings {
            to.raw(&member.0);
            to.bytes(sealed);
        }
        to.count(self.invitations.len());
        self.invitations.iter().for_each(|invitation| invitation.write(to));
        to.bytes(&self.log);
    }

    fn read(version: u16, from: &mut Reader<'_>) -> Result<Self, WireError> {
        let (vault, epoch, commitment) = (VaultId(from.array()?), from.u64()?, from.array()?);
        let mut file = Self::empty(vault, epoch, commitment, version);
        let count = from.count(MAX_SLOTS, Slot::MIN_LEN)?;
        file.slots = (0..count).map(|_| Slot::read(from, version)).collect::<Result<_, _>>()?;
        if version >= WITH_MEMBERS {
            file.read_members(from)?;
        }
        file.profile = from.bytes(MAX_PROFILE)?.to_vec();
        file.mac = from.array()?;
        Ok(file)
    }

    fn read_members(&mut self, from: &mut Reader<'_>) -> Result<(), WireError> {
        let count = from.count(MAX_RINGS, 16 + 4)?;
        let mut ring = || Ok((MemberId(from.array()?), from.bytes(MAX_RING)?.to_vec()));
        self.rings = (0..count).map(|_| ring()).collect::<Result<_, _>>()?;
        let count = from.count(MAX_INVITATIONS, SealedInvitation::LEN)?;
        self.invitations = (0..count).map(|_| SealedInvitation::read(from)).collect::<Result<_, _>>()?;
        self.log = from.bytes(MAX_LOG)?.to_vec();
        Ok(())
    }
}

impl From<WireError> for VaultFileError {
    fn from(_: WireError) -> Self {
        VaultFileError::Damaged
    }
}
