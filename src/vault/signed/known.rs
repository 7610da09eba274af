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
