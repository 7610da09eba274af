//! `strongroom member invite NAME`: a one-time code, printed once.

use super::{told, user, words};
use crate::cli::args::InviteArgs;
use crate::cli::exit::Exit;
use crate::cli::words::count;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::organization::InvitationView;
use crate::domain::text::check_name;
use crate::service::{Door, Request, Response};

/// What to do when the code did not get out.
const LOST: &str = "Withdraw the invitation with strongroom member withdraw, and invite anew.";

pub(super) fn run(args: &InviteArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check_name(&args.name).map_err(|error| Failed::new(Exit::Usage, format!("the name: {error}")))?;
    let uid = user::uid(&args.user)?;
    output::check_is_read("code")?;
    unlock(door, &args.unlocking)?;
    let request = Request::Invite { name: args.name.as_str().into(), role: args.role, uid, days: args.days };
    let Response::Invited { invitation, code } = call(door, request)? else { return Err(unexpected()) };
    say(&invitation, args.days);
    if args.json {
        let told = output::json_with(&told::Invitation::of(&invitation), "code", &code);
        return output::once("code", &told, LOST);
    }
    output::once("code", &output::line_of(&code), LOST)
}

fn say(invitation: &InvitationView, days: u16) {
    let InvitationView { id, name, role, expires, .. } = invitation;
    output::remark(&format!("Invited {name} as {}: invitation {id}.", words::a(*role)));
    output::remark(&format!(
        "The code follows, this once. Give it to {name} alone, who runs strongroom member accept within {}, until {}. Then \
         compare the fingerprint with {name}, and run strongroom member admit {id}.",
        count(days.into(), "day"),
        expires.to_minute()
    ));
}
