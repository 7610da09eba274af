//! `strongroom passphrase`: a new passphrase, and the vault sealed anew.

use super::args::PassphraseArgs;
use super::credential::{self, Wanted};
use super::{Failed, call, output, unlock_for};
use crate::service::{Door, Request};

const WANTED: Wanted = Wanted { question: "New passphrase: ", option: "--new-passphrase-file" };

pub(super) fn run(args: &PassphraseArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let (session, current) = unlock_for(door, &args.passphrase)?;
    let new = credential::another_passphrase(args.new_passphrase_file.as_deref(), WANTED)?;
    call(door, Request::ChangePassphrase { current: Some(current), new: new.clone() })?;
    output::remark("Changed. The old passphrase opens nothing from now on, except backups made before.");
    credential::warn_if_weak(&new, &[&session.organization, &session.member]);
    Ok(())
}
