//! `strongroom init`: the wizard's work without a terminal.
//!
//! The recovery key is printed after the vault is made. When that fails the vault stays, and the error says how to have
//! a new key.

use super::args::InitArgs;
use super::credential::{self, Otherwise, Wanted};
use super::exit::Exit;
use super::{Failed, call, output, unexpected};
use crate::domain::text::check_name;
use crate::service::{Door, DoorError, Request, Response, VaultStatus};

const WANTED: Wanted =
    Wanted { question: "New passphrase: ", option: "--passphrase-file", otherwise: Otherwise::Missing };

pub(super) fn run(args: &InitArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check(args)?;
    match call(door, Request::Status)? {
        Response::Status(VaultStatus::Absent) => {}
        _ => return Err(DoorError::VaultExists.into()),
    }
    output::check_is_read("recovery key")?;
    let passphrase = credential::new_passphrase(&args.passphrase, WANTED)?;
    let request = Request::Create {
        organization: args.organization.as_str().into(),
        member: args.name.as_str().into(),
        passphrase: passphrase.clone(),
    };
    let Response::Created { session, recovery_key } = call(door, request)? else { return Err(unexpected()) };
    output::remark(&format!(
        "Made the vault of {}; {} is its {}.",
        session.organization,
        session.member,
        session.rights.role.label()
    ));
    credential::warn_if_weak(&passphrase, &[&args.organization, &args.name]);
    output::remark("The recovery key follows, this once. It opens the vault without the passphrase: keep it on paper.");
    output::recovery_key(&recovery_key)
}

/// Before anything is asked: the names.
fn check(args: &InitArgs) -> Result<(), Failed> {
    for (option, name) in [("--organization", &args.organization), ("--name", &args.name)] {
        check_name(name).map_err(|error| Failed::new(Exit::Usage, format!("{option}: {error}")))?;
    }
    Ok(())
}
