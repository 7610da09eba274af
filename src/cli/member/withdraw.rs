//! `strongroom member withdraw INVITATION`: its code opens nothing any more.

use super::{change, find_invitation, organization};
use crate::cli::args::WithdrawArgs;
use crate::cli::{Failed, output, unlock};
use crate::service::{Door, Request};

pub(super) fn run(args: &WithdrawArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let invitation = find_invitation(&view, &args.invitation)?;
    change(door, Request::Withdraw(invitation.id))?;
    output::remark(&format!("Withdrew the invitation {} for {}.", invitation.id, invitation.name));
    Ok(())
}
