//! Audit events: who did what, when, from where, and what came of it. No values.

use serde::{Deserialize, Serialize};

use super::{Delivery, SecretId, Timestamp};

/// Who asked, as the kernel of this machine tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The user, by name where there is one.
    pub user: Box<str>,
    /// The process; 0 when it cannot be told.
    pub pid: u32,
    /// Its terminal, such as `pts/3`, if it has one.
    pub terminal: Option<Box<str>>,
    /// This machine's name.
    pub host: Box<str>,
    /// The name of the program that started it, such as `deploy.sh`, if that can be told. Never its arguments.
    pub parent: Option<Box<str>>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The vault was made.
    Created,
    /// The vault was unlocked.
    Unlocked,
    /// The vault was locked.
    Locked,
    /// A value was handed over, or refused.
    Delivered(Delivery),
    /// A secret was registered.
    Registered,
    /// A secret was edited.
    Edited,
    /// A secret was deactivated.
    Deactivated,
    /// A secret was reactivated.
    Reactivated,
    /// A secret was deleted.
    Deleted,
    /// Secrets were imported.
    Imported,
    /// An application was added.
    ApplicationAdded,
    /// An application was edited.
    ApplicationEdited,
    /// An application was removed.
    ApplicationRemoved,
    /// The vault's settings were changed.
    SettingsChanged,
    /// A new passphrase was set.
    PassphraseChanged,
    /// A new recovery key was made.
    RecoveryKeyChanged,
    /// A machine key was made.
    SlotAdded,
    /// A machine key was removed.
    SlotRemoved,
    /// A backup was written.
    BackedUp,
    /// The vault was made from a backup.
    Restored,
    /// A damaged store was repaired.
    Repaired,
    /// An older store was accepted.
    RollbackAccepted,
    /// Deleted secrets whose days were over were swept.
    Swept,
    /// The oldest events were removed, as the limits say.
    Trimmed,
    /// The vault was changed, and the event of that is not here: the program was killed in between.
    Unrecorded,
    /// A secret was given another name.
    Renamed,
    /// Somebody was invited.
    Invited,
    /// An invitation was withdrawn.
    InvitationWithdrawn,
    /// An invitation was accepted: the keys of a member were made.
    InvitationAccepted,
    /// Somebody was admitted.
    Admitted,
    /// A member was given another role.
    RoleChanged,
    /// A member may do more.
    Granted,
    /// A member may do less.
    Revoked,
    /// A member was bound to a Unix user, or to none.
    MemberBound,
    /// A member was removed.
    MemberRemoved,
    /// A permission was asked for.
    PermissionAsked,
    /// A request for a permission was granted, declined or taken back.
    RequestAnswered,
    /// Everything was sealed anew, which a key that was changed or removed had left to be done.
    Resealed,
}

impl Action {
    /// Every action; of the deliveries, one. In the order in which they are written as numbers: new ones come last.
    pub const ALL: [Self; 38] = [
        Self::Created,
        Self::Unlocked,
        Self::Locked,
        Self::Delivered(Delivery::Get),
        Self::Registered,
        Self::Edited,
        Self::Deactivated,
        Self::Reactivated,
        Self::Deleted,
        Self::Imported,
        Self::ApplicationAdded,
        Self::ApplicationEdited,
        Self::ApplicationRemoved,
        Self::SettingsChanged,
        Self::PassphraseChanged,
        Self::RecoveryKeyChanged,
        Self::SlotAdded,
        Self::SlotRemoved,
        Self::BackedUp,
        Self::Restored,
        Self::Repaired,
        Self::RollbackAccepted,
        Self::Swept,
        Self::Trimmed,
        Self::Unrecorded,
        Self::Renamed,
        Self::Invited,
        Self::InvitationWithdrawn,
        Self::InvitationAccepted,
        Self::Admitted,
        Self::RoleChanged,
        Self::Granted,
        Self::Revoked,
        Self::MemberBound,
        Self::MemberRemoved,
        Self::PermissionAsked,
        Self::RequestAnswered,
        Self::Resealed,
    ];

    /// The word for it, in screens and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "create",
            Self::Unlocked => "unlock",
            Self::Locked => "lock",
            Self::Delivered(how) => how.word(),
            Self::Registered => "register",
            Self::Edited => "edit",
            Self::Deactivated => "deactivate",
            Self::Reactivated => "reactivate",
            Self::Deleted => "delete",
            Self::Imported => "import",
            Self::ApplicationAdded => "app-add",
            Self::ApplicationEdited => "app-edit",
            Self::ApplicationRemoved => "app-remove",
            Self::SettingsChanged => "settings",
            Self::PassphraseChanged => "passphrase",
            Self::RecoveryKeyChanged => "recovery-key",
            Self::SlotAdded => "slot-add",
            Self::SlotRemoved => "slot-remove",
            Self::BackedUp => "backup",
            Self::Restored => "restore",
            Self::Repaired => "repair",
            Self::RollbackAccepted => "accept-older",
            Self::Swept => "sweep",
            Self::Trimmed => "trim",
            Self::Unrecorded => "unrecorded",
            Self::Renamed => "rename",
            Self::Invited => "member-invite",
            Self::InvitationWithdrawn => "member-withdraw",
            Self::InvitationAccepted => "member-accept",
            Self::Admitted => "member-admit",
            Self::RoleChanged => "member-role",
            Self::Granted => "member-grant",
            Self::Revoked => "member-revoke",
            Self::MemberBound => "member-bind",
            Self::MemberRemoved => "member-remove",
            Self::PermissionAsked => "permission-ask",
            Self::RequestAnswered => "permission-answer",
            Self::Resealed => "reseal",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was done although the secret is expired: somebody said so.
    AllowedExpired,
    /// It was refused, or failed, and why.
    Refused(Box<str>),
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A secret.
    Secret {
        /// Its identity; none for one that nobody knows.
        id: Option<SecretId>,
        /// Its name at that time.
        name: Box<str>,
        /// Its revision, after a change.
        revision: u64,
        /// The field, of a delivery.
        field: Option<Box<str>>,
    },
    /// Something else that has a name: an application, a machine key, a file.
    Other(Box<str>),
}

/// One event of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number: the first is 1, and none is left out.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// The member whose vault it was, by name.
    pub member: Box<str>,
    /// Who asked, and from where.
    pub origin: Origin,
    /// What was done.
    pub action: Action,
    /// To what.
    pub subject: Option<Subject>,
    /// The application that needed it, where one was told.
    pub application: Option<Box<str>>,
    /// The program that got it, where that was not whoever asked.
    pub command: Option<Box<str>>,
    /// What came of it.
    pub outcome: Outcome,
}

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Only those about this secret.
    pub secret: Option<super::SecretRef>,
    /// Only those from then on.
    pub since: Option<Timestamp>,
    /// At most so many, the newest; 0 is all.
    pub most: u32,
}

/// What a look over the whole log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerdict {
    /// How many events are there and whole.
    pub events: u64,
    /// The number of the first one that is kept.
    pub first: u64,
    /// Since when events are kept.
    pub since: Option<Timestamp>,
    /// What is wrong, each in a sentence; empty when nothing is.
    pub troubles: Vec<Box<str>>,
}
