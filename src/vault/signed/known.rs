//! What this machine has verified before: the signatures of a record are looked at once.
//!
//! It lies beside the witness, outside of the vault. Besides the time, it saves what signatures cannot tell: that a record is
//! older than the one seen here, in part or as a whole, or gone.
//!
//! `magic (8) ‖ version (u8) ‖ vault id (16) ‖ epoch (u64) ‖ count (u32) ‖ (id (16) ‖ revisions of content and state (u64
//! each) ‖ deleted (u8) ‖ owner of a personal one (16) ‖ print of the birth (16) ‖ print of all (16)) each ‖ MAC (32)`, keyed
//! with the vault's anchor; before the MAC, what each member was granted (see [`held`](super::held)). All members who come in on this machine share it.

use std::collections::BTreeMap;

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Anchor, digest};
use crate::domain::{MemberId, Scope, SecretId, State, VaultId};

use super::held::AllHeld;
use super::{Block, Held, Signed, Told};
use crate::domain::organization::Tampering;
use crate::vault::documents::Document;

const MAGIC: &[u8; 8] = b"strongkn";
const VERSION: u8 = 2;
const ENTRY_LEN: usize = 16 + 8 + 8 + 1 + 16 + 16 + 16;
/// The owner of what is nobody's own.
const NOBODY: MemberId = MemberId([0; 16]);
const MAC_LEN: usize = 32;
/// Most records that are remembered.
const MAX_ENTRIES: usize = 4_000_000;

/// Tells what was verified from everything else.
type Print = [u8; 16];

/// A record, or a document, as it was when it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) struct Seen {
    /// The revision of its content, and that of its state: 0 while it had none.
    content: u64,
    state: u64,
    /// Whether it was deleted.
    deleted: bool,
    /// Whose it is, when it is personal.
    owner: MemberId,
    birth: Print,
    all: Print,
}

impl Seen {
    /// A record with `signed`, which says `told`.
    pub(in crate::vault) fn of(signed: &Signed, told: &Told) -> Self {
        Self {
            content: told.content.written.revision,
            state: told.state.as_ref().map_or(0, |state| state.written.revision),
            deleted: matches!(told.header.state, State::Deleted(_)),
            owner: if told.header.scope == Scope::Personal { told.header.owner } else { NOBODY },
            birth: print_of(signed.birth.bytes.expose()),
            all: print(signed),
        }
    }

    /// A document at `revision` with `block`.
    pub(in crate::vault) fn document(revision: u64, block: &Block) -> Self {
        let (content, all) = (revision, print_of(block.bytes.expose()));
        Self { content, state: 0, deleted: false, owner: NOBODY, birth: [0; 16], all }
    }

    /// Its revision.
    pub(in crate::vault) fn revision(&self) -> u64 {
        self.content.max(self.state)
    }

    /// Whether it is a record that was deleted.
    pub(in crate::vault) fn is_deleted(&self) -> bool {
        self.deleted
    }

    /// Whether a personal record of `owner` that nobody here can open, at `revision`, can have come after it.
    pub(in crate::vault) fn precedes_closed(&self, owner: MemberId, revision: u64) -> Result<(), Tampering> {
        match self.revision() {
            _ if self.owner != owner => Err(Tampering::Replaced),
            last_seen if revision < last_seen => Err(Tampering::PutBack { found: revision, last_seen }),
            _ => Ok(()),
        }
    }

    /// Whether `signed` is of the same record, at whatever revision.
    pub(in crate::vault) fn has_birth_of(&self, signed: &Signed) -> bool {
        self.birth == print_of(signed.birth.bytes.expose())
    }

    /// Whether `new` can have come after it: nobody goes back, neither as a whole nor with what another member signed.
    fn precedes(&self, new: &Self) -> Result<(), Tampering> {
        let put_back = |found, last_seen| Err(Tampering::PutBack { found, last_seen });
        if self.birth != new.birth {
            return Err(Tampering::Replaced);
        }
        if new.revision() < self.revision() {
            return put_back(new.revision(), self.revision());
        }
        if new.content < self.content {
            return put_back(new.content, self.content);
        }
        if new.state < self.state {
            return put_back(new.state, self.state);
        }
        if new.revision() == self.revision() && new != self { Err(Tampering::Replaced) } else { Ok(()) }
    }
}

impl Seen {
    fn write(&self, to: &mut Writer) {
        to.u64(self.content);
        to.u64(self.state);
        to.flag(self.deleted);
        to.raw(&self.owner.0);
        to.raw(&self.birth);
        to.raw(&self.all);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let (content, state, deleted) = (from.u64()?, from.u64()?, from.flag()?);
        let owner = MemberId(from.array()?);
        Ok(Self { content, state, deleted, owner, birth: from.array()?, all: from.array()? })
    }
}

/// The records and documents that were verified, each in the form in which it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::vault) struct Known {
    /// The epoch in which they were.
    epoch: u64,
    /// In the order of their ids: as they were read, and what has come to them since.
    read: Vec<(SecretId, Seen)>,
    changed: BTreeMap<SecretId, Seen>,
    held: AllHeld,
    /// Whether that has changed since it was read.
    holds_more: bool,
}

impl Known {
    /// Nothing, in `epoch`.
    pub(in crate::vault) fn nothing(epoch: u64) -> Self {
        Self { epoch, ..Self::default() }
    }

    /// Whether the record `id` was verified exactly so, at `revision`.
    pub(in crate::vault) fn has(&self, id: SecretId, revision: u64, signed: &Signed) -> bool {
        self.of(id).is_some_and(|seen| seen.revision() == revision && seen.all == print(signed))
    }

