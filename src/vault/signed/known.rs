//! What this machine has verified before: the signatures of a record are looked at once.
//!
//! It lies beside the witness, outside of the vault. Besides the time, it saves what signatures cannot tell: that a record is
//! older than the one seen here, or gone.
//!
//! `magic (8) ‖ version (u8) ‖ vault id (16) ‖ epoch (u64) ‖ count (u32) ‖ (id (16) ‖ revision (u64) ‖ print (16)) each ‖
//! MAC (32)`, keyed with the vault's anchor.

use std::collections::BTreeMap;

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Anchor, digest};
use crate::domain::{SecretId, VaultId};

use super::Signed;

const MAGIC: &[u8; 8] = b"strongkn";
const VERSION: u8 = 1;
const ENTRY_LEN: usize = 16 + 8 + 16;
const MAC_LEN: usize = 32;
/// Most records that are remembered.
const MAX_ENTRIES: usize = 4_000_000;

/// Tells a record that was verified from every other.
pub(in crate::vault) type Print = [u8; 16];

/// The records that were verified, each in the form in which it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::vault) struct Known {
    /// The epoch in which they were.
    epoch: u64,
    /// In the order of their ids: as they were read, and what has come to them since.
    read: Vec<(SecretId, (u64, Print))>,
    changed: BTreeMap<SecretId, (u64, Print)>,
}

