//! The door's refusals in the words of the command line: what failed, why, what to do next.

mod members;

use std::borrow::Cow;

use crate::domain::Status;
use crate::domain::lifecycle::{self, TransitionError};
use crate::domain::text::{grouped, sanitize};
use crate::service::{
    ClockTrouble, CredentialKind, DoorError, Holder, InUse, OpenReport, Proof, Refusal, StoreTrouble,
};

/// What failed, why, and what to do, in a line or two.
pub(super) fn error(error: &DoorError) -> String {
    let next = match error {
        DoorError::Unavailable(refusal) => return refused(refusal),
        DoorError::NoVault => {
            "Make one with strongroom (the screens) or strongroom init, or name another place with --vault DIR."
        }
        DoorError::VaultExists => {
            "Choose another place with --vault DIR; to replace it from a backup, add --yes to restore."
        }
        DoorError::Locked => "Give --passphrase-file F or --key-file F.",
        DoorError::WrongCredential { kind: CredentialKind::Machine, .. } => {
            "It may have been removed: see strongroom slot list."
        }
        DoorError::WrongCredential { .. } => "Check it, then try again.",
        // On a full disk its note could not be written.
        DoorError::Held(Holder { pid: 0, .. }) => {
            return "the vault is in use by another process. Close strongroom there, then try again.".to_owned();
        }
        DoorError::Held(holder) => {
            let terminal = holder.terminal.as_deref().map_or(String::new(), |t| format!(", terminal {t}"));
            return format!(
                "the vault is in use by process {}{terminal}, since {}. Close it there, then try again; if that is its \
                 agent, leave --no-agent away, or lock it with strongroom lock.",
                holder.pid,
                holder.since.to_minute()
            );
        }
        DoorError::ReadOnly | DoorError::Damaged(_) => "Run strongroom doctor: it says what is whole and what to do.",
        DoorError::DiskFull => "Free some space, then try again.",
        DoorError::NoFile(_) => "Check the path.",
        DoorError::FileExists(_) => "Choose another name, or move it away first.",
        DoorError::File { .. } => "Check the path and who may use it, then try again.",
        DoorError::Invalid { .. } if error.missing_proof() == Some(Proof::MachineKey) => {
            "Make a new one with strongroom slot add."
        }
        DoorError::Invalid { .. } | DoorError::TooSoon { .. } | DoorError::Agent(_) => "",
        DoorError::NotFound | DoorError::NoSecret(_) => "See strongroom list.",
        DoorError::NoField { .. } => "Name one of these.",
        DoorError::WhichField { .. } => "Name one of these with --field, or as strongroom://NAME/FIELD.",
        DoorError::NoRevision { .. } => "See strongroom history.",
        DoorError::NoApplication => "See strongroom app list.",
        DoorError::NotRecorded(_) => "Free some space or look at the vault's directory, then try again.",
        DoorError::NoSlot(_) => "See strongroom slot list.",
        DoorError::OtherMember(_) => "Lock it with strongroom lock, then unlock it as yourself.",
        DoorError::NotPermitted { act, permission, who_can, .. } => {
            return members::not_permitted(error, act, *permission, who_can);
        }
        DoorError::NoMember(_) | DoorError::NoInvitation(_) | DoorError::NoRequest(_) => "See strongroom member list.",
        DoorError::WrongCode => {
            "Check it for typing mistakes; it counts once, and only until it is withdrawn or too old."
        }
        DoorError::OtherFingerprint => {
            "Compare it again with the new member. If it still differs, somebody else took the invitation: withdraw it, and \
             invite anew."
        }
        DoorError::Ambiguous(_) => "Name it by its id: see strongroom list.",
        DoorError::Unlawful(why) => members::next_after(why),
        DoorError::Tampered(_) => {
            "Somebody who can write to the vault did that: keep a copy of its directory, tell the Account Holder, and run \
             strongroom doctor."
        }
        DoorError::Conflict { .. } | DoorError::ApplicationConflict { .. } => "Look at it again, then decide.",
        DoorError::NameTaken(_) | DoorError::ApplicationNameTaken(_) => "Choose another name.",
        DoorError::WriteOnly => "Give it to a program with strongroom run or inject, or register another.",
        DoorError::Transition(_) => "",
        DoorError::System(_) => "Try again; if it stays, run strongroom doctor.",
    };
    let mut text = error.to_string();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    if next.is_empty() { text } else { format!("{text} {next}") }
}

