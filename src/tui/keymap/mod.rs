//! Which key means what, as data. Footer hints, the help page, the command palette and the
//! README's key table are all generated from [`BINDINGS`], so they cannot drift.

mod bindings;

use std::fmt;

use super::input::{Code, Key};

pub use bindings::BINDINGS;

/// What the person means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cmd {
    /// End the program.
    Quit,
    /// One step up, or close what is on top.
    Back,
    /// Move the selection up.
    Up,
    /// Move the selection down.
    Down,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// Open or choose what is selected.
    Open,
    /// The keys of this screen.
    Help,
    /// Every action by name.
    Palette,
    /// Lock the vault.
    LockVault,
    /// Draw the screen anew.
    Redraw,
    /// Give the terminal back and stop until `fg`.
    Suspend,
    /// Register a secret.
    Register,
    /// The menu of the selected secret.
    MoreOptions,
    /// Edit what is selected.
    Edit,
    /// Put the selected secret out of use, or back in use.
    ToggleActive,
    /// Delete the selected secret.
    Delete,
    /// The earlier values of the secret.
    History,
    /// Add an application.
    Add,
    /// Remove the selected application.
    Remove,
    /// Hold every event of the audit log against the others.
    Verify,
    /// Find as you type.
    Find,
    /// Show only some of the rows.
    Filter,
    /// Choose the column to sort by.
    Sort,
    /// Send the value to the clipboard.
    Copy,
    /// Show the value for a few seconds.
    Reveal,
    /// Save over what somebody else changed in between. No key: only the dialog that asks means it.
    Overwrite,
    /// Let what stands in the form become a new secret: the one it edits is gone. No key: only the dialog that says so
    /// means it.
    StartAnew,
    /// Leave values that were not saved elsewhere. No key: only the dialog that asks means it.
    LeaveUnsaved,
    /// Choose a new passphrase. No key: the Account Portal and the palette mean it.
    ChangePassphrase,
    /// Make a new recovery key. No key: the Account Portal and the palette mean it.
    NewRecoveryKey,
    /// To the applications. No key: the menus and the palette mean it.
    Applications,
    /// To the audit log. No key: the menus and the palette mean it.
    AuditLog,
    /// To the settings of the vault. No key: the Account Portal and the palette mean it.
    VaultSettings,
    /// To the members of the organization. No key: the menus and the palette mean it.
    Members,
    /// To what each member may do. From elsewhere than the members' screen, the palette means it.
    Matrix,
    /// Invite somebody to the organization.
    Invite,
    /// Admit whoever accepted the invitation, or answer the request.
    Admit,
    /// Give the member another role.
    ChangeRole,
    /// Bind the member to a Unix user, or to none.
    BindUser,
    /// Ask for a permission.
    AskPermission,
    /// Change what a member may do, as was asked. No key: only the dialog that asks means it.
    Regrant,
    /// Accept an invitation, at a vault that is locked.
    Accept,
    /// Say which member unlocks.
    NameMember,
    /// To the next field.
    NextField,
    /// To the field before.
    PrevField,
    /// Submit the form, from any field.
    Submit,
    /// Choose a file.
    PickFile,
    /// Fill the field with a generated value.
    Generate,
    /// Show or hide the secret being typed.
    ShowSecret,
    /// Take this row out of the list.
    RemoveRow,
    /// Tick or untick.
    Toggle,
    /// Use the recovery key instead of the passphrase, or the other way round.
    SwitchCredential,
    /// Show hidden files in the picker.
    ShowHidden,
    /// Deactivate in place of deleting.
    DeactivateInstead,
}

impl Cmd {
    /// Whether it leads to a screen that is of no use while nothing can be changed.
    pub fn only_changes(self) -> bool {
        matches!(self, Self::ChangePassphrase | Self::NewRecoveryKey)
    }
}

/// The situations that have keys of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Keys that mean the same everywhere.
    Everywhere,
    /// A menu of steps.
    Menu,
    /// The list of secrets.
    Listing,
    /// Typing into the find line above the list.
    FindLine,
    /// One secret in full.
    Detail,
    /// What was just registered.
    Saved,
    /// The list of applications.
    Applications,
    /// One application in full.
    Application,
    /// The audit log.
    Audit,
    /// The earlier values of a secret.
    History,
    /// The members, invitations and requests of the organization.
    Members,
    /// One member, and what they may do.
    Member,
    /// What each member may do.
    Matrix,
    /// What somebody who is gone could have read.
    Rotate,
    /// Something to read, such as one event.
    Reading,
    /// A form.
    Form,
    /// The unlock screen.
    Unlock,
    /// The file picker.
    Picker,
    /// A dialog with a list to choose from.
    Choice,
    /// A dialog with buttons.
    Dialog,
    /// The dialog that deletes.
    DeleteDialog,
    /// A dialog that asks for the passphrase.
    Proof,
    /// The command palette.
    Palette,
    /// The help page.
    Help,
}