impl Known {
    /// Nothing, in `epoch`.
    pub(in crate::vault) fn nothing(epoch: u64) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// The print of a record with `signed`.
    pub(in crate::vault) fn print(signed: &Signed) -> Print {
        let mut to = Writer::with_capacity(1024);
        signed.write(&mut to);
        let [print @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest(to.as_bytes());
        print
    }

    /// The epoch in which it was written.
    pub(in crate::vault) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The revision and the print of `id` when it was verified last.
    pub(in crate::vault) fn of(&self, id: SecretId) -> Option<(u64, Print)> {
        let read = || self.read.binary_search_by_key(&id, |(id, _)| *id).ok().map(|at| self.read[at].1);
        self.changed.get(&id).copied().or_else(read)
    }

    /// Takes in that the record `id` was verified.
    pub(in crate::vault) fn learn(&mut self, id: SecretId, revision: u64, print: Print) {
        self.changed.insert(id, (revision, print));
    }

    /// Whether something was learned since it was read.
    pub(in crate::vault) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// It has been written, in `epoch`.
    pub(in crate::vault) fn settled(&mut self, epoch: u64) {
        let ids: Vec<SecretId> = self.ids().collect();
        let mut read: Vec<_> = ids.into_iter().filter_map(|id| Some((id, self.of(id)?))).collect();
        read.sort_unstable_by_key(|(id, _)| *id);
        *self = Self { epoch, read, changed: BTreeMap::new() };
    }

    /// Every id in it.
    pub(in crate::vault) fn ids(&self) -> impl Iterator<Item = SecretId> {
        let new = self.changed.keys().filter(|id| self.read.binary_search_by_key(*id, |(id, _)| *id).is_err());
        self.read.iter().map(|(id, _)| *id).chain(new.copied())
    }

    /// The bytes of the file, of `vault` during `epoch`, with those records that `stay` says yes to.
    pub(in crate::vault) fn encode(
        &self,
        vault: VaultId,
        epoch: u64,
        anchor: &Anchor,
        stay: impl Fn(SecretId) -> bool,
    ) -> Vec<u8> {
        let mut ids: Vec<SecretId> = self.ids().filter(|id| stay(*id)).collect();
        ids.sort_unstable();
        let mut to = Writer::with_capacity(64 + ids.len() * ENTRY_LEN);
        to.raw(MAGIC);
        to.u8(VERSION);
        to.raw(&vault.0);
        to.u64(epoch);
        to.count(ids.len());
        for (id, (revision, print)) in ids.into_iter().filter_map(|id| Some((id, self.of(id)?))) {
            to.raw(&id.0);
            to.u64(revision);
            to.raw(&print);
        }
        let mac = anchor.known_mac(vault, to.as_bytes());
        to.raw(&mac);
        to.as_bytes().to_vec()
    }

    /// Reads the file; `None` when it is not whole, of another vault, or written by somebody who cannot open it.
    pub(in crate::vault) fn decode(bytes: &[u8], vault: VaultId, anchor: &Anchor) -> Option<Self> {
        let (body, mac) = bytes.split_last_chunk::<MAC_LEN>()?;
        if anchor.known_mac(vault, body) != *mac {
            return None;
        }
        Self::read(body, vault).ok()
    }

    fn read(body: &[u8], vault: VaultId) -> Result<Self, WireError> {
        let mut from = Reader::new(body.strip_prefix(MAGIC).ok_or(WireError::UnknownCode)?);
        if (from.u8()?, from.array()?) != (VERSION, vault.0) {
            return Err(WireError::UnknownCode);
        }
        let epoch = from.u64()?;
        let count = from.count(MAX_ENTRIES, ENTRY_LEN)?;
        let entry = |from: &mut Reader<'_>| Ok((SecretId(from.array()?), (from.u64()?, from.array()?)));
        let read = (0..count).map(|_| entry(&mut from)).collect::<Result<Vec<_>, WireError>>()?;
        from.finish()?;
        if !read.is_sorted_by_key(|(id, _)| *id) {
            return Err(WireError::UnknownCode);
        }
        Ok(Self { epoch, read, changed: BTreeMap::new() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::SecretBytes;
    use crate::host::SeededEntropy;
    use crate::vault::signed::{Block, Mark};

    const VAULT: VaultId = VaultId([1; 16]);

    fn anchor(seed: u64) -> Anchor {
        Anchor::generate(&SeededEntropy::new(seed)).unwrap()
    }

    fn id(n: u8) -> SecretId {
        SecretId([n; 16])
    }

    /// Three records, learned in no order.
    fn known() -> Known {
        let mut known = Known::nothing(7);
        [3, 1, 2].into_iter().for_each(|n| known.learn(id(n), u64::from(n), [n; 16]));
        known
    }

    fn bytes() -> Vec<u8> {
        known().encode(VAULT, 7, &anchor(1), |_| true)
    }

    fn decode(bytes: &[u8]) -> Option<Known> {
        Known::decode(bytes, VAULT, &anchor(1))
    }

    #[test]
    fn comes_back_as_it_was_learned() {
        let read = decode(&bytes()).unwrap();
        assert_eq!((read.epoch(), read.has_changed()), (7, false));
        assert!(read.ids().eq([id(1), id(2), id(3)]));
        for n in 1..=3 {
            assert_eq!(read.of(id(n)), Some((u64::from(n), [n; 16])));
        }
        assert_eq!(read.of(id(4)), None);
        let mut settled = known();
        settled.settled(7);
        assert_eq!(settled, read, "what was written is as it would be read");
    }

    #[test]
    fn what_is_learned_counts_before_what_was_read() {
        let mut known = decode(&bytes()).unwrap();
        known.learn(id(2), 9, [9; 16]);
        known.learn(id(4), 1, [4; 16]);
        assert_eq!((known.of(id(2)), known.has_changed()), (Some((9, [9; 16])), true));
        assert!(known.ids().eq([id(1), id(2), id(3), id(4)]), "each once");
        let again = decode(&known.encode(VAULT, 8, &anchor(1), |id| id != SecretId([3; 16]))).unwrap();
        assert_eq!((again.epoch(), again.of(id(2)), again.of(id(3))), (8, Some((9, [9; 16])), None));
    }

    #[test]
    fn nobody_writes_it_who_cannot_open_the_vault() {
        assert!(decode(&bytes()).is_some());
        assert_eq!(Known::decode(&bytes(), VAULT, &anchor(2)), None);
        assert_eq!(Known::decode(&bytes(), VaultId([2; 16]), &anchor(1)), None);
        let of_another = known().encode(VaultId([2; 16]), 7, &anchor(1), |_| true);
        assert_eq!(decode(&of_another), None);
        for at in 0..bytes().len() {
            let mut flipped = bytes();
            flipped[at] ^= 1;
            assert_eq!(decode(&flipped), None, "byte {at}");
            assert_eq!(decode(&bytes()[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn a_print_is_of_every_block_and_of_where_it_is_signed() {
        let block = |text: &str, index| Block {
            bytes: SecretBytes::from(text),
            mark: Mark { epoch: 1, batch: [2; 16], index },
        };
        let signed = Signed { birth: block("a", 0), content: block("b", 1), state: None };
        let print = Known::print(&signed);
        assert_eq!(Known::print(&signed.clone()), print);
        for other in [
            Signed { birth: block("x", 0), ..signed.clone() },
            Signed { content: block("x", 1), ..signed.clone() },
            Signed { content: block("b", 2), ..signed.clone() },
            Signed { state: Some(block("c", 2)), ..signed.clone() },
        ] {
            assert_ne!(Known::print(&other), print);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_reading_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), byte: u8) {
            let _ = decode(&noise);
            // Also what has the right MAC.
            let signed = |body: &[u8]| [body, &anchor(1).known_mac(VAULT, body)[..]].concat();
            let _ = decode(&signed(&noise));
            let mut body = bytes();
            body.truncate(body.len() - MAC_LEN);
            let at = at.index(body.len());
            prop_assert_eq!(decode(&signed(&body[..at])), None);
            body[at] = byte;
            let _ = decode(&signed(&body));
        }
    }
}
