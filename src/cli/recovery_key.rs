//! `strongroom recovery-key`: a new recovery key, and the vault sealed anew.

use super::args::Unlocking;
use super::{Failed, ask_passphrase, call, output, unexpected, unlock_with};
use crate::service::{Door, Request, Response};

pub(super) fn run(how: &Unlocking, door: &mut dyn Door) -> Result<(), Failed> {
    output::check_is_read()?;
    let current = ask_passphrase(door, how)?;
    unlock_with(door, current.clone())?;
    let request = Request::ChangeRecoveryKey { current: Some(current) };
    let Response::RecoveryKey(key) = call(door, request)? else { return Err(unexpected()) };
    output::remark("The new recovery key follows, this once: keep it on paper.");
    output::remark("The old one opens nothing from now on, except backups made before.");
    output::recovery_key(&key)
}
