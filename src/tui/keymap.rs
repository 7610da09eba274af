//! Which key means what, as data. Footer hints, the help page, the command palette and the
//! README's key table are all generated from [`BINDINGS`], so they cannot drift.

use std::fmt;

use super::input::{Code, Key};

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
    /// Edit the selected secret.
    Edit,
    /// Put the selected secret out of use, or back in use.
    ToggleActive,
    /// Delete the selected secret.
    Delete,
    /// Find as you type.
    Find,
    /// Show only some types or statuses.
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
    /// The command palette.
    Palette,
    /// The help page.
    Help,
}

impl Context {
    /// Whether a letter is text here, never a command.
    pub fn takes_text(self) -> bool {
        matches!(self, Self::Form | Self::Unlock | Self::FindLine | Self::Palette | Self::DeleteDialog | Self::Picker)
    }

    /// Whether it is a dialog's: short-lived, with all its keys in the footer.
    pub fn is_dialog(self) -> bool {
        matches!(self, Self::Choice | Self::Dialog | Self::DeleteDialog | Self::Palette | Self::Help)
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
            Self::Form => "Forms",
            Self::Unlock => "Unlock",
            Self::Picker => "File picker",
            Self::Choice => "Choices",
            Self::Dialog => "Dialogs",
            Self::DeleteDialog => "Delete Secret",
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

const fn bind(context: Context, key: Key, cmd: Cmd, hint: &'static str, help: &'static str) -> Binding {
    Binding { context, key, cmd, hint, help }
}

const fn c(ch: char) -> Key {
    Key::plain(Code::Char(ch))
}

const fn k(code: Code) -> Key {
    Key::plain(code)
}

use Context as X;

/// The defaults. Within a context the most useful comes first: that is the footer's order.
pub static BINDINGS: &[Binding] = &[
    // Everywhere
    bind(X::Everywhere, c('?'), Cmd::Help, "Keys", "The keys of this screen"),
    bind(X::Everywhere, k(Code::F(1)), Cmd::Help, "Keys", ""),
    bind(X::Everywhere, Key::ctrl('p'), Cmd::Palette, "", "Command palette: every action by name"),
    bind(X::Everywhere, Key::ctrl('l'), Cmd::LockVault, "", "Lock the vault"),
    bind(X::Everywhere, Key::ctrl('r'), Cmd::Redraw, "", "Draw the screen anew"),
    bind(X::Everywhere, Key::ctrl('z'), Cmd::Suspend, "", "Back to the shell until fg"),
    bind(X::Everywhere, k(Code::Esc), Cmd::Back, "", "One step up"),
    bind(X::Everywhere, c('q'), Cmd::Quit, "", "Quit"),
    bind(X::Everywhere, Key::ctrl('c'), Cmd::Quit, "", ""),
    // Menus
    bind(X::Menu, k(Code::Enter), Cmd::Open, "Open", "Open what is selected"),
    bind(X::Menu, k(Code::Right), Cmd::Open, "", ""),
    bind(X::Menu, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Menu, c('j'), Cmd::Down, "", ""),
    bind(X::Menu, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Menu, c('k'), Cmd::Up, "", ""),
    bind(X::Menu, k(Code::Home), Cmd::First, "", "To the first"),
    bind(X::Menu, c('g'), Cmd::First, "", ""),
    bind(X::Menu, k(Code::End), Cmd::Last, "", "To the last"),
    bind(X::Menu, c('G'), Cmd::Last, "", ""),
    bind(X::Menu, k(Code::Left), Cmd::Back, "", ""),
    bind(X::Menu, k(Code::Esc), Cmd::Back, "Back", "One step up"),
    // Secrets Management
    bind(X::Listing, c('n'), Cmd::Register, "Register Secret", "Register Secret"),
    bind(X::Listing, c('m'), Cmd::MoreOptions, "More Options", "More Options of the selected secret"),
    bind(X::Listing, k(Code::Enter), Cmd::Open, "Open", "Open the selected secret"),
    bind(X::Listing, c('y'), Cmd::Copy, "Copy", "Send the value to the terminal's clipboard"),
    bind(X::Listing, c('/'), Cmd::Find, "Find", "Find by name as you type"),
    bind(X::Listing, c('f'), Cmd::Filter, "Filter", "Show only some types or statuses"),
    bind(X::Listing, c('s'), Cmd::Sort, "Sort", "Sort by a column; again to turn it round"),
    bind(X::Listing, c('v'), Cmd::Reveal, "", "Reveal: open the secret and show its value for 15 s"),
    bind(X::Listing, c('e'), Cmd::Edit, "", "Edit"),
    bind(X::Listing, c('d'), Cmd::ToggleActive, "", "Deactivate or Reactivate"),
    bind(X::Listing, c('x'), Cmd::Delete, "", "Delete Secret"),
    bind(X::Listing, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Listing, c('j'), Cmd::Down, "", ""),
    bind(X::Listing, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Listing, c('k'), Cmd::Up, "", ""),
    bind(X::Listing, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Listing, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Listing, k(Code::Home), Cmd::First, "", "To the first"),
    bind(X::Listing, c('g'), Cmd::First, "", ""),
    bind(X::Listing, k(Code::End), Cmd::Last, "", "To the last"),
    bind(X::Listing, c('G'), Cmd::Last, "", ""),
    bind(X::Listing, k(Code::Esc), Cmd::Back, "", "End the find, clear the filter, or one step up"),
    // Find line
    bind(X::FindLine, k(Code::Enter), Cmd::Open, "Keep", "Keep what is found and go back to the list"),
    bind(X::FindLine, k(Code::Esc), Cmd::Back, "Clear", "End the find"),
    bind(X::FindLine, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::FindLine, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::FindLine, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::FindLine, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    // Secret
    bind(X::Detail, c('v'), Cmd::Reveal, "Reveal", "Show the selected value for 15 s"),
    bind(X::Detail, c('y'), Cmd::Copy, "Copy", "Send the selected field to the terminal's clipboard"),
    bind(X::Detail, c('e'), Cmd::Edit, "Edit", "Edit"),
    bind(X::Detail, c('d'), Cmd::ToggleActive, "", "Deactivate or Reactivate"),
    bind(X::Detail, c('x'), Cmd::Delete, "", "Delete Secret"),
    bind(X::Detail, c('m'), Cmd::MoreOptions, "More Options", "More Options"),
    bind(X::Detail, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Detail, c('j'), Cmd::Down, "", ""),
    bind(X::Detail, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Detail, c('k'), Cmd::Up, "", ""),
    bind(X::Detail, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Detail, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Detail, k(Code::Home), Cmd::First, "", "To the first"),
    bind(X::Detail, c('g'), Cmd::First, "", ""),
    bind(X::Detail, k(Code::End), Cmd::Last, "", "To the last"),
    bind(X::Detail, c('G'), Cmd::Last, "", ""),
    bind(X::Detail, k(Code::Esc), Cmd::Back, "Back", "Back to the list"),
    // Copy and save now
    bind(X::Saved, k(Code::Enter), Cmd::Open, "Done", "To the list"),
    bind(X::Saved, c('v'), Cmd::Reveal, "Reveal", "Show the selected value for 15 s"),
    bind(X::Saved, c('y'), Cmd::Copy, "Copy", "Send the selected field to the terminal's clipboard"),
    bind(X::Saved, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Saved, c('j'), Cmd::Down, "", ""),
    bind(X::Saved, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Saved, c('k'), Cmd::Up, "", ""),
    bind(X::Saved, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Saved, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Saved, k(Code::Esc), Cmd::Back, "", "To the list"),
    // Forms
    bind(X::Form, k(Code::Tab), Cmd::NextField, "Next", "To the next field"),
    bind(X::Form, k(Code::BackTab), Cmd::PrevField, "", "To the field before"),
    bind(X::Form, Key::ctrl('s'), Cmd::Submit, "Submit", "Submit, from any field"),
    bind(X::Form, k(Code::Enter), Cmd::Open, "", "Next field; on a button, press it"),
    bind(X::Form, k(Code::Down), Cmd::Down, "", "Next field, or down in a list"),
    bind(X::Form, k(Code::Up), Cmd::Up, "", "Field before, or up in a list"),
    bind(X::Form, Key::ctrl('r'), Cmd::ShowSecret, "Show", "Show or hide the secret being typed"),
    bind(X::Form, Key::ctrl('g'), Cmd::Generate, "Generate", "Fill the field with a generated value"),
    bind(X::Form, Key::ctrl('o'), Cmd::PickFile, "Choose a file", "Choose a file"),
    bind(X::Form, Key::ctrl('d'), Cmd::RemoveRow, "Remove row", "Remove this row of keys and values"),
    bind(X::Form, k(Code::Esc), Cmd::Back, "Back", "Back; a changed form asks first"),
    // Unlock
    bind(X::Unlock, k(Code::Enter), Cmd::Open, "Unlock", "Unlock"),
    bind(X::Unlock, Key::ctrl('r'), Cmd::ShowSecret, "Show", "Show or hide what is typed"),
    bind(X::Unlock, k(Code::Tab), Cmd::SwitchCredential, "Recovery key", "Passphrase or recovery key"),
    bind(X::Unlock, Key::ctrl('c'), Cmd::Quit, "Quit", "Quit"),
    // File picker
    bind(X::Picker, k(Code::Enter), Cmd::Open, "Choose", "Open the folder or choose the file"),
    bind(X::Picker, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Picker, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Picker, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Picker, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Picker, k(Code::Left), Cmd::PrevField, "Folder above", "To the folder above"),
    bind(X::Picker, Key::ctrl('t'), Cmd::ShowHidden, "Hidden files", "Show or hide hidden files"),
    bind(X::Picker, k(Code::Esc), Cmd::Back, "Cancel", "Back to the form"),
    // Choices
    bind(X::Choice, k(Code::Enter), Cmd::Open, "Choose", "Choose what is selected"),
    bind(X::Choice, c(' '), Cmd::Toggle, "", "Tick or untick"),
    bind(X::Choice, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Choice, c('j'), Cmd::Down, "", ""),
    bind(X::Choice, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Choice, c('k'), Cmd::Up, "", ""),
    bind(X::Choice, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Choice, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Choice, k(Code::Home), Cmd::First, "", "To the first"),
    bind(X::Choice, c('g'), Cmd::First, "", ""),
    bind(X::Choice, k(Code::End), Cmd::Last, "", "To the last"),
    bind(X::Choice, c('G'), Cmd::Last, "", ""),
    bind(X::Choice, c('e'), Cmd::Edit, "", ""),
    bind(X::Choice, c('d'), Cmd::ToggleActive, "", ""),
    bind(X::Choice, c('x'), Cmd::Delete, "", ""),
    bind(X::Choice, k(Code::Esc), Cmd::Back, "Close", "Close"),
    // Dialogs
    bind(X::Dialog, k(Code::Enter), Cmd::Open, "Press the button", "Press the button that has the focus"),
    bind(X::Dialog, k(Code::Tab), Cmd::NextField, "Next", "To the next button"),
    bind(X::Dialog, k(Code::Right), Cmd::NextField, "", ""),
    bind(X::Dialog, k(Code::BackTab), Cmd::PrevField, "", "To the button before"),
    bind(X::Dialog, k(Code::Left), Cmd::PrevField, "", ""),
    bind(X::Dialog, k(Code::Down), Cmd::Down, "", "Down, where there is a list"),
    bind(X::Dialog, k(Code::Up), Cmd::Up, "", "Up, where there is a list"),
    bind(X::Dialog, k(Code::Esc), Cmd::Back, "Cancel", "Cancel"),
    // Delete Secret
    bind(X::DeleteDialog, k(Code::Tab), Cmd::NextField, "Next", "To the next button"),
    bind(X::DeleteDialog, k(Code::Right), Cmd::NextField, "", ""),
    bind(X::DeleteDialog, k(Code::BackTab), Cmd::PrevField, "", "To the button before"),
    bind(X::DeleteDialog, k(Code::Left), Cmd::PrevField, "", ""),
    bind(X::DeleteDialog, k(Code::Enter), Cmd::Open, "Press the button", "Press the button that has the focus"),
    bind(X::DeleteDialog, Key::ctrl('d'), Cmd::DeactivateInstead, "Deactivate instead", "Deactivate instead"),
    bind(X::DeleteDialog, k(Code::Esc), Cmd::Back, "Cancel", "Cancel"),
    // Palette
    bind(X::Palette, k(Code::Enter), Cmd::Open, "Do it", "Do what is selected"),
    bind(X::Palette, k(Code::Down), Cmd::Down, "", "Down"),
    bind(X::Palette, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Palette, k(Code::Esc), Cmd::Back, "Close", "Close"),
    // Help
    bind(X::Help, k(Code::Down), Cmd::Down, "Scroll", "Down"),
    bind(X::Help, c('j'), Cmd::Down, "", ""),
    bind(X::Help, k(Code::Up), Cmd::Up, "", "Up"),
    bind(X::Help, c('k'), Cmd::Up, "", ""),
    bind(X::Help, k(Code::PageDown), Cmd::PageDown, "", "A page down"),
    bind(X::Help, k(Code::PageUp), Cmd::PageUp, "", "A page up"),
    bind(X::Help, c('?'), Cmd::Back, "", ""),
    bind(X::Help, k(Code::Esc), Cmd::Back, "Close", "Close"),
];

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
