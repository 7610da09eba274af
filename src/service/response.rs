//! What comes back from the door, and what it tells without being asked.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::request::Request;
use super::request::{AuditVerdict, Event, Finding, NotStored, OpenReport, Skipped, SlotInfo};
use crate::domain::certificate::{Chain, read_chain};
use crate::domain::kind::Input;
use crate::domain::organization::{InvitationView, OrganizationView, PermissionRequest, Rights, ToRotate};
use crate::domain::{
    Application, Delivery, Draft, Header, InvitationId, KeptRevision, Listed, SecretBytes, SeenDelivery, Settings,
    Status, Timestamp, Unfinished,
};

/// The answer that fits the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Response {
    /// To [`Request::Status`], [`Request::Touch`] and [`Request::LockAfter`].
    Status(VaultStatus),
    /// To [`Request::Clients`]; empty when the vault is in this process.
    Clients(Vec<Client>),
    /// To [`Request::Create`]: the recovery key, shown once.
    Created {
        /// Who is in.
        session: Session,
        /// The recovery key in its written form.
        recovery_key: SecretBytes,
    },
    /// To [`Request::Unlock`], [`Request::AcceptRollback`], [`Request::Repair`] and [`Request::SweepAnyway`].
    Unlocked {
        /// Who is in.
        session: Session,
        /// What was found and done on the way in.
        report: OpenReport,
    },
    /// Done; there is nothing to tell.
    Done,
    /// To [`Request::ChangeRecoveryKey`]: the new one in its written form, shown once.
    RecoveryKey(SecretBytes),
    /// To [`Request::Slots`].
    Slots(Vec<SlotInfo>),
    /// To [`Request::AddSlot`].
    SlotAdded {
        /// The slot.
        slot: SlotInfo,
        /// The text of the file that is its key. Given once: who cannot keep it removes the slot.
        key: SecretBytes,
    },
    /// To [`Request::List`].
    Headers(Vec<Arc<Header>>),
    /// To [`Request::Find`], in no order that means anything.
    Found(Vec<Listed>),
    /// To [`Request::Details`].
    Details(Details),
    /// To [`Request::Unfinished`].
    Unfinished(Vec<LeftForm>),
    /// To [`Request::Names`].
    Names(Vec<Box<str>>),
    /// To [`Request::Deliver`].
    Delivered {
        /// How, as asked.
        how: Delivery,
        /// What was asked for, in that order.
        handed: Vec<Handed>,
    },
    /// To [`Request::Uses`].
    Uses(Uses),
    /// To [`Request::History`], the newest first.
    History(Vec<KeptRevision>),
    /// To [`Request::Applications`], by name.
    Applications(Vec<Arc<Application>>),
    /// To [`Request::AddApplication`] and [`Request::EditApplication`]: the application as it is now.
    Application(Arc<Application>),
    /// To [`Request::Settings`] and [`Request::ChangeSettings`].
    Settings(Settings),
    /// To [`Request::Audit`], the oldest first.
    Events(Vec<Event>),
    /// To [`Request::VerifyAudit`].
    AuditVerdict(AuditVerdict),
    /// To [`Request::Token`].
    Token(Grant),
    /// To [`Request::Import`].
    Imported {
        /// So many were stored, or would be.
        stored: u64,
        /// What was not, and why.
        skipped: Vec<NotStored>,
    },
    /// To [`Request::Export`].
    Exported {
        /// What the file shall hold.
        file: SecretBytes,
        /// How many secrets are in it.
        exported: u64,
        /// What is not, and why.
        skipped: Vec<Skipped>,
    },
    /// To [`Request::OpenExport`].
    Drafts(Vec<Draft>),
    /// To [`Request::Register`], [`Request::Edit`], [`Request::Deactivate`], [`Request::Reactivate`] and
    /// [`Request::Delete`]: the header as it is now.
    Changed(Arc<Header>),
    /// To [`Request::Backup`]: how many secrets it holds, and its size in bytes.
    BackedUp {
        /// Secrets and tombstones in it.
        records: u64,
        /// Size of the file.
        bytes: u64,
    },
    /// To [`Request::Restore`].
    Restored {
        /// Secrets and tombstones in it.
        records: u64,
        /// How many machine keys open it again, as they did on the day of the backup.
        machine_slots: usize,
        /// Where the vault that was there has been put.
        #[serde(with = "crate::host::path_bytes::optional")]
        set_aside: Option<PathBuf>,
    },
    /// To [`Request::Doctor`].
    Examined(Vec<Finding>),
    /// To [`Request::Organization`], and to every request that changes it and has nothing else to tell.
    Organization(Box<OrganizationView>),
    /// To [`Request::Invite`].
    Invited {
        /// The invitation.
        invitation: InvitationView,
        /// The one-time code, in its written form. Given once, kept nowhere.
        code: SecretBytes,
    },
    /// To [`Request::Accept`].
    Accepted {
        /// The invitation.
        invitation: InvitationId,
        /// Of the keys that were made: to be compared with what the one who admits sees.
        fingerprint: Box<str>,
    },
    /// To [`Request::RemoveMember`]: what they could have read, by name.
    MemberRemoved {
        /// What to rotate.
        to_rotate: Vec<ToRotate>,
    },
    /// To [`Request::AskPermission`].
    Asked(PermissionRequest),
}

