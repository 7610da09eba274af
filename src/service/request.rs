//! What can be asked at the door; what comes back is in [`response`](super::response).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use super::response::*;
pub use crate::domain::audit::{AuditQuery, AuditVerdict, Event};
pub use crate::domain::import::{NotStored, Skipped};
use crate::domain::organization::{Permission, Permissions, Reach, Role};
use crate::domain::{
    ApplicationDraft, ApplicationId, Change, Draft, Find, InvitationId, MemberId, Reference, RequestId, SecretBytes,
    SecretId, SecretRef, SlotId, Timestamp, Unfinished, UnfinishedId,
};
pub use crate::domain::{Delivery, Order, Settings, Want};
pub use crate::vault::{
    ClockTrouble, Credential, CredentialKind, Finding, Holder, OpenReport, Progress, Proof, Refusal, Repaired,
    SlotInfo, Step, StoreTrouble, VaultError as DoorError, Verdict,
};

/// One question or order. Every front-end speaks through these alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Is there a vault, and is it open?
    Status,
    /// Make a new vault; leaves it unlocked.
    Create {
        /// The organization's name.
        organization: Box<str>,
        /// The name of its first member, the Account Holder.
        member: Box<str>,
        /// That member's passphrase.
        passphrase: SecretBytes,
    },
    /// Open the vault, then sweep it.
    Unlock(Credential),
    /// Forget every key.
    Lock,
    /// Somebody is at the keyboard: the idle lock begins to count anew. Every request says so, but
    /// [`Request::Status`] and [`Request::Clients`], which only look, and [`Request::KeepUnfinished`], which a screen makes of
    /// its own accord when nobody is there; and none does whose credential opens nothing.
    Touch,
    /// Lock the vault after so long without a request. Holds until it is locked.
    LockAfter {
        /// How many seconds; `None`: never.
        seconds: Option<u32>,
        /// What opens the vault: needed for a longer time than the present one, so that nobody who only found it open keeps
        /// it so.
        credential: Option<Credential>,
    },
    /// Who is connected to the agent.
    Clients,
    /// All headers, tombstones included.
    List,
    /// A list of secrets, tombstones included, with less of each than [`Request::List`] gives.
    Find(Find),
    /// One secret, with what can be told of its value without showing it.
    Details(SecretRef),
    /// The names of all secrets that are not deleted and begin so, for a shell that completes them.
    Names(Box<str>),
    /// Hand values over, through the gate: all of them, or none.
    Deliver(Order),
    /// Where a secret is applied: the applications that name it, and the deliveries seen.
    Uses(SecretId),
    /// The earlier values of a secret that are kept.
    History(SecretId),
    /// All applications.
    Applications,
    /// Add an application.
    AddApplication(ApplicationDraft),
    /// Change an application that has `revision`.
    EditApplication {
        /// The application.
        id: ApplicationId,
        /// The revision that the change was made from.
        revision: u64,
        /// What it shall be.
        draft: ApplicationDraft,
    },
    /// Remove an application that has `revision`.
    RemoveApplication {
        /// The application.
        id: ApplicationId,
        /// The revision seen.
        revision: u64,
    },
    /// What is set for the whole vault.
    Settings,
    /// Set it.
    ChangeSettings(Settings),
    /// The audit log.
    Audit(AuditQuery),
    /// Hold every event of the audit log against the others.
    VerifyAudit,
    /// An access token for client credentials, through the gate: the one that is kept for them if it is good still, else
    /// what it takes to ask for one.
    Token {
        /// The client credentials.
        secret: SecretRef,
        /// An expired secret is used all the same.
        allow_expired: bool,
        /// One that is kept does not count.
        anew: bool,
    },
    /// Keep an access token until it expires or the vault is locked.
    KeepToken {
        /// The client credentials that it was given for.
        id: SecretId,
        /// Their revision at that time.
        revision: u64,
        /// The token.
        token: SecretBytes,
        /// When it expires.
        expires: Timestamp,
    },
    /// Store a new secret.
    Register(Draft),
    /// Store many at once. Those that break a rule, or whose name is taken, are skipped; the others are stored all together
    /// or not at all.
    Import {
        /// What to store.
        drafts: Vec<Draft>,
        /// Only say what would be stored and what skipped.
        dry_run: bool,
    },
    /// The file of an export of all secrets that may be displayed.
    Export {
        /// What shall open it; `None`: it is not encrypted.
        passphrase: Option<SecretBytes>,
    },
    /// What is in an encrypted export.
    OpenExport {
        /// The file.
        #[serde(with = "crate::host::path_bytes")]
        file: PathBuf,
        /// What opens it.
        passphrase: SecretBytes,
    },
    /// Change a secret that has `revision`.
    Edit {
        /// The secret.
        id: SecretId,
        /// The revision that the change was made from.
        revision: u64,
        /// The change.
        change: Change,
    },
    /// Put a secret out of use.
    Deactivate(Target),
    /// Put it back in use.
    Reactivate(Target),
    /// Take its value out of the vault at once and for good.
    Delete(Target),
    /// Keep what is not secret of a form that is not submitted yet.
    KeepUnfinished(Unfinished),
    /// The forms that were left unfinished.
    Unfinished,
    /// Forget one of them: it was submitted, or discarded.
    DropUnfinished(UnfinishedId),
    /// Sweep although the clock jumped ahead.
    SweepAnyway,
    /// Take the older store that was put back for the real one.
    AcceptRollback,
    /// Make a whole store of what is left of a damaged one, and of what the newest good copy has besides.
    Repair,
    /// New passphrase for the member who unlocked; rewrites the vault under a new epoch.
    ChangePassphrase {
        /// The one that holds now; while a new one is owed after the recovery key, that key will do. A wrong one counts as
        /// a wrong guess.
        current: Option<Credential>,
        /// The one that shall hold.
        new: SecretBytes,
    },
    /// New recovery key; rewrites the vault under a new epoch.
    ChangeRecoveryKey {
        /// The passphrase that holds now, as in [`Request::ChangePassphrase`]: with a recovery key of their own somebody
        /// could set another passphrase.
        current: Option<Credential>,
    },
    /// The ways into the vault.
    Slots,
    /// One more way in, for a machine: a key that is given once, and that opens the vault without a passphrase.
    AddSlot {
        /// The passphrase that holds now, as in [`Request::ChangeRecoveryKey`].
        current: Option<Credential>,
        /// What it is for.
        label: Option<Box<str>>,
    },
    /// Take one away; rewrites the vault under a new epoch.
    RemoveSlot {
        /// Which.
        id: SlotId,
        /// The passphrase that holds now, as in [`Request::ChangeRecoveryKey`].
        current: Option<Credential>,
    },
    /// Write an encrypted backup to a file that does not exist yet.
    Backup(#[serde(with = "crate::host::path_bytes")] PathBuf),
    /// Make the vault from a backup; a vault that is there is set aside, not removed.
    Restore {
        /// The backup.
        #[serde(with = "crate::host::path_bytes")]
        file: PathBuf,
        /// What opens it.
        credential: Credential,
        /// Go ahead although there is a vault.
        replace: bool,
    },
    /// Check everything, change nothing. A vault that is locked is opened for that, on a copy of its store, when there is a
    /// credential; else only what can be told without a key is examined.
    Doctor(Option<Credential>),
    /// The organization: members, invitations, requests.
    Organization,
    /// Invite somebody: a one-time code that is given once.
    Invite {
        /// What the member will be called.
        name: Box<str>,
        /// What the member will be.
        role: Role,
        /// The Unix user that the member will be bound to.
        uid: Option<u32>,
        /// For how many days the invitation counts.
        days: u16,
    },
    /// Let an invitation count no longer.
    Withdraw(InvitationId),
    /// Accept an invitation: makes the new member's keys. The vault may be locked.
    Accept {
        /// The one-time code.
        code: SecretBytes,
        /// The new member's passphrase, which nobody else ever learns.
        passphrase: SecretBytes,
    },
    /// Admit whoever accepted the invitation: grants them the keys.
    Admit {
        /// The invitation.
        invitation: InvitationId,
        /// The fingerprint that was compared with the new member.
        fingerprint: Box<str>,
        /// The passphrase that holds now, as in [`Request::ChangeRecoveryKey`].
        current: Option<Credential>,
    },
    /// Give a member another role.
    ChangeRole {
        /// Who.
        member: MemberId,
        /// What they shall be.
        role: Role,
        /// The passphrase that holds now, as in [`Request::ChangeRecoveryKey`].
        current: Option<Credential>,
    },
    /// Let a Member do more.
    Grant {
        /// Who.
        member: MemberId,
        /// What.
        permissions: Permissions,
        /// With which secrets.
        reach: Reach,
    },
    /// Let a Member do less; rewrites the vault under a new epoch.
    Revoke {
        /// Who.
        member: MemberId,
        /// What no more.
        permissions: Permissions,
        /// With which secrets.
        reach: Reach,
    },
    /// Bind a member to a Unix user of this machine, or to none.
    BindMember {
        /// Who.
        member: MemberId,
        /// The user's number.
        uid: Option<u32>,
    },
    /// Remove a member, with the personal secrets that nobody else can read; rewrites the vault under a new epoch.
    RemoveMember {
        /// Who.
        member: MemberId,
        /// The passphrase that holds now, as in [`Request::ChangeRecoveryKey`].
        current: Option<Credential>,
    },
    /// Ask for a permission: Account Holders and Managers see it.
    AskPermission {
        /// Which.
        permission: Permission,
        /// For which secret; `None`: for all.
        secret: Option<SecretId>,
    },
    /// Grant what was asked for, or take it off the list: one's own may be taken off by whoever asked.
    AnswerRequest {
        /// Which.
        id: RequestId,
        /// Grant it.
        grant: bool,
    },
}

