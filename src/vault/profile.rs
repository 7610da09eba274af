//! Whose vault it is: sealed inside `vault.header`, so that no name is on the disk in plain.

use crate::domain::MemberId;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Founded the vault.
    AccountHolder,
    /// Manages it for the Account Holder.
    AccountManager,
    /// Uses it.
    Member,
}

impl Role {
    /// Every role, in the order in which they are written as numbers.
    pub(super) const ALL: [Role; 3] = [Role::AccountHolder, Role::AccountManager, Role::Member];

    /// Its name on the screen, as the portal has it.
    pub fn label(self) -> &'static str {
        match self {
            Role::AccountHolder => "Account Holder",
            Role::AccountManager => "Account Manager",
            Role::Member => "Member",
        }
    }
}

/// A person who can open the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, whatever the name becomes.
    pub id: MemberId,
    /// The name that stamps carry.
    pub name: Box<str>,
    /// What they may do.
    pub role: Role,
}

/// The organization and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The organization's name.
    pub organization: Box<str>,
    /// Everybody with a key slot.
    pub members: Vec<Member>,
}

impl Profile {
    /// The member called `id`.
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }
}
