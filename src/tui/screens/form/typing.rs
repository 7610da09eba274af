//! What keys and pastes do at the place with the focus.

use super::Screen;
use super::focus::{Editor, Focus};
use crate::domain::SecretBytes;
use crate::domain::keyvalue::{self, FileError, Pair, Parsed};
use crate::domain::kind::Input;
use crate::form::generate::{self, DEFAULT_LENGTH};
use crate::form::{Content, Form, Row, left_out_in_words};
use crate::tui::input::{Code, Key};
use crate::tui::layer::{Cx, Tone};
use crate::tui::widgets::SecretInput;

impl Screen {
    /// Enter: on to the next place, in pairs to a new row, in a file field the file; a button is pressed.
    pub(super) fn enter(&mut self, cx: &mut Cx<'_>) {
        match self.focus {
            Focus::Submit => self.submit(cx),
            Focus::Cancel => self.back(cx),
            Focus::Scope => self.step(true, cx),
            Focus::Field(index) => self.enter_in_field(index, cx),
        }
    }

    fn enter_in_field(&mut self, index: usize, cx: &mut Cx<'_>) {
        if self.read_typed(index, cx) {
            return;
        }
        if !self.at_end_of_pairs(index) {
            return self.step(true, cx);
        }
        match self.form.add_row(index) {
            Some(row) => self.stand_on_row(row),
            None => cx.toast(Tone::Warn, "There is no room for more pairs in one secret."),
        }
    }

    /// In the value of the last row, which has something in it.
    fn at_end_of_pairs(&self, index: usize) -> bool {
        match (&self.editor, self.form.field(index).map(|field| field.content())) {
            (Editor::Value(row, _), Some(Content::Pairs(rows))) => {
                row + 1 == rows.len() && !rows.last().is_some_and(Row::is_blank)
            }
            _ => false,
        }
    }

    /// A key that the keymap leaves to the field.
    pub(super) fn type_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        match (self.focus, key.code) {
            (Focus::Submit, Code::Left) => self.stand_on(Focus::Cancel, true),
            (Focus::Cancel, Code::Right) => self.stand_on(Focus::Submit, true),
            (Focus::Submit | Focus::Cancel, Code::Char(' ')) => self.enter(cx),
            (Focus::Scope, Code::Char(' ') | Code::Left | Code::Right) => self.turn_scope(cx),
            (Focus::Scope | Focus::Submit | Focus::Cancel, _) => {}
            (Focus::Field(index), Code::Char(' ')) if matches!(self.editor, Editor::None) => self.turn(index),
            (Focus::Field(_), Code::Left) if matches!(self.editor, Editor::None) => drop(self.choose_next(false)),
            (Focus::Field(_), Code::Right) if matches!(self.editor, Editor::None) => drop(self.choose_next(true)),
            (Focus::Field(_), Code::Backspace) if self.is_loaded() => self.remove(),
            (Focus::Field(index), _) => {
                if edit(&mut self.editor, &mut self.form, index, key) {
                    self.stop_reading(index);
                }
            }
        }
    }

    /// Space: a flag turns over, a choice goes round.
    fn turn(&mut self, index: usize) {
        self.form.toggle(index);
        if !self.choose_next(true) {
            self.form.choose(index, 0);
        }
    }

    /// To the next option of a choice, or the one before; whether there was one.
    pub(super) fn choose_next(&mut self, forward: bool) -> bool {
        let Focus::Field(index) = self.focus else { return false };
        let Some(field) = self.form.field(index) else { return false };
        let (Input::Choice(options), Content::Choice(at)) = (field.spec().input, field.content()) else { return false };
        let next = if forward { Some(at + 1).filter(|next| *next < options.len()) } else { at.checked_sub(1) };
        next.map(|next| self.form.choose(index, next)).is_some()
    }

    /// A paste, whole: into a secret as it is, into a file field as a path or its content.
    pub(super) fn paste(&mut self, paste: SecretBytes, cx: &mut Cx<'_>) {
        let Focus::Field(index) = self.focus else { return };
        if self.focused_file().is_some() {
            return self.paste_file(index, paste, cx);
        }
        match (&self.editor, pasted_pairs(&paste)) {
            (Editor::Key(row, _), Some(Ok((pairs, left_out)))) => {
                self.fill_rows(index, *row, pairs, cx);
                if let Some(text) = left_out_in_words(&left_out) {
                    cx.toast(Tone::Warn, text);
                }
            }
            (Editor::Key(..), Some(Err(error))) => self.form.set_error(index, error.into()),
            _ => insert(&mut self.editor, &mut self.form, index, &paste),
        }
    }

    /// Puts pasted pairs into this row, if it is blank, and new ones.
    fn fill_rows(&mut self, index: usize, row: usize, pairs: Vec<Pair>, cx: &mut Cx<'_>) {
        let blank = match self.form.field(index).map(|field| field.content()) {
            Some(Content::Pairs(rows)) => rows.get(row).is_some_and(Row::is_blank),
            _ => false,
        };
        let mut free = blank.then_some(row);
        for (key, value) in pairs {
            let Some(row) = free.take().or_else(|| self.form.add_row(index)) else {
                cx.toast(Tone::Warn, "There is no room for more pairs in one secret: the rest was left out.");
                break;
            };
            self.form.set_row_key(index, row, key);
            if let Some(place) = self.form.row_value_mut(index, row) {
                *place = value;
            }
            self.stand_on_row(row);
        }
    }

    /// Fills the secret with random characters.
    pub(super) fn generate(&mut self, cx: &mut Cx<'_>) {
        let (Focus::Field(index), true) = (self.focus, self.editor.secret().is_some()) else { return };
        match generate::generate(&*cx.shared.entropy, DEFAULT_LENGTH) {
            Ok(value) => {
                if let Some((input, secret)) = secret_of(&mut self.editor, &mut self.form, index) {
                    *secret = value;
                    let shown = input.shown;
                    *input = SecretInput::at_end(secret);
                    input.shown = shown;
                }
            }
            Err(error) => cx.toast(Tone::Bad, format!("Nothing was generated: {error}.")),
        }
    }

    /// Removes the row of pairs, or what a file field holds.
    pub(super) fn remove(&mut self) {
        let Focus::Field(index) = self.focus else { return };
        match self.editor.row() {
            Some(row) => {
                self.form.remove_row(index, row);
                self.stand_on_row(row);
            }
            None if self.can_be_cleared() => {
                self.stop_reading(index);
                self.form.clear_file(index);
                self.stand_on(self.focus, true);
            }
            None => {}
        }
    }
}

