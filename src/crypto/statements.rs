//! Signed statements about records: each is a leaf, and one signature proves a batch of them, so that an edit costs as many
//! signatures as an import of 10,000.
//!
//! A batch is `version (u16) ‖ slot id (5) ‖ epoch (u64) ‖ leaves (count u32, then 32 bytes each) ‖ signature`. Signed is
//! `vault id ‖ epoch ‖ slot id ‖ digest of the leaves`.

use super::hash::digest;
use super::sign::{BadSignature, SignError, Signature, SignatureContext};
use super::wire::{Reader, WireError, Writer};
use super::{Identity, PublicIdentity};
use crate::domain::{SecretId, SlotId, VaultId};
use crate::host::Entropy;

const VERSION: u16 = 1;
const LEAF_LEN: usize = 32;
/// Most statements in a batch.
pub const MAX_LEAVES: usize = 200_000;

/// The leaf of what a member states in `block` about the secret `id` of `vault`; `what` says which block it is. Whoever
/// guesses the block can see from the leaf that it is right: it must have something in it that nobody can guess.
pub fn statement(vault: VaultId, what: u8, epoch: u64, id: SecretId, block: &[u8]) -> [u8; LEAF_LEN] {
    let mut writer = Writer::with_capacity(128 + block.len());
    writer.text("strongroom 2 statement");
    writer.raw(&vault.0);
    writer.u8(what);
    writer.u64(epoch);
    writer.raw(&id.0);
    writer.bytes(block);
    digest(writer.as_bytes())
}

/// Why there is no batch.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// More than [`MAX_LEAVES`].
    #[error("{0} statements are too many to be signed together")]
    TooMany(usize),
    /// Nothing was signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Written by a program that knows more.
    #[error("signed statements of version {0}; this program knows version {VERSION}")]
    Version(u16),
    /// Not what was written.
    #[error("the signed statements are damaged: {0}")]
    Damaged(#[from] WireError),
}

/// Statements that one member signed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The key slot whose identity signed it.
    pub slot: SlotId,
    /// The epoch in which it was signed.
    pub epoch: u64,
    /// What is stated.
    pub leaves: Vec<[u8; LEAF_LEN]>,
    signature: Signature,
}

impl Batch {
    /// Signs `leaves` with the identity of `slot`.
    ///
    /// # Errors
    /// [`BatchError::TooMany`], [`BatchError::Sign`].
    pub fn sign(
        vault: VaultId,
        epoch: u64,
        slot: SlotId,
        leaves: Vec<[u8; LEAF_LEN]>,
        identity: &Identity,
        entropy: &dyn Entropy,
    ) -> Result<Self, BatchError> {
        if leaves.len() > MAX_LEAVES {
            return Err(BatchError::TooMany(leaves.len()));
        }
        let message = message(vault, epoch, slot, &leaves);
        let signature = identity.sign(SignatureContext::Statements, message.as_bytes(), entropy)?;
        Ok(Self { slot, epoch, leaves, signature })
    }

    /// Whether `signer`, the identity of its slot, signed all that it says. Whether its member might state that, the
    /// membership log says.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, vault: VaultId, signer: &PublicIdentity) -> Result<(), BadSignature> {
        let message = message(vault, self.epoch, self.slot, &self.leaves);
        signer.verify(SignatureContext::Statements, message.as_bytes(), &self.signature)
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.u16(VERSION);
        to.raw(&self.slot.0);
        to.u64(self.epoch);
        to.count(self.leaves.len());
        to.raw(self.leaves.as_flattened());
        self.signature.write(&mut to);
        to.as_bytes().to_vec()
    }

    /// Reads what [`Batch::encode`] gave. Nothing in it is proven yet: see [`Batch::verify`].
    ///
    /// # Errors
    /// [`BatchError::Version`], [`BatchError::Damaged`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BatchError> {
        let mut from = Reader::new(bytes);
        match from.u16()? {
            VERSION => Ok(Self::read(from)?),
            other => Err(BatchError::Version(other)),
        }
    }

    fn read(mut from: Reader<'_>) -> Result<Self, WireError> {
        let (slot, epoch) = (SlotId(from.array()?), from.u64()?);
        let count = from.count(MAX_LEAVES, LEAF_LEN)?;
        let leaves = (0..count).map(|_| from.array()).collect::<Result<_, _>>()?;
        let signature = Signature::read(&mut from)?;
        from.finish().map(|()| Self { slot, epoch, leaves, signature })
    }
}

