//! `strongroom rename NAME NEW`: the same secret under another name; its id, value and status stay.

use super::{change_of, open_and_find, tell};
use crate::cli::Failed;
use crate::cli::args::RenameArgs;
use crate::cli::exit::Exit;
use crate::domain::text::check_name;
use crate::domain::{Change, PartChange, Timestamp};
use crate::service::{Door, Request};

pub(super) fn run(args: &RenameArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    check_name(&args.new).map_err(|error| Failed::new(Exit::Usage, format!("the new name: {error}")))?;
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    let change_to = Change {
        name: args.new.as_str().into(),
        public: header.public.clone(),
        parts: header.parts.iter().map(|part| (part.name.clone(), PartChange::Keep)).collect(),
        expires: header.expires,
        not_before: header.not_before,
        write_only: header.write_only,
        encrypted_key: header.encrypted_key,
    };
    let request = Request::Edit { id: header.id, revision: header.revision, change: change_to };
    let renamed = change_of(&header, door, request)?;
    let done =
        format!("Renamed {} to {}. References by its old name find nothing any more.", header.name, renamed.name);
    tell(&renamed, &done, args.json, now)
}
