//! `strongroom member ask PERMISSION`: Account Holders and Managers see it, and answer.

use super::told;
use crate::cli::args::AskArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, secrets, unexpected, unlock};
use crate::domain::organization::Permission;
use crate::service::{Door, Request, Response};

pub(super) fn run(args: &AskArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check(args)?;
    let session = unlock(door, &args.unlocking)?;
    let header = args.secret.as_deref().map(|text| secrets::find(door, text)).transpose()?.map(|found| found.header);
    let secret = header.as_ref().map(|header| header.id);
    let request = Request::AskPermission { permission: args.permission, secret };
    let Response::Asked(asked) = call(door, request)? else { return Err(unexpected()) };
    output::remark(&format!(
        "Asked: request {}. Account Holders and Managers see it with strongroom member list, and answer.",
        asked.id
    ));
    if !args.json {
        return Ok(());
    }
    let me = |_| Some(&*session.member);
    let name = |_| header.as_ref().map(|header| &*header.name);
    output::data(&output::json(&told::Request::of(&asked, me, name)))
}

/// To register reaches all secrets or none; all else has to be said.
fn check(args: &AskArgs) -> Result<(), Failed> {
    let message = match (args.permission, &args.secret, args.all) {
        (Permission::Register, Some(_), _) => "to register reaches all secrets or none. Leave the secret away.",
        (Permission::Register, ..) | (_, Some(_), _) | (_, _, true) => return Ok(()),
        _ => "for which secret? Name it, or say --all.",
    };
    Err(Failed::new(Exit::Usage, message))
}
