//! `strongroom member bind NAME`: the Unix user whose member it is, or none.

use super::{change, find_present, organization, user};
use crate::cli::args::BindArgs;
use crate::cli::{Failed, output, unlock};
use crate::service::{Door, Request};

pub(super) fn run(args: &BindArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let uid = user::uid(&args.user)?;
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let member = find_present(&view, &args.who)?;
    change(door, Request::BindMember { member: member.id, uid })?;
    let name = &member.name;
    output::remark(&match uid {
        Some(uid) => {
            format!("{name} is bound to the Unix user {}: nobody else signs in as {name} here.", user::in_words(uid))
        }
        None => format!("{name} is bound to no Unix user."),
    });
    Ok(())
}
