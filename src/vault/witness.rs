//! What this machine remembers of a vault: the state in which it saw it last.
//!
//! It lies outside the vault, so that an older store put back is noticed. It is not keyed: it
//! must be readable across epochs, and who can write it can as well remove it. A checksum tells a torn one.

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Manifest, digest};
use crate::domain::VaultId;

const MAGIC: &[u8; 8] = b"strongwt";
const VERSION: u8 = 1;
/// Bytes of a written witness.
pub(super) const LEN: usize = 8 + 1 + 16 + 8 + 8 + 32 + 32;

/// The last state seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// How often the store had been changed.
    pub generation: u64,
    /// How many records there were.
    pub records: u64,
    /// The set hash over all of them.
    pub set: [u8; 32],
}

impl Witness {
    /// The witness of the state that `manifest` describes.
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self { generation: manifest.generation, records: manifest.records, set: manifest.set }
    }

    /// Whether `manifest` describes a state before the one witnessed, or another one in its place.
    pub(super) fn contradicts(&self, manifest: &Manifest) -> bool {
        manifest.generation < self.generation || (manifest.generation == self.generation && manifest.set != self.set)
    }

    /// The bytes of the file, about `vault`.
    pub(super) fn encode(&self, vault: VaultId) -> Vec<u8> {
        let mut to = Writer::with_capacity(LEN);
        to.raw(MAGIC);
        to.u8(VERSION);
        to.raw(&vault.0);
        to.u64(self.generation);
        to.u64(self.records);
        to.raw(&self.set);
        let mut bytes = to.as_bytes().to_vec();
        bytes.extend_from_slice(&digest(&bytes));
        bytes
    }

    /// The witness in `bytes`, if they are whole, of this version and about `vault`.
    pub(super) fn decode(vault: VaultId, bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk()?;
        let mut from = Reader::new(body.strip_prefix(MAGIC)?);
        let read = |from: &mut Reader<'_>| -> Result<_, WireError> {
            let about = (from.u8()?, from.array()?);
            Ok((about, Self { generation: from.u64()?, records: from.u64()?, set: from.array()? }))
        };
        let (about, witness) = read(&mut from).ok()?;
        (digest(body) == *checksum && about == (VERSION, vault.0) && from.finish().is_ok()).then_some(witness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITNESS: Witness = Witness { generation: 7, records: 2, set: [9; 32] };
    const MANIFEST: Manifest = Manifest { generation: 7, records: 2, set: [9; 32], last_seen: 0 };

    #[test]
    fn comes_back_only_whole_and_for_its_vault() {
        let vault = VaultId([1; 16]);
        let bytes = WITNESS.encode(vault);
        assert_eq!(bytes.len(), LEN);
        assert_eq!(Witness::decode(vault, &bytes), Some(WITNESS));
        assert_eq!(Witness::decode(VaultId([2; 16]), &bytes), None);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Witness::decode(vault, &flipped), None);
            assert_eq!(Witness::decode(vault, &bytes[..at]), None);
        }
    }

    #[test]
    fn only_an_older_or_another_state_contradicts() {
        assert!(!WITNESS.contradicts(&MANIFEST));
        assert!(!WITNESS.contradicts(&Manifest { generation: 8, set: [1; 32], ..MANIFEST }));
        assert!(WITNESS.contradicts(&Manifest { generation: 6, ..MANIFEST }));
        assert!(WITNESS.contradicts(&Manifest { set: [1; 32], ..MANIFEST }));
    }
}
