//! Reading files and folders for the screens.

use std::path::Path;

use crate::domain::SecretBytes;
use crate::host::files::{self, Links};
use crate::tui::layer::{FolderEntry, Listed};

/// Largest file that a form takes, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;

/// Reads a regular file of at most 1 MiB.
///
/// # Errors
/// Words that say what is wrong with the file and what to do.
pub fn read(path: &Path) -> Result<SecretBytes, String> {
    let mut bytes = files::read_capped(path, MAX_FILE, Links::Follow).map_err(|error| error.to_string())?;
    Ok(SecretBytes::new(std::mem::take(&mut *bytes)))
}

/// Lists a folder: folders first, then files, by name.
///
/// # Errors
/// The operating system's words.
pub fn list(path: &Path) -> Listed {
    let entries = std::fs::read_dir(path).map_err(|error| error.to_string())?;
    let mut listed: Vec<FolderEntry> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let meta = std::fs::metadata(entry.path()).ok()?;
            Some(FolderEntry { name: entry.file_name(), folder: meta.is_dir(), size: meta.len() })
        })
        .collect();
    listed.sort_by(|a, b| (!a.folder, &a.name).cmp(&(!b.folder, &b.name)));
    Ok(listed)
}
