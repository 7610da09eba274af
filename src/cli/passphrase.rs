//! `strongroom passphrase`: a new passphrase, and the vault sealed anew.

use super::args::PassphraseArgs;
use super::prompt::Wanted;
use super::{Failed, ask_passphrase, call, output, prompt, unlock_with};
use crate::service::{Door, Request};

const WANTED: Wanted = Wanted { question: "New passphrase: ", option: "--new-passphrase-file" };

pub(super) fn run(args: &PassphraseArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let current = ask_passphrase(door, &args.unlocking)?;
    let session = unlock_with(door, current.clone())?;
    let new = prompt::new_secret(args.new_passphrase_file.as_deref(), WANTED)?;
    call(door, Request::ChangePassphrase { current: Some(current), new: new.clone() })?;
    output::remark("Changed. The old passphrase opens nothing from now on, except backups made before.");
    prompt::warn_if_weak(&new, &[&session.organization, &session.member]);
    Ok(())
}
