//! `strongroom recovery-key`: a new recovery key, and the vault sealed anew.

use super::args::MemberPassphrase;
use super::{Failed, call, output, unexpected, unlock_for};
use crate::service::{Door, Request, Response};

pub(super) fn run(from: &MemberPassphrase, door: &mut dyn Door) -> Result<(), Failed> {
    output::check_is_read("recovery key")?;
    let (_, current) = unlock_for(door, from)?;
    let request = Request::ChangeRecoveryKey { current: Some(current) };
    let Response::RecoveryKey(key) = call(door, request)? else { return Err(unexpected()) };
    output::remark("The new recovery key follows, this once: keep it on paper.");
    output::remark("The old one opens nothing from now on, except backups made before.");
    output::recovery_key(&key)
}
