//! `strongroom member answer REQUEST`: grants what was asked for, or takes it off the list.

use super::secrets::Names;
use super::{change, organization, words};
use crate::cli::args::{AnswerArgs, PermissionAnswer};
use crate::cli::{Failed, output, unlock};
use crate::service::{Door, DoorError, Request};

pub(super) fn run(args: &AnswerArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let asked = view.requests.iter().find(|request| request.id == args.request);
    let asked = asked.ok_or(DoorError::NoRequest(args.request))?;
    let grant = args.answer == PermissionAnswer::Grant;
    let names = Names::ask(door)?;
    change(door, Request::AnswerRequest { id: args.request, grant })?;
    let who = words::name_of(&view, asked.member);
    let what = asked
        .secret
        .map_or_else(|| "all secrets".to_owned(), |id| names.of(id).map_or_else(|| id.to_string(), str::to_owned));
    let permission = asked.permission.word();
    output::remark(&match grant {
        true => format!("{who} may {permission} {what} from now on."),
        false => format!("Declined: {who} asked to {permission} {what}, and the request is off the list."),
    });
    Ok(())
}
