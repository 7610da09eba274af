//! sled's errors and panics, in the words of the store.

use std::io::{self, ErrorKind};

use crate::host::files::FileError;
use crate::host::panics::quietly;
use crate::store::StoreError;

/// Runs a call of sled: a panic is damage too, since sled asserts what it reads.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, StoreError> {
    match quietly(work) {
        Ok(result) => result.map_err(StoreError::from),
        Err(panicked) => Err(StoreError::Damaged(panicked.to_string())),
    }
}

/// An error of the operating system while doing `what`.
pub(super) fn io(what: impl Into<String>, source: io::Error) -> StoreError {
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Io { what: what.into(), source },
    }
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
                Self::Damaged(format!("a part is missing: {e}"))
            }
            sled::Error::Io(e) => io("the store's files", e),
            sled::Error::Corruption { .. } => Self::Damaged("a checksum does not match".into()),
            sled::Error::CollectionNotFound(_) => Self::Damaged("the table of entries is missing".into()),
            sled::Error::Unsupported(why) | sled::Error::ReportableBug(why) => Self::Damaged(why),
        }
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { path, source } => io(path.display().to_string(), source),
            other => Self::Damaged(other.to_string()),
        }
    }
}
