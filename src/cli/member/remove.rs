//! `strongroom member remove NAME`: their keys open nothing any more, and what they could have read is listed.

use serde::Serialize;

use super::{can_ask, find_present, organization, show};
use crate::cli::args::MemberRemoveArgs;
use crate::cli::exit::Exit;
use crate::cli::words::count;
use crate::cli::{Failed, call, credential, output, unexpected, unlock_for};
use crate::domain::organization::{MemberView, ToRotate};
use crate::domain::text::sanitize;
use crate::service::{Door, Request, Response};

/// Something to rotate, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    name: &'a str,
    last_delivered: Option<String>,
}

pub(super) fn run(args: &MemberRemoveArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if !args.yes && !can_ask() {
        let message =
            format!("removing {} cannot be undone, and there is no terminal to confirm it at. Add --yes.", args.who);
        return Err(Failed::new(Exit::Usage, message));
    }
    let (_, current) = unlock_for(door, &args.passphrase)?;
    let view = organization(door)?;
    let member = find_present(&view, &args.who)?;
    if !args.yes {
        confirm(member)?;
    }
    let request = Request::RemoveMember { member: member.id, current: Some(current) };
    let Response::MemberRemoved { to_rotate } = call(door, request)? else { return Err(unexpected()) };
    output::remark(&done(member, &to_rotate));
    output::data(&if args.json { json(&to_rotate) } else { names(&to_rotate) })
}

/// The name has to be typed, as on the screen.
fn confirm(member: &MemberView) -> Result<(), Failed> {
    let name = sanitize(&member.name);
    let goes = if member.personal > 0 { format!(", and {} with them", show::personal(member)) } else { String::new() };
    let question = format!("None of their keys opens anything any more{goes}. Type {name} to remove them: ");
    if credential::confirmation(&question)? != *member.name {
        return Err(Failed::new(Exit::Aborted, "that is not their name: nobody was removed. Start again."));
    }
    Ok(())
}

fn done(member: &MemberView, to_rotate: &[ToRotate]) -> String {
    let removed = format!("Removed {}; the vault was sealed anew, and none of their keys opens it.", member.name);
    match to_rotate.len() as u64 {
        0 => format!("{removed} They could have read no secret of the organization."),
        number => format!(
            "{removed} They could have read {}, which follow{}: give each a new value where it is used.",
            count(number, "secret"),
            if number == 1 { "s" } else { "" }
        ),
    }
}

fn json(to_rotate: &[ToRotate]) -> String {
    output::json(&to_rotate.iter().map(row).collect::<Vec<_>>())
}

fn row(one: &ToRotate) -> Row<'_> {
    let last_delivered = one.last_delivered.map(|at| at.to_iso());
    Row { id: one.id.to_string(), name: &one.name, last_delivered }
}

/// One a line.
fn names(to_rotate: &[ToRotate]) -> String {
    to_rotate.iter().map(|one| format!("{}\n", sanitize(&one.name))).collect()
}
