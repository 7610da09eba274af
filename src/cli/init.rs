//! `strongroom init`: the wizard's work without a terminal.

use super::args::InitArgs;
use super::{Failed, call, output, prompt, unexpected};
use crate::service::{Door, DoorError, Request, Response, VaultStatus};

pub(super) fn run(args: &InitArgs, door: &mut dyn Door) -> Result<(), Failed> {
    match call(door, Request::Status)? {
        Response::Status(VaultStatus::Absent) => {}
        _ => return Err(DoorError::VaultExists.into()),
    }
    let passphrase = prompt::new_secret(args.unlocking.passphrase_file.as_deref(), "New passphrase: ")?;
    let request = Request::Create {
        organization: args.organization.as_str().into(),
        member: args.name.as_str().into(),
        passphrase,
    };
    let Response::Created { session, recovery_key } = call(door, request)? else { return Err(unexpected()) };
    output::remark(&format!("Made the vault of {}; {} is its {}.", session.organization, session.member, session.role));
    output::remark("The recovery key follows, this once. It opens the vault without the passphrase: keep it on paper.");
    output::data(recovery_key.expose_text().unwrap_or_default())?;
    output::data("\n")
}
