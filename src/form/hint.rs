//! What the present content of a field means, to be shown beside it.

use crate::domain::certificate::{Bundle, Chain};
use crate::domain::kind::Input;
use crate::domain::text::grouped;
use crate::domain::{SecretBytes, Timestamp, date, web};
use unicode_segmentation::UnicodeSegmentation;

use super::content::{Content, FileContent, Held, Kept, Row};
use super::files::{Material, chain_in_words};
use super::{FieldState, Form};

/// What is said of a stored value that nobody touches.
const KEPT: &str = "Kept as it is.";

impl Form {
    /// What the content of the field at `index` means, in a few words: the date that a period
    /// leads to, how long a secret is, what a file holds. `None` when there is nothing to say.
    pub fn hint(&self, index: usize, now: Timestamp) -> Option<String> {
        let field = self.fields.get(index)?;
        match &field.content {
            Content::Text(text) => text_hint(field.spec.input, text, now),
            Content::Secret(secret) if secret.is_empty() => self.is_edit().then(|| KEPT.into()),
            Content::Secret(secret) => Some(secret_hint(secret)),
            Content::Pairs(rows) => Some(rows_hint(rows)),
            Content::File(file) => file_hint(field, file),
            Content::Derived(end) => end.map(|end| date::explain(end, now)),
            Content::Flag(_) | Content::Choice(_) => None,
        }
    }

    /// What a person should know about the file that the field at `index` holds, though it is taken as it is.
    pub fn warnings(&self, index: usize, now: Timestamp) -> Vec<String> {
        match self.fields.get(index).and_then(|field| field.content.file()).map(|file| &file.held) {
            Some(Held::Loaded(loaded)) => loaded.warnings(now),
            _ => Vec::new(),
        }
    }

    /// The certificates that the secret will have: new ones, or those that are stored.
    pub fn chain(&self) -> Option<&Chain> {
        let field = self.fields.iter().find(|field| field.spec.input == Input::CertificateFile)?;
        field.new_chain().or_else(|| field.content.kept()?.chain.as_ref())
    }
}

impl FieldState {
    /// The certificates that have been loaded into this field.
    pub(super) fn new_chain(&self) -> Option<&Chain> {
        self.new_bundle().map(|bundle| &bundle.chain)
    }

    fn new_bundle(&self) -> Option<&Bundle> {
        match &self.content.file()?.held {
            Held::Loaded(loaded) => match &loaded.material {
                Material::Certificate(bundle) => Some(bundle),
                _ => None,
            },
            _ => None,
        }
    }
}

fn text_hint(input: Input, text: &str, now: Timestamp) -> Option<String> {
    match input {
        Input::Expiration => match date::parse_expiration(text, now).ok()? {
            Some(end) => Some(date::explain(end, now)),
            None => Some("Never expires.".into()),
        },
        Input::Scopes => match web::split_scopes(text).len() {
            0 => None,
            count => Some(counted(count, "scope")),
        },
        _ => None,
    }
}

/// The length of a secret, and a word of warning about space that a paste may have brought along.
fn secret_hint(secret: &SecretBytes) -> String {
    let length = match secret.expose_text() {
        Some(text) if text.trim_end().contains('\n') => {
            return format!("{}, {}", counted(text.len(), "byte"), counted(text.lines().count(), "line"));
        }
        Some(text) => counted(text.graphemes(true).count(), "character"),
        None => counted(secret.len(), "byte"),
    };
    let edges = [secret.expose().first(), secret.expose().last()];
    match edges.into_iter().flatten().any(u8::is_ascii_whitespace) {
        true => format!("{length}; there is a space or a line break at an end"),
        false => length,
    }
}

fn rows_hint(rows: &[Row]) -> String {
    let pairs = counted(rows.iter().filter(|row| !row.is_blank()).count(), "pair");
    match rows.iter().filter(|row| row.is_kept()).count() {
        0 => pairs,
        kept => format!("{pairs}, {kept} kept as they are"),
    }
}

fn file_hint(field: &FieldState, file: &FileContent) -> Option<String> {
    match &file.held {
        Held::Loaded(loaded) => Some(loaded.summary()),
        Held::Kept(Kept { chain: Some(chain), .. }) => Some(format!("{}. {KEPT}", chain_in_words(chain))),
        Held::Kept(kept) if field.spec.input == Input::AnyFile => Some(format!("{}. {KEPT}", kept.name)),
        Held::Kept(_) => Some(KEPT.into()),
        Held::Nothing if field.initial.kept().is_some() => Some("Will be removed.".into()),
        Held::Nothing => None,
    }
}

/// `1 pair`, `1,234 bytes`.
fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}
