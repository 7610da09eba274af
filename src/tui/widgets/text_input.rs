//! One line of text that is not secret. The only place that knows the text-area crate.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, TextArea};

use crate::tui::input::{Code, Key};
use crate::tui::text::clean;
use crate::tui::theme::Theme;

/// A one-line editor. Keeps no history: what was typed by mistake is not kept either.
#[derive(Debug, Clone)]
pub struct TextInput(TextArea<'static>);

impl Default for TextInput {
    fn default() -> Self {
        Self::new("")
    }
}

impl TextInput {
    /// An editor that holds `text`, with the cursor at its end.
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![one_line(text)]);
        area.set_max_histories(0);
        area.move_cursor(CursorMove::End);
        Self(area)
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.lines().first().map_or("", String::as_str)
    }

    /// Lets a key edit the text; whether it was an editing key.
    pub fn on_key(&mut self, key: Key) -> bool {
        match edit(key) {
            Some(Edit::Insert(c)) => self.0.insert_char(c),
            Some(Edit::Move(to)) => self.0.move_cursor(to),
            // Where there is nothing to delete, the key meant so all the same.
            Some(Edit::Delete(delete)) => drop(delete(&mut self.0)),
            None => return false,
        }
        true
    }

    /// Inserts pasted text as it is, but that line breaks become spaces and the last one goes.
    pub fn insert(&mut self, text: &str) {
        self.0.insert_str(one_line(text));
    }

    /// Draws the text, sanitized, into the first row of `area`, with a cursor when it has the focus.
    pub fn render(&self, area: Rect, buf: &mut Buffer, focused: bool, theme: Theme) {
        let row = Rect { height: area.height.min(1), ..area };
        if !focused {
            buf.set_stringn(row.x, row.y, clean(self.text()), row.width as usize, theme.text());
            return;
        }
        let mut area = TextArea::new(vec![clean(self.text()).into_owned()]);
        let column = u16::try_from(self.0.cursor().1).unwrap_or(u16::MAX);
        area.move_cursor(CursorMove::Jump(0, column));
        area.set_cursor_line_style(theme.text());
        area.set_cursor_style(theme.cursor());
        (&area).render(row, buf);
    }
}

/// What a key does to the line.
enum Edit {
    Insert(char),
    Move(CursorMove),
    Delete(fn(&mut TextArea<'static>) -> bool),
}

/// The editing keys: those of a secret, and by words.
fn edit(key: Key) -> Option<Edit> {
    let by_word = key.ctrl || key.alt;
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Char(c), false, false) => Edit::Insert(c),
        (Code::Char('a'), true, false) | (Code::Home, ..) => Edit::Move(CursorMove::Head),
        (Code::Char('e'), true, false) | (Code::End, ..) => Edit::Move(CursorMove::End),
        (Code::Char('b'), false, true) => Edit::Move(CursorMove::WordBack),
        (Code::Char('f'), false, true) => Edit::Move(CursorMove::WordForward),
        (Code::Left, ..) => Edit::Move(if by_word { CursorMove::WordBack } else { CursorMove::Back }),
        (Code::Right, ..) => Edit::Move(if by_word { CursorMove::WordForward } else { CursorMove::Forward }),
        (Code::Char('u'), true, false) => Edit::Delete(TextArea::delete_line_by_head),
        (Code::Char('k'), true, false) => Edit::Delete(TextArea::delete_line_by_end),
        (Code::Char('w'), true, false) => Edit::Delete(TextArea::delete_word),
        (Code::Char('d'), false, true) => Edit::Delete(TextArea::delete_next_word),
        (Code::Backspace, ..) if by_word => Edit::Delete(TextArea::delete_word),
        (Code::Delete, ..) if by_word => Edit::Delete(TextArea::delete_next_word),
        (Code::Backspace, ..) => Edit::Delete(TextArea::delete_char),
        (Code::Delete, ..) => Edit::Delete(TextArea::delete_next_char),
        _ => return None,
    })
}

/// Text on one line. What else is in it stays: the form says what it does not take.
fn one_line(text: &str) -> String {
    text.trim_end_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_moves_and_pastes_on_one_line() {
        let mut input = TextInput::new("acme");
        input.insert("-dev\n");
        assert!(input.on_key(Key::plain(Code::Home)));
        assert!(input.on_key(Key::plain(Code::Char('x'))));
        assert_eq!(input.text(), "xacme-dev");
        assert!(!input.on_key(Key::plain(Code::Enter)));
    }

    #[test]
    fn a_paste_is_kept_as_it_is_and_drawn_as_it_may_be_shown() {
        let mut input = TextInput::default();
        input.insert("one\r\ntwo\u{200b}\u{1b}[31m\n");
        assert!(input.on_key(Key::plain(Code::Char('\u{202e}'))));
        assert_eq!(input.text(), "one two\u{200b}\u{1b}[31m\u{202e}");
        let area = Rect::new(0, 0, 16, 1);
        for focused in [true, false] {
            let mut buf = Buffer::empty(area);
            input.render(area, &mut buf, focused, Theme::default());
            let drawn: String = buf.content().iter().map(|cell| cell.symbol()).collect();
            assert_eq!(drawn, "one two\u{fffd}\u{fffd}[31m\u{fffd}  ");
            let cursor = buf.content().iter().position(|cell| cell.modifier == Theme::default().cursor().add_modifier);
            assert_eq!(cursor, focused.then_some(14), "behind the last character");
        }
    }

    fn after(text: &str, keys: &[Key]) -> String {
        let mut input = TextInput::new(text);
        assert!(keys.iter().all(|key| input.on_key(*key)), "{keys:?}");
        input.text().to_owned()
    }

    #[test]
    fn words_are_stepped_over_and_deleted() {
        let alt = |code| Key { alt: true, ..Key::plain(code) };
        let ctrl = |code| Key { ctrl: true, ..Key::plain(code) };
        let x = Key::plain(Code::Char('x'));
        for back in [alt(Code::Char('b')), alt(Code::Left), ctrl(Code::Left)] {
            assert_eq!(after("one two", &[back, x]), "one xtwo");
        }
        for forward in [alt(Code::Char('f')), ctrl(Code::Right)] {
            assert_eq!(after("one two", &[Key::ctrl('a'), forward, x]), "one xtwo");
        }
        for delete in [Key::ctrl('w'), alt(Code::Backspace), ctrl(Code::Backspace)] {
            assert_eq!(after("one two", &[delete]), "one ");
        }
        for delete in [alt(Code::Char('d')), ctrl(Code::Delete)] {
            assert_eq!(after("one two", &[Key::ctrl('a'), delete]), " two");
        }
        assert_eq!(after("one two", &[Key::plain(Code::Left), Key::ctrl('k'), Key::ctrl('e'), x]), "one twx");
        assert_eq!(after("one", &[Key::ctrl('u'), Key::ctrl('u'), Key::plain(Code::Backspace)]), "");
    }

    #[test]
    fn other_keys_are_left_alone() {
        let mut input = TextInput::new("one");
        for letter in "cdfghijlmnopqrtvxyz".chars() {
            assert!(!input.on_key(Key::ctrl(letter)), "{letter}");
        }
        assert!(!input.on_key(Key { alt: true, ..Key::plain(Code::Char('k')) }));
        assert_eq!(input.text(), "one");
    }
}
