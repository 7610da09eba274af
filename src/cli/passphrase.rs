//! `strongroom passphrase`: a new passphrase, and the vault sealed anew.

use super::args::PassphraseArgs;
use super::credential::{self, Otherwise, Wanted};
use super::{Failed, call, output, unexpected, unlock_for};
use crate::service::{CredentialKind, Door, Request, Response};

const WANTED: Wanted =
    Wanted { question: "New passphrase: ", option: "--new-passphrase-file", otherwise: Otherwise::Missing };

pub(super) fn run(args: &PassphraseArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let (session, current) = unlock_for(door, &args.passphrase)?;
    let new = credential::another_passphrase(args.new_passphrase_file.as_deref(), WANTED)?;
    call(door, Request::ChangePassphrase { current: Some(current), new: new.clone() })?;
    output::remark("Changed. The old passphrase opens nothing from now on, except backups made before.");
    if !session.rights.role.manages() {
        output::remark("The vault is sealed anew when an Account Holder or Manager next unlocks it.");
    }
    tell_of_machine_keys(door)?;
    credential::warn_if_weak(&new, &[&session.organization, &session.member]);
    Ok(())
}

/// Who changes the passphrase because somebody knows it must not forget what else opens the vault.
fn tell_of_machine_keys(door: &mut dyn Door) -> Result<(), Failed> {
    let Response::Slots(slots) = call(door, Request::Slots)? else { return Err(unexpected()) };
    let keys = slots.iter().filter(|slot| slot.kind == CredentialKind::Machine).count();
    if keys > 0 {
        output::remark(&format!("Machine keys that open the vault as before: {keys}. See strongroom slot list."));
    }
    Ok(())
}
