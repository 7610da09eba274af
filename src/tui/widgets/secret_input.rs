//! One line of secret text: zeroized, masked, without history.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::SecretBytes;
use crate::tui::input::{Code, Key};
use crate::tui::text::clean;
use crate::tui::theme::Theme;

/// Where the cursor stands in a secret, and whether the secret is shown. The bytes live elsewhere
/// and are lent for each key, so that there is one copy of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SecretInput {
    /// Byte offset of the cursor.
    at: usize,
    /// Shown in clear while it is being typed.
    pub shown: bool,
}

impl SecretInput {
    /// A cursor at the end of `secret`, masked.
    pub fn at_end(secret: &SecretBytes) -> Self {
        Self { at: secret.len(), shown: false }
    }

    /// Lets a key edit `secret`; whether it was an editing key.
    pub fn on_key(&mut self, key: Key, secret: &mut SecretBytes) -> bool {
        self.at = self.at.min(secret.len());
        match (key.code, key.ctrl, key.alt) {
            (Code::Char(c), false, false) => self.insert(c.encode_utf8(&mut [0; 4]).as_bytes(), secret),
            (Code::Char('u'), true, false) => self.cut(0, self.at, secret),
            (Code::Char('k'), true, false) => self.cut(self.at, secret.len(), secret),
            (Code::Char('a'), true, false) | (Code::Home, ..) => self.at = 0,
            (Code::Char('e'), true, false) | (Code::End, ..) => self.at = secret.len(),
            (Code::Left, ..) => self.at = before(secret, self.at),
            (Code::Right, ..) => self.at = after(secret, self.at),
            (Code::Backspace, ..) => self.cut(before(secret, self.at), self.at, secret),
            (Code::Delete, ..) => self.cut(self.at, after(secret, self.at), secret),
            _ => return false,
        }
        true
    }

    /// Inserts `bytes` at the cursor.
    pub fn insert(&mut self, bytes: &[u8], secret: &mut SecretBytes) {
        self.at = self.at.min(secret.len());
        secret.splice(self.at, 0, bytes);
        self.at += bytes.len();
    }

    fn cut(&mut self, from: usize, to: usize, secret: &mut SecretBytes) {
        secret.splice(from, to - from, b"");
        self.at = from;
    }

    /// Draws `secret` into the first row of `area`: a dot for each character, or the text while it is shown.
    /// The part around the cursor is in view.
    pub fn render(&self, area: Rect, buf: &mut Buffer, secret: &SecretBytes, focused: bool, theme: Theme) {
        let text = secret.expose_text().unwrap_or_default();
        let room = usize::from(area.width.saturating_sub(1));
        let cell = |grapheme: &str| if self.shown { clean(grapheme).width().max(1) } else { 1 };
        let mut left = 0;
        let mut x = 0;
        for (at, grapheme) in text.grapheme_indices(true).take_while(|(at, _)| *at < self.at) {
            x += cell(grapheme);
            while x > room {
                let first = text[left..at + grapheme.len()].graphemes(true).next().unwrap_or_default();
                x -= cell(first);
                left += first.len().max(1);
            }
        }
        let mut column = area.x;
        for grapheme in text[left..].graphemes(true) {
            let end = area.right().saturating_sub(column) as usize;
            let shown = if self.shown { clean(grapheme) } else { theme.dot().into() };
            if end == 0 {
                break;
            }
            (column, _) = buf.set_stringn(column, area.y, shown, end, theme.text());
        }
        let cursor = area.x + u16::try_from(x).unwrap_or(0);
        if let Some(cell) = buf.cell_mut((cursor.min(area.right().saturating_sub(1)), area.y)).filter(|_| focused) {
            cell.set_style(theme.cursor());
        }
    }
}

fn before(secret: &SecretBytes, at: usize) -> usize {
    let text = secret.expose_text().unwrap_or_default();
    text.grapheme_indices(true).map(|(i, _)| i).take_while(|i| *i < at).last().unwrap_or(0)
}

fn after(secret: &SecretBytes, at: usize) -> usize {
    let text = secret.expose_text().unwrap_or_default();
    text.grapheme_indices(true).map(|(i, _)| i).find(|i| *i > at).unwrap_or(secret.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(input: &SecretInput, secret: &SecretBytes, width: u16) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buf = Buffer::empty(area);
        input.render(area, &mut buf, secret, true, Theme::default());
        buf.content().iter().map(|cell| cell.symbol()).collect()
    }

    #[test]
    fn edits_by_characters_and_stays_masked() {
        let mut secret = SecretBytes::default();
        let mut input = SecretInput::default();
        for c in "pässword".chars() {
            assert!(input.on_key(Key::plain(Code::Char(c)), &mut secret));
        }
        input.on_key(Key::plain(Code::Backspace), &mut secret);
        input.on_key(Key::plain(Code::Home), &mut secret);
        input.on_key(Key::plain(Code::Right), &mut secret);
        input.on_key(Key::plain(Code::Delete), &mut secret);
        assert_eq!(secret.expose_text(), Some("psswor"));
        assert_eq!(drawn(&input, &secret, 10), "••••••    ");
        input.shown = true;
        assert_eq!(drawn(&input, &secret, 10), "psswor    ");
    }

    #[test]
    fn only_ctrl_cuts_and_alt_does_nothing() {
        let mut secret = SecretBytes::from("hunter2");
        let mut input = SecretInput::at_end(&secret);
        for letter in ['u', 'k', 'a', 'e', 'x'] {
            let alt = Key { alt: true, ..Key::plain(Code::Char(letter)) };
            assert!(!input.on_key(alt, &mut secret));
            assert!(!input.on_key(Key { ctrl: true, ..alt }, &mut secret));
        }
        assert_eq!((secret.expose(), input), (b"hunter2".as_slice(), SecretInput::at_end(&secret)));
        input.on_key(Key::plain(Code::Left), &mut secret);
        assert!(input.on_key(Key::ctrl('k'), &mut secret) && input.on_key(Key::ctrl('u'), &mut secret));
        assert!(secret.is_empty());
    }

    #[test]
    fn the_cursor_stays_in_view() {
        let secret = SecretBytes::from("abcdefghij");
        let mut input = SecretInput::at_end(&secret);
        input.shown = true;
        assert_eq!(drawn(&input, &secret, 5), "ghij ");
    }
}
