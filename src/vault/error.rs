//! Every reason not to do what was asked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Holder;
use crate::crypto::{KdfError, OpenError, SealError, SlotError, VaultFileError};
use crate::domain::lifecycle::{Refusal, TransitionError};
use crate::domain::{Header, Timestamp};
use crate::host::EntropyError;
use crate::host::files::FileError;
use crate::host::lock::LockError;
use crate::store::StoreError;

/// Why the vault refused or failed; nothing was changed then.
#[derive(Debug, thiserror::Error)]
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
    /// The passphrase, or the recovery key, does not open it.
    #[error("{}", if *recovery { "that recovery key does not open this vault" } else { "that passphrase does not open this vault" })]
    WrongCredential {
        /// It was the recovery key that was tried.
        recovery: bool,
        /// No further guess is taken for so many seconds.
        wait_seconds: u32,
    },
    /// A guess too soon after a wrong one.
    #[error("too many wrong guesses: wait {wait_seconds} s")]
    TooSoon {
        /// How long to wait.
        wait_seconds: u32,
    },
    /// Another process has it.
    #[error("the vault is in use by process {}", .0.pid)]
    Held(Holder),
    /// The vault was opened for reading only.
    #[error("the vault is open for reading only")]
    ReadOnly,
    /// No such secret.
    #[error("there is no such secret")]
    NotFound,
    /// The name is taken by a secret that is not deleted.
    #[error("there is a secret called {0:?} already")]
    NameTaken(Box<str>),
    /// A field does not keep the rules.
    #[error("{field}: {cause}")]
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
    /// A file that is in the way or not what it should be.
    #[error("{file}: {cause}")]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The disk is full.
    #[error("the disk is full: nothing was changed")]
    DiskFull,
    /// The operating system refused.
    #[error("{0}")]
    System(String),
}

impl VaultError {
    /// What the operating system's answer about `file` means.
    pub(super) fn io(file: &Path, source: &io::Error) -> Self {
        if is_full(source) {
            return Self::DiskFull;
        }
        Self::File { file: file.to_path_buf(), cause: source.to_string() }
    }

    /// This error, said of the secret called `name`.
    pub(super) fn about(self, name: &str) -> Self {
        match self {
            Self::Damaged(cause) => Self::Damaged(format!("{name}: {cause}")),
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
            StoreError::Io { .. } => Self::System(error.to_string()),
        }
    }
}

impl From<FileError> for VaultError {
    fn from(error: FileError) -> Self {
        let cause = error.to_string();
        match error {
            FileError::Io { path, source } => Self::io(&path, &source),
            FileError::NotRegular(file) | FileError::NotADirectory(file) => Self::File { file, cause },
            FileError::TooBig { path: file, .. }
            | FileError::Foreign { path: file, .. }
            | FileError::Exposed { path: file, .. } => Self::File { file, cause },
        }
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

impl From<VaultFileError> for VaultError {
    fn from(error: VaultFileError) -> Self {
        Self::Damaged(error.to_string())
    }
}
