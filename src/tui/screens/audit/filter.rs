//! Which events of the audit log are shown.

use crate::domain::audit::{Action, Event, Outcome};

/// A kind of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Values that were handed over, or refused.
    Deliveries,
    /// Changes of secrets.
    Secrets,
    /// Changes of applications.
    Applications,
    /// Unlocking and locking.
    Access,
    /// Changes of what opens the vault.
    Keys,
    /// Changes of members and of what they may do.
    Members,
    /// All else that was done to the vault.
    Vault,
}

impl Group {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Deliveries, Self::Secrets, Self::Applications, Self::Access, Self::Keys, Self::Members, Self::Vault];

    /// The kind of `action`.
    pub fn of(action: Action) -> Self {
        match action {
            Action::Delivered(_) => Self::Deliveries,
            Action::Registered
            | Action::Edited
            | Action::Renamed
            | Action::Deactivated
            | Action::Reactivated
            | Action::Deleted
            | Action::Imported => Self::Secrets,
            Action::ApplicationAdded | Action::ApplicationEdited | Action::ApplicationRemoved => Self::Applications,
            Action::Unlocked | Action::Locked => Self::Access,
            Action::PassphraseChanged | Action::RecoveryKeyChanged | Action::SlotAdded | Action::SlotRemoved => {
                Self::Keys
            }
            Action::Invited
            | Action::InvitationWithdrawn
            | Action::InvitationAccepted
            | Action::Admitted
            | Action::RoleChanged
            | Action::Granted
            | Action::Revoked
            | Action::MemberBound
            | Action::MemberRemoved
            | Action::PermissionAsked
            | Action::RequestAnswered => Self::Members,
            Action::Created
            | Action::SettingsChanged
            | Action::BackedUp
            | Action::Restored
            | Action::Repaired
            | Action::RollbackAccepted
            | Action::Swept
            | Action::Resealed
            | Action::Trimmed
            | Action::Unrecorded => Self::Vault,
        }
    }

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Deliveries => "Deliveries",
            Self::Secrets => "Changes of secrets",
            Self::Applications => "Changes of applications",
            Self::Access => "Unlocking and locking",
            Self::Keys => "Passphrases and keys",
            Self::Members => "Members and what they may do",
            Self::Vault => "The vault itself",
        }
    }
}

/// What is shown: with nothing ticked, everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only these kinds, if any are named.
    pub groups: Vec<Group>,
    /// Only what was refused.
    pub refused: bool,
}

impl EventFilter {
    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && !self.refused
    }

    /// Whether `event` is shown.
    pub fn passes(&self, event: &Event) -> bool {
        (self.groups.is_empty() || self.groups.contains(&Group::of(event.action)))
            && (!self.refused || matches!(event.outcome, Outcome::Refused(_)))
    }

    /// What it shows, in words.
    pub fn words(&self) -> String {
        let refused = self.refused.then_some("what was refused");
        self.groups.iter().map(|group| group.label()).chain(refused).collect::<Vec<_>>().join(", ")
    }
}
