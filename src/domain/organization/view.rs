//! The organization as it is shown.

use serde::{Deserialize, Serialize};

use super::{Grants, Permission, Rights, Role};
use crate::domain::{InvitationId, MemberId, RequestId, SecretId, Stamp, Timestamp};

/// All that can be told of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationView {
    /// Its name.
    pub name: Box<str>,
    /// What the members can compare to know that they are in the same organization: of the log's first entry.
    pub fingerprint: Box<str>,
    /// Who asks, and what they may do.
    pub me: Rights,
    /// Everybody, by name; those who were removed last.
    pub members: Vec<MemberView>,
    /// Invitations that can still lead to something, the oldest first.
    pub invitations: Vec<InvitationView>,
    /// Permissions that were asked for: all of them for Account Holders and Managers, else one's own. The oldest first.
    pub requests: Vec<PermissionRequest>,
    /// A key was changed or removed by a Member since the vault was last sealed anew: the next Account Holder or Manager
    /// who unlocks it does that.
    pub reseal_owed: bool,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Who.
    pub id: MemberId,
    /// Their name.
    pub name: Box<str>,
    /// Their role.
    pub role: Role,
    /// Whether they still are.
    pub state: MemberState,
    /// When they were admitted, and by whom.
    pub since: Stamp,
    /// The Unix user that they are bound to.
    pub uid: Option<u32>,
    /// What was granted to them.
    pub grants: Grants,
    /// How many ways in they have.
    pub keys: u32,
    /// How many personal secrets they have.
    pub personal: u32,
}

/// Whether somebody is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberState {
    /// Yes.
    Active,
    /// No longer.
    Removed(Stamp),
}

/// One invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
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
    /// Until when it counts.
    pub expires: Timestamp,
    /// How far it is.
    pub state: InvitationState,
}

/// How far an invitation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationState {
    /// Nobody has accepted it yet.
    Open,
    /// Somebody has: this is the fingerprint to be compared.
    Accepted {
        /// Of the keys that were made.
        fingerprint: Box<str>,
    },
    /// What was handed in is not signed with the code: somebody else put it there.
    Forged,
    /// Its time is over.
    Expired,
}

/// Somebody asks for a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionRequest {
    /// Which request.
    pub id: RequestId,
    /// Who asks.
    pub member: MemberId,
    /// For what.
    pub permission: Permission,
    /// For which secret; `None`: for all.
    pub secret: Option<SecretId>,
    /// When.
    pub at: Timestamp,
}

/// A secret whose value somebody could have read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToRotate {
    /// The secret.
    pub id: SecretId,
    /// Its name.
    pub name: Box<str>,
    /// When its value was last handed to them, as far as the audit log tells.
    pub last_delivered: Option<Timestamp>,
}
