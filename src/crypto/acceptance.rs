//! An acceptance: the file in which somebody who was invited hands in a key slot of their own.
//!
//! `magic (8) ‖ version (u16) ‖ vault id (16) ‖ invitation id (5) ‖ slot (length u32, then bytes) ‖ signature ‖ checksum (32)`.
//! The checksum, plain BLAKE2b-256 of all before it, tells a torn file; the signature, made with the invitation's own
//! identity, tells that of somebody who had the code. Whether that was the right person, people find out by comparing
//! [`Acceptance::fingerprint`].

use super::hash::digest;
use super::sign::{BadSignature, SIGNATURE_LEN, SignError, Signature, SignatureContext};
use super::vault_file::WITH_MEMBERS;
use super::wire::{Reader, WireError, Writer};
use super::{Identity, PublicIdentity, Slot, fingerprint};
use crate::domain::{InvitationId, VaultId};
use crate::host::Entropy;

const MAGIC: &[u8; 8] = b"strongac";
const VERSION: u16 = 1;
const DIGEST_LEN: usize = 32;
/// Most bytes of such a file: no more need be read.
pub const MAX_ACCEPTANCE: usize = MAGIC.len() + 2 + 16 + 5 + 4 + Slot::MAX_LEN + SIGNATURE_LEN + DIGEST_LEN;

/// Why a file is no acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptanceError {
    /// It does not begin as one does.
    #[error("this is not the acceptance of an invitation")]
    NotOne,
    /// Written by a program that knows more.
    #[error("an acceptance of version {0}; this program knows version {VERSION}")]
    Version(u16),
    /// Torn or flipped: the bytes are not what was written.
    #[error("the acceptance is damaged")]
    Damaged,
}

/// What somebody handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The vault that they were invited to.
    pub vault: VaultId,
    /// The invitation.
    pub invitation: InvitationId,
    slot: Slot,
    signature: Signature,
}

impl Acceptance {
    /// Accepts `invitation` with `slot`, signed with the invitation's own `identity`.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn create(
        vault: VaultId,
        invitation: InvitationId,
        slot: Slot,
        identity: &Identity,
        entropy: &dyn Entropy,
    ) -> Result<Self, SignError> {
        let message = message(vault, invitation, &slot);
        let signature = identity.sign(SignatureContext::Acceptance, message.as_bytes(), entropy)?;
        Ok(Self { vault, invitation, slot, signature })
    }

    /// Whether it was signed with the identity that the membership log names for the invitation.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, invitation: &PublicIdentity) -> Result<(), BadSignature> {
        let message = message(self.vault, self.invitation, &self.slot);
        invitation.verify(SignatureContext::Acceptance, message.as_bytes(), &self.signature)
    }

    /// The key slot that was handed in. It counts once [`Acceptance::verify`] says so and the fingerprint was compared.
    pub fn slot(&self) -> &Slot {
        &self.slot
    }

    /// What the new member reads to whoever admits them: 80 bits over vault, invitation and the public keys of the slot.
    pub fn fingerprint(&self) -> String {
        let mut writer = Writer::new();
        writer.text("strongroom 2 fingerprint");
        writer.raw(&self.vault.0);
        writer.raw(&self.invitation.0);
        self.slot.public().write(&mut writer);
        fingerprint(&digest(writer.as_bytes()))
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::with_capacity(MAX_ACCEPTANCE);
        to.raw(MAGIC);
        to.u16(VERSION);
        to.raw(&self.vault.0);
        to.raw(&self.invitation.0);
        to.bytes(slot_bytes(&self.slot).as_bytes());
        self.signature.write(&mut to);
        to.raw(&digest(to.as_bytes()));
        to.as_bytes().to_vec()
    }

    /// Reads a file. Nothing in it is proven yet but that it is whole: see [`Acceptance::verify`].
    ///
    /// # Errors
    /// [`AcceptanceError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, AcceptanceError> {
        if !bytes.starts_with(MAGIC) {
            return Err(AcceptanceError::NotOne);
        }
        let (rest, checksum) = bytes.split_last_chunk().ok_or(AcceptanceError::Damaged)?;
        if bytes.len() > MAX_ACCEPTANCE || digest(rest) != *checksum {
            return Err(AcceptanceError::Damaged);
        }
        let mut from = Reader::new(rest);
        from.raw(MAGIC.len())?;
        match from.u16()? {
            VERSION => Ok(Self::read(from)?),
            other => Err(AcceptanceError::Version(other)),
        }
    }

    fn read(mut from: Reader<'_>) -> Result<Self, WireError> {
        let (vault, invitation) = (VaultId(from.array()?), InvitationId(from.array()?));
        let mut slot_from = Reader::new(from.bytes(Slot::MAX_LEN)?);
        let slot = Slot::read(&mut slot_from, WITH_MEMBERS)?;
        slot_from.finish()?;
        let signature = Signature::read(&mut from)?;
        from.finish().map(|()| Self { vault, invitation, slot, signature })
    }
}

impl From<WireError> for AcceptanceError {
    fn from(_: WireError) -> Self {
        AcceptanceError::Damaged
    }
}

fn slot_bytes(slot: &Slot) -> Writer {
    let mut writer = Writer::with_capacity(Slot::MAX_LEN);
    slot.write(&mut writer, WITH_MEMBERS);
    writer
}

