//! Every reason not to do what was asked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CredentialKind, Holder};
use crate::crypto::{
    BatchError, GenerateError, KdfError, OpenError, SealError, SealFileError, SignError, SlotError, VaultFileError,
};
use crate::domain::lifecycle::{Refusal, TransitionError};
use crate::domain::organization::{Permission, Tampering, Unlawful};
use crate::domain::{Application, Header, InvitationId, RequestId, SlotId, Timestamp};
use crate::host::EntropyError;
use crate::host::answer::in_words;
use crate::host::files::FileError;
use crate::host::lock::LockError;
use crate::store::StoreError;

/// Why the vault refused or failed. Nothing was changed then, with one exception: after an I/O failure of the very last
/// step ([`VaultError::System`], [`VaultError::File`]) the change may be found whole at the next opening, never in part.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum VaultError {
    /// There is no vault at this place.
    #[error("there is no vault here")]
    NoVault,
    /// There is one already.
    #[error("there is a vault here already")]
    VaultExists,
    /// It has to be unlocked first.
    #[error("the vault is locked")]
    Locked,
    /// The passphrase or key does not open it.
    #[error("that {} does not open this vault", kind.word())]
    WrongCredential {
        /// What was tried.
        kind: CredentialKind,
        /// No further guess is taken for so many seconds.
        wait_seconds: u32,
    },
    /// A guess too soon after a wrong one.
    #[error("too many wrong guesses: wait {wait_seconds} s")]
    TooSoon {
        /// How long to wait.
        wait_seconds: u32,
    },
    /// Another member is in.
    #[error("the vault is open for {0}")]
    OtherMember(Box<str>),
    /// Another process has it.
    #[error("the vault is in use by process {}", .0.pid)]
    Held(Holder),
    /// The vault was opened for reading only.
    #[error("the vault is open for reading only")]
    ReadOnly,
    /// No such secret.
    #[error("there is no such secret")]
    NotFound,
    /// No secret of this name or id.
    #[error("there is no secret {0:?}")]
    NoSecret(Box<str>),
    /// The secret has no such field.
    #[error("{secret:?} has no field {field:?}; it has {}", fields.join(", "))]
    NoField {
        /// The secret's name.
        secret: Box<str>,
        /// What was asked for.
        field: Box<str>,
        /// What there is.
        fields: Vec<String>,
    },
    /// The secret has several fields, and none was named.
    #[error("{secret:?} has several fields: {}", fields.join(", "))]
    WhichField {
        /// The secret's name.
        secret: Box<str>,
        /// What there is.
        fields: Vec<String>,
    },
    /// The value that the secret had at that revision is not kept.
    #[error("the value that {secret:?} had at revision {revision} is not kept")]
    NoRevision {
        /// The secret's name.
        secret: Box<str>,
        /// What was asked for.
        revision: u64,
    },
    /// No such application.
    #[error("there is no such application")]
    NoApplication,
    /// Somebody changed the application in between.
    #[error("the application was changed in between")]
    ApplicationConflict {
        /// As it is now.
        current: Arc<Application>,
    },
    /// The name is taken by another application.
    #[error("there is an application called {0:?} already")]
    ApplicationNameTaken(Box<str>),
    /// The audit log does not take an event: what would be delivered is not, and what was changed stays changed.
    #[error("the audit log cannot be written: {0}")]
    NotRecorded(String),
    /// No such key slot.
    #[error("there is no key slot {0}")]
    NoSlot(SlotId),
    /// The name is taken by a secret that is not deleted.
    #[error("there is a secret called {0:?} already")]
    NameTaken(Box<str>),
    /// A field does not keep the rules.
    #[error("{}: {cause}", field.replace('_', " "))]
    Invalid {
        /// The schema's key of the field.
        field: Box<str>,
        /// What is wrong.
        cause: Box<str>,
    },
    /// Somebody changed the secret in between.
    #[error("it was changed in between")]
    Conflict {
        /// As it is now.
        current: Arc<Header>,
    },
    /// The status gate refused the delivery.
    #[error("{} is {}", .0.name, .0.status.word())]
    Unavailable(Refusal),
    /// The value is write-only: it is never displayed.
    #[error("the value is write-only: it can be used but is never displayed")]
    WriteOnly,
    /// The state does not allow that.
    #[error("{0}")]
    Transition(#[from] TransitionError),
    /// What is stored cannot be trusted.
    #[error("the vault is damaged: {0}")]
    Damaged(String),
    /// The member may not do that.
    #[error("{member} may not {act}")]
    NotPermitted {
        /// Who.
        member: Box<str>,
        /// What, such as `reveal deploy-token`.
        act: Box<str>,
        /// The permission that it takes; `None`: a role.
        permission: Option<Permission>,
        /// The names of those who can grant it, or do it.
        who_can: Vec<Box<str>>,
    },
    /// No such member.
    #[error("there is no member {0:?}")]
    NoMember(Box<str>),
    /// No such invitation, or it counts no longer.
    #[error("there is no invitation {0} that counts")]
    NoInvitation(InvitationId),
    /// No such request for a permission.
    #[error("there is no request {0}")]
    NoRequest(RequestId),
    /// The code opens no invitation.
    #[error("that code opens no invitation of this vault")]
    WrongCode,
    /// What was compared is not the fingerprint of the keys that are there.
    #[error("that is not the fingerprint of the keys that were handed in")]
    OtherFingerprint,
    /// A secret of the organization and a personal one have the same name; or two of the organization, which nobody can do who
    /// keeps to the rules.
    #[error("there are two secrets called {0:?}: name the one that is meant by its id")]
    Ambiguous(Box<str>),
    /// The membership log does not allow it.
    #[error("{0}")]
    Unlawful(#[from] Unlawful),
    /// Somebody wrote what they were not permitted to write, or changed what others wrote.
    #[error("the vault was tampered with: {0}")]
    Tampered(Tampering),
    /// There is no such file, or no such directory to put it in.
    #[error("{}: there is no such file or directory", .0.display())]
    NoFile(#[serde(with = "crate::host::path_bytes")] PathBuf),
    /// There is a file already where a new one should be.
    #[error("{}: there is a file already", .0.display())]
    FileExists(#[serde(with = "crate::host::path_bytes")] PathBuf),
    /// A file or directory that is not what it should be, or that the operating system refuses.
    #[error("{}: {cause}", file.display())]
    File {
        /// The file.
        #[serde(with = "crate::host::path_bytes")]
        file: PathBuf,
        /// What is wrong with it; does not name it again.
        cause: String,
    },
    /// The disk is full.
    #[error("the disk is full: nothing was changed")]
    DiskFull,
    /// Not the vault but its agent is the trouble: it cannot be reached, trusted or understood. Says what to do.
    #[error("{0}")]
    Agent(String),
    /// The operating system refused.
    #[error("{0}")]
    System(String),
}

impl VaultError {
    /// What the operating system's answer about `file` means.
    pub(super) fn io(file: &Path, source: &io::Error) -> Self {
        let file = file.to_path_buf();
        match source.kind() {
            _ if is_full(source) => Self::DiskFull,
            io::ErrorKind::NotFound => Self::NoFile(file),
            io::ErrorKind::AlreadyExists => Self::FileExists(file),
            _ => Self::File { file, cause: in_words(source) },
        }
    }

    /// This error, said of the secret called `name`.
    pub(super) fn about(self, name: &str) -> Self {
        match self {
            Self::Damaged(cause) => Self::Damaged(format!("{name}: {cause}")),
            Self::Invalid { field, cause } => Self::Invalid { field, cause: format!("{name}: {cause}").into() },
            other => other,
        }
    }

    /// The field `field` does not keep a rule.
    pub(super) fn invalid(field: &str, cause: impl Into<Box<str>>) -> Self {
        Self::Invalid { field: field.into(), cause: cause.into() }
    }
}

fn is_full(source: &io::Error) -> bool {
    matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::DiskFull,
            StoreError::Damaged(cause) => Self::Damaged(cause),
            StoreError::Io { ref source, .. } if is_full(source) => Self::DiskFull,
            // The lock lets nobody else write: a conflict down here means that the store is not what it was.
            StoreError::Conflict { .. } => Self::Damaged(error.to_string()),
            StoreError::Stopped(cause) => Self::System(format!(
                "the store stopped after a write that failed ({cause}): lock the vault and unlock it to go on from what is \
                 on the disk"
            )),
            StoreError::Io { what, source } => Self::System(format!("{what}: {}", in_words(&source))),
        }
    }
}

impl From<FileError> for VaultError {
    fn from(error: FileError) -> Self {
        let message = error.to_string();
        let file = match error {
            FileError::Io { path, source } => return Self::io(&path, &source),
            FileError::NotRegular(file) | FileError::NotADirectory(file) => file,
            FileError::TooBig { path, .. }
            | FileError::Foreign { path, .. }
            | FileError::Exposed { path, .. }
            | FileError::Readable { path, .. } => path,
        };
        // The message begins with the path, and so does ours.
        let cause = message.strip_prefix(&format!("{}: ", file.display())).unwrap_or(&message).to_owned();
        Self::File { file, cause }
    }
}

impl From<LockError> for VaultError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(held) => {
                Self::Held(Holder { pid: held.pid, terminal: held.terminal, since: Timestamp(held.since) })
            }
            LockError::File(error) => error.into(),
        }
    }
}

