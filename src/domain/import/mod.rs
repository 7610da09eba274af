//! Secrets out of the files of other tools: what each file holds, as drafts, and what of it cannot be taken and why.
//!
//! Nothing is decided here that the door decides: whether a draft breaks a rule of its type, or its name is taken.

mod bitwarden;
mod csv;
mod entry;
mod json;
mod pass;

use serde::{Deserialize, Serialize};

use super::keyvalue::{self, Parsed};
use super::{Draft, SecretBytes, Timestamp};

pub use entry::Entry;
pub use pass::read_entry as read_pass_entry;

/// Why one is skipped that has the name of another one in the same import.
pub const REPEATED: &str = "There is another one of that name before it.";

/// Which tool wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `KEY=value` in lines: one secret with all pairs.
    Dotenv,
    /// A list of secrets as `strongroom export --plaintext` writes it, or one flat object: one secret with all pairs.
    Json,
    /// A table with a column `name`, and perhaps `type`, `expires` and `write_only`; each other column is a field.
    Csv,
    /// The CSV that KeePass or KeePassXC exports.
    KeePass,
    /// The JSON that Bitwarden exports, not encrypted.
    Bitwarden,
}

/// What a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What can be registered, in the file's order.
    pub drafts: Vec<Draft>,
    /// Of a table, the line on which each of them stands; else empty.
    pub lines: Vec<u64>,
    /// What cannot.
    pub skipped: Vec<Skipped>,
}

impl Found {
    fn add(&mut self, draft: Result<Draft, Skipped>) {
        match draft {
            Ok(draft) => self.drafts.push(draft),
            Err(skipped) => self.skipped.push(skipped),
        }
    }

    /// Of the row on `line`.
    fn add_row(&mut self, line: u64, draft: Result<Draft, Skipped>) {
        if draft.is_ok() {
            self.lines.push(line);
        }
        self.add(draft.map_err(|skipped| skipped.on(line)));
    }
}

/// Something that is not imported. Fit to be shown once it is sanitized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its name, or where it stands.
    pub what: String,
    /// Why not, in a sentence.
    pub why: String,
}

impl Skipped {
    /// With the line on which it stands.
    #[must_use]
    pub fn on(self, line: u64) -> Self {
        let what = if self.what.is_empty() { format!("line {line}") } else { format!("{}, line {line}", self.what) };
        Self { what, ..self }
    }
}

/// A draft that the door did not store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotStored {
    /// Its place among the drafts that were handed in, from 0.
    pub draft: u32,
    /// Why not, in a sentence.
    pub why: String,
}

/// Why a file cannot be read at all. Tells lines, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The reader of pairs does not take it.
    #[error(transparent)]
    Pairs(#[from] keyvalue::FileError),
    /// No pair in what is read as one secret.
    #[error("There are no pairs in it: write one flat object of keys and texts, or a list of secrets.")]
    NoPairs,
    /// Not UTF-8.
    #[error("It is no UTF-8 text: save it as UTF-8.")]
    NotUtf8,
    /// Not JSON, or of another shape than this tool writes.
    #[error("Line {line}, column {column}: this is not what {tool} exports as JSON.")]
    Json {
        /// The tool.
        tool: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Not CSV.
    #[error("Line {0}: this is no row of a CSV table.")]
    Csv(u64),
    /// The table has no column for the name.
    #[error("There is no column {0}: the first line has to name the columns.")]
    NoColumn(&'static str),
    /// Bitwarden's encrypted export.
    #[error("It is encrypted: export it from Bitwarden as JSON that is not encrypted, and remove it afterwards.")]
    Encrypted,
}

impl ImportError {
    fn json(tool: &'static str, error: &serde_json::Error) -> Self {
        Self::Json { tool, line: error.line(), column: error.column() }
    }
}

/// Reads the file that `source` wrote; `name` is what a secret is called that has no name of its own in the file. A period begins at
/// `now`.
///
/// # Errors
/// [`ImportError`] when it is no such file.
pub fn read(source: Source, name: &str, bytes: &SecretBytes, now: Timestamp) -> Result<Found, ImportError> {
    match source {
        Source::Dotenv => pairs(".env", name, bytes),
        Source::Json => json::read(name, bytes, now),
        Source::Csv => csv::read_table(bytes, now),
        Source::KeePass => csv::read_keepass(bytes),
        Source::Bitwarden => bitwarden::read(bytes),
    }
}

/// One secret of all pairs in the file, read as the file called `file_name` is.
fn pairs(file_name: &str, name: &str, bytes: &SecretBytes) -> Result<Found, ImportError> {
    let Parsed::Pairs { pairs, left_out, .. } = keyvalue::read_file(file_name, bytes.clone())? else {
        return Err(ImportError::NoPairs);
    };
    let mut found = Found::default();
    let skipped = |key: String| Skipped { what: format!("{name}, {key}"), why: "It has no value.".into() };
    found.skipped.extend(left_out.into_iter().map(skipped));
    found.add(Entry { name: name.into(), parts: pairs }.into_draft());
    Ok(found)
}

fn text_of(bytes: &SecretBytes) -> Result<&str, ImportError> {
    let text = bytes.expose_text().ok_or(ImportError::NotUtf8)?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}