/// Which secret, which status, since when, by whom, which application needs it, and what to do.
fn refused(refusal: &lifecycle::Refusal) -> String {
    let lifecycle::Refusal { name, status, since, by, application } = refusal;
    let (name, date) = (sanitize(name), since.date());
    let by = by.as_deref().map_or(String::new(), |by| format!(" by {}", sanitize(by)));
    let needs = application.as_deref().map_or(String::new(), |app| format!("; {} needs it", sanitize(app)));
    let what = match status {
        Status::NotYetValid => format!("{name} is not valid before {date}{needs}."),
        Status::Deleted => format!("{name} was Deleted on {date}{by}{needs}."),
        _ => format!("{name} is {} since {date}{by}{needs}.", status.word()),
    };
    let quoted = quoted(&name);
    let next = match status {
        Status::Inactive => format!("Reactivate it with strongroom reactivate {quoted}."),
        Status::Expired => format!(
            "Give it a new value and a later date with strongroom edit {quoted}, or use it all the same with --allow-expired."
        ),
        Status::NotYetValid => "Wait, or register another certificate.".to_owned(),
        Status::Deleted => match application {
            None => "Its value is gone: register a new secret with strongroom register.".to_owned(),
            Some(app) => format!(
                "Its value is gone: register a new secret, and bind the application to it with strongroom app edit {}.",
                self::quoted(&sanitize(app))
            ),
        },
        Status::Active | Status::ExpiresSoon(_) => "Try again.".to_owned(),
    };
    format!("{what} {next}")
}

/// Why the state of the secret called `name` does not allow it, and what to do.
pub(super) fn transition(name: &str, why: TransitionError) -> String {
    let name = sanitize(name);
    let quoted = quoted(&name);
    let next = match why {
        TransitionError::Deleted => "Register a new secret with strongroom register.".to_owned(),
        TransitionError::AlreadyInactive => format!("Put it back in use with strongroom reactivate {quoted}."),
        TransitionError::NotInactive => format!("See strongroom show {quoted}."),
    };
    format!("{name}: {why}. {next}")
}

/// How many of what: `1 secret`, `2 secrets`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(number)) }
}

/// `name` as it is typed in a shell.
pub(super) fn quoted(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "-_./@:+,%".contains(c);
    if !name.starts_with('-') && name.chars().all(plain) {
        name.into()
    } else {
        format!("'{}'", name.replace('\'', "'\\''")).into()
    }
}

/// Who has the vault, where no agent answers.
pub(super) fn in_use(who: &InUse) -> String {
    match who {
        InUse::Agent(Holder { pid: 0, .. }) => "the vault has an agent that was not reached. Try again.".to_owned(),
        InUse::Agent(Holder { pid, .. }) => format!(
            "the vault has an agent, process {pid}, that was not reached. End it with kill {pid}: it locks the vault first."
        ),
        InUse::Alone(holder) => {
            let process =
                if holder.pid == 0 { "another process".to_owned() } else { format!("process {}", holder.pid) };
            let terminal = holder.terminal.as_deref().map_or(String::new(), |t| format!(", terminal {}", sanitize(t)));
            format!("the vault is in use by {process}{terminal}, without an agent. Close it there, then try again.")
        }
    }
}

