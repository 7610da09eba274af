//! `strongroom member grant NAME PERMISSION…` and `revoke`: what a member may do, and with which secrets.

use super::{change, find_present, organization, words};
use crate::cli::args::GrantArgs;
use crate::cli::exit::Exit;
use crate::cli::secrets;
use crate::cli::{Failed, output, unlock};
use crate::domain::organization::{MemberView, Permission, Permissions, Reach};
use crate::domain::text::sanitize;
use crate::domain::{MemberId, SecretId};
use crate::service::{Door, Request};

pub(super) fn grant(args: &GrantArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let make = |member, permissions, reach| Request::Grant { member, permissions, reach };
    let (name, what) = ask(args, make, door)?;
    output::remark(&format!("{name} may {what} from now on."));
    Ok(())
}

pub(super) fn revoke(args: &GrantArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let make = |member, permissions, reach| Request::Revoke { member, permissions, reach };
    let (name, what) = ask(args, make, door)?;
    output::remark(&format!(
        "{name} may no longer {what}. The vault was sealed anew; what {name} has seen until now, {name} knows still."
    ));
    Ok(())
}

/// Asks for the change; tells who it is about, and what.
fn ask(
    args: &GrantArgs,
    make: impl FnOnce(MemberId, Permissions, Reach) -> Request,
    door: &mut dyn Door,
) -> Result<(String, String), Failed> {
    let permissions = args.permissions;
    let for_all = reaches_all(args)?;
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let MemberView { id, name, .. } = find_present(&view, &args.who)?;
    let named = if for_all { Vec::new() } else { named(args, door)? };
    let reach = if for_all { Reach::All } else { Reach::Named(named.iter().map(|(id, _)| *id).collect()) };
    let of_id = |id| named.iter().find(|(known, _)| *known == id).map(|(_, name)| &**name);
    let what = match is_to_register(permissions) {
        true => "register secrets".to_owned(),
        false => format!("{} {}", words::list_of(permissions), words::secrets(&reach, of_id)),
    };
    change(door, make(*id, permissions, reach))?;
    Ok((sanitize(name).into_owned(), what))
}

/// Whether it is that and nothing else.
fn is_to_register(permissions: Permissions) -> bool {
    permissions.iter().eq([Permission::Register])
}

/// Whether it is for all secrets; to register is, by itself.
fn reaches_all(args: &GrantArgs) -> Result<bool, Failed> {
    let registers = args.permissions.has(Permission::Register);
    match (args.all, args.secrets.is_empty()) {
        (true, _) => Ok(true),
        (false, false) if registers => {
            let message =
                "to register reaches all secrets or none: grant it apart from the others, or all of them with --all.";
            Err(Failed::new(Exit::Usage, message))
        }
        (false, false) => Ok(false),
        (false, true) if is_to_register(args.permissions) => Ok(true),
        (false, true) => Err(Failed::new(Exit::Usage, "with which secrets? Name them, or say --all.")),
    }
}

fn named(args: &GrantArgs, door: &mut dyn Door) -> Result<Vec<(SecretId, Box<str>)>, Failed> {
    let found = args.secrets.iter().map(|text| {
        let header = secrets::find(door, text)?.header;
        Ok((header.id, header.name.clone()))
    });
    found.collect()
}
