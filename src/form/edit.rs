//! What a person does to a field. Every edit takes back what was said against the field.

use crate::domain::SecretBytes;
use crate::domain::keyvalue::MAX_PAIRS;
use crate::domain::kind::Input;

use super::content::{Content, Held, Row};
use super::files::Loaded;
use super::{FieldError, Form};

impl Form {
    /// Puts `text` in a text field; in a file field, as the path being typed.
    pub fn set_text(&mut self, index: usize, text: impl Into<String>) {
        match self.touch(index) {
            Some(Content::Text(content)) => *content = text.into(),
            Some(Content::File(file)) => file.typed = text.into(),
            _ => {}
        }
    }

    /// The secret at `index`, to be edited in place.
    pub fn secret_mut(&mut self, index: usize) -> Option<&mut SecretBytes> {
        match self.touch(index)? {
            Content::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// Turns a flag over. A secret that is write-only stays so: the field then says it.
    pub fn toggle(&mut self, index: usize) {
        let is_edit = self.is_edit();
        let Some(field) = self.fields.get_mut(index) else { return };
        let stays = is_edit && field.initial == Content::Flag(true);
        if let Content::Flag(flag) = &mut field.content {
            *flag = stays || !*flag;
            field.error = stays.then_some(FieldError::WriteOnlyStays);
        }
    }

    /// Chooses the option at `option`; one that does not exist is not chosen.
    pub fn choose(&mut self, index: usize, option: usize) {
        let Some(field) = self.fields.get(index) else { return };
        let Input::Choice(options) = field.spec.input else { return };
        if option < options.len()
            && let Some(Content::Choice(at)) = self.touch(index)
        {
            *at = option;
        }
    }

    /// Adds a blank row at the end; gives its number, from 0. `None` when there are too many.
    pub fn add_row(&mut self, index: usize) -> Option<usize> {
        let rows = self.rows_mut(index)?;
        if rows.len() >= MAX_PAIRS {
            return None;
        }
        rows.push(Row::default());
        Some(rows.len() - 1)
    }

    /// Removes a row; of the last one, its content.
    pub fn remove_row(&mut self, index: usize, row: usize) {
        let Some(rows) = self.rows_mut(index) else { return };
        if row < rows.len() {
            rows.remove(row);
        }
        if rows.is_empty() {
            rows.push(Row::default());
        }
    }

    /// Puts `key` in a row.
    pub fn set_row_key(&mut self, index: usize, row: usize, key: impl Into<String>) {
        if let Some(row) = self.rows_mut(index).and_then(|rows| rows.get_mut(row)) {
            row.key = key.into();
        }
    }

    /// The value of a row, to be edited in place.
    pub fn row_value_mut(&mut self, index: usize, row: usize) -> Option<&mut SecretBytes> {
        self.rows_mut(index)?.get_mut(row).map(|row| &mut row.value)
    }

    /// Reads `bytes` as what the file field takes. `file_name` is without its folder, `None` for
    /// pasted content. What cannot be read leaves the field with what it held; a private key that does not
    /// belong to the certificate is held with its error, so that the two may come in any order.
    ///
    /// # Errors
    /// When the file does not fit; the field says so too.
    pub fn load_file(&mut self, index: usize, file_name: Option<&str>, bytes: SecretBytes) -> Result<(), FieldError> {
        let Some(field) = self.fields.get_mut(index) else { return Ok(()) };
        let loaded = match Loaded::read(field.spec.input, file_name, bytes) {
            Ok(Some(loaded)) => loaded,
            Ok(None) => return Ok(()),
            Err(error) => {
                field.error = Some(error.clone());
                return Err(error);
            }
        };
        if let Content::File(file) = &mut field.content {
            file.typed.clear();
            file.held = Held::Loaded(Box::new(loaded));
        }
        self.follow_files();
        self.fields[index].error.clone().map_or(Ok(()), Err)
    }

    /// Empties a file field. When editing, what is stored comes back in the place of a new
    /// file; done again it is removed, unless it is required.
    pub fn clear_file(&mut self, index: usize) {
        let Some(field) = self.fields.get_mut(index) else { return };
        let Content::File(initial) = &field.initial else { return };
        let stored = initial.held.clone();
        let Content::File(file) = &mut field.content else { return };
        file.held = match file.held {
            Held::Kept(_) if !field.spec.required => Held::Nothing,
            _ => stored,
        };
        file.typed.clear();
        field.error = None;
        self.follow_files();
    }

    /// Forgets every secret byte that was entered and keeps the rest; whether there were any.
    pub fn forget_secrets(&mut self) -> bool {
        let mut any = false;
        for field in self.fields.iter_mut().filter(|field| field.spec.secret) {
            match &mut field.content {
                Content::Secret(secret) => any |= !std::mem::take(secret).is_empty(),
                Content::Pairs(rows) => {
                    rows.iter_mut().for_each(|row| any |= !std::mem::take(&mut row.value).is_empty());
                }
                Content::File(file) if matches!(file.held, Held::Loaded(_)) => {
                    any = true;
                    file.held = field.initial.file().map(|file| file.held.clone()).unwrap_or_default();
                }
                _ => {}
            }
        }
        self.follow_files();
        any
    }

    /// Says `error` beside the field at `index`, until the field is edited or checked again.
    pub fn set_error(&mut self, index: usize, error: FieldError) {
        if let Some(field) = self.fields.get_mut(index) {
            field.error = Some(error);
        }
    }

    /// The content of a field that is about to change, with the error taken back.
    fn touch(&mut self, index: usize) -> Option<&mut Content> {
        let field = self.fields.get_mut(index)?;
        field.error = None;
        Some(&mut field.content)
    }

    fn rows_mut(&mut self, index: usize) -> Option<&mut Vec<Row>> {
        match self.touch(index)? {
            Content::Pairs(rows) => Some(rows),
            _ => None,
        }
    }

    /// Files speak about each other: looks again at those that are held, and fills the date that
    /// follows from the certificate.
    pub(super) fn follow_files(&mut self) {
        for index in 0..self.fields.len() {
            let held = self.fields[index].content.file().filter(|file| file.held != Held::Nothing);
            if let Some(file) = held {
                self.fields[index].error = self.check_file(&self.fields[index], file).err();
            }
        }
        let end = match self.chain() {
            Some(chain) => chain.expires(),
            None => self.header().and_then(|header| header.expires),
        };
        for field in &mut self.fields {
            if let Content::Derived(derived) = &mut field.content {
                *derived = end;
            }
        }
    }
}
