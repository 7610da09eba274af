//! `strongroom restore FILE`: the vault from a backup.

use super::args::RestoreArgs;
use super::{Failed, call, output, prompt, shown, unexpected};
use crate::service::{Credential, Door, Request, Response};

pub(super) fn run(args: &RestoreArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let credential = match &args.recovery_key_file {
        Some(file) => Credential::Recovery(prompt::secret(Some(file), "")?),
        None => {
            let file = args.unlocking.passphrase_file.as_deref();
            Credential::Passphrase(prompt::secret(file, "Passphrase of the backup: ")?)
        }
    };
    let request = Request::Restore { file: args.file.clone(), credential, replace: args.yes };
    let Response::Restored { records, set_aside } = call(door, request)? else { return Err(unexpected()) };
    output::remark(&format!("Restored {records} records from {}.", shown(&args.file)));
    if let Some(place) = set_aside {
        output::remark(&format!("The vault that was there has been put to {}.", shown(&place)));
    }
    Ok(())
}
