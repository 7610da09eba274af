//! Why a record cannot be read.

use crate::crypto::wire::WireError;
use crate::crypto::{OpenError, SealError};
use crate::domain::organization::Tampering;
use crate::store::StoreError;
use crate::vault::VaultError;
use crate::vault::codec::CodecError;

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::vault) enum RecordError {
    #[error(transparent)]
    Frame(#[from] WireError),
    #[error("a record of form {0}, which this version of strongroom does not know")]
    Format(u8),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("a piece of a secret is missing or was changed")]
    Piece,
    #[error("a secret is too large to be stored")]
    TooLarge,
    #[error("it belongs to somebody else")]
    Closed,
    #[error("its value was not shared with whoever is in")]
    NotShared,
    #[error(transparent)]
    Tampered(#[from] Tampering),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<RecordError> for VaultError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            RecordError::Seal(error) => error.into(),
            RecordError::Tampered(why) => Self::Tampered(why),
            other => VaultError::Damaged(other.to_string()),
        }
    }
}