impl From<EntropyError> for VaultError {
    fn from(error: EntropyError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<SealError> for VaultError {
    fn from(error: SealError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<OpenError> for VaultError {
    fn from(error: OpenError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<KdfError> for VaultError {
    fn from(error: KdfError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<SealFileError> for VaultError {
    fn from(error: SealFileError) -> Self {
        match error {
            SealFileError::Cost(error) => error.into(),
            SealFileError::Seal(error) => error.into(),
        }
    }
}

impl From<SlotError> for VaultError {
    fn from(error: SlotError) -> Self {
        match error {
            SlotError::Entropy(error) => error.into(),
            SlotError::WrongSecret | SlotError::Cost(_) | SlotError::Damaged | SlotError::NoGrant => {
                Self::Damaged(error.to_string())
            }
        }
    }
}

impl From<GenerateError> for VaultError {
    fn from(error: GenerateError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<BatchError> for VaultError {
    fn from(error: BatchError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<SignError> for VaultError {
    fn from(error: SignError) -> Self {
        Self::System(error.to_string())
    }
}

impl From<VaultFileError> for VaultError {
    fn from(error: VaultFileError) -> Self {
        Self::Damaged(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_named_once() {
        let path = Path::new("/x");
        let told = |error: FileError| VaultError::from(error).to_string();
        let exposed = FileError::Exposed { path: path.into(), mode: 0o755 };
        assert_eq!(told(exposed), "/x: open to other users (mode 755, must be 700)");
        assert_eq!(told(FileError::NotRegular(path.into())), "/x: not a regular file");
        let io = |number| FileError::at(path)(io::Error::from_raw_os_error(number));
        assert_eq!(told(io(13)), "/x: permission denied");
        assert_eq!(told(io(17)), "/x: there is a file already");
        assert_eq!(told(io(2)), "/x: there is no such file or directory");
    }

    #[test]
    fn a_field_is_named_as_people_write_it() {
        let error = VaultError::invalid("recovery_key", "there is a typing mistake in it");
        assert_eq!(error.to_string(), "recovery key: there is a typing mistake in it");
    }
}
