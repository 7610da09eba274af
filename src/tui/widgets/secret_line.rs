//! A line of secret text that owns what is typed: a passphrase, or a part of the recovery key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::SecretInput;
use crate::domain::SecretBytes;
use crate::tui::input::Key;
use crate::tui::theme::Theme;

/// Most bytes that a passphrase may have.
pub const MAX_PASSPHRASE: usize = 1024;

/// Why something was not taken into the line. What was there before stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It would be longer than [`MAX_PASSPHRASE`].
    #[error("It has no room for more: 1,024 bytes are the most.")]
    TooLong,
    /// A line break or another control character, which nobody could type here.
    #[error("What was pasted has line breaks or control characters: paste a single line.")]
    Control,
    /// Not UTF-8.
    #[error("What was pasted is not text.")]
    NotText,
}

/// One line of secret text, zeroized when it goes.
#[derive(Debug, Clone, Default)]
pub struct SecretLine {
    bytes: SecretBytes,
    input: SecretInput,
}

impl SecretLine {
    /// What is typed.
    pub fn bytes(&self) -> &SecretBytes {
        &self.bytes
    }

    /// How many characters it has.
    pub fn characters(&self) -> usize {
        self.bytes.expose_text().map_or(0, |text| text.chars().count())
    }

    /// Whether it is shown in clear.
    pub fn is_shown(&self) -> bool {
        self.input.shown
    }

    /// Shows it in clear, or masks it.
    pub fn show(&mut self, shown: bool) {
        self.input.shown = shown;
    }

    /// Overwrites what is typed; it is masked from then on.
    pub fn wipe(&mut self) {
        *self = Self::default();
    }

    /// Lets a key edit the line; whether it was an editing key.
    ///
    /// # Errors
    /// [`Refused::TooLong`] for a character that does not fit.
    pub fn on_key(&mut self, key: Key) -> Result<bool, Refused> {
        let more = key.typed().map_or(0, char::len_utf8);
        if self.bytes.len() + more > MAX_PASSPHRASE {
            return Err(Refused::TooLong);
        }
        Ok(self.input.on_key(key, &mut self.bytes))
    }

    /// Inserts a paste at the cursor, without the line break at its end.
    ///
    /// # Errors
    /// [`Refused`]; then nothing of it was taken.
    pub fn paste(&mut self, paste: &SecretBytes) -> Result<(), Refused> {
        let text = paste.expose_text().ok_or(Refused::NotText)?;
        self.insert(text.trim_end_matches(['\r', '\n']))
    }

    /// Inserts `text` at the cursor.
    ///
    /// # Errors
    /// [`Refused`]; then nothing of it was taken.
    pub fn insert(&mut self, text: &str) -> Result<(), Refused> {
        if text.chars().any(char::is_control) {
            return Err(Refused::Control);
        }
        if self.bytes.len() + text.len() > MAX_PASSPHRASE {
            return Err(Refused::TooLong);
        }
        self.input.insert(text.as_bytes(), &mut self.bytes);
        Ok(())
    }

    /// Draws it into the first row of `area`, with a cursor when it has the focus.
    pub fn render(&self, area: Rect, buf: &mut Buffer, focused: bool, theme: Theme) {
        self.input.render(area, buf, &self.bytes, focused, theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::input::Code;

    #[test]
    fn a_paste_loses_its_last_line_break_and_is_taken_whole_or_not_at_all() {
        let mut line = SecretLine::default();
        assert_eq!(line.paste(&SecretBytes::from("hunter\r\n")), Ok(()));
        assert_eq!(line.paste(&SecretBytes::from("two\nlines")), Err(Refused::Control));
        assert_eq!(line.paste(&SecretBytes::new(vec![0xFF])), Err(Refused::NotText));
        assert_eq!(line.paste(&SecretBytes::new(vec![b'x'; MAX_PASSPHRASE])), Err(Refused::TooLong));
        assert_eq!(line.bytes().expose(), b"hunter");
    }

    #[test]
    fn a_full_line_takes_no_key_but_can_be_shortened() {
        let mut line = SecretLine::default();
        line.insert(&"x".repeat(MAX_PASSPHRASE)).expect("as long as it may be");
        assert_eq!(line.on_key(Key::plain(Code::Char('y'))), Err(Refused::TooLong));
        assert_eq!(line.on_key(Key::plain(Code::Backspace)), Ok(true));
        assert_eq!(line.characters(), MAX_PASSPHRASE - 1);
        line.wipe();
        assert!(line.bytes().is_empty());
    }
}
