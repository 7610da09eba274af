//! Checking fields: what is wrong is put beside the field.

use std::collections::HashMap;

use crate::domain::certificate::{self, Chain};
use crate::domain::kind::Input;
use crate::domain::text::{self, ValueError};
use crate::domain::{SecretBytes, Timestamp, date, keyvalue, web};

use super::content::{Content, FileContent, Held, Row};
use super::error::{FieldError, RowError};
use super::files::Material;
use super::{FieldState, Form};

impl Form {
    /// Checks every field that is shown, and puts what is wrong beside each; whether all is well.
    pub fn validate(&mut self, now: Timestamp) -> bool {
        let found: Vec<_> = (0..self.fields.len()).map(|index| self.check(index, now).err()).collect();
        let sound = found.iter().all(Option::is_none);
        for (field, error) in self.fields.iter_mut().zip(found) {
            field.error = error;
        }
        sound
    }

    /// Checks the field at `index`, as a person leaves it; whether it is well.
    pub fn validate_field(&mut self, index: usize, now: Timestamp) -> bool {
        let error = self.check(index, now).err();
        let sound = error.is_none();
        if let Some(field) = self.fields.get_mut(index) {
            field.error = error;
        }
        sound
    }

    /// The first field shown that has an error: where the focus goes.
    pub fn focus_first_error(&self) -> Option<usize> {
        self.visible().find(|index| self.fields[*index].error.is_some())
    }

    fn check(&self, index: usize, now: Timestamp) -> Result<(), FieldError> {
        let Some(field) = self.fields.get(index).filter(|_| self.is_visible(index)) else { return Ok(()) };
        match &field.content {
            // An end that has passed may stay while other fields are edited.
            Content::Text(_) if field.spec.input == Input::Expiration && self.is_edit() && !field.is_edited() => Ok(()),
            Content::Text(text) => self.check_text(field, text, now),
            Content::Secret(secret) if secret.is_empty() && self.is_edit() => Ok(()),
            Content::Secret(secret) if secret.is_empty() => self.check_required(field),
            Content::Secret(secret) => check_secret(field.spec.input, secret),
            Content::Pairs(rows) => self.check_pairs(field, rows),
            Content::File(file) => self.check_file(field, file),
            Content::Flag(_) | Content::Choice(_) | Content::Derived(_) => Ok(()),
        }
    }

    fn check_required(&self, field: &FieldState) -> Result<(), FieldError> {
        match field.spec.required {
            true => Err(FieldError::Required(self.label_of(field.spec))),
            false => Ok(()),
        }
    }

    fn check_text(&self, field: &FieldState, text: &str, now: Timestamp) -> Result<(), FieldError> {
        if text.trim().is_empty() {
            return self.check_required(field);
        }
        match field.spec.input {
            Input::Name => text::check_name(text.trim())?,
            Input::HeaderName => web::check_header_name(text)?,
            Input::Url => web::check_url(text)?,
            Input::Scopes => web::split_scopes(text).into_iter().try_for_each(web::check_scope)?,
            Input::Expiration => date::parse_expiration(text, now).map(|_| ())?,
            _ => text::check_text(text)?,
        }
        Ok(())
    }

    fn check_pairs(&self, field: &FieldState, rows: &[Row]) -> Result<(), FieldError> {
        if rows.iter().all(Row::is_blank) {
            return self.check_required(field);
        }
        let mut seen = HashMap::new();
        for (number, row) in rows.iter().enumerate().filter(|(_, row)| !row.is_blank()) {
            let first = *seen.entry(&*row.key).or_insert(number);
            check_row(row, (first != number).then_some(first))
                .map_err(|cause| FieldError::Row { row: number, cause })?;
        }
        match rows.iter().map(|row| row.value.len() + self.kept_size(row)).sum() {
            0..=text::MAX_VALUE => Ok(()),
            sum => Err(ValueError::TooLarge(sum).into()),
        }
    }

    /// How many stored bytes stay for this row.
    fn kept_size(&self, row: &Row) -> usize {
        let parts = self.header().filter(|_| row.is_kept()).map_or(&[][..], |header| &header.parts);
        parts.iter().filter(|part| *part.name == *row.key).map(|part| part.size as usize).sum()
    }

    pub(super) fn check_file(&self, field: &FieldState, file: &FileContent) -> Result<(), FieldError> {
        if !file.typed.trim().is_empty() {
            return Err(FieldError::NotLoaded);
        }
        match &file.held {
            Held::Nothing => self.check_required(field),
            Held::Kept(_) if field.spec.input == Input::PrivateKeyFile => self.check_kept_key(),
            Held::Kept(_) => Ok(()),
            Held::Loaded(loaded) => match (&loaded.material, self.chain()) {
                (Material::PrivateKey(key), Some(chain)) => Ok(certificate::check_belongs(key, chain)?),
                _ => Ok(()),
            },
        }
    }

    /// A private key that stays must be the one of the new certificate: nobody reads the key for
    /// that, the old certificate tells.
    fn check_kept_key(&self) -> Result<(), FieldError> {
        let Some(certificates) = self.fields.iter().find(|field| field.spec.input == Input::CertificateFile) else {
            return Ok(());
        };
        let Some(new) = certificates.new_chain().and_then(Chain::leaf) else { return Ok(()) };
        let stored = certificates.initial.kept().and_then(|kept| kept.chain.as_ref()).and_then(Chain::leaf);
        match stored.is_some_and(|stored| new.has_key_of(stored)) {
            true => Ok(()),
            false => Err(FieldError::KeyOfOldCertificate),
        }
    }
}

fn check_secret(input: Input, secret: &SecretBytes) -> Result<(), FieldError> {
    text::check_value_size(secret.len())?;
    if input == Input::HeaderValue {
        web::check_header_value(secret.expose())?;
    }
    Ok(())
}

fn check_row(row: &Row, same_key_in: Option<usize>) -> Result<(), RowError> {
    keyvalue::check_key(&row.key)?;
    if let Some(first) = same_key_in {
        return Err(RowError::Double(first));
    }
    match &row.stored {
        _ if row.is_kept() => Ok(()),
        Some(stored) if row.value.is_empty() => Err(RowError::Renamed(stored.clone())),
        _ => Ok(text::check_value_size(row.value.len())?),
    }
}
