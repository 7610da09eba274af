//! `strongroom member accept`: the keys and the passphrase of a new member. The vault may be locked.

use crate::cli::args::AcceptArgs;
use crate::cli::credential::{self, Otherwise, Wanted};
use crate::cli::{Failed, call, check_there, output, unexpected};
use crate::service::{Door, Request, Response};

const CODE: Wanted = Wanted { question: "Invitation code: ", option: "--code-file", otherwise: Otherwise::Missing };
const NEW: Wanted =
    Wanted { question: "New passphrase: ", option: "--new-passphrase-file", otherwise: Otherwise::Missing };

pub(super) fn run(args: &AcceptArgs, door: &mut dyn Door) -> Result<(), Failed> {
    check_there(door)?;
    let code = credential::from_file_or_asked(args.code_file.as_deref(), CODE)?;
    let passphrase = credential::another_passphrase(args.new_passphrase_file.as_deref(), NEW)?;
    let request = Request::Accept { code, passphrase: passphrase.clone() };
    let Response::Accepted { invitation, fingerprint } = call(door, request)? else { return Err(unexpected()) };
    credential::warn_if_weak(&passphrase, &[]);
    output::remark(
        "Accepted. This is the fingerprint of your keys: read it out to whoever invited you, by telephone or face to face. You \
         are a member once they have compared it and admitted you.",
    );
    output::data(&if args.json {
        output::json(&serde_json::json!({ "invitation": invitation.to_string(), "fingerprint": fingerprint }))
    } else {
        format!("{}\n", crate::domain::text::sanitize(&fingerprint))
    })
}
