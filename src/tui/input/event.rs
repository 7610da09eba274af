//! What reaches the program from the terminal, in words of our own.

use crate::domain::SecretBytes;

/// One thing that happened at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed (or repeats).
    Key(Key),
    /// Text was pasted, whole. It may be a secret.
    Paste(SecretBytes),
    /// The paste before this event stood still for too long: what still comes of it is thrown away.
    PasteCut,
    /// The terminal has a new size, in cells.
    Resize {
        /// Its width.
        columns: u16,
        /// Its height.
        rows: u16,
    },
    /// The terminal's window came to the front.
    FocusGained,
    /// The terminal's window went behind others.
    FocusLost,
    /// Ctrl-Z from outside (SIGTSTP): give the terminal back and stop.
    Suspend,
    /// Running again (SIGCONT).
    Resumed,
    /// The terminal is gone.
    HangUp,
    /// A signal from outside that ends the program, by its number: SIGTERM, SIGINT or SIGQUIT.
    Terminate(i32),
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Control is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held (for characters it shows in the character itself).
    pub shift: bool,
}

impl Key {
    /// `code` without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// Control and a character.
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// The character that this key types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self {
            Key { code: Code::Char(c), ctrl: false, alt: false, .. } => Some(c),
            _ => None,
        }
    }
}

/// The keys that a terminal can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A character, as typed.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}
