//! What each member was granted when they came in here last: anybody in the organization could grant them other keys, and
//! then read what they seal with those.

use std::collections::BTreeMap;

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{MemberKey, PersonalKey};
use crate::domain::MemberId;
use crate::domain::organization::{Act, Tampering};
use crate::vault::organization::MembershipLog;

const ENTRY_LEN: usize = 16 + 8 + 32 + 32;
const MOST: usize = 4096;
/// Of a key that somebody has not.
const NONE: [u8; 32] = [0; 32];

/// The keys of one member, as prints that tell nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) struct Held {
    epoch: u64,
    /// The member's own key of the epoch; none of those who hold the key that all come from, which the log names.
    own: [u8; 32],
    personal: [u8; 32],
}

impl Held {
    /// What somebody holds during `epoch`.
    pub(in crate::vault) fn of(epoch: u64, own: Option<&MemberKey>, personal: Option<&PersonalKey>) -> Self {
        let own = own.map_or(NONE, MemberKey::print);
        Self { epoch, own, personal: personal.map_or(NONE, PersonalKey::print) }
    }

    /// Whether `member` can hold `new` after this: their personal key is replaced by nobody but them, when they begin an
    /// epoch; their own key only with the epoch.
    fn precedes(&self, new: &Self, member: MemberId, log: &MembershipLog) -> bool {
        let is_other = self.epoch == new.epoch && self.own != new.own && self.own != NONE && new.own != NONE;
        !is_other && (self.personal == new.personal || has_begun_after(self.epoch, member, log))
    }
}

fn has_begun_after(seen: u64, member: MemberId, log: &MembershipLog) -> bool {
    log.entries().any(|entry| {
        let is_theirs = log.organization().owner_of_key(entry.by).is_some_and(|(owner, _)| owner == member);
        is_theirs && matches!(entry.act, Act::EpochBegun { epoch, .. } if epoch > seen)
    })
}

/// That of all members who came in on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::vault) struct AllHeld(BTreeMap<MemberId, Held>);

impl AllHeld {
    /// Whether `member` can hold `new`, as far as anything is known.
    ///
    /// # Errors
    /// [`Tampering::KeysReplaced`].
    pub(in crate::vault) fn check(&self, member: MemberId, new: &Held, log: &MembershipLog) -> Result<(), Tampering> {
        let precedes = self.0.get(&member).is_none_or(|held| held.precedes(new, member, log));
        if precedes { Ok(()) } else { Err(Tampering::KeysReplaced) }
    }

    /// Takes in what `member` holds; says whether that is new.
    pub(in crate::vault) fn learn(&mut self, member: MemberId, held: Held) -> bool {
        self.0.insert(member, held) != Some(held)
    }

    pub(super) fn write(&self, to: &mut Writer) {
        to.count(self.0.len());
        for (member, held) in &self.0 {
            to.raw(&member.0);
            to.u64(held.epoch);
            to.raw(&held.own);
            to.raw(&held.personal);
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let count = from.count(MOST, ENTRY_LEN)?;
        let mut one = || {
            let (member, epoch) = (MemberId(from.array()?), from.u64()?);
            Ok((member, Held { epoch, own: from.array()?, personal: from.array()? }))
        };
        (0..count).map(|_| one()).collect::<Result<_, _>>().map(Self)
    }
}
