//! What this machine remembers of the log: its last event, so that a log that is cut is noticed.
//!
//! It lies outside the vault, beside the witness. Its tag is keyed: whoever sees it learns nothing of the event. A checksum
//! tells a torn one, which counts as none. That there is none is told by the witness: a machine that has seen the vault, and
//! does not remember its log, says so.

use super::log::Last;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Anchor, digest};
use crate::domain::VaultId;

const MAGIC: &[u8; 8] = b"strongam";
const VERSION: u8 = 1;

/// The last event seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Its number.
    pub(super) number: u64,
    tag: [u8; 32],
}

impl Mark {
    /// The mark of the event that `last` tells of, for the vault that `anchor` belongs to.
    pub(super) fn of(anchor: &Anchor, vault: VaultId, last: &Last) -> Self {
        Self { number: last.number, tag: anchor.audit_mark(vault, last.number, &last.hash) }
    }

    /// The bytes of the file, about `vault`.
    pub(super) fn encode(&self, vault: VaultId) -> Vec<u8> {
        let mut to = Writer::with_capacity(128);
        to.raw(MAGIC);
        to.u8(VERSION);
        to.raw(&vault.0);
        to.u64(self.number);
        to.raw(&self.tag);
        let sum = digest(to.as_bytes());
        to.raw(&sum);
        to.as_bytes().to_vec()
    }

    /// The mark in `bytes`, if they are whole, of this version and about `vault`.
    pub(super) fn decode(vault: VaultId, bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk()?;
        let mut from = Reader::new(body.strip_prefix(MAGIC)?);
        let read = |from: &mut Reader<'_>| -> Result<_, WireError> {
            let about = (from.u8()?, from.array()?);
            Ok((about, Self { number: from.u64()?, tag: from.array()? }))
        };
        let (about, mark) = read(&mut from).ok()?;
        (digest(body) == *sum && about == (VERSION, vault.0) && from.finish().is_ok()).then_some(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_only_whole_and_for_its_vault() {
        let (vault, mark) = (VaultId([1; 16]), Mark { number: 7, tag: [9; 32] });
        let bytes = mark.encode(vault);
        assert_eq!(Mark::decode(vault, &bytes), Some(mark));
        assert_eq!(Mark::decode(VaultId([2; 16]), &bytes), None);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Mark::decode(vault, &flipped), None);
            assert_eq!(Mark::decode(vault, &bytes[..at]), None);
        }
    }
}
