//! Why the membership log does not take an entry.

use serde::{Deserialize, Serialize};

use super::Role;

/// Why an entry breaks the rules: said before it is written, and of an entry that is there all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Unlawful {
    /// The log begins twice, or not with its beginning.
    #[error("the log has to begin with its foundation, and only once")]
    Foundation,
    /// No member has the key that signed it, or not any more.
    #[error("nobody in the organization has that key")]
    UnknownKey,
    /// It takes a role that its author has not.
    #[error("it takes an {}", .0.label())]
    NeedsRole(Role),
    /// It is about somebody who is no member.
    #[error("there is no such member")]
    NoMember,
    /// There would be nobody left who may do everything.
    #[error("the organization needs an Account Holder: hand the role over first")]
    LastHolder,
    /// A member or an invitation has that name already.
    #[error("there is a member or an invitation of that name")]
    NameTaken,
    /// The name breaks the rules for names.
    #[error("the name cannot be used")]
    BadName,
    /// There is no such invitation, or it counts no longer.
    #[error("there is no such invitation, or it counts no longer")]
    NoInvitation,
    /// A key, a member or an invitation is there already.
    #[error("it is there already")]
    Repeated,
    /// The key is not its author's, or the last one that they have.
    #[error("a key can be removed by its member only, and the last one stays")]
    Key,
    /// Account Holders and Managers need no grant.
    #[error("an Account Holder or Manager needs no grant: they may do it already")]
    NeedsNoGrant,
    /// It changes nothing.
    #[error("it changes nothing")]
    Nothing,
    /// A permission that reaches all secrets or none was granted for some.
    #[error("the permission to register reaches all secrets")]
    RegisterNamed,
    /// Another member is bound to that Unix user.
    #[error("another member is bound to that user")]
    UidTaken,
    /// Epochs go up, one by one.
    #[error("epochs go up")]
    Epoch,
}
