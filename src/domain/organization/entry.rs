//! The entries of the membership log.

use std::fmt;

use super::{Permissions, Reach, Role};
use crate::domain::{InvitationId, MemberId, SlotId, Timestamp};

/// The public half of a member's key, as bytes: what it is made of, the encryption knows.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKeys(pub Box<[u8]>);

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKeys")
    }
}

/// One of a member's keys: each way in (passphrase, recovery key, machine key) has its own, and signs with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberKey {
    /// The key slot whose key it is.
    pub slot: SlotId,
    /// What it is checked with, and what vault keys are granted to.
    pub public: PublicKeys,
}

/// One entry: what somebody did, at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 0.
    pub number: u64,
    /// The hash of the entry before; zeros in the first.
    pub previous: [u8; 32],
    /// When it was made, as its author's machine told the time.
    pub at: Timestamp,
    /// The key that signed it.
    pub by: SlotId,
    /// What was done.
    pub act: Act,
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The first entry, and no other: the vault begins, with one Account Holder, who signs it. Clients pin its hash.
    Founded {
        /// The organization's name.
        organization: Box<str>,
        /// Its founder.
        member: MemberId,
        /// The founder's name.
        name: Box<str>,
        /// The founder's first keys; one of them signs.
        keys: Vec<MemberKey>,
    },
    /// A member has one more key.
    KeyAdded(MemberKey),
    /// A member has one key less.
    KeyRemoved(SlotId),
    /// Somebody is invited.
    Invited {
        /// Which invitation.
        invitation: InvitationId,
        /// What the member will be called.
        name: Box<str>,
        /// What the member will be.
        role: Role,
        /// The Unix user that the member will be bound to, if any.
        uid: Option<u32>,
        /// Until when it can be accepted and admitted.
        expires: Timestamp,
        /// What an acceptance is checked with: only whoever has the code can sign it.
        public: PublicKeys,
    },
    /// An invitation counts no longer.
    Withdrawn(InvitationId),
    /// Whoever accepted the invitation is a member, with this key.
    Admitted {
        /// The invitation.
        invitation: InvitationId,
        /// The new member.
        member: MemberId,
        /// The new member's key, whose fingerprint was compared.
        key: MemberKey,
    },
    /// A member has another role.
    RoleChanged {
        /// Who.
        member: MemberId,
        /// What they are now.
        role: Role,
    },
    /// A Member may do more.
    Granted {
        /// Who.
        member: MemberId,
        /// What.
        permissions: Permissions,
        /// With which secrets.
        reach: Reach,
    },
    /// A Member may do less.
    Revoked {
        /// Who.
        member: MemberId,
        /// What no more.
        permissions: Permissions,
        /// With which secrets.
        reach: Reach,
    },
    /// Somebody is no member any more, and none of their keys counts.
    Removed(MemberId),
    /// A member is bound to a Unix user, or to none.
    Bound {
        /// Who.
        member: MemberId,
        /// The user's number.
        uid: Option<u32>,
    },
    /// Everything was sealed again under the key of a new epoch, and what was there before was looked at by whoever signs.
    EpochBegun {
        /// The epoch.
        epoch: u64,
        /// What the header file commits to its key with: nobody else can begin an epoch, or change its key.
        key: [u8; 32],
        /// The digest of the list of all signed statements that were taken over.
        taken_over: [u8; 32],
    },
}
