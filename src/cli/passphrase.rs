//! `strongroom passphrase`: a new passphrase, and the vault sealed anew.

use super::args::PassphraseArgs;
use super::prompt::Wanted;
use super::{Failed, call, output, prompt, unlock};
use crate::service::{Door, Request};

const WANTED: Wanted = Wanted { question: "New passphrase: ", option: "--new-passphrase-file" };

pub(super) fn run(args: &PassphraseArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let new = prompt::new_secret(args.new_passphrase_file.as_deref(), WANTED)?;
    call(door, Request::ChangePassphrase(new))?;
    output::remark("Changed. The old passphrase opens nothing from now on, except backups made before.");
    Ok(())
}