impl Context {
    /// Whether a letter is text here, never a command.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Form
                | Self::Unlock
                | Self::FindLine
                | Self::Palette
                | Self::DeleteDialog
                | Self::Proof
                | Self::Picker
        )
    }

    /// Whether it is a dialog's: short-lived, with all its keys in the footer.
    pub fn is_dialog(self) -> bool {
        matches!(self, Self::Choice | Self::Dialog | Self::DeleteDialog | Self::Proof | Self::Palette | Self::Help)
    }

    /// The heading of its keys on the help page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Menu => "Menus",
            Self::Listing => "Secrets Management",
            Self::FindLine => "Find",
            Self::Detail => "Secret",
            Self::Saved => "Copy and save now",
            Self::Applications => "Applications",
            Self::Application => "Application",
            Self::Audit => "Audit log",
            Self::History => "History",
            Self::Members => "Members",
            Self::Member => "Member",
            Self::Matrix => "Permissions",
            Self::Rotate => "What to rotate",
            Self::Reading => "Reading",
            Self::Form => "Forms",
            Self::Unlock => "Unlock",
            Self::Picker => "File picker",
            Self::Choice => "Choices",
            Self::Dialog => "Dialogs",
            Self::DeleteDialog => "Delete Secret",
            Self::Proof => "Passphrase asked for",
            Self::Palette => "Commands",
            Self::Help => "Keys",
        }
    }
}

/// A key, where it counts, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where it counts.
    pub context: Context,
    /// The key.
    pub key: Key,
    /// What it means.
    pub cmd: Cmd,
    /// A word or two for the footer; empty keeps it out of there.
    pub hint: &'static str,
    /// What it does, for the help page and the palette; empty for a second key of the same command.
    pub help: &'static str,
}

/// What `key` means in `context`: the context's own keys first, then those that hold everywhere,
/// but a letter typed where text is taken is always text.
pub fn lookup(context: Context, key: Key) -> Option<Cmd> {
    let find = |x: Context| BINDINGS.iter().find(|b| b.context == x && b.key == key).map(|b| b.cmd);
    let everywhere = || if context.takes_text() && key.typed().is_some() { None } else { find(Context::Everywhere) };
    find(context).or_else(everywhere)
}

/// The bindings of `context`, then those that hold everywhere and are not overruled by it.
pub fn of(context: Context) -> impl Iterator<Item = &'static Binding> {
    let own = BINDINGS.iter().filter(move |b| b.context == context);
    let hidden = move |cmd| context.is_dialog() && matches!(cmd, Cmd::Help | Cmd::Palette);
    let rest = BINDINGS.iter().filter(move |b| {
        let overruled = lookup(context, b.key) != Some(b.cmd) || hidden(b.cmd);
        b.context == Context::Everywhere && context != Context::Everywhere && !overruled
    });
    own.chain(rest)
}

/// The key of `cmd` in `context` for prose, as the footer writes it; empty when it has none there.
pub fn key_of(context: Context, cmd: Cmd) -> String {
    of(context).find(|binding| binding.cmd == cmd).map_or(String::new(), |binding| binding.key.to_string())
}

/// The name of a key as a terminal without Unicode shows it.
pub fn ascii(key: &str) -> String {
    [("⇧Tab", "S-Tab"), ("⏎", "Enter"), ("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right")]
        .iter()
        .fold(key.to_owned(), |text, (fine, plain)| text.replace(fine, plain))
}

impl fmt::Display for Key {
    /// As the footer writes it: `n`, `^S`, `⇧Tab`, `⏎`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("^")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::BackTab => f.write_str("⇧Tab"),
            Code::Enter => f.write_str("⏎"),
            Code::Up => f.write_str("↑"),
            Code::Down => f.write_str("↓"),
            Code::Left => f.write_str("←"),
            Code::Right => f.write_str("→"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
            Code::F(n) => write!(f, "F{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bindings::{c, k};
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_context() {
        for (i, a) in BINDINGS.iter().enumerate() {
            let twin = BINDINGS[..i].iter().find(|b| b.context == a.context && b.key == a.key);
            assert_eq!(twin, None, "{} is bound twice in {:?}", a.key, a.context);
        }
    }

    #[test]
    fn prose_names_the_key_that_counts_there() {
        assert_eq!(key_of(Context::Form, Cmd::Generate), "^G");
        assert_eq!(key_of(Context::Choice, Cmd::Delete), "x");
        assert_eq!(key_of(Context::Form, Cmd::LockVault), "^L", "everywhere");
        assert_eq!(key_of(Context::Form, Cmd::Redraw), "", "its key means something else here");
        assert_eq!(key_of(Context::Form, Cmd::Overwrite), "");
    }

    #[test]
    fn a_letter_typed_into_a_field_is_text() {
        for letter in ' '..='~' {
            for binding in BINDINGS.iter().filter(|b| b.context.takes_text()) {
                assert_eq!(lookup(binding.context, c(letter)), None, "{letter} in {:?}", binding.context);
            }
        }
    }

    #[test]
    fn no_key_is_bound_that_is_another_one_on_some_terminals() {
        for binding in BINDINGS {
            assert!(
                ![Key::ctrl('h'), Key::ctrl('i'), Key::ctrl('j'), Key::ctrl('m')].contains(&binding.key),
                "{binding:?}"
            );
        }
    }

    #[test]
    fn every_context_can_be_left_by_esc_or_quit() {
        for binding in BINDINGS {
            let left = [k(Code::Esc), Key::ctrl('c')].map(|key| lookup(binding.context, key));
            assert!(left.iter().all(Option::is_some), "{:?}", binding.context);
        }
    }
}
