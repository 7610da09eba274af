//! The door's refusals in the words of the screens: what failed, why, what to do next.

use std::borrow::Cow;

use crate::domain::Status;
use crate::domain::lifecycle::Refusal;
use crate::domain::organization::Role;
use crate::service::{CredentialKind, DoorError, Holder};
use crate::tui::keymap::{self, Cmd, Context};
use crate::tui::text::fit;
use crate::tui::theme::Theme;

/// Most cells of a name within a sentence.
const NAME: usize = 36;

/// The key of `cmd` in `context`, for prose on this terminal.
pub fn key(context: Context, cmd: Cmd, theme: Theme) -> String {
    theme.keys(&keymap::key_of(context, cmd))
}

/// One line for the foot of the screen or the place of the error.
pub fn error(error: &DoorError) -> String {
    let next = match error {
        DoorError::Unavailable(refusal) => return refused(refusal),
        // On a full disk its note could not be written.
        DoorError::Held(Holder { pid: 0, .. }) => {
            return "Another process has this vault open. Close it there, then try again.".to_owned();
        }
        DoorError::Held(holder) => {
            let terminal = holder.terminal.as_deref().map_or(String::new(), |t| format!(" on {t}"));
            return format!(
                "Process {}{terminal} has had this vault open since {}. Close it there, then try again.",
                holder.pid,
                holder.since.to_minute()
            );
        }
        DoorError::WriteOnly => {
            return "The value is write-only: it can be used, but it is never displayed.".to_owned();
        }
        DoorError::NameTaken(name) => {
            return format!("There is a secret called \"{name}\" already: choose another name, or edit that one.");
        }
        DoorError::ApplicationNameTaken(name) => {
            return format!("There is an application called \"{name}\" already: choose another name.");
        }
        DoorError::NoVault => "Start strongroom again to make one.",
        DoorError::VaultExists => "Choose another place with --vault.",
        DoorError::Locked => "Unlock it first.",
        DoorError::WrongCredential { kind: CredentialKind::Recovery, .. } => "Compare it with what you wrote down.",
        DoorError::WrongCredential { .. } => "Check Caps Lock and try again.",
        DoorError::TooSoon { .. } | DoorError::Agent(_) | DoorError::Invalid { .. } => "",
        DoorError::ReadOnly => "Nothing can be changed until its store is put right: see strongroom doctor.",
        DoorError::NotPermitted { who_can, .. } => {
            let names = who_can.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ");
            let next = if names.is_empty() { String::new() } else { format!(" Ask {names} for it.") };
            return format!("{error}.{next}");
        }
        DoorError::NoMember(_) | DoorError::NoInvitation(_) | DoorError::NoRequest(_) => {
            "Somebody may have removed it."
        }
        DoorError::OtherMember(_) => "It has to be locked there first.",
        DoorError::WrongCode => "Check it for typing mistakes; it counts once.",
        DoorError::OtherFingerprint => "Compare it again; if it differs, withdraw the invitation.",
        DoorError::Ambiguous(_) => "Choose it in the list.",
        DoorError::Unlawful(_) => "",
        DoorError::Tampered(_) => "It is not used: tell an Account Holder, and see strongroom doctor.",
        DoorError::NotFound | DoorError::NoSlot(_) | DoorError::NoSecret(_) | DoorError::NoApplication => {
            "Somebody may have removed it."
        }
        DoorError::NoField { .. } | DoorError::WhichField { .. } | DoorError::NoRevision { .. } => "Choose another.",
        DoorError::NotRecorded(_) => "Free some space or look at the vault's directory, then try again.",
        DoorError::Conflict { .. } | DoorError::ApplicationConflict { .. } => "Look at it again, then decide.",
        DoorError::Transition(_) => "Look at it again.",
        DoorError::Damaged(_) => "Run strongroom doctor: it says what is whole.",
        DoorError::NoFile(_) | DoorError::FileExists(_) | DoorError::File { .. } => "Choose another file.",
        DoorError::DiskFull => "Free some space and try again.",
        DoorError::System(_) => "Try again; if it stays, run strongroom doctor.",
    };
    let mut text = capital(&error.to_string());
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    if next.is_empty() { text } else { format!("{text} {next}") }
}

/// Which secret, which status, since when, by whom, and what to do.
fn refused(refusal: &Refusal) -> String {
    let Refusal { name, status, since, by, application } = refusal;
    let date = since.date();
    let name = short(name);
    let by = by.as_deref().map_or(String::new(), |by| format!(" by {}", short(by)));
    let needs = application.as_deref().map_or(String::new(), |app| format!("; {} needs it", short(app)));
    match status {
        Status::Inactive => {
            let key = keymap::key_of(Context::Detail, Cmd::ToggleActive);
            format!("{name} is Inactive since {date}{by}{needs}. Reactivate it first ({key}).")
        }
        Status::Expired => {
            format!("{name} is Expired since {date}{needs}. Edit it: give it a new value and a later date.")
        }
        Status::NotYetValid => {
            format!("{name} is not valid before {date}{needs}. Wait, or register another certificate.")
        }
        Status::Deleted => {
            format!("{name} was Deleted on {date}{by}{needs}. Its value is gone; register a new secret.")
        }
        Status::Active | Status::ExpiresSoon(_) => format!("{name} could not be delivered."),
    }
}

/// A name within a sentence: it leaves room for what is said of it.
pub fn short(name: &str) -> Cow<'_, str> {
    fit(name, NAME, "...")
}

/// `an Account Manager`, `a Member`.
pub fn a_role(role: Role) -> String {
    let article = if role == Role::Member { "a" } else { "an" };
    format!("{article} {}", role.label())
}

/// `text` as a sentence begins.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_people_write_it_and_no_sentence_stops_twice() {
        let invalid = |cause: &str| error(&DoorError::Invalid { field: "recovery_key".into(), cause: cause.into() });
        assert_eq!(invalid("there is a typing mistake"), "Recovery key: there is a typing mistake.");
        assert_eq!(invalid("Compare it."), "Recovery key: Compare it.");
    }
}
