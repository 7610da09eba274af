//! What the surroundings name when no option does: for services, which nobody types to.

use std::env;
use std::path::{Path, PathBuf};

use super::line;
use crate::cli::{Failed, shown};
use crate::domain::SecretBytes;
use crate::host::files::{Links, read_capped};
use crate::service::{Credential, DoorError};

/// Names a file with the passphrase. The passphrase itself never stands in a variable: other processes can read those.
const PASSPHRASE_FILE: &str = "STRONGROOM_PASSPHRASE_FILE";
/// Names the member whose passphrase it is.
const MEMBER: &str = "STRONGROOM_MEMBER";
/// systemd names the directory with a service's credentials in it.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// What ours is called there.
const CREDENTIAL: &str = "strongroom";
/// Most bytes of a credential.
const MAX_CREDENTIAL: usize = 64 * 1024;

/// The passphrase or machine key that the surroundings name, if they name one.
///
/// # Errors
/// When it is named and cannot be used.
pub(super) fn find() -> Result<Option<Credential>, Failed> {
    if let Some(path) = variable(PASSPHRASE_FILE) {
        return Ok(line::of_file(&path)?.map(Credential::Passphrase));
    }
    variable(CREDENTIALS).map_or(Ok(None), |directory| of_systemd(&directory.join(CREDENTIAL)))
}

/// The member that the surroundings name.
pub(super) fn member() -> Option<Box<str>> {
    let name = env::var_os(MEMBER).filter(|name| !name.is_empty())?;
    Some(name.to_string_lossy().into())
}

/// How messages call what [`find`] found, if it did.
pub(super) fn name() -> Option<&'static str> {
    if variable(PASSPHRASE_FILE).is_some() {
        return Some("the first line of the file that STRONGROOM_PASSPHRASE_FILE names");
    }
    let is_there = |directory: PathBuf| directory.join(CREDENTIAL).exists();
    variable(CREDENTIALS).is_some_and(is_there).then_some("the systemd credential strongroom")
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The credential at `path`, whose first line tells what it is. Who may read it is systemd's care: it may belong to root,
/// with a list of who else can.
fn of_systemd(path: &Path) -> Result<Option<Credential>, Failed> {
    let text = match read_capped(path, MAX_CREDENTIAL, Links::Follow) {
        Err(error) if error.is_not_found() => return Ok(None),
        read => read.map_err(DoorError::from)?,
    };
    if Credential::is_machine_key(&text) {
        return Ok(Some(Credential::Machine(text.as_slice().into())));
    }
    let line: Option<SecretBytes> = line::first_line(text.as_slice()).unwrap_or_default();
    line::checked(&shown(path), line).map(|line| Some(Credential::Passphrase(line)))
}