fn message(vault: VaultId, epoch: u64, slot: SlotId, leaves: &[[u8; LEAF_LEN]]) -> Writer {
    let mut writer = Writer::new();
    writer.raw(&vault.0);
    writer.u64(epoch);
    writer.raw(&slot.0);
    writer.raw(&digest(leaves.as_flattened()));
    writer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SIGNATURE_LEN;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    const VAULT: VaultId = VaultId([1; 16]);
    const SLOT: SlotId = SlotId([2; 5]);
    const ID: SecretId = SecretId([3; 16]);

    static SAMPLE: LazyLock<(Identity, Batch)> = LazyLock::new(|| {
        let entropy = SeededEntropy::new(1);
        let identity = Identity::generate(&entropy).unwrap();
        let leaves = [b"one", b"two"].map(|block| statement(VAULT, 1, 4, ID, block)).to_vec();
        let batch = Batch::sign(VAULT, 4, SLOT, leaves, &identity, &entropy).unwrap();
        (identity, batch)
    });

    #[test]
    fn is_read_back_and_proven() {
        let (identity, batch) = &*SAMPLE;
        let read = Batch::decode(&batch.encode()).unwrap();
        assert_eq!(&read, batch);
        assert_eq!(read.verify(VAULT, identity.public()), Ok(()));
    }

    #[test]
    fn the_signature_knows_vault_epoch_slot_signer_and_every_leaf_in_order() {
        let (identity, batch) = &*SAMPLE;
        let other = Identity::generate(&SeededEntropy::new(2)).unwrap();
        assert_eq!(batch.verify(VAULT, other.public()), Err(BadSignature));
        assert_eq!(batch.verify(VaultId([2; 16]), identity.public()), Err(BadSignature));
        let [one, two] = batch.leaves[..] else { panic!() };
        for changed in [
            Batch { epoch: 5, ..batch.clone() },
            Batch { slot: SlotId([3; 5]), ..batch.clone() },
            Batch { leaves: vec![one], ..batch.clone() },
            Batch { leaves: vec![two, one], ..batch.clone() },
            Batch { leaves: vec![one, two, one], ..batch.clone() },
            Batch { leaves: vec![], ..batch.clone() },
        ] {
            assert_eq!(changed.verify(VAULT, identity.public()), Err(BadSignature), "{changed:?}");
        }
    }

    #[test]
    fn a_signature_over_something_else_is_no_batch() {
        let (identity, batch) = &*SAMPLE;
        let message = message(VAULT, 4, SLOT, &batch.leaves);
        for context in [SignatureContext::Membership, SignatureContext::Acceptance] {
            let signature = identity.sign(context, message.as_bytes(), &SeededEntropy::new(3)).unwrap();
            let moved = Batch { signature, ..batch.clone() };
            assert_eq!(moved.verify(VAULT, identity.public()), Err(BadSignature));
        }
    }

    #[test]
    fn every_part_of_a_statement_is_in_its_leaf() {
        let leaf = statement(VAULT, 1, 4, ID, b"block");
        assert_eq!(leaf, statement(VAULT, 1, 4, ID, b"block"));
        for other in [
            statement(VaultId([2; 16]), 1, 4, ID, b"block"),
            statement(VAULT, 2, 4, ID, b"block"),
            statement(VAULT, 1, 5, ID, b"block"),
            statement(VAULT, 1, 4, SecretId([4; 16]), b"block"),
            statement(VAULT, 1, 4, ID, b"blocks"),
            statement(VAULT, 1, 4, ID, b""),
        ] {
            assert_ne!(leaf, other);
        }
    }

    #[test]
    fn counts_that_lie_and_too_many_leaves_are_refused() {
        let (identity, batch) = &*SAMPLE;
        let good = batch.encode();
        for lie in [0, 1, 3, u32::try_from(MAX_LEAVES).unwrap(), u32::MAX] {
            let mut bytes = good.clone();
            bytes[15..19].copy_from_slice(&lie.to_le_bytes());
            assert!(matches!(Batch::decode(&bytes), Err(BatchError::Damaged(_))), "{lie}");
        }
        let mut full = Batch { leaves: vec![[0; LEAF_LEN]; MAX_LEAVES], ..batch.clone() };
        assert_eq!(full.encode().len(), 19 + MAX_LEAVES * LEAF_LEN + SIGNATURE_LEN);
        assert!(Batch::decode(&full.encode()).is_ok());
        full.leaves.push([0; LEAF_LEN]);
        assert!(matches!(Batch::decode(&full.encode()), Err(BatchError::Damaged(WireError::TooLong))));
        let refused = Batch::sign(VAULT, 4, SLOT, full.leaves, identity, &SeededEntropy::new(3));
        assert!(matches!(refused, Err(BatchError::TooMany(_))));
    }

    #[test]
    fn a_newer_version_is_named() {
        let mut bytes = SAMPLE.1.encode();
        bytes[0] = 2;
        assert!(matches!(Batch::decode(&bytes), Err(BatchError::Version(2))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let (identity, batch) = &*SAMPLE;
            let mut bytes = batch.encode();
            let at = at.index(bytes.len());
            prop_assert!(Batch::decode(&bytes[..at]).is_err());
            bytes[at] ^= 1 << bit;
            let read = Batch::decode(&bytes);
            prop_assert!(read.is_err() || read.is_ok_and(|read| read.verify(VAULT, identity.public()).is_err()));
        }
    }
}
