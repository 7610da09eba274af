//! `strongroom member role NAME ROLE`.

use super::{change, find_present, organization, words};
use crate::cli::args::RoleArgs;
use crate::cli::{Failed, output, unlock_for};
use crate::service::{Door, Request};

pub(super) fn run(args: &RoleArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let (_, current) = unlock_for(door, &args.passphrase)?;
    let view = organization(door)?;
    let member = find_present(&view, &args.who)?;
    change(door, Request::ChangeRole { member: member.id, role: args.role, current: Some(current) })?;
    let (name, before) = (&member.name, member.role);
    output::remark(&format!("{name} is {} now. {}", words::a(args.role), words::what_follows(args.role)));
    if before.manages() && !args.role.manages() {
        output::remark(&format!(
            "The vault was sealed anew. What {name} has seen until now, {name} knows still: give it new values."
        ));
    }
    Ok(())
}
