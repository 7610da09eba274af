//! A new file for what was handed over: never over another one, for its owner alone, on the disk when it is done.

use std::io;
use std::path::Path;

use super::{Failed, file_failed};
use crate::host::files::{self, FileError};
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

/// Makes the file `path` with `bytes` in it, mode 0600, synced. One that was begun is removed again.
///
/// # Errors
/// When there is a file already, or it cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let failed = |error: FileError| {
        if !is_taken(&error) {
            // The first failure is the one to report.
            let _ = files::remove_if_there(path);
        }
        Failed::from(DoorError::from(error))
    };
    files::write_new(path, bytes).and_then(|()| files::sync_dir(files::parent(path))).map_err(failed)
}

fn is_taken(error: &FileError) -> bool {
    matches!(error, FileError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists)
}