    /// Whether `document` was seen exactly so, at `revision`.
    pub(in crate::vault) fn has_document(&self, document: Document, revision: u64, block: &Block) -> bool {
        self.of(SecretId(document.id())) == Some(Seen::document(revision, block))
    }

    /// Whether `new` can have come after what was seen of `id`.
    ///
    /// # Errors
    /// [`Tampering::PutBack`], [`Tampering::Replaced`].
    pub(in crate::vault) fn check(&self, id: SecretId, new: &Seen) -> Result<(), Tampering> {
        self.of(id).map_or(Ok(()), |seen| seen.precedes(new))
    }

    /// The epoch in which it was written.
    pub(in crate::vault) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How `id` was when it was verified last.
    pub(in crate::vault) fn of(&self, id: SecretId) -> Option<Seen> {
        let read = || self.read.binary_search_by_key(&id, |(id, _)| *id).ok().map(|at| self.read[at].1);
        self.changed.get(&id).copied().or_else(read)
    }

    /// Takes in that the record `id` was verified.
    pub(in crate::vault) fn learn(&mut self, id: SecretId, seen: Seen) {
        self.changed.insert(id, seen);
    }

    /// Takes in the record `id`, which whoever is in has written or copied.
    pub(in crate::vault) fn learn_record(&mut self, id: SecretId, signed: &Signed) {
        if let Ok(told) = signed.told(id) {
            self.learn(id, Seen::of(signed, &told));
        }
    }

    /// Takes in `document`, which was signed so at `revision`.
    pub(in crate::vault) fn learn_document(&mut self, document: Document, revision: u64, block: &Block) {
        self.learn(SecretId(document.id()), Seen::document(revision, block));
    }

    /// What is known of the keys of members.
    pub(in crate::vault) fn held(&self) -> &AllHeld {
        &self.held
    }

    /// Takes in what `member` holds.
    pub(in crate::vault) fn hold(&mut self, member: MemberId, held: Held) {
        self.holds_more |= self.held.learn(member, held);
    }

    /// Goes on with what `other` knows of the keys of members.
    pub(in crate::vault) fn hold_as(&mut self, other: &Self) {
        (self.held, self.holds_more) = (other.held.clone(), true);
    }

    /// Whether something was learned since it was read.
    pub(in crate::vault) fn has_changed(&self) -> bool {
        !self.changed.is_empty() || self.holds_more
    }

    /// It has been written, in `epoch`.
    pub(in crate::vault) fn settled(&mut self, epoch: u64) {
        let ids: Vec<SecretId> = self.ids().collect();
        let mut read: Vec<_> = ids.into_iter().filter_map(|id| Some((id, self.of(id)?))).collect();
        read.sort_unstable_by_key(|(id, _)| *id);
        let held = std::mem::take(&mut self.held);
        *self = Self { epoch, read, changed: BTreeMap::new(), held, holds_more: false };
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
        for (id, seen) in ids.into_iter().filter_map(|id| Some((id, self.of(id)?))) {
            to.raw(&id.0);
            seen.write(&mut to);
        }
        self.held.write(&mut to);
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
        let entry = |from: &mut Reader<'_>| Ok((SecretId(from.array()?), Seen::read(from)?));
        let read = (0..count).map(|_| entry(&mut from)).collect::<Result<Vec<_>, WireError>>()?;
        let held = AllHeld::read(&mut from)?;
        from.finish()?;
        if !read.is_sorted_by_key(|(id, _)| *id) {
            return Err(WireError::UnknownCode);
        }
        Ok(Self { epoch, read, changed: BTreeMap::new(), held, holds_more: false })
    }
}

fn print(signed: &Signed) -> Print {
    let mut to = Writer::with_capacity(1024);
    signed.write(&mut to);
    print_of(to.as_bytes())
}

fn print_of(bytes: &[u8]) -> Print {
    let [print @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest(bytes);
    print
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

    fn seen(n: u8) -> Seen {
        let (content, all) = (u64::from(n), [n; 16]);
        Seen { content, state: 0, deleted: false, owner: NOBODY, birth: [7; 16], all }
    }

    /// Three records, learned in no order.
    fn known() -> Known {
        let mut known = Known::nothing(7);
        [3, 1, 2].into_iter().for_each(|n| known.learn(id(n), seen(n)));
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
            assert_eq!(read.of(id(n)), Some(seen(n)));
        }
        assert_eq!(read.of(id(4)), None);
        let mut settled = known();
        settled.settled(7);
        assert_eq!(settled, read, "what was written is as it would be read");
    }

    #[test]
    fn what_is_learned_counts_before_what_was_read() {
        let mut known = decode(&bytes()).unwrap();
        known.learn(id(2), seen(9));
        known.learn(id(4), seen(4));
        assert_eq!((known.of(id(2)), known.has_changed()), (Some(seen(9)), true));
        assert!(known.ids().eq([id(1), id(2), id(3), id(4)]), "each once");
        let again = decode(&known.encode(VAULT, 8, &anchor(1), |id| id != SecretId([3; 16]))).unwrap();
        assert_eq!((again.epoch(), again.of(id(2)), again.of(id(3))), (8, Some(seen(9)), None));
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
        let print = super::print(&signed);
        assert_eq!(super::print(&signed.clone()), print);
        for other in [
            Signed { birth: block("x", 0), ..signed.clone() },
            Signed { content: block("x", 1), ..signed.clone() },
            Signed { content: block("b", 2), ..signed.clone() },
            Signed { state: Some(block("c", 2)), ..signed.clone() },
        ] {
            assert_ne!(super::print(&other), print);
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
