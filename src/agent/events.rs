//! The log of events: what was asked for and what came of it, when and by which process. No name and no value.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use rustix::fs::OFlags;

use super::newsroom::hold;
use crate::domain::Timestamp;
use crate::host::Clock;
use crate::host::files::FileError;

/// Where events are written, if anywhere.
pub(super) struct EventLog {
    file: Option<Mutex<File>>,
    clock: Arc<dyn Clock>,
}

impl EventLog {
    /// Appends to the file at `path`, which is made when it is not there, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be written, is a link or no file, or others can write it.
    pub(super) fn open(path: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self, FileError> {
        let file = path.map(open).transpose()?.map(Mutex::new);
        Ok(Self { file, clock })
    }

    /// Writes a line. `words` come from a fixed stock: see the callers.
    pub(super) fn write(&self, words: std::fmt::Arguments<'_>) {
        let Some(file) = &self.file else { return };
        let line = format!("{} {words}\n", Timestamp(self.clock.now()).to_iso());
        // A full disk must not stop the agent.
        let _ = hold(file).write_all(line.as_bytes());
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).custom_flags(i32::try_from(flags).unwrap_or_default());
    let file = options.open(path).map_err(FileError::at(path))?;
    let metadata = file.metadata().map_err(FileError::at(path))?;
    if !metadata.is_file() {
        return Err(FileError::NotRegular(path.to_path_buf()));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(FileError::Exposed { path: path.to_path_buf(), mode: metadata.mode() & 0o777 });
    }
    Ok(file)
}
