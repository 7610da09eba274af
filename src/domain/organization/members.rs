//! Who belongs to the organization, who did, and who may come to.

use super::{Grants, MemberState, PublicKeys, Rights, Role};
use crate::domain::{InvitationId, MemberId, SlotId, Stamp, Timestamp};

/// Somebody who is, or was, a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, for ever: whoever is invited again is somebody else.
    pub id: MemberId,
    /// Their name.
    pub name: Box<str>,
    /// Their role; of somebody who was removed, the last one.
    pub role: Role,
    /// Whether they still are.
    pub state: MemberState,
    /// When they were admitted, and by whom.
    pub since: Stamp,
    /// The Unix user that they are bound to.
    pub uid: Option<u32>,
    /// What was granted to them.
    pub grants: Grants,
    /// Their keys that count, the oldest first; none of somebody who was removed.
    pub keys: Vec<SlotId>,
}

impl Member {
    /// Whether they still are a member.
    pub fn is_present(&self) -> bool {
        self.state == MemberState::Active
    }

    /// What they may do as long as they are a member.
    pub fn rights(&self) -> Rights {
        Rights { member: self.id, role: self.role, grants: self.grants.clone() }
    }
}

/// An invitation that was neither used nor withdrawn. Its time may be over: the organization has no clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// What the member will be called.
    pub name: Box<str>,
    /// What the member will be.
    pub role: Role,
    /// The Unix user that the member will be bound to.
    pub uid: Option<u32>,
    /// When it was made, and by whom.
    pub made: Stamp,
    /// The last second in which it counts.
    pub expires: Timestamp,
    /// What an acceptance is checked with.
    pub public: PublicKeys,
}

impl Invitation {
    /// Whether it still counts at `now`.
    pub fn counts_at(&self, now: Timestamp) -> bool {
        now <= self.expires
    }
}

/// An epoch that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Which.
    pub epoch: u64,
    /// What commits to its key.
    pub key: [u8; 32],
    /// The digest of what was taken over into it.
    pub taken_over: [u8; 32],
    /// Who began it.
    pub by: MemberId,
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Its member has it.
    Present,
    /// It was removed, or its member was, in this epoch: the last one that had begun by then, 0 when none had. What it
    /// signs afterwards counts for nothing.
    RemovedSince(u64),
}

/// A key that the log names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Whose it is or was.
    pub(super) member: MemberId,
    /// What it is checked with.
    pub(super) public: PublicKeys,
    /// Whether it counts.
    pub(super) state: KeyState,
}
