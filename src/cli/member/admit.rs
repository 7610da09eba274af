//! `strongroom member admit`: what was compared becomes a member, and nothing else.

use super::{can_ask, change, find_invitation, organization, words};
use crate::cli::args::AdmitArgs;
use crate::cli::credential;
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, unlock_for};
use crate::domain::organization::{InvitationState, InvitationView};
use crate::domain::text::sanitize;
use crate::service::{Door, Request};

pub(super) fn run(args: &AdmitArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if args.fingerprint.is_none() && !can_ask() {
        let message = "the fingerprint has to be compared, and there is no terminal to ask at. Give the one that the new \
                       member read out: --fingerprint F.";
        return Err(Failed::new(Exit::Usage, message));
    }
    let (_, current) = unlock_for(door, &args.passphrase)?;
    let view = organization(door)?;
    let invitation = find_invitation(&view, &args.invitation)?;
    let shown = accepted(invitation)?;
    let fingerprint = match &args.fingerprint {
        Some(given) if is_same(given, shown) => shown,
        // That it is another one, the door says.
        Some(given) => given.trim(),
        None => compare(invitation, shown)?,
    };
    let request = Request::Admit { invitation: invitation.id, fingerprint: fingerprint.into(), current: Some(current) };
    change(door, request)?;
    let InvitationView { name, role, .. } = invitation;
    output::remark(&format!("Admitted {name}, who is {} now. {}", words::a(*role), words::what_follows(*role)));
    Ok(())
}

/// The fingerprint of the keys that were handed in.
fn accepted(invitation: &InvitationView) -> Result<&str, Failed> {
    let InvitationView { id, name, expires, state, .. } = invitation;
    match state {
        InvitationState::Accepted { fingerprint } => Ok(fingerprint),
        InvitationState::Open => Err(Failed::new(
            Exit::Failure,
            format!("{name} has not accepted the invitation {id} yet. They do it with strongroom member accept."),
        )),
        InvitationState::Forged => Err(Failed::new(
            Exit::Damaged,
            format!(
                "what was handed in for {name} is not signed with the code of the invitation {id}: somebody else put it there. \
                 Withdraw it with strongroom member withdraw {id}, and invite anew."
            ),
        )),
        InvitationState::Expired => Err(Failed::new(
            Exit::NotFound,
            format!("the invitation {id} for {name} counted until {}. Invite anew.", expires.to_minute()),
        )),
    }
}

/// Whether two fingerprints are the same but for how they are written.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
    };
    plain(one) == plain(other)
}

/// Shows the fingerprint; nothing but a yes goes on.
fn compare<'a>(invitation: &InvitationView, fingerprint: &'a str) -> Result<&'a str, Failed> {
    let name = sanitize(&invitation.name);
    output::remark(&format!("The fingerprint of the keys that were made for {name}:"));
    output::remark(&format!("    {fingerprint}"));
    let question = format!("Does {name} read out the same, by telephone or face to face? Type yes to admit {name}: ");
    if credential::confirmation(&question)?.trim() != "yes" {
        let message = format!(
            "nobody was admitted. If {name} reads out another one, somebody else took the invitation: strongroom member \
             withdraw {}.",
            invitation.id
        );
        return Err(Failed::new(Exit::Aborted, message));
    }
    Ok(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_same_however_it_is_written() {
        assert!(is_same("7k3m-9xq2 wxyz0000", "7K3M 9XQ2 WXYZ 0000"));
        assert!(!is_same("7K3M 9XQ2 WXYZ 0001", "7K3M 9XQ2 WXYZ 0000"));
        assert!(!is_same("", "7K3M"));
    }
}