impl Request {
    /// Hand over the field `part` of the secret `id`.
    pub fn hand_over(id: SecretId, part: &str, how: Delivery) -> Self {
        Self::Deliver(Order::of(how, Reference { secret: id.into(), field: Some(part.into()) }))
    }

    /// The word for it in the log of events; `None` for those that are asked all the time and change nothing.
    pub fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Status
            | Self::Touch
            | Self::Clients
            | Self::List
            | Self::Find(_)
            | Self::Details(_)
            | Self::Names(_) => return None,
            Self::Uses(_) | Self::History(_) | Self::Applications | Self::Settings => return None,
            Self::KeepUnfinished(_) | Self::Unfinished | Self::DropUnfinished(_) => return None,
            Self::Create { .. } => "create",
            Self::Unlock(_) => "unlock",
            Self::Lock => "lock",
            Self::LockAfter { .. } => "lock-after",
            Self::Deliver(_) => "deliver",
            Self::AddApplication(_) => "app-add",
            Self::EditApplication { .. } => "app-edit",
            Self::RemoveApplication { .. } => "app-remove",
            Self::ChangeSettings(_) => "settings",
            Self::Audit(_) => "audit",
            Self::VerifyAudit => "audit-verify",
            Self::Token { .. } => "token",
            Self::KeepToken { .. } => "keep-token",
            Self::Import { .. } => "import",
            Self::Export { .. } => "export",
            Self::OpenExport { .. } => "open-export",
            Self::Register(_) => "register",
            Self::Edit { .. } => "edit",
            Self::Deactivate(_) => "deactivate",
            Self::Reactivate(_) => "reactivate",
            Self::Delete(_) => "delete",
            Self::SweepAnyway => "sweep",
            Self::AcceptRollback => "accept-older",
            Self::Repair => "repair",
            Self::ChangePassphrase { .. } => "passphrase",
            Self::ChangeRecoveryKey { .. } => "recovery-key",
            Self::Slots => "slots",
            Self::AddSlot { .. } => "slot-add",
            Self::RemoveSlot { .. } => "slot-remove",
            Self::Backup(_) => "backup",
            Self::Restore { .. } => "restore",
            Self::Doctor(_) => "doctor",
            Self::Organization => return None,
            Self::Invite { .. } => "member-invite",
            Self::Withdraw(_) => "member-withdraw",
            Self::Accept { .. } => "member-accept",
            Self::Admit { .. } => "member-admit",
            Self::ChangeRole { .. } => "member-role",
            Self::Grant { .. } => "member-grant",
            Self::Revoke { .. } => "member-revoke",
            Self::BindMember { .. } => "member-bind",
            Self::RemoveMember { .. } => "member-remove",
            Self::AskPermission { .. } => "permission-ask",
            Self::AnswerRequest { .. } => "permission-answer",
        })
    }

    /// Whether asking twice is the same as asking once: it changes no secret.
    pub(super) fn can_be_repeated(&self) -> bool {
        let only_looks = matches!(
            self,
            Self::Status
                | Self::Clients
                | Self::List
                | Self::Find(_)
                | Self::Details(_)
                | Self::Names(_)
                | Self::Uses(_)
                | Self::History(_)
                | Self::Applications
                | Self::Settings
                | Self::Audit(_)
                | Self::VerifyAudit
                | Self::Slots
                | Self::Organization
                | Self::Unfinished
        );
        // Not a delivery: each leaves an event.
        only_looks || matches!(self, Self::Touch | Self::Unlock(_) | Self::Lock | Self::KeepToken { .. })
    }
}

/// The secret that an order is about, at the revision that the person saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The secret.
    pub id: SecretId,
    /// The revision seen.
    pub revision: u64,
}