fn message(vault: VaultId, invitation: InvitationId, slot: &Slot) -> Writer {
    let mut writer = Writer::new();
    writer.raw(&vault.0);
    writer.raw(&invitation.0);
    writer.bytes(slot_bytes(slot).as_bytes());
    writer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Anchor, KdfCost, PersonalKey, RecoveryKey, SlotSecret};
    use crate::domain::MemberId;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    const VAULT: VaultId = VaultId([1; 16]);
    const ID: InvitationId = InvitationId([2; 5]);

    struct Sample {
        /// The invitation's.
        identity: Identity,
        acceptance: Acceptance,
        bytes: Vec<u8>,
    }

    fn slot(entropy: &SeededEntropy) -> Slot {
        let recovery = RecoveryKey::generate(entropy).unwrap();
        let anchor = Anchor::generate(entropy).unwrap();
        let (member, secret) = (MemberId([3; 16]), SlotSecret::Recovery(&recovery));
        let mut slot = Slot::create(VAULT, member, secret, KdfCost::DEFAULT, &anchor, entropy).unwrap();
        slot.grant_personal(VAULT, &PersonalKey::generate(entropy).unwrap(), entropy).unwrap();
        slot.set_hint(4);
        slot
    }

    static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
        let entropy = SeededEntropy::new(1);
        let identity = Identity::generate(&entropy).unwrap();
        let acceptance = Acceptance::create(VAULT, ID, slot(&entropy), &identity, &entropy).unwrap();
        let bytes = acceptance.encode();
        Sample { identity, acceptance, bytes }
    });

    /// `bytes` with the checksum made right again, as anybody can.
    fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
        let end = bytes.len() - DIGEST_LEN;
        let checksum = digest(&bytes[..end]);
        bytes[end..].copy_from_slice(&checksum);
        bytes
    }

    #[test]
    fn is_read_back_and_proven() {
        let s = &*SAMPLE;
        let read = Acceptance::decode(&s.bytes).unwrap();
        assert_eq!(read, s.acceptance);
        assert_eq!(read.verify(s.identity.public()), Ok(()));
        assert_eq!((read.slot().hint(), read.encode()), (Some(4), s.bytes.clone()));
    }

    #[test]
    fn only_the_invitation_itself_can_have_signed_it() {
        let s = &*SAMPLE;
        let other = Identity::generate(&SeededEntropy::new(2)).unwrap();
        assert_eq!(s.acceptance.verify(other.public()), Err(BadSignature));
    }

    #[test]
    fn the_signature_knows_vault_invitation_and_slot() {
        let s = &*SAMPLE;
        let mut regranted = s.acceptance.slot.clone();
        regranted.take_grants_away();
        for changed in [
            Acceptance { vault: VaultId([2; 16]), ..s.acceptance.clone() },
            Acceptance { invitation: InvitationId([3; 5]), ..s.acceptance.clone() },
            Acceptance { slot: slot(&SeededEntropy::new(3)), ..s.acceptance.clone() },
            Acceptance { slot: regranted, ..s.acceptance.clone() },
        ] {
            assert_eq!(changed.verify(s.identity.public()), Err(BadSignature));
        }
    }

    #[test]
    fn the_fingerprint_is_of_vault_invitation_and_keys() {
        let s = &*SAMPLE;
        let print = s.acceptance.fingerprint();
        assert_eq!(print.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
        for other in [
            Acceptance { vault: VaultId([2; 16]), ..s.acceptance.clone() },
            Acceptance { invitation: InvitationId([3; 5]), ..s.acceptance.clone() },
            Acceptance { slot: slot(&SeededEntropy::new(3)), ..s.acceptance.clone() },
        ] {
            assert_ne!(other.fingerprint(), print);
        }
    }

    #[test]
    fn other_files_and_newer_ones_are_told_apart() {
        assert_eq!(Acceptance::decode(b""), Err(AcceptanceError::NotOne));
        assert_eq!(Acceptance::decode(b"strongrm and more"), Err(AcceptanceError::NotOne));
        assert_eq!(Acceptance::decode(MAGIC), Err(AcceptanceError::Damaged));
        let mut newer = SAMPLE.bytes.clone();
        newer[8] = 2;
        assert_eq!(Acceptance::decode(&newer), Err(AcceptanceError::Damaged));
        assert_eq!(Acceptance::decode(&mended(newer)), Err(AcceptanceError::Version(2)));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let at = MAGIC.len() + 2 + 16 + 5;
        let len = u32::from_le_bytes(SAMPLE.bytes[at..at + 4].try_into().unwrap());
        for lie in [0, len - 1, len + 1, u32::MAX] {
            let mut bytes = SAMPLE.bytes.clone();
            bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
            assert_eq!(Acceptance::decode(&mended(bytes)), Err(AcceptanceError::Damaged), "{lie}");
        }
        let longer = [&SAMPLE.bytes[..], &[0]].concat();
        assert_eq!(Acceptance::decode(&mended(longer)), Err(AcceptanceError::Damaged));
        let huge = [&MAGIC[..], &vec![0; MAX_ACCEPTANCE]].concat();
        assert_eq!(Acceptance::decode(&mended(huge)), Err(AcceptanceError::Damaged));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_noticed(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let s = &*SAMPLE;
            let at = at.index(s.bytes.len());
            prop_assert!(Acceptance::decode(&s.bytes[..at]).is_err());
            let mut flipped = s.bytes.clone();
            flipped[at] ^= 1 << bit;
            prop_assert!(Acceptance::decode(&flipped).is_err());
            if at < s.bytes.len() - DIGEST_LEN {
                let read = Acceptance::decode(&mended(flipped));
                prop_assert!(read.is_err() || read.is_ok_and(|read| read.verify(s.identity.public()).is_err()));
            }
        }
    }
}
