//! A new file for what was handed over: never over another one, for its owner alone, on the disk when it is done.

use std::io;
use std::path::Path;

use super::{Failed, file_failed};
use crate::host::files::FileError;
use crate::host::put::{Existing, put};
use crate::service::DoorError;

/// Says that there is a file already, before anything is asked for; [`write`] makes sure of it.
///
/// # Errors
/// When there is something at `path`.
pub(super) fn check_free(path: &Path) -> Result<(), Failed> {
    match path.symlink_metadata() {
        Ok(_) => Err(DoorError::FileExists(path.to_path_buf()).into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_failed(path, error)),
    }
}

/// Makes the file `path` with `bytes` in it, mode 0600, synced, or none.
///
/// # Errors
/// When there is a file already, or it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    put(path, bytes, Existing::Keep).map_err(|error| match error {
        FileError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
            DoorError::FileExists(path.to_path_buf()).into()
        }
        other => DoorError::from(other).into(),
    })
}
