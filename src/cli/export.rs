//! `strongroom export FILE`: the secrets that may be displayed, for another vault or another tool.

use std::path::Path;

use super::args::ExportArgs;
use super::credential::{self, Otherwise, Wanted};
use super::exit::Exit;
use super::words::count;
use super::{Failed, call, new_file, output, shown, unexpected, unlock};
use crate::domain::text::grouped;
use crate::service::{Door, Request, Response, Skipped};

const WANTED: Wanted = Wanted {
    question: "Passphrase for the export: ",
    option: "--export-passphrase-file",
    otherwise: Otherwise::Missing,
};

pub(super) fn run(args: &ExportArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if args.plaintext && !args.yes {
        let message = "whoever gets a plaintext export can read it. Add --yes if that is what you want.";
        return Err(Failed::new(Exit::Usage, message));
    }
    if args.file == Path::new("-") {
        return Err(Failed::new(Exit::Usage, "an export goes to a file that nobody else can read. Name one."));
    }
    // Said before a passphrase is asked for; the writing makes sure of it.
    new_file::check_free(&args.file)?;
    unlock(door, &args.unlocking)?;
    let passphrase = match args.plaintext {
        true => None,
        false => Some(credential::another_passphrase(args.export_passphrase_file.as_deref(), WANTED)?),
    };
    passphrase.iter().for_each(|passphrase| credential::warn_if_weak(passphrase, &[]));
    let answer = call(door, Request::Export { passphrase })?;
    let Response::Exported { file, exported, skipped } = answer else { return Err(unexpected()) };
    new_file::write(&args.file, file.expose())?;
    for Skipped { what, why } in &skipped {
        output::remark(&format!("Left out {what}: {why}"));
    }
    let how = if args.plaintext { "in the clear" } else { "encrypted" };
    let (exported, left_out) = (count(exported, "secret"), grouped(skipped.len() as u64));
    output::remark(&format!("Exported {exported}, {how}, to {}; left out {left_out}.", shown(&args.file)));
    Ok(())
}
