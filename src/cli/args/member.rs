//! Members of the organization.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgGroup, Args, Command, Error, Subcommand, ValueEnum};

use super::{MemberPassphrase, Unlocking};
use crate::domain::RequestId;
use crate::domain::organization::{Permission, Permissions, Role};

/// `strongroom member`
#[derive(Debug, Subcommand)]
pub enum MemberCommand {
    /// Invite somebody: prints a one-time code, once
    Invite(InviteArgs),
    /// Accept an invitation: makes your keys and your passphrase
    Accept(AcceptArgs),
    /// Admit whoever accepted an invitation, after comparing a fingerprint
    Admit(AdmitArgs),
    /// List the members, the invitations, and the permissions that were asked for
    List(MemberListArgs),
    /// Show a member: role, keys, and what was granted
    Show(MemberShowArgs),
    /// Give a member another role
    Role(RoleArgs),
    /// Let a member do more
    Grant(GrantArgs),
    /// Let a member do less; the vault is sealed anew
    Revoke(GrantArgs),
    /// Bind a member to a Unix user of this machine, or to none
    Bind(BindArgs),
    /// Let an invitation count no longer
    Withdraw(WithdrawArgs),
    /// Remove a member; the vault is sealed anew, and what to rotate is listed
    Remove(MemberRemoveArgs),
    /// Ask for a permission
    Ask(AskArgs),
    /// Answer somebody who asked for a permission
    Answer(AnswerArgs),
}

/// `strongroom member invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// What the member will be called
    pub name: String,
    /// What the member will be
    #[arg(long, value_name = "ROLE", default_value = "member", value_parser = roles())]
    pub role: Role,
    /// The Unix user of this machine that the member will be bound to
    #[command(flatten)]
    pub user: UnixUser,
    /// For how many days it can be accepted
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
    pub days: u16,
    /// As JSON, with the code
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// A Unix user, by number or by name.
#[derive(Debug, Default, Args)]
pub struct UnixUser {
    /// The Unix user with this number
    #[arg(long, value_name = "N", group = "unix")]
    pub uid: Option<u32>,
    /// The Unix user of this name
    #[arg(long, value_name = "USER", group = "unix")]
    pub user: Option<String>,
}

/// `strongroom member accept`
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Read the code from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub code_file: Option<PathBuf>,
    /// Read the new passphrase from the first line of F ("-": standard input)
    #[arg(long, value_name = "F")]
    pub new_passphrase_file: Option<PathBuf>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `strongroom member admit`
#[derive(Debug, Args)]
pub struct AdmitArgs {
    /// The invitation: its id, or the name in it
    pub invitation: String,
    /// The fingerprint that the new member read out; without it, you are asked to compare
    #[arg(long, value_name = "F")]
    pub fingerprint: Option<String>,
    /// The passphrase.
    #[command(flatten)]
    pub passphrase: MemberPassphrase,
}

/// `strongroom member list`
#[derive(Debug, Args)]
pub struct MemberListArgs {
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member show`
#[derive(Debug, Args)]
pub struct MemberShowArgs {
    /// The member: name or id
    pub who: String,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member role`
#[derive(Debug, Args)]
pub struct RoleArgs {
    /// The member: name or id
    pub who: String,
    /// What they shall be
    #[arg(value_parser = roles())]
    pub role: Role,
    /// The passphrase.
    #[command(flatten)]
    pub passphrase: MemberPassphrase,
}

/// `strongroom member grant` and `strongroom member revoke`
#[derive(Debug, Args)]
pub struct GrantArgs {
    /// The member: name or id
    pub who: String,
    /// What: several with commas between them
    #[arg(value_name = "PERMISSION", value_parser = SeveralPermissions)]
    pub permissions: Permissions,
    /// With which secrets: names or ids
    #[arg(value_name = "SECRET", conflicts_with = "all")]
    pub secrets: Vec<String>,
    /// With all secrets of the organization, also those that come later
    #[arg(long)]
    pub all: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member bind`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").args(["uid", "user", "none"]).required(true))]
pub struct BindArgs {
    /// The member: name or id
    pub who: String,
    /// To whom.
    #[command(flatten)]
    pub user: UnixUser,
    /// To no user any more
    #[arg(long)]
    pub none: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member withdraw`
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The invitation: its id, or the name in it
    pub invitation: String,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member remove`
#[derive(Debug, Args)]
pub struct MemberRemoveArgs {
    /// The member: name or id
    pub who: String,
    /// Do not ask for the name once more
    #[arg(long)]
    pub yes: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// The passphrase.
    #[command(flatten)]
    pub passphrase: MemberPassphrase,
}

/// `strongroom member ask`
#[derive(Debug, Args)]
pub struct AskArgs {
    /// Which permission
    #[arg(value_parser = permissions())]
    pub permission: Permission,
    /// For which secret: its name or id
    #[arg(conflicts_with = "all")]
    pub secret: Option<String>,
    /// For all secrets of the organization
    #[arg(long)]
    pub all: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// `strongroom member answer`
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// The request's id, as strongroom member list shows it
    pub request: RequestId,
    /// What to say to it
    pub answer: PermissionAnswer,
    /// What opens the vault.
    #[command(flatten)]
    pub unlocking: Unlocking,
}

/// What to say to somebody who asks for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PermissionAnswer {
    /// Grant it.
    Grant,
    /// Take it off the list.
    Decline,
}

fn roles() -> impl TypedValueParser<Value = Role> {
    let words = PossibleValuesParser::new(Role::ALL.map(Role::word));
    words.map(|word| Role::ALL.into_iter().find(|role| role.word() == word).unwrap_or(Role::Member))
}

fn permissions() -> impl TypedValueParser<Value = Permission> {
    let words = PossibleValuesParser::new(Permission::ALL.map(Permission::word));
    words.map(|word| Permission::ALL.into_iter().find(|one| one.word() == word).unwrap_or(Permission::Use))
}

/// Reads permissions with commas between them.
#[derive(Debug, Clone, Copy)]
struct SeveralPermissions;

impl TypedValueParser for SeveralPermissions {
    type Value = Permissions;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Permissions, Error> {
        let text = value.to_string_lossy();
        text.split(',').map(|one| permissions().parse_ref(command, arg, OsStr::new(one))).collect()
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Permission::ALL.into_iter().map(|one| PossibleValue::new(one.word()))))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::args::{self, Cli};

    fn granted(words: &[&str]) -> Option<Permissions> {
        let all = [&["strongroom", "member", "grant", "grace"], words].concat();
        match Cli::try_parse_from(all).ok()?.command? {
            args::Command::Member(MemberCommand::Grant(args)) => Some(args.permissions),
            _ => None,
        }
    }

    #[test]
    fn permissions_have_commas_between_them() {
        let both = [Permission::Use, Permission::Reveal].into_iter().collect();
        assert_eq!(granted(&["use,reveal", "deploy"]), Some(both));
        assert_eq!(granted(&["reveal,use,use", "--all"]), Some(both));
        for wrong in [&["use,"][..], &["", "deploy"], &["look", "deploy"], &["use", "deploy", "--all"], &[]] {
            assert_eq!(granted(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_member_is_bound_to_one_user_or_to_none() {
        let takes =
            |words: &[&str]| Cli::try_parse_from([&["strongroom", "member", "bind", "grace"], words].concat()).is_ok();
        assert!(takes(&["--uid", "7"]) && takes(&["--user", "root"]) && takes(&["--none"]));
        assert!(!takes(&[]) && !takes(&["--uid", "7", "--none"]) && !takes(&["--uid", "7", "--user", "root"]));
    }
}
