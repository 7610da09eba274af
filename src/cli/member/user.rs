//! The Unix user that a member is bound to.

use crate::cli::Failed;
use crate::cli::args::UnixUser;
use crate::cli::exit::Exit;
use crate::host::process::{user_id, user_name};

/// The number of the user who is named, if one is.
///
/// # Errors
/// When this machine has no user of that name.
pub(super) fn uid(user: &UnixUser) -> Result<Option<u32>, Failed> {
    let Some(name) = &user.user else { return Ok(user.uid) };
    user_id(name).map(Some).ok_or_else(|| {
        let message = format!("this machine has no user {name:?}. Give the number with --uid N.");
        Failed::new(Exit::NotFound, message)
    })
}

/// `grace (1000)`, or the number alone where this machine has no name for it.
pub(super) fn in_words(uid: u32) -> String {
    let name = user_name(uid);
    if name.starts_with("uid ") { name.into() } else { format!("{name} ({uid})") }
}