/// What was found on the way in.
pub(super) fn report(report: &OpenReport) -> Vec<String> {
    let mut lines = Vec::new();
    if report.swept > 0 {
        lines.push(format!("Swept {} whose 30 days are over.", count(report.swept.into(), "deleted secret")));
    }
    lines.extend(report.clock.map(|clock| match clock {
        ClockTrouble::SteppedBack(_) => {
            "The clock is behind the vault's last use: nothing was swept. Set the clock right.".to_owned()
        }
        ClockTrouble::JumpedAhead(days) => {
            format!(
                "The clock is {} ahead of the vault's last use: nothing was swept. Open the screens to decide.",
                count(days.unsigned_abs(), "day")
            )
        }
    }));
    if let Some(cause) = &report.sweep_failed {
        lines.push(format!(
            "Deleted secrets whose 30 days are over could not be swept: {cause}. Run strongroom doctor."
        ));
    }
    if let Some(cause) = &report.memory_failed {
        lines.push(format!("An older state put in place of this vault would go unnoticed here: {cause}."));
    }
    if let Some(trouble) = &report.audit {
        lines.push(format!("{trouble} See strongroom audit verify."));
    }
    lines.extend(report.tampered.iter().map(tampered));
    if let Some(cause) = &report.reseal_failed {
        lines.push(format!(
            "The vault has to be sealed anew, and could not be: {cause}. The next unlock by who manages it tries again."
        ));
    }
    lines.extend(report.trouble.as_ref().map(|trouble| match trouble {
        StoreTrouble::Damaged { expected, found, .. } => {
            format!("The store is damaged: {found} of {expected} records are whole. Run strongroom doctor.")
        }
        StoreTrouble::RolledBack { found, last_seen } => format!(
            "This is an older state of the vault ({found} changes; this machine saw {last_seen}). strongroom doctor --accept-older accepts it."
        ),
    }));
    lines
}

/// What somebody wrote who had no right to, and what is served in its place.
fn tampered(refusal: &Refusal) -> String {
    let Refusal { what, why, author, served } = refusal;
    let by = author.as_deref().map_or(String::new(), |author| format!(" (it says {} wrote it)", sanitize(author)));
    let instead = match served {
        Some(revision) => format!("revision {revision} is served"),
        None => "nothing is served in its place".to_owned(),
    };
    format!("{} was tampered with: {why}{by}; {instead}. Run strongroom doctor.", sanitize(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    /// 2026-11-20.
    const SINCE: Timestamp = Timestamp(1_795_132_800);

    fn refused(status: Status, by: Option<&str>, application: Option<&str>) -> String {
        let (name, by, application) = ("deploy-key".into(), by.map(Into::into), application.map(Into::into));
        error(&DoorError::Unavailable(lifecycle::Refusal { name, status, since: SINCE, by, application }))
    }

    #[test]
    fn a_refusal_names_the_secret_and_the_status_and_since_when_and_by_whom_and_what_to_do() {
        assert_eq!(
            refused(Status::Inactive, Some("Ada Park"), Some("billing-worker")),
            "deploy-key is Inactive since 2026-11-20 by Ada Park; billing-worker needs it. Reactivate it with strongroom \
             reactivate deploy-key."
        );
        assert_eq!(
            refused(Status::Expired, None, None),
            "deploy-key is Expired since 2026-11-20. Give it a new value and a later date with strongroom edit deploy-key, \
             or use it all the same with --allow-expired."
        );
        assert_eq!(
            refused(Status::NotYetValid, None, Some("billing-worker")),
            "deploy-key is not valid before 2026-11-20; billing-worker needs it. Wait, or register another certificate."
        );
        assert_eq!(
            refused(Status::Deleted, Some("Ada Park"), None),
            "deploy-key was Deleted on 2026-11-20 by Ada Park. Its value is gone: register a new secret with strongroom \
             register."
        );
        assert_eq!(
            refused(Status::Deleted, None, Some("billing-worker")),
            "deploy-key was Deleted on 2026-11-20; billing-worker needs it. Its value is gone: register a new secret, and bind \
             the application to it with strongroom app edit billing-worker."
        );
    }

    #[test]
    fn what_the_state_does_not_allow_names_the_secret_and_the_next_step() {
        let said = |why| transition("two words", why);
        assert_eq!(
            said(TransitionError::AlreadyInactive),
            "two words: it is inactive already. Put it back in use with strongroom reactivate 'two words'."
        );
        assert!(said(TransitionError::Deleted).ends_with("Register a new secret with strongroom register."));
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|number| count(number, "day")), ["0 days", "1 day", "2 days"]);
    }

    #[test]
    fn a_name_is_told_as_a_shell_takes_it() {
        assert_eq!(
            (&*quoted("a-b_c.d"), &*quoted("two words"), &*quoted("it's")),
            ("a-b_c.d", "'two words'", "'it'\\''s'")
        );
        assert_eq!(&*quoted("-f"), "'-f'");
    }
}
