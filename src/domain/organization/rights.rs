//! Whether somebody may do something.

use serde::{Deserialize, Serialize};

use super::{Grants, Permission, Role};
use crate::domain::{Header, MemberId, Scope, SecretId};

/// Which secret, and whose: what a decision needs to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// The secret.
    pub id: SecretId,
    /// Personal or organization.
    pub scope: Scope,
    /// Who registered it.
    pub owner: MemberId,
}

impl From<&Header> for Whose {
    fn from(header: &Header) -> Self {
        Self { id: header.id, scope: header.scope, owner: header.owner }
    }
}

/// What one member may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Who.
    pub member: MemberId,
    /// Their role.
    pub role: Role,
    /// What was granted to them. Account Holders and Managers need no grant.
    pub grants: Grants,
}

impl Rights {
    /// What `member` may do in `role`, without any grant.
    pub fn of(member: MemberId, role: Role) -> Self {
        Self { member, role, grants: Grants::default() }
    }

    /// Whether the member may do that with `secret`.
    ///
    /// A personal secret is its owner's alone; Account Holders may delete it, and nothing else. For a secret of the
    /// organization, a Member needs a grant.
    pub fn may(&self, permission: Permission, secret: Whose) -> bool {
        match secret.scope {
            Scope::Personal if secret.owner == self.member => true,
            Scope::Personal => permission == Permission::Delete && self.role == Role::AccountHolder,
            Scope::Organization => self.role.manages() || self.grants.covers(permission, secret.id),
        }
    }

    /// Whether the member may register a secret of `scope`. In their own profile everybody may.
    pub fn may_register(&self, scope: Scope) -> bool {
        scope == Scope::Personal || self.role.manages() || self.grants.covers_all(Permission::Register)
    }
}
