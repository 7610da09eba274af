//! Roles.

use serde::{Deserialize, Serialize};

/// What a member is in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// May do everything. There is at least one; the first founded the vault.
    AccountHolder,
    /// Has all secrets, and all members but the Account Holders.
    AccountManager,
    /// Has what was granted.
    Member,
}

impl Role {
    /// Every role, in the order in which they are written as numbers.
    pub const ALL: [Role; 3] = [Role::AccountHolder, Role::AccountManager, Role::Member];

    /// Its name on the screen, as the portal has it.
    pub fn label(self) -> &'static str {
        match self {
            Role::AccountHolder => "Account Holder",
            Role::AccountManager => "Account Manager",
            Role::Member => "Member",
        }
    }

    /// Its name on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Role::AccountHolder => "holder",
            Role::AccountManager => "manager",
            Role::Member => "member",
        }
    }

    /// Whether it holds the key of all values and may admit others.
    pub fn manages(self) -> bool {
        self != Role::Member
    }
}
