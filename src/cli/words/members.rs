//! What the organization does not allow: why, and what to do next.

use super::quoted;
use crate::domain::organization::{Permission, Unlawful};
use crate::domain::text::sanitize;
use crate::service::DoorError;

/// Who may not do what, who can change that, and how to ask for it.
pub(super) fn not_permitted(
    error: &DoorError,
    act: &str,
    permission: Option<Permission>,
    who_can: &[Box<str>],
) -> String {
    let what = sanitize(&error.to_string()).into_owned();
    let who_can = who_can.iter().map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    let Some(permission) = permission else {
        return if who_can.is_empty() { format!("{what}.") } else { format!("{what}. It takes {who_can}: ask them.") };
    };
    let ask = command_to_ask(&sanitize(act), permission);
    if who_can.is_empty() {
        format!("{what}. Ask for it: {ask}.")
    } else {
        format!("{what}. {who_can} can grant it: {ask}.")
    }
}

/// `strongroom member ask reveal deploy-token`
fn command_to_ask(act: &str, permission: Permission) -> String {
    let word = permission.word();
    match act.strip_prefix(word).and_then(|rest| rest.strip_prefix(' ')) {
        _ if permission == Permission::Register => format!("strongroom member ask {word}"),
        Some(secret) if !secret.is_empty() => format!("strongroom member ask {word} {}", quoted(secret)),
        _ => format!("strongroom member ask {word} --all"),
    }
}

/// What to do after the membership log did not take it.
pub(super) fn next_after(why: &Unlawful) -> &'static str {
    match why {
        Unlawful::NeedsRole(_) => "Ask somebody who is one: see strongroom member list.",
        Unlawful::NoMember | Unlawful::NoInvitation | Unlawful::Repeated => "See strongroom member list.",
        Unlawful::LastHolder => "Make another member one with strongroom member role NAME holder.",
        Unlawful::NameTaken | Unlawful::BadName => "Choose another name.",
        Unlawful::Key => "See strongroom slot list.",
        Unlawful::NeedsNoGrant | Unlawful::Nothing => "See strongroom member show.",
        Unlawful::RegisterNamed => "Grant it without naming secrets.",
        Unlawful::UidTaken => "Choose another user, or unbind that member with strongroom member bind NAME --none.",
        Unlawful::Foundation | Unlawful::UnknownKey | Unlawful::Epoch => {
            "Lock the vault, unlock it and try again; if it stays, run strongroom doctor."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::error;
    use super::*;

    fn refused(act: &str, permission: Option<Permission>) -> String {
        let who_can = vec!["Ada".into(), "Linus".into()];
        error(&DoorError::NotPermitted { member: "Grace".into(), act: act.into(), permission, who_can })
    }

    #[test]
    fn who_lacks_a_permission_is_told_who_grants_it_and_how_to_ask() {
        assert_eq!(
            refused("reveal deploy-token", Some(Permission::Reveal)),
            "Grace may not reveal deploy-token. Ada, Linus can grant it: strongroom member ask reveal deploy-token."
        );
        assert!(refused("edit two words", Some(Permission::Edit)).ends_with("member ask edit 'two words'."));
        assert!(refused("register a secret", Some(Permission::Register)).ends_with("strongroom member ask register."));
        assert!(refused("export", Some(Permission::Reveal)).ends_with("strongroom member ask reveal --all."));
        assert_eq!(refused("remove a member", None), "Grace may not remove a member. It takes Ada, Linus: ask them.");
    }

    #[test]
    fn every_rule_has_a_next_step() {
        let said = error(&DoorError::Unlawful(Unlawful::LastHolder));
        assert_eq!(
            said,
            "the organization needs an Account Holder: hand the role over first. Make another member one with strongroom \
             member role NAME holder."
        );
        let said = error(&DoorError::WrongCode);
        assert!(said.starts_with("that code opens no invitation of this vault. Check it"), "{said}");
    }
}