/// The secret that the editor edits, with its cursor.
fn secret_of<'a>(
    editor: &'a mut Editor,
    form: &'a mut Form,
    index: usize,
) -> Option<(&'a mut SecretInput, &'a mut SecretBytes)> {
    match editor {
        Editor::Secret(input) => Some((input, form.secret_mut(index)?)),
        Editor::Value(row, input) => Some((input, form.row_value_mut(index, *row)?)),
        _ => None,
    }
}

/// Lets a key edit; whether a text is another one now.
fn edit(editor: &mut Editor, form: &mut Form, index: usize, key: Key) -> bool {
    if let Some((input, secret)) = secret_of(editor, form, index) {
        input.on_key(key, secret);
        return false;
    }
    let (Editor::Line(input) | Editor::Key(_, input)) = editor else { return false };
    let before = input.text().to_owned();
    let edited = input.on_key(key) && input.text() != before;
    if edited {
        write_back(editor, form, index);
    }
    edited
}

/// Inserts a paste at the cursor.
pub(super) fn insert(editor: &mut Editor, form: &mut Form, index: usize, paste: &SecretBytes) {
    if let Some((input, secret)) = secret_of(editor, form, index) {
        input.insert(without_line_end(paste.expose()), secret);
        return;
    }
    if let Editor::Line(input) | Editor::Key(_, input) = editor {
        input.insert(paste.expose_text().unwrap_or_default());
        write_back(editor, form, index);
    }
}

fn write_back(editor: &Editor, form: &mut Form, index: usize) {
    match editor {
        Editor::Line(input) => form.set_text(index, input.text()),
        Editor::Key(row, input) => form.set_row_key(index, *row, input.text()),
        _ => {}
    }
}

/// A line copied from somewhere often brings its line end along; in a text of several lines it belongs there.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    match bytes.strip_suffix(b"\n") {
        Some(line) if !line.contains(&b'\n') => line.strip_suffix(b"\r").unwrap_or(line),
        _ => bytes,
    }
}

/// Pairs, and the keys without a value that were left out.
type PastedPairs = (Vec<Pair>, Vec<String>);

/// The pairs in a paste and the keys left out, or why it cannot be read as such; `None` for what may be a key. A key is one line without
/// a `=`: anything else may hold values, which nobody shall see on the screen.
fn pasted_pairs(paste: &SecretBytes) -> Option<Result<PastedPairs, FileError>> {
    let line = without_line_end(paste.expose());
    if !line.contains(&b'=') && !line.contains(&b'\n') {
        return None;
    }
    match keyvalue::read_file(".env", paste.clone()) {
        Ok(Parsed::Pairs { pairs, left_out, .. }) => Some(Ok((pairs, left_out))),
        Ok(Parsed::Whole { .. }) => Some(Err(FileError::NoPairs)),
        Err(error) => Some(Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::without_line_end;

    #[test]
    fn only_a_lone_line_end_is_dropped() {
        assert_eq!(without_line_end(b"token\n"), b"token");
        assert_eq!(without_line_end(b"token\r\n"), b"token");
        assert_eq!(without_line_end(b"a\nb\n"), b"a\nb\n");
        assert_eq!(without_line_end(b" token "), b" token ");
    }
}