/// One thing that was handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// The secret, as it is now.
    pub header: Arc<Header>,
    /// Its status at that moment.
    pub status: Status,
    /// The field.
    pub part: Box<str>,
    /// Its bytes.
    pub bytes: SecretBytes,
}

/// Where a secret is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// The applications that name it, by name.
    pub applications: Vec<Arc<Application>>,
    /// The last delivery to each command of each user, the newest first.
    pub deliveries: Vec<SeenDelivery>,
}

/// An access token, or what it takes to ask for one (RFC 6749, section 4.4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Grant {
    /// One that is kept, and good still.
    Kept {
        /// The token.
        token: SecretBytes,
        /// When it expires.
        expires: Timestamp,
        /// The status of the client credentials.
        status: Status,
    },
    /// None is kept.
    Ask {
        /// The client credentials: client ID, scopes and token URL are among the fields.
        header: Arc<Header>,
        /// Their status.
        status: Status,
        /// The client secret.
        client_secret: SecretBytes,
    },
}

/// A form that was left unfinished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftForm {
    /// What was entered.
    pub form: Unfinished,
    /// The program that it stands in runs still: nobody left it.
    pub open: bool,
}

/// Whether there is a vault, and whether it is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VaultStatus {
    /// No vault at this place.
    Absent,
    /// A vault, closed.
    Locked,
    /// Open.
    Unlocked(Session),
}

/// Who is in which vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The organization.
    pub organization: Box<str>,
    /// The member.
    pub member: Box<str>,
    /// What the member may do.
    pub rights: Rights,
    /// Nothing can be changed, because of what the report said.
    pub read_only: bool,
    /// In how many seconds the vault is locked unless somebody does something; `None`: never.
    pub locks_in: Option<u32>,
}

/// One connection to the agent, as the kernel tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its process; 0 when the agent cannot see it, as in a container.
    pub pid: u32,
    /// Its terminal, such as `pts/3`, if it has one.
    pub terminal: Option<Box<str>>,
    /// Its user, by name where there is one.
    pub user: Box<str>,
    /// Since when it has been connected.
    pub since: Timestamp,
}

/// What others did at the same vault, told without being asked: see [`Door::listen`](super::Door::listen).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// These secrets are now as told here.
    Changed(Vec<Arc<Header>>),
    /// More has changed than can be told: list anew.
    ListAnew,
    /// Applications were added, edited or removed: ask for them anew.
    Applications,
    /// Something about the members, their rights or their requests is not as it was: ask anew.
    Organization,
    /// The vault is locked.
    Locked,
    /// Somebody unlocked the vault.
    Unlocked(Session),
    /// The vault stays open, and something else about it has changed: how long it does so without a request, or whether it
    /// can be changed.
    Session(Session),
}

/// One secret in full, but for its value. Over the agent's socket goes the header: all else comes from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Arc<Header>", into = "Arc<Header>")]
pub struct Details {
    /// The header.
    pub header: Arc<Header>,
    /// What the certificate says, for that type.
    pub chain: Option<Chain>,
}

impl From<Arc<Header>> for Details {
    fn from(header: Arc<Header>) -> Self {
        Self { chain: chain(&header), header }
    }
}

impl From<Details> for Arc<Header> {
    fn from(details: Details) -> Self {
        details.header
    }
}

/// What the certificate in the header says, for types that have one; one that an older version took and this one
/// cannot read is shown without.
fn chain(header: &Header) -> Option<Chain> {
    let field = header.kind.schema().fields.iter().find(|field| field.input == Input::CertificateFile)?;
    read_chain(header.public(field.key)?.as_bytes()).ok().map(|bundle| bundle.chain)
}
